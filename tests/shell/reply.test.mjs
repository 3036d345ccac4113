// First run, demo desk, a reply written offline, shown as pending, then sent; then a restart without a network.
import assert from 'node:assert/strict';
import test from 'node:test';
import { withDesk } from './lib/deskbell.mjs';
import { until } from './lib/processes.mjs';
import { conversation, notesWith, openByNumber, openFirstTicket, untilNote, write } from './lib/ticket.mjs';

test('a reply written offline is seen pending, then sent, and is still there after a restart offline', { timeout: 240_000 }, async () => {
  await withDesk({ name: 'reply' }, async (desk) => {
    const { page } = desk;
    await desk.startDemo();
    await openFirstTicket(page);

    await desk.setSettings({ work_offline: true });
    await until('the chip to say offline', async () => (await desk.rpc('sync_status')).work_offline);
    const words = `已收到，正在排查 ${Date.now()}`;
    await write(page, words);
    await page.click('composer-send');
    await untilNote(page, words, 'the reply shown as pending', (notes) => notes.length === 1 && notes[0].state === 'queued');
    assert.equal((await desk.rpc('outbox')).filter((operation) => operation.kind.body === words).length, 1);
    await page.click('nav-outbox');
    await until('the reply in the outbox', async () => (await page.text()).includes(words));

    // Pending work survives the end of the program, even a sudden one.
    await desk.quit('SIGKILL');
    await desk.launch();
    assert.equal((await desk.rpc('outbox')).filter((operation) => operation.kind.body === words).length, 1, 'still queued after a crash');
    const [queued] = (await desk.rpc('outbox')).filter((operation) => operation.kind.body === words);

    await desk.setSettings({ work_offline: false });
    await until('the outbox to empty', async () => (await desk.rpc('outbox')).every((operation) => operation.kind.body !== words || operation.state === 'sent'), { timeoutMs: 60_000 });
    const mine = (detail) => detail.notes.filter((note) => note.body.includes(words));
    await until('the reply on the server', async () => {
      const notes = mine(await desk.rpc('ticket_get', { id: queued.ticket_id }));
      return notes.length === 1 && notes[0].operation === null;
    }, { timeoutMs: 60_000 });

    await desk.setSettings({ work_offline: true });
    await desk.restart();
    const again = desk.page;
    const status = await desk.rpc('sync_status');
    assert.ok(status.work_offline && status.accounts[0].account.ticket_count >= 300, 'everything is here without the server');
    await openByNumber(again, queued.ticket_remote_id);
    await conversation(again);
    await untilNote(again, words, 'the sent reply', (notes) => notes.length === 1 && notes[0].state === null);
  });
});

test('a reply sent online loses its pending mark without a reload', { timeout: 180_000 }, async () => {
  await withDesk({ name: 'reply-online' }, async (desk) => {
    await desk.startDemo();
    await openFirstTicket(desk.page);
    const words = `We are on it ${Date.now()}`;
    await write(desk.page, words);
    await desk.page.click('composer-send');
    await untilNote(desk.page, words, 'the reply sent', (notes) => notes.length === 1 && notes[0].state === null, { timeoutMs: 60_000 });
    assert.equal((await notesWith(desk.page, words)).length, 1);
  });
});
