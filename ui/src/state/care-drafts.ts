// What someone is writing about sessions and people: kept by the core while it is typed, so that closing the window loses nothing.
import type { Host } from '../host/host';
import { isObject } from '../lib/kept';
import { Autosave } from './debounce';

const SAVE_MS = 400;
const SAVE_MS_MAX = 4_000;
const VERSION = 1;
/** Most half-written forms of one kind; the oldest goes first. */
const FORMS_MAX = 20;

export type DraftKind = 'session' | 'finish' | 'person';
type Shelf = Record<DraftKind, Record<string, unknown>>;
const empty = (): Shelf => ({ session: {}, finish: {}, person: {} });

export class CareDrafts {
  #shelf = empty();
  #loaded: Promise<void> | null = null;
  readonly #host: Host;
  readonly #saving = new Autosave(() => this.#save(), SAVE_MS, SAVE_MS_MAX);

  constructor(host: Host) {
    this.#host = host;
  }

  /** Once a start. What cannot be read is left alone until something new is written. */
  load(): Promise<void> {
    this.#loaded ??= this.#read();
    return this.#loaded;
  }

  get(kind: DraftKind, key: string): Record<string, unknown> | null {
    const kept = this.#shelf[kind][key];
    return isObject(kept) ? kept : null;
  }

  put(kind: DraftKind, key: string, draft: Record<string, unknown>): void {
    const shelf = this.#shelf[kind];
    if (JSON.stringify(shelf[key]) === JSON.stringify(draft)) return;
    delete shelf[key];
    shelf[key] = draft;
    for (const oldest of Object.keys(shelf).slice(0, -FORMS_MAX)) delete shelf[oldest];
    this.#saving.call();
  }

  drop(kind: DraftKind, key: string): void {
    if (!(key in this.#shelf[kind])) return;
    delete this.#shelf[kind][key];
    this.#saving.call();
  }

  async #read(): Promise<void> {
    const text = await this.#host.call('care_draft', {}).catch(() => null);
    if (text === null) return;
    const kept: unknown = JSON.parse(text);
    if (!isObject(kept) || kept['version'] !== VERSION) return;
    for (const kind of Object.keys(this.#shelf) as DraftKind[]) if (isObject(kept[kind])) this.#shelf[kind] = { ...kept[kind], ...this.#shelf[kind] };
  }

  async #save(): Promise<void> {
    const any = Object.values(this.#shelf).some((forms) => Object.keys(forms).length > 0);
    await this.#host.call('care_draft_put', { draft: any ? JSON.stringify({ version: VERSION, ...this.#shelf }) : null }).catch(() => this.#saving.call());
  }
}
