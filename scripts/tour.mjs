// The bounded tour: start, demo desk, first synchronisation, the bell at a real notification daemon, pictures.
import path from 'node:path';
import { ROOT } from '../tests/shell/lib/desktop.mjs';
import { withDesk } from '../tests/shell/lib/deskbell.mjs';
import { until } from '../tests/shell/lib/processes.mjs';
import { openFirstTicket } from '../tests/shell/lib/ticket.mjs';

const OUT = path.join(ROOT, 'out');
/** The demo promises a near breach within its first minute. */
const RINGS_WITHIN_MS = 90_000;
const started = Date.now();
const pictures = [];

const say = (text) => console.log(`${((Date.now() - started) / 1000).toFixed(1).padStart(6)} s  ${text}`);

async function picture(desk, name) {
  // Two frames after the last change: what was asked for is on the screen.
  await desk.page.runAsync('() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
  await until('a still screen', async () => desk.page.run("() => document.getAnimations().every((animation) => animation.playState !== 'running' || animation.effect?.getComputedTiming().endTime === Infinity)"), { timeoutMs: 3_000 }).catch(() => undefined);
  pictures.push(path.relative(ROOT, await desk.desktop.picture(`${name}.png`)));
}

async function screens(desk, suffix) {
  const { page } = desk;
  await page.click('nav-watch');
  await until('the watch', async () => (await desk.rpc('watch')).unfinished > 0);
  await picture(desk, `watch${suffix}`);
  await page.click('nav-tickets');
  await page.byId('ticket-row');
  await picture(desk, `tickets${suffix}`);
  await openFirstTicket(page);
  await picture(desk, `ticket${suffix}`);
}

await withDesk({ name: 'tour', out: OUT, service: 'dunst', tray: true }, async (desk) => {
  say('the window is open');
  await picture(desk, 'welcome');
  await desk.startDemo();
  const [{ account }] = (await desk.rpc('sync_status')).accounts;
  say(`the demo desk is here: ${account.ticket_count} tickets`);
  await desk.page.byId('nav-watch');

  // What was overdue before the first synchronisation rings at once, together; a deadline that comes near now rings alone.
  const synced = Date.now();
  const rung = await until('the bell', async () => (await desk.rpc('alerts', { limit: 100 })).find((alert) => alert.shown_at !== null && alert.due_at >= synced), { timeoutMs: RINGS_WITHIN_MS, everyMs: 250 });
  await until('the daemon to show it', async () => Number(await desk.desktop.run('dunstctl', ['count', 'displayed'])) > 0);
  await picture(desk, 'bell');
  say(`the bell rang for #${rung.remote_id}, ${rung.shown_at - rung.due_at} ms after it was due, at ${(await desk.rpc('notification_support')).server}`);
  await desk.desktop.run('dunstctl', ['close-all']);

  await desk.setSettings({ theme: 'light' });
  await screens(desk, '');
  await desk.setSettings({ theme: 'dark' });
  await screens(desk, '-dark');
  await desk.setSettings({ theme: 'light', language: 'en' });
  await screens(desk, '-en');
  for (const screen of ['outbox', 'settings']) {
    await desk.page.click(`nav-${screen}`);
    await picture(desk, `${screen}-en`);
  }
  say('the tour is over; nothing is left running');
});
console.log(`\nPictures:\n${pictures.map((file) => `  ${file}`).join('\n')}`);
