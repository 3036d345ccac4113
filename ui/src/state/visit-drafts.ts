// What is half done about the visits of a ticket, kept by the core: a form half filled, a report half written.
import type { TicketId } from '../api/generated';
import type { Host } from '../host/host';
import { isObject } from '../lib/kept';

type Doc = Record<string, unknown>;

const parse = (text: string | null): Doc => {
  try {
    const read: unknown = text === null ? null : JSON.parse(text);
    return isObject(read) ? read : {};
  } catch {
    return {};
  }
};

export class VisitDrafts {
  #saving: Promise<void> = Promise.resolve();
  readonly #host: Host;

  constructor(host: Host) {
    this.#host = host;
  }

  /** The whole draft; empty where nothing is kept. */
  async read(id: TicketId): Promise<Doc> {
    await this.#saving;
    return parse(await this.#host.call('visit_draft', { id }));
  }

  /** Puts parts of it, one writer after another; null forgets a part, and what is empty is forgotten whole. False when it was not kept. */
  put(id: TicketId, parts: Doc): Promise<boolean> {
    const writing = this.#saving.then(() => this.#put(id, parts));
    this.#saving = writing.then(() => undefined);
    return writing;
  }

  async #put(id: TicketId, parts: Doc): Promise<boolean> {
    try {
      const before = parse(await this.#host.call('visit_draft', { id }));
      // A request that was taken back is a form from the moment that the form is kept.
      const { request: _request, booking: _booking, ...others } = before;
      const kept = 'wish' in parts ? others : before;
      const doc = Object.fromEntries(Object.entries({ ...kept, ...parts }).filter(([, value]) => value !== null));
      await this.#host.call('visit_draft_put', { id, draft: Object.keys(doc).length > 0 ? JSON.stringify(doc) : null });
      return true;
    } catch {
      return false;
    }
  }

  settled(): Promise<void> {
    return this.#saving;
  }
}
