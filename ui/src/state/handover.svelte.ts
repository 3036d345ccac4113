// The handover brief: for whom, over which time, what came of it, and the file it was written to.
import type { AccountId, ApiError, Handover } from '../api/generated';
import { asApiError, type Host } from '../host/host';
import { dayStart, readMoment, typedMoment, type TypedMoment } from '../lib/typed-moment';

/** Looked back, and ahead, when nobody says otherwise. */
const DAYS_BACK = 7;
const DAYS_AHEAD = 7;

export type HandoverQuestion = { manager: string | null; account: AccountId | null; customer: string | null; from: number; to: number };

export class HandoverState {
  /** Empty: of everybody. */
  manager = $state('');
  /** Of one customer only; its manager is then beside the point. */
  customer = $state.raw<{ account: AccountId; remote_id: string; name: string } | null>(null);
  from = $state<TypedMoment>({ date: '', time: '' });
  to = $state<TypedMoment>({ date: '', time: '' });
  brief = $state.raw<Handover | null>(null);
  error = $state.raw<ApiError | null>(null);
  loading = $state(false);
  writing = $state(false);
  /** Where the last one was written. */
  written = $state('');
  #asked = $state('');
  #run = 0;
  readonly #host: Host;

  constructor(host: Host) {
    this.#host = host;
    const now = Date.now();
    this.from = typedMoment(dayStart(now, -DAYS_BACK));
    this.to = typedMoment(dayStart(now, DAYS_AHEAD + 1));
  }

  get question(): HandoverQuestion | null {
    const [from, to] = [readMoment(this.from), readMoment(this.to)];
    if (from.at === null || to.at === null || to.at <= from.at) return null;
    const { customer } = this;
    return { manager: customer ? null : this.manager || null, account: customer?.account ?? null, customer: customer?.remote_id ?? null, from: from.at, to: to.at };
  }

  get reversed(): boolean {
    const [from, to] = [readMoment(this.from), readMoment(this.to)];
    return from.at !== null && to.at !== null && to.at <= from.at;
  }

  /** The page shows another question's answer than what is now chosen. */
  get outdated(): boolean {
    return this.brief !== null && this.#asked !== JSON.stringify(this.question);
  }

  async make(): Promise<void> {
    const { question } = this;
    if (!question) return;
    const run = ++this.#run;
    this.loading = true;
    try {
      const brief = await this.#host.call('handover', question);
      if (run !== this.#run) return;
      this.brief = brief;
      this.#asked = JSON.stringify(question);
      this.error = null;
    } catch (thrown) {
      if (run === this.#run) this.error = asApiError(thrown);
    } finally {
      if (run === this.#run) this.loading = false;
    }
  }

  /** The place it was saved to; null when the person thought better of it. */
  async save(): Promise<string | null> {
    const { question } = this;
    if (!question || this.writing) return null;
    this.writing = true;
    try {
      return await this.#host.call('handover_pdf', question);
    } finally {
      this.writing = false;
    }
  }
}
