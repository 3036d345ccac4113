// Visits in the real window: asked for offline, lost to somebody faster, moved by mouse and by keyboard, called off, reported.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { axeFindings } from './lib/axe.mjs';
import { withDesk } from './lib/deskbell.mjs';
import { answerDialog } from './lib/dialog.mjs';
import { withHub } from './lib/hub.mjs';
import { until } from './lib/processes.mjs';
import { conversation, openFirstTicket } from './lib/ticket.mjs';
import { fillWizard, sendWizard, showInCalendar, untilVisit, visitOf, visitsOf } from './lib/visit.mjs';

const connected = withHub(withDesk);
const CITY = { latitude: 30.29365, longitude: 120.16142 };
const tile = (page, key) => page.see(`[data-testid='visit-tile'][data-key='${key}']`);

async function book(desk, options) {
  const { page } = desk;
  await openFirstTicket(page);
  await page.run('() => document.activeElement.blur()');
  await page.press('v');
  const start = await fillWizard(page, options);
  return { key: await sendWizard(desk), start };
}

/** The button of the toast that says so: reminders bring toasts of their own. */
async function toastAction(page, words) {
  const found = await until(`a toast with ${words}`, async () => {
    for (const action of await page.allById('toast-action')) if (words.test(await action.text())) return action;
    return null;
  }, { timeoutMs: 20_000 });
  await found.click();
}

/** Books a slot on the server until nothing of it is left, as other desks would. */
async function takeAway(hub, visit, start) {
  const { tickets } = await hub.ask('GET', 'tickets?limit=20');
  let taken = 0;
  for (const { id } of tickets) {
    const body = { ticket_id: id, service: visit.service, site: { name: 'elsewhere', address: 'road 1', city: '杭州', country: 'CN', ...CITY }, contact: { name: 'Other', role: '', phone: '+86 571 0000 0000', email: '' }, centre_id: visit.centre_id, start };
    if (!(await hub.ask('POST', 'visits', body).catch(() => null))) break;
    taken += 1;
  }
  return taken;
}

test('a visit asked for offline is "requested", and confirmed once the desk is online', { timeout: 300_000 }, async () => {
  await connected({ name: 'visit-offline' }, async (desk) => {
    const { page } = desk;
    await desk.setSettings({ work_offline: true, undo_s: 0 });
    const { key, start } = await book(desk);
    const asked = await visitOf(desk, key);
    assert.deepEqual([asked.visit.state, asked.visit.slot, asked.pending.length], ['requested', null, 1]);
    await toastAction(page, /^(查看|Show)$/);
    await page.byId('visit-page');
    assert.match(await (await page.byId('visit-waits')).text(), /离线|Offline/);
    await desk.setSettings({ work_offline: false });
    const confirmed = await untilVisit(desk, key, 'the confirmation', (view) => view.visit.state === 'confirmed');
    assert.equal(confirmed.visit.slot.start, start, 'at the slot that was chosen');
    await until('it on the page', async () => (await (await page.byId('visit-page')).attribute('data-state')) === 'confirmed');
    // The target, and in which hours it is counted.
    assert.match(await (await page.byId('visit-target')).text(), /自然小时|calendar hours|服务时间|in the hours of/);
  });
});

test('a slot that somebody else took is answered with others, and one click books one', { timeout: 300_000 }, async () => {
  await connected({ name: 'visit-taken' }, async (desk, hub) => {
    const { page } = desk;
    await desk.setSettings({ work_offline: true, undo_s: 0 });
    const { key, start } = await book(desk, { nth: 1 });
    const asked = await visitOf(desk, key);
    assert.ok((await takeAway(hub, asked.visit, start)) > 0, 'others were faster');
    await desk.setSettings({ work_offline: false });
    await untilVisit(desk, key, 'the refusal', (view) => view.refusal !== null);
    await toastAction(page, /看可选时段|Show what is free/);
    const refusal = await page.byId('visit-refusal');
    assert.equal(await refusal.attribute('data-code'), 'slot_taken');
    const offered = await page.byId('visit-alternative');
    const instead = Number(await offered.attribute('data-start'));
    assert.notEqual(instead, start);
    await offered.click();
    const confirmed = await untilVisit(desk, key, 'the other slot', (view) => view.visit.state === 'confirmed');
    assert.deepEqual([confirmed.visit.slot.start, confirmed.refusal], [instead, null]);
    assert.equal((await visitsOf(desk)).filter((view) => view.visit.asset === 'SRV-0417').length, 1, 'one visit, however often it was asked for');
  });
});

test('a visit is moved by mouse and by keyboard, and called off', { timeout: 300_000 }, async () => {
  await connected({ name: 'visit-move' }, async (desk) => {
    const { page } = desk;
    await desk.setSettings({ undo_s: 0 });
    const { key } = await book(desk);
    const before = await untilVisit(desk, key, 'the confirmation', (view) => view.visit.state === 'confirmed');
    await showInCalendar(desk, before);
    const slots = await until('free slots', async () => { const found = await page.allById('slot-tile'); return found.length > 1 ? found : null; });
    await page.drag(await tile(page, key), slots[0], { onway: () => until('a slot under the mouse', () => page.run("() => Boolean(document.querySelector('.slot.at'))")) });
    await page.click('move-confirm');
    const dragged = await untilVisit(desk, key, 'the move', (view) => view.visit.slot?.start !== before.visit.slot.start && view.pending.length === 0);
    assert.equal(dragged.visit.state, 'confirmed');

    await showInCalendar(desk, dragged);
    await page.run("(key) => document.querySelector(`[data-testid='visit-tile'][data-key='${key}']`).focus()", key);
    await page.press('m');
    await page.byId('move-banner');
    await until('the focus on a slot', () => page.run("() => document.activeElement?.dataset.testid === 'slot-tile'"));
    // On to another time than it has: another engineer may be free at that one.
    const focused = () => page.run('() => Number(document.activeElement.dataset.start)');
    const first = await focused();
    await until('the next slot', async () => {
      await page.press('ArrowDown');
      return ![first, dragged.visit.slot.start].includes(await focused());
    });
    await page.press('Enter');
    await page.byId('move-confirm');
    await page.press('Enter');
    const keyed = await untilVisit(desk, key, 'the second move', (view) => view.visit.slot?.start !== dragged.visit.slot.start && view.pending.length === 0);
    assert.equal(keyed.visit.history.filter((event) => event.kind === 'rescheduled').length, 2);

    await showInCalendar(desk, keyed);
    await (await tile(page, key)).click();
    await page.click('visit-cancel');
    await page.click('visit-cancel-confirm');
    const off = await untilVisit(desk, key, 'the end', (view) => view.visit.state === 'cancelled' && view.pending.length === 0);
    assert.deepEqual(off.can, []);
  });
});

test('past its cut-off a visit stays, and it is said why; what was done is ticked, written and signed', { timeout: 300_000 }, async () => {
  await connected({ name: 'visit-report' }, async (desk) => {
    const { page } = desk;
    await desk.setSettings({ undo_s: 0 });
    // One of the demo's that has begun, or is about to: its centre takes no changes any more.
    const begun = (await visitsOf(desk)).find((view) => view.visit.state === 'confirmed' && view.cutoff_at !== null && view.cutoff_at < Date.now());
    if (begun) {
      await page.click('nav-visits');
      await showInCalendar(desk, begun);
      await (await tile(page, begun.key)).click();
      assert.match(await (await page.byId('visit-late')).text(), /停止改期和取消|takes no changes/);
      assert.equal(await (await page.byId('visit-cancel')).attribute('disabled'), '');
      await page.click('visit-back');
    }
    const { key } = await book(desk);
    const booked = await untilVisit(desk, key, 'the confirmation', (view) => view.visit.state === 'confirmed');
    await showInCalendar(desk, booked);
    await (await tile(page, key)).click();
    await page.byId('visit-report');
    if (booked.visit.checklist.length > 0) await page.click('check-0');
    await (await page.byId('visit-findings')).type('风扇 2 转速偏低，已更换。');
    await (await page.byId('visit-sign-name')).type('周启明');
    // Not sent yet, and here after a crash.
    await until('the words and the name kept', async () => {
      const kept = JSON.parse((await desk.rpc('visit_draft', { id: booked.ticket })) ?? '{}')[`work ${key}`];
      return kept?.findings.includes('转速偏低') && kept.name === '周启明';
    });
    await desk.restart();
    await desk.page.click('nav-visits', { timeoutMs: 30_000 });
    await showInCalendar(desk, booked);
    await (await tile(desk.page, key)).click();
    await until('the words back', () => desk.page.run("() => document.querySelector(\"[data-testid='visit-findings']\")?.value.includes('转速偏低')"));
    assert.equal(await desk.page.run("() => document.querySelector(\"[data-testid='visit-sign-name']\").value"), '周启明');
    await desk.page.click('visit-report-send');
    const sent = await untilVisit(desk, key, 'the report on the server', (view) => view.visit.findings.includes('转速偏低') && view.pending.length === 0);
    assert.deepEqual([sent.visit.sign_off?.name, sent.visit.state], ['周启明', 'confirmed']);
    if (booked.visit.checklist.length > 0) assert.equal(sent.visit.checklist[0].done, true);

    const report = path.join(desk.desktop.folder, 'report.pdf');
    await desk.page.click('visit-pdf');
    await answerDialog(desk, report);
    const pdf = await until('the report as a file', () => readFileSync(report), { timeoutMs: 60_000 });
    assert.equal(pdf.subarray(0, 4).toString(), '%PDF');
    const words = await desk.desktop.run('pdftotext', [report, '-']).catch(() => null);
    if (words !== null) assert.ok(words.includes('风扇 2 转速偏低') && words.includes('周启明'), words);
    const calendar = path.join(desk.desktop.folder, 'visit.ics');
    await desk.page.click('visit-ics');
    await answerDialog(desk, calendar);
    const event = String(await until('the calendar file', () => readFileSync(calendar), { timeoutMs: 20_000 }));
    assert.match(event, /^BEGIN:VCALENDAR\r\n[^]*METHOD:REQUEST\r\n[^]*BEGIN:VTIMEZONE[^]*BEGIN:VALARM/);
  });
});

test('no screen of visits has an axe-core finding, light or dark', { timeout: 300_000 }, async () => {
  await connected({ name: 'visit-axe' }, async (desk) => {
    const { page } = desk;
    const findings = {};
    const judge = async (name) => {
      const found = await axeFindings(page);
      if (found.length > 0) findings[name] = found;
      await desk.desktop.picture(`${name}.png`);
    };
    for (const theme of ['light', 'dark']) {
      await desk.setSettings({ theme });
      await page.click('nav-visits');
      await page.byId('calendar');
      await judge(`week-${theme}`);
      await page.run("() => document.querySelector('[data-testid=visits-mode-day]').click()");
      await judge(`day-${theme}`);
      await page.run("() => document.querySelector('[data-testid=visits-mode-list]').click()");
      await page.byId('visit-row');
      await judge(`list-${theme}`);
      // A cell of it: WebKit's driver finds no point of a table row to click on.
      await (await page.see("[data-testid='visit-row'] td:nth-child(3)")).click();
      await page.byId('visit-page');
      await judge(`page-${theme}`);
      await page.click('visit-back');
      await page.run("() => document.querySelector('[data-testid=visits-mode-week]').click()");
      await page.click('visit-book');
      await page.byId('wizard-ticket');
      await judge(`wizard-ticket-${theme}`);
      await page.click('wizard-ticket');
      await page.byId('site-name');
      await judge(`wizard-site-${theme}`);
      await page.press('Escape');
      await page.gone('visit-wizard');
      await page.click('nav-tickets');
      await page.click('ticket-row');
      await conversation(page);
    }
    assert.deepEqual(findings, {});
  });
});
