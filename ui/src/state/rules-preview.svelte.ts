// One month of a calendar as the core reads it.
import type { MonthPreview, PreviewDay } from '../api/generated';
import { dayOf, weekdayOf } from '../lib/rules/dates';
import type { CalendarDraft } from '../lib/rules/draft';
import { Debounce } from './debounce';

const ASK_AFTER_MS = 120;
const YEAR_MIN = 1900;
const YEAR_MAX = 2200;
type Asked = { preview: (calendar: CalendarDraft, year: number, month: number) => Promise<MonthPreview & { whole: boolean }> };

export class PreviewState {
  year = $state(new Date().getFullYear());
  month = $state(new Date().getMonth() + 1);
  days = $state.raw<PreviewDay[]>([]);
  /** What is shown is not all that is typed: some of it cannot be read. */
  stale = $state(false);
  #calendar: CalendarDraft | null = null;
  #asks = 0;
  readonly #rules: Asked;
  readonly #asking = new Debounce(() => void this.#fetch(), ASK_AFTER_MS);

  constructor(rules: Asked) {
    this.#rules = rules;
  }

  /** Monday first; null beside the month. */
  get weeks(): (PreviewDay | null)[][] {
    const first = dayOf(this.days[0]?.date ?? '');
    if (first === null) return [];
    const cells = [...Array.from({ length: weekdayOf(first) }, () => null), ...this.days];
    return Array.from({ length: Math.ceil(cells.length / 7) }, (_, n) => Array.from({ length: 7 }, (_cell, at) => cells[n * 7 + at] ?? null));
  }

  get openDays(): number {
    return this.days.filter((day) => day.open_ms > 0).length;
  }

  get openMs(): number {
    return this.days.reduce((sum, day) => sum + day.open_ms, 0);
  }

  ask(calendar: CalendarDraft): void {
    this.#calendar = calendar;
    if (this.days.length === 0) void this.#fetch();
    else this.#asking.call();
  }

  step(by: number): void {
    const at = this.year * 12 + this.month - 1 + by;
    const year = Math.floor(at / 12);
    if (year < YEAR_MIN || year > YEAR_MAX) return;
    this.year = year;
    this.month = (at % 12) + 1;
  }

  today(): void {
    this.year = new Date().getFullYear();
    this.month = new Date().getMonth() + 1;
  }

  stop(): void {
    this.#asking.cancel();
  }

  async #fetch(): Promise<void> {
    const calendar = this.#calendar;
    if (!calendar) return;
    const mine = (this.#asks += 1);
    try {
      const found = await this.#rules.preview(calendar, this.year, this.month);
      if (mine !== this.#asks) return;
      this.stale = !found.whole || found.problems.length > 0;
      if (found.days.length > 0) this.days = found.days;
    } catch {
      if (mine === this.#asks) this.stale = true;
    }
  }
}
