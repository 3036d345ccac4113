// Generated from the command list in crates/api by `make types`. Do not edit: `make check` compares it.

export type Account = { id: AccountId, kind: ProviderKind, name: string, endpoint: string, user: string, demo: boolean, ticket_count: number, last_synced_at: UtcMs | null, options: AccountOptions, capabilities: AccountCapabilities, };

export type AccountActivity = "idle" | "syncing" | "offline" | "paused" | "waiting" | "failed";

export type AccountCapabilities = { operations: Array<OperationName>, statuses: Array<Status>, internal_notes: boolean, file_bytes_max: number, takes_files: boolean, };

export type AccountId = number;

export type AccountOptions = {
/**
 * Most requests a minute, all purposes together; `None` leaves it to the provider.
 */
requests_per_minute: number | null,
/**
 * Most connections held at once; `None` leaves it to the provider.
 */
connections_max: number | null,
/**
 * Seconds between looks for changes; `None` leaves it to the provider.
 */
poll_s: number | null, };

export type AccountState = { account: Account, state: AccountActivity,
/**
 * Fetching is stopped by the person; edits still go out.
 */
paused: boolean, progress: Progress | null, retry_at: UtcMs | null, error: ApiError | null, };

export type Alert = { id: number, ticket_id: TicketId, remote_id: string, subject: string, customer: string, priority: Priority, metric: Metric, threshold: Threshold, due_at: UtcMs, deadline_at: UtcMs, raised_at: UtcMs, shown_at: UtcMs | null, acknowledged_at: UtcMs | null, snoozed_until: UtcMs | null, };

export type ApiError = { code: Code, args: { [key in string]: string }, };

export type AppState = { phase: Phase, failure: ApiError | null, keyring: KeyKeeper, keyring_reason: Code | null, data_dir: string, version: string, settings: Settings, salvage: Salvage | null, };

export type Attachment = { id: AttachmentId, name: string, mime: string,
/**
 * 0: not known before it is fetched.
 */
size_bytes: number, state: AttachmentState,
/**
 * Fetched or sent so far.
 */
done_bytes: number,
/**
 * Why the last try failed.
 */
code: Code | null, preview: PreviewKind, };

export type AttachmentId = number;

export type AttachmentState = "remote" | "queued" | "fetching" | "here" | "failed" | "sending" | "sent";

export type BodyFormat = "text" | "html";

export type Catalogue = { categories: Array<Category>, custom_fields: Array<CustomField>,
/**
 * Names as the provider takes them for an assignee.
 */
assignees: Array<string>, customers: Array<CatalogueCustomer>, };

export type CatalogueCustomer = { id: string, name: string, };

export type Category = { id: string, name: string,
/**
 * What it belongs to: product, directory; may be empty.
 */
product: string, };

export type CheckedAccount = { display_name: string, server: string, };

export type ClockState = "running" | "imminent" | "breaching" | "breached" | "achieved" | "late" | "cancelled" | "paused";

export type ClockView = { metric: Metric, instance: number, state: ClockState, started_at: UtcMs, deadline_at: UtcMs | null, stopped_at: UtcMs | null, paused_since: UtcMs | null,
/**
 * Zero for a target in business days.
 */
target_minutes: number, target_text_days: number | null,
/**
 * Of the target, in business time; above 1 when late.
 */
share: number, provisional: boolean, pauses: Array<Interval>,
/**
 * Shares at which the bell rings.
 */
thresholds: Array<number>, why: Explanation | null, };

export type Code = "host_unreachable" | "name_not_resolved" | "certificate_invalid" | "plain_http_refused" | "endpoint_invalid" | "timed_out" | "connection_lost" | "credentials_wrong" | "forbidden" | "not_found" | "not_supported_server" | "answer_not_json" | "answer_truncated" | "answer_unexpected" | "rate_limited" | "server_failed" | "refused" | "changed_meanwhile" | "clock_wrong" | "keyring_locked" | "keyring_missing" | "vault_locked" | "passphrase_wrong" | "data_directory_read_only" | "database_newer" | "database_corrupt" | "database_key_wrong" | "database_busy" | "disk_full" | "storage" | "notification_bus_missing" | "notification_service_missing" | "notification_service_silent" | "input_invalid" | "unknown_command" | "ticket_unknown" | "account_unknown" | "account_exists" | "operation_unknown" | "operation_not_discardable" | "operation_not_offered" | "replies_since" | "depends_on_rejected" | "file_too_large" | "file_unreadable" | "file_unwritable" | "program_missing" | "file_missing" | "robot_unknown" | "robot_address_invalid" | "robot_secret_missing" | "robot_sign_mismatch" | "robot_keyword_missing" | "robot_ip_refused" | "robot_gone" | "robot_message_refused" | "internal";

export type Conflict = {
/**
 * `status`, `priority`, `assignee`, `tags`, or the name of a custom field.
 */
field: string,
/**
 * What both sides started from.
 */
base: string, mine: string, theirs: string, };

export type CreatedTicket = { ticket: TicketId, operation: OperationId, };

export type CustomField = { name: string,
/**
 * The values to choose from; empty for free text.
 */
values: Array<string>, };

export type Customer = { name: string, vip: boolean, service_manager: string, deputy: string, city: string, languages: Array<string>, ticket_count: number, open_count: number, };

export type DeskEvent = { "event": "tickets_changed", ids: Array<TicketId>, many: boolean, } | { "event": "sync_changed", status: SyncStatus, } | { "event": "outbox_changed", waiting: number, rejected: number, } | { "event": "alert_raised", alert: Alert, } | { "event": "alerts_changed" } | { "event": "notifier_changed" } | { "event": "open_ticket", id: TicketId, } | { "event": "transfer_changed", ticket: TicketId, attachment: AttachmentId | null, operation: OperationId | null, done_bytes: number, total_bytes: number, } | { "event": "files_hover", over: boolean, } | { "event": "files_dropped", files: Array<FileRef>, problems: Array<FileProblem>, } | { "event": "state_changed", state: AppState, };

export type Draft = { body: string, visibility: Visibility,
/**
 * Files that go out with it.
 */
files: Array<FileRef>, updated_at: UtcMs, };

export type Evaluation = { solved: boolean, score: number, comment: string, };

export type Explanation = { policy_zh: string, policy_en: string, calendar: string, started_at: UtcMs, target_minutes: number, open: Array<Interval>, open_more: number, pauses: Array<Interval>, deadline_at: UtcMs | null, provisional: boolean, };

export type Facets = { total: number, unfinished: number, breached: number, vip: number, by_status: Array<[Status, number]>, by_priority: Array<[Priority, number]>,
/**
 * The 30 most frequent, most frequent first.
 */
by_product: Array<[string, number]>, by_account: Array<[AccountId, number]>, };

export type Field<T> = { value: T, mirror: T, operation: OperationView | null, };

export type Figures = { first_response_median_ms: number | null, first_response_n: number, resolution_median_ms: number | null, resolution_p90_ms: number | null, resolution_n: number,
/**
 * Share of stopped clocks that stopped in time.
 */
met_share: number | null, met_n: number, since: UtcMs, };

export type FileProblem = { name: string, error: ApiError, };

export type FileRef = {
/**
 * SHA-256 of the bytes, lower-case hexadecimal.
 */
sha256: string,
/**
 * Name without any path.
 */
name: string, mime: string,
/**
 * At most [`FILE_BYTES_MAX`].
 */
size_bytes: number, };

export type Horizon = { from: UtcMs, to: UtcMs, ticks: Array<Tick>, closed: Array<Interval>,
/**
 * Deadlines beyond those drawn.
 */
more: number, };

export type Interval = { from: UtcMs, to: UtcMs, };

export type Keep = "mine" | "theirs";

export type KeyKeeper = "keyring" | "vault" | "vault_needed";

export type Lane = "breached" | "minutes" | "hour" | "today" | "later";

export type Language = "zh-CN" | "en";

export type Metric = "first_response" | "next_response" | "first_resolution" | "resolution" | "visit";

export type NewTicket = { subject: string,
/**
 * The first message, plain text.
 */
body: string, priority: Priority | null, product: string,
/**
 * The provider's id of a category (Workorder) or queue (Request Tracker); empty where it has none.
 */
category: string,
/**
 * The provider's id of the customer, or empty.
 */
customer: string, requester: string, tags: Array<string>, custom_fields: { [key in string]: string }, files: Array<FileRef>, };

export type NewTicketDraft = {
/**
 * Where it is to be opened, once chosen.
 */
account: AccountId | null, ticket: NewTicket,
/**
 * Of the operation that was to open it and was taken back; empty for one that was never sent off.
 */
marker: string,
/**
 * Internal notes that were written on it: nothing of them becomes public by itself.
 */
aside: string, };

export type Note = {
/**
 * Stable across pending → sent, so that the list does not jump.
 */
key: string, author: string, role: Role, visibility: Visibility, body: string, format: BodyFormat, created_at: UtcMs, attachments: Array<Attachment>,
/**
 * Set while the server does not have it.
 */
operation: OperationView | null,
/**
 * While it is pending: public notes of others that came since it was written.
 */
replies_since: number, };

export type NotificationSupport = { available: boolean,
/**
 * Name and version as the service gives them.
 */
server: string, actions: boolean,
/**
 * Why not, when not available.
 */
reason: Code | null, };

export type OpenWarning = "executable";

export type OpenedFile = { opened: boolean, warn: OpenWarning | null, };

export type OperationId = number;

export type OperationKind = { "kind": "create_ticket", ticket: NewTicket, } | { "kind": "reply", body: string, visibility: Visibility, files: Array<FileRef>,
/**
 * Public notes of others that the person had seen when writing; `None` where it was not counted.
 */
seen_notes: number | null, } | { "kind": "set_status", from: Status, to: Status, } | { "kind": "set_priority", from: Priority, to: Priority, } | { "kind": "set_assignee", from: string, to: string, } | { "kind": "set_tags", from: Array<string>, to: Array<string>, } | { "kind": "set_custom_field", field: string, from: string, to: string, } | { "kind": "close", from: Status, } | { "kind": "reopen", from: Status, body: string, } | { "kind": "evaluate", solved: boolean, score: number, comment: string, } | { "kind": "attach", file: FileRef, visibility: Visibility, };

export type OperationName = "create_ticket" | "reply" | "set_status" | "set_priority" | "set_assignee" | "set_tags" | "set_custom_field" | "close" | "reopen" | "evaluate" | "attach";

export type OperationRecord = { id: OperationId, ticket_id: TicketId, ticket_subject: string, ticket_remote_id: string, account_id: AccountId, kind: OperationKind, state: OperationState, attempts: number, created_at: UtcMs, not_before: UtcMs, last_attempt_at: UtcMs | null, code: Code | null, detail: string,
/**
 * What a read-back looks for, and what a note made by it carries.
 */
marker: string,
/**
 * Set while it is rejected because the same field was changed on the server too; `theirs` is what the mirror has now.
 */
conflict: Conflict | null, };

export type OperationState = "queued" | "sending" | "sent" | "rejected" | "unknown";

export type OperationView = { id: OperationId, state: OperationState, attempts: number, code: Code | null, detail: string,
/**
 * Earliest next attempt; until then it can be taken back.
 */
not_before: UtcMs, conflict: Conflict | null, };

export type Phase = "locked" | "welcome" | "ready" | "failed";

export type PhoneLine = { remote_id: string,
/**
 * 1 standard, 2 technical experts, 3 enterprise.
 */
tier: number, name_zh: string, name_en: string, number: string, purpose_zh: string, purpose_en: string, languages: Array<string>,
/**
 * `7x24`, or weekly hours in words.
 */
hours: string, ivr_zh: string, ivr_en: string, source: string,
/**
 * ISO date.
 */
verified_on: string, };

export type PickedFiles = { files: Array<FileRef>, problems: Array<FileProblem>, };

export type Preview = { "kind": "image", mime: string, base64: string, } | { "kind": "text", text: string,
/**
 * There is more than is shown.
 */
truncated: boolean, } | { "kind": "none" };

export type PreviewKind = "image" | "text" | "none";

export type Priority = "urgent" | "important" | "routine";

export type Progress = { done: number, total: number | null, full: boolean,
/**
 * Tickets a second since this pull began.
 */
per_second: number,
/**
 * Until the end at this rate; unknown where the server does not say how much there is.
 */
seconds_left: number | null, };

export type ProviderKind = "hub" | "rt" | "aliyun";

export type Role = "customer" | "agent" | "system";

export type RowClock = { metric: Metric, deadline_at: UtcMs | null, paused: boolean, provisional: boolean, };

export type Salvage = { moved_to: string, operations: number, };

export type SearchAnswer = { total: number,
/**
 * False: `total` counts candidates of which not all were checked against their text.
 */
exact: boolean, tickets: Array<SearchHit>, };

export type SearchHit = { id: TicketId, remote_id: string, subject: string, status: Status, priority: Priority, customer: string, updated_at: UtcMs,
/**
 * A piece of the conversation around the first hit; empty when only the head matches.
 */
snippet: Array<SnippetPart>, subject_parts: Array<SnippetPart>, };

export type Settings = { language: Language, theme: Theme, work_offline: boolean, sound: boolean,
/**
 * How the person signs on this desk; empty means the account's user.
 */
display_name: string,
/**
 * Seconds that replies, notes, files, new tickets, verdicts and reopenings can be taken back before they leave;
 * at most [`UNDO_S_MAX`].
 */
undo_s: number,
/**
 * Hold a reply back and ask when newer public replies of others came while it waited.
 */
hold_stale_replies: boolean, };

export type SnippetPart = { text: string, hit: boolean, };

export type Status = "new" | "open" | "waiting_customer" | "waiting_vendor" | "resolved" | "closed";

export type SyncStatus = { online: boolean, work_offline: boolean, accounts: Array<AccountState>, waiting: number, rejected: number, last_synced_at: UtcMs | null, };

export type Theme = "system" | "light" | "dark";

export type Threshold = { "kind": "share", percent: number, } | { "kind": "time_left", seconds: number, } | { "kind": "breach" };

export type Tick = { at: UtcMs, priority: Priority, ticket_id: TicketId, subject: string, };

export type TicketDetail = { id: TicketId,
/**
 * Empty while the server does not have it.
 */
remote_id: string,
/**
 * Opened here, and not on the server yet.
 */
local: boolean, account_id: AccountId, account_name: string, provider: ProviderKind, subject: string, status: Field<Status>, status_raw: string, priority: Field<Priority>, product: string, customer: Customer, requester: string, assignee: Field<string>, tags: Field<Array<string>>, custom_fields: Array<[string, Field<string>]>,
/**
 * The server's own deadline, where it has one; ours are in `clocks`.
 */
due_at: UtcMs | null,
/**
 * What the server calls its own service level; empty where it has none.
 */
sla_name: string, created_at: UtcMs, updated_at: UtcMs,
/**
 * `live`, `deleted` or `merged`.
 */
fate: string, merged_into: string | null, notes: Array<Note>,
/**
 * Public notes of others: what a reply says that it has seen.
 */
public_notes: number, notes_complete: boolean, clocks: Array<ClockView>, draft: Draft | null, line: PhoneLine | null,
/**
 * What can be done to this ticket now.
 */
can: Array<OperationName>,
/**
 * Statuses that can be chosen.
 */
statuses: Array<Status>, internal_notes: boolean, evaluated: Evaluation | null, };

export type TicketFilter = { accounts: Array<AccountId>, statuses: Array<Status>, priorities: Array<Priority>, products: Array<string>, customers: Array<string>, vip: boolean | null,
/**
 * Only tickets on which work is owed (status before resolved).
 */
unfinished: boolean,
/**
 * Only tickets with a clock past its deadline.
 */
breached: boolean, };

export type TicketId = number;

export type TicketOrder = "deadline" | "updated" | "created" | "priority";

export type TicketPage = {
/**
 * Length of the whole list.
 */
total: number,
/**
 * Changes whenever any list may have changed.
 */
generation: number, rows: Array<TicketRow>, };

export type TicketRow = { id: TicketId, remote_id: string, subject: string, status: Status, priority: Priority, customer: string, vip: boolean, product: string, account_id: AccountId, requester: string, assignee: string, updated_at: UtcMs,
/**
 * `author：text`, at most 120 characters.
 */
last_note: string,
/**
 * Operations queued, on the wire, of unknown fate, or rejected.
 */
pending: number,
/**
 * Opened here, and not on the server yet.
 */
local: boolean,
/**
 * The running clock with the least time left, else a paused one.
 */
clock: RowClock | null, };

export type UtcMs = number;

export type Visibility = "public" | "internal";

export type Watch = { now: UtcMs, next_deadline: UtcMs | null, unfinished: number, lanes: Array<WatchLane>, figures: Figures, horizon: Horizon, };

export type WatchCard = { ticket_id: TicketId, remote_id: string, subject: string, customer: string, vip: boolean, priority: Priority, metric: Metric, started_at: UtcMs, deadline_at: UtcMs, provisional: boolean, };

export type WatchLane = { lane: Lane, total: number, cards: Array<WatchCard>, };

export type CommandMap = {
  app_state: { args: Record<symbol, never>; result: AppState };
  vault_create: { args: { passphrase: string, }; result: AppState };
  vault_unlock: { args: { passphrase: string, }; result: AppState };
  settings_put: { args: { settings: Settings, }; result: Settings };
  sync_status: { args: Record<symbol, never>; result: SyncStatus };
  sync_now: { args: { account: AccountId | null, }; result: null };
  notification_support: { args: Record<symbol, never>; result: NotificationSupport };
  account_check: { args: { kind: ProviderKind, endpoint: string, user: string, secret: string, options: AccountOptions, }; result: CheckedAccount };
  account_add: { args: { kind: ProviderKind, name: string, endpoint: string, user: string, secret: string, options: AccountOptions, }; result: Account };
  account_options_put: { args: { id: AccountId, options: AccountOptions, }; result: Account };
  account_catalogue: { args: { account: AccountId, }; result: Catalogue };
  pull_pause: { args: { account: AccountId, paused: boolean, }; result: null };
  account_remove: { args: { id: AccountId, force: boolean, }; result: null };
  demo_start: { args: Record<symbol, never>; result: Account };
  ticket_rows: { args: { filter: TicketFilter, order: TicketOrder, start: number, limit: number, }; result: TicketPage };
  ticket_position: { args: { filter: TicketFilter, order: TicketOrder, id: TicketId, }; result: number | null };
  ticket_facets: { args: { filter: TicketFilter, }; result: Facets };
  ticket_get: { args: { id: TicketId, }; result: TicketDetail };
  ticket_create: { args: { account: AccountId, ticket: NewTicket, marker: string, }; result: CreatedTicket };
  ticket_reply: { args: { id: TicketId, body: string, visibility: Visibility, files: Array<FileRef>, seen_notes: number | null, marker: string, }; result: OperationId };
  ticket_set_status: { args: { id: TicketId, to: Status, marker: string, }; result: OperationId };
  ticket_set_priority: { args: { id: TicketId, to: Priority, marker: string, }; result: OperationId };
  ticket_set_assignee: { args: { id: TicketId, to: string, marker: string, }; result: OperationId };
  ticket_set_tags: { args: { id: TicketId, to: Array<string>, marker: string, }; result: OperationId };
  ticket_set_custom_field: { args: { id: TicketId, field: string, to: string, marker: string, }; result: OperationId };
  ticket_close: { args: { id: TicketId, marker: string, }; result: OperationId };
  ticket_reopen: { args: { id: TicketId, body: string, marker: string, }; result: OperationId };
  ticket_evaluate: { args: { id: TicketId, solved: boolean, score: number, comment: string, marker: string, }; result: OperationId };
  ticket_attach: { args: { id: TicketId, file: FileRef, visibility: Visibility, marker: string, }; result: OperationId };
  draft_put: { args: { id: TicketId, body: string, visibility: Visibility, }; result: null };
  new_ticket_drafts: { args: Record<symbol, never>; result: Array<NewTicketDraft> };
  new_ticket_drafts_put: { args: { drafts: Array<NewTicketDraft>, }; result: null };
  draft_files_put: { args: { id: TicketId, files: Array<FileRef>, }; result: null };
  file_pick: { args: Record<symbol, never>; result: PickedFiles };
  file_paste: { args: { name: string, mime: string, base64: string, }; result: FileRef };
  attachment_fetch: { args: { id: AttachmentId, }; result: null };
  attachment_cancel: { args: { id: AttachmentId, }; result: null };
  attachment_preview: { args: { id: AttachmentId, }; result: Preview };
  attachment_save_as: { args: { id: AttachmentId, }; result: string | null };
  attachment_open: { args: { id: AttachmentId, sure: boolean, }; result: OpenedFile };
  search: { args: { query: string, filter: TicketFilter, limit: number, }; result: SearchAnswer };
  watch: { args: Record<symbol, never>; result: Watch };
  outbox: { args: Record<symbol, never>; result: Array<OperationRecord> };
  outbox_retry: { args: { id: OperationId, }; result: null };
  outbox_discard: { args: { id: OperationId, }; result: null };
  outbox_resolve: { args: { id: OperationId, keep: Keep, }; result: null };
  alerts: { args: { limit: number, }; result: Array<Alert> };
  alert_acknowledge: { args: { id: number, }; result: null };
  alert_snooze: { args: { id: number, minutes: number, }; result: null };
};
