// Clocks in words and as bars, the lanes of Watch as time passes, and the strip of the next 24 hours.
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { ClockView, Watch, WatchCard } from '../src/api/generated';
import { bar, latestAndEarlier, shareAt } from '../src/lib/clockbar';
import { historyText, markText, stoppedText, whySentences, whySteps } from '../src/lib/clockwords';
import { clusters, height, nearest } from '../src/lib/horizon';
import { l10n } from '../src/lib/l10n.svelte';
import { laneOf, nextMove, relane, walkLanes } from '../src/lib/lanes';
import { leftOutLines } from '../src/lib/leftout';
import { exactLength, targetLength } from '../src/lib/time';
import { STALE_MS, WatchState } from '../src/state/watch.svelte';
import { gate, ScriptedHost } from './host';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const noon = new Date(2026, 10, 21, 12, 0, 0).getTime();

/** Two hours from noon, with a break of four minutes at 12:29. */
function clockOf(more: Partial<ClockView> = {}, why: Partial<ClockView['why']> = {}): ClockView {
  const base = { metric: 'resolution', instance: 1, state: 'running', stopped_at: null, stopped_by: null, stopped_who: '', uncertainty_ms: 0, provisional: false, target: { value: 2, unit: 'hour' } } as const;
  const deadline = noon + 124 * MINUTE;
  return {
    ...base, started_at: noon, deadline_at: deadline, paused_since: null, share: 0, matched: [],
    marks: [{ threshold: { kind: 'share', percent: 50 }, share: 0.5, at: noon + 64 * MINUTE, rung_at: noon + 64 * MINUTE }, { threshold: { kind: 'time_left', seconds: 900 }, share: 0.875, at: noon + 109 * MINUTE, rung_at: null }, { threshold: { kind: 'breach' }, share: 1, at: deadline, rung_at: null }],
    why: { ...base, policy_id: 'p', policy_zh: '企业 VIP', policy_en: 'Enterprise VIP', calendar_id: 'always', calendar_zh: '全天候', calendar_en: 'Around the clock', tz: 'Asia/Shanghai', target_ms: 2 * HOUR, started_at: noon, deadline, known_until: null, counted: [{ from: noon, to: noon + 29 * MINUTE }, { from: noon + 33 * MINUTE, to: deadline }], counted_total: 2, pauses: [{ from: noon + 29 * MINUTE, to: noon + 33 * MINUTE, open_ms: 4 * MINUTE }], consumed_ms: 0, superseded: [], visit: '', ...why },
    ...more,
  };
}

afterEach(() => l10n.use('zh-CN'));

describe('a clock as a bar', () => {
  test('fills in business time: a pause moves nothing and is a notch where it began', () => {
    const drawn = bar(clockOf(), noon + 33 * MINUTE);
    expect(drawn.fill).toBeCloseTo(29 / 120);
    expect(drawn.pauses).toMatchObject([{ place: expect.closeTo(29 / 120) }]);
    expect(shareAt(clockOf(), noon + 31 * MINUTE)).toBeCloseTo(29 / 120);
    expect(bar(clockOf(), noon + 64 * MINUTE).fill).toBeCloseTo(0.5);
  });

  test('tells marks that rang and marks that were passed from those ahead', () => {
    const { marks } = bar(clockOf(), noon + 70 * MINUTE);
    expect(marks.map((mark) => [mark.share, mark.passed, mark.rung_at !== null])).toEqual([[0.5, true, true], [0.875, false, false]]);
  });

  test('turns amber, then red from the instant after the deadline', () => {
    const at = (minutes: number, ms = 0): string => bar(clockOf(), noon + minutes * MINUTE + ms).state;
    expect([at(100), at(110), at(124), at(124, 1)]).toEqual(['running', 'imminent', 'imminent', 'breached']);
  });

  test('stands where it was stopped or paused', () => {
    expect(bar(clockOf({ state: 'achieved', stopped_at: noon + 12 * MINUTE, share: 0.1 }), noon + 500 * MINUTE)).toMatchObject({ state: 'met', fill: 0.1 });
    expect(bar(clockOf({ state: 'late', stopped_at: noon + 130 * MINUTE, share: 1.05 }), noon + 500 * MINUTE)).toMatchObject({ state: 'late', fill: 1 });
    expect(bar(clockOf({ state: 'paused', deadline_at: null, paused_since: noon + 60 * MINUTE, share: 0.6 }), noon + 500 * MINUTE)).toMatchObject({ state: 'paused', fill: 0.6 });
  });

  test('goes from mark to mark where not every interval is listed', () => {
    const long = clockOf({}, { counted_total: 90 });
    expect(shareAt(long, noon + 32 * MINUTE)).toBeCloseTo(0.25);
    expect(shareAt(long, noon + 64 * MINUTE)).toBeCloseTo(0.5);
  });

  test('of each metric the latest instance is in front, the others are earlier', () => {
    const clocks = [clockOf(), clockOf({ metric: 'next_response', instance: 1 }), clockOf({ metric: 'next_response', instance: 2 }), clockOf({ metric: 'first_response' }), clockOf({ metric: 'visit' }), clockOf({ metric: 'first_resolution' })];
    const { latest, earlier } = latestAndEarlier(clocks);
    expect(latest.map((one) => [one.metric, one.instance])).toEqual([['first_response', 1], ['next_response', 2], ['first_resolution', 1], ['resolution', 1], ['visit', 1]]);
    expect(earlier.map((one) => [one.metric, one.instance])).toEqual([['next_response', 1]]);
  });
});

describe('why a deadline is when it is', () => {
  const full = clockOf({ matched: [{ kind: 'vip', value: '' }, { kind: 'priority', value: 'urgent' }], uncertainty_ms: MINUTE, provisional: true }, { superseded: [{ until: noon + 11 * MINUTE, target: { value: 4, unit: 'hour' } }], known_until: '2026-12-31' });

  test('in Chinese', () => {
    l10n.use('zh-CN');
    expect(whySentences(full, noon + HOUR).join('')).toBe(
      '适用规则“企业 VIP”，因为客户是 VIP，且优先级为紧急。解决须在 2 小时内，按“全天候”计时（Asia/Shanghai）。12:00 起计。时刻由轮询得知，误差不超过 1 分钟。12:11 之前优先级不同，当时的目标为 4 小时。暂停 1 次，共扣除服务时间 4 分钟。因此 14:04 截止。暂定：2026-12-31 之后的放假通知尚未公布，公布后截止时间可能变动。',
    );
  });

  test('in English', () => {
    l10n.use('en');
    const said = whySentences(full, noon + HOUR).join(' ');
    for (const part of ['The policy “Enterprise VIP” applies, because the customer is a VIP and the priority is Urgent.', 'counted by “Around the clock” (Asia/Shanghai).', 'It counts from 12:00.', 'Until 12:11 the priority was another one', 'One pause took', 'So it is due 14:04.', 'after 2026-12-31']) expect(said).toContain(part);
  });

  test('says who stopped it, and nothing of nobody', () => {
    l10n.use('zh-CN');
    const stopped = clockOf({ state: 'achieved', stopped_at: noon + 8 * MINUTE, stopped_by: 'replied', stopped_who: '林夏' });
    expect(stoppedText(stopped, noon + HOUR)).toBe('林夏 12:08 回复');
    expect(stoppedText({ ...stopped, stopped_who: '' }, noon + HOUR)).toBe('12:08 回复');
    l10n.use('en');
    expect(stoppedText({ ...stopped, stopped_who: 'Lin Xia' }, noon + HOUR)).toBe('Lin Xia replied 12:08');
    expect(whySentences(stopped, noon + HOUR).at(-1)).toContain('and the clock stopped');
  });

  test('the listed intervals add up to the target, and pauses stand between them', () => {
    const steps = whySteps(clockOf());
    expect(steps.map((step) => step.kind)).toEqual(['counted', 'pause', 'counted']);
    const sum = steps.filter((step) => step.kind === 'counted').reduce((total, step) => total + (step.to ?? 0) - step.from, 0);
    expect(sum).toBe(2 * HOUR);
    expect(whySteps(clockOf({}, { pauses: [{ from: noon, to: null, open_ms: 0 }] })).some((step) => step.to === null)).toBe(true);
  });

  test('a mark rings, rang, or was passed in silence', () => {
    l10n.use('en');
    const [half, left, breach] = clockOf().marks;
    if (!half || !left || !breach) throw new Error('three marks');
    expect([markText(half, noon + 110 * MINUTE), markText(left, noon + 110 * MINUTE), markText(breach, noon + 110 * MINUTE), markText({ ...breach, at: null }, noon)]).toEqual(['50% · rang 13:04', '15 min left · passed 13:49, did not ring', 'deadline · rings 14:04', 'deadline · set once the clock runs again']);
  });

  test('lengths keep their seconds, targets their unit', () => {
    l10n.use('en');
    expect([exactLength(90_000), exactLength(9000), exactLength(2 * HOUR), targetLength({ value: 3, unit: 'business_day' }), targetLength({ value: 90, unit: 'second' })]).toEqual(['1 min 30 s', '9 s', '2 h', '3 business days', '1 min 30 s']);
  });

  test('the history reads as what happened', () => {
    l10n.use('zh-CN');
    const said = (happening: Parameters<typeof historyText>[0]['happening']): string => historyText({ at: noon, uncertainty_ms: 0, actor: '', happening }, noon);
    expect([said({ what: 'created' }), said({ what: 'reopened', to: 'open' }), said({ what: 'replied', by: 'agent' }), said({ what: 'priority', from: 'routine', to: 'urgent' }), said({ what: 'merged', into: 'T-9' }), said({ what: 'visit_done', visit: 'v' })]).toEqual(['创建', '重新打开，状态为处理中', '回复客户', '优先级由常规改为紧急', '并入 #T-9', '上门完成']);
  });

  test('what a server did not keep is said in words, the unknown as it came', () => {
    l10n.use('zh-CN');
    expect(leftOutLines('Severity: Workorder has no such field; tags: Workorder has none; not proved: timed_out; CF.{X}: no such value')).toEqual(['Severity：对方没有这个字段', '标签：对方没有标签', expect.stringContaining('无法确认是否保留'), 'CF.{X}: no such value']);
  });
});

const card = (ticket_id: number, deadline_at: number): WatchCard => ({ ticket_id, remote_id: `T-${ticket_id}`, subject: `s${ticket_id}`, customer: '', vip: false, priority: 'routine', metric: 'resolution', instance: 1, started_at: 0, deadline_at, provisional: false, uncertainty_ms: 0, policy_id: 'p' });

/** A watch at noon with these deadlines (minutes from noon); `hidden` more in each lane that has any. */
function watchOf(minutes: number[], hidden = 0): Watch {
  const midnight = noon + 12 * HOUR;
  const cards = minutes.map((minute, n) => card(n + 1, noon + minute * MINUTE));
  const lanes = (['breached', 'minutes', 'hour', 'today', 'later'] as const).map((lane) => {
    const mine = cards.filter((one) => laneOf(one.deadline_at, noon, midnight) === lane);
    return { lane, total: mine.length + (mine.length > 0 ? hidden : 0), cards: mine };
  });
  return { now: noon, midnight, next_deadline: null, unfinished: 0, paused: 0, lanes, figures: { measured: [], met_share: null, met_n: 0, since: 0 }, horizon: { from: noon, to: noon, ticks: [], total: 0, closed: [], calendar: null } };
}

describe('lanes', () => {
  const totals = (watch: Watch): number[] => watch.lanes.map((lane) => lane.total);

  test.each([
    ['nothing moves within a lane', [-5, 3, 20, 70], 60_000, [1, 1, 1, 1, 0]],
    ['a bound is crossed at its instant plus one', [15], 1, [0, 1, 0, 0, 0]],
    ['not a moment before', [15], 0, [0, 0, 1, 0, 0]],
    ['a breach is one from the millisecond after', [3], 3 * MINUTE + 1, [1, 0, 0, 0, 0]],
    ['several lanes at once, after a sleep', [3, 20, 70, 300], 2 * HOUR, [3, 0, 0, 1, 0]],
  ] as const)('%s', (_why, minutes, passed, expected) => {
    expect(totals(relane(watchOf([...minutes]), noon + passed).watch)).toEqual(expected);
  });

  test('cards keep their order, and the same object is answered when nothing moved', () => {
    const watch = watchOf([-9, -1, 2, 4]);
    expect(relane(watch, noon).watch).toBe(watch);
    const moved = relane(watch, noon + 5 * MINUTE);
    expect(moved.watch.lanes[0]?.cards.map((one) => one.ticket_id)).toEqual([1, 2, 3, 4]);
    expect([moved.short, watch.lanes[0]?.cards.length]).toEqual([false, 2]);
  });

  test('behind cards that are not here only the count grows, and a lane that runs short says so', () => {
    const moved = relane(watchOf([-9, 2], 10), noon + 3 * MINUTE);
    expect(moved.watch.lanes[0]).toMatchObject({ total: 12, cards: [{ ticket_id: 1 }] });
    expect(moved.watch.lanes[1]).toMatchObject({ total: 10, cards: [] });
    expect(moved.short).toBe(true);
  });

  test('the next move is the soonest bound of any card', () => {
    expect(nextMove(watchOf([20]), noon)).toBe(noon + 5 * MINUTE + 1);
    expect(nextMove(watchOf([]), noon)).toBe(Number.POSITIVE_INFINITY);
  });

  test('arrows lead through cards and lanes', () => {
    const lanes = [['a', 'b', 'c'], ['d'], ['e', 'f']];
    expect([walkLanes(lanes, 'a', 'ArrowDown'), walkLanes(lanes, 'c', 'ArrowDown'), walkLanes(lanes, 'c', 'ArrowRight'), walkLanes(lanes, 'd', 'ArrowRight'), walkLanes(lanes, 'a', 'ArrowLeft'), walkLanes(lanes, 'a', 'ArrowUp'), walkLanes(lanes, 'a', 'End'), walkLanes(lanes, 'x', 'ArrowDown'), walkLanes(lanes, 'a', 'j')]).toEqual(['b', 'c', 'd', 'e', null, null, 'c', null, null]);
  });
});

describe('the state of Watch', () => {
  beforeEach(() => void vi.useFakeTimers({ now: noon }));
  afterEach(() => void vi.useRealTimers());

  test('moves a card on by itself, without asking the core', async () => {
    const host = new ScriptedHost({ watch: () => watchOf([3, 20]) });
    const state = new WatchState(host);
    await state.load();
    for (let second = 1; second <= 200; second += 1) state.tick(noon + second * 1000);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(state.watch?.lanes.map((lane) => lane.total)).toEqual([1, 0, 1, 0, 0]);
    expect(host.named('watch')).toHaveLength(1);
  });

  test('a burst of events is answered by few questions, one at a time, and the last change is seen', async () => {
    const answers = [gate<Watch>(), gate<Watch>(), gate<Watch>()];
    let asked = 0;
    const host = new ScriptedHost({ watch: () => answers[asked++]?.promise ?? watchOf([]) });
    const state = new WatchState(host);
    for (let n = 0; n < 100; n += 1) {
      state.changed();
      await vi.advanceTimersByTimeAsync(50);
    }
    expect(asked).toBe(1);
    answers[0]?.open(watchOf([1]));
    await vi.advanceTimersByTimeAsync(500);
    expect(asked).toBe(2);
    answers[1]?.open(watchOf([1, 2]));
    await vi.advanceTimersByTimeAsync(5000);
    expect([asked, state.watch?.lanes[1]?.total]).toEqual([2, 2]);
  });

  test('asks anew after midnight and when the far end of the strip is old', async () => {
    const host = new ScriptedHost({ watch: () => watchOf([]) });
    const state = new WatchState(host);
    await state.load();
    state.tick(noon + STALE_MS);
    await vi.advanceTimersByTimeAsync(3000);
    expect(host.named('watch')).toHaveLength(2);
  });
});

describe('the horizon', () => {
  const day = 24 * HOUR;
  const tick = (at: number, count = 1, priority: 'urgent' | 'important' | 'routine' = 'routine') => ({ at, to: at, by_priority: [[priority, count]] as ['urgent' | 'important' | 'routine', number][], clocks: [card(at, at)] });
  const place = (ticks: ReturnType<typeof tick>[]) => clusters(ticks, 0, day, 1440, 6);

  test('deadlines too close to be told apart are one, with their counts', () => {
    const made = place([tick(0), tick(3 * MINUTE, 2, 'urgent'), tick(100 * MINUTE)]);
    expect(made.map((one) => [one.x, one.total, one.by.urgent, one.to])).toEqual([[0, 3, 2, 3 * MINUTE], [100, 1, 0, 100 * MINUTE]]);
  });

  test('what is over or beyond is left out; order is that of time; few are named', () => {
    expect(place([tick(day), tick(-1), tick(50 * MINUTE), tick(5)]).map((one) => one.from)).toEqual([5, 50 * MINUTE]);
    expect(place(Array.from({ length: 50 }, (_, n) => tick(n * 1000)))[0]?.clocks).toHaveLength(6);
  });

  test('urgent ones stand higher, many higher still, none above the strip', () => {
    const tall = (count: number, priority: 'urgent' | 'routine'): number => height({ total: count, by: { urgent: priority === 'urgent' ? count : 0, important: 0, routine: priority === 'routine' ? count : 0 } });
    expect(tall(1, 'urgent')).toBeGreaterThan(tall(1, 'routine'));
    expect(tall(8, 'routine')).toBeGreaterThan(tall(1, 'routine'));
    expect(tall(1e6, 'urgent')).toBe(1);
  });

  test('the pointer finds the nearest within reach', () => {
    const placed = place([tick(0), tick(100 * MINUTE)]);
    expect([nearest(placed, 8, 14), nearest(placed, 60, 14), nearest(placed, 97, 14)]).toEqual([0, -1, 1]);
  });
});
