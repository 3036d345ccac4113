// Figures of a replay, in the language that is on.
import type { Tally, Threshold } from '../../api/generated';
import { l10n, t } from '../l10n.svelte';
import { length } from '../time';

export const decided = (tally: Tally): number => tally.met + tally.breached;
export const breachedShare = (tally: Tally): number | null => (decided(tally) === 0 ? null : tally.breached / decided(tally));

export function percent(share: number | null): string {
  if (share === null) return '–';
  return new Intl.NumberFormat(l10n.language, { style: 'percent', minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(share);
}

export const late = (ms: number | null): string => (ms === null ? '–' : ms < 60_000 ? t('replay-under-a-minute') : length(ms));

/** `+3.1`, `−0.4`, in percentage points; empty where either side has nothing decided. */
export function points(before: number | null, after: number | null): string {
  if (before === null || after === null) return '';
  return new Intl.NumberFormat(l10n.language, { signDisplay: 'exceptZero', minimumFractionDigits: 1, maximumFractionDigits: 1 }).format((after - before) * 100);
}

export function thresholdName(threshold: Threshold): string {
  if (threshold.kind === 'share') return t('threshold-share', { percent: threshold.percent });
  if (threshold.kind === 'time_left') return t('threshold-time-left', { left: length(threshold.seconds * 1000) });
  return t('threshold-breach');
}

/** Monday first. */
export function weekdays(): string[] {
  const format = new Intl.DateTimeFormat(l10n.language, { weekday: 'short', timeZone: 'UTC' });
  return Array.from({ length: 7 }, (_, day) => format.format(Date.UTC(2024, 0, 1 + day)));
}

export function monthName(month: string): string {
  const [year, number] = month.split('-').map(Number);
  return new Intl.DateTimeFormat(l10n.language, { year: 'numeric', month: 'short', timeZone: 'UTC' }).format(Date.UTC(year ?? 1970, (number ?? 1) - 1, 1));
}

/** As the file tells it, before a zone is chosen. */
export const dayName = (at: number): string => new Intl.DateTimeFormat(l10n.language, { dateStyle: 'medium', timeZone: 'UTC' }).format(at);

/** In which of five shades a count is drawn: 0 for none, 4 for the most. */
export const shade = (count: number, most: number): number => (count === 0 || most === 0 ? 0 : Math.max(1, Math.ceil((count / most) * 4)));
