import { flushSync } from 'svelte';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { DryRun, RuleProblem, RuleSet, RulesView } from '../src/api/generated';
import { RulesState } from '../src/state/rules.svelte';
import { NOTICE_BYTES_MAX } from '../src/state/rules-notice.svelte';
import { PreviewState } from '../src/state/rules-preview.svelte';
import { gate, ScriptedHost } from './host';

afterEach(() => void vi.useRealTimers());

const hours = { mon: [['09:00', '18:00']] as [string, string][], tue: [], wed: [], thu: [], fri: [], sat: [], sun: [] };
const policy = (id: string): RuleSet['policies'][number] => ({ id, name_zh: id, name_en: '', vip: null, priorities: [], accounts: [], customers: [], products: [], tags: [], calendar_id: 'c', visit_calendar_id: null, targets: [{ priority: 'urgent', first_response: { value: 15, unit: 'minute' }, next_response: null, first_resolution: null, resolution: null, visit: null }], pause_statuses: [], reopen: 'continue', thresholds: [{ kind: 'breach' }] });
const set = (from: number | null = null): RuleSet => ({ from, policies: [policy('a'), policy('b')], calendars: { c: { name_zh: '日历', name_en: '', calendar: { tz: 'UTC', hours, holidays: [], shifts: {}, breaks: {} } } } });
const view = (...sets: RuleSet[]): RulesView => ({ sets: sets.length > 0 ? sets : [set()], current: 0, shipped: false });
const run: DryRun = { looked_at: 3, changed: 1, newly_breached: 0, no_longer_breached: 0, without_policy: 0, truncated: false, examples: [] };

type Answers = ConstructorParameters<typeof ScriptedHost>[0];
async function loaded(answers: Answers = {}): Promise<{ rules: RulesState; host: ScriptedHost }> {
  const host = new ScriptedHost({ rules_get: () => view(), rules_check: () => [], rules_draft: () => null, rules_draft_put: () => null, rules_dry_run: () => run, rules_put: () => view(), ...answers });
  const rules = new RulesState(host);
  await rules.load();
  return { rules, host };
}
const type = (rules: RulesState, text: string): void => {
  const target = rules.draft?.policies[0]?.targets.urgent.first_response;
  if (target) target.text = text;
  flushSync();
};

describe('rules being edited', () => {
  test('are unchanged until something is typed, and again once it is typed back', async () => {
    const { rules } = await loaded();
    expect(rules.dirty).toBe(false);
    type(rules, '20');
    expect(rules.dirty).toBe(true);
    type(rules, '15');
    expect(rules.dirty).toBe(false);
  });

  test('keep what was typed when the rules are read again, valid or not', async () => {
    const { rules } = await loaded();
    type(rules, 'abc');
    await rules.load();
    expect(rules.draft?.policies[0]?.targets.urgent.first_response.text).toBe('abc');
    rules.discard();
    expect([rules.dirty, rules.draft?.policies[0]?.targets.urgent.first_response.text]).toEqual([false, '15']);
  });

  test('outlive the window, valid or not, and are forgotten once given up', async () => {
    vi.useFakeTimers();
    let kept: string | null = null;
    const core: Answers = { rules_draft: () => kept, rules_draft_put: ({ draft }) => { kept = draft; return null; } };
    const first = (await loaded(core)).rules;
    type(first, '1x');
    first.touched();
    await vi.advanceTimersByTimeAsync(500);
    const { rules } = await loaded(core);
    expect([rules.dirty, rules.draft?.policies[0]?.targets.urgent.first_response.text, rules.problems.length]).toEqual([true, '1x', 1]);
    rules.discard();
    await vi.advanceTimersByTimeAsync(0);
    expect([kept, (await loaded(core)).rules.dirty]).toEqual([null, false]);
  });

  test.each(['', '{}', '[]', '{"version":2,"draft":{}}', '{"version":1,"draft":{"policies":[{}],"calendars":[]}}'])('a kept draft of another shape is not taken: %s', async (text) => {
    const { rules } = await loaded({ rules_draft: () => text });
    expect([rules.dirty, rules.error, rules.draft?.policies.length]).toEqual([false, null, 2]);
  });

  test('a draft that could not be kept is tried again', async () => {
    vi.useFakeTimers();
    let fails = true;
    const { rules, host } = await loaded({ rules_draft_put: () => (fails ? Promise.reject({ code: 'database_busy', args: {} }) : null) });
    type(rules, '16');
    rules.keep();
    await vi.advanceTimersByTimeAsync(0);
    fails = false;
    rules.keep();
    await vi.advanceTimersByTimeAsync(0);
    rules.keep();
    expect(host.named('rules_draft_put')).toHaveLength(2);
  });

  test('are taken anew when nothing was typed', async () => {
    let sets = [set()];
    const { rules } = await loaded({ rules_get: () => view(...sets) });
    sets = [{ ...set(), policies: [policy('z')] }];
    await rules.load();
    expect(rules.draft?.policies.map((one) => one.id)).toEqual(['z']);
  });

  test('that cannot be read say so, and can be asked for again', async () => {
    let fails = true;
    const { rules } = await loaded({ rules_get: () => (fails ? Promise.reject({ code: 'database_busy', args: {} }) : view()) });
    expect([rules.error?.code, rules.draft]).toEqual(['database_busy', null]);
    fails = false;
    await rules.load();
    expect([rules.error, rules.draft?.policies.length]).toEqual([null, 2]);
  });

  test('have the core\'s problems beside their own, once each, and only for what it was asked', async () => {
    vi.useFakeTimers();
    const found: RuleProblem[] = [{ place: 'policies[0].targets[urgent].first_response', code: 'target_zero', args: {} }, { place: 'calendars.c.hours', code: 'calendar_never_open', args: {} }];
    const { rules, host } = await loaded({ rules_check: () => found });
    type(rules, '0');
    rules.touched();
    rules.touched();
    await vi.advanceTimersByTimeAsync(400);
    expect(host.named('rules_check')).toHaveLength(1);
    expect(rules.problems.map((one) => one.key)).toEqual(['rules-wrong-target', 'rules-fault-calendar-never-open']);
    expect(rules.at('calendars.c')).toHaveLength(1);
  });

  test('an answer about an earlier draft is not put beside this one', async () => {
    vi.useFakeTimers();
    const late = gate<RuleProblem[]>();
    const { rules } = await loaded({ rules_check: () => late.promise });
    type(rules, '20');
    rules.touched();
    await vi.advanceTimersByTimeAsync(400);
    type(rules, '25');
    late.open([{ place: 'policies', code: 'too_many', args: {} }]);
    await vi.advanceTimersByTimeAsync(0);
    expect(rules.problems).toEqual([]);
  });

  test('a policy is added, duplicated, moved, and deleted with a way back', async () => {
    const { rules } = await loaded();
    const ids = (): string => (rules.draft?.policies ?? []).map((one) => one.name_zh || 'new').join(' ');
    rules.duplicatePolicy('a', (name) => `${name}′`);
    expect([ids(), rules.policy?.name_zh, new Set(rules.draft?.policies.map((one) => one.id)).size]).toEqual(['a a′ b', 'a′', 3]);
    expect([rules.move(0, 2), ids(), rules.move(0, -1), rules.move(2, 3)]).toEqual([true, 'a′ b a', false, false]);
    const back = rules.removePolicy('b');
    expect([ids(), rules.place.kind]).toEqual(['a′ a', 'overview']);
    back();
    expect(ids()).toBe('a′ b a');
    rules.addPolicy();
    expect([ids(), rules.policy?.calendar_id]).toEqual(['a′ b a new', 'c']);
  });

  test('dates are added once, half typed ones wait', async () => {
    const { rules } = await loaded();
    rules.place = { kind: 'calendar', id: 'c' };
    const { calendar } = rules;
    if (!calendar) throw new Error('no calendar');
    const adding = rules.addingTo('c');
    Object.assign(adding, { from: '2027-2-6', to: '2027-2-3', name: '春节' });
    expect([adding.wrong.to.length, rules.addDays(calendar)]).toEqual([1, 0]);
    adding.to = '2027-02-08';
    expect([rules.addDays(calendar), adding.from, rules.year]).toEqual([3, '', 2027]);
    Object.assign(adding, { from: '2027-02-08', to: '2027-02-09' });
    expect(rules.addDays(calendar)).toBe(1);
    expect(rules.calendar?.days.map((day) => day.date)).toEqual(['2027-02-06', '2027-02-07', '2027-02-08', '2027-02-09']);
    adding.from = '2027-';
    expect(rules.addingTo('c').from).toBe('2027-');
    expect(new Set(rules.calendar?.days.map((day) => day.uid)).size).toBe(4);
  });
});

describe('saving rules', () => {
  test('never happens before what it changes was shown for exactly these rules and this moment', async () => {
    const { rules, host } = await loaded();
    type(rules, '20');
    expect(await rules.save.keep()).toBe(false);
    await rules.save.count();
    expect([rules.save.counted, rules.save.ready]).toEqual([run, true]);
    rules.save.mode = 'all';
    expect([rules.save.counted, await rules.save.keep()]).toEqual([null, false]);
    await rules.save.count();
    type(rules, '25');
    expect([rules.save.counted, await rules.save.keep()]).toEqual([null, false]);
    await rules.save.count();
    expect(await rules.save.keep()).toBe(true);
    expect(host.named('rules_put')).toMatchObject([{ from: null, backwards: true, set: { policies: [{ targets: [{ first_response: { value: 25, unit: 'minute' } }] }, {}] } }]);
    expect([rules.place.kind, rules.dirty]).toEqual(['overview', false]);
  });

  test('waits for what is wrong to be put right', async () => {
    const { rules, host } = await loaded();
    type(rules, 'x');
    await rules.save.count();
    expect([host.named('rules_dry_run').length, rules.save.ready]).toEqual([0, false]);
  });

  test('a count that comes late is not shown for other rules', async () => {
    const late = gate<DryRun>();
    const { rules } = await loaded({ rules_dry_run: () => late.promise });
    type(rules, '20');
    const counting = rules.save.count();
    type(rules, '30');
    late.open(run);
    await counting;
    expect([rules.save.counted, rules.save.busy]).toEqual([null, null]);
  });

  test('a refusal keeps everything that was typed', async () => {
    const { rules } = await loaded({ rules_put: () => Promise.reject({ code: 'database_busy', args: {} }) });
    type(rules, '20');
    await rules.save.count();
    expect(await rules.save.keep()).toBe(false);
    expect([rules.save.error?.code, rules.dirty, rules.draft?.policies[0]?.targets.urgent.first_response.text]).toEqual(['database_busy', true, '20']);
  });

  test.each([['', '00:00', 'rules-wrong-from-missing'], ['soon', '00:00', 'rules-wrong-from'], ['2026-01-01', '00:00', 'rules-wrong-from-past'], ['2026-12-01', '24:00', 'rules-wrong-from'], ['2026/12/1', '9', null]])('from %s %s: %s', async (date, time, wrong) => {
    vi.useFakeTimers({ now: new Date(2026, 10, 21) });
    const { rules } = await loaded();
    Object.assign(rules.save, { mode: 'date', date, time });
    expect(rules.save.wrong).toBe(wrong);
    expect(rules.save.when).toEqual(wrong === null ? { from: new Date(2026, 11, 1, 9).getTime(), backwards: false } : null);
  });

  test('the rules before are one review away, in the same way', async () => {
    const { rules, host } = await loaded({ rules_put: () => ({ sets: [set(), { ...set(5), policies: [policy('n')] }], current: 1, shipped: false }) });
    const before = rules.inForce;
    type(rules, '20');
    await rules.save.count();
    await rules.save.keep();
    expect(rules.draft?.policies.map((one) => one.id)).toEqual(['n']);
    if (before) rules.goBackTo(before, { from: null, backwards: true });
    expect([rules.place.kind, rules.save.mode, rules.dirty, rules.draft?.policies.map((one) => one.id)]).toEqual(['save', 'all', true, ['a', 'b']]);
    expect(host.named('rules_put')).toHaveLength(1);
  });

  test('a version still to come is edited with its own date', async () => {
    vi.useFakeTimers({ now: new Date(2026, 10, 21) });
    const later = set(new Date(2027, 0, 1, 8, 30).getTime());
    const { rules } = await loaded({ rules_get: () => view(set(), later) });
    rules.takeUp(later);
    expect([rules.save.mode, rules.save.date, rules.save.time, rules.savable]).toEqual(['date', '2027-01-01', '08:30', true]);
  });
});

describe('a month of a calendar', () => {
  const day = (date: string, open_ms: number) => ({ date, kind: 'weekly' as const, name: '', spans: [], open_ms, provisional: false });

  test('stands Monday first, and a late answer does not replace a newer one', async () => {
    const first = gate<{ days: ReturnType<typeof day>[]; problems: []; whole: boolean }>();
    const answers = [first.promise, Promise.resolve({ days: [day('2027-02-01', 3_600_000), day('2027-02-02', 0)], problems: [], whole: true })] as const;
    let asked = 0;
    const preview = new PreviewState({ preview: () => answers[asked++] ?? answers[1] });
    const { rules } = await loaded();
    rules.place = { kind: 'calendar', id: 'c' };
    if (!rules.calendar) throw new Error('no calendar');
    preview.ask(rules.calendar);
    preview.ask(rules.calendar);
    await vi.waitFor(() => expect(preview.days).toHaveLength(2));
    first.open({ days: [day('2027-01-01', 0)], problems: [], whole: true });
    await Promise.resolve();
    expect([preview.weeks[0]?.map((one) => one?.date ?? ''), preview.openDays, preview.openMs]).toEqual([['2027-02-01', '2027-02-02', '', '', '', '', ''], 1, 3_600_000]);
  });

  test('goes over the year\'s end both ways', () => {
    const preview = new PreviewState({ preview: () => Promise.reject(new Error('unused')) });
    Object.assign(preview, { year: 2026, month: 12 });
    preview.step(1);
    expect([preview.year, preview.month]).toEqual([2027, 1]);
    preview.step(-1);
    expect([preview.year, preview.month]).toEqual([2026, 12]);
  });
});

describe('a notice', () => {
  test('is read as typed, refused in words, and kept', async () => {
    vi.useFakeTimers();
    const { rules } = await loaded({ holidays_import: ({ text }) => (text === 'good' ? { years: [], source: 's' } : Promise.reject({ code: 'input_invalid', args: {} })) });
    const { notice } = rules;
    notice.take('bad');
    await vi.advanceTimersByTimeAsync(300);
    expect([notice.error?.code, notice.found, notice.text, notice.reading]).toEqual(['input_invalid', null, 'bad', false]);
    notice.take('good');
    await vi.advanceTimersByTimeAsync(300);
    expect([notice.error, notice.found?.source]).toEqual([null, 's']);
  });

  test('of a file too large is not read, and one that cannot be read says so', async () => {
    const { rules, host } = await loaded();
    await rules.notice.takeFile({ size: NOTICE_BYTES_MAX + 1, text: () => Promise.resolve('') });
    expect(rules.notice.refused).toBe('large');
    await rules.notice.takeFile({ size: 1, text: () => Promise.reject(new Error('gone')) });
    expect([rules.notice.refused, host.named('holidays_import')]).toEqual(['unreadable', []]);
  });
});
