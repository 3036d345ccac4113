// What is being written on one ticket. The text is never given up before the outbox has it.
import type { ApiError, Draft, FileRef, OperationId, TicketDetail, TicketId, Visibility } from '../api/generated';
import { asApiError, type Host } from '../host/host';
import { newMarker } from '../lib/marker';
import { Autosave } from './debounce';
import { SeenNotes } from './seen-notes.svelte';

export const AUTOSAVE_MS = 400;

type Attempt = { marker: string; content: string };

export class Composer {
  body = $state('');
  visibility = $state<Visibility>('public');
  files = $state.raw<FileRef[]>([]);
  save = $state<'clean' | 'dirty' | 'saved' | 'failed'>('clean');
  sending = $state(false);
  error = $state.raw<ApiError | null>(null);
  /** New replies came in while this was written, and the person is asked once whether it still goes out. */
  asking = $state(false);
  /** The reply that left last, until something else is written: Ctrl+Z in the empty box takes it back. */
  sentLast = $state<OperationId | null>(null);
  readonly seen = new SeenNotes();

  #id: TicketId | null = null;
  #attempt: Attempt | null = null;
  #takenAt = 0;
  /** The draft as the store has it. */
  #base = '';
  #held = false;
  #saving: Promise<void> = Promise.resolve();
  readonly #autosave = new Autosave(() => this.#put(), AUTOSAVE_MS, 4000);
  readonly #host: Host;

  constructor(host: Host) {
    this.#host = host;
  }

  attach(id: TicketId | null, draft: Draft | null, detail: TicketDetail | null = null): void {
    if (id === this.#id) {
      this.#adopt(draft);
      this.seen.observe(detail);
      return;
    }
    this.flush();
    this.#id = id;
    this.#attempt = null;
    this.error = null;
    this.sending = false;
    this.asking = false;
    this.sentLast = null;
    this.files = draft?.files ?? [];
    this.#takenAt = draft?.updated_at ?? 0;
    this.body = draft?.body ?? '';
    this.#base = this.body;
    this.visibility = draft?.visibility ?? 'public';
    this.save = draft ? 'saved' : 'clean';
    this.seen.restart(detail, draft ? draft.updated_at : null);
  }

  write(body: string): void {
    if (this.#empty) this.seen.catchUp();
    this.sentLast = null;
    this.body = body;
    this.#dirty();
  }

  address(visibility: Visibility): void {
    if (this.visibility === visibility) return;
    this.visibility = visibility;
    this.asking = false;
    if (this.body) this.#dirty();
  }

  putFiles(files: FileRef[]): void {
    if (this.#empty) this.seen.catchUp();
    this.sentLast = null;
    this.files = files;
    this.#putFiles();
  }

  /** Text that comes back from an edit that was undone. */
  append(text: string): void {
    if (text === '') return;
    this.body = this.body.trim() === '' ? text : `${this.body}\n\n${text}`;
    this.#dirty();
  }

  /** Writes the draft now: on blur, on closing, on switching to another ticket. */
  flush(): void {
    if (!this.#held) this.#autosave.flush();
  }

  /** Lets the core change the draft meanwhile: what is typed is stored first, and nothing is stored over it until it was read. */
  async exchange(work: () => Promise<void>): Promise<void> {
    this.#autosave.flush();
    await this.#saving;
    this.#held = true;
    // All of ours is stored: whatever draft comes now is newer, however old the words in it are.
    this.#takenAt = Number.NEGATIVE_INFINITY;
    try {
      await work();
    } finally {
      this.#held = false;
      if (this.save === 'dirty') this.#autosave.call();
    }
  }

  /** Replies of others that came in since this text was begun. An internal note answers nobody. */
  get newReplies(): number {
    return this.#empty || this.visibility === 'internal' ? 0 : this.seen.count;
  }

  get ready(): boolean {
    return !this.#empty && !this.sending && this.#id !== null;
  }

  /** The queued operation, once the outbox has it. Pressing twice sends once: the same content carries the same marker. */
  async send(): Promise<OperationId | null> {
    const id = this.#id;
    if (!this.ready || id === null) return null;
    if (this.newReplies > 0 && !this.asking) {
      this.asking = true;
      return null;
    }
    const { body, visibility, files } = this;
    const content = JSON.stringify([body, visibility, files]);
    if (this.#attempt?.content !== content) this.#attempt = { marker: newMarker(), content };
    this.sending = true;
    this.error = null;
    // The draft first: should the call fail after another ticket was opened, the text is still there.
    this.#autosave.flush();
    await this.#saving;
    let operation: OperationId;
    try {
      operation = await this.#host.call('ticket_reply', { id, body, visibility, files, seen_notes: visibility === 'public' ? this.seen.total : null, marker: this.#attempt.marker });
    } catch (thrown) {
      if (this.#id === id) {
        this.error = asApiError(thrown);
        this.sending = false;
        this.#dirty();
      }
      return null;
    }
    if (this.#id === id) this.#sent(operation);
    return operation;
  }

  #sent(operation: OperationId): void {
    this.#attempt = null;
    this.#takenAt = Date.now();
    this.sending = false;
    this.asking = false;
    this.body = '';
    this.#base = '';
    this.files = [];
    this.save = 'clean';
    this.sentLast = operation;
    this.seen.catchUp();
  }

  get #empty(): boolean {
    return this.body.trim() === '' && this.files.length === 0;
  }

  #dirty(): void {
    this.save = 'dirty';
    if (!this.#held) this.#autosave.call();
  }

  /** A reply taken back comes as a newer draft. What was typed since the last one stands, and the addition follows it. */
  #adopt(draft: Draft | null): void {
    if (!draft || this.sending || draft.updated_at <= this.#takenAt) return;
    this.#takeFiles(draft.files);
    const typed = this.body !== this.#base;
    if (typed && !draft.body.startsWith(this.#base)) return;
    this.#takenAt = draft.updated_at;
    if (!typed) {
      if (this.body === '') this.visibility = draft.visibility;
      this.body = draft.body;
      this.#base = draft.body;
      this.save = this.#empty ? 'clean' : 'saved';
      return;
    }
    const added = draft.body.slice(this.#base.length).trim();
    this.#base = draft.body;
    this.append(added);
  }

  /** Files that come back lie beside those laid down since. */
  #takeFiles(files: readonly FileRef[]): void {
    const added = files.filter((file) => !this.files.some((one) => one.sha256 === file.sha256));
    if (added.length > 0) this.files = [...this.files, ...added];
  }

  #putFiles(): void {
    const [id, files] = [this.#id, this.files];
    if (id === null) return;
    this.#takenAt = Date.now();
    this.#saving = this.#saving.then(async () => {
      try {
        await this.#host.call('draft_files_put', { id, files });
      } catch {
        if (this.#id === id) this.save = 'failed';
      }
    });
  }

  #put(): Promise<void> {
    const id = this.#id;
    if (id === null) return this.#saving;
    const { body, visibility } = this;
    this.#takenAt = Date.now();
    this.#base = body;
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
