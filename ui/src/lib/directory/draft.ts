// A line or a centre as it is being edited: figures may be half typed, and nothing of them is lost.
import { isPlace } from '../geo';
import { tidyDate } from '../rules/dates';
import type { Problem } from '../rules/check';
import { errorKey } from '../say';
import { hoursDraft, hoursOf, hoursProblems, type HoursDraft } from './hours';
import type { PhoneLine, Problem as FieldProblem, ServiceCentre, SlotRules } from '../../api/generated';

export type LineDraft = Omit<PhoneLine, 'hours' | 'calendar'> & { opening: HoursDraft };
export type CentreDraft = Omit<ServiceCentre, 'hours' | 'calendar' | 'latitude' | 'longitude' | 'rules'> & { opening: HoursDraft; latitude: string; longitude: string; rules: Record<keyof SlotRules, string> };

export const RULE_NAMES = ['slot_minutes', 'capacity', 'buffer_before_min', 'buffer_after_min', 'notice_min', 'horizon_days', 'travel_radius_km', 'cancel_cutoff_min'] as const satisfies readonly (keyof SlotRules)[];
export const SERVICES = ['hardware_inspection', 'network_stress_test', 'security_hardening'] as const;
/** What most entries speak; any other BCP 47 tag can be typed. */
export const LANGUAGES = ['zh-CN', 'en', 'ja', 'ko'] as const;
export const DIALECTS = ['yue', 'nan', 'hak', 'wuu'] as const;
/** Those that the core proposes. */
const RULES_USUAL: SlotRules = { slot_minutes: 120, capacity: 1, buffer_before_min: 30, buffer_after_min: 30, notice_min: 240, horizon_days: 30, travel_radius_km: 100, cancel_cutoff_min: 240 };

export const emptyLine = (today: string): PhoneLine => ({
  remote_id: '', tier: 1, name_zh: '', name_en: '', number: '', purpose_zh: '', purpose_en: '', languages: ['zh-CN'], hours: '', ivr_zh: '', ivr_en: '', source: '', verified_on: today,
  vendor: '', calendar: null, ivr_path: [], checklist: [], dialects: [], contract: 'any', for_outage: false,
});

export const emptyCentre = (today: string): ServiceCentre => ({
  remote_id: '', city_zh: '', city_en: '', latitude: 0, longitude: 0, hours: '', services: [...SERVICES], source: '', verified_on: today, calendar: null, address: '', country: 'CN', contacts: [], engineers: [], rules: { ...RULES_USUAL },
});

export function lineDraft({ hours, calendar, ...line }: PhoneLine): LineDraft {
  return { ...structuredClone(line), opening: hoursDraft(hours, calendar) };
}

export function lineOf({ opening, ...line }: LineDraft): PhoneLine {
  return { ...line, ...hoursOf(opening), number: line.number.trim(), verified_on: tidyDate(line.verified_on), source: line.source.trim() };
}

const figure = (value: number): string => (value === 0 ? '' : String(value));

export function centreDraft({ hours, calendar, latitude, longitude, rules, ...centre }: ServiceCentre): CentreDraft {
  const texts = Object.fromEntries(RULE_NAMES.map((name) => [name, String(rules[name])])) as Record<keyof SlotRules, string>;
  const none = latitude === 0 && longitude === 0;
  return { ...structuredClone(centre), opening: hoursDraft(hours, calendar), latitude: none ? figure(latitude) : String(latitude), longitude: none ? figure(longitude) : String(longitude), rules: texts };
}

/** Degrees as typed: `30.29`, `30.29°`, `３０．２９`; null where that is no number. */
export function degreesOf(text: string): number | null {
  const tidy = text.normalize('NFKC').replace(/[°NE\s]/g, '');
  return /^[-+]?\d{1,3}(\.\d+)?$/.test(tidy) ? Number(tidy) : null;
}

const wholeOf = (text: string): number | null => {
  const tidy = text.normalize('NFKC').trim();
  return /^\d{1,7}$/.test(tidy) ? Number(tidy) : null;
};

/** What cannot be read goes as nothing: it is a problem of its own, and such an entry is not kept. */
export function centreOf({ opening, latitude, longitude, rules, ...centre }: CentreDraft): ServiceCentre {
  const figures = Object.fromEntries(RULE_NAMES.map((name) => [name, wholeOf(rules[name]) ?? RULES_USUAL[name]])) as Record<keyof SlotRules, number>;
  const [lat, lon] = [degreesOf(latitude), degreesOf(longitude)];
  const known = lat !== null && lon !== null;
  return { ...centre, ...hoursOf(opening), latitude: known ? lat : 0, longitude: known ? lon : 0, rules: figures, verified_on: tidyDate(centre.verified_on), source: centre.source.trim(), country: centre.country.trim().toUpperCase() };
}

export const lineProblems = (draft: LineDraft): Problem[] => hoursProblems(draft.opening);

export function centreProblems(draft: CentreDraft): Problem[] {
  const [latitude, longitude] = [degreesOf(draft.latitude), degreesOf(draft.longitude)];
  const placed = latitude !== null && longitude !== null && isPlace({ latitude, longitude });
  return [
    ...(placed ? [] : [{ place: 'latitude', key: `${errorKey('coordinates_missing')}.what`, args: {} }]),
    ...RULE_NAMES.flatMap((name): Problem[] => (wholeOf(draft.rules[name]) === null ? [{ place: `rules.${name}`, key: 'directory-wrong-number', args: {} }] : [])),
    ...hoursProblems(draft.opening),
  ];
}

/** What the core says, in the words and places of an editor. */
export function problemOf({ field, code, args }: FieldProblem): Problem {
  const known = Object.fromEntries(Object.entries(args).map(([name, value]) => [name, value ?? '']));
  if (code === 'number_out_of_range' && known['least'] !== undefined) return { place: field, key: 'directory-wrong-range', args: known };
  return { place: field, key: `${errorKey(code)}.what`, args: known };
}

/** Ours and the core's, the core's only where we do not say the same place already. */
export function together(local: readonly Problem[], found: readonly Problem[]): Problem[] {
  const hours = local.some((one) => one.place.startsWith('calendar'));
  return [...local, ...found.filter((one) => !local.some((mine) => mine.place === one.place) && !(hours && (one.place === 'calendar' || one.place === 'hours')))];
}
