// A core made of invented data, for design work in a browser (`npm run fixture`) and for component tests.
// The address chooses the scene: ?phase=welcome|locked|vault|failed|syncing|offline, ?theme=, ?lang=, ?rows=N.
import type { Account, AppState, Code, CommandMap, DeskEvent, OperationRecord, SyncStatus, TicketFilter, TicketOrder, TicketRow } from '../api/generated';
import { HOUR, makeRows, MINUTE } from './fixture/data';
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
  readonly #drafts = new Map<number, { body: string; visibility: 'public' | 'internal'; updated_at: number }>();
  #operations: OperationRecord[];
  #sortedKey = '';
  #sortedRows: TicketRow[] = [];
  #state: AppState;
  #nextOperation = 100;
  #alerts: CommandMap['alerts']['result'];

  constructor(query = new URLSearchParams(location.search)) {
    const now = this.#started;
    const phase = query.get('phase');
    this.#rows = makeRows(now, Number(query.get('rows') ?? 400));
    this.#state = {
      phase: phase === 'welcome' ? 'welcome' : phase === 'failed' ? 'failed' : phase === 'locked' || phase === 'vault' ? 'locked' : 'ready',
      failure: phase === 'failed' ? { code: isCode(query.get('code') ?? '') ? (query.get('code') as Code) : 'database_newer', args: {} } : null, keyring: phase === 'vault' ? 'vault_needed' : phase === 'locked' ? 'vault' : 'keyring', keyring_reason: phase === 'vault' ? 'keyring_missing' : null,
      data_dir: '/home/lin/.local/share/deskbell', version: '0.1.0',
      settings: { language: query.get('lang') === 'en' ? 'en' : 'zh-CN', theme: query.get('theme') === 'dark' ? 'dark' : query.get('theme') === 'light' ? 'light' : 'system', work_offline: phase === 'offline', sound: true, display_name: '林夏' }, salvage: null,
    };
    const record = (id: number, row: number, kind: OperationRecord['kind'], state: OperationRecord['state'], more: Partial<OperationRecord> = {}): OperationRecord => ({
      id, ticket_id: row, ticket_subject: this.#rows[row - 1]?.subject ?? '', ticket_remote_id: this.#rows[row - 1]?.remote_id ?? '', account_id: 1, kind, state, attempts: 1, created_at: now - 5 * MINUTE, not_before: now, last_attempt_at: now - MINUTE, code: null, detail: '', marker: `m${id}`, ...more });
    this.#operations = [
      record(91, 6, { kind: 'reply', body: '刷新任务已完成 80%，回源带宽正在回落，预计 20 分钟内恢复。', visibility: 'public', files: [], seen_notes: null }, 'queued', { code: 'host_unreachable', not_before: now + 40_000 }),
      record(92, 9, { kind: 'set_status', from: 'open', to: 'waiting_customer' }, 'unknown', { code: 'timed_out', attempts: 2, not_before: now + 12_000 }),
      record(93, 12, { kind: 'set_priority', from: 'important', to: 'urgent' }, 'rejected', { code: 'forbidden', detail: '403: No permission to modify ticket' }),
      record(90, 3, { kind: 'reply', body: '已收到，正在核对 SLB 健康检查。请确认近期是否变更过检查间隔？', visibility: 'public', files: [], seen_notes: null }, 'sent', { created_at: now - 110 * MINUTE, last_attempt_at: now - 109 * MINUTE }),
    ];
    const row = (n: number): TicketRow => this.#rows[n - 1] ?? fail('internal');
    const alert = (id: number, n: number, threshold: CommandMap['alerts']['result'][number]['threshold'], ago: number, done: boolean) => ({ id, ticket_id: n, remote_id: row(n).remote_id, subject: row(n).subject, customer: row(n).customer, priority: row(n).priority, metric: row(n).clock?.metric ?? ('resolution' as const), threshold, due_at: now - ago, deadline_at: row(n).clock?.deadline_at ?? now, raised_at: now - ago, shown_at: now - ago, acknowledged_at: done ? now - ago + MINUTE : null, snoozed_until: null });
    this.#alerts = [alert(3, 3, { kind: 'time_left', seconds: 300 }, 40_000, false), alert(2, 2, { kind: 'breach' }, 4 * MINUTE, false), alert(1, 8, { kind: 'share', percent: 50 }, 40 * MINUTE, true)];
    document.documentElement.dataset['fixture'] = 'on';
  }

  async call<K extends keyof CommandMap>(name: K, args: CommandMap[K]['args']): Promise<CommandMap[K]['result']> {
    this.calls.push({ name, args });
    await new Promise((done) => setTimeout(done, 4));
    return structuredClone(this.#handlers[name](args));
  }

  onEvent(listener: (event: DeskEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  listens(): void {}

  shown(): void {
    document.documentElement.dataset['painted'] = 'yes';
  }

  emit(event: DeskEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  #account(id: number): Account {
    return { id, kind: id === 1 ? 'hub' : 'rt', name: id === 1 ? '演示支持台' : 'RT 支持台', endpoint: id === 1 ? 'http://127.0.0.1:40123' : 'https://rt.example.com', user: id === 1 ? 'lin' : 'lin.xia', demo: id === 1, ticket_count: id === 1 ? 336 : 83, last_synced_at: location.search.includes('syncing') ? null : Date.now() - 20_000 };
  }

  #sync(): SyncStatus {
    const phase = new URLSearchParams(location.search).get('phase');
    const offline = this.#state.settings.work_offline;
    const syncing = phase === 'syncing';
    return { online: phase !== 'offline', work_offline: offline, waiting: 2, rejected: 1, last_synced_at: Date.now() - 20_000, accounts: [
      { account: this.#account(1), state: offline ? 'offline' : syncing ? 'syncing' : 'idle', progress: syncing ? { done: 126, total: 419, full: true, per_second: 84 } : null, retry_at: null, error: null },
      { account: this.#account(2), state: offline ? 'offline' : phase === 'unreachable' ? 'failed' : 'idle', progress: null, retry_at: phase === 'unreachable' ? Date.now() + 42_000 : null, error: phase === 'unreachable' ? { code: 'host_unreachable', args: {} } : null },
    ] };
  }

  /** Kept for a while: sorting a million rows for every page would hide how the grid itself behaves. */
  #sorted(args: { filter: TicketFilter; order: TicketOrder }): TicketRow[] {
    const key = JSON.stringify(args.filter) + args.order;
    if (key !== this.#sortedKey || this.#rows.length < 10_000) this.#sortedRows = order(select(this.#rows, args.filter, Date.now()), args.order);
    this.#sortedKey = key;
    return this.#sortedRows;
  }

  #enqueue(id: number, kind: OperationRecord['kind']): number {
    const row = this.#rows[id - 1] ?? fail('ticket_unknown');
    const operation = this.#nextOperation++;
    const now = Date.now();
    this.#operations = [{ id: operation, ticket_id: id, ticket_subject: row.subject, ticket_remote_id: row.remote_id, account_id: row.account_id, kind, state: 'queued', attempts: 0, created_at: now, not_before: now, last_attempt_at: null, code: null, detail: '', marker: `m${operation}` }, ...this.#operations];
    if (kind.kind === 'set_status') row.status = kind.to;
    if (kind.kind === 'set_priority') row.priority = kind.to;
    this.emit({ event: 'tickets_changed', ids: [id], many: false });
    this.emit({ event: 'outbox_changed', waiting: 3, rejected: 1 });
    return operation;
  }

  #ready(): AppState {
    this.#state = { ...this.#state, phase: 'ready', keyring: this.#state.keyring === 'keyring' ? 'keyring' : 'vault' };
    return this.#state;
  }

  readonly #handlers: Handlers = {
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
    notification_support: () => ({ available: true, server: 'dunst 1.9', actions: true, reason: null }),
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
    ticket_get: ({ id }) => detail(this.#rows[id - 1] ?? fail('ticket_unknown'), this.#started, this.#operations.filter((one) => one.ticket_id === id && one.id >= 100), this.#drafts.get(id) ?? (id === 3 ? { body: '已将健康检查间隔恢复为 60 秒，正在观察 5 分钟错误率，14:05 前给出结论。', visibility: 'public', updated_at: this.#started } : null)),
    ticket_reply: ({ id, body, visibility }) => this.#enqueue(id, { kind: 'reply', body, visibility, files: [], seen_notes: null }),
    ticket_set_status: ({ id, to }) => this.#enqueue(id, { kind: 'set_status', from: this.#rows[id - 1]?.status ?? 'open', to }),
    ticket_set_priority: ({ id, to }) => this.#enqueue(id, { kind: 'set_priority', from: this.#rows[id - 1]?.priority ?? 'routine', to }),
    draft_put: ({ id, body, visibility }) => {
      this.#drafts.set(id, { body, visibility, updated_at: Date.now() });
      return null;
    },
    search: ({ query, limit }) => search(this.#rows, query, limit),
    watch: () => watch(this.#rows, Date.now()),
    outbox: () => this.#operations,
    outbox_retry: () => null,
    outbox_discard: ({ id }) => {
      this.#operations = this.#operations.filter((one) => one.id !== id);
      return null;
    },
    alerts: () => this.#alerts,
    alert_acknowledge: ({ id }) => {
      this.#alerts = this.#alerts.map((one) => (one.id === id ? { ...one, acknowledged_at: Date.now() } : one));
      return null;
    },
    alert_snooze: ({ id, minutes }) => {
      this.#alerts = this.#alerts.map((one) => (one.id === id ? { ...one, snoozed_until: Date.now() + (minutes / 60) * HOUR } : one));
      return null;
    },
  };
}
