// What an event of the core means on the desk.
import { describe, expect, test, vi } from 'vitest';
import type { AppState, Facets, SyncStatus } from '../src/api/generated';
import { Desk } from '../src/state/desk.svelte';
import { ScriptedHost } from './host';
import { alertOf, bellView } from './bells';
import { ticketDetail, ticketRow } from './tickets';

const state: AppState = { phase: 'ready', failure: null, keyring: 'keyring', keyring_reason: null, data_dir: '/data', version: '0', settings: { language: 'en', theme: 'dark', work_offline: false, sound: false, display_name: '', undo_s: 5, hold_stale_replies: false }, salvage: null };
const sync: SyncStatus = { online: true, work_offline: false, accounts: [], waiting: 0, rejected: 0, last_synced_at: null };
const facets: Facets = { total: 0, unfinished: 0, breached: 0, vip: 0, by_status: [], by_priority: [], by_product: [], by_account: [] };
const watch = { now: 0, midnight: 8.64e15, next_deadline: null, unfinished: 0, paused: 0, lanes: [], figures: { measured: [], met_share: null, met_n: 0, since: 0 }, horizon: { from: 0, to: 0, ticks: [], total: 0, closed: [], calendar: null } };
const answers = { app_state: () => state, sync_status: () => sync, watch: () => watch, ticket_rows: () => ({ total: 1, generation: 1, rows: [ticketRow(1)] }), ticket_facets: () => facets, ticket_position: () => 0, ticket_get: () => ticketDetail(), outbox: () => [], alerts: () => [], bell_get: () => bellView(),
  calls: () => [], directory: () => ({ lines: [], centres: [], stale: 0, attribution: '' }), directory_draft: () => null, visits: () => ({ visits: [], as_of: null }), reminders: () => [], care_draft: () => null,
};

async function started(more: ConstructorParameters<typeof ScriptedHost>[0] = {}): Promise<{ host: ScriptedHost; desk: Desk }> {
  vi.useFakeTimers();
  const host = new ScriptedHost({ ...answers, ...more });
  const desk = new Desk(host);
  await desk.start();
  await vi.advanceTimersByTimeAsync(0);
  return { host, desk };
}

describe('the desk', () => {
  test('before it is ready asks for nothing but its state', async () => {
    const { host, desk } = await started({ app_state: () => ({ ...state, phase: 'locked' }) });
    expect(host.calls.map((call) => call.name)).toEqual(['app_state']);
    host.emit({ event: 'state_changed', state });
    await vi.advanceTimersByTimeAsync(0);
    expect(desk.tickets.total).toBe(1);
  });

  test('a clicked notification opens its ticket', async () => {
    const { host, desk } = await started();
    host.emit({ event: 'open_ticket', id: 1 });
    await vi.advanceTimersByTimeAsync(0);
    expect([desk.screen, desk.detail.detail?.id, desk.tickets.cursor]).toEqual(['tickets', 1, 0]);
  });

  test('an alert rings in the window and opens its ticket', async () => {
    const { host, desk } = await started();
    host.emit({ event: 'alert_raised', alert: alertOf({ id: 4, ticket_id: 1, subject: '网关 502', threshold: { kind: 'breach' } }) });
    expect([desk.alerts.open(Date.now()).length, desk.toasts.list[0]?.text()]).toEqual([1, 'Resolution missed: 网关 502']);
    desk.toasts.list[0]?.action?.run();
    await vi.advanceTimersByTimeAsync(0);
    expect([desk.screen, desk.detail.id]).toEqual(['tickets', 1]);
  });

  test('many alerts are one message that leads to the list, and a later one stands alone again', async () => {
    const { host, desk } = await started();
    for (const id of [4, 5, 6]) host.emit({ event: 'alert_raised', alert: alertOf({ id, ticket_id: 1, subject: `网关 ${id}`, threshold: { kind: 'breach' } }) });
    expect(desk.toasts.list.map((toast) => toast.text())).toEqual(['3 alerts rang. The last: Resolution missed: 网关 6']);
    desk.toasts.list[0]?.action?.run();
    expect(desk.bell.open).toBe(true);
    await vi.advanceTimersByTimeAsync(8000);
    host.emit({ event: 'alert_raised', alert: alertOf({ id: 7, ticket_id: 1, subject: '网关 7', threshold: { kind: 'breach' } }) });
    expect(desk.toasts.list.map((toast) => toast.text())).toEqual(['Resolution missed: 网关 7']);
  });

  test('a burst of changes is one refresh', async () => {
    const { host } = await started();
    const before = host.named('watch').length;
    for (let i = 0; i < 20; i += 1) host.emit({ event: 'tickets_changed', ids: [i], many: false });
    await vi.advanceTimersByTimeAsync(2000);
    expect(host.named('watch').length).toBe(before + 1);
  });

  test('a change of another ticket leaves the open one alone', async () => {
    const { host, desk } = await started();
    await desk.detail.open(1);
    const before = host.named('ticket_get').length;
    host.emit({ event: 'tickets_changed', ids: [7], many: false });
    await vi.advanceTimersByTimeAsync(1000);
    expect(host.named('ticket_get').length).toBe(before);
    host.emit({ event: 'tickets_changed', ids: [], many: true });
    await vi.advanceTimersByTimeAsync(1000);
    expect(host.named('ticket_get').length).toBe(before + 1);
  });

  test('a setting that could not be stored goes back and says why', async () => {
    const { desk } = await started({ settings_put: () => Promise.reject({ code: 'disk_full', args: {} }) });
    await desk.attempt(() => desk.app.change({ theme: 'light' }));
    expect([desk.app.settings?.theme, document.documentElement.dataset['theme'], desk.toasts.list[0]?.text()]).toEqual(['dark', 'dark', 'The disk is full.']);
  });

  test('a core that does not answer is an error with a name, not a blank window', async () => {
    const { desk } = await started({ app_state: () => Promise.reject(new Error('gone')) });
    expect(desk.app.unreachable?.code).toBe('internal');
  });

  test('status edits are offered back, and a double press is one edit', async () => {
    const { host, desk } = await started({ ticket_set_status: () => 5, outbox_discard: () => null });
    await desk.detail.open(1);
    const [first, second] = await Promise.all([desk.detail.setStatus('resolved'), desk.detail.setStatus('resolved')]);
    expect([first, second, host.named('ticket_set_status').length]).toEqual([5, null, 1]);
    desk.undo.offer(() => 'done', [5]);
    desk.toasts.list[0]?.action?.run();
    await vi.advanceTimersByTimeAsync(0);
    expect(host.named('outbox_discard')).toEqual([{ id: 5 }]);
  });
});
