// Several tickets at once: which are picked, and one change for all of them that is undone as one.
import { SvelteMap } from 'svelte/reactivity';
import type { AccountId, OperationId, Priority, Status, TicketId, TicketRow } from '../api/generated';
import { asApiError, type Host } from '../host/host';
import { newMarker } from '../lib/marker';
import type { TicketList } from './tickets.svelte';

/** As many as the core hands out at once. */
export const PICKED_MAX = 500;

export type BulkChange = { kind: 'status'; to: Status } | { kind: 'priority'; to: Priority } | { kind: 'assignee'; to: string } | { kind: 'tag'; add: string } | { kind: 'close' };
export type BulkResult = { operations: OperationId[]; refused: number };

export class BulkState {
  readonly picked = new SvelteMap<TicketId, AccountId>();
  progress = $state.raw<{ done: number; total: number } | null>(null);
  #anchor = -1;
  readonly #host: Host;
  readonly #list: TicketList;

  constructor(host: Host, list: TicketList) {
    this.#host = host;
    this.#list = list;
  }

  get size(): number {
    return this.picked.size;
  }

  get accounts(): AccountId[] {
    return [...new Set(this.picked.values())];
  }

  has(row: TicketRow | undefined): boolean {
    return row !== undefined && this.picked.has(row.id);
  }

  toggle(index: number): void {
    const row = this.#list.row(index);
    if (!row) return;
    this.#anchor = index;
    if (this.picked.has(row.id)) this.picked.delete(row.id);
    else if (this.picked.size < PICKED_MAX) this.picked.set(row.id, row.account_id);
  }

  /** Everything between the row picked last and this one. Rows that are not in memory are asked for. */
  async extend(index: number, from: number): Promise<void> {
    if (this.#anchor < 0 || this.size === 0) this.#anchor = Math.max(0, from);
    const [start, end] = [Math.min(this.#anchor, index), Math.max(this.#anchor, index)];
    const limit = Math.min(end - start + 1, PICKED_MAX);
    const held = Array.from({ length: limit }, (_, n) => this.#list.row(start + n));
    const rows = held.every((row) => row !== undefined) ? held : (await this.#host.call('ticket_rows', { filter: this.#list.filter, order: this.#list.order, start, limit })).rows;
    this.picked.clear();
    for (const row of rows) if (row) this.picked.set(row.id, row.account_id);
  }

  clear(): void {
    this.picked.clear();
    this.#anchor = -1;
  }

  /** One after another; a ticket whose server does not offer it is left out and counted. */
  async apply(change: BulkChange): Promise<BulkResult> {
    const result: BulkResult = { operations: [], refused: 0 };
    if (this.progress) return result;
    const ids = [...this.picked.keys()];
    this.progress = { done: 0, total: ids.length };
    try {
      for (const id of ids) {
        try {
          const operation = await this.#one(id, change);
          if (operation !== null) result.operations.push(operation);
        } catch (thrown) {
          const error = asApiError(thrown);
          if (error.code !== 'operation_not_offered' && error.code !== 'ticket_unknown') throw thrown;
          result.refused += 1;
        }
        this.progress = { done: this.progress.done + 1, total: ids.length };
      }
    } finally {
      this.progress = null;
    }
    return result;
  }

  async #one(id: TicketId, change: BulkChange): Promise<OperationId | null> {
    const marker = newMarker();
    const detail = await this.#host.call('ticket_get', { id });
    const offers = { status: 'set_status', priority: 'set_priority', assignee: 'set_assignee', tag: 'set_tags', close: 'close' } as const;
    if (detail.fate !== 'live' || !detail.can.includes(offers[change.kind])) {
      // Closed already is what was wanted.
      if (change.kind === 'close' && detail.status.value === 'closed') return null;
      throw { code: 'operation_not_offered', args: {} };
    }
    switch (change.kind) {
      case 'status':
        return detail.status.value === change.to ? null : this.#host.call('ticket_set_status', { id, to: change.to, marker });
      case 'priority':
        return detail.priority.value === change.to ? null : this.#host.call('ticket_set_priority', { id, to: change.to, marker });
      case 'assignee':
        return detail.assignee.value === change.to ? null : this.#host.call('ticket_set_assignee', { id, to: change.to, marker });
      case 'tag':
        return detail.tags.value.includes(change.add) ? null : this.#host.call('ticket_set_tags', { id, to: [...detail.tags.value, change.add], marker });
      case 'close':
        return this.#host.call('ticket_close', { id, marker });
    }
  }
}
