// Customers and who answers for them: the list, the one that is looked at, and the change of manager and deputy being made.
import type { ApiError, CustomerCard, CustomerDetail, TicketId } from '../api/generated';
import { asApiError, type Host } from '../host/host';
import { Debounce } from './debounce';
import { HandoverState } from './handover.svelte';

const TYPED_AFTER_MS = 180;
const CHANGED_AFTER_MS = 600;
/** How often the list is read again at most while tickets keep changing. */
const CHANGED_AFTER_MS_MAX = 3_000;

export const CARE_TABS = ['customers', 'people', 'handover', 'sessions'] as const;
export type CareTab = (typeof CARE_TABS)[number];
type Named = Pick<CustomerCard, 'account' | 'remote_id'>;

export const cardKey = (card: Named): string => `${card.account}:${card.remote_id}`;

export class CustomersState {
  tab = $state<CareTab>('customers');
  query = $state('');
  cards = $state.raw<CustomerCard[] | null>(null);
  error = $state.raw<ApiError | null>(null);
  selected = $state<string | null>(null);
  detail = $state.raw<CustomerDetail | null>(null);
  detailError = $state.raw<ApiError | null>(null);
  /** The ticket that is open beside it, and whose it is. */
  ticket = $state<TicketId | null>(null);
  ticketCard = $state.raw<CustomerCard | null>(null);
  /** Manager and deputy as they are being changed; null while nobody changes them. */
  care = $state<{ key: string; manager: string; deputy: string } | null>(null);
  readonly handover: HandoverState;
  readonly #host: Host;
  readonly #typed = new Debounce(() => void this.load(), TYPED_AFTER_MS);
  readonly #changed = new Debounce(() => void this.refresh(), CHANGED_AFTER_MS, CHANGED_AFTER_MS_MAX);
  #shown = false;
  #asked = 0;
  #detailAsked = 0;
  #ticketAsked = 0;

  constructor(host: Host) {
    this.#host = host;
    this.handover = new HandoverState(host);
  }

  search(text: string): void {
    this.query = text;
    this.#typed.call();
  }

  /** Tickets or people changed. Nobody looks before a card was on the screen once. */
  changed(): void {
    if (this.#shown || this.ticket !== null) this.#changed.call();
  }

  async load(): Promise<void> {
    this.#shown = true;
    const asked = ++this.#asked;
    try {
      const cards = await this.#host.call('customers', { query: this.query.trim() });
      if (asked !== this.#asked) return;
      this.cards = cards;
      this.error = null;
    } catch (thrown) {
      if (asked === this.#asked) this.error = asApiError(thrown);
    }
  }

  async open(card: Named): Promise<void> {
    this.tab = 'customers';
    const key = cardKey(card);
    if (this.selected !== key) this.detail = null;
    this.selected = key;
    await this.#loadDetail(card);
  }

  close(): void {
    this.selected = null;
    this.detail = null;
  }

  beginCare(card: CustomerCard): void {
    const key = cardKey(card);
    if (this.care?.key !== key) this.care = { key, manager: card.manager, deputy: card.deputy };
  }

  endCare(): void {
    this.care = null;
  }

  async keepCare(card: CustomerCard): Promise<CustomerCard | null> {
    const { care } = this;
    if (!care || care.key !== cardKey(card)) return null;
    const kept = await this.#host.call('care_put', { account: card.account, remote_id: card.remote_id, manager: care.manager.trim(), deputy: care.deputy.trim() });
    this.care = null;
    this.cards = this.cards?.map((one) => (cardKey(one) === cardKey(kept) ? kept : one)) ?? null;
    if (this.selected === cardKey(kept)) await this.#loadDetail(kept);
    return kept;
  }

  /** The card of whom the open ticket belongs to. */
  async ofTicket(ticket: TicketId): Promise<void> {
    const asked = ++this.#ticketAsked;
    if (this.ticket !== ticket) this.ticketCard = null;
    this.ticket = ticket;
    const card = await this.#host.call('customer_of_ticket', { id: ticket });
    if (asked === this.#ticketAsked) this.ticketCard = card;
  }

  async #loadDetail(card: Named): Promise<void> {
    const asked = ++this.#detailAsked;
    try {
      const detail = await this.#host.call('customer_get', { account: card.account, remote_id: card.remote_id });
      if (asked !== this.#detailAsked) return;
      this.detail = detail;
      this.detailError = null;
    } catch (thrown) {
      if (asked === this.#detailAsked) this.detailError = asApiError(thrown);
    }
  }

  /** The card beside the open ticket; the list and the one that is looked at, once the screen was opened. */
  async refresh(): Promise<void> {
    if (this.ticket !== null) await this.ofTicket(this.ticket);
    if (!this.#shown) return;
    await this.load();
    const card = this.detail?.card;
    if (card && this.selected === cardKey(card)) await this.#loadDetail(card);
  }
}
