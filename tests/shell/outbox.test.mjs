// What is written here and what happens to it: taken back, disputed, opened without a network.
import assert from 'node:assert/strict';
import test from 'node:test';
import { withDesk } from './lib/deskbell.mjs';
import { withHub } from './lib/hub.mjs';
import { until } from './lib/processes.mjs';
import { notesWith, openFirstTicket, untilNote, write } from './lib/ticket.mjs';

const connected = withHub(withDesk);
const BODY = `() => document.querySelector('[data-testid="composer-body"]')?.value ?? null`;
const EVERYTHING = { accounts: [], statuses: [], priorities: [], products: [], customers: [], vip: null, unfinished: true, breached: false };
const first = async (desk) => (await desk.rpc('ticket_rows', { filter: EVERYTHING, order: 'deadline', start: 0, limit: 1 })).rows[0];
const waiting = async (desk) => (await desk.rpc('outbox')).filter((operation) => operation.state !== 'sent');

test('a reply is undone by Ctrl+Z and its words are back in the box; nothing reaches the server', { timeout: 240_000 }, async () => {
  await connected({ name: 'undo' }, async (desk, hub) => {
    const { page } = desk;
    const { remote_id } = await first(desk);
    await desk.setSettings({ undo_s: 10 });
    await openFirstTicket(page);
    const words = `taken back ${Date.now()}`;
    await write(page, words);
    await page.click('composer-send');
    await untilNote(page, words, 'the reply shown as pending', (notes) => notes.length === 1 && notes[0].state === 'queued');
    await page.run('() => document.activeElement.blur()');
    await page.press('Control+z');
    await until('the words in the box', async () => (await page.run(BODY)) === words);
    await until('no note', async () => (await notesWith(page, words)).length === 0);
    assert.deepEqual(await waiting(desk), []);

    // Typed on while it waits: what comes back follows what is there.
    await page.click('composer-send');
    await untilNote(page, words, 'the reply pending again', (notes) => notes.length === 1);
    await write(page, 'newer words');
    await page.click('take-back');
    await until('both texts in the box', async () => (await page.run(BODY)) === `newer words\n\n${words}`);

    assert.deepEqual(await waiting(desk), []);
    const notes = await hub.ask('GET', `tickets/${remote_id}/notes`);
    assert.equal(JSON.stringify(notes).includes(words), false, 'the server never saw it');
  });
});

test('a field changed on both sides is shown with both values, and the choice stands', { timeout: 240_000 }, async () => {
  await connected({ name: 'conflict' }, async (desk, hub) => {
    const { page } = desk;
    await openFirstTicket(page);
    const { id, remote_id, priority } = await first(desk);
    const [mine, theirs] = ['urgent', 'important', 'routine'].filter((one) => one !== priority);
    const onServer = async () => (await hub.ask('GET', `tickets/${remote_id}`)).priority;
    const dispute = async (theirValue) => {
      await desk.setSettings({ work_offline: true });
      await desk.rpc('ticket_set_priority', { id, to: mine, marker: crypto.randomUUID() });
      await hub.ask('PATCH', `tickets/${remote_id}`, { priority: theirValue });
      await desk.setSettings({ work_offline: false });
      await until('the dispute', async () => (await waiting(desk)).some((operation) => operation.conflict), { timeoutMs: 30_000 });
    };

    await dispute(theirs);
    const [{ conflict }] = await waiting(desk);
    assert.deepEqual(conflict, { field: 'priority', base: priority, mine, theirs });
    // The badge leads there, and the whole way is open to the keyboard.
    await page.click('chip-yours');
    await page.byId('conflict');
    assert.equal(await page.run(`() => { document.querySelector('[data-testid="keep-mine"]').focus(); return document.activeElement.dataset.testid; }`), 'keep-mine');
    await page.press('Enter');
    await until('mine on the server', async () => (await onServer()) === mine, { timeoutMs: 30_000 });
    await page.gone('conflict');
    await until('nothing left to decide', async () => (await waiting(desk)).length === 0);

    await dispute(theirs);
    await page.click('nav-tickets');
    await page.click('keep-theirs');
    await page.gone('conflict');
    assert.deepEqual(await waiting(desk), []);
    assert.equal(await onServer(), theirs);
    await until('the server\'s value here', async () => (await desk.rpc('ticket_get', { id })).priority.value === theirs, { timeoutMs: 30_000 });
  });
});

test('a ticket written offline is there at once, outlives a crash, and is opened once when the server is back', { timeout: 300_000 }, async () => {
  await connected({ name: 'new-ticket' }, async (desk, hub) => {
    const { page } = desk;
    const subject = `网关 502 ${Date.now()}`;
    await desk.setSettings({ work_offline: true });
    await page.press('c');
    await (await page.byId('new-subject')).type(subject);
    await (await page.byId('new-body')).type('written without a network');

    // Closed while it is being written: every word is there again.
    await until('the draft kept', async () => (await desk.rpc('new_ticket_drafts'))[0]?.ticket.body === 'written without a network');
    await desk.quit('SIGKILL');
    await desk.launch();
    await desk.page.byId('nav-watch');
    await desk.page.press('c');
    await until('the subject again', () => desk.page.run(`(subject) => document.querySelector('[data-testid="new-subject"]')?.value === subject`, subject));
    await desk.page.click('new-category');
    await (await desk.page.byId('suggest')).type('ECS');
    await desk.page.press('Enter');
    await (await desk.page.byId('new-subject')).click();
    await desk.page.press('Control+Enter');
    await until('the ticket on screen', async () => (await desk.page.text()).includes('尚未到服务器'));
    const [queued] = await waiting(desk);
    assert.equal(queued.kind.kind, 'create_ticket');
    const found = await desk.rpc('search', { query: subject, filter: { ...EVERYTHING, unfinished: false }, limit: 5 });
    assert.equal(found.tickets[0]?.id, queued.ticket_id, 'found while it is only here');

    await desk.quit('SIGKILL');
    await desk.launch();
    await desk.setSettings({ work_offline: false });
    await until('the ticket on the server', async () => (await waiting(desk)).length === 0, { timeoutMs: 60_000 });
    const detail = await desk.rpc('ticket_get', { id: queued.ticket_id });
    assert.equal(detail.local, false);
    assert.notEqual(detail.remote_id, '');
    assert.equal((await hub.ask('GET', `tickets/${detail.remote_id}`)).subject, subject);
    const { tickets } = await hub.ask('GET', 'tickets?limit=100');
    assert.equal(tickets.filter((ticket) => ticket.subject === subject).length, 1, 'once');
  });
});

test('fetching pauses and goes on by a button; what is written goes out all the same', { timeout: 240_000 }, async () => {
  await connected({ name: 'pause' }, async (desk, hub) => {
    const { page } = desk;
    const { id, remote_id, priority } = await first(desk);
    const [mine] = ['urgent', 'important', 'routine'].filter((one) => one !== priority);
    await page.click('nav-settings');
    await page.click('settings-tab-accounts');
    await page.click('pull-pause');
    await until('the pause', async () => (await desk.rpc('sync_status')).accounts[0].state === 'paused');
    await hub.ask('PATCH', `tickets/${remote_id}`, { assignee: 'Priya Nair' });
    await desk.rpc('ticket_set_priority', { id, to: mine, marker: crypto.randomUUID() });
    await until('the edit on the server', async () => (await hub.ask('GET', `tickets/${remote_id}`)).priority === mine, { timeoutMs: 30_000 });

    await desk.restart();
    assert.equal((await desk.rpc('sync_status')).accounts[0].paused, true, 'kept over a restart');
    await desk.page.click('nav-settings');
    await desk.page.click('settings-tab-accounts');
    await desk.page.click('pull-pause');
    await until('the change of the other desk', async () => (await desk.rpc('ticket_get', { id })).assignee.value === 'Priya Nair', { timeoutMs: 60_000 });
  });
});
