// What is being written on one ticket. The text is never given up before the outbox has it.
import type { ApiError, Draft, TicketId, Visibility } from '../api/generated';
import { asApiError, type Host } from '../host/host';
import { newMarker } from '../lib/marker';
import { Debounce } from './debounce';

export const AUTOSAVE_MS = 400;

type Attempt = { marker: string; body: string; visibility: Visibility };

export class Composer {
  body = $state('');
  visibility = $state<Visibility>('public');
  save = $state<'clean' | 'dirty' | 'saved' | 'failed'>('clean');
  sending = $state(false);
  error = $state.raw<ApiError | null>(null);

  #id: TicketId | null = null;
  #attempt: Attempt | null = null;
  #takenAt = 0;
  #saving: Promise<void> = Promise.resolve();
  readonly #autosave = new Debounce(() => void this.#put(), AUTOSAVE_MS, 4000);
  readonly #host: Host;

  constructor(host: Host) {
    this.#host = host;
  }

  attach(id: TicketId | null, draft: Draft | null): void {
    if (id === this.#id) {
      this.#adopt(draft);
      return;
    }
    this.flush();
    this.#id = id;
    this.#attempt = null;
    this.error = null;
    this.sending = false;
    this.#takenAt = draft?.updated_at ?? 0;
    this.body = draft?.body ?? '';
    this.visibility = draft?.visibility ?? 'public';
    this.save = draft ? 'saved' : 'clean';
  }

  write(body: string): void {
    this.body = body;
    this.#dirty();
  }

  address(visibility: Visibility): void {
    if (this.visibility === visibility) return;
    this.visibility = visibility;
    if (this.body) this.#dirty();
  }

  /** Writes the draft now: on blur, on closing, on switching to another ticket. */
  flush(): void {
    this.#autosave.flush();
  }

  get ready(): boolean {
    return this.body.trim() !== '' && !this.sending && this.#id !== null;
  }

  /** True once the outbox has the text. Pressing twice sends once: the same text carries the same marker. */
  async send(): Promise<boolean> {
    const id = this.#id;
    if (!this.ready || id === null) return false;
    const { body, visibility } = this;
    if (this.#attempt?.body !== body || this.#attempt.visibility !== visibility) {
      this.#attempt = { marker: newMarker(), body, visibility };
    }
    this.sending = true;
    this.error = null;
    // The draft first: should the call fail after another ticket was opened, the text is still there.
    this.#autosave.flush();
    await this.#saving;
    try {
      await this.#host.call('ticket_reply', { id, body, visibility, marker: this.#attempt.marker });
    } catch (thrown) {
      if (this.#id === id) {
        this.error = asApiError(thrown);
        this.sending = false;
        this.#dirty();
      }
      return false;
    }
    if (this.#id !== id) return true;
    this.#attempt = null;
    this.#takenAt = Date.now();
    this.sending = false;
    this.body = '';
    this.save = 'clean';
    return true;
  }

  #dirty(): void {
    this.save = 'dirty';
    this.#autosave.call();
  }

  /** A discarded reply comes back as the draft: shown only where nothing is being written. */
  #adopt(draft: Draft | null): void {
    if (!draft || this.body !== '' || this.sending || this.#autosave.pending || draft.updated_at <= this.#takenAt) return;
    this.#takenAt = draft.updated_at;
    this.body = draft.body;
    this.visibility = draft.visibility;
    this.save = 'saved';
  }

  #put(): Promise<void> {
    const id = this.#id;
    if (id === null) return this.#saving;
    const { body, visibility } = this;
    this.#takenAt = Date.now();
    this.#saving = this.#saving.then(async () => {
      try {
        await this.#host.call('draft_put', { id, body, visibility });
        if (this.#id === id && this.body === body) this.save = body ? 'saved' : 'clean';
      } catch {
        if (this.#id === id) this.save = 'failed';
      }
    });
    return this.#saving;
  }
}
