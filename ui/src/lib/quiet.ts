// Quiet hours and do-not-disturb by this computer's wall clock, for words and editors. The core decides; this says.
import type { QuietHours } from '../api/generated';

export const DAY_MINUTES = 24 * 60;
const MORNING_HOUR = 8;
/** Nights that follow each other are looked through for so many days. */
const CHAIN_DAYS_MAX = 8;

/** `22`, `2230`, `22:30` and `22：30`; 24:00 is the day's end, which is midnight. Null for what is no time of day. */
export function parseMinute(text: string): number | null {
  const found = /^(\d{1,2})(?:[:：.]?(\d{2}))?$/.exec(text.trim());
  if (!found) return null;
  const minute = Number(found[1]) * 60 + Number(found[2] ?? 0);
  if (Number(found[2] ?? 0) > 59 || minute > DAY_MINUTES) return null;
  return minute % DAY_MINUTES;
}

const two = (n: number): string => String(n).padStart(2, '0');
export const minuteText = (minute: number): string => `${two(Math.floor(minute / 60))}:${two(minute % 60)}`;

/** Monday is 1. */
const weekday = (at: Date): number => ((at.getDay() + 6) % 7) + 1;
const begins = (quiet: QuietHours, at: Date): boolean => quiet.days.length === 0 || quiet.days.includes(weekday(at));
const wall = (day: Date, days: number, minute: number): Date => new Date(day.getFullYear(), day.getMonth(), day.getDate() + days, Math.floor(minute / 60), minute % 60);

function stretchEnd(quiet: QuietHours, at: Date): Date | null {
  const minute = at.getHours() * 60 + at.getMinutes();
  const { from_minute: from, to_minute: to } = quiet;
  if (from < to) return minute >= from && minute < to && begins(quiet, at) ? wall(at, 0, to) : null;
  if (minute >= from && begins(quiet, at)) return wall(at, 1, to);
  return minute < to && begins(quiet, wall(at, -1, 0)) ? wall(at, 0, to) : null;
}

/** When the quiet stretch around `now` ends; null when it is not quiet. */
export function quietUntil(quiet: QuietHours | null, now: number): number | null {
  if (!quiet) return null;
  let end = stretchEnd(quiet, new Date(now));
  for (let day = 1; end && day < CHAIN_DAYS_MAX; day += 1) {
    const next = stretchEnd(quiet, end);
    if (!next) break;
    end = next;
  }
  return end?.getTime() ?? null;
}

/** Minutes until the 8:00 that comes next, at least one. */
export function minutesUntilMorning(now: number): number {
  const at = new Date(now);
  const morning = wall(at, at.getHours() < MORNING_HOUR ? 0 : 1, MORNING_HOUR * 60);
  return Math.max(1, Math.ceil((morning.getTime() - now) / 60_000));
}

export const beforeMorning = (now: number): boolean => new Date(now).getHours() < MORNING_HOUR;
