// Customers in the real window: who answers for them while their manager is away, and the brief for whoever takes over.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { axeFindings } from './lib/axe.mjs';
import { withDesk } from './lib/deskbell.mjs';
import { answerDialog } from './lib/dialog.mjs';
import { until } from './lib/processes.mjs';

const two = (n) => String(n).padStart(2, '0');
/** A date as it is typed, some days from today, on the wall clock of the window. */
const dateOf = (days) => {
  const at = new Date(Date.now() + 8 * 3_600_000 + days * 86_400_000);
  return `${at.getUTCFullYear()}-${two(at.getUTCMonth() + 1)}-${two(at.getUTCDate())}`;
};
const text = (page, css) => page.run('(css) => document.querySelector(css)?.innerText ?? ""', css);

async function fill(page, testId, words) {
  await (await page.byId(testId)).retype(words);
}

/** The one with this name in the list, opened with the mouse. */
async function openCustomer(page, name) {
  await page.click('nav-customers');
  await page.click('care-tab-customers');
  await until(`${name} in the list`, () => page.run(`(name) => {
    const row = [...document.querySelectorAll('[data-testid="customer-row"]')].find((one) => one.querySelector('b').innerText === name);
    row?.click();
    return Boolean(row);
  }`, name));
  await until(`${name} opened`, async () => (await text(page, '[data-testid="customer"] h2')).includes(name));
}

/** A card for the manager, with letters in the telephone number at first, and an absence that began yesterday. */
async function addAbsent(desk, name) {
  const { page } = desk;
  await page.click('care-tab-people');
  await until(`${name} among those without a card`, () => page.run(`(name) => {
    const button = [...document.querySelectorAll('[data-testid="person-add-named"]')].find((one) => one.innerText.trim() === name);
    button?.click();
    return Boolean(button);
  }`, name));
  await page.byId('person-dialog');
  await fill(page, 'person-phone', '138 CALL ME');
  await fill(page, 'person-email', 'manager@example.cn');
  await page.click('person-keep');
  await until('what is wrong with the number', async () => /电话|号码|number/i.test(await text(page, '.person-dialog .field .wrong')));
  assert.deepEqual(await desk.rpc('people'), [], 'nothing half kept');
  await desk.desktop.picture('number-wrong.png');
  await fill(page, 'person-phone', '+86 571 8502 2088');
  await page.click('absence-add');
  await fill(page, 'absence-from-date', dateOf(-1));
  await fill(page, 'absence-to-date', dateOf(-3));
  await page.click('person-keep');
  await until('an end before the beginning is refused', async () => (await page.all('.person-dialog .moment .wrong:not(:empty)')).length > 0);
  await fill(page, 'absence-to-date', dateOf(4));
  await page.click('person-keep');
  await page.gone('person-dialog');
}

async function clean(desk, where) {
  for (const theme of ['light', 'dark']) {
    await desk.setSettings({ theme });
    await until(`the ${theme} theme`, () => desk.page.run('(theme) => getComputedStyle(document.documentElement).colorScheme === theme', theme));
    assert.deepEqual(await axeFindings(desk.page), [], `${where}, ${theme}`);
    await desk.desktop.picture(`${where}-${theme}.png`);
  }
}

test('a manager goes away, the deputy acts on the card and on the ticket, and the brief is written as PDF', { timeout: 300_000 }, async () => {
  await withDesk({ name: 'customers' }, async (desk) => {
    const { page } = desk;
    await desk.startDemo();
    const cards = await desk.rpc('customers', { query: '' });
    const customer = cards.find((card) => card.manager && card.deputy && card.open_tickets > 0 && /[\u4e00-\u9fff]/.test(card.name));
    assert.ok(customer, 'the demo has a customer with both');
    assert.deepEqual([customer.acting, customer.acting_why], [customer.manager, 'manager']);

    await openCustomer(page, customer.name);
    assert.match(await text(page, '[data-testid="acting"]'), new RegExp(customer.manager));
    await clean(desk, 'customer');
    await addAbsent(desk, customer.manager);
    await clean(desk, 'people');

    await openCustomer(page, customer.name);
    await until('the deputy on the card', async () => (await text(page, '[data-testid="acting"]')).includes(customer.deputy));
    const why = await text(page, '[data-testid="acting"]');
    assert.ok(why.includes(customer.manager), `says who is away: ${why}`);
    assert.equal(await (await page.see('[data-testid="acting"]')).attribute('data-why'), 'customer_deputy');
    await desk.desktop.picture('deputy.png');

    // On the ticket: in the column beside it, which a narrow window keeps behind a button.
    await (await page.see('[data-testid="handover-ticket"] .link')).click();
    await page.byId('composer-body');
    await (await page.see('.ticket .more button')).click();
    await until('the deputy beside the ticket', async () => (await text(page, '[role="dialog"] [data-testid="side-customer"]')).includes(customer.deputy));
    await desk.desktop.picture('ticket.png');
    await page.press('Escape');

    // The brief of this customer, as a page and as a file.
    await openCustomer(page, customer.name);
    await page.click('customer-brief');
    const shown = await until('the brief', async () => text(page, '[data-testid="handover"]'));
    for (const part of [customer.name, customer.deputy, customer.manager]) assert.ok(shown.includes(part), `the brief names ${part}`);
    const brief = await desk.rpc('handover', { manager: null, account: customer.account, customer: customer.remote_id, from: Date.now() - 86_400_000, to: Date.now() + 86_400_000 });
    for (const ticket of brief.customers[0].tickets) assert.ok(shown.includes(ticket.subject), `the brief has ${ticket.subject}`);
    await clean(desk, 'handover');
    const file = path.join(desk.desktop.folder, 'brief.pdf');
    await page.click('handover-pdf');
    await answerDialog(desk, file);
    const pdf = await until('the file', () => readFileSync(file), { timeoutMs: 60_000 });
    assert.equal(pdf.subarray(0, 4).toString(), '%PDF');
    const words = await desk.desktop.run('pdftotext', [file, '-']).catch(() => null);
    if (words !== null) assert.ok(words.includes(customer.name), 'the Chinese name can be selected and copied');

    // Kept: another start knows who acts.
    await desk.restart();
    await until('the desk', async () => (await desk.rpc('app_state')).phase === 'ready');
    await openCustomer(desk.page, customer.name);
    await until('the deputy after the restart', async () => (await text(desk.page, '[data-testid="acting"]')).includes(customer.deputy));
  });
});

test('who answers for a customer is changed here, and goes back to what the provider says', { timeout: 180_000 }, async () => {
  await withDesk({ name: 'customers-care' }, async (desk) => {
    const { page } = desk;
    await desk.startDemo();
    const [customer] = (await desk.rpc('customers', { query: '' })).filter((card) => card.manager && card.deputy);
    await openCustomer(page, customer.name);
    await page.click('care-edit');
    await page.click('care-manager');
    const type = await page.see('[data-testid="suggest"]');
    await type.type('欧阳静');
    await page.press('Enter');
    await page.click('care-keep');
    await until('the new name', async () => (await text(page, '[data-testid="acting"]')).includes('欧阳静'));
    const changed = await desk.rpc('customer_get', { account: customer.account, remote_id: customer.remote_id });
    assert.deepEqual([changed.card.manager, changed.card.deputy, changed.card.overridden], ['欧阳静', customer.deputy, true]);

    await page.click('care-edit');
    await (await page.see('[data-testid="customer"] .acts .btn.ghost')).click();
    await page.click('care-keep');
    await until('the name as the provider says', async () => (await desk.rpc('customer_get', { account: customer.account, remote_id: customer.remote_id })).card.overridden === false);
    await until('the name on the card', async () => (await text(page, '[data-testid="acting"]')).includes(customer.manager));
  });
});
