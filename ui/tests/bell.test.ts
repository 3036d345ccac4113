// The bell: what its list shows in which order, what it says, and how it is set.
import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Alert, BellSettings, ViewRule } from '../src/api/generated';
import { calls, groupOf, isOpen, remarks, why } from '../src/lib/alert';
import { l10n } from '../src/lib/l10n.svelte';
import { minutesUntilMorning, minuteText, parseMinute, quietUntil } from '../src/lib/quiet';
import { Alerts } from '../src/state/alerts.svelte';
import { BellState } from '../src/state/bell.svelte';
import { alertOf, bellView } from './bells';
import { ScriptedHost } from './host';
import WithSection from './WithBell.svelte';

const NOW = new Date(2026, 10, 21, 14, 2, 30).getTime();
const MINUTE = 60_000;
const at = (hours: number, minutes = 0, day = 21): number => new Date(2026, 10, day, hours, minutes).getTime();
const ids = (alerts: Alert[]): number[] => alerts.map((alert) => alert.id);

beforeEach(() => l10n.use('en'));
afterEach(cleanup);

describe('an alert', () => {
  test('is open until somebody answers it, snoozes it, or it stops being so', () => {
    expect(isOpen(alertOf(), NOW)).toBe(true);
    expect(isOpen(alertOf({ acknowledged_at: 1 }), NOW)).toBe(false);
    expect(isOpen(alertOf({ ended_at: 1 }), NOW)).toBe(false);
    expect([isOpen(alertOf({ snoozed_until: NOW + 1 }), NOW), isOpen(alertOf({ snoozed_until: NOW }), NOW)]).toEqual([false, true]);
  });

  test('that is held back or only listed does not count at the bell', () => {
    expect([calls(alertOf(), NOW), calls(alertOf({ silent: true }), NOW), calls(alertOf({ held_until: NOW + 1 }), NOW), calls(alertOf({ held_until: NOW }), NOW)]).toEqual([true, false, false, true]);
  });

  test('stands with the missed ones once its deadline is past', () => {
    expect(groupOf(alertOf({ deadline_at: NOW + MINUTE }), NOW)).toBe('coming');
    expect(groupOf(alertOf({ deadline_at: NOW }), NOW)).toBe('breached');
    expect(groupOf(alertOf({ threshold: { kind: 'breach' }, deadline_at: NOW + MINUTE }), NOW)).toBe('breached');
    expect(groupOf(alertOf({ deadline_at: NOW, held_until: NOW + MINUTE }), NOW)).toBe('held');
  });

  test('says why it rang, and what else there is to say', () => {
    const deadline_at = at(14, 20);
    expect(why(alertOf({ deadline_at }), NOW)).toBe('Resolution: 75% of the agreed time is used; due 14:20');
    expect(why(alertOf({ deadline_at, threshold: { kind: 'time_left', seconds: 900 } }), NOW)).toContain('15 min of working time left');
    expect(why(alertOf({ deadline_at: at(14), threshold: { kind: 'breach' } }), NOW)).toContain('14:00 was missed');
    expect(remarks(alertOf(), NOW)).toEqual([]);
    expect(remarks(alertOf({ silent: true, held_until: at(8, 0, 22), escalate_at: at(14, 10) }), NOW)).toEqual(['Held back until Tomorrow 08:00: the bell is quiet', 'Listed without ringing, by a rule', 'Goes to the group chat at 14:10 unless acknowledged']);
    expect(remarks(alertOf({ acknowledged_at: at(14), silent: true, escalate_at: at(15) }), NOW)).toEqual(['Acknowledged 14:00']);
  });
});

describe('quiet hours in words', () => {
  const night = { from_minute: 22 * 60, to_minute: 8 * 60, days: [] };

  test('pass midnight, and join with the next stretch', () => {
    expect(quietUntil(night, at(21, 59))).toBeNull();
    expect(quietUntil(night, at(22))).toBe(at(8, 0, 22));
    expect(quietUntil(night, at(7, 59, 22))).toBe(at(8, 0, 22));
    expect(quietUntil(night, at(8, 0, 22))).toBeNull();
    expect(quietUntil(null, at(22))).toBeNull();
  });

  test('begin on their days: the small hours belong to the day before', () => {
    // 21 November 2026 is a Saturday.
    const saturdays = { ...night, days: [6] };
    expect(quietUntil(saturdays, at(23))).toBe(at(8, 0, 22));
    expect(quietUntil(saturdays, at(2, 0, 22))).toBe(at(8, 0, 22));
    expect(quietUntil(saturdays, at(2))).toBeNull();
    expect(quietUntil(saturdays, at(23, 0, 22))).toBeNull();
  });

  test('times are read as people write them', () => {
    expect(['22', '2230', '22:30', '22：30', ' 7:05 ', '24:00'].map(parseMinute)).toEqual([1320, 1350, 1350, 1350, 425, 0]);
    expect(['', 'noon', '25:00', '24:01', '7:60', '7:5'].map(parseMinute)).toEqual([null, null, null, null, null, null]);
    expect(minuteText(425)).toBe('07:05');
  });

  test('the morning is the one that comes next', () => {
    expect([minutesUntilMorning(at(14)), minutesUntilMorning(at(2)), minutesUntilMorning(at(8))]).toEqual([18 * 60, 6 * 60, 24 * 60]);
  });
});

describe('the list of alerts', () => {
  const list = [
    alertOf({ id: 1, deadline_at: NOW + 20 * MINUTE }), alertOf({ id: 2, deadline_at: NOW - 5 * MINUTE }), alertOf({ id: 3, deadline_at: NOW - 9 * MINUTE }),
    alertOf({ id: 4, deadline_at: NOW + MINUTE, held_until: NOW + MINUTE }), alertOf({ id: 5, acknowledged_at: NOW, raised_at: 5 }), alertOf({ id: 6, ended_at: NOW, raised_at: 6 }),
  ];

  test('has the missed first, then what is coming, then what is held back, each by its deadline', async () => {
    const host = new ScriptedHost({ alerts: ({ open_only }) => (open_only ? list.filter((alert) => isOpen(alert, NOW)) : list) });
    const alerts = new Alerts(host);
    await alerts.load();
    expect(alerts.groups(NOW).map((entry) => [entry.group, ids(entry.alerts)])).toEqual([['breached', [3, 2]], ['coming', [1]], ['held', [4]]]);
    expect(ids(alerts.earlier(NOW))).toEqual([6, 5]);
    expect(alerts.calling(NOW)).toBe(3);
  });

  test('an answer that was overtaken does not bring an acknowledged alert back', async () => {
    const late: ((alerts: Alert[]) => void)[] = [];
    let fresh = false;
    const host = new ScriptedHost({ alerts: () => (fresh ? [] : new Promise<Alert[]>((done) => late.push(done))), alert_acknowledge: () => null });
    const alerts = new Alerts(host);
    const first = alerts.load();
    fresh = true;
    await alerts.acknowledge(1);
    for (const done of late) done([alertOf()]);
    await first;
    expect(alerts.list).toEqual([]);
  });

  test('acknowledging all takes those beyond the list too', async () => {
    let open = Array.from({ length: 1_200 }, (_, n) => alertOf({ id: n + 1 }));
    const host = new ScriptedHost({
      alerts: ({ limit }) => open.slice(0, limit),
      alerts_acknowledge: (args) => {
        open = open.filter((alert) => !args.ids.includes(alert.id));
        return args.ids.length;
      },
    });
    const alerts = new Alerts(host);
    expect(await alerts.acknowledgeAll()).toBe(1_200);
    expect([open.length, host.named('alerts_acknowledge').length]).toEqual([0, 2]);
  });
});

const rule = (id: string): ViewRule => ({ id, name: id, filter: { accounts: [], statuses: [], priorities: [], products: [], customers: [], vip: null, unfinished: false, breached: false }, ring: 'ring', sound: true, thresholds: [] });

describe('the settings of the bell', () => {
  const keeping = (settings: Partial<BellSettings> = {}) => {
    let view = bellView(settings);
    return new ScriptedHost({ bell_get: () => view, bell_put: (args) => (view = { ...view, settings: args.settings }), dnd: ({ minutes }) => (view = bellView({ ...view.settings, dnd_until: minutes === null ? null : Date.now() + minutes * MINUTE })) });
  };

  test('are taken back when they could not be kept', async () => {
    const host = new ScriptedHost({ bell_get: () => bellView(), bell_put: () => Promise.reject({ code: 'input_invalid', args: {} }) });
    const bell = new BellState(host);
    await bell.load();
    await expect(bell.change({ escalate_after_min: 0 })).rejects.toMatchObject({ code: 'input_invalid' });
    expect(bell.settings?.escalate_after_min).toBeNull();
  });

  test('a rule moves, goes, and comes back to its place', async () => {
    const bell = new BellState(keeping({ views: [rule('a'), rule('b'), rule('c')] }));
    await bell.load();
    const order = (): string => (bell.settings?.views ?? []).map((one) => one.id).join('');
    await bell.move('c', 0);
    expect(order()).toBe('cab');
    await bell.remove('a');
    expect(order()).toBe('cb');
    await bell.restore(rule('a'), 1);
    expect(order()).toBe('cab');
  });

  test('a rule being written outlives a look at something else, and is kept by its name', async () => {
    const host = keeping({ views: [rule('a')] });
    const bell = new BellState(host);
    await bell.load();
    bell.write(bell.settings?.views[0] ?? null);
    if (bell.draft) bell.draft.rule.name = ' night ';
    await bell.load();
    expect(bell.draft?.rule.name).toBe(' night ');
    await bell.keepDraft();
    expect([bell.draft, bell.settings?.views.map((one) => one.name)]).toEqual([null, ['night']]);
  });

  test('the section says why there are no notifications, and what happens instead', async () => {
    const host = new ScriptedHost({ bell_get: () => bellView({}, { available: false, reason: 'notification_service_missing', server: '' }), notification_test: () => Promise.reject({ code: 'notification_service_missing', args: {} }) });
    render(WithSection, { host });
    const reason = await screen.findByTestId('notification-reason');
    expect(reason.textContent).toContain('No program on this desktop shows notifications.');
    expect(reason.textContent).toContain('in the bell\'s list and on the tray');
    await fireEvent.click(screen.getByTestId('notification-test'));
    await screen.findByText('Not shown, for the reason above.');
  });

  test('a time that makes no sense stays in its field and is not kept', async () => {
    const host = keeping({ quiet: { from_minute: 1320, to_minute: 480, days: [] } });
    render(WithSection, { host });
    const field = await screen.findByTestId<HTMLInputElement>('quiet-from');
    await fireEvent.input(field, { target: { value: '25:00' } });
    await fireEvent.blur(field);
    expect([field.value, field.getAttribute('aria-invalid'), host.named('bell_put').length]).toEqual(['25:00', 'true', 0]);
    await fireEvent.input(field, { target: { value: '2330' } });
    await fireEvent.blur(field);
    await waitFor(() => expect(host.named('bell_put').length).toBe(1));
    expect(field.value).toBe('23:30');
  });

  test('rules change places by keyboard, and the focus goes along', async () => {
    const host = keeping({ views: [rule('first'), rule('second')] });
    render(WithSection, { host });
    const down = await screen.findByRole('button', { name: 'Move down: first' });
    down.focus();
    await fireEvent.click(down);
    await waitFor(() => expect(screen.getAllByRole('button', { name: /^Edit/ }).map((one) => one.getAttribute('aria-label'))).toEqual(['Edit: second', 'Edit: first']));
    await waitFor(() => expect(document.activeElement?.getAttribute('aria-label')).toBe('Move up: first'));
    expect(screen.getByText('first is now number 2 of 2.')).toBeTruthy();
  });

  test('a rule is written, asked for its name, and kept', async () => {
    const view = keeping();
    const facets = { total: 3, unfinished: 3, breached: 0, vip: 0, by_status: [], by_priority: [], by_product: [['ECS', 3] as [string, number]], by_account: [] };
    const host = new ScriptedHost({ ...view.answers, ticket_facets: () => facets, ticket_rows: () => ({ total: 0, generation: 1, rows: [] }) });
    render(WithSection, { host });
    await fireEvent.click(await screen.findByTestId('view-rule-add'));
    await fireEvent.click(await screen.findByTestId('view-rule-keep'));
    await screen.findByText('Needed.');
    await fireEvent.input(screen.getByLabelText('Name'), { target: { value: 'Night' } });
    await fireEvent.click(screen.getByLabelText('Urgent'));
    await fireEvent.click(screen.getByLabelText('List only'));
    await fireEvent.click(screen.getByLabelText('Deadline missed'));
    await screen.findByText('unfinished tickets that fit now: 3');
    await fireEvent.click(screen.getByTestId('view-rule-keep'));
    await waitFor(() => expect(host.named('bell_put').length).toBe(1));
    expect(host.named('bell_put')[0]).toMatchObject({ settings: { views: [{ name: 'Night', ring: 'list', filter: { priorities: ['urgent'] }, thresholds: [{ kind: 'breach' }] }] } });
    expect(screen.queryByTestId('view-rule-editor')).toBeNull();
  });

  test('do-not-disturb is switched on for an hour and off again', async () => {
    vi.useFakeTimers({ now: NOW, toFake: ['Date'] });
    const host = keeping();
    render(WithSection, { host });
    await fireEvent.click(await screen.findByTestId('dnd-60'));
    await waitFor(() => expect(screen.getByTestId('dnd').textContent).toContain('Do not disturb until 15:02'));
    await fireEvent.click(screen.getByTestId('dnd-off'));
    await screen.findByTestId('dnd-60');
    expect(host.named('dnd')).toEqual([{ minutes: 60 }, { minutes: null }]);
  });
});
