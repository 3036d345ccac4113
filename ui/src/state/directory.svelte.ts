// Phone lines and service centres: what is known of them, which is looked at, and those being edited.
import { SvelteMap } from 'svelte/reactivity';
import type { ApiError, CentreEntry, Directory, DirectoryKind, FoundPlace, LineEntry, PhoneLine, ServiceCentre } from '../api/generated';
import { asApiError, type Host } from '../host/host';
import { centreDraft, centreOf, centreProblems, emptyCentre, emptyLine, lineDraft, lineOf, lineProblems, type CentreDraft, type LineDraft } from '../lib/directory/draft';
import { matchOf } from '../lib/directory/find';
import { distanceKm, isPlace, type Place } from '../lib/geo';
import { Autosave } from './debounce';
import { EntryEditor, type EntryKind } from './directory-editor.svelte';
import { ImportState } from './directory-import.svelte';

export type LineEditor = EntryEditor<LineDraft, PhoneLine, LineEntry>;
export type CentreEditor = EntryEditor<CentreDraft, ServiceCentre, CentreEntry>;
/** Where distances are counted from: a city that was typed, or where a customer is. */
export type Site = { name_zh: string; name_en: string; place: Place; of: 'city' | 'customer' };
export type Found = { entry: CentreEntry; km: number | null };

const PLACES_MAX = 8;
const NEW = '';
/** Behind every place whose distance is known. */
const FAR_KM = 1e6;
const KEEP_AFTER_MS = 400;
const DRAFT_VERSION = 1;
type Kept = { version: number; lines: Record<string, LineDraft>; centres: Record<string, CentreDraft> };

const lines: EntryKind<LineDraft, PhoneLine, LineEntry> = {
  of: lineOf, local: lineProblems, check: (host, line) => host.call('line_check', { line }), put: (host, key, line) => host.call('line_put', { key, line }),
};
const centres: EntryKind<CentreDraft, ServiceCentre, CentreEntry> = {
  of: centreOf, local: centreProblems, check: (host, centre) => host.call('centre_check', { centre }), put: (host, key, centre) => host.call('centre_put', { key, centre }),
};

export class DirectoryState {
  view = $state.raw<Directory | null>(null);
  error = $state.raw<ApiError | null>(null);
  /** Keys of the line and the centre that are looked at. */
  line = $state<string | null>(null);
  centre = $state<string | null>(null);
  lineEditor = $state.raw<LineEditor | null>(null);
  centreEditor = $state.raw<CentreEditor | null>(null);
  /** Those that were left without being kept, by the entry; a new one has no key. */
  readonly lineDrafts = new SvelteMap<string, LineEditor>();
  readonly centreDrafts = new SvelteMap<string, CentreEditor>();
  showHidden = $state(false);
  query = $state('');
  services = $state<string[]>([]);
  openNow = $state(false);
  site = $state.raw<Site | null>(null);
  readonly import: ImportState;
  readonly #host: Host;
  /** What the core keeps of the drafts, as this window knows it; null before it was asked. */
  #stored: string | null = null;
  readonly #keeping = new Autosave(() => this.#keep(), KEEP_AFTER_MS);
  /** One after the other, so that what was written last is what stays. */
  #writing: Promise<void> = Promise.resolve();

  readonly lines = $derived((this.view?.lines ?? []).filter((one) => this.showHidden || !one.hidden));
  readonly chosenLine = $derived(this.view?.lines.find((one) => one.key === this.line) ?? null);
  readonly chosenCentre = $derived(this.view?.centres.find((one) => one.key === this.centre) ?? null);
  readonly centres = $derived.by(() => this.#select());

  constructor(host: Host) {
    this.#host = host;
    this.import = new ImportState(host, () => this.load());
  }

  async load(): Promise<void> {
    try {
      this.view = await this.#host.call('directory', {});
      this.error = null;
      if (this.#stored === null) await this.#restore();
    } catch (thrown) {
      this.error = asApiError(thrown);
    }
  }

  /** What was left half typed when the window was closed; what cannot be read of it is left out. */
  async #restore(): Promise<void> {
    const text = await this.#host.call('directory_draft', {});
    this.#stored = text ?? '';
    if (text === null) return;
    try {
      const kept = JSON.parse(text) as Kept;
      if (kept.version !== DRAFT_VERSION) return;
      for (const [key, draft] of Object.entries(kept.lines)) {
        const entry = this.view?.lines.find((one) => one.key === key);
        if ((key === NEW || entry) && lineOf(draft)) this.lineDrafts.set(key, new EntryEditor(this.#host, lines, entry?.key ?? null, lineDraft(entry?.line ?? emptyLine('')), draft));
      }
      for (const [key, draft] of Object.entries(kept.centres)) {
        const entry = this.view?.centres.find((one) => one.key === key);
        if ((key === NEW || entry) && centreOf(draft)) this.centreDrafts.set(key, new EntryEditor(this.#host, centres, entry?.key ?? null, centreDraft(entry?.centre ?? emptyCentre('')), draft));
      }
    } catch {
      // Of another shape: the entries themselves are whole.
    }
  }

  /** To be called whenever something typed may have changed. */
  touched(): void {
    if (this.#stored !== null) this.#keeping.call();
  }

  #keep(): Promise<void> {
    this.#keeping.cancel();
    this.#writing = this.#writing.then(() => this.#write());
    return this.#writing;
  }

  async #write(): Promise<void> {
    if (this.#stored === null) return;
    const all = <E extends LineEditor | CentreEditor>(left: SvelteMap<string, E>, open: E | null): Record<string, E['draft']> =>
      Object.fromEntries([...left.values(), ...(open ? [open] : [])].filter((one) => one.dirty).map((one) => [one.key ?? NEW, JSON.parse(one.written) as E['draft']]));
    const kept: Kept = { version: DRAFT_VERSION, lines: all(this.lineDrafts, this.lineEditor), centres: all(this.centreDrafts, this.centreEditor) };
    const text = Object.keys(kept.lines).length + Object.keys(kept.centres).length > 0 ? JSON.stringify(kept) : '';
    if (text === this.#stored) return;
    try {
      await this.#host.call('directory_draft_put', { draft: text === '' ? null : text });
      this.#stored = text;
    } catch (thrown) {
      this.error = asApiError(thrown);
    }
  }

  get filtered(): boolean {
    return this.query.trim() !== '' || this.services.length > 0 || this.openNow;
  }

  clearFilter(): void {
    this.query = '';
    this.services = [];
    this.openNow = false;
  }

  #select(): Found[] {
    const kept = (this.view?.centres ?? []).flatMap((entry) => {
      const match = matchOf(entry, this.query);
      const offers = this.services.every((service) => entry.centre.services.includes(service));
      if (match === null || !offers || (entry.hidden && !this.showHidden) || (this.openNow && entry.opening !== 'open')) return [];
      return [{ entry, match, km: this.site && isPlace(entry.centre) ? distanceKm(this.site.place, entry.centre) : null }];
    });
    const order = (a: (typeof kept)[number], b: (typeof kept)[number]): number => a.match - b.match || (a.km ?? FAR_KM) - (b.km ?? FAR_KM) || a.entry.pinyin.localeCompare(b.entry.pinyin);
    return kept.toSorted(order).map(({ entry, km }) => ({ entry, km }));
  }

  editLine(entry: LineEntry | null, today: string): void {
    const key = entry?.key ?? NEW;
    const before = this.lineDrafts.get(key);
    this.lineEditor = before ?? new EntryEditor(this.#host, lines, entry?.key ?? null, lineDraft(entry?.line ?? emptyLine(today)));
    this.lineDrafts.delete(key);
  }

  editCentre(entry: CentreEntry | null, today: string): void {
    const key = entry?.key ?? NEW;
    const before = this.centreDrafts.get(key);
    this.centreEditor = before ?? new EntryEditor(this.#host, centres, entry?.key ?? null, centreDraft(entry?.centre ?? emptyCentre(today)));
    this.centreDrafts.delete(key);
  }

  /** Back to the list; what was typed waits there. */
  leaveLine(): void {
    const editor = this.lineEditor;
    this.lineEditor = null;
    this.touched();
    if (editor?.dirty) this.lineDrafts.set(editor.key ?? NEW, editor);
  }

  leaveCentre(): void {
    const editor = this.centreEditor;
    this.centreEditor = null;
    this.touched();
    if (editor?.dirty) this.centreDrafts.set(editor.key ?? NEW, editor);
  }

  discardLine(): void {
    this.lineEditor = null;
    void this.#keep();
  }

  discardCentre(): void {
    this.centreEditor = null;
    void this.#keep();
  }

  /** The draft of what was kept goes before the editor does: a program that ends then does not offer it again. */
  async keepLine(): Promise<LineEntry | null> {
    const kept = await this.lineEditor?.keep(() => this.#keep());
    if (!kept) return null;
    this.lineEditor = null;
    await this.load();
    this.line = kept.key;
    return kept;
  }

  async keepCentre(): Promise<CentreEntry | null> {
    const kept = await this.centreEditor?.keep(() => this.#keep());
    if (!kept) return null;
    this.centreEditor = null;
    await this.load();
    this.centre = kept.key;
    return kept;
  }

  /** Answers how to take it back. */
  async remove(kind: DirectoryKind, key: string): Promise<() => Promise<void>> {
    const before = kind === 'line' ? this.view?.lines.find((one) => one.key === key) : this.view?.centres.find((one) => one.key === key);
    await this.#host.call('entry_remove', { kind, key });
    await this.load();
    return async () => {
      if (before && before.origin !== 'own') await this.#host.call('entry_restore', { kind, key });
      else if (before && 'line' in before) await this.#host.call('line_put', { key: null, line: before.line });
      else if (before) await this.#host.call('centre_put', { key: null, centre: before.centre });
      await this.load();
    };
  }

  async restore(kind: DirectoryKind, key: string): Promise<void> {
    await this.#host.call('entry_restore', { kind, key });
    await this.load();
  }

  async verified(kind: DirectoryKind, key: string): Promise<void> {
    await this.#host.call('entry_verified', { kind, key });
    await this.load();
  }

  /** Where it was written to; null when the person chose no file. */
  export(kind: DirectoryKind, format: 'json' | 'csv'): Promise<string | null> {
    return this.#host.call('directory_export', { kind, format });
  }

  told(thrown: unknown): ApiError {
    return asApiError(thrown);
  }

  async places(text: string): Promise<FoundPlace[]> {
    return text.trim() === '' ? [] : (await this.#host.call('place_find', { text: text.trim() })).slice(0, PLACES_MAX);
  }
}
