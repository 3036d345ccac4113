// How the desk stands towards its servers. Offline is one of the normal states.
import type { AccountId, AccountState, SyncStatus } from '../api/generated';
import type { Host } from '../host/host';

export type Connectivity = 'syncing' | 'failed' | 'offline' | 'paused' | 'waiting' | 'synced';

export class SyncState {
  status = $state.raw<SyncStatus | null>(null);
  readonly #host: Host;
  #told = 0;

  constructor(host: Host) {
    this.#host = host;
  }

  /** What the core says unasked is newer than any answer still on its way. */
  tell(status: SyncStatus): void {
    this.#told += 1;
    this.status = status;
  }

  async load(): Promise<void> {
    const told = this.#told;
    const status = await this.#host.call('sync_status', {});
    if (told === this.#told) this.status = status;
  }

  async now(account: AccountId | null = null): Promise<void> {
    await this.#host.call('sync_now', { account });
  }

  /** Stops or resumes fetching; edits still go out. */
  async pause(account: AccountId, paused: boolean): Promise<void> {
    await this.#host.call('pull_pause', { account, paused });
    await this.load();
  }

  get accounts(): AccountState[] {
    return this.status?.accounts ?? [];
  }

  get kind(): Connectivity {
    const status = this.status;
    if (!status) return 'waiting';
    if (status.work_offline) return 'offline';
    const states = status.accounts.map((account) => account.state);
    // Before the very first answer nobody knows whether there is a network: what is being tried is what is true.
    if (states.includes('syncing')) return 'syncing';
    if (!status.online) return 'offline';
    if (states.includes('failed')) return 'failed';
    if (states.length > 0 && states.every((state) => state === 'offline')) return 'offline';
    if (states.includes('waiting')) return 'waiting';
    return states.length > 0 && states.every((state) => state === 'paused') ? 'paused' : 'synced';
  }

  /** The accounts that are pulling, as one figure; the total is unknown until every one of them knows its own. */
  get progress(): { done: number; total: number | null } | null {
    const running = this.accounts.flatMap((account) => (account.state === 'syncing' && account.progress ? [account.progress] : []));
    if (running.length === 0) return null;
    return {
      done: running.reduce((sum, one) => sum + one.done, 0),
      total: running.some((one) => one.total === null) ? null : running.reduce((sum, one) => sum + (one.total ?? 0), 0),
    };
  }

  /** Accounts whose very first pull is not over: running, paused, or waiting to go on. */
  get firstPulls(): AccountState[] {
    return this.accounts.filter((entry) => entry.account.last_synced_at === null && (entry.state === 'syncing' || entry.paused || (entry.progress?.full ?? false)));
  }
}
