// When a session is, in words; and the reminders of it.
import { clockTime, dayOnly, length, momentWithTime } from './time';
import { l10n, t } from './l10n.svelte';

type Span = { start: number; end: number };
const DAY_MS = 86_400_000;

/** Today 14:00–15:00; with the day where it is another. */
export function sessionSpan({ start, end }: Span, now: number): string {
  const sameDay = new Date(start).toDateString() === new Date(end).toDateString();
  return `${dayOnly(start, now)} ${clockTime(start)}–${sameDay || end - start < DAY_MS ? clockTime(end) : momentWithTime(end, now)}`;
}

/** 1 h, 10 min before. */
export function reminderWords(minutes: readonly number[]): string {
  if (minutes.length === 0) return t('reminders-none');
  const each = minutes.toSorted((a, b) => b - a).map((one) => (one === 0 ? t('reminder-at-start') : length(one * 60_000)));
  return t('reminders-before', { each: each.join(l10n.language === 'zh-CN' ? '、' : ', ') });
}

export const reminderName = (minutes: number): string => (minutes === 0 ? t('reminder-at-start') : length(minutes * 60_000));
