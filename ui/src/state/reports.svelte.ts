// A replay: which history, under which rules, how far it is, and what came of it. What is typed stays over every change of screen.
import type { ApiError, DeskEvent, PickedHistory, ReplayAnswer, ReplaySource } from '../api/generated';
import { asApiError, type Host } from '../host/host';
import { problemsOf } from '../lib/rules/check';
import type { RuleSet } from '../api/generated';
import { draftOf, setOf, type RuleDraft } from '../lib/rules/draft';

export type HistoryKind = 'store' | 'file';
/** The rules in force, or a copy of some that can be changed here without saving them. */
export type CandidateKind = 'in_force' | 'changed';

export class ReportsState {
  history = $state<HistoryKind>('store');
  picked = $state.raw<PickedHistory | null>(null);
  picking = $state(false);
  /** Empty: the zone of the office hours. */
  tz = $state('');
  dates = $state<'' | 'dmy' | 'mdy'>('');
  candidate = $state<CandidateKind>('in_force');
  draft = $state<RuleDraft | null>(null);
  running = $state(false);
  done = $state(0);
  total = $state<number | null>(null);
  answer = $state.raw<ReplayAnswer | null>(null);
  error = $state.raw<ApiError | null>(null);
  /** What the answer was asked with. */
  #asked = $state('');
  #run = 0;
  readonly #host: Host;

  readonly key = $derived(JSON.stringify([this.history, this.picked?.token ?? '', this.tz, this.dates, this.candidate, this.candidate === 'changed' ? this.draft : null]));
  /** The answer belongs to other choices than those now on the screen. */
  readonly outdated = $derived(this.answer !== null && this.#asked !== this.key);
  readonly problems = $derived(this.candidate === 'changed' && this.draft ? problemsOf(this.draft) : []);
  readonly needsDates = $derived(this.history === 'file' && this.picked !== null && this.picked.dates_matter && this.picked.dates === null && this.dates === '');
  readonly ready = $derived((this.history === 'store' || this.picked !== null) && !this.needsDates && this.problems.length === 0 && (this.candidate === 'in_force' || this.draft !== null));

  constructor(host: Host) {
    this.#host = host;
  }

  /** Begins to change a copy of these rules. */
  change(set: RuleSet | RuleDraft): void {
    this.draft = 'from' in set ? draftOf(set) : structuredClone($state.snapshot(set) as RuleDraft);
    this.candidate = 'changed';
  }

  async pick(): Promise<void> {
    this.picking = true;
    this.error = null;
    try {
      const picked = await this.#host.call('replay_pick', {});
      if (picked) {
        this.picked = picked;
        this.history = 'file';
        this.dates = '';
      }
    } catch (thrown) {
      this.error = asApiError(thrown);
    } finally {
      this.picking = false;
    }
  }

  async run(): Promise<void> {
    if (!this.ready) return;
    const source = this.#source();
    if (!source) return;
    const run = ++this.#run;
    const { key } = this;
    Object.assign(this, { running: true, error: null, done: 0, total: null });
    try {
      const set = this.candidate === 'changed' && this.draft ? setOf($state.snapshot(this.draft) as RuleDraft) : null;
      const answer = await this.#host.call('replay_run', { source, set });
      if (run !== this.#run) return;
      this.answer = answer;
      this.#asked = key;
    } catch (thrown) {
      const error = asApiError(thrown);
      // A stop that was asked for is no news.
      if (run === this.#run && error.code !== 'replay_cancelled') this.error = error;
      if (error.code === 'history_gone') this.picked = null;
    } finally {
      if (run === this.#run) this.running = false;
    }
  }

  async stop(): Promise<void> {
    this.#run += 1;
    this.running = false;
    await this.#host.call('replay_cancel', {});
  }

  /** The place it was saved to; null when the person thought better of it. */
  export(): Promise<string | null> {
    return this.#host.call('replay_export', {});
  }

  event(event: Extract<DeskEvent, { event: 'replay_changed' }>): void {
    if (!this.running) return;
    this.done = event.done;
    this.total = event.total;
  }

  #source(): ReplaySource | null {
    if (this.history === 'store') return { kind: 'store' };
    if (!this.picked) return null;
    return { kind: 'file', token: this.picked.token, tz: this.tz.trim() || null, dates: this.dates || null };
  }
}
