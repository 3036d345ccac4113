// Notification services that can little, that die, and that come back.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import test from 'node:test';
import { firstBell, listed, open, openAlertSettings, rung, RINGS_WITHIN } from './lib/bell.mjs';
import { BINARY, withDesk } from './lib/deskbell.mjs';
import { until } from './lib/processes.mjs';

const program = realpathSync(BINARY);

/** Threads of this desk's program, by name. */
function threads(desk) {
  const pid = readdirSync('/proc').find((name) => {
    try {
      return /^\d+$/.test(name) && readlinkSync(`/proc/${name}/exe`) === program && readFileSync(`/proc/${name}/environ`, 'utf8').includes(`DESKBELL_DATA_DIR=${desk.dataDir}`);
    } catch {
      return false;
    }
  });
  return readdirSync(`/proc/${pid}/task`).map((task) => readFileSync(`/proc/${pid}/task/${task}/comm`, 'utf8').trim());
}

const connections = (desk) => threads(desk).filter((name) => name.startsWith('zbus')).length;

test('a service without buttons is sent none, and the notification says what to do', { timeout: 240_000 }, async () => {
  await withDesk({ name: 'alerts-plain', service: 'double', capabilities: ['body'] }, async (desk) => {
    await desk.startDemo();
    const { notification, alerts } = await firstBell(desk);
    assert.deepEqual(notification.actions, []);
    assert.match(notification.body, /打开服务铃|Open Deskbell/);
    assert.equal(notification.hints.resident, undefined);
    assert.equal(notification.hints.transient, undefined);
    assert.ok(alerts.length > 0, 'it counts as shown');
    const { support } = await desk.rpc('bell_get');
    assert.deepEqual([support.available, support.actions, support.body_markup, support.persistence, support.sound], [true, false, false, false, false]);
    await openAlertSettings(desk.page);
    assert.match(await (await desk.page.byId('notification-support')).text(), /deskbell-tests|double/);
    assert.match(await (await desk.page.byId('notification-support')).text(), /没有：通知会写明|None: the notification says/);
    await desk.desktop.picture('settings.png');
    const before = desk.desktop.notifications.length;
    await desk.page.click('notification-test');
    const sent = await until('the test notification', () => desk.desktop.notifications.at(before));
    assert.match(sent.summary, /铃声正常|bell works/);
    await until('the answer on the screen', async () => /已于|Taken by/.test(await (await desk.page.byId('notification-support')).text()));
  });
});

test('a service with a list of its own keeps what is urgent', { timeout: 240_000 }, async () => {
  await withDesk({ name: 'alerts-persistent', service: 'double', capabilities: ['actions', 'body', 'persistence', 'sound'] }, async (desk) => {
    await desk.startDemo();
    const { notification } = await firstBell(desk);
    assert.equal(notification.hints.transient, undefined, 'an alert stays in the list');
    if (notification.hints.urgency === 2) assert.equal(notification.hints.resident, true);
    assert.ok(notification.hints['sound-name'], 'the service plays the bell');
    const { settings } = await desk.rpc('app_state');
    await desk.rpc('settings_put', { settings: { ...settings, sound: false } });
    const before = desk.desktop.notifications.length;
    await desk.rpc('notification_test');
    const quiet = await until('the test notification', () => desk.desktop.notifications.at(before));
    assert.deepEqual([quiet.hints['sound-name'], quiet.hints['suppress-sound'], quiet.hints.transient], [undefined, true, true]);
  });
});

test('a service that dies is told of, its alerts ring in the desk, and the next one gets them once', { timeout: 400_000 }, async () => {
  await withDesk({ name: 'alerts-dies', service: 'double' }, async (desk) => {
    const { desktop, page } = desk;
    await desk.startDemo();
    const first = await firstBell(desk);
    const shownBefore = new Set(first.alerts.map((alert) => alert.id));
    const waiting = connections(desk);
    await desktop.killService();
    const { support } = await until('the loss to be noticed', async () => { const view = await desk.rpc('bell_get'); return !view.support.available && view; });
    assert.equal(support.reason, 'notification_service_missing');
    await until('it to be said', async () => /没有显示通知的程序|No program on this desktop/.test(await page.text()));
    await until('whoever waited for its answers to end', () => connections(desk) < waiting);
    assert.ok((await listed(desk)).filter((alert) => shownBefore.has(alert.id)).every((alert) => alert.shown_at !== null), 'what it showed counts as shown');

    // Another deadline comes near with nobody to show it.
    const untaken = await until('an alert with nobody to show it', async () => (await open(desk)).find((alert) => !shownBefore.has(alert.id)), RINGS_WITHIN);
    await until('it to ring in the desk', async () => (await page.text()).includes(untaken.subject));
    await desktop.picture('rings-in-the-desk.png');
    await openAlertSettings(page);
    assert.match(await (await page.byId('notification-reason')).text(), /dunst/);
    await desktop.picture('settings-without.png');

    const [seen, rang] = [desktop.notifications.length, rung(desk).length];
    await desktop.startService();
    const again = await until('what was not taken, by the next service', () => rung(desk).length > rang && desktop.notifications.slice(seen), RINGS_WITHIN);
    assert.ok(again.every((notification) => notification.replaces === 0), 'no number of the dead service is used');
    // A second chance to double: it must not be taken.
    await new Promise((done) => setTimeout(done, 5_000));
    const naming = desktop.notifications.slice(seen).filter((notification) => notification.summary.includes(untaken.subject));
    assert.ok(naming.length <= 1, `once, not ${naming.length} times`);
    // What came near in the meantime may add one of its own; of one digest there is one.
    const digests = desktop.notifications.slice(seen).filter((notification) => notification.replaces === 0 && /^\d/.test(notification.summary));
    assert.ok(digests.length <= 1, `one digest, not ${digests.length}`);
    assert.ok(!desktop.notifications.slice(seen).some((notification) => notification.summary === first.notification.summary && notification.body === first.notification.body), 'what the dead one showed is not shown again');
    await until('the desk to say that they are back', async () => (await desk.rpc('bell_get')).support.available);

    const [notification] = desktop.notifications.slice(seen);
    desktop.order({ invoke: [notification.id, 'acknowledge'] });
    await until('the answer to reach the desk', async () => (await listed(desk)).find((alert) => alert.id === untaken.id)?.acknowledged_at !== null);
    await until('the notification to be taken back', () => desktop.closed.includes(notification.id));
  });
});

test('on dunst, acknowledging and snoozing through its own menu reach the desk', { timeout: 300_000 }, async () => {
  await withDesk({ name: 'alerts-dunst-menu', service: 'dunst' }, async (desk) => {
    const { desktop } = desk;
    await desk.setSettings({ language: 'en' });
    await desk.startDemo();
    await until('the bell', async () => (await open(desk)).length > 0, RINGS_WITHIN);
    await until('dunst to show it', async () => Number(await desktop.run('dunstctl', ['count', 'displayed'])) > 0);
    await desktop.picture('shown.png');
    await desktop.chooseOnDunst('Acknowledge');
    const answered = await until('the acknowledgement', async () => (await listed(desk)).find((alert) => alert.acknowledged_at !== null));
    assert.ok(answered.shown_at !== null);
    await until('it to be taken off the screen', async () => Number(await desktop.run('dunstctl', ['count', 'displayed'])) === 0 || (await open(desk)).length > 0);
    await until('another bell', async () => Number(await desktop.run('dunstctl', ['count', 'displayed'])) > 0, RINGS_WITHIN);
    await desktop.chooseOnDunst('Snooze');
    const snoozed = await until('the snooze', async () => (await listed(desk)).find((alert) => alert.snoozed_until !== null));
    assert.ok(snoozed.snoozed_until > Date.now());
  });
});
