// What is said of a clock, sentence by sentence. Times are the reader's own.
import type { ClockMark, ClockView, HistoryEntry, PolicyMatch } from '../api/generated';
import { l10n, sided, t } from './l10n.svelte';
import { priorityName, statusName } from './operation';
import { countedLength, exactLength, exactMoment, momentWithTime, targetLength } from './time';

export const metricName = (metric: string): string => t(`metric-${metric.replaceAll('_', '-')}`);

/** "林夏 12:08 回复", "Lin Xia replied 12:08". */
export function stoppedText(clock: ClockView, now: number): string {
  if (clock.stopped_at === null || clock.stopped_by === null) return '';
  const who = clock.stopped_who ? t('clock-who', { who: clock.stopped_who }) : '';
  return t(`clock-by-${clock.stopped_by.replaceAll('_', '-')}`, { who, time: momentWithTime(clock.stopped_at, now) }).trim();
}

function reason(match: PolicyMatch): string {
  return t(`why-reason-${match.kind.replace('_', '-')}`, { value: match.kind === 'priority' ? priorityName(match.value as 'urgent') : match.value });
}

/** Reasons are clauses: Chinese joins them with a comma and 且. */
const listed = (parts: string[]): string => (l10n.language === 'zh-CN' ? parts.join(t('why-and')) : new Intl.ListFormat(l10n.language, { type: 'conjunction', style: 'long' }).format(parts));

/** Why the deadline is when it is, from the policy to the instant. */
export function whySentences(clock: ClockView, now: number): string[] {
  const { why } = clock;
  const policy = sided(why.policy_zh, why.policy_en);
  const calendar = sided(why.calendar_zh, why.calendar_en) || why.calendar_id;
  const lost = why.pauses.reduce((sum, pause) => sum + pause.open_ms, 0);
  return [
    clock.matched.length > 0 ? t('why-matched', { policy, reasons: listed(clock.matched.map(reason)) }) : t('why-matched-all', { policy }),
    t(clock.metric === 'visit' ? 'why-target-visit' : 'why-target', { metric: metricName(clock.metric), target: targetLength(clock.target), calendar, tz: why.tz }),
    t('why-started', { time: exactMoment(why.started_at, now) }),
    ...(clock.uncertainty_ms > 0 ? [t('why-uncertain', { length: exactLength(clock.uncertainty_ms) })] : []),
    ...why.superseded.map((one) => t('why-superseded', { time: momentWithTime(one.until, now), target: targetLength(one.target) })),
    ...(why.pauses.length > 0 ? [t('why-pauses', { count: why.pauses.length, length: countedLength(lost) })] : []),
    ...(clock.deadline_at !== null ? [t('why-due', { time: exactMoment(clock.deadline_at, now) })] : clock.paused_since !== null ? [t('why-paused-now', { time: momentWithTime(clock.paused_since, now) })] : []),
    ...(clock.provisional && why.known_until ? [t('why-known-until', { date: why.known_until })] : []),
    ...(clock.stopped_at !== null ? [t('why-stopped', { said: stoppedText(clock, now) })] : []),
  ];
}

export type WhyStep = { from: number; to: number | null; kind: 'counted' | 'pause'; said: string };

/** The intervals that were counted and the pauses between them, in order. */
export function whySteps(clock: ClockView): WhyStep[] {
  const counted = clock.why.counted.map((one): WhyStep => ({ ...one, kind: 'counted', said: t('why-counted', { length: countedLength(one.to - one.from) }) }));
  const pauses = clock.why.pauses.map((one): WhyStep => ({
    from: one.from, to: one.to, kind: 'pause',
    said: one.to === null ? t('why-pause-still', { length: countedLength(one.open_ms) }) : one.open_ms > 0 ? t('why-pause-out', { length: countedLength(one.open_ms) }) : t('why-pause-none'),
  }));
  return [...counted, ...pauses].toSorted((a, b) => a.from - b.from);
}

/** Where the bell rings, rang, or would have. */
export function markText(mark: ClockMark, now: number): string {
  const { threshold } = mark;
  const name = threshold.kind === 'share' ? t('clock-mark-share', { percent: threshold.percent }) : threshold.kind === 'time_left' ? t('clock-mark-left', { left: exactLength(threshold.seconds * 1000) }) : t('clock-mark-breach');
  const when = mark.rung_at !== null ? t('clock-mark-rung', { time: momentWithTime(mark.rung_at, now) }) : mark.at === null ? t('clock-mark-waits') : t(mark.at > now ? 'clock-mark-at' : 'clock-mark-passed', { time: momentWithTime(mark.at, now) });
  return `${name} · ${when}`;
}

/** A line of the ticket's history. */
export function historyText(entry: HistoryEntry, now: number): string {
  const one = entry.happening;
  switch (one.what) {
    case 'status':
      return one.from === null ? t('history-status', { to: statusName(one.to) }) : t('history-status-from', { from: statusName(one.from), to: statusName(one.to) });
    case 'reopened':
      return t('history-reopened', { to: statusName(one.to) });
    case 'replied':
      return t(`history-replied-${one.by}`);
    case 'priority':
      return one.from === null ? t('history-priority', { to: priorityName(one.to) }) : t('history-priority-from', { from: priorityName(one.from), to: priorityName(one.to) });
    case 'merged':
      return t('history-merged', { into: one.into });
    case 'absorbed':
      return t('history-absorbed', { time: momentWithTime(one.created_at, now) });
    default:
      return t(`history-${one.what.replace('_', '-')}`);
  }
}
