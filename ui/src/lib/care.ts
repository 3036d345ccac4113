// Who answers for a customer, in words. The core decides; this says it and why.
import type { CustomerCard } from '../api/generated';
import { t } from './l10n.svelte';
import { lastMoment } from './people';
import { dayOnly, momentWithTime } from './time';

type Care = Pick<CustomerCard, 'manager' | 'deputy' | 'acting' | 'acting_why' | 'acting_until'>;

/** Somebody else than the manager answers. */
export const deputised = (card: Care): boolean => card.acting !== '' && card.acting !== card.manager;

/** Away until then; of an absence of whole days the last of them. */
export function untilWords(to: number, now: number): string {
  const last = lastMoment(to);
  return last.wholeDay ? t('absence-through', { day: dayOnly(last.at, now) }) : t('absence-until', { at: momentWithTime(to, now) });
}

/** Why this person acts; empty where the manager simply is there. */
export function actingWords(card: Care, now: number): string {
  if (card.acting_why === 'manager') return '';
  const args = { manager: card.manager, deputy: card.deputy, acting: card.acting, until: card.acting_until === null ? '' : untilWords(card.acting_until, now) };
  return t(`acting-why-${card.acting_why.replaceAll('_', '-')}`, args).replace(/\s+([。,.，])/g, '$1');
}
