// What a reminder of an appointment is to the person.
import type { ReminderView } from '../api/generated';
import { t } from './l10n.svelte';
import { clockTime, momentWithTime } from './time';

const isSnoozed = (one: ReminderView, now: number): boolean => one.snoozed_until !== null && one.snoozed_until > now;
export const isHeldBack = (one: ReminderView, now: number): boolean => one.held_until !== null && one.held_until > now;

/** It asks for somebody now: what is held back or put off does not. */
export const asks = (one: ReminderView, now: number): boolean => one.open && !isSnoozed(one, now) && !isHeldBack(one, now);

/** What it is about, in a line. */
export function aboutWhat(one: ReminderView, now: number): string {
  const time = momentWithTime(one.start_at, now);
  return t(one.kind === 'visit' && one.lead_min === 0 ? 'remind-visit-given' : `remind-${one.kind}`, { time });
}

/** Whoever comes, and where to. */
export const whereTo = ({ about }: ReminderView): string[] => [about.customer, about.place, about.who].filter((part) => part !== '');

/** What else there is to say of it. */
export function said(one: ReminderView, now: number): string[] {
  if (isSnoozed(one, now)) return [t('alert-snoozed', { time: clockTime(one.snoozed_until ?? now) })];
  return isHeldBack(one, now) ? [t('alert-held', { time: momentWithTime(one.held_until ?? now, now) })] : [];
}
