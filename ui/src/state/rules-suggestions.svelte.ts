// Names that the desk knows, for those who write rules. Without an answer there are none, and typing still works.
import type { TicketFilter } from '../api/generated';
import type { Host } from '../host/host';

const ROWS_MAX = 200;
const EVERY: TicketFilter = { accounts: [], statuses: [], priorities: [], products: [], customers: [], vip: null, unfinished: false, breached: false };

export class RuleSuggestions {
  customers = $state.raw<string[]>([]);
  products = $state.raw<string[]>([]);
  #asked = false;
  readonly #host: Host;

  constructor(host: Host) {
    this.#host = host;
  }

  async load(): Promise<void> {
    if (this.#asked) return;
    this.#asked = true;
    try {
      const [page, facets] = await Promise.all([this.#host.call('ticket_rows', { filter: EVERY, order: 'updated', start: 0, limit: ROWS_MAX }), this.#host.call('ticket_facets', { filter: EVERY })]);
      this.customers = [...new Set(page.rows.map((row) => row.customer).filter((name) => name !== ''))].toSorted((a, b) => a.localeCompare(b));
      this.products = facets.by_product.map(([name]) => name).filter((name) => name !== '');
    } catch {
      this.#asked = false;
    }
  }
}
