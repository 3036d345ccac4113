// The bell: a deadline comes near, a notification service shows it, and what the person does with it reaches the desk.
import assert from 'node:assert/strict';
import test from 'node:test';
import { withDesk } from './lib/deskbell.mjs';
import { until } from './lib/processes.mjs';
import { conversation } from './lib/ticket.mjs';

/** The demo promises a near breach within its first minute … */
const RINGS_WITHIN = { timeoutMs: 100_000, everyMs: 250 };
/** … and another in its fifth: the one left to ring alone where the desk opened so late that the first bell gathered the near one too. */
const RINGS_LATER = { timeoutMs: 330_000, everyMs: 250 };
/** The deadline of the near breach is five minutes off when it rings; every other one is then further off, or past. */
const NEAR_MS = 345_000;

const shownAlerts = async (desk) => (await desk.rpc('alerts', { limit: 100 })).filter((alert) => alert.shown_at !== null);

const rung = (desk) => desk.desktop.notifications.filter((notification) => notification.actions.includes('acknowledge'));

/** The first bell gathers what was near or past its deadline before the desk saw it: the notification and its alerts. */
async function digest(desk) {
  const [first] = await until('the first bell', () => rung(desk).length > 0 && rung(desk), RINGS_WITHIN);
  return until('its alerts', async () => {
    // It grows while more comes at once; what rings by itself after it does not belong to it.
    const notification = rung(desk).findLast((one) => one.id === first.id);
    const count = Number(/\d+/.exec(notification.summary)?.[0]);
    const shown = (await shownAlerts(desk)).toSorted((a, b) => a.shown_at - b.shown_at);
    return count > 1 && shown.length >= count && { notification, alerts: shown.slice(0, count) };
  });
}

/** The bell of one deadline that comes near while the desk is open. */
async function singleBell(desk, first) {
  const isNear = (alert) => alert.deadline_at > alert.shown_at && alert.deadline_at - alert.shown_at <= NEAR_MS;
  return until('the bell for one deadline', async () => {
    const alerts = await shownAlerts(desk);
    for (const notification of rung(desk)) {
      const alert = alerts.find((known) => notification.summary.includes(known.subject));
      if (alert) return { notification, alert };
    }
    return null;
  }, first.alerts.some(isNear) ? RINGS_LATER : RINGS_WITHIN);
}

const ticketOpen = (desk, alert) => until(`ticket ${alert.remote_id} open`, async () => {
  const text = await desk.page.text();
  return text.includes(alert.subject) && text.includes(alert.remote_id) && (await desk.page.allById('composer-body')).length > 0;
});

test('a near breach rings at a notification service; Acknowledge and Open reach the desk', { timeout: 600_000 }, async () => {
  await withDesk({ name: 'alerts', service: 'double' }, async (desk) => {
    const { desktop } = desk;
    await desk.startDemo();
    await desk.page.click('nav-settings');
    const support = await desk.rpc('notification_support');
    assert.deepEqual([support.available, support.actions], [true, true]);

    const first = await digest(desk);
    desktop.order({ invoke: [first.notification.id, 'acknowledge'] });
    const ids = new Set(first.alerts.map((alert) => alert.id));
    await until('every alert of the digest acknowledged', async () =>
      (await shownAlerts(desk)).filter((alert) => ids.has(alert.id)).every((alert) => alert.acknowledged_at !== null));

    const { notification, alert } = await singleBell(desk, first);
    assert.deepEqual(notification.actions.filter((_, position) => position % 2 === 0), ['default', 'acknowledge', 'snooze']);
    assert.equal(notification.app, 'Deskbell');
    assert.doesNotMatch(`${notification.summary} ${notification.body}`, /\{\s*\$/, 'every placeholder is filled');
    desktop.order({ invoke: [notification.id, 'default'] });
    await ticketOpen(desk, alert);
    await conversation(desk.page);
  });
});

test('Snooze on a notification reaches the desk', { timeout: 180_000 }, async () => {
  await withDesk({ name: 'snooze', service: 'double' }, async (desk) => {
    await desk.startDemo();
    const { notification, alerts } = await digest(desk);
    desk.desktop.order({ invoke: [notification.id, 'snooze'] });
    const ids = new Set(alerts.map((alert) => alert.id));
    const snoozed = await until('the snooze', async () => (await shownAlerts(desk)).find((alert) => ids.has(alert.id) && alert.snoozed_until !== null));
    assert.ok(snoozed.snoozed_until > Date.now());
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
