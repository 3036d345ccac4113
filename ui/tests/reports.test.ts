import { describe, expect, it } from 'vitest';
import type { PickedHistory, ReplayAnswer, Tally } from '../src/api/generated';
import { breachedShare, monthName, percent, points, shade, weekdays } from '../src/lib/replay/figures';
import { l10n } from '../src/lib/l10n.svelte';
import type { RuleSet } from '../src/api/generated';
import { ReportsState } from '../src/state/reports.svelte';
import { gate, ScriptedHost } from './host';

const tally: Tally = { clocks: 4, met: 2, breached: 1, breached_open: 0, still_open: 1, cancelled: 0, alerts: 3, late_p50_ms: 60_000, late_p90_ms: 60_000, late_max_ms: 60_000 };
const report = { tickets: 2, events: 4, without_policy: 0, without_clock: 0, from: 0, last_event: 1, until: 1, total: tally, rows: [], by_metric: [], by_priority: [], by_month: [], by_policy: [], alerts: { rung: 3, superseded: 0, by_threshold: [], by_month: [], by_hour: [] }, worst: [] };
const answer: ReplayAnswer = { candidate: report, in_force: null, comparison: [], assumptions: [], problems: [], problems_total: 0, took_ms: 1 };
const picked: PickedHistory = { token: 'history-1', name: 'log.csv', format: 'incident_log', rows: 4, tickets: 2, until: 1, needs_zone: true, dates: null, dates_matter: true, problems: [], problems_total: 0 };
const always = { tz: 'UTC', hours: { mon: [['00:00', '24:00']], tue: [], wed: [], thu: [], fri: [], sat: [], sun: [] }, holidays: [], shifts: {}, breaks: {} } as RuleSet['calendars'][string]['calendar'];
const set: RuleSet = {
  from: 5,
  policies: [{ id: 'p', name_zh: '策略', name_en: 'Policy', vip: null, priorities: [], accounts: [], customers: [], products: [], tags: [], calendar_id: 'always', visit_calendar_id: null, targets: [{ priority: 'urgent', first_response: { value: 30, unit: 'minute' }, next_response: null, first_resolution: null, resolution: null, visit: null }], pause_statuses: [], reopen: 'continue', thresholds: [{ kind: 'breach' }] }],
  calendars: { always: { name_zh: '全天候', name_en: 'Always', calendar: always } },
};

describe('a replay', () => {
  it('asks about own tickets under the rules in force, and shows what came of it', async () => {
    const host = new ScriptedHost({ replay_run: () => answer });
    const state = new ReportsState(host);
    await state.run();
    expect(host.named('replay_run')).toEqual([{ source: { kind: 'store' }, set: null }]);
    expect(state.answer).toEqual(answer);
    expect([state.running, state.error, state.outdated]).toEqual([false, null, false]);
  });

  it('keeps the answer, and says that it is of other choices, when something is changed', async () => {
    const state = new ReportsState(new ScriptedHost({ replay_run: () => answer }));
    await state.run();
    state.change(set);
    expect(state.outdated).toBe(true);
    state.candidate = 'in_force';
    expect(state.outdated).toBe(false);
  });

  it('sends the targets as they were typed, and none that is wrong', async () => {
    const host = new ScriptedHost({ replay_run: () => answer });
    const state = new ReportsState(host);
    state.change(set);
    const target = state.draft?.policies[0]?.targets.urgent.first_response;
    if (!target) throw new Error('no target');
    target.text = 'soon';
    expect(state.ready).toBe(false);
    await state.run();
    expect(host.named('replay_run')).toEqual([]);
    target.text = '20';
    await state.run();
    const sent = host.named('replay_run')[0] as { set: RuleSet };
    expect(sent.set.policies[0]?.targets.find((one) => one.priority === 'urgent')?.first_response).toEqual({ value: 20, unit: 'minute' });
  });

  it('waits for a file, then for the order of its dates', async () => {
    const host = new ScriptedHost({ replay_pick: () => picked, replay_run: () => answer });
    const state = new ReportsState(host);
    state.history = 'file';
    expect(state.ready).toBe(false);
    await state.pick();
    expect([state.ready, state.needsDates]).toEqual([false, true]);
    state.dates = 'mdy';
    state.tz = '  Europe/Berlin ';
    await state.run();
    expect(host.named('replay_run')).toEqual([{ source: { kind: 'file', token: 'history-1', tz: 'Europe/Berlin', dates: 'mdy' }, set: null }]);
  });

  it('keeps the file chosen before when the dialog is left', async () => {
    const answers: (PickedHistory | null)[] = [picked, null];
    const state = new ReportsState(new ScriptedHost({ replay_pick: () => answers.shift() ?? null }));
    await state.pick();
    await state.pick();
    expect(state.picked?.token).toBe('history-1');
  });

  it('stops without an error, and an answer that comes later is not shown', async () => {
    const late = gate<ReplayAnswer>();
    const host = new ScriptedHost({ replay_run: () => late.promise, replay_cancel: () => null });
    const state = new ReportsState(host);
    const run = state.run();
    state.event({ event: 'replay_changed', done: 2000, total: 9000 });
    expect([state.running, state.done, state.total]).toEqual([true, 2000, 9000]);
    await state.stop();
    late.fail({ code: 'replay_cancelled', args: {} });
    await run;
    expect([state.running, state.error, state.answer]).toEqual([false, null, null]);
    state.event({ event: 'replay_changed', done: 3000, total: 9000 });
    expect(state.done).toBe(2000);
  });

  it('asks for the file again when it is gone', async () => {
    const state = new ReportsState(new ScriptedHost({ replay_pick: () => ({ ...picked, dates: 'dmy' as const }), replay_run: () => Promise.reject({ code: 'history_gone', args: {} }) }));
    await state.pick();
    await state.run();
    expect([state.error?.code, state.picked, state.ready]).toEqual(['history_gone', null, false]);
  });
});

describe('figures of a replay', () => {
  it('has a share only where something is decided', () => {
    l10n.use('en');
    expect(percent(breachedShare(tally))).toBe('33.3%');
    expect(percent(breachedShare({ ...tally, met: 0, breached: 0 }))).toBe('–');
    expect([points(0.5, 0.312), points(0.1, 0.15), points(0.2, 0.2), points(null, 0.2)]).toEqual(['-18.8', '+5.0', '0.0', '']);
  });

  it('names days and months in the language that is on', () => {
    l10n.use('en');
    expect(weekdays()[0]).toBe('Mon');
    l10n.use('zh-CN');
    expect(weekdays()[6]).toBe('周日');
    expect(monthName('2026-02')).toBe('2026年2月');
  });

  it('draws a single alert darker than none, and the most the darkest', () => {
    expect([shade(0, 900), shade(1, 900), shade(450, 900), shade(900, 900), shade(0, 0)]).toEqual([0, 1, 2, 4, 0]);
  });
});
