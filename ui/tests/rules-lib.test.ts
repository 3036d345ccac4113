import { describe, expect, test } from 'vitest';
import type { ImportedHolidays, Policy, RuleSet } from '../src/api/generated';
import { calendarProblems, problemsOf } from '../src/lib/rules/check';
import { datesBetween, dayOf, tidyDate, weekdayOf } from '../src/lib/rules/dates';
import { draftKey, draftOf, emptyCalendar, emptyPolicy, policyDraft, policyOf, readableSpec, setOf, specOf } from '../src/lib/rules/draft';
import { makeupHours, merged, mergeSize, planMerge } from '../src/lib/rules/holidays';
import { leavesGaps, moved, shadowedBy } from '../src/lib/rules/match';
import { nextSpan, spanProblems, tidyTime } from '../src/lib/rules/spans';
import type { Span } from '../src/lib/rules/types';
import { clockChange, instantOf, offsetMinutes, offsetText } from '../src/lib/rules/zones';

describe('an interval as typed', () => {
  test.each([['9', '09:00'], ['930', '09:30'], ['9:30', '09:30'], ['９：３０', '09:30'], ['17.45', '17:45'], ['2400', '24:00'], ['24:01', '24:01'], ['25', '25'], ['9:5', '9:5'], ['noon', 'noon'], ['', '']])('%s is read as %s', (typed, read) => expect(tidyTime(typed)).toBe(read));

  test.each<[string, Span[], (string | null)[]]>([
    ['two that touch', [['09:00', '12:00'], ['12:00', '18:00']], [null, null]],
    ['two that overlap: the later row says so', [['09:00', '12:00'], ['11:59', '18:00']], [null, 'overlap']],
    ['an earlier interval written second', [['13:00', '18:00'], ['09:00', '12:00']], [null, null]],
    ['over midnight', [['22:00', '06:00']], ['reversed']],
    ['no length', [['09:00', '09:00']], ['reversed']],
    ['to the end of the day', [['22:00', '24:00']], [null]],
    ['half typed', [['09:00', '']], ['missing']],
    ['no time', [['09:00', '9h']], ['time']],
    ['one that cannot be read overlaps nothing', [['09:00', 'x'], ['10:00', '11:00']], ['time', null]],
  ])('%s', (_, spans, problems) => expect(spanProblems(spans)).toEqual(problems));

  test('breaks may overlap', () => expect(spanProblems([['09:00', '12:00'], ['11:00', '13:00']], true)).toEqual([null, null]));

  test.each<[Span[], Span]>([[[], ['09:00', '18:00']], [[['09:00', '12:00']], ['13:00', '18:00']], [[['09:00', '18:00']], ['19:00', '21:00']], [[['00:00', '24:00']], ['', '']]])('after %j comes %j', (spans, next) => expect(nextSpan(spans)).toEqual(next));
});

describe('a date as typed', () => {
  test.each([['2027-2-6', '2027-02-06'], ['2027/02/06', '2027-02-06'], ['20270206', '2027-02-06'], ['2027年2月6日', '2027-02-06'], ['2027-02-30', '2027-02-30'], ['6.2.2027', '6.2.2027']])('%s is read as %s', (typed, read) => expect(tidyDate(typed)).toBe(read));

  test('exists or does not', () => {
    expect(dayOf('2028-02-29')).not.toBeNull();
    expect(dayOf('2027-02-29')).toBeNull();
    expect(weekdayOf(dayOf('2027-02-06') ?? 0)).toBe(5);
  });

  test('a range has both its ends and a limit', () => {
    expect(datesBetween('2027-12-31', '2028-01-02', 10)).toEqual(['2027-12-31', '2028-01-01', '2028-01-02']);
    expect(datesBetween('2027-01-02', '2027-01-01', 10)).toEqual([]);
    expect(datesBetween('2027-01-01', '2027-12-31', 10)).toHaveLength(10);
  });
});

describe('time zones', () => {
  test('know when clocks change, and which way', () => {
    expect(clockChange('America/New_York', '2027-03-14')).toBe(60);
    expect(clockChange('America/New_York', '2027-11-07')).toBe(-60);
    expect(clockChange('America/New_York', '2027-11-08')).toBe(0);
    expect(clockChange('Australia/Lord_Howe', '2026-10-04')).toBe(30);
    expect(clockChange('Asia/Shanghai', '2027-03-14')).toBe(0);
    expect(clockChange('Nowhere/Land', '2027-03-14')).toBe(0);
  });

  test('are said as their distance from UTC', () => {
    expect([480, -210, 0, 345].map(offsetText)).toEqual(['UTC+8', 'UTC−3:30', 'UTC+0', 'UTC+5:45']);
    expect(offsetMinutes('Asia/Kathmandu', 0)).toBe(330);
    expect(offsetMinutes('Nowhere/Land', 0)).toBeNull();
    expect(instantOf('Asia/Shanghai', '2027-01-01', '08:00')).toBe(Date.UTC(2027, 0, 1));
  });
});

const policy: Policy = {
  id: 'p', name_zh: '策略', name_en: 'Policy', vip: null, priorities: [], accounts: [], customers: [], products: [], tags: [], calendar_id: 'c', visit_calendar_id: null, pause_statuses: ['waiting_customer'], reopen: 'continue',
  targets: [{ priority: 'urgent', first_response: { value: 15, unit: 'minute' }, next_response: null, first_resolution: null, resolution: { value: 2, unit: 'business_day' }, visit: null }],
  thresholds: [{ kind: 'share', percent: 40 }, { kind: 'share', percent: 75 }, { kind: 'time_left', seconds: 900 }, { kind: 'time_left', seconds: 120 }, { kind: 'time_left', seconds: 30 }, { kind: 'breach' }],
};
const set: RuleSet = {
  from: null, policies: [policy],
  calendars: { c: { name_zh: '日历', name_en: '', calendar: { tz: 'Asia/Shanghai', hours: { mon: [['09:00', '18:00']], tue: [], wed: [], thu: [], fri: [], sat: [], sun: [] }, holidays: ['2026-10-01'], shifts: { '2026-10-10': [['09:00', '12:00']] }, breaks: { '2026-10-10': [['10:00', '10:30']] }, known_until: '2026-12-31', names: { '2026-10-01': '国庆节', '2026-10-10': '国庆节' } } } },
};

describe('rules as a draft', () => {
  test('come back as they went in', () => expect(setOf(draftOf(set))).toEqual(set));

  test('thresholds are the known ones and own values, each once and in order', () => {
    const draft = policyDraft(policy);
    expect([draft.presets, draft.own]).toEqual([['75%', '15min', 'breach'], [{ text: '40', unit: 'percent' }, { text: '2', unit: 'minute' }, { text: '30', unit: 'second' }]]);
    draft.own.push({ text: '15', unit: 'minute' }, { text: '', unit: 'minute' }, { text: '10', unit: 'percent' });
    expect(policyOf(draft).thresholds).toEqual([{ kind: 'share', percent: 10 }, ...policy.thresholds]);
  });

  test('a target that cannot be read is left out of what is sent and is a problem where it stands', () => {
    const draft = draftOf(set);
    const [first] = draft.policies;
    if (!first) throw new Error('no policy');
    Object.assign(first.targets.urgent.first_response, { text: '1.5' });
    Object.assign(first.targets.routine.visit, { text: '2501', unit: 'business_day' });
    Object.assign(first.targets.important.visit, { text: ' ４８ ', unit: 'hour' });
    expect(setOf(draft).policies[0]?.targets.find((one) => one.priority === 'urgent')?.first_response).toBeNull();
    expect(setOf(draft).policies[0]?.targets.find((one) => one.priority === 'important')?.visit).toEqual({ value: 48, unit: 'hour' });
    expect(problemsOf(draft).map(({ place, args }) => [place, args['most']])).toEqual([['policies[0].targets[urgent].first_response', '99999'], ['policies[0].targets[routine].visit', '2500']]);
  });

  test('what is typed makes it another draft, what is typed back does not', () => {
    const draft = draftOf(set);
    const before = draftKey(draft);
    const day = draft.calendars[0]?.days[0];
    if (!day) throw new Error('no day');
    day.date = '2026-10-';
    expect(draftKey(draft)).not.toBe(before);
    day.date = '2026-10-01';
    draft.calendars[0]?.days.reverse();
    expect(draftKey(draft)).toBe(before);
  });

  test('names, calendars and dates that are missing have a problem each', () => {
    const draft = draftOf(set);
    draft.policies.push({ ...emptyPolicy('new', 'gone'), visit_calendar_id: 'gone' });
    const calendar = { ...emptyCalendar('d', 'Mars/Olympus'), known_until: '2027' };
    calendar.days.push({ uid: 1, kind: 'holiday', date: '2027-01-01', name: '', spans: [], shelf: 2027 }, { uid: 2, kind: 'shift', date: '2027-01-01', name: '', spans: [['9', '10:00']], shelf: 2027 }, { uid: 3, kind: 'break', date: '', name: '', spans: [], shelf: 2027 });
    draft.calendars.push(calendar);
    expect(problemsOf(draft).map((one) => `${one.place} ${one.key.replace('rules-wrong-', '')}`)).toEqual([
      'policies[1].name name', 'policies[1].calendar_id calendar', 'policies[1].visit_calendar_id calendar', 'calendars.d.name name', 'calendars.d.tz zone', 'calendars.d.days[2].date date-twice', 'calendars.d.days[2].spans[0] span-time', 'calendars.d.days[3].date date-missing', 'calendars.d.known_until date',
    ]);
    expect(problemsOf({ policies: [], calendars: [] }).map((one) => one.place)).toEqual(['policies']);
  });

  test('a preview leaves out what cannot be read, and says so', () => {
    const draft = draftOf(set).calendars[0];
    if (!draft) throw new Error('no calendar');
    expect(readableSpec(draft)).toEqual({ spec: specOf(draft), whole: true });
    draft.hours.mon.push(['17:00', '20:00'], ['20:00', '2']);
    draft.known_until = '2026-';
    const { spec, whole } = readableSpec(draft);
    expect([spec.hours.mon, spec.known_until, whole]).toEqual([[['09:00', '18:00']], undefined, false]);
    expect(calendarProblems({ ...draft, known_until: '' }).map((one) => one.place)).toEqual(['calendars.c.hours.mon[1]', 'calendars.c.hours.mon[2]']);
  });
});

describe('the order of policies', () => {
  const of = (change: Partial<ReturnType<typeof emptyPolicy>>) => ({ ...emptyPolicy('p', 'c'), ...change });

  test('a policy below one that takes all of its tickets is never used', () => {
    const vip = of({ vip: true });
    expect(shadowedBy([of({}), vip], 1)).toBe(0);
    expect(shadowedBy([of({ priorities: ['urgent'] }), of({ priorities: ['urgent', 'important'] })], 1)).toBe(-1);
    expect(shadowedBy([of({ priorities: ['urgent', 'important'] }), of({ priorities: ['urgent'], vip: false })], 1)).toBe(0);
    expect(shadowedBy([of({ tags: ['a'] }), of({ tags: ['a', 'b'] })], 1)).toBe(-1);
    expect(shadowedBy([vip, of({ vip: false })], 1)).toBe(-1);
  });

  test('leaves gaps where no policy is for everyone', () => {
    expect(leavesGaps([of({ vip: true }), of({ vip: false })])).toBe(false);
    expect(leavesGaps([of({ vip: true }), of({ vip: false, priorities: ['urgent'] })])).toBe(true);
    expect(leavesGaps([of({ customers: ['A'] })])).toBe(true);
  });

  test.each([[0, 2, 'bca'], [2, 0, 'cab'], [1, 1, 'abc']])('from %i to %i', (from, to, order) => expect(moved(['a', 'b', 'c'], from, to).join('')).toBe(order));
});

describe('a holiday notice', () => {
  const notice: ImportedHolidays = { source: '', years: [{ year: 2027, off: [['2027-01-01', '元旦'], ['2027-02-06', '春节']], makeup: [['2027-02-20', '春节']] }] };
  const calendar = () => {
    const one = draftOf(set).calendars[0];
    if (!one) throw new Error('no calendar');
    return one;
  };
  let uid = 100;
  const next = (): number => (uid += 1);

  test('adds its dates, with the hours that make-up workdays have here', () => {
    const plan = planMerge(calendar(), notice);
    expect([plan.off.length, plan.makeup.length, plan.turned.length, plan.known, plan.known_until, plan.hours]).toEqual([2, 1, 0, 0, '2027-12-31', [['09:00', '12:00']]]);
    const after = { ...calendar(), ...merged(calendar(), notice, next) };
    expect(specOf(after)).toMatchObject({ holidays: ['2026-10-01', '2027-01-01', '2027-02-06'], shifts: { '2027-02-20': [['09:00', '12:00']] }, breaks: { '2026-10-10': [['10:00', '10:30']] }, known_until: '2027-12-31' });
    expect(mergeSize(planMerge(after, notice))).toBe(0);
    expect(planMerge(after, notice)).toMatchObject({ known: 3, known_until: '' });
  });

  test('turns a date round and gives it another name, and leaves the rest alone', () => {
    const before = calendar();
    before.days.push({ uid: 50, kind: 'holiday', date: '2027-02-20', name: '公司日', spans: [], shelf: 2027 }, { uid: 51, kind: 'holiday', date: '2027-01-01', name: '新年', spans: [], shelf: 2027 }, { uid: 52, kind: 'holiday', date: '2027-05-17', name: '公司日', spans: [], shelf: 2027 });
    const plan = planMerge(before, notice);
    expect([plan.turned, plan.renamed, plan.off.map((one) => one.date)]).toEqual([[{ date: '2027-02-20', name: '春节' }], [{ date: '2027-01-01', name: '元旦' }], ['2027-02-06']]);
    const spec = specOf({ ...before, ...merged(before, notice, next) });
    expect(spec.holidays).toEqual(['2026-10-01', '2027-01-01', '2027-02-06', '2027-05-17']);
    expect(spec.shifts['2027-02-20']).toEqual([['09:00', '12:00']]);
    expect([spec.names?.['2027-01-01'], spec.names?.['2027-05-17']]).toEqual(['元旦', '公司日']);
  });

  test('of a year after a gap does not say that the gap is known', () => {
    const [year] = notice.years;
    const later: ImportedHolidays = { source: '', years: [{ ...(year ?? { off: [], makeup: [] }), year: 2028 }] };
    expect(planMerge(calendar(), later).known_until).toBe('');
  });

  test('gives make-up workdays the weekly hours where there were none before', () => {
    const fresh = { ...calendar(), days: [] };
    expect(makeupHours(fresh)).toEqual([['09:00', '18:00']]);
    expect(makeupHours({ ...fresh, hours: { ...fresh.hours, mon: [] } })).toEqual([['09:00', '18:00']]);
  });
});
