// Files in the real window: picked in the system's dialog, pasted, dropped; sent, compared on the server, and seen on a second desk.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { DESKCTL, withDesk } from './lib/deskbell.mjs';
import { answerDialog } from './lib/dialog.mjs';
import { drop, paste, PNG } from './lib/files.mjs';
import { run, start, stop, until } from './lib/processes.mjs';
import { conversation, openByNumber, openFirstTicket, untilNote, write } from './lib/ticket.mjs';

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

/** A support server that two desks share, with a client of its own to look into it. */
async function serve(folder) {
  let told = '';
  const child = start(DESKCTL, ['--data-dir', path.join(folder, 'none'), '--json', 'demo', 'serve'], {
    env: { ...process.env, TMPDIR: folder }, onLine: (line, isError) => { if (!isError) told += line; },
  });
  const { url, user, token } = await until('the server', () => told.trim().endsWith('}') && JSON.parse(told), { timeoutMs: 30_000 });
  const ask = (part) => fetch(`${url}api/v1/${part}`, { headers: { authorization: `Bearer ${token}` } });
  return { child, url, user, token, ask };
}

async function connect(desk, server) {
  const options = { requests_per_minute: null, connections_max: null, poll_s: null, visit_category: '' };
  await until('the core', async () => (await desk.rpc('app_state')).phase !== 'locked');
  await desk.rpc('account_add', { kind: 'hub', name: 'shared', endpoint: server.url, user: server.user, secret: server.token, options });
  await until('the tickets', async () => {
    const { accounts } = await desk.rpc('sync_status');
    return accounts[0]?.account.ticket_count >= 300 && accounts[0].state === 'idle';
  }, { timeoutMs: 60_000, everyMs: 250 });
}


const chips = (page) => page.run(`() => [...document.querySelectorAll('[data-testid="file-chip"]')].map((chip) => chip.innerText)`);

test('files picked, pasted and dropped arrive byte for byte and are seen on another desk', { timeout: 400_000 }, async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'deskbell-files-'));
  const server = await serve(folder);
  try {
    const files = { picked: path.join(folder, 'gateway-errors.log'), dropped: path.join(folder, '报告.pdf.sh') };
    writeFileSync(files.picked, '11:58:41 502 upstream 连接超时\n'.repeat(40_000));
    writeFileSync(files.dropped, '#!/bin/sh\necho hello\n');
    const words = `附件三个 ${Date.now()}`;
    let ticket;

    await withDesk({ name: 'files' }, async (desk) => {
      const { page } = desk;
      await connect(desk, server);
      await openFirstTicket(page);
      await write(page, words);
      await page.click('file-pick');
      await answerDialog(desk, files.picked);
      await until('the picked file', async () => (await chips(page)).length === 1, { timeoutMs: 30_000 });
      await paste(page, PNG);
      await until('the pasted file', async () => (await chips(page)).length === 2);
      await drop(desk, files.dropped);
      await until('the dropped file', async () => (await chips(page)).length === 3);
      await desk.desktop.picture('tray.png');

      // What lies beside the text survives the end of the program.
      await desk.quit('SIGKILL');
      await desk.launch();
      await openFirstTicket(desk.page);
      await until('the files again', async () => (await chips(desk.page)).length === 3, { timeoutMs: 30_000 });
      await desk.page.click('composer-send');
      await untilNote(desk.page, words, 'the reply sent', (notes) => notes.length === 1 && notes[0].state === null, { timeoutMs: 60_000 });
      const [sent] = (await desk.rpc('outbox')).filter((operation) => operation.kind.body === words);
      ticket = sent.ticket_remote_id;
      await desk.desktop.picture('sent.png');
    });

    const { notes } = await (await server.ask(`tickets/${ticket}/notes`)).json();
    const mine = notes.filter((note) => note.body === words);
    assert.equal(mine.length, 1);
    const expected = { 'gateway-errors.log': readFileSync(files.picked), '报告.pdf.sh': readFileSync(files.dropped) };
    const shot = mine[0].attachments.find((file) => /^screenshot-\d{8}-\d{6}\.png$/.test(file.name));
    assert.ok(shot, `a pasted screenshot is named with its time: ${mine[0].attachments.map((file) => file.name)}`);
    expected[shot.name] = Buffer.from(PNG, 'base64');
    assert.equal(mine[0].attachments.length, 3);
    for (const file of mine[0].attachments) {
      const there = Buffer.from(await (await server.ask(`attachments/${file.id}`)).arrayBuffer());
      assert.equal(sha256(there), sha256(expected[file.name]), file.name);
    }

    await withDesk({ name: 'files-second' }, async (desk) => {
      const { page } = desk;
      await connect(desk, server);
      await openByNumber(page, ticket);
      await conversation(page);
      // The conversation of a ticket seen for the first time comes a moment after its head.
      const act = (name, what) => until(`${what} of ${name}`, () => page.run(`(name, what) => {
        const item = [...document.querySelectorAll('[data-testid="attachment"]')].find((one) => one.innerText.replace(/\\n/g, '').includes(name));
        const button = item?.querySelector('[data-testid="attachment-' + what + '"]');
        item?.scrollIntoView({ block: 'center' });
        button?.click();
        return Boolean(button);
      }`, name, what));
      const stateOf = (name) => page.run(`(name) => [...document.querySelectorAll('[data-testid="attachment"]')].find((one) => one.innerText.replace(/\\n/g, '').includes(name))?.dataset.state`, name);

      await act('screenshot-', 'view');
      await until('the image', () => page.run(`() => { const image = document.querySelector('[data-testid="file-image"]'); return image?.naturalWidth === 48 && image.naturalHeight === 32; }`), { timeoutMs: 30_000 });
      await desk.desktop.picture('image.png');
      await page.press('Escape');
      await page.gone('file-viewer');
      await act('gateway-errors.log', 'view');
      await until('the text', () => page.run(`() => document.querySelector('[data-testid="file-text"]')?.innerText.startsWith('11:58:41 502 upstream 连接超时')`), { timeoutMs: 30_000 });
      await desk.desktop.picture('text.png');
      await page.press('Escape');
      await page.gone('file-viewer');

      await act('报告', 'fetch');
      await until('the program here', async () => (await stateOf('报告')) === 'here');
      await act('报告', 'open');
      await until('the question', () => page.run(`() => document.querySelector('[role=alertdialog]')?.innerText.includes('报告.pdf.sh')`));
      await desk.desktop.picture('question.png');
      await page.press('Escape');

      const saved = path.join(folder, 'saved.log');
      await act('gateway-errors.log', 'save');
      await answerDialog(desk, saved);
      await until('the saved file', () => sha256(readFileSync(saved)) === sha256(readFileSync(files.picked)));
      assert.equal(statSync(saved).mode & 0o111, 0, 'what is saved cannot be run');

      // Nothing of it lies on this desk's disk in the clear.
      const secret = 'upstream 连接超时';
      const found = await run('grep', ['-rlF', secret, desk.dataDir]).catch((error) => (/ended with 1\b/.test(error.message) ? '' : Promise.reject(error)));
      assert.equal(found.trim(), '');

      await desk.setSettings({ language: 'en', theme: 'dark' });
      await until('the other language', async () => (await page.text()).includes('Attach'));
      await desk.desktop.picture('dark-en.png');
    });
  } finally {
    await stop(server.child);
    rmSync(folder, { recursive: true, force: true });
  }
});
