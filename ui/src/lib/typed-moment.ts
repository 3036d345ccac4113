// A date and a time of day as a person types them, on this computer's wall clock.
import { minuteText, parseMinute } from './quiet';
import { dayOf, tidyDate, yearOf } from './rules/dates';

export type TypedMoment = { date: string; time: string };
/** `skipped`: the clock is put forward past it, so that there is no such time; `next` is the first moment after the gap. */
export type ReadMoment = { at: number; fault: null } | { at: null; fault: 'date' | 'time' } | { at: null; fault: 'skipped'; next: number };

const two = (n: number): string => String(n).padStart(2, '0');
const MINUTE_MS = 60_000;
/** No clock was ever put forward by more in one go, a skipped date aside. */
const GAP_MINUTES_MAX = 180;

export function typedMoment(at: number): TypedMoment {
  const when = new Date(at);
  return { date: `${when.getFullYear()}-${two(when.getMonth() + 1)}-${two(when.getDate())}`, time: minuteText(when.getHours() * 60 + when.getMinutes()) };
}

export function readMoment(typed: TypedMoment): ReadMoment {
  const date = tidyDate(typed.date);
  const year = yearOf(date);
  if (year === null || dayOf(date) === null) return { at: null, fault: 'date' };
  const minute = parseMinute(typed.time);
  if (minute === null) return { at: null, fault: 'time' };
  const wall = (minutes: number): Date => new Date(year, Number(date.slice(5, 7)) - 1, Number(date.slice(8)), Math.floor(minutes / 60), minutes % 60);
  const shows = (when: Date, minutes: number): boolean => when.getHours() * 60 + when.getMinutes() === minutes % 1440;
  const when = wall(minute);
  if (shows(when, minute)) return { at: when.getTime(), fault: null };
  for (let later = minute + 1; later <= minute + GAP_MINUTES_MAX; later += 1) {
    const next = wall(later);
    if (shows(next, later)) return { at: null, fault: 'skipped', next: next.getTime() };
  }
  return { at: null, fault: 'skipped', next: when.getTime() };
}

/** The next full half hour at least `aheadMinutes` from now. */
export function nextHalfHour(now: number, aheadMinutes: number): number {
  const at = now + aheadMinutes * MINUTE_MS;
  return Math.ceil(at / (30 * MINUTE_MS)) * 30 * MINUTE_MS;
}

/** Midnight that begins the day of `at`, some days on. */
export function dayStart(at: number, days = 0): number {
  const when = new Date(at);
  return new Date(when.getFullYear(), when.getMonth(), when.getDate() + days).getTime();
}
