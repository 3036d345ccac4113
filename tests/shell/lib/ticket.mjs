// What a person does with tickets, in steps that the tests share.
import { until } from './processes.mjs';

export const NOTE_BODIES = `() => [...document.querySelectorAll('[data-testid="note"]')].map((note) => ({
  text: note.innerText, state: note.querySelector('[data-testid="note-state"]')?.dataset.state ?? null }))`;

/** Opens the first ticket of the list with the mouse and waits for its conversation. */
export async function openFirstTicket(page) {
  await page.click('nav-tickets');
  await page.click('ticket-row');
  await conversation(page);
}

export async function conversation(page) {
  await page.byId('composer-body');
  await until('the conversation', async () => (await page.allById('note')).length > 0);
}

/** Notes on screen that contain the text, with the state of those not yet on the server. */
export async function notesWith(page, text) {
  return (await page.run(NOTE_BODIES)).filter((note) => note.text.includes(text));
}

export async function untilNote(page, text, what, holds, options) {
  return until(what, async () => {
    const notes = await notesWith(page, text);
    return notes.length > 0 && holds(notes) ? notes : null;
  }, options);
}

/** Writes into the open ticket's composer, replacing what is there. */
export async function write(page, text) {
  const body = await page.byId('composer-body');
  await body.click();
  await body.type(text);
}

/** The remote id of the ticket in the detail pane, found by what the page shows. */
export async function shownTicket(desk, candidates) {
  const text = await desk.page.run("() => document.querySelector('[data-testid=\"composer-body\"]')?.closest('main, [role=main], body').innerText ?? ''");
  return candidates.find((ticket) => text.includes(ticket.remote_id) && text.includes(ticket.subject));
}

/** Opens a ticket through the search box. */
export async function openByNumber(page, remoteId) {
  const input = await page.byId('search-input');
  await input.click();
  await input.type(remoteId);
  // What was typed so far has hits of its own.
  await until(`ticket ${remoteId} to be the first hit`, () => page.run("(id) => document.querySelector('[data-testid=search-hit]')?.innerText.includes(id)", remoteId));
  await page.click('search-hit');
}
