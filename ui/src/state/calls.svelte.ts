// Telephone calls: which line to call and why, the calls under way with what is written during them, and the log.
import { SvelteMap } from 'svelte/reactivity';
import type { ApiError, Call, CallFacts, CallOutcome, LineEntry, Recommended, TicketId } from '../api/generated';
import { asApiError, type Host } from '../host/host';
import { newMarker } from '../lib/marker';
import { Autosave } from './debounce';

export const OUTCOMES: readonly CallOutcome[] = ['reached', 'no_answer', 'busy', 'voicemail', 'called_back', 'other'];

export const CALL_NOTE_CHARS_MAX = 10_000;
const LOG_ROWS = 200;
const TICKETS_MAX = 20;
const KEEP_AFTER_MS = 400;

export const noFacts = (): CallFacts => ({ priority: 'routine', outage: false, vip: false, contract: null, languages: [], product: '' });
type Written = Pick<Call, 'agent' | 'case_number' | 'note' | 'ticked'>;
/** A line of a checklist in the languages it is written in. */
type Item = { text_zh: string; text_en: string };

/** A call under way, with what is written in this window and may not be kept yet. */
export class RunningCall {
  written: Written = $state({ agent: '', case_number: '', note: '', ticked: [] });
  outcome = $state<CallOutcome>('reached');
  toTicket = $state(true);
  busy = $state(false);
  error = $state.raw<ApiError | null>(null);
  /** One intention to end it, however often it is tried. */
  readonly marker = newMarker();
  readonly #host: Host;
  readonly #keeping = new Autosave(() => this.keep(), KEEP_AFTER_MS);

  constructor(
    host: Host,
    readonly call: Call,
  ) {
    this.#host = host;
    this.written = { agent: call.agent, case_number: call.case_number, note: call.note, ticked: [...call.ticked] };
    this.toTicket = call.ticket !== null;
  }

  touched(): void {
    this.#keeping.call();
  }

  async keep(): Promise<boolean> {
    this.#keeping.cancel();
    try {
      await this.#host.call('call_put', { id: this.call.id, ...($state.snapshot(this.written) as Written) });
      this.error = null;
      return true;
    } catch (thrown) {
      this.error = asApiError(thrown);
      return false;
    }
  }

  flush(): void {
    this.#keeping.flush();
  }

  tick(item: Item, on: boolean, text: string): void {
    const others = this.written.ticked.filter((one) => one !== item.text_zh && one !== item.text_en);
    this.written.ticked = on ? [...others, text] : others;
    this.touched();
  }
}

export const isTicked = (ticked: readonly string[], item: Item): boolean => ticked.some((one) => one !== '' && (one === item.text_zh || one === item.text_en));

export class CallsState {
  running = $state.raw<RunningCall[]>([]);
  log = $state.raw<Call[]>([]);
  error = $state.raw<ApiError | null>(null);
  /** On the screen of lines: the lines, or the calls that were made. */
  shown = $state<'lines' | 'log'>('lines');
  /** The lines by tier, or in the order in which to try them. */
  byTier = $state(false);
  /** The panel of the call that is written in; null when only its bar is shown. */
  opened = $state<number | null>(null);
  /** What the lines are recommended for: a ticket, or what a person says of the call. */
  ticket = $state<TicketId | null>(null);
  subject = $state('');
  facts: CallFacts = $state(noFacts());
  answer = $state.raw<Recommended | null>(null);
  answerError = $state.raw<ApiError | null>(null);
  /** What was answered of tickets that were opened, the last of them. */
  readonly ofTickets = new SvelteMap<TicketId, Recommended>();
  ticketError = $state.raw<ApiError | null>(null);
  /** The number whose code is on the screen, for a mobile phone to read. */
  code = $state.raw<{ name: string; number: string; svg: string | null; error: ApiError | null } | null>(null);
  /** Ticked before a call begins, by line and ticket. */
  readonly #ticks = new SvelteMap<string, string[]>();
  #asked = 0;
  readonly #host: Host;

  constructor(host: Host) {
    this.#host = host;
  }

  async load(): Promise<void> {
    try {
      const all = await this.#host.call('calls', { ticket: null, limit: LOG_ROWS });
      this.log = all.filter((one) => one.ended_at !== null);
      const under_way = all.filter((one) => one.ended_at === null);
      this.running = under_way.map((call) => this.running.find((one) => one.call.id === call.id) ?? new RunningCall(this.#host, call));
      this.error = null;
    } catch (thrown) {
      this.error = asApiError(thrown);
    }
  }

  ofTicket(ticket: TicketId): Promise<Call[]> {
    return this.#host.call('calls', { ticket, limit: LOG_ROWS });
  }

  /** Lines for a ticket, or for a call about nothing that is a ticket here. */
  async about(ticket: TicketId | null, subject: string): Promise<void> {
    this.ticket = ticket;
    this.subject = subject;
    this.answer = null;
    await this.recommend();
  }

  async recommend(): Promise<void> {
    const mine = (this.#asked += 1);
    try {
      const answer = await this.recommended(this.ticket, this.ticket === null ? ($state.snapshot(this.facts) as CallFacts) : null);
      if (mine !== this.#asked) return;
      this.answer = answer;
      this.answerError = null;
    } catch (thrown) {
      if (mine === this.#asked) this.answerError = asApiError(thrown);
    }
  }

  async recommendFor(ticket: TicketId): Promise<void> {
    try {
      const answer = await this.recommended(ticket, null);
      this.ofTickets.delete(ticket);
      this.ofTickets.set(ticket, answer);
      for (const old of [...this.ofTickets.keys()].slice(0, -TICKETS_MAX)) this.ofTickets.delete(old);
      this.ticketError = null;
    } catch (thrown) {
      this.ticketError = asApiError(thrown);
    }
  }

  recommended(ticket: TicketId | null, facts: CallFacts | null): Promise<Recommended> {
    return this.#host.call('recommend', { ticket, facts });
  }

  ticked(line: string, ticket: TicketId | null): string[] {
    return this.#ticks.get(`${line} ${ticket}`) ?? [];
  }

  tick(line: string, ticket: TicketId | null, item: Item, on: boolean, text: string): void {
    const others = this.ticked(line, ticket).filter((one) => one !== item.text_zh && one !== item.text_en);
    this.#ticks.set(`${line} ${ticket}`, on ? [...others, text] : others);
  }

  /** The timer runs from here; the number is not dialled by it. */
  async start(entry: LineEntry, ticket: TicketId | null): Promise<RunningCall> {
    const call = await this.#host.call('call_start', { ticket, line_key: entry.key, ticked: [...this.ticked(entry.key, ticket)] });
    this.#ticks.delete(`${entry.key} ${ticket}`);
    const running = new RunningCall(this.#host, call);
    this.running = [...this.running, running];
    this.opened = call.id;
    return running;
  }

  async dial(number: string): Promise<void> {
    await this.#host.call('dial', { number });
  }

  /** False when it could not be ended: then it is still under way, with all that was written. */
  async end(running: RunningCall): Promise<boolean> {
    running.busy = true;
    running.error = null;
    try {
      if (!(await running.keep())) return false;
      await this.#host.call('call_end', { id: running.call.id, outcome: running.outcome, to_ticket: running.toTicket && running.call.ticket !== null, marker: running.marker });
      this.running = this.running.filter((one) => one !== running);
      if (this.opened === running.call.id) this.opened = null;
      await this.load();
      return true;
    } catch (thrown) {
      running.error = asApiError(thrown);
      return false;
    } finally {
      running.busy = false;
    }
  }

  async showCode(name: string, number: string): Promise<void> {
    this.code = { name, number, svg: null, error: null };
    try {
      const svg = await this.#host.call('qr', { text: number });
      if (this.code?.number === number) this.code = { name, number, svg, error: null };
    } catch (thrown) {
      if (this.code?.number === number) this.code = { name, number, svg: null, error: asApiError(thrown) };
    }
  }
}
