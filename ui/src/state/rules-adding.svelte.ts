// Dates about to be added to a calendar: half typed ones stay.
import type { Problem } from '../lib/rules/check';
import { datesBetween, dayOf, tidyDate } from '../lib/rules/dates';
import type { CalendarDraft, SpecialDay, SpecialKind } from '../lib/rules/draft';
import { makeupHours } from '../lib/rules/holidays';
import type { Span } from '../lib/rules/types';

const DAYS_MAX = 366;
const LUNCH: Span[] = [['12:00', '13:30']];

export class AddDraft {
  kind = $state<SpecialKind>('holiday');
  from = $state('');
  to = $state('');
  name = $state('');

  get wrong(): { from: Problem[]; to: Problem[] } {
    const says = (key: string, args: Record<string, string> = {}): Problem[] => [{ place: key, key: `rules-wrong-${key}`, args }];
    const [first, last] = [dayOf(tidyDate(this.from)), dayOf(tidyDate(this.to))];
    const from = this.from.trim() !== '' && first === null ? says('date') : [];
    if (this.to.trim() === '') return { from, to: [] };
    if (last === null) return { from, to: says('date') };
    if (first !== null && last < first) return { from, to: says('range') };
    return { from, to: first !== null && last - first >= DAYS_MAX ? says('range-long', { most: String(DAYS_MAX) }) : [] };
  }

  /** The new days of a calendar; those it has already are left as they are. Empty while something is wrong. */
  days(calendar: CalendarDraft, uid: () => number): SpecialDay[] {
    const { wrong } = this;
    if (wrong.from.length + wrong.to.length > 0) return [];
    const from = tidyDate(this.from);
    const group = (kind: SpecialKind): boolean => kind === 'break';
    const has = (date: string): boolean => calendar.days.some((day) => day.date === date && group(day.kind) === group(this.kind));
    const spans = (): Span[] => (this.kind === 'holiday' ? [] : this.kind === 'shift' ? makeupHours(calendar) : LUNCH.map(([a, b]) => [a, b]));
    return datesBetween(from, this.to.trim() === '' ? from : tidyDate(this.to), DAYS_MAX)
      .filter((date) => !has(date))
      .map((date) => ({ uid: uid(), kind: this.kind, date, name: this.kind === 'break' ? '' : this.name.trim(), spans: spans(), shelf: Number(date.slice(0, 4)) }));
  }

  clear(): void {
    this.from = '';
    this.to = '';
    this.name = '';
  }
}
