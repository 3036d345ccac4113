// Entries of the directory in words.
import { l10n, sided, t } from '../l10n.svelte';
import { compactWithTime } from '../time';
import { HOURS_ALWAYS } from './hours';
import type { Call, PhoneLine, Reason, ServiceCentre } from '../../api/generated';
import type { EntryBase } from './types';

export const lineName = (line: PhoneLine): string => sided(line.name_zh, line.name_en);
export const cityName = (centre: ServiceCentre): string => sided(centre.city_zh, centre.city_en);
export const centreName = (centre: ServiceCentre): string => t('centre-name', { city: cityName(centre) });

const names = new Map<string, Intl.DisplayNames>();

/** A language by its name; the tag itself where nobody named it. */
export function languageName(tag: string): string {
  const known = names.get(l10n.language) ?? new Intl.DisplayNames(l10n.language, { type: 'language', languageDisplay: 'standard', fallback: 'code' });
  names.set(l10n.language, known);
  try {
    return tag === 'zh-CN' ? t('language-zh') : tag === 'en' ? t('language-en') : (known.of(tag) ?? tag);
  } catch {
    return tag;
  }
}

export function openingWords(entry: Pick<EntryBase, 'opening' | 'opens_at' | 'closes_at'>, now: number): string {
  if (entry.opening === 'unknown') return t('opening-unknown');
  if (entry.opening === 'open') return entry.closes_at === null ? t('opening-always') : t('opening-until', { time: compactWithTime(entry.closes_at, now) });
  return entry.opens_at === null ? t('opening-closed') : t('opening-from', { time: compactWithTime(entry.opens_at, now) });
}

/** Fields that have a name of their own in the editors; others are named as the core does. */
const FIELDS: Record<string, string> = {
  number: 'line-number', name_zh: 'rules-name-zh', name_en: 'rules-name-en', purpose_zh: 'line-purpose-zh', purpose_en: 'line-purpose-en', tier: 'line-tier', vendor: 'line-vendor', languages: 'line-languages', dialects: 'line-dialects',
  hours: 'directory-hours', calendar: 'directory-hours', ivr_path: 'sheet-ivr', checklist: 'sheet-checklist', source: 'directory-source', verified_on: 'directory-verified-on', city_zh: 'centre-city-zh', city_en: 'centre-city-en',
  address: 'centre-address', latitude: 'centre-latitude', longitude: 'centre-longitude', services: 'centres-services', contacts: 'centre-contacts', engineers: 'centre-people', rules: 'centre-rules',
};
export const fieldWords = (fields: readonly string[]): string => [...new Set(fields.map((one) => (FIELDS[one] ? t(FIELDS[one]) : one)))].join(t('rules-comma'));

export const hoursWords = (hours: string): string => (hours.trim() === HOURS_ALWAYS ? t('opening-always') : hours);

/** The lines that an answer names come in the person's language. */
export function reasonWords({ code, args }: Reason): string {
  const given = Object.fromEntries(Object.entries(args).map(([name, value]) => [name, value ?? '']));
  const languages = (given['languages'] ?? '').split(/,\s*/).filter((one) => one !== '').map(languageName).join(t('rules-comma'));
  return t(`line-reason-${code}`, { ...given, line: sided(given['line_zh'] ?? '', given['line_en'] ?? ''), language: given['language'] ? languageName(given['language']) : '', languages });
}

/** 4:07, or 1:02:33 once it is an hour. */
export function callLength(call: Pick<Call, 'started_at' | 'ended_at'>, now: number): string {
  const seconds = Math.max(0, Math.floor(((call.ended_at ?? now) - call.started_at) / 1000));
  const two = (n: number): string => String(n).padStart(2, '0');
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60)];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

export const kilometres = (km: number): string => t('distance-km', { km: new Intl.NumberFormat(l10n.language, { maximumFractionDigits: km < 10 ? 1 : 0 }).format(km) });
