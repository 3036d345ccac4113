// Open clocks by time left. The core sorts them into lanes; the window asks again when a card would change lane.
import type { ApiError, Watch } from '../api/generated';
import { asApiError, type Host } from '../host/host';
import { IMMINENT_MS, SOON_MS } from '../lib/countdown';
import { Debounce } from './debounce';

const REFRESH_MS = 250;

export class WatchState {
  watch = $state.raw<Watch | null>(null);
  error = $state.raw<ApiError | null>(null);
  #boundary = Number.POSITIVE_INFINITY;
  readonly #refresh = new Debounce(() => void this.load(), REFRESH_MS);
  readonly #host: Host;

  constructor(host: Host) {
    this.#host = host;
  }

  async load(): Promise<void> {
    try {
      const watch = await this.#host.call('watch', {});
      this.watch = watch;
      this.error = null;
      this.#boundary = nextBoundary(watch, Date.now());
    } catch (thrown) {
      this.error = asApiError(thrown);
    }
  }

  changed(): void {
    this.#refresh.call();
  }

  /** Called each second. */
  tick(now: number): void {
    if (now < this.#boundary) return;
    this.#boundary = Number.POSITIVE_INFINITY;
    this.#refresh.call();
  }
}

/** The next instant at which a card belongs in another lane, or the strip has moved by a minute. */
export function nextBoundary(watch: Watch, now: number): number {
  let next = Math.floor(now / 60_000) * 60_000 + 60_000;
  for (const card of watch.lanes.flatMap((lane) => lane.cards)) {
    for (const at of [card.deadline_at, card.deadline_at - IMMINENT_MS, card.deadline_at - SOON_MS]) {
      if (at > now && at < next) next = at;
    }
  }
  return next;
}
