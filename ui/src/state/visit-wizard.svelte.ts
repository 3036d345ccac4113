// A visit being asked for: ticket, site, time, confirmation. What is typed is kept by the core while it is typed.
import type { ApiError, KnownSite, Problem, Slot, TicketDetail, TicketId, VisitSlots } from '../api/generated';
import { asApiError, type Host } from '../host/host';
import type { VisitKey } from '../lib/visits/board';
import { newMarker } from '../lib/marker';
import { dayStart, readMoment, typedMoment } from '../lib/typed-moment';
import { atKnownSite, blankWish, bookingOfWish, ofCustomer, readCoordinates, readDraft, requestOfWish, siteOf, stepOf, STEPS, windowOf, type Wish, type WizardStep } from '../lib/visits/wish';
import { Autosave, Debounce } from './debounce';
import type { VisitDrafts } from './visit-drafts';

export const AUTOSAVE_MS = 400;
export const LOOK_MS = 350;

type Ticket = Pick<TicketDetail, 'id' | 'remote_id' | 'subject' | 'account_id' | 'account_name' | 'customer' | 'requester'>;
/** What the calendar knew when the wizard was opened from it. */
export type Preset = Partial<Pick<Wish, 'service' | 'centre' | 'start'>> & { slot?: Slot };

export class VisitWizardState {
  open = $state(false);
  step = $state<WizardStep>('ticket');
  ticket = $state.raw<Ticket | null>(null);
  wish = $state<Wish>(blankWish(0));
  /** The visit that is asked for again; null for a new one. */
  key = $state<VisitKey | null>(null);
  sites = $state.raw<KnownSite[]>([]);
  problems = $state.raw<Problem[]>([]);
  slots = $state.raw<VisitSlots | null>(null);
  looking = $state(false);
  slotsError = $state.raw<ApiError | null>(null);
  error = $state.raw<ApiError | null>(null);
  sending = $state(false);
  save = $state<'clean' | 'dirty' | 'saved' | 'failed'>('clean');
  /** Steps whose "next" was pressed: from then on what is wrong is marked. */
  tried = $state.raw<ReadonlySet<WizardStep>>(new Set());
  #attempt: { marker: string; content: string } | null = null;
  #preset: Preset = {};
  #turn = 0;
  #check = 0;
  readonly #host: Host;
  readonly #now: () => number;
  readonly #autosave = new Autosave(() => this.#put(), AUTOSAVE_MS, 4000);
  readonly #ask = new Debounce(() => void Promise.all([this.check(), this.step === 'time' ? this.look() : null]), LOOK_MS);

  readonly #drafts: VisitDrafts;

  constructor(host: Host, drafts: VisitDrafts, now: () => number = Date.now) {
    this.#host = host;
    this.#drafts = drafts;
    this.#now = now;
  }

  /** Opens for a ticket, or asks which one. A half filled form of that ticket comes back. */
  async show(ticket: TicketId | null, preset: Preset = {}): Promise<void> {
    this.flush();
    this.#preset = preset;
    [this.open, this.key, this.error] = [true, null, null];
    if (ticket !== null) {
      await this.pick(ticket);
      return;
    }
    [this.step, this.ticket, this.sites, this.problems, this.slots] = ['ticket', null, [], [], null];
    this.wish = { ...blankWish(this.#now()), ...this.#presetWish() };
  }

  /** The ticket was chosen; what is known of its customer fills the form. */
  async pick(id: TicketId): Promise<void> {
    const turn = ++this.#turn;
    const [detail, draft, sites] = await Promise.all([this.#host.call('ticket_get', { id }), this.#drafts.read(id), this.#host.call('visit_sites', { id })]);
    if (turn !== this.#turn || !this.open) return;
    this.ticket = detail;
    [this.sites, this.tried, this.slots, this.problems, this.save] = [sites, new Set(), null, [], 'clean'];
    const kept = readDraft(draft, this.#now());
    const blank = blankWish(this.#now());
    this.wish = { ...(kept?.wish ?? (sites[0] ? atKnownSite(blank, sites[0]) : ofCustomer(blank, detail))), ...this.#presetWish() };
    if (kept) this.save = 'saved';
    this.step = kept && kept.step !== 'ticket' ? kept.step : 'site';
    await this.check();
    if (this.step === 'time' || this.step === 'confirm') await this.look();
  }

  #presetWish(): Partial<Wish> {
    const { slot, ...wish } = this.#preset;
    // A slot picked on the calendar: that whole day suits, so that its neighbours are offered, too.
    return slot ? { ...wish, centre: slot.centre_id, start: slot.start, from: typedMoment(Math.max(this.#now(), dayStart(slot.start))), to: typedMoment(dayStart(slot.start, 1)) } : wish;
  }

  /** Something was typed or chosen. A slot stays chosen as long as it fits. */
  touched(change: Partial<Wish> = {}): void {
    Object.assign(this.wish, change);
    if ('service' in change || 'languages' in change || 'from' in change || 'to' in change || 'site' in change || 'coordinates' in change) this.#unfit();
    this.save = 'dirty';
    this.#autosave.call();
    this.#ask.call();
  }

  #unfit(): void {
    const window = windowOf(this.wish);
    const { start } = this.wish;
    if (start !== null && window && start >= window.from && start < window.to) return;
    this.wish.start = null;
  }

  /** Whoever is near enough may do it, also where the wizard was opened from one centre. */
  anyCentre(): void {
    const { service } = this.#preset;
    this.#preset = service ? { service } : {};
    this.touched({ centre: '', start: null });
  }

  chooseSite(known: KnownSite): void {
    this.touched(atKnownSite($state.snapshot(this.wish), known));
  }

  chooseSlot(slot: Slot | null): void {
    this.touched(slot ? { centre: slot.centre_id, start: slot.start } : { start: null });
  }

  async check(): Promise<void> {
    const { ticket } = this;
    const request = ticket && requestOfWish($state.snapshot(this.wish), ticket.remote_id);
    const turn = ++this.#check;
    if (!ticket || !request) return;
    try {
      const problems = await this.#host.call('visit_check', { id: ticket.id, request, booking: bookingOfWish($state.snapshot(this.wish)) });
      if (turn === this.#check) this.problems = problems;
    } catch (thrown) {
      if (turn === this.#check) this.error = asApiError(thrown);
    }
  }

  /** Slots for what is typed, by centre and time. */
  async look(): Promise<void> {
    const { ticket } = this;
    const wish = $state.snapshot(this.wish);
    const window = windowOf(wish);
    const turn = ++this.#turn;
    if (!ticket || !window) return;
    [this.looking, this.slotsError] = [true, null];
    try {
      const slots = await this.#host.call('visit_slots', { id: ticket.id, service: wish.service, from: window.from, to: window.to, site: siteOf(wish), languages: wish.languages, centre: null });
      if (turn === this.#turn) this.slots = slots;
    } catch (thrown) {
      if (turn === this.#turn) [this.slotsError, this.slots] = [asApiError(thrown), null];
    } finally {
      if (turn === this.#turn) this.looking = false;
    }
  }

  /** The chosen slot, as long as it is free. */
  get slot(): Slot | null {
    const { centre, start } = this.wish;
    return start === null ? null : (this.slots?.centres.flatMap((one) => one.answer.slots).find((slot) => slot.start === start && slot.centre_id === centre) ?? null);
  }

  /** Typed coordinates that are none. */
  get coordinatesWrong(): boolean {
    return this.wish.coordinates.trim() !== '' && readCoordinates(this.wish.coordinates) === null;
  }

  wrongOn(step: WizardStep): boolean {
    if (step === 'ticket') return this.ticket === null;
    if (step === 'time' && (readMoment(this.wish.from).at === null || readMoment(this.wish.to).at === null)) return true;
    return (step === 'site' && this.coordinatesWrong) || this.problems.some((problem) => stepOf(problem) === step);
  }

  /** What is wrong with one field, as far as the person has tried to go on. */
  of(field: string): Problem | null {
    const found = this.problems.find((problem) => problem.field === field);
    return found && this.tried.has(stepOf(found)) ? found : null;
  }

  /** On to a step; back always works, forward as far as everything before it is right. */
  async goTo(step: WizardStep): Promise<boolean> {
    const [from, to] = [STEPS.indexOf(this.step), STEPS.indexOf(step)];
    if (to > from) {
      const passed = STEPS.slice(from, to);
      this.tried = new Set([...this.tried, ...passed]);
      await this.check();
      const stuck = passed.find((one) => this.wrongOn(one));
      if (stuck) {
        this.step = stuck;
        return false;
      }
    }
    this.step = step;
    this.save = this.ticket ? 'dirty' : this.save;
    this.#autosave.call();
    if (step === 'time' || (step === 'confirm' && !this.slots)) await this.look();
    return true;
  }

  /** The visit, once the outbox has it; null when something is wrong, with everything still in the form. */
  async send(): Promise<VisitKey | null> {
    const { ticket } = this;
    const wish = $state.snapshot(this.wish);
    const request = ticket && requestOfWish(wish, ticket.remote_id);
    if (this.sending || !ticket || !request) return null;
    const booking = bookingOfWish(wish);
    const content = JSON.stringify([ticket.id, this.key, request, booking]);
    if (this.#attempt?.content !== content) this.#attempt = { marker: newMarker(), content };
    [this.sending, this.error] = [true, null];
    this.#autosave.flush();
    await this.#drafts.settled();
    try {
      const key = await this.#host.call('visit_request', { id: ticket.id, key: this.key, request, booking, marker: this.#attempt.marker });
      this.#attempt = null;
      this.open = false;
      this.#forget(ticket.id);
      return key;
    } catch (thrown) {
      this.error = asApiError(thrown);
      this.tried = new Set(STEPS);
      await this.check();
      const stuck = STEPS.find((step) => this.wrongOn(step));
      if (stuck) this.step = stuck;
      return null;
    } finally {
      this.sending = false;
    }
  }

  flush(): void {
    this.#autosave.flush();
  }

  close(): void {
    this.flush();
    this.open = false;
  }

  /** Empties the form and what was kept of it. */
  clear(): void {
    const { ticket } = this;
    this.wish = ticket ? ofCustomer(blankWish(this.#now()), ticket) : blankWish(this.#now());
    [this.tried, this.error] = [new Set(), null];
    if (ticket) this.#forget(ticket.id);
    void this.check();
  }

  #forget(id: TicketId): void {
    this.#autosave.cancel();
    this.save = 'clean';
    void this.#drafts.put(id, { step: null, wish: null });
  }

  async #put(): Promise<void> {
    const { ticket } = this;
    if (ticket) this.save = (await this.#drafts.put(ticket.id, { step: this.step, wish: $state.snapshot(this.wish) })) ? 'saved' : 'failed';
  }
}
