// The rules of the desk, and the ones being edited. What is typed stays here over every change of screen, until it is saved or
// given up on purpose.
import type { ApiError, ImportedHolidays, MonthPreview, RuleSet, RulesView } from '../api/generated';
import { asApiError, type Host } from '../host/host';
import { problemsOf, type Problem } from '../lib/rules/check';
import { draftKey, draftOf, emptyCalendar, emptyPolicy, readableSpec, readDraft, setOf, writeDraft, type CalendarDraft, type PolicyDraft, type RuleDraft } from '../lib/rules/draft';
import { merged } from '../lib/rules/holidays';
import { moved } from '../lib/rules/match';
import { Autosave, Debounce } from './debounce';
import { AddDraft } from './rules-adding.svelte';
import { NoticeState } from './rules-notice.svelte';
import { SaveState, type When } from './rules-save.svelte';
import { RuleSuggestions } from './rules-suggestions.svelte';

const CHECK_AFTER_MS = 250;
const KEEP_AFTER_MS = 400;
const ID_CHARACTERS = 8;

export type Place = { kind: 'overview' } | { kind: 'policy' | 'calendar' | 'import'; id: string } | { kind: 'save' };

export class RulesState {
  view = $state.raw<RulesView | null>(null);
  error = $state.raw<ApiError | null>(null);
  draft = $state<RuleDraft | null>(null);
  place = $state<Place>({ kind: 'overview' });
  /** The year whose special days are shown. */
  year = $state(new Date().getFullYear());
  readonly save: SaveState;
  readonly suggestions: RuleSuggestions;
  readonly notice: NoticeState;
  #base = $state('');
  #uid = 0;
  readonly #adding = new Map<string, AddDraft>();
  #found = $state.raw<{ key: string; problems: Problem[] }>({ key: '', problems: [] });
  readonly #host: Host;
  /** What the core keeps of the draft, as this window knows it; null before it was asked. */
  #stored: string | null = null;
  readonly #keeping = new Autosave(() => this.#keep(), KEEP_AFTER_MS);
  readonly #checking = new Debounce(() => void this.#check(), CHECK_AFTER_MS);

  readonly key = $derived(this.draft ? draftKey(this.draft) : '');
  readonly dirty = $derived(this.draft !== null && this.key !== this.#base);
  readonly local = $derived(this.draft ? problemsOf(this.draft) : []);
  /** Our own at once; the core's as of its last answer, where ours does not say the same place already. */
  readonly problems = $derived([...this.local, ...this.#found.problems.filter((one) => !this.local.some((mine) => sameThing(mine, one)))]);

  constructor(host: Host) {
    this.#host = host;
    this.notice = new NoticeState((text) => this.#host.call('holidays_import', { text }));
    this.suggestions = new RuleSuggestions(host);
    this.save = new SaveState(this.#host, { set: () => this.set, key: () => this.key, problems: () => this.problems.length, kept: (view) => this.#kept(view) });
  }

  get inForce(): RuleSet | null {
    return this.view?.sets[this.view.current] ?? null;
  }

  /** The rules in force as they are can only be put in place of a version that is still to come. */
  get savable(): boolean {
    return this.dirty || (this.view !== null && this.view.current < this.view.sets.length - 1);
  }

  get policy(): PolicyDraft | null {
    const { place } = this;
    return place.kind === 'policy' ? (this.draft?.policies.find((one) => one.id === place.id) ?? null) : null;
  }

  get calendar(): CalendarDraft | null {
    const { place } = this;
    return place.kind === 'calendar' || place.kind === 'import' ? (this.draft?.calendars.find((one) => one.id === place.id) ?? null) : null;
  }

  /** The set being edited, as the core takes it. */
  get set(): RuleSet | null {
    return this.draft ? setOf($state.snapshot(this.draft) as RuleDraft) : null;
  }

  /** What was typed is not touched by it. */
  async load(): Promise<void> {
    try {
      const view = await this.#host.call('rules_get', {});
      this.error = null;
      const untouched = !this.dirty;
      this.view = view;
      if (untouched) this.#start();
      if (this.#stored === null) await this.#restore();
    } catch (thrown) {
      this.error = asApiError(thrown);
    }
  }

  /** What was left unsaved when the window was closed. */
  async #restore(): Promise<void> {
    const text = await this.#host.call('rules_draft', {});
    this.#stored = text ?? '';
    const kept = text === null ? null : readDraft(text);
    if (kept && !this.dirty) this.draft = kept;
  }

  /** Back to the rules in force. */
  discard(): void {
    this.#start();
    this.keep();
  }

  #start(): void {
    const set = this.inForce;
    if (!set) return;
    this.draft = draftOf(set);
    this.#base = draftKey(this.draft);
    this.#found = { key: '', problems: [] };
    this.#adding.clear();
    this.save.reset();
    if (!this.policy && !this.calendar) this.place = { kind: 'overview' };
  }

  /** Rules of another version, to be looked through and saved again: one that is still to come, from when it was to. */
  takeUp(set: RuleSet): void {
    this.draft = draftOf(set);
    this.touched();
    this.save.reset();
    if (set.from !== null && set.from > Date.now()) this.save.choose({ from: set.from, backwards: false });
    this.place = { kind: 'save' };
  }

  /** To be called whenever the draft may have changed. */
  touched(): void {
    if (this.draft && this.#found.key !== this.key) this.#checking.call();
    if (this.#stored !== null) this.#keeping.call();
  }

  at(place: string): Problem[] {
    return this.problems.filter((one) => one.place === place || one.place.startsWith(`${place}.`) || one.place.startsWith(`${place}[`));
  }

  addPolicy(): void {
    const first = this.draft?.calendars[0]?.id ?? '';
    const policy = emptyPolicy(freshId('policy'), first);
    this.draft?.policies.push(policy);
    this.place = { kind: 'policy', id: policy.id };
  }

  duplicatePolicy(id: string, name: (of: string) => string): void {
    const at = this.draft?.policies.findIndex((one) => one.id === id) ?? -1;
    const policy = this.draft?.policies[at];
    if (!policy) return;
    const copy = $state.snapshot(policy) as PolicyDraft;
    copy.id = freshId('policy');
    if (copy.name_zh) copy.name_zh = name(copy.name_zh);
    if (copy.name_en) copy.name_en = name(copy.name_en);
    this.draft?.policies.splice(at + 1, 0, copy);
    this.place = { kind: 'policy', id: copy.id };
  }

  /** Returns what puts it back. */
  removePolicy(id: string): () => void {
    const at = this.draft?.policies.findIndex((one) => one.id === id) ?? -1;
    const gone = this.draft?.policies[at];
    if (!this.draft || !gone) return () => undefined;
    this.draft.policies.splice(at, 1);
    this.place = { kind: 'overview' };
    return () => this.draft?.policies.splice(Math.min(at, this.draft.policies.length), 0, gone);
  }

  move(from: number, to: number): boolean {
    if (!this.draft || to < 0 || to >= this.draft.policies.length || from === to) return false;
    this.draft.policies = moved(this.draft.policies, from, to);
    return true;
  }

  addCalendar(): void {
    const calendar = emptyCalendar(freshId('calendar'), Intl.DateTimeFormat().resolvedOptions().timeZone || 'Asia/Shanghai');
    this.draft?.calendars.push(calendar);
    this.place = { kind: 'calendar', id: calendar.id };
  }

  duplicateCalendar(id: string, name: (of: string) => string): void {
    const calendar = this.draft?.calendars.find((one) => one.id === id);
    if (!calendar) return;
    const copy = $state.snapshot(calendar) as CalendarDraft;
    Object.assign(copy, { id: freshId('calendar'), name_zh: copy.name_zh && name(copy.name_zh), name_en: copy.name_en && name(copy.name_en) });
    this.draft?.calendars.push(copy);
    this.place = { kind: 'calendar', id: copy.id };
  }

  /** Policies that count by a calendar. */
  usersOf(calendar: string): PolicyDraft[] {
    return this.draft?.policies.filter((one) => one.calendar_id === calendar || one.visit_calendar_id === calendar) ?? [];
  }

  removeCalendar(id: string): () => void {
    const at = this.draft?.calendars.findIndex((one) => one.id === id) ?? -1;
    const gone = this.draft?.calendars[at];
    if (!this.draft || !gone) return () => undefined;
    this.draft.calendars.splice(at, 1);
    this.place = { kind: 'overview' };
    return () => this.draft?.calendars.splice(Math.min(at, this.draft.calendars.length), 0, gone);
  }

  freshUid(): number {
    const most = Math.max(0, ...(this.draft?.calendars ?? []).flatMap((one) => one.days.map((day) => day.uid)));
    this.#uid = Math.max(this.#uid, most) + 1;
    return this.#uid;
  }

  addingTo(calendar: string): AddDraft {
    const known = this.#adding.get(calendar) ?? new AddDraft();
    this.#adding.set(calendar, known);
    return known;
  }

  /** Returns how many. */
  addDays(calendar: CalendarDraft): number {
    const adding = this.addingTo(calendar.id);
    const days = adding.days($state.snapshot(calendar) as CalendarDraft, () => this.freshUid());
    if (days.length === 0) return 0;
    calendar.days = [...calendar.days, ...days].toSorted((a, b) => a.date.localeCompare(b.date));
    this.year = days[0]?.shelf ?? this.year;
    adding.clear();
    return days.length;
  }

  /** After a save: the rules before it, to be looked through and saved again in the same way. */
  goBackTo(set: RuleSet, when: When): void {
    this.takeUp(set);
    this.save.choose(when);
  }

  /** Of what can be read of it. */
  async preview(calendar: CalendarDraft, year: number, month: number): Promise<MonthPreview & { whole: boolean }> {
    const { spec, whole } = readableSpec($state.snapshot(calendar) as CalendarDraft);
    return { ...(await this.#host.call('calendar_preview', { calendar: spec, year, month })), whole };
  }

  merge(calendar: CalendarDraft, imported: ImportedHolidays): void {
    const { days, known_until } = merged($state.snapshot(calendar) as CalendarDraft, imported, () => this.freshUid());
    Object.assign(calendar, { days, known_until });
  }

  #kept(view: RulesView): void {
    this.view = view;
    this.discard();
    this.place = { kind: 'overview' };
  }

  /** Hands what is typed to the core at once, so that it outlives the window. */
  keep(): void {
    this.#keeping.cancel();
    void this.#keep();
  }

  async #keep(): Promise<void> {
    const text = this.dirty && this.draft ? writeDraft($state.snapshot(this.draft) as RuleDraft) : '';
    if (this.#stored === null || text === this.#stored) return;
    const before = this.#stored;
    this.#stored = text;
    try {
      await this.#host.call('rules_draft_put', { draft: text === '' ? null : text });
    } catch {
      // It is asked again with the next change, and stays in the window meanwhile.
      this.#stored = before;
    }
  }

  async #check(): Promise<void> {
    const [set, key] = [this.set, this.key];
    if (!set) return;
    try {
      const found = await this.#host.call('rules_check', { set });
      if (key === this.key) this.#found = { key, problems: found.map(({ place, code, args }) => ({ place, key: `rules-fault-${code.replaceAll('_', '-')}`, args })) };
    } catch {
      // What cannot even be asked about has a problem of its own beside its field.
      if (key === this.key) this.#found = { key, problems: [] };
    }
  }
}

/** Our own numbering of a calendar's dates differs from the core's: there, one of ours stands for all of its. */
function sameThing(mine: Problem, core: Problem): boolean {
  const calendar = /^calendars\.[^.]+\./.exec(core.place)?.[0];
  return mine.place === core.place || mine.place.startsWith(`${core.place}[`) || (calendar !== undefined && !core.place.startsWith(`${calendar}hours`) && mine.place.startsWith(calendar));
}

const freshId = (kind: string): string => `${kind}-${crypto.randomUUID().slice(0, ID_CHARACTERS)}`;
