// Rules in words.
import type { Account, Priority } from '../../api/generated';
import { sided, t } from '../l10n.svelte';
import type { OwnThreshold, PolicyDraft, Preset } from './draft';

export const named = (one: { name_zh: string; name_en: string } | null | undefined): string => (one ? sided(one.name_zh.trim(), one.name_en.trim()) : '') || t('rules-unnamed');

const LISTED_MAX = 3;
const list = (values: readonly string[]): string => (values.length > LISTED_MAX ? t('rules-match-more', { list: values.slice(0, LISTED_MAX).join(t('rules-comma')), more: values.length - LISTED_MAX }) : values.join(t('rules-comma')));

/** Which tickets a policy is for, a piece for each condition; none for every ticket. */
export function matchWords(policy: PolicyDraft, accounts: readonly Account[]): string[] {
  const pieces: string[] = [];
  if (policy.vip !== null) pieces.push(t(policy.vip ? 'rules-vip-only' : 'rules-vip-not'));
  if (policy.priorities.length > 0) pieces.push(list(policy.priorities.map((one: Priority) => t(`priority-${one}`))));
  if (policy.accounts.length > 0) pieces.push(list(policy.accounts.map((id) => accounts.find((one) => one.id === id)?.name ?? t('rules-account-gone', { id: String(id) }))));
  for (const values of [policy.customers, policy.products, policy.tags]) if (values.length > 0) pieces.push(list(values));
  return pieces;
}

export const presetWords = (preset: Preset): string => t(`rules-ring-${preset.replace('%', '')}`);
const ownWords = (own: OwnThreshold): string => (own.unit === 'percent' ? `${own.text} %` : `${own.text} ${t(`rules-unit-${own.unit}`)}`);
export const ringWords = (policy: PolicyDraft): string => [...policy.presets.map(presetWords), ...policy.own.filter((one) => one.text.trim() !== '').map(ownWords)].join(t('rules-comma'));
