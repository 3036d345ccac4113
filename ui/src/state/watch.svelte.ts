// Open clocks by time left. The core sorts them into lanes; the window moves cards on by itself as time passes and asks
// again when something changed, when a lane runs short, and every few minutes for the far end of the strip.
import type { ApiError, Watch } from '../api/generated';
import { asApiError, type Host } from '../host/host';
import { nextMove, relane } from '../lib/lanes';
import { Debounce } from './debounce';

/** Events of a burst are answered together: after a pause this long, at the latest five times as long. */
const REFRESH_MS = 400;
/** The strip and the figures are asked for anew at least this often while they are looked at. */
export const STALE_MS = 5 * 60_000;

export class WatchState {
  watch = $state.raw<Watch | null>(null);
  error = $state.raw<ApiError | null>(null);
  #next = Number.POSITIVE_INFINITY;
  #loading: Promise<void> | null = null;
  #again = false;
  readonly #refresh = new Debounce(() => void this.load(), REFRESH_MS);
  readonly #host: Host;

  constructor(host: Host) {
    this.#host = host;
  }

  /** One question at a time: what changes while it is under way is asked for once more, after it. */
  load(): Promise<void> {
    if (this.#loading) {
      this.#again = true;
      return this.#loading;
    }
    this.#loading = this.#ask().finally(() => {
      this.#loading = null;
      if (this.#again) {
        this.#again = false;
        this.#refresh.call();
      }
    });
    return this.#loading;
  }

  changed(): void {
    this.#refresh.call();
  }

  /** Called each second. */
  tick(now: number): void {
    const known = this.watch;
    if (!known) return;
    if (now >= known.midnight || now - known.now >= STALE_MS) this.#refresh.call();
    if (now < this.#next) return;
    const { watch, short } = relane(known, now);
    this.watch = watch;
    this.#next = nextMove(watch, now);
    if (short) this.#refresh.call();
  }

  async #ask(): Promise<void> {
    try {
      const watch = await this.#host.call('watch', {});
      this.watch = watch;
      this.error = null;
      this.#next = nextMove(watch, watch.now);
    } catch (thrown) {
      this.error = asApiError(thrown);
    }
  }
}
