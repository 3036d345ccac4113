// Opening hours of an entry as they are being edited: round the clock, or a week with special days.
import type { CalendarSpec } from '../../api/generated';
import type { Problem } from '../rules/check';
import { calendarDraft, emptyCalendar, specOf, type CalendarDraft } from '../rules/draft';
import { SPANS_PER_DAY_MAX, spanProblems } from '../rules/spans';
import { DAYS } from '../rules/types';

/** What an entry says in place of a calendar when it never closes. */
export const HOURS_ALWAYS = '7x24';
export const TIME_ZONE_DEFAULT = 'Asia/Shanghai';

/** `words`: hours that a source gave in words only; they stay with the entry. */
export type HoursDraft = { kind: 'always' | 'weekly'; words: string; calendar: CalendarDraft };

const unnamed = (calendar: CalendarSpec): CalendarDraft => calendarDraft('', { name_zh: '', name_en: '', calendar });

function noHours(): CalendarDraft {
  const empty = emptyCalendar('', TIME_ZONE_DEFAULT);
  for (const day of DAYS) empty.hours[day] = [];
  return empty;
}

export function hoursDraft(hours: string, calendar: CalendarSpec | null): HoursDraft {
  const always = calendar === null && hours.trim() === HOURS_ALWAYS;
  return { kind: always ? 'always' : 'weekly', words: always ? '' : hours, calendar: calendar ? unnamed(calendar) : noHours() };
}

export function hoursOf(draft: HoursDraft): { hours: string; calendar: CalendarSpec | null } {
  return draft.kind === 'always' ? { hours: HOURS_ALWAYS, calendar: null } : { hours: draft.words.trim() === HOURS_ALWAYS ? '' : draft.words.trim(), calendar: specOf(draft.calendar) };
}

/** Holidays and make-up workdays of another calendar in place of those there are; the week stays. */
export function withDaysOf(draft: HoursDraft, from: CalendarSpec): HoursDraft {
  const taken = unnamed(from);
  return { ...draft, calendar: { ...draft.calendar, tz: from.tz, days: taken.days, known_until: taken.known_until } };
}

export function hoursProblems(draft: HoursDraft): Problem[] {
  if (draft.kind === 'always') return [];
  return DAYS.flatMap((day) => {
    const spans = draft.calendar.hours[day];
    const place = `calendar.hours.${day}`;
    const found = spanProblems(spans).flatMap((problem, n): Problem[] => (problem ? [{ place: `${place}[${n}]`, key: `rules-wrong-span-${problem}`, args: {} }] : []));
    return spans.length > SPANS_PER_DAY_MAX ? [...found, { place, key: 'rules-wrong-span-many', args: { most: String(SPANS_PER_DAY_MAX) } }] : found;
  });
}
