// The bell: a deadline comes near, a notification service shows it, and what the person does with it reaches the desk.
import assert from 'node:assert/strict';
import test from 'node:test';
import { withDesk } from './lib/deskbell.mjs';
import { until } from './lib/processes.mjs';
import { conversation } from './lib/ticket.mjs';

/** The demo promises a near breach within its first minute. */
const RINGS_WITHIN = { timeoutMs: 100_000, everyMs: 250 };

async function alertOf(desk, notification) {
  return until('the alert of the notification', async () =>
    (await desk.rpc('alerts', { limit: 100 })).find((alert) => alert.shown_at !== null &&
      (notification.summary.includes(alert.subject) || notification.body.includes(alert.remote_id))));
}

const ticketOpen = (desk, alert) => until(`ticket ${alert.remote_id} open`, async () => {
  const text = await desk.page.text();
  return text.includes(alert.subject) && text.includes(alert.remote_id) && (await desk.page.allById('composer-body')).length > 0;
});

test('a near breach rings at a notification service; Open, Acknowledge and Snooze reach the desk', { timeout: 400_000 }, async () => {
  await withDesk({ name: 'alerts', service: 'double' }, async (desk) => {
    const { desktop } = desk;
    await desk.startDemo();
    await desk.page.click('nav-settings');
    const support = await desk.rpc('notification_support');
    assert.deepEqual([support.available, support.actions], [true, true]);

    const rung = await until('the bell', () => desktop.notifications.find((notification) => notification.actions.includes('acknowledge')), RINGS_WITHIN);
    assert.deepEqual(rung.actions.filter((_, position) => position % 2 === 0), ['default', 'acknowledge', 'snooze']);
    assert.equal(rung.app, 'Deskbell');
    const alert = await alertOf(desk, rung);

    desktop.order({ invoke: [rung.id, 'default'] });
    await ticketOpen(desk, alert);
    await conversation(desk.page);

    // Each further bell, real ones as the demo goes on, is answered in another way.
    const answered = new Set([rung.id]);
    const next = (action) => until(`a bell to ${action}`, () => desktop.notifications.findLast((notification) => !answered.has(notification.id) && notification.actions.includes(action)), { timeoutMs: 150_000 });
    const acknowledged = await next('acknowledge');
    answered.add(acknowledged.id);
    const first = await alertOf(desk, acknowledged);
    desktop.order({ invoke: [acknowledged.id, 'acknowledge'] });
    await until('the acknowledgement', async () => (await desk.rpc('alerts', { limit: 100 })).find((known) => known.id === first.id)?.acknowledged_at);

    const snoozed = await next('snooze');
    const second = await alertOf(desk, snoozed);
    desktop.order({ invoke: [snoozed.id, 'snooze'] });
    await until('the snooze', async () => (await desk.rpc('alerts', { limit: 100 })).find((known) => known.id === second.id)?.snoozed_until);
  });
});

test('on a real daemon, the default action of the notification opens the ticket', { timeout: 240_000 }, async () => {
  await withDesk({ name: 'alerts-dunst', service: 'dunst' }, async (desk) => {
    const { desktop } = desk;
    await desk.startDemo();
    assert.match((await desk.rpc('notification_support')).server, /^dunst/);
    const alert = await until('the bell', async () => (await desk.rpc('alerts', { limit: 100 })).find((known) => known.shown_at !== null), RINGS_WITHIN);
    await until('dunst to show it', async () => Number(await desktop.run('dunstctl', ['count', 'displayed'])) > 0);
    await desktop.picture('ringing.png');
    const shown = new Set((await desk.rpc('alerts', { limit: 100 })).filter((known) => known.shown_at !== null).map((known) => known.ticket_id));
    await desktop.run('dunstctl', ['action', '0']);
    await until('a rung ticket open', async () => {
      const text = await desk.page.text();
      const rung = (await desk.rpc('alerts', { limit: 100 })).filter((known) => shown.has(known.ticket_id));
      return (await desk.page.allById('composer-body')).length > 0 && rung.some((known) => text.includes(known.remote_id) && text.includes(known.subject));
    });
    assert.ok(alert.ticket_id > 0);
  });
});

test('without a notification service the alert is in the desk, and Settings says why', { timeout: 240_000 }, async () => {
  await withDesk({ name: 'alerts-none', service: 'none' }, async (desk) => {
    await desk.startDemo();
    const support = await desk.rpc('notification_support');
    assert.equal(support.available, false);
    assert.ok(support.reason, 'the reason is named');
    await until('the alert', async () => (await desk.rpc('alerts', { limit: 100 })).length > 0, RINGS_WITHIN);
    assert.equal(desk.logs().includes('panicked'), false);
  });
});
