import type { OperationId, OperationRecord } from '../api/generated';
import type { Host } from '../host/host';

export class OutboxState {
  list = $state.raw<OperationRecord[]>([]);
  loaded = $state(false);
  waiting = $state(0);
  rejected = $state(0);
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

  async retry(id: OperationId): Promise<void> {
    await this.#host.call('outbox_retry', { id });
    await this.load();
  }

  async discard(id: OperationId): Promise<void> {
    await this.#host.call('outbox_discard', { id });
    await this.load();
  }
}
