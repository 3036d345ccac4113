// The bell in the window: its list, do-not-disturb, its settings, and what the tray says of it.
import assert from 'node:assert/strict';
import test from 'node:test';
import { axeFindings } from './lib/axe.mjs';
import { firstBell, listed, open, openAlertSettings, openBell, rung, ROWS, RINGS_WITHIN } from './lib/bell.mjs';
import { withDesk } from './lib/deskbell.mjs';
import { until } from './lib/processes.mjs';

const states = async (page) => (await page.run(ROWS)).map((row) => row.state);

test('what is acknowledged on the notification leaves the open list at once; the keyboard does the rest', { timeout: 300_000 }, async () => {
  await withDesk({ name: 'alerts-list', service: 'double' }, async (desk) => {
    const { desktop, page } = desk;
    await desk.startDemo();
    const { notification } = await firstBell(desk);
    await openBell(page);
    const shown = await until('open rows', async () => { const rows = (await page.run(ROWS)).filter((row) => row.state === 'open'); return rows.length > 0 && rows; });
    assert.match(shown[0].text, /时限|due|missed|超/);
    await desktop.picture('list.png');
    desktop.order({ invoke: [notification.id, 'acknowledge'] });
    const answered = await until('the acknowledgement', async () => { const ids = (await listed(desk)).filter((alert) => alert.acknowledged_at !== null).map((alert) => alert.id); return ids.length > 0 && ids; });
    await until('the list to follow', async () => !(await page.run(ROWS)).some((row) => row.state === 'open' && answered.includes(row.id)), { timeoutMs: 3_000 });

    const next = await until('another open alert', async () => (await page.run(ROWS)).find((row) => row.state === 'open'), RINGS_WITHIN);
    await page.run('(id) => document.querySelector(`[data-alert="${id}"]`).focus()', next.id);
    await page.press('s');
    await until('the snooze', async () => (await listed(desk)).find((alert) => alert.id === next.id)?.snoozed_until > Date.now());
    await until('the row to go from the open ones', async () => !(await page.run(ROWS)).some((row) => row.state === 'open' && row.id === next.id));
    await page.press('Escape');
    await until('the list to close', async () => (await page.all('[role="dialog"]')).length === 0);
    await page.press('b');
    await page.see('[role="dialog"] [data-testid="dnd"]');
  });
});

test('do-not-disturb from the window holds alerts back and says so on the tray; the tray ends it', { timeout: 300_000 }, async () => {
  await withDesk({ name: 'alerts-dnd', service: 'double', tray: true }, async (desk) => {
    const { desktop, page } = desk;
    await desk.setSettings({ language: 'en' });
    await desk.startDemo();
    await openBell(page);
    await page.click('dnd-60');
    await page.byId('dnd-off');
    const { settings } = await desk.rpc('bell_get');
    assert.ok(settings.dnd_until > Date.now() + 59 * 60_000);
    const rang = rung(desk).length;
    await until('an alert to be held back', async () => (await desk.rpc('bell_get')).held > 0, RINGS_WITHIN);
    assert.equal(rung(desk).length, rang, 'nothing rings');
    await until('its row', async () => (await states(page)).includes('held'));
    await desktop.picture('held.png');
    const menu = await until('the tray to say it', async () => { const found = await desktop.trayMenu(); return found.some(([, label]) => /on until/.test(label)) && found.some(([, label]) => /held back/.test(label)) && found; }, { timeoutMs: 30_000, everyMs: 500 });
    assert.ok(menu.some(([, label]) => /^Next: .+ left/.test(label) || /No deadline ahead/.test(label)));
    assert.match(await until('the count beside the icon', () => desktop.trayLabel(), { timeoutMs: 30_000 }), /^\d+\+?$/);
    desktop.order({ click: menu.find(([, label]) => /^Off/.test(label))[0] });
    await until('the end of it', async () => (await desk.rpc('bell_get')).settings.dnd_until === null);
    await until('what was held back to ring as one', () => rung(desk).length > rang);
    await page.byId('dnd-60');
    const hour = (await desktop.trayMenu()).find(([, label]) => /1 hour/.test(label));
    desktop.order({ click: hour[0] });
    await until('do-not-disturb from the tray', async () => (await desk.rpc('bell_get')).settings.dnd_until > Date.now());
  });
});

test('without any service the bell counts and Settings says why', { timeout: 240_000 }, async () => {
  await withDesk({ name: 'alerts-nobody', service: 'none' }, async (desk) => {
    const { desktop, page } = desk;
    await desk.setSettings({ language: 'en' });
    await desk.startDemo();
    await until('an alert', async () => (await open(desk)).length > 0, RINGS_WITHIN);
    await until('the badge', () => page.run("() => Number(document.querySelector('[data-testid=\"bell\"] [data-count]')?.dataset.count) > 0"));
    await openBell(page);
    assert.match(await (await page.byId('alerts-problem')).text(), /No program on this desktop shows notifications/);
    await desktop.picture('bell.png');
    await page.press('Escape');
    await openAlertSettings(page);
    const reason = await (await page.byId('notification-reason')).text();
    assert.match(reason, /No program on this desktop.*bell's list.*dunst/s);
    await page.click('notification-test');
    await until('the answer', async () => /Not shown/.test(await (await page.byId('notification-support')).text()));
    await desktop.picture('settings.png');
    assert.equal(desk.logs().includes('panicked'), false);
  });
});

test('the bell\'s list and settings have no axe-core finding, light or dark', { timeout: 300_000 }, async () => {
  await withDesk({ name: 'alerts-axe', service: 'double' }, async (desk) => {
    const { desktop, page } = desk;
    await desk.startDemo();
    await firstBell(desk);
    const filter = { accounts: [], statuses: [], priorities: ['urgent'], products: [], customers: [], vip: null, unfinished: false, breached: false };
    const { settings } = await desk.rpc('bell_get');
    await desk.rpc('bell_put', { settings: { ...settings, quiet: { from_minute: 1320, to_minute: 480, days: [] }, escalate_after_min: 10, views: [{ id: 'a', name: 'Urgent', filter, ring: 'ring', sound: true, thresholds: [] }, { id: 'b', name: 'Rest', filter: { ...filter, priorities: [] }, ring: 'list', sound: false, thresholds: [{ kind: 'breach' }] }] } });
    const findings = {};
    for (const [theme, language] of [['light', 'zh-CN'], ['dark', 'en']]) {
      await desk.setSettings({ theme, language });
      await until(`the ${theme} theme`, () => page.run('(theme) => getComputedStyle(document.documentElement).colorScheme === theme', theme));
      await openBell(page);
      findings[`list ${theme}`] = await axeFindings(page);
      await desktop.picture(`list-${theme}.png`);
      await page.press('Escape');
      await openAlertSettings(page);
      findings[`settings ${theme}`] = await axeFindings(page);
      await desktop.picture(`settings-${theme}.png`);
      await page.click('view-rule-add');
      await page.byId('view-rule-editor');
      findings[`rule ${theme}`] = await axeFindings(page);
      await desktop.picture(`rule-${theme}.png`);
      await (await page.see('[data-testid="view-rule-editor"] .end > .btn:not(.primary)')).click();
      await page.gone('view-rule-editor');
    }
    for (const [screen, found] of Object.entries(findings)) assert.deepEqual(found, [], screen);
  });
});
