// What an alert is to the person: which group of the bell's list it stands in, and in words why it rang.
import type { Alert, Threshold } from '../api/generated';
import { t } from './l10n.svelte';
import { clockTime, length, momentWithTime } from './time';

export type AlertGroup = 'breached' | 'coming' | 'held';
export const ALERT_GROUPS: AlertGroup[] = ['breached', 'coming', 'held'];

const metricName = (alert: Alert): string => t(`metric-${alert.metric.replaceAll('_', '-')}`);

/** Nobody has dealt with it, and it is still true. */
export const isOpen = (alert: Alert, now: number): boolean =>
  alert.acknowledged_at === null && alert.ended_at === null && (alert.snoozed_until === null || alert.snoozed_until <= now);

export const isHeld = (alert: Alert, now: number): boolean => alert.held_until !== null && alert.held_until > now;

/** It asks for somebody now: what is held back or only listed does not. */
export const calls = (alert: Alert, now: number): boolean => isOpen(alert, now) && !alert.silent && !isHeld(alert, now);

export function groupOf(alert: Alert, now: number): AlertGroup {
  if (isHeld(alert, now)) return 'held';
  return alert.threshold.kind === 'breach' || alert.deadline_at <= now ? 'breached' : 'coming';
}

/** Least time left first. */
export const byDeadline = (a: Alert, b: Alert): number => a.deadline_at - b.deadline_at || a.id - b.id;

/** Why it rang. */
export function why(alert: Alert, now: number): string {
  const metric = metricName(alert);
  const deadline = momentWithTime(alert.deadline_at, now);
  const { threshold } = alert;
  if (threshold.kind === 'breach') return t('alert-breach', { metric, deadline });
  if (threshold.kind === 'share') return t('alert-share', { metric, percent: threshold.percent, deadline });
  return t('alert-time-left', { metric, left: length(threshold.seconds * 1000), deadline });
}

/** What else there is to say of it, most telling first. */
export function remarks(alert: Alert, now: number): string[] {
  const said: string[] = [];
  if (alert.ended_at !== null) said.push(t('alert-ended', { time: momentWithTime(alert.ended_at, now) }));
  else if (alert.acknowledged_at !== null) said.push(t('alert-acknowledged', { time: momentWithTime(alert.acknowledged_at, now) }));
  else if (alert.snoozed_until !== null && alert.snoozed_until > now) said.push(t('alert-snoozed', { time: clockTime(alert.snoozed_until) }));
  if (isOpen(alert, now)) {
    if (isHeld(alert, now)) said.push(t('alert-held', { time: momentWithTime(alert.held_until ?? now, now) }));
    if (alert.silent) said.push(t('alert-silent'));
    if (alert.escalate_at !== null && alert.escalate_at > now) said.push(t('alert-escalates', { time: clockTime(alert.escalate_at) }));
  }
  return said;
}

/** A threshold by itself, for a choice of them. */
export function thresholdName(threshold: Threshold): string {
  if (threshold.kind === 'breach') return t('threshold-breach');
  return threshold.kind === 'share' ? t('threshold-share', { percent: threshold.percent }) : t('threshold-time-left', { left: length(threshold.seconds * 1000) });
}

export const sameThreshold = (a: Threshold, b: Threshold): boolean => JSON.stringify(a) === JSON.stringify(b);
