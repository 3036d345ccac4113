// A rule of the bell in words: which tickets, and what they do.
import type { Threshold, TicketFilter, ViewRule } from '../api/generated';
import { sameThreshold, thresholdName } from './alert';
import { l10n, t } from './l10n.svelte';
import { priorityName } from './operation';

/** Those that the shipped policies ring at; a rule may name others, and keeps them. */
const USUAL: Threshold[] = [
  { kind: 'share', percent: 50 }, { kind: 'share', percent: 75 }, { kind: 'share', percent: 90 },
  { kind: 'time_left', seconds: 900 }, { kind: 'time_left', seconds: 300 }, { kind: 'breach' },
];

export const thresholdChoices = (chosen: Threshold[]): Threshold[] => [...USUAL, ...chosen.filter((one) => !USUAL.some((usual) => sameThreshold(usual, one)))];

const list = (names: string[]): string => names.join(l10n.language === 'zh-CN' ? '、' : ', ');

/** Which tickets; every one where nothing narrows. */
export function filterWords(filter: TicketFilter, accountName: (id: number) => string): string {
  const parts = [
    filter.vip === true ? t('view-vip') : filter.vip === false ? t('view-rule-not-vip') : '',
    list(filter.priorities.map(priorityName)),
    list(filter.products.map((name) => name || t('filter-product-none'))),
    list(filter.customers),
    list(filter.accounts.map(accountName)),
  ].filter((part) => part !== '');
  return parts.length === 0 ? t('view-rule-every') : parts.join(' · ');
}

export function ringWords(rule: ViewRule): string {
  const parts = [t(`view-rule-${rule.ring}`)];
  if (rule.ring === 'ring') parts.push(t(rule.sound ? 'view-rule-sound' : 'view-rule-silent'));
  if (rule.ring !== 'off' && rule.thresholds.length > 0) parts.push(t('view-rule-only', { thresholds: list(rule.thresholds.map(thresholdName)) }));
  return parts.join(' · ');
}
