import type { OperationId, OperationRecord } from '../api/generated';
import type { Host } from '../host/host';

export class OutboxState {
  list = $state.raw<OperationRecord[]>([]);
  loaded = $state(false);
  waiting = $state(0);
  rejected = $state(0);
  /** A choice between two values is on its way. */
  busy = $state(false);
  readonly #host: Host;

  constructor(host: Host) {
    this.#host = host;
  }

  async load(): Promise<void> {
    this.list = await this.#host.call('outbox', {});
    this.loaded = true;
    this.waiting = this.list.filter((one) => ['queued', 'sending', 'unknown'].includes(one.state)).length;
    this.rejected = this.list.filter((one) => one.state === 'rejected').length;
  }

  find(id: OperationId): OperationRecord | null {
    return this.list.find((one) => one.id === id) ?? null;
  }

  async retry(id: OperationId): Promise<void> {
    await this.#host.call('outbox_retry', { id });
    await this.load();
  }

  /** Without reading the list again: whoever takes back many does that once. */
  async discard(id: OperationId): Promise<void> {
    await this.#host.call('outbox_discard', { id });
  }

  /** False when another choice was still on its way. */
  async resolve(id: OperationId, keep: 'mine' | 'theirs'): Promise<boolean> {
    if (this.busy) return false;
    this.busy = true;
    try {
      await this.#host.call('outbox_resolve', { id, keep });
      await this.load();
      return true;
    } finally {
      this.busy = false;
    }
  }
}
