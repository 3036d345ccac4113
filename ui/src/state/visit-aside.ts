// Words about one visit that are half typed on their own form: kept by the core beside the ticket's other drafts of visits.
import type { VisitView } from '../api/generated';
import { isObject } from '../lib/kept';
import { Autosave } from './debounce';
import type { VisitDrafts } from './visit-drafts';

const AUTOSAVE_MS = 400;
type Words = Record<string, unknown>;
type Turn = { view: VisitView; words: Words | null };

export class VisitAside {
  #turn: Turn | null = null;
  readonly #autosave = new Autosave(() => this.#keep(), AUTOSAVE_MS, 4000);

  /** `form` names it among the parts of the draft. */
  constructor(
    readonly form: string,
    readonly drafts: VisitDrafts,
  ) {}

  /** What was kept of a visit; null where there is nothing, or it cannot be read. */
  async read(view: VisitView): Promise<Words | null> {
    this.#autosave.flush();
    if (view.ticket === null) return null;
    const doc: Words = await this.drafts.read(view.ticket).catch(() => ({}));
    const kept = doc[this.#part(view)];
    return isObject(kept) ? kept : null;
  }

  /** Keeps what is typed now; null once it is sent or given up. */
  put(view: VisitView, words: Words | null): void {
    if (view.ticket === null) return;
    if (this.#turn && this.#turn.view.key !== view.key) this.#autosave.flush();
    this.#turn = { view, words };
    this.#autosave.call();
    if (words === null) this.#autosave.flush();
  }

  #part({ key }: VisitView): string {
    return `${this.form} ${key}`;
  }

  async #keep(): Promise<void> {
    const turn = this.#turn;
    if (turn && turn.view.ticket !== null) await this.drafts.put(turn.view.ticket, { [this.#part(turn.view)]: turn.words });
  }
}
