// Diagnosis sessions on a ticket in the real window: planned, joined after a look, finished with consent; the live Q&A and its calendar.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { axeFindings } from './lib/axe.mjs';
import { withDesk } from './lib/deskbell.mjs';
import { answerDialog } from './lib/dialog.mjs';
import { until } from './lib/processes.mjs';
import { conversation, openFirstTicket, untilNote } from './lib/ticket.mjs';

const FINDINGS = '健康检查间隔被误改为 300 秒，建议恢复为 60 秒。';
const LINK = 'https://meeting.example.com/j/8840217733?pwd=Qk1';
const text = (page, css) => page.run('(css) => document.querySelector(css)?.innerText ?? ""', css);
const sessions = (desk) => desk.rpc('diagnoses', { ticket: null });

async function fill(page, testId, words) {
  await (await page.byId(testId)).retype(words);
}

/** A browser that notes what it was asked to open. */
function withBrowser(desk) {
  const folder = path.join(desk.desktop.folder, 'bin');
  mkdirSync(folder);
  desk.opened = path.join(desk.desktop.folder, 'opened.txt');
  writeFileSync(path.join(folder, 'xdg-open'), `#!/bin/sh\necho "$1" >> '${desk.opened}'\n`, { mode: 0o755 });
  desk.env.PATH = `${folder}:${desk.env.PATH}`;
}

/** The column beside the ticket, which a narrow window keeps behind a button. */
async function openSide(page) {
  if ((await page.all('[role="dialog"] [data-testid="side-sessions"]')).length === 0) await (await page.see('.ticket .more button')).click();
  return page.see('[role="dialog"] [data-testid="side-sessions"]');
}

async function clean(desk, where) {
  for (const theme of ['light', 'dark']) {
    await desk.setSettings({ theme });
    await until(`the ${theme} theme`, () => desk.page.run('(theme) => getComputedStyle(document.documentElement).colorScheme === theme', theme));
    assert.deepEqual(await axeFindings(desk.page), [], `${where}, ${theme}`);
    await desk.desktop.picture(`${where}-${theme}.png`);
  }
}

async function plan(desk) {
  const { page } = desk;
  await page.press('d');
  await page.byId('session-dialog');
  await clean(desk, 'plan');
  await fill(page, 'session-title', '网关间歇 502 会诊');
  await fill(page, 'session-join', 'http://meeting.example.com/j/1');
  await page.click('session-keep');
  await until('a plain http link to be refused', async () => /https:\/\//.test(await text(page, '.session-dialog .field .wrong')));
  assert.deepEqual(await sessions(desk), [], 'nothing half kept');
  await fill(page, 'session-join', LINK);
  await page.click('session-keep');
  await page.gone('session-dialog');
  const [session] = await until('the session in the core', async () => { const list = await sessions(desk); return list.length > 0 && list; });
  assert.deepEqual([session.title, session.state, session.join_url, session.consent], ['网关间歇 502 会诊', 'planned', LINK, null]);
  return session;
}

async function join(desk) {
  const { page } = desk;
  await openSide(page);
  await desk.desktop.picture('side.png');
  assert.match(await text(page, '[role="dialog"] [data-testid="consent-missing"]'), /同意|[Cc]onsent/);
  await (await page.see('[role="dialog"] [data-testid="join"]')).click();
  assert.equal((await until('the whole address', () => text(page, '[data-testid="join-url"]'))).trim(), LINK);
  assert.ok(!existsSync(desk.opened), 'nothing opens before the person has looked');
  await clean(desk, 'join');
  await page.click('join-go');
  await until('the browser', () => existsSync(desk.opened) && readFileSync(desk.opened, 'utf8').trim() === LINK);
}

test('a session is planned, joined after a look, and finished once consent is on record; its findings arrive as a note', { timeout: 300_000 }, async () => {
  await withDesk({ name: 'diagnosis', prepare: withBrowser }, async (desk) => {
    const { page } = desk;
    await desk.startDemo();
    await openFirstTicket(page);
    const session = await plan(desk);
    await join(desk);

    // Only https, whatever asks.
    const refused = await desk.rpc('link_open', { url: 'file:///etc/passwd' }).then(() => 'opened', (error) => error.message);
    assert.match(refused, /endpoint_invalid/);

    await openSide(page);
    await (await page.see('[role="dialog"] [data-testid="session-finish"]')).click();
    await page.byId('finish-needs-consent');
    await fill(page, 'session-findings', FINDINGS);
    await page.click('finish-keep');
    assert.match(await text(page, '[data-testid="finish-needs-consent"]'), /没有记录的同意不能结束|cannot be finished without consent/);
    assert.equal((await sessions(desk))[0].state, 'planned');
    const early = await desk.rpc('diagnosis_finish', { id: session.id, findings: FINDINGS, to_ticket: false, marker: crypto.randomUUID() }).then(() => 'finished', (error) => error.message);
    assert.match(early, /consent_missing/);
    await clean(desk, 'consent');
    await fill(page, 'consent-by', '周启明');
    await fill(page, 'consent-words', '同意远程查看 SLB 与 ECS 监控，不改动配置。');
    await page.click('finish-keep');
    await page.gone('finish-dialog');
    const [done] = await sessions(desk);
    assert.deepEqual([done.state, done.findings, done.consent.by], ['done', FINDINGS, '周启明']);
    assert.ok(Math.abs(done.consent.at - Date.now()) < 120_000, 'the time of the consent is recorded');
    await conversation(page);
    await untilNote(page, FINDINGS, 'the findings on the ticket', (notes) => notes.some(({ state }) => state === null || state === 'sent'), { timeoutMs: 60_000 });
    await desk.desktop.picture('note.png');
  });
});

test('a session survives a kill, gives a calendar file, and is called off with its reason', { timeout: 240_000 }, async () => {
  await withDesk({ name: 'diagnosis-file' }, async (desk) => {
    await desk.startDemo();
    await openFirstTicket(desk.page);
    await desk.page.press('d');
    await fill(desk.page, 'session-title', '夜间会诊');
    await desk.page.click('session-keep');
    await desk.page.gone('session-dialog');
    await desk.quit('SIGKILL');
    await desk.launch();
    const { page } = desk;
    await until('the desk', async () => (await desk.rpc('app_state')).phase === 'ready');
    await page.click('nav-customers');
    await page.click('care-tab-sessions');
    await until('the session after the kill', async () => (await text(page, '[data-testid="session"]')).includes('夜间会诊'));

    const file = path.join(desk.desktop.folder, 'session.ics');
    await page.click('session-file');
    await answerDialog(desk, file);
    const ics = await until('the calendar file', () => readFileSync(file, 'utf8'), { timeoutMs: 30_000 });
    const [{ uid }] = await sessions(desk);
    for (const line of ['BEGIN:VCALENDAR', `UID:${uid}`, 'BEGIN:VTIMEZONE', 'BEGIN:VALARM', 'SUMMARY:']) assert.ok(ics.replaceAll('\r\n ', '').includes(line), `the file has ${line}`);

    await page.click('session-cancel');
    await fill(page, 'cancel-reason', '客户工程师休假');
    await page.click('cancel-keep');
    await until('the session called off', async () => (await sessions(desk))[0].state === 'cancelled');
    await until('its reason on the card', async () => (await text(page, '[data-testid="session"]')).includes('客户工程师休假'));
  });
});

test('the live Q&A is subscribed to, its sessions are listed and its reminders kept', { timeout: 240_000 }, async () => {
  await withDesk({ name: 'diagnosis-live' }, async (desk) => {
    const { page } = desk;
    await desk.startDemo();
    await page.click('nav-settings');
    await page.click('settings-tab-calendar');
    await page.byId('subscription');
    await clean(desk, 'calendar');
    const [shipped] = await desk.rpc('subscriptions');
    if (!shipped.enabled) await page.click('subscription-switch');
    await until('the subscription', async () => (await desk.rpc('subscriptions'))[0].enabled);

    await page.click('nav-customers');
    await page.click('care-tab-sessions');
    await until('the sessions', async () => (await page.allById('live-session')).length >= 4);
    const lines = await page.run("() => [...document.querySelectorAll('[data-testid=\"live-session\"]')].map((line) => line.innerText)");
    for (const line of lines) assert.match(line, /20:00/);
    const listed = await desk.rpc('live_sessions', { from: Date.now(), to: Date.now() + 28 * 86_400_000 });
    assert.deepEqual([...new Set(listed.map(({ start }) => new Date(start + 8 * 3_600_000).getUTCDay()))].toSorted(), [3, 5], 'Wednesdays and Fridays in Shanghai');
    await clean(desk, 'sessions');

    // A calendar server that is not there: said, and what was typed stays.
    await page.click('live-manage');
    await page.click('caldav-start');
    await fill(page, 'caldav-url', 'https://127.0.0.1:9/');
    await fill(page, 'caldav-user', 'lin.xia');
    await fill(page, 'caldav-password', 'secret');
    await page.click('caldav-check');
    await page.see('[data-testid="caldav-form"] [role="alert"]', { timeoutMs: 60_000 });
    assert.equal(await page.run("() => document.querySelector('[data-testid=\"caldav-url\"]').value"), 'https://127.0.0.1:9/');
    assert.equal(await desk.rpc('caldav_get'), null);
    await desk.desktop.picture('caldav.png');
  });
});
