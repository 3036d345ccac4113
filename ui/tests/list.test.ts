import { describe, expect, test, vi } from 'vitest';
import type { Facets, TicketPage } from '../src/api/generated';
import { TicketList, views } from '../src/state/tickets.svelte';
import { gate, ScriptedHost } from './host';
import { ticketRow } from './tickets';

const facets: Facets = { total: 0, unfinished: 0, breached: 0, vip: 0, by_status: [], by_priority: [], by_product: [], by_account: [] };
const page = (start: number, generation: number, total = 1000): TicketPage => ({ total, generation, rows: Array.from({ length: Math.min(100, total - start) }, (_, i) => ticketRow(start + i, { subject: `g${generation}` })) });
const settle = (): Promise<void> => new Promise((done) => setTimeout(done));

describe('the ticket list', () => {
  test('fetches the windows it shows, each once', async () => {
    const host = new ScriptedHost({ ticket_rows: ({ start }) => page(start, 1), ticket_facets: () => facets });
    const list = new TicketList(host);
    list.ensure(95, 130);
    list.ensure(96, 131);
    await settle();
    list.ensure(97, 132);
    await settle();
    expect(host.named('ticket_rows')).toMatchObject([{ start: 0, limit: 100 }, { start: 100, limit: 100 }]);
    expect([list.row(130)?.id, list.row(300)]).toEqual([130, undefined]);
  });

  test('drops an answer that belongs to the filter before', async () => {
    const slow = gate<TicketPage>();
    const host = new ScriptedHost({ ticket_rows: ({ filter }) => (filter.vip ? page(0, 1, 3) : slow.promise), ticket_facets: () => facets });
    const list = new TicketList(host);
    list.ensure(0, 10);
    list.show(views.vip);
    await settle();
    slow.open(page(0, 1, 1000));
    await settle();
    expect(list.total).toBe(3);
  });

  test('fetches what is on screen again when the data moved on, keeping the old rows until then', async () => {
    vi.useFakeTimers();
    let generation = 1;
    const host = new ScriptedHost({ ticket_rows: ({ start }) => page(start, generation), ticket_facets: () => facets });
    const list = new TicketList(host);
    list.ensure(0, 150);
    await vi.advanceTimersByTimeAsync(0);
    generation = 2;
    list.changed();
    expect(list.row(0)?.subject).toBe('g1');
    await vi.advanceTimersByTimeAsync(1000);
    expect([list.row(0)?.subject, list.row(149)?.subject]).toEqual(['g2', 'g2']);
  });

  test('finds a ticket opened from elsewhere', async () => {
    const host = new ScriptedHost({ ticket_position: () => 412 });
    const list = new TicketList(host);
    await list.locate(9);
    expect([list.cursor, list.selected, list.reveal.row]).toEqual([412, 9, 412]);
  });
});
