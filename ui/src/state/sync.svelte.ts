// How the desk stands towards its servers. Offline is one of the normal states.
import type { AccountId, AccountState, SyncStatus } from '../api/generated';
import type { Host } from '../host/host';

export type Connectivity = 'syncing' | 'failed' | 'offline' | 'waiting' | 'synced';

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

  get accounts(): AccountState[] {
    return this.status?.accounts ?? [];
  }

  get kind(): Connectivity {
    const status = this.status;
    if (!status) return 'waiting';
    if (status.work_offline || !status.online) return 'offline';
    const states = status.accounts.map((account) => account.state);
    if (states.includes('syncing')) return 'syncing';
    if (states.includes('failed')) return 'failed';
    if (states.length > 0 && states.every((state) => state === 'offline')) return 'offline';
    return states.includes('waiting') ? 'waiting' : 'synced';
  }

  /** The accounts that are pulling, as one figure; the total is unknown until every one of them knows its own. */
  get progress(): { done: number; total: number | null; perSecond: number; full: boolean } | null {
    const running = this.accounts.flatMap((account) => (account.state === 'syncing' && account.progress ? [account.progress] : []));
    if (running.length === 0) return null;
    return {
      done: running.reduce((sum, one) => sum + one.done, 0),
      total: running.some((one) => one.total === null) ? null : running.reduce((sum, one) => sum + (one.total ?? 0), 0),
      perSecond: running.reduce((sum, one) => sum + one.per_second, 0),
      full: running.some((one) => one.full),
    };
  }

  /** Somebody's very first pull is still running. */
  get firstPull(): boolean {
    return this.accounts.some((account) => account.account.last_synced_at === null && account.state === 'syncing');
  }
}
