// The rules as they are being edited: texts may be half typed, and nothing of them is lost on the way back.
import type { CalendarSpec, Metric, NamedCalendar, Policy, Priority, RuleSet, Target, TargetUnit, Threshold } from '../../api/generated';
import { dayOf, yearOf } from './dates';
import { copySpans, spanProblems } from './spans';
import { DAYS, METRICS, PRIORITIES, type Day, type Span } from './types';

export type TargetText = { text: string; unit: TargetUnit };
export type ThresholdUnit = 'percent' | 'minute' | 'second';
export type OwnThreshold = { text: string; unit: ThresholdUnit };
export const PRESETS = ['50%', '75%', '90%', '15min', '5min', 'breach'] as const;
export type Preset = (typeof PRESETS)[number];
/** As the core holds them. */
export const TARGET_MOST: Record<TargetUnit, number> = { second: 99_999, minute: 99_999, hour: 99_999, business_day: 2500 };
export const THRESHOLDS_MAX = 20;

export type PolicyDraft = Omit<Policy, 'targets' | 'thresholds' | 'visit_calendar_id'> & {
  /** Empty: the same calendar as the other clocks. */
  visit_calendar_id: string;
  targets: Record<Priority, Record<Metric, TargetText>>;
  presets: Preset[];
  own: OwnThreshold[];
};

export type SpecialKind = 'holiday' | 'shift' | 'break';
/** A date that differs from the weekly hours. `shelf`: the year it is shown under, also while its date is half typed. */
export type SpecialDay = { uid: number; kind: SpecialKind; date: string; name: string; spans: Span[]; shelf: number };

export type CalendarDraft = {
  id: string;
  name_zh: string;
  name_en: string;
  tz: string;
  hours: Record<Day, Span[]>;
  days: SpecialDay[];
  /** Empty: the end of the last year with a holiday. */
  known_until: string;
  note: string;
};

export type RuleDraft = { policies: PolicyDraft[]; calendars: CalendarDraft[] };

const PRESET_THRESHOLDS: Record<Preset, Threshold> = {
  '50%': { kind: 'share', percent: 50 }, '75%': { kind: 'share', percent: 75 }, '90%': { kind: 'share', percent: 90 },
  '15min': { kind: 'time_left', seconds: 900 }, '5min': { kind: 'time_left', seconds: 300 }, breach: { kind: 'breach' },
};
const same = (a: Threshold, b: Threshold): boolean => thresholdKey(a) === thresholdKey(b);
const thresholdKey = (one: Threshold): string => (one.kind === 'share' ? `share ${one.percent}` : one.kind === 'time_left' ? `left ${one.seconds}` : 'breach');

function ownOf(threshold: Threshold): OwnThreshold[] {
  if (threshold.kind === 'breach' || PRESETS.some((name) => same(PRESET_THRESHOLDS[name], threshold))) return [];
  if (threshold.kind === 'share') return [{ text: String(threshold.percent), unit: 'percent' }];
  return threshold.seconds % 60 === 0 ? [{ text: String(threshold.seconds / 60), unit: 'minute' }] : [{ text: String(threshold.seconds), unit: 'second' }];
}

/** Each metric of a priority, from what `pick` makes of it. */
function each<T>(pick: (metric: Metric) => T): Record<Metric, T> {
  return { first_response: pick('first_response'), next_response: pick('next_response'), first_resolution: pick('first_resolution'), resolution: pick('resolution'), visit: pick('visit') };
}

const noTarget = (metric: Metric): TargetText => ({ text: '', unit: metric.includes('response') ? 'minute' : 'hour' });

export function policyDraft(policy: Policy): PolicyDraft {
  const { targets, thresholds, visit_calendar_id, ...rest } = policy;
  const of = (priority: Priority): Record<Metric, TargetText> => {
    const found = targets.find((one) => one.priority === priority);
    return each((metric) => {
      const target = found?.[metric];
      return target ? { text: String(target.value), unit: target.unit } : noTarget(metric);
    });
  };
  return {
    ...rest,
    visit_calendar_id: visit_calendar_id ?? '',
    targets: { urgent: of('urgent'), important: of('important'), routine: of('routine') },
    presets: PRESETS.filter((name) => thresholds.some((one) => same(one, PRESET_THRESHOLDS[name]))),
    own: thresholds.flatMap(ownOf),
  };
}

export function emptyPolicy(id: string, calendar: string): PolicyDraft {
  const none = (): Record<Metric, TargetText> => each(noTarget);
  return {
    id, name_zh: '', name_en: '', vip: null, priorities: [], accounts: [], customers: [], products: [], tags: [], calendar_id: calendar, visit_calendar_id: '',
    targets: { urgent: none(), important: none(), routine: none() }, pause_statuses: ['waiting_customer'], reopen: 'continue', presets: ['75%', '15min', '5min', 'breach'], own: [],
  };
}

/** A whole number from 1; null for anything else. Empty is no target at all, which the caller asks first. */
export function wholeOf(text: string, most: number): number | null {
  const tidy = text.normalize('NFKC').trim();
  const value = /^\d{1,9}$/.test(tidy) ? Number(tidy) : 0;
  return value >= 1 && value <= most ? value : null;
}

function targetOf({ text, unit }: TargetText): Target | null {
  const value = wholeOf(text, TARGET_MOST[unit]);
  return value === null ? null : { value, unit };
}

export const OWN_MOST: Record<ThresholdUnit, number> = { percent: 99, minute: 43_200, second: 2_592_000 };

export function ownThreshold({ text, unit }: OwnThreshold): Threshold | null {
  const value = wholeOf(text, OWN_MOST[unit]);
  if (value === null) return null;
  return unit === 'percent' ? { kind: 'share', percent: value } : { kind: 'time_left', seconds: unit === 'minute' ? value * 60 : value };
}

const rank = (one: Threshold): number => (one.kind === 'share' ? one.percent : one.kind === 'time_left' ? 1_000_000 - one.seconds : 2_000_000);

/** The policy as far as it can be said: what is half typed is left out, and is a problem of its own. */
export function policyOf(draft: PolicyDraft): Policy {
  const { targets, presets, own, visit_calendar_id, ...rest } = draft;
  const thresholds = [...presets.map((name) => PRESET_THRESHOLDS[name]), ...own.flatMap((one) => ownThreshold(one) ?? [])];
  const once = new Map(thresholds.map((one) => [thresholdKey(one), one]));
  return {
    ...rest,
    name_zh: rest.name_zh.trim(),
    name_en: rest.name_en.trim(),
    visit_calendar_id: visit_calendar_id || null,
    targets: PRIORITIES.map((priority) => ({ priority, ...each((metric) => targetOf(targets[priority][metric])) })).filter((line) => METRICS.some((metric) => line[metric] !== null)),
    thresholds: [...once.values()].toSorted((a, b) => rank(a) - rank(b)),
  };
}

export function calendarDraft(id: string, named: NamedCalendar): CalendarDraft {
  const spec = named.calendar;
  const names = spec.names ?? {};
  let uid = 0;
  const day = (kind: SpecialKind, date: string, spans: Span[]): SpecialDay => ({ uid: (uid += 1), kind, date, name: kind === 'break' ? '' : (names[date] ?? ''), spans: copySpans(spans), shelf: yearOf(date) ?? 0 });
  const days = [
    ...spec.holidays.map((date) => day('holiday', date, [])),
    ...Object.entries(spec.shifts).map(([date, spans]) => day('shift', date, spans ?? [])),
    ...Object.entries(spec.breaks).map(([date, spans]) => day('break', date, spans ?? [])),
  ];
  const hours = Object.fromEntries(DAYS.map((name) => [name, copySpans(spec.hours[name] ?? [])])) as Record<Day, Span[]>;
  return { id, name_zh: named.name_zh, name_en: named.name_en, tz: spec.tz, hours, days: days.toSorted((a, b) => a.date.localeCompare(b.date)), known_until: spec.known_until ?? '', note: spec.note ?? '' };
}

export function emptyCalendar(id: string, tz: string): CalendarDraft {
  const workday = (): Span[] => [['09:00', '12:00'], ['13:30', '18:00']];
  return { id, name_zh: '', name_en: '', tz, hours: { mon: workday(), tue: workday(), wed: workday(), thu: workday(), fri: workday(), sat: [], sun: [] }, days: [], known_until: '', note: '' };
}

/** What the core is asked with. Dates and times go as typed: it says what is wrong with them. */
export function specOf(draft: CalendarDraft): CalendarSpec {
  const dated = draft.days.filter((one) => one.date !== '');
  const spans = (kind: SpecialKind): Record<string, Span[]> => Object.fromEntries(dated.filter((one) => one.kind === kind).map((one) => [one.date, copySpans(one.spans)]));
  const names = Object.fromEntries(dated.filter((one) => one.kind !== 'break' && one.name.trim() !== '').map((one) => [one.date, one.name.trim()]));
  return {
    tz: draft.tz,
    hours: { mon: draft.hours.mon, tue: draft.hours.tue, wed: draft.hours.wed, thu: draft.hours.thu, fri: draft.hours.fri, sat: draft.hours.sat, sun: draft.hours.sun },
    holidays: dated.filter((one) => one.kind === 'holiday').map((one) => one.date).toSorted(),
    shifts: spans('shift'),
    breaks: spans('break'),
    ...(draft.known_until.trim() === '' ? {} : { known_until: draft.known_until.trim() }),
    ...(Object.keys(names).length === 0 ? {} : { names }),
    ...(draft.note.trim() === '' ? {} : { note: draft.note.trim() }),
  };
}

/** The calendar without what cannot be read yet: what its preview shows while someone types. */
export function readableSpec(draft: CalendarDraft): { spec: CalendarSpec; whole: boolean } {
  let left = 0;
  const spans = (list: Span[], overlapAllowed = false): Span[] => {
    const problems = spanProblems(list, overlapAllowed);
    left += problems.filter((one) => one !== null).length;
    return list.filter((_, n) => problems[n] === null);
  };
  const hours = Object.fromEntries(DAYS.map((day) => [day, spans(draft.hours[day])])) as Record<Day, Span[]>;
  const days = draft.days.filter((day) => dayOf(day.date) !== null).map((day) => ({ ...day, spans: spans(day.spans, day.kind === 'break') }));
  const known = draft.known_until.trim() === '' || dayOf(draft.known_until.trim()) !== null;
  left += draft.days.length - days.length + (known ? 0 : 1);
  return { spec: specOf({ ...draft, hours, days, known_until: known ? draft.known_until : '' }), whole: left === 0 };
}

export const draftOf = (set: RuleSet): RuleDraft => ({
  policies: set.policies.map(policyDraft),
  calendars: Object.entries(set.calendars).flatMap(([id, named]) => (named ? [calendarDraft(id, named)] : [])),
});

export const setOf = (draft: RuleDraft): RuleSet => ({
  from: null,
  policies: draft.policies.map(policyOf),
  calendars: Object.fromEntries(draft.calendars.map((one) => [one.id, { name_zh: one.name_zh.trim(), name_en: one.name_en.trim(), calendar: specOf(one) }])),
});

const DRAFT_VERSION = 1;
export const writeDraft = (draft: RuleDraft): string => JSON.stringify({ version: DRAFT_VERSION, draft });

/** A draft as it was kept; null where that is of another shape. */
export function readDraft(text: string): RuleDraft | null {
  try {
    const kept = JSON.parse(text) as { version: number; draft: RuleDraft };
    if (kept.version !== DRAFT_VERSION) return null;
    // Both go through every part of it.
    setOf(kept.draft);
    draftKey(kept.draft);
    return kept.draft;
  } catch {
    return null;
  }
}

/** What tells two states of the editor apart: everything typed, whether it can be saved or not. */
export function draftKey(draft: RuleDraft): string {
  const bare = (one: CalendarDraft): unknown => ({ ...one, days: one.days.map(({ kind, date, name, spans }) => ({ kind, date, name, spans })).toSorted((a, b) => `${a.date}${a.kind}`.localeCompare(`${b.date}${b.kind}`)) });
  return JSON.stringify({ policies: draft.policies, calendars: draft.calendars.map(bare) });
}
