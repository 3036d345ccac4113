// Time left, as pure parts: the catalogue puts words around them.

export type Tone = 'breached' | 'imminent' | 'soon' | 'later' | 'paused';

export const IMMINENT_MS = 15 * 60_000;
export const SOON_MS = 60 * 60_000;
const DAY_MS = 24 * 60 * 60_000;

export function tone(leftMs: number): Tone {
  if (leftMs < 0) return 'breached';
  if (leftMs < IMMINENT_MS) return 'imminent';
  return leftMs < SOON_MS ? 'soon' : 'later';
}

const two = (n: number): string => String(n).padStart(2, '0');

export type CountdownParts =
  | { unit: 'minutes'; sign: string; minutes: string; seconds: string }
  | { unit: 'hours'; sign: string; hours: number; minutes: string }
  | { unit: 'days'; sign: string; days: number; hours: number };

/** Whole seconds are shown until they are over: 4:12 stays 4:12 for its full second, and 0:00 is the deadline itself. */
export function countdownParts(leftMs: number): CountdownParts {
  const sign = leftMs < 0 ? '−' : '';
  const seconds = leftMs < 0 ? Math.floor(-leftMs / 1000) : Math.ceil(leftMs / 1000);
  const ms = seconds * 1000;
  if (ms < SOON_MS) return { unit: 'minutes', sign, minutes: two(Math.floor(seconds / 60)), seconds: two(seconds % 60) };
  if (ms < DAY_MS) {
    return { unit: 'hours', sign, hours: Math.floor(seconds / 3600), minutes: two(Math.floor((seconds % 3600) / 60)) };
  }
  return { unit: 'days', sign, days: Math.floor(seconds / 86_400), hours: Math.floor((seconds % 86_400) / 3600) };
}

/** A length of time for reading: minutes below an hour, hours and minutes below a day, else days and hours. */
export type LengthParts = { days: number; hours: number; minutes: number };

export function lengthParts(ms: number): LengthParts {
  const minutes = Math.round(Math.abs(ms) / 60_000);
  return { days: Math.floor(minutes / 1440), hours: Math.floor((minutes % 1440) / 60), minutes: minutes % 60 };
}
