// Visits on site: the calendar's stretch of time, the centre whose hours it shows, one visit opened, one being moved.
import type { AccountId, ApiError, CentreEntry, OperationId, Service, Slot, TicketId, VisitChange, VisitSlots, VisitView } from '../api/generated';
import { asApiError, type Host } from '../host/host';
import { newMarker } from '../lib/marker';
import { centreId, centreOf, inSight, stepDate, timeOf, zoneOf, type BoardMode, type VisitKey } from '../lib/visits/board';
import type { Span } from '../lib/visits/lanes';
import { requestOf } from '../lib/visits/words';
import { addDays, instant, knownZone, minutesOf, systemZone, wall, weekdayOf, weekOf } from '../lib/visits/wall';
import { Debounce } from './debounce';
import { VisitDrafts } from './visit-drafts';
import { VisitMove } from './visit-move.svelte';

const REFRESH_MS = 250;
/** How far ahead the rail counts. */
const AHEAD_MS = 60 * 86_400_000;
/** How far around what is in sight visits are asked for: the list tells of those that come. */
const LIST_DAYS = { before: 14, after: 60 };

export type OpenHours = ReadonlyMap<string, readonly Span[]>;

export class VisitsState {
  mode = $state<BoardMode>('week');
  /** Any day of the week in sight, in the zone of the centre; '' before the screen is first opened. */
  date = $state('');
  /** `account:remote id` of the chosen centre; '' shows all of them. */
  centre = $state('');
  engineer = $state<string | null>(null);
  service = $state<Service>('hardware_inspection');
  visits = $state.raw<VisitView[]>([]);
  centres = $state.raw<CentreEntry[]>([]);
  asOf = $state.raw<number | null>(null);
  loaded = $state(false);
  /** How many visits are to come. */
  ahead = $state(0);
  error = $state.raw<ApiError | null>(null);
  /** Free slots of the chosen centre in sight. */
  slots = $state.raw<VisitSlots | null>(null);
  slotsError = $state.raw<ApiError | null>(null);
  openHours = $state.raw<OpenHours>(new Map());
  /** The visit whose page is open. */
  opened = $state<VisitKey | null>(null);
  ofTicket = $state.raw<{ id: TicketId; visits: VisitView[] } | null>(null);
  /** Refusals that came since the last look, told once. */
  onrefused: (view: VisitView) => void = () => undefined;
  readonly move: VisitMove;
  #looking = false;
  #picked = false;
  #chose = false;
  #refused: Set<string> | null = null;
  #months = new Map<string, Promise<OpenHours>>();
  #asked = 0;
  readonly #host: Host;
  readonly #refresh = new Debounce(() => void this.#reload(), REFRESH_MS);

  constructor(host: Host, drafts = new VisitDrafts(host)) {
    this.#host = host;
    this.move = new VisitMove(host, drafts);
  }

  /** The screen came into sight: from now on what changes is asked for. */
  async look(now: number): Promise<void> {
    this.#looking = true;
    if (this.date === '') this.date = wall(now, this.zone).date;
    await Promise.all([this.load(), this.loadCentres()]);
    if (this.#picked) return;
    this.#picked = true;
    // A weekend on which nothing comes any more is over: the week ahead is what a person wants to see.
    const today = wall(now, this.zone).date;
    if (this.date === today && weekdayOf(today) > 5 && !this.visits.some((view) => (timeOf(view)?.end ?? 0) > now && inSight(view, this.span()))) await this.show(addDays(today, 8 - weekdayOf(today)));
    // Whoever chose one meanwhile keeps it.
    if (!this.#chose) await this.#take(this.#busiest());
  }

  /** The centre with most visits in sight; all of them while there are none. */
  #busiest(): string {
    const counts = new Map<string, number>();
    for (const view of this.visits) if (view.visit.centre_id !== '') counts.set(this.centreOf(view), (counts.get(this.centreOf(view)) ?? 0) + 1);
    const known = [...counts].filter(([id]) => this.centres.some((entry) => entryId(entry) === id));
    return known.toSorted((a, b) => b[1] - a[1])[0]?.[0] ?? '';
  }

  leave(): void {
    this.#looking = false;
    this.move.stop();
  }

  changed(): void {
    this.#refresh.call();
  }

  /** What is ahead, for the number in the rail; who was refused something is told wherever they are. */
  async loadAhead(): Promise<void> {
    const now = Date.now();
    const { visits } = await this.#host.call('visits', { from: now, to: now + AHEAD_MS });
    this.ahead = visits.filter((view) => ['requested', 'waitlisted', 'confirmed'].includes(view.visit.state)).length;
    this.#tellRefusals(visits);
  }

  get chosen(): CentreEntry | null {
    return this.centres.find((entry) => entryId(entry) === this.centre) ?? null;
  }

  /** Which entry of the directory a visit goes by: its account's, else one that no account carries. */
  centreOf(view: VisitView): string {
    const own = centreOf(view);
    return own === '' || this.centres.some((entry) => entryId(entry) === own) ? own : centreId(0, view.visit.centre_id);
  }

  get zone(): string {
    const chosen = this.chosen;
    return chosen ? knownZone(zoneOf(chosen.centre)) : systemZone();
  }

  /** Of the chosen centre, or all. */
  get shown(): VisitView[] {
    return this.centre === '' ? this.visits : this.visits.filter((view) => view.visit.centre_id === '' || this.centreOf(view) === this.centre);
  }

  get open(): VisitView | null {
    return this.visits.find((view) => view.key === this.opened) ?? this.#openedView;
  }

  /** The one that is open, where it lies outside of what is in sight. */
  #openedView = $state.raw<VisitView | null>(null);

  span(): { from: number; to: number } {
    const days = weekOf(this.date);
    if (this.mode === 'list') return { from: instant(addDays(this.date, -LIST_DAYS.before), 0, this.zone), to: instant(addDays(this.date, LIST_DAYS.after), 0, this.zone) };
    return { from: instant(days[0] ?? this.date, 0, this.zone), to: instant(addDays(days[6] ?? this.date, 1), 0, this.zone) };
  }

  async #reload(): Promise<void> {
    // Nobody asked for it: what fails is tried again with the next change.
    await Promise.all([this.loadAhead().catch(() => undefined), this.load()]);
  }

  async load(): Promise<void> {
    const turn = ++this.#asked;
    const ticket = this.ofTicket?.id ?? null;
    try {
      if (ticket !== null) await this.loadTicket(ticket);
      if (!this.#looking) return;
      const { visits, as_of } = await this.#host.call('visits', this.span());
      const opened = this.opened === null || visits.some((view) => view.key === this.opened) ? null : await this.#stillThere(this.opened);
      if (turn !== this.#asked) return;
      [this.visits, this.asOf, this.error, this.loaded] = [visits, as_of, null, true];
      this.#openedView = opened;
      await this.loadSlots();
    } catch (thrown) {
      if (turn === this.#asked) this.error = asApiError(thrown);
    }
  }

  /** The directory's centres, for whoever needs their names before the calendar is opened. */
  async knowCentres(): Promise<void> {
    if (this.centres.length === 0) await this.#readCentres();
  }

  async #readCentres(): Promise<void> {
    const { centres } = await this.#host.call('directory', {});
    this.centres = centres.filter((entry) => !entry.hidden);
  }

  /** The visit that is open; null once it was taken back, and then its page closes. */
  async #stillThere(key: VisitKey): Promise<VisitView | null> {
    try {
      return await this.#host.call('visit_get', { key });
    } catch (thrown) {
      if (asApiError(thrown).code !== 'visit_unknown') throw thrown;
      if (this.opened === key) this.close();
      return null;
    }
  }

  async loadCentres(): Promise<void> {
    await this.#readCentres();
    if (this.centre !== '' && !this.chosen) this.centre = '';
    if (this.centre === '' && this.engineer !== null) this.engineer = null;
    await Promise.all([this.loadHours(), this.loadSlots()]);
  }

  async choose(centre: string): Promise<void> {
    this.#chose = true;
    await this.#take(centre);
  }

  async #take(centre: string): Promise<void> {
    if (this.centre === centre) return;
    [this.centre, this.engineer, this.slots] = [centre, null, null];
    await Promise.all([this.loadHours(), this.loadSlots()]);
  }

  async go(by: number): Promise<void> {
    await this.show(stepDate(this.date, this.mode, by));
  }

  async show(date: string, mode: BoardMode = this.mode): Promise<void> {
    [this.date, this.mode] = [date, mode];
    await this.#again();
    if (this.move.view) await this.move.look(this.span());
  }

  async serve(service: Service): Promise<void> {
    this.service = service;
    await this.loadSlots();
  }

  async #again(): Promise<void> {
    await Promise.all([this.load(), this.loadHours()]);
  }

  /** Free slots of the chosen centre, for nobody's site: what a person sees before there is a request. */
  async loadSlots(): Promise<void> {
    const { chosen } = this;
    const { from, to } = this.span();
    this.slotsError = null;
    if (!chosen || chosen.account === null || this.mode === 'list' || to <= Date.now()) {
      this.slots = null;
      return;
    }
    const [account, service, centre] = [chosen.account, this.service, this.centre];
    try {
      const id = await this.#anyTicket(account);
      const slots = id === null ? null : await this.#host.call('visit_slots', { id, service, from: Math.max(from, Date.now()), to, site: null, languages: [], centre: chosen.centre.remote_id });
      if (this.centre === centre && this.service === service && this.span().from === from) this.slots = slots;
    } catch (thrown) {
      if (this.centre !== centre) return;
      this.slots = null;
      this.slotsError = asApiError(thrown);
    }
  }

  get freeSlots(): Slot[] {
    return this.slots?.centres.flatMap((one) => one.answer.slots) ?? [];
  }

  /** Slots are asked for on a ticket of the account; which one does not matter without a site. */
  async #anyTicket(account: AccountId): Promise<TicketId | null> {
    const known = this.visits.find((view) => view.account === account && view.ticket !== null)?.ticket;
    if (known) return known;
    const filter = { accounts: [account], statuses: [], priorities: [], products: [], customers: [], vip: null, unfinished: false, breached: false };
    const { rows } = await this.#host.call('ticket_rows', { filter, order: 'updated', start: 0, limit: 1 });
    return rows[0]?.id ?? null;
  }

  /** When the chosen centre is open in the months in sight. */
  async loadHours(): Promise<void> {
    const spec = this.chosen?.centre.calendar ?? null;
    const centre = this.centre;
    if (!spec) {
      this.openHours = new Map();
      return;
    }
    const months = [...new Set(weekOf(this.date).map((date) => date.slice(0, 7)))];
    const found = await Promise.all(months.map((month) => {
      const key = `${centre} ${month}`;
      const asked = this.#months.get(key) ?? this.#host.call('calendar_preview', { calendar: spec, year: Number(month.slice(0, 4)), month: Number(month.slice(5)) }).then(({ days }) => openDays(days));
      this.#months.set(key, asked);
      return asked.catch((): OpenHours => new Map());
    }));
    if (this.centre === centre) this.openHours = new Map(found.flatMap((one) => [...one]));
  }

  async loadTicket(id: TicketId): Promise<void> {
    const visits = await this.#host.call('visits_of_ticket', { id });
    if (this.ofTicket?.id === id || this.ofTicket === null) this.ofTicket = { id, visits };
  }

  /** The visits of the ticket that is open; null: none is. */
  async followTicket(id: TicketId | null): Promise<void> {
    if (id === null) this.ofTicket = null;
    else if (this.ofTicket?.id !== id) {
      this.ofTicket = { id, visits: [] };
      await this.loadTicket(id);
    }
  }

  async openVisit(key: VisitKey): Promise<void> {
    this.move.stop();
    this.opened = key;
    if (this.visits.some((view) => view.key === key)) return;
    this.#openedView = this.ofTicket?.visits.find((view) => view.key === key) ?? null;
    this.#openedView = await this.#host.call('visit_get', { key });
  }

  /** Takes a visit up, in the hours of its centre. False when it stays where it is. */
  async pickUp(view: VisitView): Promise<boolean> {
    if (view.visit.centre_id !== '' && view.can.includes('reschedule')) await this.choose(this.centreOf(view));
    if (this.mode === 'list') this.mode = 'week';
    return this.move.start(view, this.span());
  }

  /** From its page to the calendar, at the week that it stands in or is wanted in. */
  async pickUpFromPage(view: VisitView): Promise<void> {
    this.close();
    const time = timeOf(view)?.start ?? view.visit.window?.from;
    if (view.visit.centre_id !== '') await this.choose(this.centreOf(view));
    if (time !== undefined) await this.show(wall(Math.max(time, Date.now()), this.zone).date, this.mode === 'day' ? 'day' : 'week');
    await this.pickUp(view);
  }

  close(): void {
    this.opened = null;
    this.#openedView = null;
  }

  async change(key: VisitKey, change: VisitChange, marker = newMarker()): Promise<OperationId> {
    const id = await this.#host.call('visit_change', { key, change, marker });
    this.#refresh.call();
    return id;
  }

  /** Asks again after a no, for one of the slots that were offered instead. */
  async takeAlternative(view: VisitView, slot: Slot): Promise<void> {
    const { ticket: id, key, visit, refusal } = view;
    if (id === null || !refusal) return;
    if (visit.version !== '') {
      // The server has it: what it refused was a move.
      await this.change(key, { action: 'reschedule', centre_id: slot.centre_id, start: slot.start, reason: '' });
      return;
    }
    const booking = { hold_id: null, start: slot.start, engineer_id: null, languages: [], waitlist: false };
    await this.#host.call('visit_request', { id, key, request: requestOf(visit, slot.centre_id), booking, marker: newMarker() });
    this.#refresh.call();
  }

  /** Asks again for the same, and waits where nothing is free. */
  async joinWaitlist({ ticket: id, key, visit }: VisitView): Promise<void> {
    if (id === null) return;
    const booking = { hold_id: null, start: null, engineer_id: null, languages: [], waitlist: true };
    await this.#host.call('visit_request', { id, key, request: requestOf(visit, visit.centre_id || null), booking, marker: newMarker() });
    this.#refresh.call();
  }

  #tellRefusals(visits: readonly VisitView[]): void {
    const refused = visits.filter((view) => view.refusal !== null);
    const before = this.#refused;
    this.#refused = new Set(refused.map((view) => view.key));
    if (before) for (const view of refused) if (!before.has(view.key)) this.onrefused(view);
  }
}

export const entryId = (entry: CentreEntry): string => centreId(entry.account ?? 0, entry.centre.remote_id);

function openDays(days: readonly { date: string; spans: readonly [string, string][] }[]): OpenHours {
  const read = ([from, to]: readonly [string, string]): Span[] => {
    const [a, b] = [minutesOf(from), minutesOf(to)];
    return a === null || b === null ? [] : [{ from: a, to: b }];
  };
  return new Map(days.map(({ date, spans }) => [date, spans.flatMap(read)]));
}
