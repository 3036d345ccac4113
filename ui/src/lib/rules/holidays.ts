// A published holiday notice, merged into a calendar: what it adds, what it turns round, and nothing that it does not name.
import type { ImportedHolidays } from '../../api/generated';
import type { CalendarDraft, SpecialDay } from './draft';
import { copySpans } from './spans';
import { DAYS, type Span } from './types';

type Line = { date: string; name: string };
export type HolidayMerge = {
  /** Days off and make-up workdays that the calendar does not have. */
  off: Line[];
  makeup: Line[];
  /** Dates that were the other kind, or had another name. */
  turned: Line[];
  renamed: Line[];
  /** Dates that are as the notice says already. */
  known: number;
  /** The last date known afterwards; empty where it does not move. */
  known_until: string;
  /** Hours of the make-up workdays. */
  hours: Span[];
};

/** What make-up workdays are served: as most of those there are, else as the first working day of the week. */
export function makeupHours(calendar: CalendarDraft): Span[] {
  const counted = new Map<string, { n: number; spans: Span[] }>();
  for (const day of calendar.days) {
    if (day.kind !== 'shift' || day.spans.length === 0) continue;
    const key = JSON.stringify(day.spans);
    counted.set(key, { n: (counted.get(key)?.n ?? 0) + 1, spans: day.spans });
  }
  const most = [...counted.values()].toSorted((a, b) => b.n - a.n)[0];
  const weekday = DAYS.map((day) => calendar.hours[day]).find((spans) => spans.length > 0);
  return copySpans(most?.spans ?? weekday ?? [['09:00', '18:00']]);
}

const lastKnownYear = (calendar: CalendarDraft): number => {
  const text = calendar.known_until.trim();
  if (/^\d{4}/.test(text)) return Number(text.slice(0, 4));
  return Math.max(0, ...calendar.days.filter((day) => day.kind === 'holiday').map((day) => day.shelf));
};

export function planMerge(calendar: CalendarDraft, imported: ImportedHolidays): HolidayMerge {
  const plan: HolidayMerge = { off: [], makeup: [], turned: [], renamed: [], known: 0, known_until: '', hours: makeupHours(calendar) };
  const take = (kind: 'holiday' | 'shift', date: string, name: string): void => {
    const here = calendar.days.find((day) => day.kind !== 'break' && day.date === date);
    const line = { date, name };
    if (!here) (kind === 'holiday' ? plan.off : plan.makeup).push(line);
    else if (here.kind !== kind) plan.turned.push(line);
    else if (here.name !== name && name !== '') plan.renamed.push(line);
    else plan.known += 1;
  };
  for (const year of imported.years) {
    for (const [date, name] of year.off) take('holiday', date, name);
    for (const [date, name] of year.makeup) take('shift', date, name);
  }
  let last = lastKnownYear(calendar);
  const before = last;
  const years = imported.years.map((one) => one.year);
  if (last === 0 && years.length > 0) last = Math.min(...years) - 1;
  while (years.includes(last + 1)) last += 1;
  if (last > before) plan.known_until = `${last}-12-31`;
  return plan;
}

export const mergeSize = (plan: HolidayMerge): number => plan.off.length + plan.makeup.length + plan.turned.length + plan.renamed.length;

/** The calendar's days with the notice in them. `uid` numbers the new ones. */
export function merged(calendar: CalendarDraft, imported: ImportedHolidays, uid: () => number): { days: SpecialDay[]; known_until: string } {
  const plan = planMerge(calendar, imported);
  const days = calendar.days.map((day) => ({ ...day }));
  const take = (kind: 'holiday' | 'shift', date: string, name: string): void => {
    const here = days.find((day) => day.kind !== 'break' && day.date === date);
    const spans = kind === 'shift' ? copySpans(plan.hours) : [];
    if (!here) days.push({ uid: uid(), kind, date, name, spans, shelf: Number(date.slice(0, 4)) });
    else if (here.kind !== kind) Object.assign(here, { kind, name, spans });
    else if (name !== '') here.name = name;
  };
  for (const year of imported.years) {
    for (const [date, name] of year.off) take('holiday', date, name);
    for (const [date, name] of year.makeup) take('shift', date, name);
  }
  return { days: days.toSorted((a, b) => a.date.localeCompare(b.date)), known_until: plan.known_until || calendar.known_until };
}
