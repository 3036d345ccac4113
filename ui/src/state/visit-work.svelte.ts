// What the engineer did: checklist, findings and signature, as they are being written. Kept by the core while they are typed.
import type { CheckItem, OperationId, SignOff, VisitView } from '../api/generated';
import type { VisitKey } from '../lib/visits/board';
import { Debounce } from './debounce';
import type { VisitDrafts } from './visit-drafts';
import type { VisitsState } from './visits.svelte';

const AUTOSAVE_MS = 500;
type Words = { checklist: CheckItem[]; findings: string; name: string; drawing: string | null };

const isWords = (value: unknown): value is Words => typeof value === 'object' && value !== null && 'checklist' in value && Array.isArray(value.checklist) && 'findings' in value && 'name' in value && 'drawing' in value;
const wordsOf = ({ visit }: VisitView): Words => ({ checklist: structuredClone(visit.checklist), findings: visit.findings, name: visit.sign_off?.name ?? '', drawing: visit.sign_off?.drawing ?? null });

export class VisitWork {
  words = $state<Words>({ checklist: [], findings: '', name: '', drawing: null });
  save = $state<'clean' | 'dirty' | 'saved' | 'failed'>('clean');
  busy = $state(false);
  #view: VisitView | null = null;
  #base = '';
  readonly #autosave = new Debounce(() => void this.#keep(), AUTOSAVE_MS, 4000);

  constructor(
    readonly visits: VisitsState,
    readonly drafts: VisitDrafts,
  ) {}

  /** Shows the words of a visit. What was typed here and not saved stands over what the server says. */
  async show(view: VisitView): Promise<void> {
    const words = wordsOf(view);
    const base = JSON.stringify(words);
    if (this.#view?.key === view.key) {
      this.#view = view;
      if (base === this.#base) return;
      const untouched = !this.dirty;
      this.#base = base;
      if (untouched) this.words = words;
      return;
    }
    this.#autosave.flush();
    [this.#view, this.#base, this.words, this.save] = [view, base, words, 'clean'];
    if (view.ticket === null) return;
    const kept = (await this.drafts.read(view.ticket).catch(() => ({}) as Record<string, unknown>))[partOf(view.key)];
    if (this.#view?.key !== view.key || !isWords(kept) || this.dirty) return;
    this.words = kept;
    this.save = 'saved';
  }

  get dirty(): boolean {
    return JSON.stringify(this.words) !== this.#base;
  }

  get signed(): boolean {
    return this.words.name.trim() !== '';
  }

  touched(): void {
    this.save = 'dirty';
    this.#autosave.call();
  }

  flush(): void {
    this.#autosave.flush();
  }

  /** Sends what is written; with `done`, the visit is over. */
  async send(done: boolean): Promise<OperationId | null> {
    const view = this.#view;
    if (!view || this.busy) return null;
    const words = $state.snapshot(this.words);
    const { sign_off: before } = view.visit;
    const signed: SignOff | null = words.name.trim() === '' ? null : before && before.name === words.name.trim() && before.drawing === words.drawing ? before : { name: words.name.trim(), at: Date.now(), drawing: words.drawing };
    this.busy = true;
    try {
      const id = await this.visits.change(view.key, { ...(done ? { action: 'complete' as const } : {}), reason: '', checklist: words.checklist, findings: words.findings, ...(signed ? { sign_off: signed } : {}) });
      this.#autosave.cancel();
      this.#base = JSON.stringify($state.snapshot(this.words));
      this.save = 'clean';
      if (view.ticket !== null) await this.drafts.put(view.ticket, { [partOf(view.key)]: null });
      return id;
    } finally {
      this.busy = false;
    }
  }

  async #keep(): Promise<void> {
    const view = this.#view;
    if (!view || view.ticket === null) return;
    const kept = await this.drafts.put(view.ticket, { [partOf(view.key)]: this.dirty ? $state.snapshot(this.words) : null });
    this.save = !kept ? 'failed' : this.dirty ? 'saved' : 'clean';
  }
}

const partOf = (key: VisitKey): string => `work ${key}`;
