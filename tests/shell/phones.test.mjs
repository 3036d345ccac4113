// Phone lines in the real window: which one to call about an outage and why, a call with its timer and note, the editor, a file.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { axeFindings } from './lib/axe.mjs';
import { withDesk } from './lib/deskbell.mjs';
import { answerDialog } from './lib/dialog.mjs';
import { until } from './lib/processes.mjs';
import { resize } from './lib/window.mjs';
import { conversation, openByNumber, untilNote } from './lib/ticket.mjs';

const NOTE = '专家确认：健康检查间隔恢复为 60 秒，30 分钟后复核。';
const CASE = 'C-20261121-077';
const ALL = { accounts: [], statuses: [], priorities: [], products: [], customers: [], vip: null, unfinished: true, breached: false };

/** The first open ticket of a service that is down, as the core reads it. */
async function outage(desk) {
  const { rows } = await desk.rpc('ticket_rows', { filter: ALL, order: 'deadline', start: 0, limit: 200 });
  for (const { id } of rows) {
    const { recommendations: [first] } = await desk.rpc('recommend', { ticket: id, facts: null });
    if (first?.reasons.some(({ code }) => code === 'outage')) return { id, first };
  }
  throw new Error('the demo has no outage');
}

/** The side column, beside the conversation or behind its button. */
async function sideColumn(page) {
  if (!(await page.run("() => [...document.querySelectorAll('[data-testid=line-to-call]')].some((one) => one.checkVisibility())"))) await (await page.see('.ticket .more button')).click();
  return page.byId('line-to-call');
}

const rows = (page) => page.run("() => [...document.querySelectorAll('[data-testid=line-row]')].map((row) => ({ key: row.dataset.key, rank: row.dataset.rank ?? null, text: row.innerText }))");
const valueOf = (page, testId) => page.run('(id) => document.querySelector(`[data-testid="${id}"]`)?.value', testId);
const seconds = (text) => text.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);

test('an outage goes to the technical experts, and a call about it has a timer, outlives the program, and leaves its note on the ticket', { timeout: 400_000 }, async () => {
  await withDesk({ name: 'phones-call' }, async (desk) => {
    const { page } = desk;
    await desk.startDemo();
    const { id, first } = await outage(desk);
    assert.equal(first.entry.line.tier, 2, 'technical experts');
    const ticket = await desk.rpc('ticket_get', { id });
    await openByNumber(page, ticket.remote_id);
    await conversation(page);
    // The line is there at once, its reasons when the core has looked at the ticket.
    let card = '';
    const isExplained = async () => {
      card = await (await sideColumn(page)).text();
      return card.includes(first.entry.line.number) && /中断|宕机|down/i.test(card);
    };
    await until('the line to call with its reason', isExplained).catch((error) => { throw new Error(`${error.message}: ${card}`); });
    await desk.desktop.picture('line-to-call.png');

    await page.click('call-sheet-open');
    await page.byId('call-sheet');
    assert.equal((await rows(page))[0].key, first.entry.key, 'first in the order in which to try them');
    const facts = await (await page.byId('call-sheet-facts')).text();
    assert.ok(facts.includes(ticket.remote_id), facts);
    assert.equal(await (await page.byId('sheet-number')).text(), first.entry.line.number);
    await (await page.see('[data-testid="call-checklist"] input')).click();
    await desk.desktop.picture('sheet.png');

    await page.click('call-code');
    await page.see('[data-testid="code-image"] svg');
    await desk.desktop.picture('code.png');
    await page.press('Escape');
    await page.gone('code-dialog');

    await page.click('call-record');
    await page.byId('call-panel');
    const started = seconds(await (await page.byId('call-timer')).text());
    await (await page.byId('call-note')).type(NOTE);
    await (await page.byId('call-case')).type(CASE);
    await page.click('nav-watch');
    await until('the timer to run on another screen', async () => seconds(await (await page.byId('call-timer')).text()) >= started + 2);
    await desk.desktop.picture('call-on-watch.png');
    await until('the words to be kept', async () => (await desk.rpc('calls', { ticket: id, limit: 5 }))[0]?.note === NOTE);
    const [before] = await desk.rpc('calls', { ticket: id, limit: 5 });
    assert.equal(before.ended_at, null);
    assert.equal(before.ticked.length, 1, 'what was ticked before the call went with it');

    await desk.quit('SIGKILL');
    await desk.launch();
    const again = desk.page;
    await again.byId('call-bar', { timeoutMs: 40_000 });
    assert.ok(seconds(await (await again.byId('call-timer')).text()) >= started + 2, 'it counts from when it began');
    await again.click('call-panel-toggle');
    assert.equal(await valueOf(again, 'call-note'), NOTE);
    await (await again.see('[data-testid="call-outcome"] label')).click();
    await again.click('call-end');
    await again.gone('call-bar');

    await openByNumber(again, ticket.remote_id);
    await conversation(again);
    const [note] = await untilNote(again, NOTE, 'the note on the ticket', ([one]) => one.state === null || one.state === 'sent', { timeoutMs: 40_000 });
    assert.ok(note.text.includes(CASE), note.text);
    await desk.desktop.picture('note.png');
    await again.click('nav-phones');
    await (await again.see('[data-testid="phones-shown"] label:nth-child(2)')).click();
    const log = await (await again.byId('call-row')).text();
    assert.ok(log.includes(NOTE) && log.includes(CASE), log);
    await desk.desktop.picture('log.png');
  });
});

const OURS = 'deskbell-test-phone.desktop';

/** Registers a telephone program as every other one is: a desktop entry that takes `tel:`, and the person's choice of it. */
function registerPhone({ env, desktop: { folder } }) {
  const [told, program, applications] = [path.join(folder, 'dialled'), path.join(folder, 'phone.sh'), path.join(env.XDG_DATA_HOME, 'applications')];
  mkdirSync(applications, { recursive: true });
  writeFileSync(program, `#!/bin/sh\nprintf '%s\\n' "$@" >> '${told}'\n`, { mode: 0o755 });
  writeFileSync(path.join(applications, OURS), `[Desktop Entry]\nType=Application\nName=Test phone\nExec=${program} %u\nMimeType=x-scheme-handler/tel;\nNoDisplay=true\n`);
  writeFileSync(path.join(env.XDG_CONFIG_HOME, 'mimeapps.list'), `[Default Applications]\nx-scheme-handler/tel=${OURS}\n`);
  return () => (existsSync(told) ? readFileSync(told, 'utf8').split('\n').filter((line) => line !== '') : []);
}

/** A desktop on which no program of the machine itself takes `tel:`: what is shared but for its applications. */
function withoutPrograms({ env, desktop }) {
  const share = path.join(desktop.folder, 'share');
  mkdirSync(share);
  for (const name of readdirSync('/usr/share')) if (name !== 'applications') symlinkSync(path.join('/usr/share', name), path.join(share, name));
  Object.assign(env, { XDG_DATA_DIRS: share, XDG_CONFIG_DIRS: path.join(desktop.folder, 'nothing'), BROWSER: '/bin/true' });
}

test('the program that the system has for telephone numbers gets exactly the number, as it is dialled', { timeout: 300_000 }, async () => {
  let dialled;
  await withDesk({ name: 'phones-dial', prepare: (desk) => { withoutPrograms(desk); dialled = registerPhone(desk); } }, async (desk) => {
    const { page } = desk;
    await desk.startDemo();
    const numbers = [
      ['+86 (0)571 8502 6666', 'tel:+8657185026666'],
      ['0571-8502 6666,801', 'tel:057185026666;ext=801'],
      ['+1.415.555.2671,,123#', 'tel:+14155552671;ext=123'],
      ['010-88888888#42', 'tel:01088888888;ext=42'],
    ];
    const { lines: [pattern] } = await desk.rpc('directory');
    const lines = [];
    for (const [number, expected] of numbers) {
      const line = { ...pattern.line, remote_id: '', name_zh: `热线 ${expected}`, name_en: `Line ${expected}`, number };
      lines.push({ expected, number, key: (await desk.rpc('line_put', { key: null, line })).key });
    }
    const shipped = pattern.line.number;
    lines.push({ expected: `tel:${shipped.replace(/\D/g, '')}`, number: shipped, key: pattern.key });
    await page.click('nav-phones');
    for (const [n, { expected, number, key }] of lines.entries()) {
      await (await page.see(`[data-testid="line-row"][data-key="${key}"]`)).click();
      await until(`the sheet of ${number}`, async () => (await (await page.byId('sheet-number')).text()) === number);
      await page.click('call-dial');
      await until(`the program to be given ${expected}`, () => dialled().length > n);
      assert.deepEqual(dialled(), lines.slice(0, n + 1).map((one) => one.expected));
      await page.byId('call-panel');
      assert.equal((await page.allById('call-undialled')).length, 0);
      const [call] = await desk.rpc('calls', { ticket: null, limit: 5 });
      assert.deepEqual([call.line_key, call.number, call.ended_at], [key, number, null], 'the call is on record');
      if (n === 0) await desk.desktop.picture('dialled.png');
      await page.click('call-end');
      await page.gone('call-bar');
    }
  });
});

test('where no program dials it is said, nothing counts as a call, and one that is installed meanwhile is found', { timeout: 300_000 }, async () => {
  await withDesk({ name: 'phones-no-dialler', prepare: withoutPrograms }, async (desk) => {
    const { page } = desk;
    await desk.startDemo();
    await page.click('nav-phones');
    await page.click('call-dial');
    const said = await (await page.byId('call-undialled')).text();
    assert.match(said, /没有能拨电话的程序|no program that dials/);
    assert.match(said, /没有拨出|也没有拨出|nothing was dialled/);
    assert.match(said, /二维码|QR code/);
    await desk.desktop.picture('no-program.png');
    assert.deepEqual([(await desk.rpc('calls', { ticket: null, limit: 5 })).length, (await page.allById('call-bar')).length], [0, 0]);

    const number = await (await page.byId('sheet-number')).text();
    const dialled = registerPhone(desk);
    await until('the new program to be found', async () => {
      if (dialled().length > 0) return true;
      await page.click('call-dial');
      return false;
    }, { everyMs: 1000 });
    assert.equal(dialled()[0], `tel:${number.replace(/\D/g, '')}`);
    await until('the message to go', async () => (await page.allById('call-undialled')).length === 0);
  });
});

test('letters in a number are explained and nothing is saved; what was typed outlives the program; corrected, it is a change over the provider’s', { timeout: 300_000 }, async () => {
  await withDesk({ name: 'phones-editor' }, async (desk) => {
    await desk.startDemo();
    await desk.page.click('nav-phones');
    const before = await desk.rpc('directory');
    const { key } = (await rows(desk.page))[0] ?? (await until('lines', async () => rows(desk.page)))[0];
    await desk.page.click('entry-edit');
    await (await desk.page.byId('line-number')).retype('400-CALL-ME');
    await desk.page.click('editor-keep');
    await until('the reason', async () => (await desk.page.all('[data-testid="line-number"][aria-invalid="true"]')).length === 1);
    assert.match(await (await desk.page.byId('entry-editor')).text(), /不是电话号码|no phone number/);
    await desk.desktop.picture('letters.png');
    assert.deepEqual((await desk.rpc('directory')).lines.map(({ line }) => line.number), before.lines.map(({ line }) => line.number), 'nothing was saved');

    await until('the draft to be kept', async () => (await desk.rpc('directory_draft'))?.includes('400-CALL-ME'));
    await desk.restart();
    const { page } = desk;
    await page.click('nav-phones');
    await until('the mark of what is not saved', async () => (await rows(page)).some((row) => row.key === key && /未保存|unsaved/.test(row.text)));
    await (await page.see(`[data-testid="line-row"][data-key="${key}"]`)).click();
    await page.click('entry-edit');
    assert.equal(await valueOf(page, 'line-number'), '400-CALL-ME');
    await (await page.byId('line-number')).retype('400-6455-599');
    await page.click('editor-keep');
    await page.gone('entry-editor');
    const changed = (await desk.rpc('directory')).lines.find((line) => line.key === key);
    assert.deepEqual([changed.origin, changed.line.number], ['changed', '400-6455-599']);
    assert.equal(await desk.rpc('directory_draft'), null);

    await page.click('entry-restore');
    await (await page.see('[role="alertdialog"] .danger')).click();
    await until('the provider’s number', async () => (await desk.rpc('directory')).lines.find((line) => line.key === key).origin === 'provider');

    await page.click('line-add');
    await page.click('editor-keep');
    await until('what a new line lacks', async () => /\b[3-9]\b/.test(await (await page.byId('editor-problems')).text()));
    await desk.desktop.picture('new-line.png');
  });
});

test('a CSV goes out, comes back changed, and shows what it would do; one with a wrong row changes nothing', { timeout: 300_000 }, async () => {
  await withDesk({ name: 'phones-import' }, async (desk) => {
    const { page } = desk;
    await desk.startDemo();
    await page.click('nav-phones');
    const file = path.join(desk.desktop.folder, 'lines.csv');
    await page.click('directory-export');
    await page.click('export-csv');
    await answerDialog(desk, file);
    const text = await until('the file', () => readFileSync(file, 'utf8'));
    assert.ok(text.startsWith('\uFEFF'), 'with a byte order mark, for spreadsheets');
    const numbers = (await desk.rpc('directory')).lines.map(({ line }) => line.number);
    for (const number of numbers) assert.ok(text.includes(number));

    const wrong = path.join(desk.desktop.folder, 'wrong.csv');
    writeFileSync(wrong, text.replace(numbers[0], '400-CALL-ME'));
    await page.click('directory-import');
    await answerDialog(desk, wrong);
    const refused = await until('the row that is wrong', async () => (await (await page.byId('import-dialog')).text()).match(/不是电话号码|no phone number/) && (await page.byId('import-dialog')).text());
    assert.match(refused, /number/);
    assert.equal(await page.run("() => document.querySelector('[data-testid=import-apply]')?.disabled ?? true"), true);
    await desk.desktop.picture('refused.png');
    await page.press('Escape');
    await page.gone('import-dialog');

    const fresh = path.join(desk.desktop.folder, 'fresh.csv');
    writeFileSync(fresh, text.replace(numbers[0], '400-6455-500'));
    await page.click('directory-import');
    await answerDialog(desk, fresh);
    await page.byId('import-sums');
    assert.deepEqual((await desk.rpc('directory')).lines.map(({ line }) => line.number), numbers, 'looking changes nothing');
    await desk.desktop.picture('plan.png');
    await page.click('import-apply');
    await page.gone('import-dialog');
    await until('the new number', async () => (await desk.rpc('directory')).lines.some(({ line }) => line.number === '400-6455-500'));
  });
});

test('the screen is clean for axe in both themes and languages, and fits both windows', { timeout: 300_000 }, async () => {
  await withDesk({ name: 'phones-look', screen: '1920x1080' }, async (desk) => {
    const { page } = desk;
    await desk.startDemo();
    await page.click('nav-phones');
    await page.byId('call-sheet');
    const findings = {};
    for (const [theme, language, width, height] of [['light', 'zh-CN', 1280, 800], ['dark', 'en', 1280, 800], ['light', 'en', 1900, 1040], ['dark', 'zh-CN', 1900, 1040]]) {
      await resize(desk, width, height);
      await desk.setSettings({ theme, language });
      await until(`the ${theme} theme in ${language}`, () => page.run('(theme, language) => getComputedStyle(document.documentElement).colorScheme === theme && document.documentElement.lang === language', theme, language));
      const name = `${theme}-${language}-${width}`;
      const judge = async (part) => {
        const found = await axeFindings(page);
        if (found.length > 0) findings[`${part}-${name}`] = found;
        await desk.desktop.picture(`${part}-${name}.png`);
      };
      await judge('lines');
      assert.equal(await page.run('() => document.documentElement.scrollWidth <= innerWidth'), true, 'nothing is cut off at the side');
      await page.click('entry-edit');
      await judge('editor');
      await page.click('editor-back');
      await page.click('call-record');
      await page.byId('call-panel');
      await judge('call');
      await page.click('call-end');
      await page.gone('call-bar');
    }
    assert.deepEqual(findings, {});
  });
});
