// Search as one types. Answers that come late are dropped.
import type { ApiError, SearchAnswer } from '../api/generated';
import { asApiError, type Host } from '../host/host';
import { Debounce } from './debounce';
import { emptyFilter } from './tickets.svelte';

const WAIT_MS = 70;
const HITS_MAX = 12;

export class SearchState {
  query = $state('');
  answer = $state.raw<SearchAnswer | null>(null);
  error = $state.raw<ApiError | null>(null);
  #asked = 0;
  readonly #debounce = new Debounce(() => void this.#ask(), WAIT_MS, WAIT_MS * 3);
  readonly #host: Host;

  constructor(host: Host) {
    this.#host = host;
  }

  type(query: string): void {
    this.query = query;
    if (query.trim() === '') this.clear();
    else this.#debounce.call();
  }

  clear(): void {
    this.query = '';
    this.#asked += 1;
    this.#debounce.cancel();
    this.answer = null;
    this.error = null;
  }

  async #ask(): Promise<void> {
    const asked = ++this.#asked;
    const query = this.query.trim();
    try {
      const answer = await this.#host.call('search', { query: query.replace(/^#/, ''), filter: emptyFilter(), limit: HITS_MAX });
      if (asked !== this.#asked) return;
      // A ticket named by its own id comes first.
      const wanted = query.replace(/^#/, '').toLowerCase();
      this.answer = { ...answer, tickets: answer.tickets.toSorted((a, b) => Number(b.remote_id.toLowerCase() === wanted) - Number(a.remote_id.toLowerCase() === wanted)) };
      this.error = null;
    } catch (thrown) {
      if (asked === this.#asked) this.error = asApiError(thrown);
    }
  }
}
