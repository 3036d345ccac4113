// The whole way from list to sent reply without a mouse.
import assert from 'node:assert/strict';
import test from 'node:test';
import { withDesk } from './lib/deskbell.mjs';
import { until } from './lib/processes.mjs';
import { conversation, untilNote } from './lib/ticket.mjs';

const SELECTED = `() => document.querySelector('[data-testid="ticket-row"][aria-selected="true"]')?.dataset.index ?? null`;
const FOCUSED = `() => document.activeElement?.dataset.testid ?? null`;

test('j, k, Enter, r and Ctrl+Enter open and answer a ticket', { timeout: 180_000 }, async () => {
  await withDesk({ name: 'keyboard' }, async (desk) => {
    const { page } = desk;
    await desk.startDemo();
    await page.click('nav-tickets');
    await page.byId('ticket-row');
    const selected = () => page.run(SELECTED);
    await page.press('j');
    await until('a selection', async () => (await selected()) !== null);
    const first = Number(await selected());
    await page.press('j', 'j');
    await until('two rows further', async () => Number(await selected()) === first + 2);
    await page.press('k');
    await until('one row back', async () => Number(await selected()) === first + 1);
    await page.press('Enter');
    await conversation(page);
    await page.press('r');
    await until('the composer focused', async () => (await page.run(FOCUSED)) === 'composer-body');
    const words = `by keyboard ${Date.now()}`;
    await page.press(...words);
    assert.equal(await page.run("() => document.activeElement.value"), words, 'shortcuts stay silent while typing');
    await page.press('Control+Enter');
    await untilNote(page, words, 'the reply sent', (notes) => notes.length === 1 && notes[0].state === null, { timeoutMs: 60_000 });
  });
});

test('search finds a two-character Chinese word', { timeout: 180_000 }, async () => {
  await withDesk({ name: 'search' }, async (desk) => {
    await desk.startDemo();
    const { page } = desk;
    const rows = await desk.rpc('ticket_rows', { filter: EVERYTHING, order: 'updated', start: 0, limit: 100 });
    const word = rows.rows.map((row) => /[\u4e00-\u9fff]{2}/.exec(row.subject)?.[0]).find(Boolean);
    assert.ok(word, 'the demo has Chinese subjects');
    await page.press('/');
    await until('the search focused', async () => (await page.run(FOCUSED)) === 'search-input');
    await (await page.byId('search-input')).type(word);
    await page.byId('search-hit');
    await until('a hit that shows the word', () => page.run(`(word) => [...document.querySelectorAll('[data-testid="search-hit"]')].some((hit) => hit.textContent.includes(word))`, word));
    const answer = await desk.rpc('search', { query: word, filter: EVERYTHING, limit: 20 });
    assert.ok(answer.total > 0);
  });
});

const EVERYTHING = { accounts: [], statuses: [], priorities: [], products: [], customers: [], vip: null, unfinished: false, breached: false };
