// The ticket that is open.
import type { ApiError, OperationId, Priority, Status, TicketDetail, TicketId } from '../api/generated';
import { asApiError, type Host } from '../host/host';
import { newMarker } from '../lib/marker';
import { Composer } from './composer.svelte';
import { Debounce } from './debounce';

const REFRESH_MS = 80;

export class TicketDetailState {
  id = $state<TicketId | null>(null);
  detail = $state.raw<TicketDetail | null>(null);
  error = $state.raw<ApiError | null>(null);
  /** An edit is on its way into the outbox. */
  editing = $state(false);
  /** A note the conversation is asked to bring into view; `tick` makes asking twice for the same note work. */
  reveal = $state.raw<{ key: string; tick: number }>({ key: '', tick: 0 });
  readonly composer: Composer;

  #asked = 0;
  readonly #refresh = new Debounce(() => void this.#fetch(), REFRESH_MS);
  readonly #host: Host;

  constructor(host: Host) {
    this.#host = host;
    this.composer = new Composer(host);
  }

  async open(id: TicketId): Promise<void> {
    if (this.id === id) return;
    this.composer.flush();
    this.id = id;
    this.error = null;
    await this.#fetch();
  }

  close(): void {
    this.composer.attach(null, null);
    this.id = null;
    this.detail = null;
  }

  changed(ids: readonly TicketId[], many: boolean): void {
    if (this.id !== null && (many || ids.includes(this.id))) this.#refresh.call();
  }

  reload(): void {
    if (this.id !== null) this.#refresh.call();
  }

  /** Asked for by a step that needs the answer before it goes on. */
  async refetch(): Promise<void> {
    await this.#fetch();
  }

  showNote(key: string): void {
    this.reveal = { key, tick: this.reveal.tick + 1 };
  }

  /** To the first reply that came in while one was written; from then on it counts as read. */
  showNew(): void {
    const key = this.composer.seen.firstNew;
    if (key !== null) this.showNote(key);
    this.composer.asking = false;
    this.composer.seen.catchUp();
  }

  setStatus(to: Status): Promise<OperationId | null> {
    return this.#edit((id, marker) => this.#host.call('ticket_set_status', { id, to, marker }));
  }

  setPriority(to: Priority): Promise<OperationId | null> {
    return this.#edit((id, marker) => this.#host.call('ticket_set_priority', { id, to, marker }));
  }

  setAssignee(to: string): Promise<OperationId | null> {
    return this.#edit((id, marker) => this.#host.call('ticket_set_assignee', { id, to, marker }));
  }

  setTags(to: string[]): Promise<OperationId | null> {
    return this.#edit((id, marker) => this.#host.call('ticket_set_tags', { id, to, marker }));
  }

  setCustomField(field: string, to: string): Promise<OperationId | null> {
    return this.#edit((id, marker) => this.#host.call('ticket_set_custom_field', { id, field, to, marker }));
  }

  closeOnServer(): Promise<OperationId | null> {
    return this.#edit((id, marker) => this.#host.call('ticket_close', { id, marker }));
  }

  reopen(body: string): Promise<OperationId | null> {
    return this.#edit((id, marker) => this.#host.call('ticket_reopen', { id, body, marker }));
  }

  evaluate(solved: boolean, score: number, comment: string): Promise<OperationId | null> {
    return this.#edit((id, marker) => this.#host.call('ticket_evaluate', { id, solved, score, comment, marker }));
  }

  async #edit(call: (id: TicketId, marker: string) => Promise<OperationId>): Promise<OperationId | null> {
    if (this.editing || this.id === null) return null;
    this.editing = true;
    try {
      const operation = await call(this.id, newMarker());
      await this.#fetch();
      return operation;
    } finally {
      this.editing = false;
    }
  }

  async #fetch(): Promise<void> {
    const id = this.id;
    if (id === null) return;
    const asked = ++this.#asked;
    try {
      const detail = await this.#host.call('ticket_get', { id });
      if (asked !== this.#asked || this.id !== id) return;
      this.detail = detail;
      this.error = null;
      this.composer.attach(id, detail.draft, detail);
    } catch (thrown) {
      if (asked === this.#asked) this.error = asApiError(thrown);
    }
  }
}
