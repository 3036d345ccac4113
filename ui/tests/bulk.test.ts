import { describe, expect, test } from 'vitest';
import type { TicketDetail } from '../src/api/generated';
import { BulkState } from '../src/state/bulk.svelte';
import { TicketList } from '../src/state/tickets.svelte';
import { ScriptedHost } from './host';
import { ticketDetail, ticketRow } from './tickets';

async function made(details: Record<number, Partial<TicketDetail>> = {}): Promise<{ host: ScriptedHost; bulk: BulkState }> {
  const facets = { total: 0, unfinished: 0, breached: 0, vip: 0, by_status: [], by_priority: [], by_product: [], by_account: [] };
  let next = 100;
  const host = new ScriptedHost({
    ticket_rows: ({ start, limit }) => ({ total: 300, generation: 1, rows: Array.from({ length: Math.min(limit, 300 - start) }, (_, n) => ticketRow(start + n + 1)) }), ticket_facets: () => facets,
    ticket_get: ({ id }) => ticketDetail({ id, can: ['set_status', 'set_tags', 'close'], ...details[id] }), ticket_set_status: () => next++, ticket_set_tags: () => next++,
  });
  const list = new TicketList(host);
  await list.load();
  return { host, bulk: new BulkState(host, list) };
}

describe('picking', () => {
  test('one by one, and off again', async () => {
    const { bulk } = await made();
    for (const index of [0, 4, 4, 6]) bulk.toggle(index);
    expect([...bulk.picked.keys()]).toEqual([1, 7]);
  });

  test('from the last one to here, in either direction, through rows that are not in memory', async () => {
    const { bulk } = await made();
    bulk.toggle(120 - 25);
    expect(bulk.size).toBe(1);
    await bulk.extend(120, 95);
    expect([bulk.size, bulk.picked.has(96), bulk.picked.has(121)]).toEqual([26, true, true]);
    await bulk.extend(90, 120);
    expect([...bulk.picked.keys()]).toEqual([91, 92, 93, 94, 95, 96]);
  });
});

describe('a change for many', () => {
  test('leaves out what is so already, and counts what a server does not offer', async () => {
    const { host, bulk } = await made({ 2: { status: { value: 'resolved', mirror: 'resolved', operation: null } }, 3: { can: ['reply'] } });
    for (const index of [0, 1, 2]) bulk.toggle(index);
    expect(await bulk.apply({ kind: 'status', to: 'resolved' })).toEqual({ operations: [100], refused: 1 });
    expect(host.named('ticket_set_status')).toMatchObject([{ id: 1, to: 'resolved' }]);
    expect(bulk.progress).toBeNull();
  });

  test('adds a tag to those that each has', async () => {
    const { host, bulk } = await made({ 1: { tags: { value: ['收单'], mirror: ['收单'], operation: null } } });
    bulk.toggle(0);
    bulk.toggle(1);
    await bulk.apply({ kind: 'tag', add: 'vip' });
    expect(host.named('ticket_set_tags')).toMatchObject([{ id: 1, to: ['收单', 'vip'] }, { id: 2, to: ['vip'] }]);
  });
});
