// The way back: what comes back, where to, and what is said when it is too late.
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Draft, NewTicketDraft, OperationKind, OperationRecord, OperationState, Settings, TicketDetail } from '../src/api/generated';
import { l10n } from '../src/lib/l10n.svelte';
import { Desk } from '../src/state/desk.svelte';
import { ScriptedHost } from './host';
import { accountState, ticketDetail } from './tickets';

afterEach(() => vi.useRealTimers());

const record = (id: number, kind: OperationKind, state: OperationState = 'queued'): OperationRecord => ({ id, ticket_id: 1, ticket_subject: 's', ticket_remote_id: 'T-1', account_id: 7, kind, state, attempts: 0, created_at: 0, not_before: 0, last_attempt_at: null, code: null, detail: '', marker: `m${id}`, conflict: null });
const reply: OperationKind = { kind: 'reply', body: '已恢复', visibility: 'public', files: [{ sha256: 'aa', name: 'log.txt', mime: 'text/plain', size_bytes: 3 }], seen_notes: 0 };
const settings: Settings = { language: 'en', theme: 'light', work_offline: false, sound: false, display_name: '', undo_s: 5, hold_stale_replies: false };

function desk(records: OperationRecord[], more: ConstructorParameters<typeof ScriptedHost>[0] = {}): { desk: Desk; host: ScriptedHost; draft: () => string } {
  l10n.use('en');
  let list = records;
  let draft: Draft = { body: '', visibility: 'public', files: [], updated_at: 0 };
  const returned: NewTicketDraft[] = [];
  const host = new ScriptedHost({
    outbox: () => list,
    outbox_discard: ({ id }) => {
      const one = list.find((record) => record.id === id);
      if (!one) throw { code: 'operation_unknown', args: {} };
      if (one.state === 'sending') throw { code: 'operation_not_discardable', args: {} };
      list = list.filter((record) => record.id !== id);
      // As the core does: what is being written stays, and what comes back follows it.
      const body = one.kind.kind === 'reply' || one.kind.kind === 'reopen' ? one.kind.body : '';
      if (body) draft = { ...draft, body: draft.body ? `${draft.body}\n\n${body}` : body, files: one.kind.kind === 'reply' ? one.kind.files : [], updated_at: one.created_at };
      if (one.kind.kind === 'create_ticket') returned.push({ account: one.account_id, ticket: one.kind.ticket, marker: one.marker, aside: '' });
      return null;
    },
    draft_put: ({ body }) => {
      draft = { ...draft, body, updated_at: Date.now() };
      return null;
    },
    ticket_get: () => ticketDetail({ draft: draft.body ? draft : null }),
    draft_files_put: () => null, account_catalogue: () => ({ categories: [], custom_fields: [], assignees: [], customers: [] }),
    new_ticket_drafts: () => returned, new_ticket_drafts_put: () => null,
    ...more,
  });
  return { desk: new Desk(host), host, draft: () => draft.body };
}

describe('undo', () => {
  test('brings a reply back with its words and its files', async () => {
    const { desk: it } = desk([record(5, reply)]);
    await it.detail.open(1);
    it.undo.offer(() => 'on its way', [5], true);
    await it.undo.last();
    expect([it.detail.composer.body, it.detail.composer.files.map((file) => file.name)]).toEqual(['已恢复', ['log.txt']]);
    expect(it.outbox.list).toEqual([]);
  });

  test('keeps what was typed since, and puts the reply after it', async () => {
    const { desk: it, draft } = desk([record(5, reply)]);
    await it.detail.open(1);
    it.detail.composer.write('newer words');
    await it.undo.takeBack([5]);
    expect(it.detail.composer.body).toBe('newer words\n\n已恢复');
    expect(draft()).toBe('newer words\n\n已恢复');
  });

  test('what is typed while it comes back is not lost either', async () => {
    const { desk: it, host, draft } = desk([record(5, reply)]);
    vi.useFakeTimers();
    await it.detail.open(1);
    it.detail.composer.write('one');
    const discard = host.answers.outbox_discard;
    host.answers.outbox_discard = (args) => {
      it.detail.composer.write('one two');
      return discard?.(args) ?? null;
    };
    await it.undo.takeBack([5]);
    expect(it.detail.composer.body).toBe('one two\n\n已恢复');
    await vi.advanceTimersByTimeAsync(5000);
    expect(draft()).toBe('one two\n\n已恢复');
  });

  test.each<OperationState>(['sent', 'sending'])('says that it is too late for one that is %s', async (state) => {
    const { desk: it } = desk([record(5, reply, state)]);
    expect(await it.undo.takeBack([5])).toBe(false);
    expect(it.toasts.list.at(-1)?.text()).toBe('Too late to undo: it has already left for the server.');
  });

  test('of many goes from the newest to the oldest, and counts what had left', async () => {
    const edit = (to: string): OperationKind => ({ kind: 'set_assignee', from: '', to });
    const { desk: it, host } = desk([record(5, edit('a'), 'sending'), record(6, edit('b')), record(7, edit('c'))]);
    it.undo.offer(() => 'three', [5, 6, 7]);
    await it.undo.last();
    expect(host.named('outbox_discard')).toEqual([{ id: 7 }, { id: 6 }, { id: 5 }]);
    expect(it.toasts.list.at(-1)?.text()).toBe('2 undone. 1 had already left for the server.');
  });

  test('is offered once: by the toast or by the keyboard', async () => {
    const { desk: it, host } = desk([record(5, reply)]);
    it.undo.offer(() => 'on its way', [5], true);
    it.toasts.list[0]?.action?.run();
    await vi.waitFor(() => expect(it.toasts.list.at(-1)?.text()).toBe('Taken back. The text is in the reply box.'));
    await it.undo.last();
    expect(it.toasts.list.at(-1)?.text()).toBe('Nothing to undo.');
    expect(host.named('outbox_discard')).toHaveLength(1);
  });

  test('counts down only what waits, and only while there is a server to leave for', () => {
    const { desk: it } = desk([]);
    it.app.state = { phase: 'ready', failure: null, keyring: 'keyring', keyring_reason: null, data_dir: '', version: '', settings, salvage: null };
    it.sync.tell({ online: true, work_offline: false, accounts: [], waiting: 0, rejected: 0, last_synced_at: 1 });
    it.undo.offer(() => 'reply', [1], true);
    it.undo.offer(() => 'status', [2]);
    it.sync.tell({ online: false, work_offline: true, accounts: [], waiting: 0, rejected: 0, last_synced_at: 1 });
    it.undo.offer(() => 'offline reply', [3], true);
    expect(it.toasts.list.map((toast) => toast.until !== null)).toEqual([true, false, false]);
    expect((it.toasts.list[0]?.until ?? 0) - Date.now()).toBeGreaterThan(4000);
  });

  test('a new ticket returns to its form, and beside another one that is being written', async () => {
    const ticket = { subject: '网关 502', body: 'b', priority: null, product: '', category: '', customer: '', requester: '', tags: [], custom_fields: {}, files: [] };
    const { desk: it } = desk([record(5, { kind: 'create_ticket', ticket }), record(6, { kind: 'create_ticket', ticket: { ...ticket, subject: 'second' } })]);
    it.sync.tell({ online: true, work_offline: false, waiting: 0, rejected: 0, last_synced_at: 1, accounts: [accountState(7)] });
    await it.undo.takeBack([5]);
    expect([it.newTicket.open, it.newTicket.account, it.newTicket.fields.subject]).toEqual([true, 7, '网关 502']);
    await it.undo.takeBack([6]);
    expect([it.newTicket.fields.subject, it.newTicket.shelf.map((one) => one.ticket.subject)]).toEqual(['网关 502', ['second']]);
  });

  test('the reason of a reopening is in the box again', async () => {
    const { desk: it } = desk([record(5, { kind: 'reopen', from: 'closed', body: 'it is back' })]);
    await it.detail.open(1);
    await it.undo.takeBack([5]);
    expect(it.detail.composer.body).toBe('it is back');
  });
});

describe('an edit that has landed', () => {
  const done = (kind: OperationKind): OperationRecord => record(5, kind, 'sent');
  const everything: Partial<TicketDetail> = { can: ['set_status', 'set_priority', 'set_assignee', 'set_tags', 'set_custom_field', 'close', 'reopen'], statuses: ['open', 'resolved', 'closed'] };

  test.each<[OperationKind, Partial<TicketDetail>, string, object]>([
    [{ kind: 'set_status', from: 'open', to: 'resolved' }, { status: { value: 'resolved', mirror: 'resolved', operation: null } }, 'ticket_set_status', { to: 'open' }],
    [{ kind: 'set_tags', from: ['a'], to: ['a', 'b'] }, { tags: { value: ['a', 'b', 'c'], mirror: [], operation: null } }, 'ticket_set_tags', { to: ['a', 'c'] }],
    [{ kind: 'close', from: 'open' }, { status: { value: 'closed', mirror: 'closed', operation: null } }, 'ticket_set_status', { to: 'open' }],
    [{ kind: 'close', from: 'open' }, { status: { value: 'closed', mirror: 'closed', operation: null }, can: ['reopen'] }, 'ticket_reopen', { body: '' }],
  ])('is set back: %o', async (kind, shown, command, args) => {
    const { desk: it, host } = desk([done(kind)], { ticket_get: () => ticketDetail({ ...everything, ...shown }), ticket_set_status: () => 9, ticket_set_tags: () => 9, ticket_reopen: () => 9 });
    expect(await it.undo.takeBack([5])).toBe(true);
    expect(host.named(command as 'ticket_set_status')).toMatchObject([{ id: 1, ...args }]);
  });

  test('stays when somebody changed the field since', async () => {
    const { desk: it } = desk([done({ kind: 'set_priority', from: 'routine', to: 'urgent' })], { ticket_get: () => ticketDetail({ ...everything, priority: { value: 'important', mirror: 'important', operation: null } }) });
    expect(await it.undo.takeBack([5])).toBe(false);
  });
});
