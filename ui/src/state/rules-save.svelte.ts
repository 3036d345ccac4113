// Saving rules: from when they apply, what that would change, and only then the save itself.
import type { ApiError, DryRun, RuleSet, RulesView, UtcMs } from '../api/generated';
import { asApiError, type Host } from '../host/host';
import { dayOf, tidyDate } from '../lib/rules/dates';
import { minuteOf, tidyTime } from '../lib/rules/spans';

export type SaveMode = 'now' | 'date' | 'all';
export type When = { from: UtcMs | null; backwards: boolean };
type Edited = { set: () => RuleSet | null; key: () => string; problems: () => number; kept: (view: RulesView) => void };

const CLOSE_MS = 60_000;

export class SaveState {
  mode = $state<SaveMode>('now');
  date = $state('');
  time = $state('00:00');
  busy = $state<'counting' | 'saving' | null>(null);
  error = $state.raw<ApiError | null>(null);
  #counted = $state.raw<{ key: string; run: DryRun } | null>(null);
  #runs = 0;
  readonly #host: Host;
  readonly #edited: Edited;

  constructor(host: Host, edited: Edited) {
    this.#host = host;
    this.#edited = edited;
  }

  /** Catalogue key of what is wrong with the date as typed. */
  get wrong(): string | null {
    if (this.mode !== 'date') return null;
    if (this.date.trim() === '') return 'rules-wrong-from-missing';
    const at = this.#dated();
    if (at === null) return 'rules-wrong-from';
    return at < Date.now() - CLOSE_MS ? 'rules-wrong-from-past' : null;
  }

  get when(): When | null {
    if (this.mode !== 'date') return { from: null, backwards: this.mode === 'all' };
    return this.wrong === null ? { from: this.#dated(), backwards: false } : null;
  }

  /** What the rules as they stand would change from that moment; null while that is not known. */
  get counted(): DryRun | null {
    return this.#counted?.key === this.#key() ? this.#counted.run : null;
  }

  get ready(): boolean {
    return this.counted !== null && this.busy === null && this.#edited.problems() === 0;
  }

  async count(): Promise<void> {
    const [set, when, key] = [this.#edited.set(), this.when, this.#key()];
    if (!set || !when || this.#counted?.key === key || this.#edited.problems() > 0) return;
    const mine = (this.#runs += 1);
    this.busy = 'counting';
    this.error = null;
    try {
      const run = await this.#host.call('rules_dry_run', { set, ...when });
      if (mine === this.#runs) this.#counted = { key, run };
    } catch (thrown) {
      if (mine === this.#runs) this.error = asApiError(thrown);
    } finally {
      if (mine === this.#runs) this.busy = null;
    }
  }

  /** Saves what was counted and shown, nothing else. */
  async keep(): Promise<boolean> {
    const [set, when] = [this.#edited.set(), this.when];
    if (!set || !when || !this.ready) return false;
    this.busy = 'saving';
    this.error = null;
    try {
      this.#edited.kept(await this.#host.call('rules_put', { set, ...when }));
      return true;
    } catch (thrown) {
      this.error = asApiError(thrown);
      return false;
    } finally {
      this.busy = null;
    }
  }

  choose({ from, backwards }: When): void {
    this.mode = backwards ? 'all' : from === null ? 'now' : 'date';
    if (from === null) return;
    const at = new Date(from);
    const two = (n: number): string => String(n).padStart(2, '0');
    this.date = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
    this.time = `${two(at.getHours())}:${two(at.getMinutes())}`;
  }

  reset(): void {
    this.#counted = null;
    this.error = null;
    this.mode = 'now';
    this.date = '';
    this.time = '00:00';
  }

  #dated(): UtcMs | null {
    const [date, time] = [tidyDate(this.date), tidyTime(this.time)];
    const minute = minuteOf(time);
    if (dayOf(date) === null || minute === null || minute >= 1440) return null;
    return new Date(`${date}T${time}:00`).getTime();
  }

  #key(): string {
    const { when } = this;
    return `${this.#edited.key()} ${when ? JSON.stringify(when) : 'none'}`;
  }
}
