// What each server lets people choose from. Asked for when it is first needed, and kept.
import { SvelteMap } from 'svelte/reactivity';
import type { AccountId, Catalogue } from '../api/generated';
import type { Host } from '../host/host';

export class Catalogues {
  readonly #known = new SvelteMap<AccountId, Catalogue>();
  readonly #asked = new Map<AccountId, Promise<Catalogue>>();
  readonly #host: Host;

  constructor(host: Host) {
    this.#host = host;
  }

  get(account: AccountId | null): Catalogue | null {
    return account === null ? null : (this.#known.get(account) ?? null);
  }

  /** The core answers from its own copy and refreshes that one daily. */
  async ask(account: AccountId): Promise<Catalogue> {
    const asked = this.#asked.get(account) ?? this.#host.call('account_catalogue', { account });
    this.#asked.set(account, asked);
    try {
      const catalogue = await asked;
      this.#known.set(account, catalogue);
      return catalogue;
    } finally {
      this.#asked.delete(account);
    }
  }

  /** For suggestions: without an answer there are none, and typing still works. */
  async load(account: AccountId): Promise<void> {
    await this.ask(account).catch(() => undefined);
  }
}
