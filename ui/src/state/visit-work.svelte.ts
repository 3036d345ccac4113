// What the engineer did: checklist, findings and signature, as they are being written. Kept by the core while they are typed.
import type { CheckItem, OperationId, SignOff, VisitView } from '../api/generated';
import { isObject } from '../lib/kept';
import type { VisitKey } from '../lib/visits/board';
import { Autosave } from './debounce';
import type { VisitDrafts } from './visit-drafts';
import type { VisitsState } from './visits.svelte';

const AUTOSAVE_MS = 500;
/** The report, as it is sent. */
type Words = { checklist: CheckItem[]; findings: string; name: string; drawing: string | null };
/** What else is half typed on the page: a line that is not on the list yet, and why the visit is called off. */
type Aside = { adding: string; reason: string };

const isWords = (value: unknown): value is Words => isObject(value) && Array.isArray(value['checklist']) && 'findings' in value && 'name' in value && 'drawing' in value;
const textIn = (value: unknown, name: keyof Aside): string => (isObject(value) && typeof value[name] === 'string' ? value[name] : '');
const wordsOf = ({ visit }: VisitView): Words => ({ checklist: structuredClone(visit.checklist), findings: visit.findings, name: visit.sign_off?.name ?? '', drawing: visit.sign_off?.drawing ?? null });
const told = ({ checklist, findings, name, drawing }: Words): Words => ({ checklist, findings, name, drawing });

export class VisitWork {
  words = $state<Words & Aside>({ checklist: [], findings: '', name: '', drawing: null, adding: '', reason: '' });
  save = $state<'clean' | 'dirty' | 'saved' | 'failed'>('clean');
  busy = $state(false);
  /** What was kept is being read: until then nothing can be written over it. */
  reading = $state(false);
  #view: VisitView | null = null;
  #base = '';
  readonly #autosave = new Autosave(() => this.#keep(), AUTOSAVE_MS, 4000);

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
      if (!untouched) return;
      Object.assign(this.words, words);
      // A report that was taken back is among what is kept.
      await this.#read(view);
      return;
    }
    this.flush();
    [this.#view, this.#base, this.words, this.save] = [view, base, { ...words, adding: '', reason: '' }, 'clean'];
    await this.#read(view);
  }

  async #read(view: VisitView): Promise<void> {
    if (view.ticket === null) return;
    this.reading = true;
    const drafts: Record<string, unknown> = await this.drafts.read(view.ticket).catch(() => ({}));
    if (this.#view?.key !== view.key) return;
    this.reading = false;
    const kept = drafts[partOf(view.key)];
    if (kept === undefined || this.dirty) return;
    this.words = { ...(isWords(kept) ? told(kept) : told(this.words)), adding: this.words.adding || textIn(kept, 'adding'), reason: this.words.reason || textIn(kept, 'reason') };
    this.save = 'saved';
  }

  get dirty(): boolean {
    return JSON.stringify(told(this.words)) !== this.#base;
  }

  /** Something is being typed. */
  touched(): void {
    this.save = 'dirty';
    this.#autosave.call();
  }

  /** Something whole was done: a tick, a stroke. */
  acted(): void {
    this.touched();
    this.flush();
  }

  flush(): void {
    this.#autosave.flush();
  }

  /** Sends what is written; with `done`, the visit is over. */
  async send(done: boolean): Promise<OperationId | null> {
    const view = this.#view;
    if (!view || this.busy) return null;
    const words = told($state.snapshot(this.words));
    const { sign_off: before } = view.visit;
    const signed: SignOff | null = words.name.trim() === '' ? null : before && before.name === words.name.trim() && before.drawing === words.drawing ? before : { name: words.name.trim(), at: Date.now(), drawing: words.drawing };
    this.busy = true;
    try {
      const id = await this.visits.change(view.key, { ...(done ? { action: 'complete' as const } : {}), reason: '', checklist: words.checklist, findings: words.findings, ...(signed ? { sign_off: signed } : {}) });
      if (this.#view?.key !== view.key) {
        if (view.ticket !== null) await this.drafts.put(view.ticket, { [partOf(view.key)]: null });
        return id;
      }
      // What was typed while it went out is not in it, and stays kept.
      this.#base = JSON.stringify(words);
      this.#autosave.cancel();
      await this.#keep();
      return id;
    } finally {
      this.busy = false;
    }
  }

  async #keep(): Promise<void> {
    const view = this.#view;
    if (!view || view.ticket === null) return;
    const { adding, reason, ...words } = $state.snapshot(this.words);
    const part = { ...(this.dirty ? words : {}), ...(adding === '' ? {} : { adding }), ...(reason === '' ? {} : { reason }) };
    const any = Object.keys(part).length > 0;
    const kept = await this.drafts.put(view.ticket, { [partOf(view.key)]: any ? part : null });
    if (this.#view?.key === view.key && !this.#autosave.pending) this.save = !kept ? 'failed' : any ? 'saved' : 'clean';
  }
}

const partOf = (key: VisitKey): string => `work ${key}`;
