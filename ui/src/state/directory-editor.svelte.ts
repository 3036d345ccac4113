// One entry of the directory as it is being edited. It outlives a look elsewhere, and is gone only when it is kept or given up.
import type { ApiError, Problem as FieldProblem } from '../api/generated';
import { asApiError, type Host } from '../host/host';
import { together, problemOf } from '../lib/directory/draft';
import type { Problem } from '../lib/rules/check';
import { Debounce } from './debounce';

const CHECK_AFTER_MS = 250;

/** What differs between lines and centres. */
export type EntryKind<Draft, Whole, Entry> = {
  of: (draft: Draft) => Whole;
  local: (draft: Draft) => Problem[];
  check: (host: Host, whole: Whole) => Promise<FieldProblem[]>;
  put: (host: Host, key: string | null, whole: Whole) => Promise<Entry>;
};

export class EntryEditor<Draft, Whole, Entry> {
  /** Null: a new one. */
  readonly key: string | null;
  draft: Draft = $state() as Draft;
  /** Problems are shown from the first attempt to keep it; before that only where something was typed. */
  tried = $state(false);
  busy = $state(false);
  error = $state.raw<ApiError | null>(null);
  #base = $state('');
  #found = $state.raw<{ key: string; problems: Problem[] }>({ key: '', problems: [] });
  readonly #host: Host;
  readonly #kind: EntryKind<Draft, Whole, Entry>;
  readonly #checking = new Debounce(() => void this.check(), CHECK_AFTER_MS);

  readonly written = $derived(JSON.stringify(this.draft));

  /** `typed`: what another run of the window left of it. */
  constructor(host: Host, kind: EntryKind<Draft, Whole, Entry>, key: string | null, draft: Draft, typed: Draft | null = null) {
    this.#host = host;
    this.#kind = kind;
    this.key = key;
    this.draft = draft;
    this.#base = JSON.stringify(draft);
    if (typed) this.draft = typed;
  }

  /** Ours at once, the core's as of its last answer. */
  get problems(): Problem[] {
    return together(this.#kind.local(this.draft), this.#found.problems);
  }

  get dirty(): boolean {
    return this.written !== this.#base;
  }

  /** To be called whenever the draft may have changed. */
  touched(): void {
    if (this.#found.key !== this.written) this.#checking.call();
  }

  at(place: string): Problem[] {
    if (!this.tried && !this.dirty) return [];
    return this.problems.filter((one) => one.place === place || one.place.startsWith(`${place}.`) || one.place.startsWith(`${place}[`));
  }

  async check(): Promise<void> {
    const key = this.written;
    try {
      const found = await this.#asked();
      if (key === this.written) this.#found = { key, problems: found.map(problemOf) };
    } catch (thrown) {
      this.error = asApiError(thrown);
    }
  }

  /** Null when something is wrong with it: nothing was kept then, and all of it is still here. `settle` runs while it is still busy. */
  async keep(settle: () => Promise<void>): Promise<Entry | null> {
    if (this.busy) return null;
    this.tried = true;
    this.busy = true;
    this.error = null;
    this.#checking.cancel();
    try {
      await this.check();
      if (this.problems.length > 0 || this.error) return null;
      const written = this.written;
      const kept = await this.#kind.put(this.#host, this.key, this.#whole());
      this.#base = written;
      await settle();
      return kept;
    } catch (thrown) {
      this.error = asApiError(thrown);
      return null;
    } finally {
      this.busy = false;
    }
  }

  #asked(): Promise<FieldProblem[]> {
    return this.#kind.check(this.#host, this.#whole());
  }

  #whole(): Whole {
    return this.#kind.of($state.snapshot(this.draft) as Draft);
  }
}
