// A core made of invented data, for design work in a browser (`npm run fixture`) and for component tests.
// The address chooses the scene: ?phase=welcome|locked|vault|failed|syncing|pull|offline|unreachable|budget|news, ?theme=, ?lang=, ?rows=N.
import type { Account, AccountState, AppState, Code, CommandMap, DeskEvent, FileRef, NewTicketDraft, SyncStatus, TicketDetail, TicketFilter, TicketOrder, TicketRow } from '../api/generated';
import { catalogue, makeRows } from './fixture/data';
import { bellCommands, FixtureBell } from './fixture/bell';
import { fixtureCare } from './fixture/care';
import { FixtureOutbox } from './fixture/outbox';
import { fixtureDirectory } from './fixture/directory';
import { fixtureVisits } from './fixture/visits';
import { fixtureReminders } from './fixture/reminders';
import { fixtureReplay } from './fixture/replay';
import { fixtureRobots } from './fixture/robots';
import { fixtureRules } from './fixture/rules';
import { detail, facets, order, search, select, watch } from './fixture/views';
import { isCode } from '../lib/codes';
import type { Host } from './host';

type Handlers = { [K in keyof CommandMap]: (args: CommandMap[K]['args']) => CommandMap[K]['result'] };
const fail = (code: Code, args: Record<string, string> = {}): never => {
  throw { code, args };
};

export class FixtureHost implements Host {
  readonly calls: { name: keyof CommandMap; args: unknown }[] = [];
  readonly #listeners = new Set<(event: DeskEvent) => void>();
  readonly #started = Date.now();
  readonly #rows: TicketRow[];
  readonly #drafts = new Map<number, { body: string; visibility: 'public' | 'internal'; files: FileRef[]; updated_at: number }>();
  readonly #outbox: FixtureOutbox;
  #sortedKey = '';
  #sortedRows: TicketRow[] = [];
  #state: AppState;
  #paused = new Set<number>();
  #newTickets: NewTicketDraft[] = [];
  readonly #bell: FixtureBell;

  constructor(query = new URLSearchParams(location.search)) {
    const now = this.#started;
    const phase = query.get('phase');
    this.#rows = makeRows(now, Number(query.get('rows') ?? 400));
    this.#state = {
      phase: phase === 'welcome' ? 'welcome' : phase === 'failed' ? 'failed' : phase === 'locked' || phase === 'vault' ? 'locked' : 'ready',
      failure: phase === 'failed' ? { code: isCode(query.get('code') ?? '') ? (query.get('code') as Code) : 'database_newer', args: {} } : null, keyring: phase === 'vault' ? 'vault_needed' : phase === 'locked' ? 'vault' : 'keyring', keyring_reason: phase === 'vault' ? 'keyring_missing' : null,
      data_dir: '/home/lin/.local/share/deskbell', version: '0.1.0',
      settings: { language: query.get('lang') === 'en' ? 'en' : 'zh-CN', theme: query.get('theme') === 'dark' ? 'dark' : query.get('theme') === 'light' ? 'light' : 'system', work_offline: phase === 'offline', sound: true, display_name: '林夏', undo_s: 5, hold_stale_replies: false }, salvage: null,
    };
    this.#outbox = new FixtureOutbox({
      rows: this.#rows, undoMs: () => this.#state.settings.undo_s * 1000, offline: () => this.#state.settings.work_offline, emit: (event) => this.emit(event),
      giveBack: (ticket, body) => {
        const draft = this.#drafts.get(ticket);
        this.#drafts.set(ticket, { body: draft?.body ? `${draft.body}\n\n${body}` : body, visibility: draft?.visibility ?? 'public', files: draft?.files ?? [], updated_at: Date.now() });
      },
    }, now);
    if (phase === 'news') for (const [n, text] of ['窗口改到 15:00 可以吗？', '另外，灰度的两台也报 502。'].entries()) setTimeout(() => this.#arrive(3, text), 9000 + n * 4000);
    this.#bell = new FixtureBell(this.#rows, now, query.get('bell') ?? '');
    const rules = fixtureRules(this.#rows);
    const directory = fixtureDirectory(this.#rows, now, query.get('directory') ?? '', fail);
    const centres = directory.directory({}).centres.map((entry) => entry.centre);
    Object.assign(this.#handlers, fixtureVisits({ rows: this.#rows, centres: () => centres, scene: query.get('visits') ?? '', offline: () => this.#state.settings.work_offline, emit: (event) => this.emit(event), fail }), directory, rules, fixtureReplay(this.#rows, () => { const view = rules.rules_get({}); return view.sets[view.current] ?? fail('rules_invalid'); }, (done, total) => this.emit({ event: 'replay_changed', done, total })));
    Object.assign(this.#handlers, fixtureCare(this.#rows, now, query.get('care') ?? '', (event) => this.emit(event)));
    Object.assign(this.#handlers, fixtureReminders(this.#rows, now, query.get('bell') ?? ''));
    document.documentElement.dataset['fixture'] = 'on';
  }

  async call<K extends keyof CommandMap>(name: K, args: CommandMap[K]['args']): Promise<CommandMap[K]['result']> {
    this.calls.push({ name, args });
    await new Promise((done) => setTimeout(done, 4));
    const handler: Handlers[K] | undefined = this.#handlers[name];
    return structuredClone((handler ?? fail('unknown_command'))(args));
  }

  onEvent(listener: (event: DeskEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  listens(): void {}

  onClosing(): void {}

  shown(): void {
    document.documentElement.dataset['painted'] = 'yes';
  }

  emit(event: DeskEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  #account(id: number): Account {
    const first = location.search.includes('syncing') || (id === 3 && location.search.includes('pull'));
    const base = { id, options: { requests_per_minute: null, connections_max: null, poll_s: null, visit_category: '' }, last_synced_at: first ? null : Date.now() - 20_000, demo: id === 1, ticket_count: id === 1 ? 336 : id === 2 ? 83 : 12_480 };
    const capabilities: Account['capabilities'] = { operations: ['create_ticket', 'reply', 'set_status', 'set_priority', 'set_assignee', 'set_tags', 'set_custom_field', 'close', 'reopen', 'evaluate', 'attach'], statuses: ['new', 'open', 'resolved'], internal_notes: true, file_bytes_max: 52_428_800, takes_files: true };
    if (id === 3) return { ...base, kind: 'aliyun', name: '阿里云工单', endpoint: 'https://workorder.aliyuncs.com', user: 'LTAI5tExample', capabilities: { ...capabilities, operations: ['create_ticket', 'reply', 'close', 'reopen', 'evaluate', 'attach'], internal_notes: false } };
    return { ...base, kind: id === 1 ? 'hub' : 'rt', name: id === 1 ? '演示支持台' : 'RT 支持台', endpoint: id === 1 ? 'http://127.0.0.1:40123' : 'https://rt.example.com', user: id === 1 ? 'lin' : 'lin.xia', capabilities };
  }

  #sync(): SyncStatus {
    const phase = new URLSearchParams(location.search).get('phase');
    const offline = this.#state.settings.work_offline;
    const syncing = phase === 'syncing';
    const entry = (id: number, more: Partial<AccountState> = {}): AccountState => {
      const paused = this.#paused.has(id);
      const state = { account: this.#account(id), state: 'idle' as const, paused, progress: null, retry_at: null, error: null, ...more };
      return offline ? { ...state, state: 'offline', progress: null } : paused ? { ...state, state: 'paused' } : state;
    };
    return { online: phase !== 'offline', work_offline: offline, waiting: 2, rejected: 4, last_synced_at: Date.now() - 20_000, accounts: [
      entry(1, syncing ? { state: 'syncing', progress: { done: 126, total: 419, full: true, per_second: 84, seconds_left: 4 } } : {}),
      entry(2, phase === 'unreachable' ? { state: 'failed', retry_at: Date.now() + 42_000, error: { code: 'host_unreachable', args: {} } } : phase === 'budget' ? { state: 'waiting', retry_at: Date.now() + 95_000, error: { code: 'rate_limited', args: {} } } : {}),
      ...(phase === 'pull' ? [entry(3, { state: 'syncing', progress: { done: 12_480, total: 48_210, full: true, per_second: 163, seconds_left: 219 } })] : []),
    ] };
  }

  /** Kept for a while: sorting a million rows for every page would hide how the grid itself behaves. */
  #sorted(args: { filter: TicketFilter; order: TicketOrder }): TicketRow[] {
    const key = JSON.stringify(args.filter) + args.order;
    if (key !== this.#sortedKey || this.#rows.length < 10_000) this.#sortedRows = order(select(this.#rows, args.filter, Date.now()), args.order);
    this.#sortedKey = key;
    return this.#sortedRows;
  }

  #arrive(id: number, body: string): void {
    const row = this.#rows[id - 1] ?? fail('ticket_unknown');
    this.#outbox.more(row).arrived.push({ key: `new${Date.now()}`, author: '周启明', role: 'customer', visibility: 'public', body, format: 'text', created_at: Date.now(), attachments: [], operation: null, replies_since: 0 });
    this.emit({ event: 'tickets_changed', ids: [id], many: false });
  }

  #row(id: number): TicketRow {
    return this.#rows[id - 1] ?? fail('ticket_unknown');
  }

  #detail(row: TicketRow, draft: TicketDetail['draft']): TicketDetail {
    return detail(row, this.#started, this.#outbox.of(row.id), draft, this.#outbox.more(row));
  }

  #ready(): AppState {
    this.#state = { ...this.#state, phase: 'ready', keyring: this.#state.keyring === 'keyring' ? 'keyring' : 'vault' };
    return this.#state;
  }

  readonly #handlers: Partial<Handlers> = {
    app_state: () => this.#state,
    vault_create: () => this.#ready(),
    vault_unlock: ({ passphrase }) => (passphrase === 'wrong' ? fail('passphrase_wrong') : this.#ready()),
    settings_put: ({ settings }) => {
      this.#state = { ...this.#state, settings };
      setTimeout(() => this.emit({ event: 'sync_changed', status: this.#sync() }));
      return settings;
    },
    sync_status: () => this.#sync(),
    sync_now: () => null,
    account_check: ({ secret }) => (secret === 'wrong' ? fail('credentials_wrong') : { display_name: '林夏', server: 'Request Tracker 5.0.4' }),
    account_add: () => {
      this.#ready();
      return this.#account(2);
    },
    account_remove: ({ force }) => (force ? null : fail('operation_not_discardable')),
    demo_start: () => {
      this.#ready();
      return this.#account(1);
    },
    ticket_rows: (args) => {
      const all = this.#sorted({ filter: args.filter, order: args.order });
      return { total: all.length, generation: 1, rows: all.slice(args.start, args.start + args.limit) };
    },
    ticket_position: (args) => {
      const at = this.#sorted({ filter: args.filter, order: args.order }).findIndex((row) => row.id === args.id);
      return at < 0 ? null : at;
    },
    ticket_facets: ({ filter }) => facets(select(this.#rows, filter, Date.now()), Date.now()),
    ticket_get: ({ id }) => this.#detail(this.#rows[id - 1] ?? fail('ticket_unknown'), this.#drafts.get(id) ?? (id === 3 ? { body: '已将健康检查间隔恢复为 60 秒，正在观察 5 分钟错误率，14:05 前给出结论。', visibility: 'public', files: [], updated_at: this.#started } : null)),
    account_options_put: ({ id }) => this.#account(id),
    account_catalogue: ({ account }) => catalogue(account),
    pull_pause: ({ account, paused }) => {
      if (paused) this.#paused.add(account);
      else this.#paused.delete(account);
      return null;
    },
    ticket_create: ({ account, ticket }) => this.#outbox.create(account, ticket),
    ticket_reply: ({ id, body, visibility, files, seen_notes }) => {
      this.#drafts.delete(id);
      return this.#outbox.enqueue(id, { kind: 'reply', body, visibility, files, seen_notes });
    },
    ticket_set_status: ({ id, to }) => this.#outbox.enqueue(id, { kind: 'set_status', from: this.#row(id).status, to }),
    ticket_set_priority: ({ id, to }) => this.#outbox.enqueue(id, { kind: 'set_priority', from: this.#row(id).priority, to }),
    ticket_set_assignee: ({ id, to }) => this.#outbox.enqueue(id, { kind: 'set_assignee', from: this.#row(id).assignee, to }),
    ticket_set_tags: ({ id, to }) => this.#outbox.enqueue(id, { kind: 'set_tags', from: this.#outbox.more(this.#row(id)).tags, to }),
    ticket_set_custom_field: ({ id, field, to }) => this.#outbox.enqueue(id, { kind: 'set_custom_field', field, from: this.#outbox.more(this.#row(id)).fields[field] ?? '', to }),
    ticket_close: ({ id }) => this.#outbox.enqueue(id, { kind: 'close', from: this.#row(id).status }),
    ticket_reopen: ({ id, body }) => this.#outbox.enqueue(id, { kind: 'reopen', from: this.#row(id).status, body }),
    ticket_evaluate: ({ id, solved, score, comment }) => this.#outbox.enqueue(id, { kind: 'evaluate', solved, score, comment }),
    ticket_attach: ({ id, file, visibility }) => this.#outbox.enqueue(id, { kind: 'attach', file, visibility }),
    new_ticket_drafts: () => this.#newTickets,
    new_ticket_drafts_put: ({ drafts }) => {
      this.#newTickets = drafts;
      return null;
    },
    draft_put: ({ id, body, visibility }) => {
      this.#drafts.set(id, { body, visibility, files: this.#drafts.get(id)?.files ?? [], updated_at: Date.now() });
      return null;
    },
    draft_files_put: ({ id, files }) => {
      const draft = this.#drafts.get(id);
      this.#drafts.set(id, { body: draft?.body ?? '', visibility: draft?.visibility ?? 'public', files, updated_at: Date.now() });
      return null;
    },
    file_pick: () => ({ files: [{ sha256: 'f1', name: '抓包-2026-11-21.pcap', mime: 'application/octet-stream', size_bytes: 2_400_000 }], problems: [] }),
    file_paste: ({ name, mime }) => ({ sha256: 'f2', name: name || '截图.png', mime, size_bytes: 182_000 }),
    attachment_fetch: () => null,
    attachment_cancel: () => null,
    attachment_preview: () => ({ kind: 'none' }),
    attachment_save_as: () => null,
    attachment_open: ({ sure }) => ({ opened: sure, warn: null }),
    search: ({ query, limit }) => search(this.#rows, query, limit),
    watch: () => watch(this.#rows, Date.now()),
    outbox: () => this.#outbox.list,
    outbox_retry: ({ id }) => {
      this.#outbox.again(id);
      return null;
    },
    outbox_resolve: ({ id, keep }) => {
      if (keep === 'mine') this.#outbox.again(id);
      else this.#outbox.discard(id);
      return null;
    },
    outbox_discard: ({ id }) => {
      this.#outbox.discard(id);
      return null;
    },
    ...bellCommands(() => this.#bell),
    ...fixtureRobots(Date.now(), new URLSearchParams(location.search).get('robots') ?? ''),
  };
}
