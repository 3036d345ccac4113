// A ticket being written. What is typed is kept by the core while it is typed, so that closing the window loses nothing.
import type { AccountId, AccountState, ApiError, Catalogue, CreatedTicket, FileRef, NewTicket, NewTicketDraft, Priority } from '../api/generated';
import { asApiError, type Host } from '../host/host';
import { newMarker } from '../lib/marker';
import type { Catalogues } from './catalogues.svelte';
import { Autosave } from './debounce';

export const AUTOSAVE_MS = 400;
const SHELF_MAX = 20;

export type TicketFields = Omit<NewTicket, 'priority'> & { priority: Priority };
export type MissingField = 'account' | 'subject' | 'body' | 'category';
type Shelved = { account: AccountId | null; ticket: TicketFields; marker: string; aside: string };

const shelved = ({ account, ticket, marker, aside }: NewTicketDraft): Shelved => ({ account, ticket: { ...ticket, priority: ticket.priority ?? 'routine' }, marker, aside });
const blank = (): TicketFields => ({ subject: '', body: '', priority: 'routine', product: '', category: '', customer: '', requester: '', tags: [], custom_fields: {}, files: [] });

export class NewTicketState {
  open = $state(false);
  account = $state<AccountId | null>(null);
  fields = $state<TicketFields>(blank());
  catalogue = $state.raw<Catalogue | null>(null);
  catalogueError = $state.raw<ApiError | null>(null);
  save = $state<'clean' | 'dirty' | 'saved' | 'failed'>('clean');
  sending = $state(false);
  error = $state.raw<ApiError | null>(null);
  /** Asked to send: from then on what is missing is marked. */
  tried = $state(false);
  /** Internal notes that were written on a ticket that came back: shown beside it, never sent with it. */
  aside = $state('');
  /** Tickets that came back while another one was being written. */
  shelf = $state.raw<Shelved[]>([]);

  #attempt: { marker: string; content: string } | null = null;
  #marker = '';
  #filed = $state.raw<ReadonlySet<AccountId>>(new Set());
  #loaded = false;
  #saving: Promise<void> = Promise.resolve();
  readonly #catalogues: Catalogues;
  readonly #autosave = new Autosave(() => this.#put(), AUTOSAVE_MS, 4000);
  readonly #host: Host;

  constructor(host: Host, catalogues: Catalogues) {
    this.#host = host;
    this.#catalogues = catalogues;
  }

  /** Accounts that take new tickets. */
  static offered(accounts: readonly AccountState[]): AccountState[] {
    return accounts.filter((entry) => entry.account.capabilities.operations.includes('create_ticket'));
  }

  /** Whether the server takes no ticket without a category or queue. */
  get filed(): boolean {
    return this.account !== null && this.#filed.has(this.account);
  }

  async show(accounts: readonly AccountState[]): Promise<void> {
    this.open = true;
    this.#filed = new Set(accounts.filter((entry) => entry.account.kind !== 'hub').map((entry) => entry.account.id));
    await this.#load();
    const offered = NewTicketState.offered(accounts).map((entry) => entry.account.id);
    const account = this.account !== null && offered.includes(this.account) ? this.account : (offered[0] ?? null);
    await this.choose(account);
  }

  async choose(account: AccountId | null): Promise<void> {
    if (this.account !== account) {
      // Ids of one server mean nothing on another.
      if (this.account !== null) Object.assign(this.fields, { category: '', product: '', customer: '', custom_fields: {} });
      this.account = account;
      this.touched();
    }
    this.catalogueError = null;
    this.catalogue = this.#catalogues.get(account);
    if (account === null) return;
    try {
      const catalogue = await this.#catalogues.ask(account);
      if (this.account === account) this.catalogue = catalogue;
    } catch (thrown) {
      if (this.account === account) this.catalogueError = asApiError(thrown);
    }
  }

  /** Something was typed. */
  touched(): void {
    this.save = 'dirty';
    this.#autosave.call();
  }

  setCustomField(name: string, value: string): void {
    const rest = Object.fromEntries(Object.entries(this.fields.custom_fields).filter(([key]) => key !== name));
    this.fields.custom_fields = value === '' ? rest : { ...rest, [name]: value };
    this.touched();
  }

  putFiles(files: FileRef[]): void {
    this.fields.files = files;
    this.touched();
  }

  flush(): void {
    this.#autosave.flush();
  }

  get empty(): boolean {
    const { subject, body, tags, files, custom_fields } = this.fields;
    return subject.trim() === '' && body.trim() === '' && tags.length === 0 && files.length === 0 && Object.keys(custom_fields).length === 0;
  }

  get missing(): MissingField[] {
    const { subject, body, category } = this.fields;
    const needsCategory = (this.filed || (this.catalogue?.categories.length ?? 0) > 0) && category === '';
    return [
      ...(this.account === null ? (['account'] as const) : []),
      ...(needsCategory ? (['category'] as const) : []),
      ...(subject.trim() === '' ? (['subject'] as const) : []),
      ...(body.trim() === '' ? (['body'] as const) : []),
    ];
  }

  /** The new ticket, once the outbox has it; null when something is missing or failed, with everything still in the form. */
  async send(): Promise<CreatedTicket | null> {
    this.tried = true;
    const { account } = this;
    if (this.sending || account === null || this.missing.length > 0) return null;
    const ticket: NewTicket = $state.snapshot(this.fields);
    const content = JSON.stringify([account, ticket]);
    if (this.#attempt?.content !== content) this.#attempt = { marker: newMarker(), content };
    this.sending = true;
    this.error = null;
    this.#autosave.flush();
    await this.#saving;
    try {
      const created = await this.#host.call('ticket_create', { account, ticket, marker: this.#attempt.marker });
      this.#attempt = null;
      this.clear();
      this.open = false;
      return created;
    } catch (thrown) {
      this.error = asApiError(thrown);
      return null;
    } finally {
      this.sending = false;
    }
  }

  clear(): void {
    this.fields = blank();
    [this.#marker, this.aside] = ['', ''];
    this.tried = false;
    this.error = null;
    this.#autosave.cancel();
    void this.#put();
  }

  /** Looks for tickets that were taken back: into the form, or beside it while another one is being written. */
  async takeReturned(): Promise<void> {
    if (!this.#loaded) {
      await this.#load();
      return;
    }
    this.flush();
    await this.#saving;
    const known = new Set([this.#marker, ...this.shelf.map((one) => one.marker)]);
    const returned = (await this.#host.call('new_ticket_drafts', {})).filter((one) => one.marker !== '' && !known.has(one.marker)).map(shelved);
    for (const one of returned) {
      if (this.empty) this.#fill(one);
      else this.shelf = [one, ...this.shelf].slice(0, SHELF_MAX);
    }
    void this.#put();
  }

  /** Puts what is in the form aside, and the first of those aside into the form. */
  swap(): void {
    const [next, ...rest] = this.shelf;
    if (!next) return;
    this.shelf = this.empty ? rest : [...rest, this.#mine];
    this.#fill(next);
    this.touched();
    void this.choose(next.account);
  }

  get #mine(): Shelved {
    return { account: this.account, ticket: $state.snapshot(this.fields), marker: this.#marker, aside: this.aside };
  }

  #fill({ account, ticket, marker, aside }: Shelved): void {
    [this.account, this.#marker, this.aside] = [account, marker, aside];
    this.fields = structuredClone(ticket);
    this.tried = false;
  }

  async #load(): Promise<void> {
    if (this.#loaded) return;
    this.#loaded = true;
    try {
      const kept = await this.#host.call('new_ticket_drafts', {});
      const [first, ...rest] = kept.map(shelved);
      if (!first) return;
      if (this.empty) {
        this.#fill(first);
        this.shelf = [...this.shelf, ...rest];
        this.save = 'saved';
      } else this.shelf = [...this.shelf, first, ...rest];
    } catch (thrown) {
      this.#loaded = false;
      this.error = asApiError(thrown);
    }
  }

  #put(): Promise<void> {
    const mine: Shelved[] = this.empty ? [] : [this.#mine];
    const drafts = [...mine, ...this.shelf];
    this.#saving = this.#saving.then(async () => {
      try {
        await this.#host.call('new_ticket_drafts_put', { drafts });
        this.save = mine.length > 0 ? 'saved' : 'clean';
      } catch {
        this.save = 'failed';
      }
    });
    return this.#saving;
  }
}
