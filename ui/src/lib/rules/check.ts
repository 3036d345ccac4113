// What can be told to be wrong while it is typed, beside the field that it is in.
import type { Metric, Priority } from '../../api/generated';
import { tidyDate, dayOf } from './dates';
import { OWN_MOST, ownThreshold, TARGET_MOST, wholeOf, type CalendarDraft, type PolicyDraft, type RuleDraft } from './draft';
import { SPANS_PER_DAY_MAX, spanProblems } from './spans';
import { DAYS, METRICS, PRIORITIES, type Span } from './types';
import { offsetMinutes } from './zones';

/** `key` is a message of the catalogue; `place` as the core writes it, or with the editor's own number of a row. */
export type Problem = { place: string; key: string; args: Record<string, string> };

const wrong = (place: string, key: string, args: Record<string, string> = {}): Problem => ({ place, key: `rules-wrong-${key}`, args });

function spansAt(place: string, spans: readonly Span[], overlapAllowed: boolean): Problem[] {
  const found = spanProblems(spans, overlapAllowed).flatMap((problem, n) => (problem ? [wrong(`${place}[${n}]`, `span-${problem}`)] : []));
  return spans.length > SPANS_PER_DAY_MAX ? [...found, wrong(place, 'span-many', { most: String(SPANS_PER_DAY_MAX) })] : found;
}

function namesAt(place: string, one: { name_zh: string; name_en: string }): Problem[] {
  return one.name_zh.trim() === '' && one.name_en.trim() === '' ? [wrong(`${place}.name`, 'name')] : [];
}

function targetsAt(place: string, policy: PolicyDraft): Problem[] {
  const cell = (priority: Priority, metric: Metric): Problem[] => {
    const { text, unit } = policy.targets[priority][metric];
    const most = TARGET_MOST[unit];
    return text.trim() !== '' && wholeOf(text, most) === null ? [wrong(`${place}.targets[${priority}].${metric}`, 'target', { most: String(most) })] : [];
  };
  return PRIORITIES.flatMap((priority) => METRICS.flatMap((metric) => cell(priority, metric)));
}

export function policyProblems(policy: PolicyDraft, at: number, calendars: readonly CalendarDraft[]): Problem[] {
  const place = `policies[${at}]`;
  const known = (id: string): boolean => calendars.some((one) => one.id === id);
  return [
    ...namesAt(place, policy),
    ...(known(policy.calendar_id) ? [] : [wrong(`${place}.calendar_id`, 'calendar')]),
    ...(policy.visit_calendar_id === '' || known(policy.visit_calendar_id) ? [] : [wrong(`${place}.visit_calendar_id`, 'calendar')]),
    ...targetsAt(place, policy),
    ...policy.own.flatMap((own, n) => (own.text.trim() !== '' && ownThreshold(own) === null ? [wrong(`${place}.own[${n}]`, 'threshold', { most: String(OWN_MOST[own.unit]) })] : [])),
  ];
}

export function calendarProblems(calendar: CalendarDraft): Problem[] {
  const place = `calendars.${calendar.id}`;
  const seen = new Map<string, number>();
  const found = [
    ...namesAt(place, calendar),
    ...(offsetMinutes(calendar.tz, 0) === null ? [wrong(`${place}.tz`, 'zone')] : []),
    ...DAYS.flatMap((day) => spansAt(`${place}.hours.${day}`, calendar.hours[day], false)),
  ];
  for (const day of calendar.days) {
    const here = `${place}.days[${day.uid}]`;
    const key = `${day.kind === 'break' ? 'break' : 'day'} ${day.date}`;
    if (dayOf(day.date) === null) found.push(wrong(`${here}.date`, day.date === '' ? 'date-missing' : 'date'));
    else if (seen.has(key)) found.push(wrong(`${here}.date`, 'date-twice'));
    seen.set(key, day.uid);
    if (day.kind !== 'holiday') found.push(...spansAt(`${here}.spans`, day.spans, day.kind === 'break'));
  }
  if (calendar.known_until.trim() !== '' && dayOf(tidyDate(calendar.known_until)) === null) found.push(wrong(`${place}.known_until`, 'date'));
  return found;
}

export function problemsOf(draft: RuleDraft): Problem[] {
  return [
    ...(draft.policies.length === 0 ? [wrong('policies', 'no-policy')] : []),
    ...draft.policies.flatMap((policy, at) => policyProblems(policy, at, draft.calendars)),
    ...draft.calendars.flatMap(calendarProblems),
  ];
}
