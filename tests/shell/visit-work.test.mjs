// What an engineer does on site, in the real window: photos, checklist, findings and signature, on the server at once or later, and never lost.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { deflateSync } from 'node:zlib';
import { withDesk } from './lib/deskbell.mjs';
import { answerDialog } from './lib/dialog.mjs';
import { drop, paste } from './lib/files.mjs';
import { withHub } from './lib/hub.mjs';
import { until } from './lib/processes.mjs';
import { untilVisit, visitOf, visitsOf } from './lib/visit.mjs';

const connected = withHub(withDesk);
const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');
const valueOf = (page, testId) => page.run('(id) => document.querySelector(`[data-testid="${id}"]`)?.value', testId);

/** The page of a visit, through the list of all of them. */
async function openVisit(desk, key) {
  const { page } = desk;
  await page.click('nav-visits', { timeoutMs: 40_000 });
  if ((await page.allById('visit-back')).length > 0) await page.click('visit-back');
  await page.byId('centre-all');
  // A cell of its row: WebKit's driver finds no point of a table row to click on.
  await until('the page of the visit', async () => {
    if ((await page.allById('visit-report')).length > 0) return true;
    await page.run("() => document.querySelector('[data-testid=visits-mode-list]')?.click()");
    await page.run("() => document.querySelector('[data-testid=centre-all]')?.click()");
    const [cell] = await page.all(`[data-testid="visit-row"][data-key="${key}"] td:nth-child(3)`);
    await cell?.click();
    return false;
  }, { timeoutMs: 30_000, everyMs: 400 });
  await until('what was kept to be read', () => page.run("() => !document.querySelector('[data-testid=visit-findings]').readOnly"));
}

/** The desk's own name for a visit of the server. */
const keyOf = async (desk, id) => (await visitsOf(desk)).find((view) => view.visit.id === id)?.key;

const photosOf = (page) => page.run(`() => [...document.querySelectorAll('[data-testid="visit-photos"] [data-testid="attachment"]')].map((one) => ({
  state: one.dataset.state, name: one.querySelector('.name').innerText.replaceAll('\\n', ''), picture: one.querySelector('[data-testid="attachment-picture"]')?.naturalWidth ?? 0 }))`);

async function sign(page) {
  const pad = await page.byId('visit-sign-pad');
  await page.run("() => document.querySelector('[data-testid=visit-sign-pad]').scrollIntoView({ block: 'center' })");
  await page.stroke(pad, [[0.2, 0.6], [0.3, 0.3], [0.4, 0.7], [0.5, 0.4], [0.7, 0.6]]);
}
const drawingOf = (page) => page.run("() => document.querySelector('[data-testid=visit-sign-pad] .ink')?.getAttribute('d') ?? ''");
const ticks = (page) => page.run("() => [...document.querySelectorAll('[data-testid=visit-report] input[type=checkbox]')].map((one) => one.checked)");

/** A picture of its own for each text: 64 × 48 pixels of a colour, striped. */
function picture(words) {
  const colour = createHash('sha256').update(words).digest().subarray(0, 3);
  const rows = Array.from({ length: 48 }, (_, y) => Buffer.concat([Buffer.from([0]), ...Array.from({ length: 64 }, (_, x) => ((x + y) % 16 < 3 ? Buffer.alloc(3, 250) : colour))]));
  const chunk = (kind, data) => {
    const body = Buffer.concat([Buffer.from(kind), data]);
    const ends = Buffer.alloc(8);
    ends.writeUInt32BE(data.length, 0);
    ends.writeUInt32BE(crc32(body), 4);
    return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)]);
  };
  const head = Buffer.from([0, 0, 0, 64, 0, 0, 0, 48, 8, 2, 0, 0, 0]);
  return Buffer.concat([Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]), chunk('IHDR', head), chunk('IDAT', deflateSync(Buffer.concat(rows))), chunk('IEND', Buffer.alloc(0))]);
}

/** As PNG wants it (ISO 3309). */
function crc32(bytes) {
  let sum = 0xffffffff;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit += 1) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
  }
  return (sum ^ 0xffffffff) >>> 0;
}

/** The files of a ticket on the server, with the digest of each. */
async function filesOnServer(hub, ticket) {
  const { notes } = await hub.ask('GET', `tickets/${ticket}/notes`);
  return Promise.all(notes.flatMap((note) => note.attachments).map(async ({ id, name }) => {
    const answer = await fetch(`${hub.url}api/v1/attachments/${id}`, { headers: { authorization: `Bearer ${hub.token}` } });
    return { name, sha256: sha256(Buffer.from(await answer.arrayBuffer())) };
  }));
}

test('photos of a visit are picked, pasted and dropped, pictured, outlive the program, reach the server once, and are in the report', { timeout: 500_000 }, async () => {
  await connected({ name: 'visit-photos' }, async (desk, hub) => {
    await desk.setSettings({ undo_s: 0 });
    const view = (await visitsOf(desk)).find(({ visit, ticket, can }) => visit.state === 'confirmed' && ticket !== null && can.includes('edit'));
    const before = await filesOnServer(hub, view.ticket_remote_id);
    const folder = desk.desktop.folder;
    const [picked, dropped] = ['rack front.png', '机柜背面.png'].map((name) => path.join(folder, name));
    for (const file of [picked, dropped]) writeFileSync(file, picture(file));
    await openVisit(desk, view.key);
    const { page } = desk;
    await page.run("() => document.querySelector('[data-testid=visit-photos]').scrollIntoView()");
    await (await page.see('[data-testid="visit-photos"] [data-testid="file-pick"]')).click();
    await answerDialog(desk, picked);
    await until('the picked photo', async () => (await photosOf(page)).length === 1, { timeoutMs: 30_000 });
    await paste(page, picture('pasted').toString('base64'), 'body');
    await until('the pasted photo', async () => (await photosOf(page)).length === 2);
    await drop(desk, dropped);
    await until('the dropped photo', async () => (await photosOf(page)).length === 3);
    await until('a small picture of each', async () => (await photosOf(page)).every((one) => one.picture > 0));
    await until('all of them on the server', async () => (await filesOnServer(hub, view.ticket_remote_id)).length === before.length + 3, { timeoutMs: 40_000 });
    await until('and that said', async () => (await photosOf(page)).every((one) => one.state === 'sent' || one.state === 'here' || one.state === 'remote'), { timeoutMs: 40_000 });
    await page.run("() => document.querySelector('[data-testid=visit-photos]').scrollIntoView()");
    await desk.desktop.picture('photos.png');

    // Ended while one is on its way out: the window knows of it, the server may or may not.
    await paste(page, picture('killed').toString('base64'), 'body');
    await until('the fourth', async () => (await visitOf(desk, view.key)).photos.length === 4);
    await desk.quit('SIGKILL');
    await desk.launch();
    await openVisit(desk, view.key);
    await until('all four again, pictured', async () => { const shown = await photosOf(desk.page); return shown.length === 4 && shown.every((one) => one.picture > 0); }, { timeoutMs: 60_000 });
    const names = (await photosOf(desk.page)).map((one) => one.name);
    assert.ok(['rack front.png', '机柜背面.png'].every((name) => names.includes(name)), names.join());
    const wanted = [readFileSync(picked), readFileSync(dropped), picture('pasted'), picture('killed')].map(sha256).toSorted();
    const mine = async () => (await filesOnServer(hub, view.ticket_remote_id)).map((file) => file.sha256).filter((one) => wanted.includes(one)).toSorted();
    await until('the fourth on the server', async () => (await mine()).length >= 4, { timeoutMs: 60_000 });
    await until('nothing to wait any more', async () => (await desk.rpc('sync_status')).waiting === 0, { timeoutMs: 40_000 });
    assert.deepEqual(await mine(), wanted, 'each of them once, byte for byte');

    const report = path.join(folder, 'photos.pdf');
    await desk.page.click('visit-pdf');
    await answerDialog(desk, report);
    const pdf = String(await until('the report', () => readFileSync(report, 'latin1').includes('%%EOF') && readFileSync(report, 'latin1'), { timeoutMs: 60_000 }));
    assert.ok((pdf.match(/\/Subtype\s*\/Image/g) ?? []).length >= 4, 'a picture of each');
    const words = await desk.desktop.run('pdftotext', [report, '-']).catch(() => null);
    if (words !== null) for (const name of ['rack front.png', '机柜背面.png']) assert.ok(words.includes(name), words);
  });
});

test('a visit is completed: at once, and from offline later; its report is a file', { timeout: 500_000 }, async () => {
  let begun = [];
  await connected({ name: 'visit-complete', before: async (hub) => { begun = await hub.begin(2); } }, async (desk, hub) => {
    const { page } = desk;
    await desk.setSettings({ undo_s: 0 });
    const onServer = (id) => hub.ask('GET', `visits/${id}`);
    const [first, second] = await Promise.all(begun.map((id) => keyOf(desk, id)));

    await openVisit(desk, first);
    const count = (await ticks(page)).length;
    for (let n = 0; n < count; n += 1) await page.click(`check-${n}`);
    if (count > 0) await (await page.byId('finding-0')).type('电源正常');
    await (await page.byId('visit-findings')).type('更换风扇 2，复测无告警。');
    // A drawing by itself is nobody's: it is asked whose it is, and stays.
    await sign(page);
    await page.click('visit-complete');
    await until('whose signature it is', async () => (await (await page.byId('visit-sign-name')).attribute('aria-invalid')) === 'true');
    const drawn = await drawingOf(page);
    assert.match(drawn, /^M\d+ \d+(L\d+ \d+)+/);
    assert.equal((await onServer(begun[0])).state, 'confirmed');
    await desk.desktop.picture('unsigned.png');
    await (await page.byId('visit-sign-name')).type('周启明');
    await page.click('visit-complete');
    await untilVisit(desk, first, 'the end of the visit', ({ visit, pending }) => visit.state === 'done' && pending.length === 0);
    const done = await onServer(begun[0]);
    assert.deepEqual([done.state, done.findings, done.sign_off.name, done.sign_off.drawing], ['done', '更换风扇 2，复测无告警。', '周启明', drawn]);
    assert.ok(done.checklist.length === count && done.checklist.every((item) => item.done), JSON.stringify(done.checklist));
    if (count > 0) assert.equal(done.checklist[0].finding, '电源正常');
    await until('it on the page', async () => (await (await page.byId('visit-page')).attribute('data-state')) === 'done');
    await desk.desktop.picture('done.png');
    const report = path.join(desk.desktop.folder, 'done.pdf');
    await page.click('visit-pdf');
    await answerDialog(desk, report);
    await until('the report as a file', () => readFileSync(report, 'latin1').includes('%%EOF'), { timeoutMs: 60_000 });
    const words = await desk.desktop.run('pdftotext', [report, '-']).catch(() => null);
    if (words !== null) assert.ok(words.includes('更换风扇 2') && words.includes('周启明'), words);

    await desk.setSettings({ work_offline: true });
    await openVisit(desk, second);
    await (await page.byId('visit-findings')).type('离线完成，回到网络后发送。');
    await (await page.byId('visit-sign-name')).type('韩雪');
    await page.click('visit-complete');
    const waiting = await untilVisit(desk, second, 'the completion to wait', ({ visit, pending }) => visit.state === 'done' && pending.length === 1);
    assert.equal(waiting.visit.sign_off.name, '韩雪');
    assert.match(await (await page.byId('visit-waits')).text(), /离线|Offline/);
    await desk.desktop.picture('waits.png');
    assert.equal((await onServer(begun[1])).state, 'confirmed', 'the server knows nothing of it');
    await desk.quit('SIGKILL');
    await desk.launch();
    await untilVisit(desk, second, 'it still to wait', ({ visit, pending }) => visit.state === 'done' && pending.length === 1);
    assert.equal((await onServer(begun[1])).state, 'confirmed');
    await desk.setSettings({ work_offline: false });
    const there = await until('the server to know', async () => { const visit = await onServer(begun[1]); return visit.state === 'done' && visit; }, { timeoutMs: 60_000 });
    assert.deepEqual([there.findings, there.sign_off.name], ['离线完成，回到网络后发送。', '韩雪']);
    assert.equal(there.history.filter((event) => event.kind === 'done').length, 1, 'once');
    await untilVisit(desk, second, 'nothing to wait', ({ pending }) => pending.length === 0);
  });
});

test('what is ticked, drawn and typed on a visit is there again after the window was closed at once, and after a kill', { timeout: 400_000 }, async () => {
  await connected({ name: 'visit-kept' }, async (desk) => {
    const view = (await visitsOf(desk)).find(({ visit, ticket, can }) => visit.state === 'confirmed' && ticket !== null && can.includes('edit') && visit.checklist.length > 2);
    const kept = async () => JSON.parse((await desk.rpc('visit_draft', { id: view.ticket })) ?? '{}')[`work ${view.key}`] ?? null;
    await openVisit(desk, view.key);
    let { page } = desk;
    await sign(page);
    const drawn = await drawingOf(page);
    assert.notEqual(drawn, '');
    const before = await ticks(page);
    await page.click('check-1');
    const ticked = before.map((on, n) => (n === 1 ? !on : on));
    await (await page.byId('visit-findings')).type('风道积灰');
    await (await page.byId('check-adding')).type('检查风道');
    await (await page.byId('finding-2')).type('有噪声');
    const [window] = await until('the window', async () => (await desk.desktop.run('xdotool', ['search', '--onlyvisible', '--name', '^Deskbell'])).trim().split('\n'));
    await (await page.byId('visit-sign-name')).type('周启明');
    await desk.desktop.run('wmctrl', ['-i', '-c', window]);
    await until('the window to go', async () => !(await desk.desktop.run('bash', ['-c', 'xdotool search --onlyvisible --name "^Deskbell" || true'])).trim());
    await desk.quit();
    await desk.launch();
    ({ page } = desk);
    await openVisit(desk, view.key);
    const shown = async () => ({ drawn: await drawingOf(page), ticks: await ticks(page), findings: await valueOf(page, 'visit-findings'), adding: await valueOf(page, 'check-adding'), finding: await valueOf(page, 'finding-2'), name: await valueOf(page, 'visit-sign-name') });
    assert.deepEqual(await shown(), { drawn, ticks: ticked, findings: '风道积灰', adding: '检查风道', finding: '有噪声', name: '周启明' });
    await desk.desktop.picture('again.png');

    // A second stroke, and another line: killed as soon as the core has it.
    await page.run("() => document.querySelector('[data-testid=visit-sign-pad]').scrollIntoView({ block: 'center' })");
    await page.stroke(await page.byId('visit-sign-pad'), [[0.25, 0.8], [0.75, 0.8]]);
    const longer = await drawingOf(page);
    assert.ok(longer.startsWith(drawn) && longer.length > drawn.length);
    await (await page.byId('visit-findings')).type('，已清理');
    await until('all of it with the core', async () => { const words = await kept(); return words?.drawing === longer && words.findings === '风道积灰，已清理'; });
    await desk.quit('SIGKILL');
    await desk.launch();
    ({ page } = desk);
    await openVisit(desk, view.key);
    assert.deepEqual(await shown(), { drawn: longer, ticks: ticked, findings: '风道积灰，已清理', adding: '检查风道', finding: '有噪声', name: '周启明' });

    // Beside another visit, and back.
    const other = (await visitsOf(desk)).find(({ key, visit }) => key !== view.key && visit.state === 'confirmed');
    await openVisit(desk, other.key);
    assert.equal(await drawingOf(page), '', 'nothing of it is on another visit');
    await openVisit(desk, view.key);
    assert.equal(await drawingOf(page), longer);
  });
});
