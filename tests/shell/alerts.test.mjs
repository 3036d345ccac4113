// The bell: a deadline comes near, a notification service shows it, and what the person does with it reaches the desk.
import assert from 'node:assert/strict';
import test from 'node:test';
import { withDesk } from './lib/deskbell.mjs';
import { until } from './lib/processes.mjs';
import { conversation } from './lib/ticket.mjs';

/** The demo promises a near breach within its first minute. */
const RINGS_WITHIN = { timeoutMs: 100_000, everyMs: 250 };

const shownAlerts = async (desk) => (await desk.rpc('alerts', { limit: 100 })).filter((alert) => alert.shown_at !== null);

/** Waits for a notification of a single deadline that was not answered yet; a digest of many stands for none of them. */
async function nextBell(desk, answered) {
  return until('the bell for one deadline', async () => {
    const alerts = await shownAlerts(desk);
    for (const notification of desk.desktop.notifications) {
      if (answered.has(notification.id) || !notification.actions.includes('acknowledge')) continue;
      const alert = alerts.find((known) => known.acknowledged_at === null && known.snoozed_until === null && notification.summary.includes(known.subject));
      if (alert) {
        answered.add(notification.id);
        return { notification, alert };
      }
    }
    return null;
  }, RINGS_WITHIN);
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

    const answered = new Set();
    const opened = await nextBell(desk, answered);
    assert.deepEqual(opened.notification.actions.filter((_, position) => position % 2 === 0), ['default', 'acknowledge', 'snooze']);
    assert.equal(opened.notification.app, 'Deskbell');
    assert.doesNotMatch(`${opened.notification.summary} ${opened.notification.body}`, /\{\s*\$/, 'every placeholder is filled');
    desktop.order({ invoke: [opened.notification.id, 'default'] });
    await ticketOpen(desk, opened.alert);
    await conversation(desk.page);

    // Each further bell, real ones as the demo goes on, is answered in another way.
    const now = async (alert) => (await desk.rpc('alerts', { limit: 200 })).find((known) => known.id === alert.id);
    const acknowledged = await nextBell(desk, answered);
    desktop.order({ invoke: [acknowledged.notification.id, 'acknowledge'] });
    await until('the acknowledgement', async () => (await now(acknowledged.alert))?.acknowledged_at);

    const snoozed = await nextBell(desk, answered);
    desktop.order({ invoke: [snoozed.notification.id, 'snooze'] });
    await until('the snooze', async () => (await now(snoozed.alert))?.snoozed_until);
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
