// The ticket list: filter, order, the rows near the screen, and the cursor.
import type { ApiError, Facets, TicketFilter, TicketId, TicketOrder, TicketRow } from '../api/generated';
import { asApiError, type Host } from '../host/host';
import { PageCache } from '../lib/pages';
import { Debounce } from './debounce';

const PAGE_ROWS = 100;
const PAGES_MAX = 40;
const REFRESH_MS = 150;

export const emptyFilter = (): TicketFilter => ({
  accounts: [], statuses: [], priorities: [], products: [], customers: [], vip: null, unfinished: false, breached: false,
});

export type ViewName = 'unfinished' | 'urgent' | 'vip' | 'breached' | 'waiting' | 'all';

export const views: Record<ViewName, TicketFilter> = {
  unfinished: { ...emptyFilter(), unfinished: true },
  breached: { ...emptyFilter(), unfinished: true, breached: true },
  urgent: { ...emptyFilter(), unfinished: true, priorities: ['urgent'] },
  vip: { ...emptyFilter(), unfinished: true, vip: true },
  waiting: { ...emptyFilter(), unfinished: true, statuses: ['waiting_customer', 'waiting_vendor'] },
  all: emptyFilter(),
};

const same = (a: TicketFilter, b: TicketFilter): boolean => JSON.stringify(a) === JSON.stringify(b);

export class TicketList {
  filter = $state.raw<TicketFilter>(views.unfinished);
  order = $state<TicketOrder>('deadline');
  total = $state(0);
  loaded = $state(false);
  error = $state.raw<ApiError | null>(null);
  /** Of the unfinished tickets, and of all. */
  facets = $state.raw<Facets | null>(null);
  facetsAll = $state.raw<Facets | null>(null);
  cursor = $state(-1);
  selected = $state<TicketId | null>(null);
  /** A row the list is asked to bring into view; `tick` makes asking twice for the same row work. */
  reveal = $state({ row: 0, tick: 0 });

  #version = $state(0);
  #generation = -1;
  #epoch = 0;
  #first = 0;
  #end = 0;
  readonly #running = new Set<number>();
  /** Pages on their way that were asked for before the last change: their answers may tell of before it. */
  readonly #overtaken = new Set<number>();
  readonly #pages = new PageCache<TicketRow>(PAGE_ROWS, PAGES_MAX);
  readonly #refresh = new Debounce(() => void this.#reload(), REFRESH_MS);
  readonly #host: Host;

  constructor(host: Host) {
    this.#host = host;
  }

  row(index: number): TicketRow | undefined {
    return this.#version >= 0 ? this.#pages.row(index) : undefined;
  }

  get view(): ViewName | null {
    const found = (Object.keys(views) as ViewName[]).find((name) => same(views[name], this.filter));
    return found ?? null;
  }

  async load(): Promise<void> {
    await Promise.all([this.#fetch(0), this.#facets()]);
  }

  show(filter: TicketFilter): void {
    this.filter = filter;
    this.#restart();
  }

  sort(order: TicketOrder): void {
    this.order = order;
    this.#restart();
  }

  /** Says which rows are on screen; what is missing is fetched. */
  ensure(first: number, end: number): void {
    this.#first = first;
    this.#end = end;
    for (const page of this.#pages.wanted(first, end)) void this.#fetch(page);
  }

  changed(): void {
    this.#refresh.call();
  }

  select(index: number): TicketRow | undefined {
    const row = this.row(index);
    this.cursor = index;
    this.reveal = { row: index, tick: this.reveal.tick + 1 };
    if (row) this.selected = row.id;
    return row;
  }

  /** Marks a ticket opened from elsewhere, and finds its place in the list if it is in it. */
  async locate(id: TicketId): Promise<void> {
    this.selected = id;
    const position = await this.#host.call('ticket_position', { filter: this.filter, order: this.order, id });
    if (this.selected !== id) return;
    this.cursor = position ?? -1;
    if (position !== null) this.reveal = { row: position, tick: this.reveal.tick + 1 };
  }

  #restart(): void {
    this.#epoch += 1;
    this.#running.clear();
    this.#overtaken.clear();
    this.#pages.clear();
    this.#generation = -1;
    this.loaded = false;
    this.cursor = -1;
    this.reveal = { row: 0, tick: this.reveal.tick + 1 };
    void this.#fetch(0);
    if (this.selected !== null) void this.locate(this.selected).catch(() => undefined);
  }

  async #reload(): Promise<void> {
    for (const page of this.#running) this.#overtaken.add(page);
    this.#pages.markStale();
    // Without a list on screen there is still the first page and the counts.
    this.ensure(this.#first, Math.max(this.#end, 1));
    await this.#facets();
    if (this.selected === null) return;
    const id = this.selected;
    const position = await this.#host.call('ticket_position', { filter: this.filter, order: this.order, id }).catch(() => null);
    if (this.selected === id) this.cursor = position ?? -1;
  }

  async #facets(): Promise<void> {
    try {
      this.facets = await this.#host.call('ticket_facets', { filter: views.unfinished });
      this.facetsAll = await this.#host.call('ticket_facets', { filter: views.all });
    } catch (thrown) {
      this.error = asApiError(thrown);
    }
  }

  async #fetch(page: number): Promise<void> {
    if (this.#running.has(page)) return;
    this.#running.add(page);
    const epoch = this.#epoch;
    try {
      const answer = await this.#host.call('ticket_rows', { filter: this.filter, order: this.order, start: page * PAGE_ROWS, limit: PAGE_ROWS });
      if (epoch !== this.#epoch) return;
      this.#running.delete(page);
      const moved = this.#generation >= 0 && answer.generation !== this.#generation;
      if (moved) this.#pages.markStale();
      this.#generation = answer.generation;
      this.#pages.put(page, answer.rows);
      this.total = answer.total;
      this.loaded = true;
      this.error = null;
      this.#version += 1;
      if (this.#overtaken.delete(page)) void this.#fetch(page);
      // The data moved on between two pages: the rest follows, not faster than the data moves.
      if (moved) this.#refresh.call();
    } catch (thrown) {
      if (epoch !== this.#epoch) return;
      this.#running.delete(page);
      this.#overtaken.delete(page);
      this.error = asApiError(thrown);
    }
  }
}
