// Wall clocks of a place: dates and minutes of the day in its time zone. Visits are shown in the hours of their centre.
import { l10n, t } from '../l10n.svelte';

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
export const DAY_MINUTES = 1440;
/** What centres that name no zone go by (as the directory does). */
export const ZONE_DEFAULT = 'Asia/Shanghai';

export type Wall = { date: string; minute: number };

const formats = new Map<string, Intl.DateTimeFormat>();

function made(key: string, make: () => Intl.DateTimeFormat): Intl.DateTimeFormat {
  const found = formats.get(key);
  if (found) return found;
  const format = make();
  formats.set(key, format);
  return format;
}

/** A zone that this computer knows; else the default one. */
export function knownZone(zone: string | undefined): string {
  if (!zone) return ZONE_DEFAULT;
  try {
    made(`parts ${zone}`, () => new Intl.DateTimeFormat('en-GB', { timeZone: zone, calendar: 'gregory', year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }));
    return zone;
  } catch {
    return ZONE_DEFAULT;
  }
}

export const systemZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

export function wall(at: number, zone: string): Wall {
  const known = knownZone(zone);
  const format = made(`parts ${known}`, () => new Intl.DateTimeFormat('en-GB', { timeZone: known }));
  const part = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]));
  return { date: `${part['year']}-${part['month']}-${part['day']}`, minute: Number(part['hour']) * 60 + Number(part['minute']) };
}

/** The instant of a wall time; one that the clock is put forward past is the same stretch later. */
export function instant(date: string, minute: number, zone: string): number {
  const target = utc(date) + minute * MINUTE_MS;
  // Twice, since the offset at the first guess may be that of the other side of a change.
  let guess = target;
  for (let turn = 0; turn < 2; turn += 1) guess = target - offset(guess, zone);
  return guess;
}

function offset(at: number, zone: string): number {
  const seen = wall(at, zone);
  return utc(seen.date) + seen.minute * MINUTE_MS - Math.floor(at / MINUTE_MS) * MINUTE_MS;
}

const utc = (date: string): number => Date.parse(`${date}T00:00:00Z`);

export const addDays = (date: string, days: number): string => new Date(utc(date) + days * DAY_MS).toISOString().slice(0, 10);

/** 1 Monday … 7 Sunday. */
export const weekdayOf = (date: string): number => new Date(utc(date)).getUTCDay() || 7;

/** Monday to Sunday of the week that holds the date. */
export function weekOf(date: string): string[] {
  const monday = addDays(date, 1 - weekdayOf(date));
  return Array.from({ length: 7 }, (_, n) => addDays(monday, n));
}

export const dayNumber = (date: string): number => Number(date.slice(8));

function say(name: string, options: Intl.DateTimeFormatOptions, date: string): string {
  return made(`${l10n.language} ${name}`, () => new Intl.DateTimeFormat(l10n.language, { timeZone: 'UTC', ...options })).format(utc(date));
}

export const weekdayName = (date: string): string => say('weekday', { weekday: 'short' }, date);
export const dateName = (date: string): string => say('date', { month: 'short', day: 'numeric' }, date);
export const longDateName = (date: string): string => say('long', { month: 'long', day: 'numeric', weekday: 'long' }, date);

/** "11月23日 – 27日", "Nov 23 – 27". */
export const rangeName = (from: string, to: string): string =>
  from.slice(0, 7) === to.slice(0, 7) ? t('visits-range-month', { from: dateName(from), day: dayNumber(to) }) : t('visits-range', { from: dateName(from), to: dateName(to) });

const two = (n: number): string => String(n).padStart(2, '0');
export const minuteName = (minute: number): string => `${two(Math.floor(minute / 60))}:${two(minute % 60)}`;

/** Time of day of an instant, in a zone. */
export const timeName = (at: number, zone: string): string => minuteName(wall(at, zone).minute);

/** "14:00–16:00". */
export const spanName = (from: number, to: number, zone: string): string => `${timeName(from, zone)}–${timeName(to, zone)}`;

/** "周四 26日 14:00–16:00" with the date in full words. */
export function whenName(from: number, to: number | null, zone: string): string {
  const { date } = wall(from, zone);
  return `${dateName(date)} ${weekdayName(date)} ${to === null ? timeName(from, zone) : spanName(from, to, zone)}`;
}

/** "14:00" and "24:00" as minutes of the day; null where it is neither. */
export function minutesOf(text: string): number | null {
  const found = /^(\d{1,2}):(\d{2})$/.exec(text);
  if (!found) return null;
  const minute = Number(found[1]) * 60 + Number(found[2]);
  return minute <= DAY_MINUTES ? minute : null;
}
