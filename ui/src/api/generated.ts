// The command list as it will be generated into ui/src/api/generated.ts from crates/api (by `cargo test -p deskbell-api`).
// Until it exists, the UI puts this very file there. Names and shapes are fixed; additions are announced.
export type UtcMs = number; export type TicketId = number; export type AccountId = number; export type OperationId = number;
export type ProviderKind = "hub" | "rt";
export type Priority = "urgent" | "important" | "routine";
export type Status = "new" | "open" | "waiting_customer" | "waiting_vendor" | "resolved" | "closed";
export type Role = "customer" | "agent" | "system"; export type Visibility = "public" | "internal"; export type BodyFormat = "text" | "html";
export type Metric = "first_response" | "resolution";
export type OperationState = "queued" | "sending" | "sent" | "rejected" | "unknown";
export type Code = string; // snake_case names of domain::Code; catalogue key `error-<code with - for _>`, with -what / -kept / -next parts
export type ApiError = { code: Code; args: Record<string, string> };
export type Language = "zh-CN" | "en"; export type Theme = "system" | "light" | "dark";
export type Threshold = { kind: "share"; percent: number } | { kind: "time_left"; seconds: number } | { kind: "breach" };
export type ClockState = "running" | "imminent" | "breaching" | "breached" | "achieved" | "late" | "cancelled" | "paused";

// --- state of the application
export type AppState = { phase: "locked" | "welcome" | "ready" | "failed";   // locked: vault needs a passphrase; welcome: no account; failed: see failure
  failure: ApiError | null; keyring: "keyring" | "vault" | "vault_needed";    // vault_needed: no keyring here, ask for a new passphrase
  keyring_reason: Code | null; data_dir: string; version: string; settings: Settings; salvage: { moved_to: string; operations: number } | null };
export type Settings = { language: Language; theme: Theme; work_offline: boolean; sound: boolean; display_name: string };
export type Account = { id: AccountId; kind: ProviderKind; name: string; endpoint: string; user: string; demo: boolean; ticket_count: number; last_synced_at: UtcMs | null };
export type AccountState = { account: Account; state: "idle" | "syncing" | "offline" | "waiting" | "failed";
  progress: { done: number; total: number | null; full: boolean; per_second: number } | null; retry_at: UtcMs | null; error: ApiError | null };
export type SyncStatus = { online: boolean; work_offline: boolean; accounts: AccountState[]; waiting: number; rejected: number; last_synced_at: UtcMs | null };
export type NotificationSupport = { available: boolean; server: string; actions: boolean; reason: Code | null };

// --- tickets
export type TicketFilter = { accounts: AccountId[]; statuses: Status[]; priorities: Priority[]; products: string[]; customers: string[]; vip: boolean | null; unfinished: boolean; breached: boolean };
export type TicketOrder = "deadline" | "updated" | "created" | "priority";
export type RowClock = { metric: Metric; deadline_at: UtcMs | null; paused: boolean; provisional: boolean };
export type TicketRow = { id: TicketId; remote_id: string; subject: string; status: Status; priority: Priority; customer: string; vip: boolean; product: string;
  account_id: AccountId; requester: string; assignee: string; updated_at: UtcMs; last_note: string; pending: number; clock: RowClock | null };
export type TicketPage = { total: number; generation: number; rows: TicketRow[] };
export type Facets = { total: number; unfinished: number; breached: number; vip: number; by_status: [Status, number][]; by_priority: [Priority, number][];
  by_product: [string, number][]; by_account: [AccountId, number][] };
export type Customer = { name: string; vip: boolean; service_manager: string; deputy: string; city: string; languages: string[]; ticket_count: number; open_count: number };
export type Attachment = { name: string; mime: string; size_bytes: number };
export type Note = { key: string; author: string; role: Role; visibility: Visibility; body: string; format: BodyFormat; // html bodies are already sanitised in Rust; show them in a sandboxed scriptless iframe (srcdoc)
  created_at: UtcMs; attachments: Attachment[]; operation: OperationView | null };   // operation != null: not on the server yet (or rejected)
export type OperationView = { id: OperationId; state: OperationState; attempts: number; code: Code | null; detail: string; not_before: UtcMs };
export type Field<T> = { value: T; mirror: T; operation: OperationView | null };      // value = what the person sees; operation = the pending edit, if any
export type ClockView = { metric: Metric; instance: number; state: ClockState; started_at: UtcMs; deadline_at: UtcMs | null; stopped_at: UtcMs | null; paused_since: UtcMs | null;
  target_minutes: number; target_text_days: number | null; share: number; provisional: boolean; pauses: { from: UtcMs; to: UtcMs }[]; thresholds: number[] /* shares 0..1 */; why: Explanation | null };
export type Explanation = { policy_zh: string; policy_en: string; calendar: string; started_at: UtcMs; target_minutes: number; open: { from: UtcMs; to: UtcMs }[]; open_more: number;
  pauses: { from: UtcMs; to: UtcMs }[]; deadline_at: UtcMs | null; provisional: boolean };
export type PhoneLine = { remote_id: string; tier: number; name_zh: string; name_en: string; number: string; purpose_zh: string; purpose_en: string; languages: string[]; hours: string; ivr_zh: string; ivr_en: string; source: string; verified_on: string };
export type TicketDetail = { id: TicketId; remote_id: string; account_id: AccountId; account_name: string; provider: ProviderKind; subject: string; status: Field<Status>; status_raw: string; priority: Field<Priority>;
  product: string; customer: Customer; requester: string; assignee: string; tags: string[]; custom_fields: [string, string][]; created_at: UtcMs; updated_at: UtcMs;
  fate: "live" | "deleted" | "merged"; merged_into: string | null; notes: Note[]; notes_complete: boolean; clocks: ClockView[]; draft: Draft | null; line: PhoneLine | null; internal_notes: boolean };
export type Draft = { body: string; visibility: Visibility; updated_at: UtcMs };
export type SnippetPart = { text: string; hit: boolean };
export type SearchHit = { id: TicketId; remote_id: string; subject: string; subject_parts: SnippetPart[]; status: Status; priority: Priority; customer: string; updated_at: UtcMs; snippet: SnippetPart[] };
export type SearchAnswer = { total: number; exact: boolean; tickets: SearchHit[] };

// --- watch
export type WatchCard = { ticket_id: TicketId; remote_id: string; subject: string; customer: string; vip: boolean; priority: Priority; metric: Metric; deadline_at: UtcMs; started_at: UtcMs; provisional: boolean };
export type WatchLane = { lane: "breached" | "minutes" | "hour" | "today" | "later"; total: number; cards: WatchCard[] /* ≤ 50 */ };
export type Watch = { now: UtcMs; next_deadline: UtcMs | null; unfinished: number; lanes: WatchLane[];
  figures: { first_response_median_ms: number | null; first_response_n: number; resolution_median_ms: number | null; resolution_p90_ms: number | null; resolution_n: number; met_share: number | null; met_n: number; since: UtcMs };
  horizon: { from: UtcMs; to: UtcMs; ticks: { at: UtcMs; priority: Priority; ticket_id: TicketId; subject: string }[]; closed: { from: UtcMs; to: UtcMs }[]; more: number } };

// --- outbox, alerts
export type OperationKind = { kind: "reply"; body: string; visibility: Visibility } | { kind: "set_status"; from: Status; to: Status } | { kind: "set_priority"; from: Priority; to: Priority };
export type OperationRecord = { id: OperationId; ticket_id: TicketId; ticket_subject: string; ticket_remote_id: string; account_id: AccountId; kind: OperationKind; state: OperationState; attempts: number;
  created_at: UtcMs; not_before: UtcMs; last_attempt_at: UtcMs | null; code: Code | null; detail: string };
export type Alert = { id: number; ticket_id: TicketId; remote_id: string; subject: string; customer: string; priority: Priority; metric: Metric; threshold: Threshold; due_at: UtcMs; deadline_at: UtcMs | null;
  raised_at: UtcMs; shown_at: UtcMs | null; acknowledged_at: UtcMs | null; snoozed_until: UtcMs | null };

export type CommandMap = {
  app_state: { args: {}; result: AppState };
  vault_create: { args: { passphrase: string }; result: AppState };
  vault_unlock: { args: { passphrase: string }; result: AppState };
  settings_put: { args: { settings: Settings }; result: Settings };
  sync_status: { args: {}; result: SyncStatus };
  sync_now: { args: { account: AccountId | null }; result: null };
  notification_support: { args: {}; result: NotificationSupport };
  account_check: { args: { kind: ProviderKind; endpoint: string; user: string; secret: string }; result: { display_name: string; server: string } };
  account_add: { args: { kind: ProviderKind; name: string; endpoint: string; user: string; secret: string }; result: Account };
  account_remove: { args: { id: AccountId; force: boolean }; result: null };
  demo_start: { args: {}; result: Account };
  ticket_rows: { args: { filter: TicketFilter; order: TicketOrder; start: number; limit: number }; result: TicketPage };
  ticket_position: { args: { filter: TicketFilter; order: TicketOrder; id: TicketId }; result: number | null };
  ticket_facets: { args: { filter: TicketFilter }; result: Facets };
  ticket_get: { args: { id: TicketId }; result: TicketDetail };
  ticket_reply: { args: { id: TicketId; body: string; visibility: Visibility; marker: string /* uuid made by the composer: a double click sends once */ }; result: OperationId };
  ticket_set_status: { args: { id: TicketId; to: Status; marker: string }; result: OperationId };
  ticket_set_priority: { args: { id: TicketId; to: Priority; marker: string }; result: OperationId };
  draft_put: { args: { id: TicketId; body: string; visibility: Visibility }; result: null };
  search: { args: { query: string; filter: TicketFilter; limit: number }; result: SearchAnswer };
  watch: { args: {}; result: Watch };
  outbox: { args: {}; result: OperationRecord[] };
  outbox_retry: { args: { id: OperationId }; result: null };
  outbox_discard: { args: { id: OperationId }; result: null };
  alerts: { args: { limit: number }; result: Alert[] };
  alert_acknowledge: { args: { id: number }; result: null };
  alert_snooze: { args: { id: number; minutes: number }; result: null };
};
// Events: emitted on one channel "desk"
export type DeskEvent =
  | { event: "tickets_changed"; ids: TicketId[]; many: boolean }   // many: more than 200; ids is empty then
  | { event: "sync_changed"; status: SyncStatus }
  | { event: "outbox_changed"; waiting: number; rejected: number }
  | { event: "alert_raised"; alert: Alert }
  | { event: "alerts_changed" }
  | { event: "open_ticket"; id: TicketId }                          // a notification was clicked
  | { event: "state_changed"; state: AppState };
// In the shell: invoke("rpc", { name, args }) -> result or rejects with ApiError; listen("desk", e => e.payload as DeskEvent); invoke("painted", { ms }) after the second animation frame.
