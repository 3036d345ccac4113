// WCAG 2.2 AA by axe-core on every screen, in both themes.
import assert from 'node:assert/strict';
import test from 'node:test';
import { axeFindings } from './lib/axe.mjs';
import { withDesk } from './lib/deskbell.mjs';
import { until } from './lib/processes.mjs';
import { openFirstTicket } from './lib/ticket.mjs';

async function screens(desk) {
  const { page } = desk;
  return [
    ['watch', async () => page.click('nav-watch')],
    ['tickets', async () => { await page.click('nav-tickets'); await page.byId('ticket-row'); }],
    ['picked', async () => { await page.press('j', 'x', 'j', 'x'); await page.byId('bulk-bar'); }],
    ['ticket', () => openFirstTicket(page)],
    ...['visits', 'phones', 'centres', 'customers', 'outbox'].map((name) => [name, async () => page.click(`nav-${name}`)]),
    ['new-ticket', async () => { await page.press('c'); await page.byId('new-subject'); }],
    ['settings', async () => { await closeDialog(page); await page.click('nav-settings'); }],
    ...['accounts', 'rules', 'alerts', 'robots', 'storage', 'about'].map((section) => [`settings-${section}`, async () => page.click(`settings-tab-${section}`)]),
    ['rules-policy', async () => { await rulesOverview(page); await page.click('policy-0'); await page.byId('target-urgent-resolution'); }],
    ['rules-calendar', async () => { await rulesOverview(page); await page.click('calendar-business_cn'); await page.see('[data-testid="month-preview"] td'); }],
    ['rules-import', async () => { await page.click('holidays-import'); await page.byId('notice-text'); }],
    ['rules-unsaved', async () => { await rulesOverview(page); await page.click('policy-add'); await page.byId('rules-problems'); }],
    ['rules-save', async () => { await page.click('rules-review'); await page.see('[data-testid="settings-panel"] [aria-busy]'); }],
    ['rules-discarded', async () => { await rulesOverview(page); await page.click('rules-discard'); await (await page.see('[role="alertdialog"] .danger')).click(); await until('the rules in force', async () => (await page.allById('rules-discard')).length === 0); }],
    ['account', async () => {
      await page.click('settings-tab-accounts');
      await page.click('account-add');
      await (await page.see('input[name="account-kind"][value="aliyun"]')).click();
    }],
    ['watch-again', async () => { await closeDialog(page); await page.click('nav-watch'); }],
  ];
}

async function rulesOverview(page) {
  await page.click('settings-tab-rules');
  while ((await page.allById('rules-back')).length > 0) await page.click('rules-back');
}

async function closeDialog(page) {
  await page.press('Escape');
  await until('the dialog to close', async () => (await page.all('[role="dialog"]')).length === 0);
}

test('no screen has an axe-core finding, light or dark', { timeout: 300_000 }, async () => {
  await withDesk({ name: 'axe' }, async (desk) => {
    const { page } = desk;
    const findings = {};
    const judge = async (name) => {
      const found = await axeFindings(page);
      if (found.length > 0) findings[name] = found;
      await desk.desktop.picture(`${name}.png`);
    };
    await page.byId('demo-start');
    await judge('welcome');
    await desk.startDemo();
    for (const theme of ['light', 'dark']) {
      await desk.setSettings({ theme });
      await until(`the ${theme} theme`, () => page.run('(theme) => getComputedStyle(document.documentElement).colorScheme === theme', theme));
      for (const [name, open] of await screens(desk)) {
        await open();
        await judge(`${name}-${theme}`);
      }
    }
    assert.deepEqual(findings, {});
  });
});

test('the window keeps its content policy: nothing loads from outside and nothing breaks it', { timeout: 120_000 }, async () => {
  await withDesk({ name: 'policy' }, async (desk) => {
    const { page } = desk;
    await page.run("() => { window.broken = []; document.addEventListener('securitypolicyviolation', (event) => window.broken.push(event.violatedDirective + ' ' + event.blockedURI)); }");
    await desk.startDemo();
    await openFirstTicket(page);
    await page.click('nav-watch');
    await page.click('nav-settings');
    assert.deepEqual(await page.run('() => window.broken'), [], 'our own pages keep to the policy');
    const reached = await page.runAsync("() => fetch('http://127.0.0.1:9/').then(() => 'reached', () => 'refused')");
    assert.equal(reached, 'refused');
    await until('the refusal on record', async () => (await page.run('() => window.broken')).some((line) => line.startsWith('connect-src')));
    const foreign = await page.runAsync("() => window.__TAURI_INTERNALS__.invoke('plugin:window|close').then(() => 'allowed', () => 'refused')");
    assert.equal(foreign, 'refused', 'only the declared commands are allowed');
  });
});
