// Taking lines or centres out of a file: what it would change is seen before anything does.
import type { ApiError, DirectoryKind, ImportPlan } from '../api/generated';
import { asApiError, type Host } from '../host/host';

export class ImportState {
  kind = $state<DirectoryKind>('line');
  plan = $state.raw<ImportPlan | null>(null);
  /** Why the file could not be read at all. */
  error = $state.raw<ApiError | null>(null);
  busy = $state(false);
  readonly #host: Host;
  readonly #applied: () => Promise<void>;

  constructor(host: Host, applied: () => Promise<void>) {
    this.#host = host;
    this.#applied = applied;
  }

  get open(): boolean {
    return this.plan !== null || this.error !== null;
  }

  async pick(kind: DirectoryKind): Promise<void> {
    this.kind = kind;
    this.error = null;
    this.busy = true;
    try {
      this.plan = await this.#host.call('directory_import_pick', { kind });
    } catch (thrown) {
      this.plan = null;
      this.error = asApiError(thrown);
    } finally {
      this.busy = false;
    }
  }

  /** How many entries were taken; null when they could not be, and the plan still stands. */
  async apply(): Promise<number | null> {
    if (!this.plan) return null;
    this.busy = true;
    this.error = null;
    try {
      const taken = await this.#host.call('directory_import_apply', { token: this.plan.token });
      this.plan = null;
      await this.#applied();
      return taken;
    } catch (thrown) {
      this.error = asApiError(thrown);
      return null;
    } finally {
      this.busy = false;
    }
  }

  close(): void {
    this.plan = null;
    this.error = null;
  }
}
