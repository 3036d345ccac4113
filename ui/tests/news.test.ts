// Replies of others that come in while one is written.
import { describe, expect, test } from 'vitest';
import type { Note, TicketDetail } from '../src/api/generated';
import { Composer } from '../src/state/composer.svelte';
import { ScriptedHost } from './host';
import { ticketDetail } from './tickets';

const note = (key: string, created_at: number, more: Partial<Note> = {}): Note => ({ key, author: '周启明', role: 'customer', visibility: 'public', body: '', format: 'text', created_at, attachments: [], operation: null, replies_since: 0, ...more });
const shown = (notes: Note[], more: Partial<TicketDetail> = {}): TicketDetail => ticketDetail({ notes, public_notes: notes.filter((one) => one.visibility === 'public' && one.role === 'customer').length, ...more });
const host = (): ScriptedHost => new ScriptedHost({ draft_put: () => null, ticket_reply: () => 4 });
const old = [note('a', 1), note('b', 2)];

describe('new replies', () => {
  test('are counted from the first word on, and lead to the first of them', () => {
    const composer = new Composer(host());
    composer.attach(1, null, shown(old));
    composer.attach(1, null, shown([...old, note('before', 3)]));
    composer.write('an answer');
    expect(composer.newReplies).toBe(0);
    composer.attach(1, null, shown([...old, note('before', 3), note('c', 4)]));
    composer.attach(1, null, shown([...old, note('before', 3), note('c', 4), note('d', 5)]));
    expect([composer.newReplies, composer.seen.firstNew]).toEqual([2, 'c']);
    composer.attach(null, null);
  });

  test('are asked about once; the second press sends, with what was seen by then', async () => {
    const it = host();
    const composer = new Composer(it);
    composer.attach(1, null, shown(old));
    composer.write('an answer');
    composer.attach(1, null, shown([...old, note('c', 3)]));
    expect(await composer.send()).toBeNull();
    expect([composer.asking, it.named('ticket_reply').length]).toEqual([true, 0]);
    expect(await composer.send()).toBe(4);
    expect(it.named('ticket_reply')).toMatchObject([{ seen_notes: 3 }]);
    expect([composer.asking, composer.newReplies]).toEqual([false, 0]);
  });

  test('do not concern an internal note', async () => {
    const composer = new Composer(host());
    composer.attach(1, null, shown(old));
    composer.address('internal');
    composer.write('for us');
    composer.attach(1, null, shown([...old, note('c', 3)]));
    expect(composer.newReplies).toBe(0);
    expect(await composer.send()).toBe(4);
  });

  test('that were read no longer count', () => {
    const composer = new Composer(host());
    composer.attach(1, null, shown(old));
    composer.write('an answer');
    composer.attach(1, null, shown([...old, note('c', 3)]));
    composer.seen.catchUp();
    expect(composer.newReplies).toBe(0);
    composer.attach(null, null);
  });

  test('since an old draft was last touched count when it is opened again', () => {
    const composer = new Composer(host());
    composer.attach(1, { body: 'begun yesterday', visibility: 'public', files: [], updated_at: 10 }, shown([...old, note('c', 20), note('d', 30)]));
    expect([composer.newReplies, composer.seen.firstNew]).toEqual([2, 'c']);
    composer.attach(null, null);
  });

  test('are not the old ones of a conversation that was still being fetched', () => {
    const composer = new Composer(host());
    composer.attach(1, null, shown([], { notes_complete: false }));
    composer.write('an answer');
    composer.attach(1, null, shown(old));
    expect(composer.newReplies).toBe(0);
    composer.attach(1, null, shown([...old, note('c', 3)]));
    expect(composer.newReplies).toBe(1);
    composer.attach(null, null);
  });
});
