// Dates, times and lengths in the language that is on. Absolute texts come from Intl, words from the catalogue.
import type { Target } from '../api/generated';
import { countdownParts, lengthParts } from './countdown';
import { l10n, t } from './l10n.svelte';

const formats = new Map<string, Intl.DateTimeFormat>();

function format(name: string, options: Intl.DateTimeFormatOptions, at: number): string {
  const key = `${l10n.language} ${name}`;
  let made = formats.get(key);
  if (!made) {
    made = new Intl.DateTimeFormat(l10n.language, { hourCycle: 'h23', ...options });
    formats.set(key, made);
  }
  return made.format(at);
}

export const clockTime = (at: number): string => format('time', { hour: '2-digit', minute: '2-digit' }, at);
export const longDate = (at: number): string => format('long', { month: 'long', day: 'numeric', weekday: 'long' }, at);
export const shortDate = (at: number): string => format('short', { month: 'short', day: 'numeric' }, at);
const weekday = (at: number): string => format('weekday', { weekday: 'short' }, at);
const yearMonth = (at: number): string => format('year', { year: 'numeric', month: 'short', day: 'numeric' }, at);

export const absolute = (at: number): string =>
  format('absolute', { year: 'numeric', month: 'short', day: 'numeric', weekday: 'short', hour: '2-digit', minute: '2-digit', second: '2-digit', timeZoneName: 'short' }, at);

const dayStart = (at: number): number => new Date(at).setHours(0, 0, 0, 0);

/** 13:40 today, yesterday, a weekday within six days, else the date. */
export function moment(at: number, now: number): string {
  const days = Math.round((dayStart(now) - dayStart(at)) / 86_400_000);
  if (days === 0) return clockTime(at);
  if (days === 1) return t('time-yesterday');
  if (days > 1 && days < 7) return weekday(at);
  return new Date(at).getFullYear() === new Date(now).getFullYear() ? shortDate(at) : yearMonth(at);
}

/** For a narrow place: a weekday within the week ahead, else the date; both with the time of day. */
export function compactWithTime(at: number, now: number): string {
  const days = Math.round((dayStart(at) - dayStart(now)) / 86_400_000);
  return days === 0 ? clockTime(at) : `${days > 0 && days < 7 ? weekday(at) : shortDate(at)} ${clockTime(at)}`;
}

/** As `moment`, always with the time of day: for notes and for a deadline ahead. */
export function momentWithTime(at: number, now: number): string {
  const days = Math.round((dayStart(at) - dayStart(now)) / 86_400_000);
  if (days === 0) return clockTime(at);
  if (days === 1) return t('time-tomorrow-at', { time: clockTime(at) });
  if (days === -1) return t('time-yesterday-at', { time: clockTime(at) });
  if (days > 1 && days < 7) return `${weekday(at)} ${clockTime(at)}`;
  return `${new Date(at).getFullYear() === new Date(now).getFullYear() ? shortDate(at) : yearMonth(at)} ${clockTime(at)}`;
}

/** The day alone: today and tomorrow in words, else the weekday with the date. */
export function dayOnly(at: number, now: number): string {
  const days = Math.round((dayStart(at) - dayStart(now)) / 86_400_000);
  if (days === 0) return t('time-today');
  if (days === 1) return t('time-tomorrow');
  return new Date(at).getFullYear() === new Date(now).getFullYear() ? format('day', { month: 'short', day: 'numeric', weekday: 'short' }, at) : yearMonth(at);
}

export function relative(at: number, now: number): string {
  const ahead = at - now;
  const size = Math.abs(ahead);
  if (size < 45_000) return ahead > 0 ? t('time-soon') : t('time-now');
  const text = length(size);
  return ahead < 0 ? t('time-ago', { length: text }) : t('time-in', { length: text });
}

export function length(ms: number): string {
  const { days, hours, minutes } = lengthParts(ms);
  if (days > 0) return hours > 0 ? t('length-days-hours', { days, hours }) : t('length-days', { days });
  if (hours > 0) return minutes > 0 ? t('length-hours-minutes', { hours, minutes }) : t('length-hours', { hours });
  return t('length-minutes', { minutes });
}

/** In full words and to the second where there are seconds: for sentences, and for lengths that have to add up. */
export const exactLength = (ms: number): string => lengthWords(ms, 86_400);

/** As `exactLength`, in hours at most: of counted time, whose days have fewer than 24. */
export const countedLength = (ms: number): string => lengthWords(ms, Number.POSITIVE_INFINITY);

function lengthWords(ms: number, day: number): string {
  const all = Math.round(Math.abs(ms) / 1000);
  const parts = { days: Math.floor(all / day), hours: Math.floor((all % day) / 3600), minutes: Math.floor((all % 3600) / 60), seconds: all % 60 };
  const said = Object.entries(parts).flatMap(([unit, n]) => (n > 0 ? [t(`exact-${unit}`, { n })] : []));
  return said.length > 0 ? said.join(' ') : t('exact-minutes', { n: 0 });
}

/** As `momentWithTime`, with the second where it is not a full minute. */
export function exactMoment(at: number, now: number): string {
  const second = Math.floor(at / 1000) % 60;
  return second === 0 ? momentWithTime(at, now) : `${momentWithTime(at, now)}:${String(second).padStart(2, '0')}`;
}

/** ± a minute: how exactly an instant is known. */
export const within = (ms: number): string => t('time-within', { length: exactLength(ms) });

const UNIT_MS = { second: 1000, minute: 60_000, hour: 3_600_000 };

/** A target in business days is said in business days. */
export const targetLength = (target: Target): string => (target.unit === 'business_day' ? t('length-business-days', { days: target.value }) : countedLength(target.value * UNIT_MS[target.unit]));

export function countdown(leftMs: number): string {
  const parts = countdownParts(leftMs);
  if (parts.unit === 'minutes') return `${parts.sign}${parts.minutes}:${parts.seconds}`;
  if (parts.unit === 'hours') return parts.sign + t('countdown-hours', { hours: parts.hours, minutes: parts.minutes });
  return parts.sign + t('countdown-days', { days: parts.days, hours: parts.hours });
}

export const count = (n: number): string => new Intl.NumberFormat(l10n.language).format(n);

export const percent = (share: number): string =>
  new Intl.NumberFormat(l10n.language, { style: 'percent', maximumFractionDigits: 1 }).format(share);

export function bytes(size: number): string {
  if (size < 1024) return `${size} B`;
  if (size < 1024 * 1024) return `${(size / 1024).toFixed(0)} KB`;
  return `${(size / 1024 / 1024).toFixed(1)} MB`;
}
