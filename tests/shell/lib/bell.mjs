// Steps of tests about the bell.
import { until } from './processes.mjs';

/** The demo promises a near breach within its first minute. */
export const RINGS_WITHIN = { timeoutMs: 120_000, everyMs: 250 };

/** Notifications that stand for alerts: others (a test, a farewell) cannot be acknowledged or say nothing of it. */
export const rung = (desk) => desk.desktop.notifications.filter((notification) => notification.hints['category'] === 'x-deskbell.deadline' && !/铃声正常|bell works/.test(notification.summary));

export const listed = (desk) => desk.rpc('alerts', { limit: 500, open_only: false });
export const open = async (desk) => (await listed(desk)).filter((alert) => alert.acknowledged_at === null && alert.shown_at !== null && !alert.ended_at);

/** The first notification, and every alert that has rung by then. */
export async function firstBell(desk) {
  const [notification] = await until('the first bell', () => rung(desk).length > 0 && rung(desk), RINGS_WITHIN);
  const alerts = await until('its alerts', async () => { const shown = await open(desk); return shown.length > 0 && shown; });
  return { notification, alerts };
}

/** Rows of the bell's list on the screen: their state and text. */
export const ROWS = `() => [...document.querySelectorAll('[data-testid="alert-item"]')].map((row) => ({ state: row.dataset.state, id: Number(row.querySelector('[data-alert]').dataset.alert), text: row.innerText }))`;

export async function openBell(page) {
  await page.click('bell');
  await page.see('[role="dialog"] [data-testid="dnd"]');
}

export async function openAlertSettings(page) {
  await page.click('nav-settings');
  await page.click('settings-tab-alerts');
  await page.byId('notification-support');
}
