// Generated from the command list in crates/api by `make types`. Do not edit: `make check` compares it.

export type About = {
/**
 * The ticket's subject, or the session's name.
 */
title: string, customer: string,
/**
 * Remote id of the ticket.
 */
ticket: string,
/**
 * Stable word of the service, of a visit.
 */
service: string,
/**
 * Site and city.
 */
place: string,
/**
 * Engineer, participants.
 */
who: string,
/**
 * Where to join.
 */
url: string, };

export type Absence = { from: UtcMs, to: UtcMs,
/**
 * Who acts meanwhile, by name; empty leaves it to each customer's own deputy.
 */
deputy: string, note: string, };

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
poll_s: number | null,
/**
 * Where visits on site travel as tickets: the category's id (Workorder) or the queue (Request Tracker). Empty: nowhere.
 */
visit_category: string, };

export type AccountState = { account: Account, state: AccountActivity,
/**
 * Fetching is stopped by the person; edits still go out.
 */
paused: boolean, progress: Progress | null, retry_at: UtcMs | null, error: ApiError | null, };

export type ActingWhy = "manager" | "absence_deputy" | "customer_deputy" | "further_deputy" | "no_manager" | "nobody_there" | "unknown";

export type Alert = { id: number, ticket_id: TicketId, remote_id: string, subject: string, customer: string, priority: Priority, metric: Metric, instance: number, threshold: Threshold, due_at: UtcMs, deadline_at: UtcMs, raised_at: UtcMs, shown_at: UtcMs | null, acknowledged_at: UtcMs | null, snoozed_until: UtcMs | null,
/**
 * Quiet hours or do-not-disturb keep it back until then.
 */
held_until: UtcMs | null,
/**
 * A rule keeps it from ringing: it stands in the list only.
 */
silent: boolean,
/**
 * It rings with sound, as far as its view's rule has a say.
 */
sound: boolean,
/**
 * When it goes to the robots unless somebody acknowledges it.
 */
escalate_at: UtcMs | null,
/**
 * When what it says stopped being so: answered, finished, or the deadline moved.
 */
ended_at: UtcMs | null, };

export type AlertLoad = { rung: number,
/**
 * Thresholds of the same clock at the same instant as a later one, which rings for them.
 */
superseded: number, by_threshold: Array<ThresholdRow>, by_month: Array<MonthAlerts>,
/**
 * Seven weekdays from Monday, 24 hours each, local time of the clock's calendar.
 */
by_hour: Array<Array<number>>, };

export type ApiError = { code: Code, args: { [key in string]: string }, };

export type AppState = { phase: Phase, failure: ApiError | null, keyring: KeyKeeper, keyring_reason: Code | null, data_dir: string, version: string, settings: Settings, salvage: Salvage | null, };

export type AskFor = "sla_engineer" | "expert" | "agent";

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

export type Awaiting = {
/**
 * Confirm: the request itself. Reschedule: another time.
 */
action: VisitAction,
/**
 * The moment that was asked for, where one was.
 */
start: UtcMs | null, since: UtcMs, };

export type BellSettings = { quiet: QuietHours | null,
/**
 * Urgent tickets ring in quiet hours.
 */
quiet_urgent_rings: boolean,
/**
 * Do not disturb until then.
 */
dnd_until: UtcMs | null,
/**
 * Urgent tickets ring all the same.
 */
dnd_urgent_rings: boolean,
/**
 * Urgent alerts that nobody acknowledged go to the robots after so many minutes.
 */
escalate_after_min: number | null,
/**
 * How many minutes before a visit on site it reminds of it; empty: not at all.
 */
visit_reminders_min: Array<number>,
/**
 * In order; the first whose filter passes decides. None does: it rings.
 */
views: Array<ViewRule>, };

export type BellView = { settings: BellSettings, support: NotificationSupport,
/**
 * Quiet hours or do-not-disturb keep it still now.
 */
quiet_now: boolean,
/**
 * Alerts kept back until they end.
 */
held: number,
/**
 * When something is due next.
 */
next_due: UtcMs | null, };

export type BodyFormat = "text" | "html";

export type CaldavDraft = { url: string, user: string,
/**
 * `None` keeps the one that is kept.
 */
password: string | null, calendar_href: string, calendar_name: string, enabled: boolean, };

export type CaldavState = "off" | "current" | "waiting" | "failed";

export type CaldavView = { url: string, user: string, calendar_href: string, calendar_name: string, enabled: boolean, state: CaldavState, last_pushed_at: UtcMs | null,
/**
 * Objects that still have to go there, or to go from there.
 */
waiting: number,
/**
 * The next try, while they wait.
 */
retry_at: UtcMs | null,
/**
 * Why the last try failed.
 */
code: Code | null, };

export type Calendar = {
/**
 * IANA name of the time zone.
 */
tz: string, hours: WeeklyHours,
/**
 * Closed all day.
 */
holidays: Array<string>,
/**
 * Hours of single dates, instead of the weekly ones (调休 make-up workdays); an empty list closes the date.
 */
shifts: { [key in string]: Array<[string, string]> },
/**
 * Closed parts of single dates.
 */
breaks: { [key in string]: Array<[string, string]> },
/**
 * Last date whose holidays are known. Absent, it is the end of the last year with a holiday; a calendar
 * without holidays is known for ever.
 */
known_until?: string,
/**
 * What a holiday or shift date is called, for display.
 */
names?: { [key in string]: string }, note?: string, };

export type CalendarName = { zh: string, en: string,
/**
 * IANA name of its time zone.
 */
tz: string, };

export type CalendarSpec = {
/**
 * IANA name of the time zone.
 */
tz: string, hours: WeeklyHours,
/**
 * Closed all day.
 */
holidays: Array<string>,
/**
 * Hours of single dates, instead of the weekly ones (调休 make-up workdays); an empty list closes the date.
 */
shifts: { [key in string]: Array<[string, string]> },
/**
 * Closed parts of single dates.
 */
breaks: { [key in string]: Array<[string, string]> },
/**
 * Last date whose holidays are known. Absent, it is the end of the last year with a holiday; a calendar
 * without holidays is known for ever.
 */
known_until?: string,
/**
 * What a holiday or shift date is called, for display.
 */
names?: { [key in string]: string }, note?: string, };

export type Call = { id: number, ticket: TicketId | null,
/**
 * Empty without a ticket, and while the server has not got it.
 */
ticket_remote_id: string, line_key: string, line_name: string, number: string, started_at: UtcMs,
/**
 * Null: it is under way.
 */
ended_at: UtcMs | null, outcome: CallOutcome | null, agent: string, case_number: string, note: string, ticked: Array<string>,
/**
 * The operation that took it to the ticket's timeline.
 */
operation: OperationId | null, };

export type CallFacts = { priority: Priority,
/**
 * A service is down now.
 */
outage: boolean, vip: boolean,
/**
 * What the customer has a contract for; `None` where it is not known, and then a VIP counts as enterprise.
 */
contract: LineContract | null,
/**
 * BCP 47, the customer's first choice first; empty where it does not matter.
 */
languages: Array<string>,
/**
 * Product of the ticket, or empty.
 */
product: string, };

export type CallOutcome = "reached" | "no_answer" | "busy" | "voicemail" | "called_back" | "other";

export type CallSheet = { ticket: TicketId,
/**
 * Empty while the server has not got it.
 */
ticket_remote_id: string, subject: string, account: AccountId, account_name: string,
/**
 * The customer's account number with the vendor as the ticket has it, else the user of our connection.
 */
account_id: string,
/**
 * `i-…`, `lb-…`, `rm-…` found in the ticket's fields and conversation, in the order found.
 */
instance_ids: Array<string>, ask_for: AskFor,
/**
 * What the provider calls its service level; empty where it has none.
 */
sla_name: string, customer: string, service_manager: string, deputy: string, };

export type Carried = {
/**
 * The ticket that carries it.
 */
ticket: TicketId, remote_id: string, awaiting: Awaiting | null,
/**
 * An answer that a person has to read, and to settle by hand.
 */
unread: Unread | null,
/**
 * IANA zone of times that name none.
 */
zone: string, };

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

export type CentreEntry = {
/**
 * `own:ID`, `account:remote id`, `shipped:id`.
 */
key: string, origin: EntryOrigin, account: AccountId | null, centre: ServiceCentre,
/**
 * What the provider has now, where a change lies over it.
 */
provider: ServiceCentre | null, hidden: boolean, stale: boolean, provider_changed: boolean, provider_gone: boolean, conflicts: Array<string>, opening: OpenState, opens_at: UtcMs | null, closes_at: UtcMs | null, problems: Array<Problem>,
/**
 * Of the city, without spaces: `chongqing`.
 */
pinyin: string,
/**
 * `cq`.
 */
initials: string,
/**
 * Today by the centre's clock and the 13 days after it; empty where the hours are not known.
 */
open_days: Array<PreviewDay>, };

export type CentreSlots = { centre: ServiceCentre,
/**
 * From the site, as the crow flies; `None` while the site's coordinates are not known.
 */
km: number | null, answer: SlotAnswer, };

export type CheckItem = { text: string, done: boolean, finding: string, };

export type CheckedAccount = { display_name: string, server: string, };

export type CheckedCalendars = { calendars: Array<FoundCalendar>, };

export type ChecklistItem = { text_zh: string, text_en: string, };

export type ClockMark = { threshold: Threshold,
/**
 * Of the target, in business time: 0 to 1.
 */
share: number,
/**
 * `None` while the clock is paused before it.
 */
at: UtcMs | null,
/**
 * When it was shown, if it was.
 */
rung_at: UtcMs | null, };

export type ClockState = "running" | "imminent" | "breaching" | "breached" | "achieved" | "late" | "cancelled" | "paused";

export type ClockView = { metric: Metric, instance: number, state: ClockState, started_at: UtcMs, deadline_at: UtcMs | null, stopped_at: UtcMs | null, stopped_by: StopReason | null,
/**
 * As the provider names them; empty where it does not say.
 */
stopped_who: string, paused_since: UtcMs | null, target: Target,
/**
 * Of the target, in business time; above 1 when late.
 */
share: number, provisional: boolean,
/**
 * The instants behind it are known to within this much, in milliseconds.
 */
uncertainty_ms: number,
/**
 * Ascending by share.
 */
marks: Array<ClockMark>,
/**
 * Why its policy applies; empty for one that applies to every ticket.
 */
matched: Array<PolicyMatch>, why: Explanation, };

export type Code = "host_unreachable" | "name_not_resolved" | "certificate_invalid" | "plain_http_refused" | "endpoint_invalid" | "timed_out" | "connection_lost" | "credentials_wrong" | "forbidden" | "not_found" | "not_supported_server" | "answer_not_json" | "answer_truncated" | "answer_unexpected" | "rate_limited" | "server_failed" | "refused" | "changed_meanwhile" | "clock_wrong" | "keyring_locked" | "keyring_missing" | "vault_locked" | "passphrase_wrong" | "data_directory_read_only" | "database_newer" | "database_corrupt" | "database_key_wrong" | "database_busy" | "backup_key_wrong" | "backup_unreadable" | "disk_full" | "storage" | "notification_bus_missing" | "notification_service_missing" | "notification_service_silent" | "input_invalid" | "unknown_command" | "ticket_unknown" | "account_unknown" | "account_exists" | "operation_unknown" | "operation_not_discardable" | "operation_not_offered" | "replies_since" | "depends_on_rejected" | "file_too_large" | "file_unreadable" | "file_unwritable" | "program_missing" | "file_missing" | "rules_invalid" | "holidays_unreadable" | "robot_unknown" | "robot_address_invalid" | "robot_secret_missing" | "robot_sign_mismatch" | "robot_keyword_missing" | "robot_ip_refused" | "robot_gone" | "robot_message_refused" | "tier_invalid" | "phone_number_invalid" | "mail_address_invalid" | "value_missing" | "value_twice" | "text_too_long" | "too_many" | "number_out_of_range" | "coordinates_missing" | "country_invalid" | "language_invalid" | "hours_missing" | "hours_invalid" | "source_missing" | "date_invalid" | "date_in_future" | "service_unknown" | "service_not_offered" | "centre_unknown" | "site_too_far" | "site_abroad" | "window_reversed" | "window_past" | "window_too_long" | "time_skipped" | "slot_taken" | "slot_unavailable" | "hold_unknown" | "visit_unknown" | "visit_finished" | "visit_action_invalid" | "visit_past_cutoff" | "visit_not_begun" | "visit_without_time" | "visit_category_missing" | "calendar_unreadable" | "calendar_too_large" | "calendar_missing" | "subscription_unknown" | "diagnosis_unknown" | "diagnosis_finished" | "consent_missing" | "person_unknown" | "customer_unknown" | "deputy_is_self" | "absences_overlap" | "font_missing" | "paper_failed" | "entry_unknown" | "import_encoding" | "import_unreadable" | "import_columns" | "import_too_large" | "import_refused" | "import_gone" | "cell_invalid" | "row_length" | "call_unknown" | "call_under_way" | "call_finished" | "dialer_missing" | "history_empty" | "history_columns" | "history_encoding" | "history_dates" | "history_too_large" | "history_gone" | "replay_cancelled" | "internal";

export type ComparedRow = { metric: Metric, priority: Priority, in_force: Tally, candidate: Tally, };

export type Conflict = {
/**
 * `status`, `priority`, `assignee`, `tags`, or the name of a custom field.
 */
field: string,
/**
 * What both sides started from.
 */
base: string, mine: string, theirs: string, };

export type Consent = {
/**
 * Who gave it.
 */
by: string, at: UtcMs,
/**
 * What they agreed to, in their words.
 */
words: string, };

export type Contact = { name: string, role: string, phone: string, email: string, };

export type CreatedTicket = { ticket: TicketId, operation: OperationId, };

export type CustomField = { name: string,
/**
 * The values to choose from; empty for free text.
 */
values: Array<string>, };

export type Customer = { name: string, vip: boolean, service_manager: string, deputy: string, city: string, languages: Array<string>, ticket_count: number, open_count: number, };

export type CustomerCard = { account: AccountId, account_name: string, remote_id: string, name: string, vip: boolean, city: string,
/**
 * BCP 47.
 */
languages: Array<string>,
/**
 * By name; empty where there is none.
 */
manager: string, deputy: string,
/**
 * What the provider says of the two; differs where a person said otherwise.
 */
provider_manager: string, provider_deputy: string,
/**
 * A person said who answers for this customer.
 */
overridden: boolean,
/**
 * Who answers for them now: the manager, or the deputy while the manager is away.
 */
acting: string, acting_why: ActingWhy,
/**
 * When the manager is back, while they are away.
 */
acting_until: UtcMs | null,
/**
 * Contact card of whoever acts, where there is one.
 */
acting_person: Person | null, tickets: number, open_tickets: number,
/**
 * Open tickets with a clock past its deadline.
 */
breached: number,
/**
 * Nearest deadline that is yet to come.
 */
next_deadline: UtcMs | null, };

export type CustomerDetail = { card: CustomerCard,
/**
 * The card of the manager, where there is one.
 */
manager: Person | null, deputy: Person | null,
/**
 * Work is owed on them; nearest deadline first.
 */
tickets: Array<HandoverTicket>,
/**
 * Open tickets beyond those listed.
 */
tickets_more: number,
/**
 * Of the coming 92 days, and those that nobody has answered yet.
 */
visits: Array<HandoverVisit>, calls: Array<HandoverCall>, };

export type DateOrder = "dmy" | "mdy";

export type DeliveryKind = "alert" | "escalation" | "test";

export type DeliveryState = "queued" | "sending" | "sent" | "failed" | "unknown" | "merged" | "withdrawn";

export type DeskEvent = { "event": "tickets_changed", ids: Array<TicketId>, many: boolean, } | { "event": "sync_changed", status: SyncStatus, } | { "event": "outbox_changed", waiting: number, rejected: number, } | { "event": "alert_raised", alert: Alert, } | { "event": "alerts_changed" } | { "event": "directory_changed" } | { "event": "robots_changed" } | { "event": "customers_changed" } | { "event": "notifier_changed" } | { "event": "diagnoses_changed", ticket: TicketId, } | { "event": "calendars_changed" } | { "event": "open_ticket", id: TicketId, } | { "event": "open_visit", key: string, } | { "event": "reminder_raised", reminder: ReminderView, } | { "event": "reminders_changed" } | { "event": "transfer_changed", ticket: TicketId, attachment: AttachmentId | null, operation: OperationId | null, done_bytes: number, total_bytes: number, } | { "event": "files_hover", over: boolean, } | { "event": "files_dropped", files: Array<FileRef>, problems: Array<FileProblem>, } | { "event": "replay_changed", done: number, total: number | null, } | { "event": "visits" } | { "event": "state_changed", state: AppState, };

export type DiagnosisDraft = {
/**
 * `None` for a new one.
 */
id: number | null, ticket: TicketId, title: string, start: UtcMs, end: UtcMs, time_zone: string, join_url: string, participants: Array<Participant>, consent: Consent | null, findings: string, reminders_min: Array<number>, };

export type DiagnosisSession = { id: number,
/**
 * What calendars know it by.
 */
uid: string, ticket: TicketId, ticket_remote_id: string, title: string, start: UtcMs, end: UtcMs,
/**
 * IANA name of the zone that it was agreed in.
 */
time_zone: string, join_url: string, participants: Array<Participant>, consent: Consent | null, findings: string, state: DiagnosisState,
/**
 * Why it was called off; empty while it was not.
 */
cancel_reason: string,
/**
 * As iCalendar's SEQUENCE.
 */
sequence: number,
/**
 * Minutes before the beginning at which the bell rings.
 */
reminders_min: Array<number>, updated_at: UtcMs, };

export type DiagnosisState = "planned" | "done" | "cancelled";

export type Directory = { lines: Array<LineEntry>, centres: Array<CentreEntry>,
/**
 * Entries that are shown and that nobody verified in the last 90 days.
 */
stale: number,
/**
 * Where the cities come from, to be named beside a map.
 */
attribution: string, };

export type DirectoryKind = "line" | "centre";

export type Draft = { body: string, visibility: Visibility,
/**
 * Files that go out with it.
 */
files: Array<FileRef>, updated_at: UtcMs, };

export type DryRun = {
/**
 * Unfinished tickets.
 */
looked_at: number,
/**
 * Clocks with another deadline or policy, new clocks, and clocks that would be gone.
 */
changed: number,
/**
 * Clocks that would be past their deadline at once, and are not now.
 */
newly_breached: number, no_longer_breached: number,
/**
 * Unfinished tickets that no policy of the new rules is for.
 */
without_policy: number,
/**
 * There are more than [`DRY_RUN_TICKETS_MAX`]; the newest were not looked at.
 */
truncated: boolean,
/**
 * Largest move first.
 */
examples: Array<DryRunLine>, };

export type DryRunLine = { ticket_id: TicketId, remote_id: string, subject: string, priority: Priority, metric: Metric,
/**
 * Id of the policy; empty where none sets a target.
 */
old_policy: string, new_policy: string, old_deadline: UtcMs | null, new_deadline: UtcMs | null,
/**
 * The new deadline lies past the last published holiday notice.
 */
provisional: boolean, };

export type Engineer = { id: string, name: string,
/**
 * Services, by their stable words.
 */
skills: Array<string>,
/**
 * BCP 47.
 */
languages: Array<string>, };

export type EntryOrigin = "provider" | "own" | "changed" | "shipped";

export type Evaluation = { solved: boolean, score: number, comment: string, };

export type ExplainedPause = { from: UtcMs,
/**
 * `None` while it lasts.
 */
to: UtcMs | null,
/**
 * Open milliseconds it took out; up to `now` while it lasts.
 */
open_ms: number, };

export type Explanation = { policy_id: string, policy_zh: string, policy_en: string, calendar_id: string,
/**
 * What people call the calendar; empty where only the calendar itself was at hand.
 */
calendar_zh: string, calendar_en: string,
/**
 * IANA name of the calendar's time zone.
 */
tz: string, metric: Metric, instance: number, target: Target,
/**
 * The target in open milliseconds; `None` when it is never used up.
 */
target_ms: number | null, started_at: UtcMs, deadline: UtcMs | null, provisional: boolean,
/**
 * Last date, `YYYY-MM-DD`, whose holidays are known; `None` when that is every date.
 */
known_until: string | null,
/**
 * Open time outside pauses from the start to the deadline (to the stop or `now` without one), the first
 * [`EXPLAINED_INTERVALS_MAX`] intervals. Intervals that touch at midnight are one.
 */
counted: Array<Interval>,
/**
 * How many intervals there are, listed or not.
 */
counted_total: number, pauses: Array<ExplainedPause>,
/**
 * Open milliseconds used by `now`, or by the stop.
 */
consumed_ms: number,
/**
 * Earlier targets, oldest first.
 */
superseded: Array<SupersededTarget>, state: ClockState, stopped_at: UtcMs | null, stopped_by: StopReason | null,
/**
 * Who stopped it, as the provider names them; empty where it does not say.
 */
stopped_who: string,
/**
 * The instants behind it are known to within this much, in milliseconds.
 */
uncertainty_ms: number,
/**
 * Of a visit clock: which visit.
 */
visit: string, };

export type Facets = { total: number, unfinished: number, breached: number, vip: number, by_status: Array<[Status, number]>, by_priority: Array<[Priority, number]>,
/**
 * The 30 most frequent, most frequent first.
 */
by_product: Array<[string, number]>, by_account: Array<[AccountId, number]>, };

export type Field<T> = { value: T, mirror: T, operation: OperationView | null, };

export type Figure = { metric: Metric, n: number,
/**
 * By nearest rank: the smallest length with at least half of the lengths at or below it.
 */
median_ms: number, p90_ms: number,
/**
 * Stopped at or before the deadline.
 */
met: number, };

export type Figures = {
/**
 * Of metrics with at least one stopped clock.
 */
measured: Array<Figure>,
/**
 * Share of all stopped clocks that stopped in time; `None` where none did.
 */
met_share: number | null, met_n: number, since: UtcMs, };

export type FileFormat = "json" | "csv";

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

export type FoundCalendar = {
/**
 * Path on the server.
 */
href: string, name: string, };

export type FoundPlace = { name_zh: string, name_en: string,
/**
 * Without spaces: `chongqing`.
 */
pinyin: string,
/**
 * Degrees north.
 */
latitude: number,
/**
 * Degrees east.
 */
longitude: number, };

export type Handover = {
/**
 * In the desk's language.
 */
title: string, made_at: UtcMs, from: UtcMs, to: UtcMs,
/**
 * IANA zone of the times when printed.
 */
tz: string,
/**
 * Cards of those who are named in it.
 */
people: Array<Person>,
/**
 * Those with something open, the most urgent first.
 */
customers: Array<HandoverCustomer>,
/**
 * Customers of the question with nothing open.
 */
quiet: number,
/**
 * Customers with something open beyond those listed.
 */
more: number, };

export type HandoverCall = { id: number, ticket_remote_id: string, line_name: string, number: string, started_at: UtcMs, ended_at: UtcMs | null,
/**
 * `None` while it is under way.
 */
outcome: CallOutcome | null, agent: string, case_number: string, note: string, };

export type HandoverClock = { metric: Metric, instance: number, state: ClockState, deadline_at: UtcMs | null, paused_since: UtcMs | null, provisional: boolean, };

export type HandoverCustomer = { card: CustomerCard,
/**
 * Work is owed on them; nearest deadline first.
 */
tickets: Array<HandoverTicket>,
/**
 * Open tickets beyond those listed.
 */
tickets_more: number,
/**
 * In the time of the brief, and those that nobody has answered yet.
 */
visits: Array<HandoverVisit>,
/**
 * Of the two weeks before the brief was made, newest first.
 */
calls: Array<HandoverCall>, };

export type HandoverNote = { author: string, role: Role, at: UtcMs,
/**
 * Shortened.
 */
text: string, };

export type HandoverPromise = {
/**
 * As it was written.
 */
text: string,
/**
 * When it was written.
 */
at: UtcMs, author: string,
/**
 * `key` of the note that it is quoted from.
 */
note: string,
/**
 * The end of the time that was named; null where it cannot be told.
 */
due: UtcMs | null, };

export type HandoverTicket = { id: TicketId, remote_id: string, subject: string, status: Status, priority: Priority, product: string, assignee: string, created_at: UtcMs,
/**
 * Those that run or stand still.
 */
clocks: Array<HandoverClock>, last_note: HandoverNote | null,
/**
 * By the time that was named, those without one last.
 */
promises: Array<HandoverPromise>,
/**
 * Edits of this desk that have not arrived at the server.
 */
pending: number, };

export type HandoverVisit = { key: string, ticket: TicketId | null, ticket_remote_id: string, service: Service, state: VisitState,
/**
 * Of its slot; null without one.
 */
start: UtcMs | null, end: UtcMs | null,
/**
 * IANA zone of the centre, or of the desk where it is not known.
 */
tz: string, site: string, centre_zh: string, centre_en: string, engineer: string, contact: string, contact_phone: string, };

export type Happening = { "what": "created" } | { "what": "status", from: Status | null, to: Status, } | { "what": "reopened", to: Status, } | { "what": "replied", by: Role, } | { "what": "priority", from: Priority | null, to: Priority, } | { "what": "merged", into: string, } | { "what": "absorbed", created_at: UtcMs, } | { "what": "deleted" } | { "what": "visit_requested", visit: string, } | { "what": "visit_done", visit: string, } | { "what": "visit_cancelled", visit: string, };

export type History = { entries: Array<HistoryEntry>,
/**
 * Older ones that are not listed.
 */
more: number, };

export type HistoryEntry = { at: UtcMs,
/**
 * It happened within this many milliseconds of `at`; zero where the provider told the instant.
 */
uncertainty_ms: number,
/**
 * As the provider names them; empty where it does not say.
 */
actor: string, happening: Happening, };

export type HistoryFormat = "incident_log" | "tickets";

export type HistoryProblem = { line: number, kind: ProblemKind,
/**
 * What stood there, cut short.
 */
text: string, };

export type Horizon = { from: UtcMs, to: UtcMs, ticks: Array<Tick>,
/**
 * All deadlines within it.
 */
total: number, closed: Array<Interval>,
/**
 * Whose hours are shaded; `None` without rules.
 */
calendar: CalendarName | null, };

export type ImportPlan = { token: string, kind: DirectoryKind, file_name: string, added: number, changed: number, same: number,
/**
 * Above 0 nothing can be taken.
 */
refused: number, rows: Array<ImportRow>, };

export type ImportRow = {
/**
 * Line of a CSV file on which the row begins, the column names being line 1; place in the list of a JSON file.
 */
line_number: number, name: string, what: ImportWhat,
/**
 * `field` is the column.
 */
problems: Array<Problem>, };

export type ImportWhat = "added" | "changed" | "same" | "refused";

export type ImportedHolidays = {
/**
 * Ascending; at least one.
 */
years: Array<ImportedYear>,
/**
 * Where the file says that it has them from; empty where it does not say.
 */
source: string, };

export type ImportedYear = { year: number, off: Array<[string, string]>, makeup: Array<[string, string]>, };

export type Interval = { from: UtcMs, to: UtcMs, };

export type IvrStep = {
/**
 * What to press; empty where the source names the choice and no key.
 */
key: string, label_zh: string, label_en: string, };

export type Keep = "mine" | "theirs";

export type KeyKeeper = "keyring" | "vault" | "vault_needed";

export type KnownSite = { site: Site, contact: Contact, asset: string, };

export type Lane = "breached" | "minutes" | "hour" | "today" | "later";

export type Language = "zh-CN" | "en";

export type LateTicket = { key: string, id: TicketId | null,
/**
 * Empty where it is not known.
 */
subject: string, metric: Metric, instance: number, priority: Priority, policy_id: string, started_at: UtcMs, deadline: UtcMs | null,
/**
 * `None` when it still ran at the end of the history.
 */
stopped_at: UtcMs | null, late_ms: number, };

export type LeftOut = { operation: OperationId, name: OperationName, sent_at: UtcMs,
/**
 * What did not stick, in the provider's words.
 */
detail: string, };

export type LineContract = "any" | "enterprise";

export type LineEntry = {
/**
 * `own:ID`, `account:remote id`, `shipped:id`.
 */
key: string, origin: EntryOrigin, account: AccountId | null, line: PhoneLine,
/**
 * What the provider has now, where a change lies over it.
 */
provider: PhoneLine | null, hidden: boolean,
/**
 * Nobody verified it in the last 90 days.
 */
stale: boolean,
/**
 * The provider changed its entry since it was changed here.
 */
provider_changed: boolean,
/**
 * The provider no longer carries it; the person's words are kept.
 */
provider_gone: boolean,
/**
 * Fields that both changed, differently: the person's stand.
 */
conflicts: Array<string>, opening: OpenState, opens_at: UtcMs | null, closes_at: UtcMs | null, problems: Array<Problem>, };

export type LiveSession = { subscription: number, subscription_name: string,
/**
 * With its start it names the session.
 */
uid: string, title: string, start: UtcMs, end: UtcMs, url: string, place: string,
/**
 * Minutes before it at which the bell rings.
 */
reminders: Array<number>, };

export type MatchKind = "vip" | "not_vip" | "priority" | "account" | "customer" | "product" | "tag";

export type Metric = "first_response" | "next_response" | "first_resolution" | "resolution" | "visit";

export type MetricRow = { metric: Metric, tally: Tally, };

export type MonthAlerts = {
/**
 * `YYYY-MM`.
 */
month: string, alerts: number, };

export type MonthPreview = {
/**
 * Empty when there are problems, or the month is none that is computed.
 */
days: Array<PreviewDay>,
/**
 * Places are relative to the calendar: `hours.mon[0]`.
 */
problems: Array<RuleProblem>, };

export type MonthRow = {
/**
 * `YYYY-MM`.
 */
month: string, tally: Tally, metrics: Array<MetricRow>, priorities: Array<PriorityRow>, };

export type NamedCalendar = { name_zh: string, name_en: string, calendar: Calendar, };

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

export type NoSlot = { code: NoSlotCode, args: { [key in string]: string }, };

export type NoSlotCode = "window_reversed" | "window_past" | "service_not_offered" | "no_skill" | "no_language" | "abroad" | "too_far" | "hours_unknown" | "hours_invalid" | "rules_invalid" | "notice" | "horizon" | "closed" | "full";

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
server: string,
/**
 * Buttons can be pressed on it.
 */
actions: boolean,
/**
 * It reads markup in the body.
 */
body_markup: boolean,
/**
 * What was not seen stays in a list of its own.
 */
persistence: boolean,
/**
 * It plays the sound that a notification names.
 */
sound: boolean,
/**
 * When it was asked.
 */
checked_at: UtcMs,
/**
 * Why not, when not available.
 */
reason: Code | null, };

export type OpenState = "open" | "closed" | "unknown";

export type OpenWarning = "executable";

export type OpenedFile = { opened: boolean, warn: OpenWarning | null, };

export type OperationId = number;

export type OperationKind = { "kind": "create_ticket", ticket: NewTicket, } | { "kind": "reply", body: string, visibility: Visibility, files: Array<FileRef>,
/**
 * Public notes of others that the person had seen when writing; `None` where it was not counted.
 */
seen_notes: number | null, } | { "kind": "set_status", from: Status, to: Status, } | { "kind": "set_priority", from: Priority, to: Priority, } | { "kind": "set_assignee", from: string, to: string, } | { "kind": "set_tags", from: Array<string>, to: Array<string>, } | { "kind": "set_custom_field", field: string, from: string, to: string, } | { "kind": "close", from: Status, } | { "kind": "reopen", from: Status, body: string, } | { "kind": "evaluate", solved: boolean, score: number, comment: string, } | { "kind": "attach", file: FileRef, visibility: Visibility, } | { "kind": "request_visit", visit: string, request: VisitRequest, booking: VisitBooking, } | { "kind": "change_visit", visit: string, change: VisitChange,
/**
 * The visit as the person saw it; `None`: the server's version alone decides.
 */
seen: VisitSeen | null, };

export type OperationName = "create_ticket" | "reply" | "set_status" | "set_priority" | "set_assignee" | "set_tags" | "set_custom_field" | "close" | "reopen" | "evaluate" | "attach" | "request_visit" | "change_visit";

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

export type Participant = { name: string,
/**
 * May be empty; without it no invitation can name them.
 */
email: string, role: string, };

export type Person = {
/**
 * 0 for one that is to be added.
 */
id: number,
/**
 * As the providers write it: what a customer's manager is found by. One card a name.
 */
name: string, role: string, phone: string, email: string,
/**
 * Where they are reached in a messenger, as a person would type it.
 */
im: string,
/**
 * BCP 47.
 */
languages: Array<string>, note: string, absences: Array<Absence>, };

export type Phase = "locked" | "welcome" | "ready" | "failed";

export type PhoneLine = { remote_id: string,
/**
 * 1 standard, 2 technical experts, 3 enterprise.
 */
tier: number, name_zh: string, name_en: string, number: string, purpose_zh: string, purpose_en: string,
/**
 * BCP 47: `zh-CN`, `en`.
 */
languages: Array<string>,
/**
 * `7x24`, or weekly hours in words.
 */
hours: string, ivr_zh: string, ivr_en: string, source: string,
/**
 * ISO date.
 */
verified_on: string,
/**
 * Whose line it is; empty where it was never said.
 */
vendor: string,
/**
 * When somebody answers. `None`: always where `hours` says `7x24`, else unknown.
 */
calendar: CalendarSpec | null, ivr_path: Array<IvrStep>, checklist: Array<ChecklistItem>,
/**
 * BCP 47, as `languages`: `yue` Cantonese, `nan` Southern Min.
 */
dialects: Array<string>, contract: LineContract,
/**
 * The line to call when a service is down.
 */
for_outage: boolean, };

export type PickedFiles = { files: Array<FileRef>, problems: Array<FileProblem>, };

export type PickedHistory = {
/**
 * Names the file in `replay_run`; valid until Deskbell ends.
 */
token: string, name: string, format: HistoryFormat, rows: number, tickets: number,
/**
 * The last event.
 */
until: UtcMs | null,
/**
 * Dates without a zone stand in it, so that one has to be chosen.
 */
needs_zone: boolean,
/**
 * As told from the dates; `None` where they can be read in two ways and a person has to say.
 */
dates: DateOrder | null,
/**
 * There are dates in which the order of day and month matters.
 */
dates_matter: boolean, problems: Array<HistoryProblem>, problems_total: number, };

export type Policy = { id: string, name_zh: string, name_en: string,
/**
 * `Some(true)` only VIP customers, `Some(false)` only others, `None` both.
 */
vip: boolean | null,
/**
 * Only tickets of these priorities; empty means every priority.
 */
priorities: Array<Priority>,
/**
 * Only tickets of these connections; empty means every one. So with the three lists below.
 */
accounts: Array<AccountId>,
/**
 * Names of customers.
 */
customers: Array<string>,
/**
 * Products or queues, as providers name them.
 */
products: Array<string>,
/**
 * Tickets with at least one of these tags.
 */
tags: Array<string>,
/**
 * Key of the calendar in the rules.
 */
calendar_id: string,
/**
 * Calendar of the visit clocks; `None` takes `calendar_id`.
 */
visit_calendar_id: string | null, targets: Array<PriorityTargets>, pause_statuses: Array<Status>, reopen: ReopenRule, thresholds: Array<Threshold>, };

export type PolicyMatch = { kind: MatchKind,
/**
 * What the ticket has of it; empty for VIP and for no VIP.
 */
value: string, };

export type PolicyRow = { policy_id: string, name_zh: string, name_en: string, tally: Tally, };

export type Preview = { "kind": "image", mime: string, base64: string, } | { "kind": "text", text: string,
/**
 * There is more than is shown.
 */
truncated: boolean, } | { "kind": "none" };

export type PreviewDay = {
/**
 * `YYYY-MM-DD`.
 */
date: string, kind: PreviewDayKind,
/**
 * What the holiday or make-up workday is called; empty for none.
 */
name: string,
/**
 * When it is open, breaks taken out.
 */
spans: Array<[string, string]>,
/**
 * Real open milliseconds: on the night of a clock change not what the spans look like.
 */
open_ms: number,
/**
 * Its holidays are not published yet.
 */
provisional: boolean, };

export type PreviewDayKind = "holiday" | "shift" | "break" | "weekly" | "closed";

export type PreviewKind = "image" | "text" | "none";

export type Priority = "urgent" | "important" | "routine";

export type PriorityRow = { priority: Priority, tally: Tally, };

export type PriorityTargets = { priority: Priority, first_response: Target | null, next_response: Target | null, first_resolution: Target | null, resolution: Target | null, visit: Target | null, };

export type Problem = {
/**
 * Where: `number`, `calendar`, `engineers[2].name`.
 */
field: string, code: Code,
/**
 * For the text of the code.
 */
args: { [key in string]: string }, };

export type ProblemKind = "field_count" | "number_missing" | "date_missing" | "date_unreadable" | "state_unknown" | "priority_unknown" | "not_a_ticket" | "line_too_long";

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

export type QuietHours = {
/**
 * Minute of the local day, 0..1440.
 */
from_minute: number,
/**
 * Not above `from_minute`: the next day. Equal: the whole day round.
 */
to_minute: number,
/**
 * Weekdays on which it begins, 1 Monday to 7 Sunday; empty means every day.
 */
days: Array<number>, };

export type Reason = { code: ReasonCode, args: { [key in string]: string }, };

export type ReasonCode = "outage" | "enterprise_contract" | "vip" | "urgent" | "product" | "standard" | "language" | "dialect" | "open_alternative" | "closed" | "hours_unknown" | "language_missing" | "enterprise_only" | "nothing_fits";

export type Recommended = { recommendations: Array<RecommendedLine>,
/**
 * What the lines were chosen by: as given, or read from the ticket.
 */
facts: CallFacts,
/**
 * Null without a ticket.
 */
sheet: CallSheet | null, };

export type RecommendedLine = { entry: LineEntry, reasons: Array<Reason>,
/**
 * False when the customer is not served there, or not understood.
 */
fits: boolean, open: OpenState, opens_at: UtcMs | null, };

export type ReminderKind = "visit" | "diagnosis" | "live";

export type ReminderView = {
/**
 * Nobody has dealt with it, and it is not over.
 */
open: boolean, id: number, kind: ReminderKind,
/**
 * Key of the visit, uid of the session.
 */
subject: string, start_at: UtcMs, end_at: UtcMs,
/**
 * Minutes before the start; 0: the appointment was just given.
 */
lead_min: number, ticket_id: TicketId | null, about: About, raised_at: UtcMs, shown_at: UtcMs | null, acknowledged_at: UtcMs | null, snoozed_until: UtcMs | null,
/**
 * Kept back until then: quiet hours, do-not-disturb.
 */
held_until: UtcMs | null,
/**
 * What it reminds of moved, was called off or is over.
 */
ended_at: UtcMs | null, };

export type ReopenRule = "continue" | "reset";

export type ReplayAnswer = { candidate: ReplayReport,
/**
 * The same history under the rules in force; `None` when those are the candidate.
 */
in_force: ReplayReport | null, comparison: Array<ComparedRow>, assumptions: Array<ReplayNote>,
/**
 * Rows that were not used, the first [`PROBLEMS_LISTED_MAX`].
 */
problems: Array<HistoryProblem>, problems_total: number,
/**
 * Milliseconds that it took.
 */
took_ms: number, };

export type ReplayNote = { kind: ReplayNoteKind, args: { [key in string]: string }, };

export type ReplayNoteKind = "time_zone" | "date_order" | "history_end" | "opened_at" | "first_response" | "no_replies" | "states" | "priorities" | "hidden_reopenings" | "resolved_column" | "before_opening" | "priority_kept" | "traits" | "gbk" | "last_status_only" | "present_traits";

export type ReplayReport = { tickets: number, events: number,
/**
 * Tickets that no policy applies to.
 */
without_policy: number,
/**
 * Tickets without a single clock: no policy, no target for the priority, or no creation.
 */
without_clock: number,
/**
 * The first event.
 */
from: UtcMs | null,
/**
 * The last event.
 */
last_event: UtcMs | null,
/**
 * Where the history ends: open clocks are judged as of then.
 */
until: UtcMs, total: Tally, rows: Array<ReplayRow>, by_metric: Array<MetricRow>, by_priority: Array<PriorityRow>, by_month: Array<MonthRow>, by_policy: Array<PolicyRow>, alerts: AlertLoad,
/**
 * The latest first, at most [`super::WORST_MAX`].
 */
worst: Array<LateTicket>, };

export type ReplayRow = { metric: Metric, priority: Priority, tally: Tally, };

export type ReplaySource = { "kind": "store" } | { "kind": "file", token: string,
/**
 * IANA name of the zone of its dates; absent, that of the candidate's office hours.
 */
tz: string | null,
/**
 * Whether `03-04-2026` is in April or in March; absent, told from the file.
 */
dates: DateOrder | null, };

export type Ring = "ring" | "list" | "off";

export type Robot = { id: RobotId, kind: RobotKind, name: string,
/**
 * Host and the last characters of the address.
 */
address_hint: string,
/**
 * A signing secret is kept.
 */
signed: boolean, enabled: boolean, rules: Array<RobotRule>, created_at: UtcMs,
/**
 * Messages that wait.
 */
waiting: number,
/**
 * Nothing goes out before, because of `code`.
 */
held_until: UtcMs | null,
/**
 * What keeps the robot from speaking; `None` when nothing does.
 */
code: Code | null, };

export type RobotDelivery = { id: number, robot_id: RobotId, kind: DeliveryKind, alert_ids: number[], mention: Array<string>, title: string, body: string, created_at: UtcMs, state: DeliveryState, attempts: number,
/**
 * Attempts of which nobody knows whether they arrived: one that was sent with a doubt before it may be there twice.
 */
doubts: number,
/**
 * The next try, while it waits.
 */
not_before: UtcMs, code: Code | null,
/**
 * The platform's own answer.
 */
detail: string,
/**
 * The message that took its content along.
 */
merged_into: number | null, sent_at: UtcMs | null, };

export type RobotDraft = { id: RobotId | null, kind: RobotKind, name: string,
/**
 * The webhook's address; `None` leaves it as it is.
 */
address: string | null,
/**
 * The signing secret; empty for none, `None` leaves it as it is.
 */
secret: string | null, enabled: boolean, rules: Array<RobotRule>, };

export type RobotId = number;

export type RobotKind = "dingtalk" | "wecom" | "feishu";

export type RobotRule = { id: string, name: string, filter: TicketFilter,
/**
 * Tells thresholds as they are reached.
 */
alerts: boolean,
/**
 * Of those, only these; empty means every one.
 */
thresholds: Array<Threshold>,
/**
 * Tells alerts that nobody acknowledged in time.
 */
escalations: boolean,
/**
 * Mobile numbers, user ids of the platform, or [`EVERYBODY`].
 */
mention: Array<string>, quiet: QuietHours | null,
/**
 * Urgent tickets are told in quiet hours too.
 */
quiet_urgent: boolean, };

export type Role = "customer" | "agent" | "system";

export type RowClock = { metric: Metric, deadline_at: UtcMs | null, paused: boolean, provisional: boolean, };

export type RuleFault = "no_policies" | "too_many" | "id_missing" | "id_twice" | "name_missing" | "calendar_unknown" | "calendar_never_open" | "priority_twice" | "target_zero" | "target_too_long" | "percent_invalid" | "time_left_invalid" | "time_zone_unknown" | "time_invalid" | "span_reversed" | "spans_overlap" | "date_invalid";

export type RuleProblem = {
/**
 * `policies[1].targets[urgent].resolution`, `calendars.business_cn.hours.mon[0]`.
 */
place: string, code: RuleFault,
/**
 * What the text names: `text` as typed, `most`.
 */
args: { [key in string]: string }, };

export type RuleSet = {
/**
 * Clocks that start at or after this are counted by it, up to the next set's; `None` for since ever.
 */
from: UtcMs | null, policies: Array<Policy>, calendars: { [key in string]: NamedCalendar }, };

export type RulesView = {
/**
 * Ascending.
 */
sets: Array<RuleSet>,
/**
 * Index of the set in force now.
 */
current: number,
/**
 * Nobody has changed what Deskbell ships.
 */
shipped: boolean, };

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

export type Service = "hardware_inspection" | "network_stress_test" | "security_hardening";

export type ServiceCentre = { remote_id: string, city_zh: string, city_en: string,
/**
 * Degrees north.
 */
latitude: number,
/**
 * Degrees east.
 */
longitude: number, hours: string,
/**
 * By their stable words; see [`crate::scheduling::Service`].
 */
services: Array<string>, source: string,
/**
 * ISO date.
 */
verified_on: string,
/**
 * When engineers are out. `None`: always where `hours` says `7x24`, else unknown and nothing can be booked.
 */
calendar: CalendarSpec | null, address: string,
/**
 * ISO 3166-1 alpha-2; empty where it was never said.
 */
country: string, contacts: Array<Contact>, engineers: Array<Engineer>, rules: SlotRules, };

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

export type SignOff = {
/**
 * Who signed, typed.
 */
name: string, at: UtcMs,
/**
 * What was drawn, as the `d` of an SVG path; `None` where the name was typed only.
 */
drawing: string | null, };

export type Site = { name: string, address: string, city: string,
/**
 * Degrees north; `None` where nobody knows, and then no distance is checked.
 */
latitude: number | null,
/**
 * Degrees east.
 */
longitude: number | null,
/**
 * ISO 3166-1 alpha-2; empty where it was never said.
 */
country: string, };

export type Slot = { centre_id: string, start: UtcMs, end: UtcMs,
/**
 * Who could come, in the centre's order.
 */
engineer_ids: Array<string>,
/**
 * How many visits fit in still.
 */
free: number, };

export type SlotAnswer = { slots: Array<Slot>,
/**
 * Empty when there are slots.
 */
why_none: Array<NoSlot>,
/**
 * More than [`SLOTS_MAX`]: ask from a later time on.
 */
truncated: boolean, };

export type SlotRules = {
/**
 * Length of a visit.
 */
slot_minutes: number,
/**
 * Most visits of the centre at one time.
 */
capacity: number,
/**
 * The way there: the engineer is taken so long before.
 */
buffer_before_min: number,
/**
 * The way back.
 */
buffer_after_min: number,
/**
 * A visit begins no earlier than so long after it is asked for.
 */
notice_min: number,
/**
 * A visit begins no later than so many times 24 hours after it is asked for.
 */
horizon_days: number,
/**
 * Farthest site, as the crow flies.
 */
travel_radius_km: number,
/**
 * A visit is moved or cancelled no later than so long before it begins.
 */
cancel_cutoff_min: number, };

export type SlotSource = "server" | "estimate";

export type SnippetPart = { text: string, hit: boolean, };

export type Status = "new" | "open" | "waiting_customer" | "waiting_vendor" | "resolved" | "closed";

export type StopReason = "replied" | "resolved" | "closed" | "closed_unanswered" | "merged" | "deleted" | "visit_done" | "visit_cancelled";

export type Subscription = { id: number, name: string,
/**
 * Where it is read; empty for one from a file, and for ours.
 */
url: string,
/**
 * It came with Deskbell.
 */
shipped: boolean, enabled: boolean,
/**
 * Minutes before a session at which the bell rings.
 */
reminders: Array<number>, fetched_at: UtcMs | null,
/**
 * Why the last try to read it failed; what was read before stays.
 */
code: Code | null,
/**
 * When its next session begins, within a year.
 */
next_at: UtcMs | null, };

export type SubscriptionDraft = {
/**
 * `None` for a new one, which needs an address; one from a file comes by `subscription_pick`.
 */
id: number | null,
/**
 * Empty: as the calendar calls itself.
 */
name: string, url: string, enabled: boolean, reminders: Array<number>, };

export type SupersededTarget = { until: UtcMs, target: Target, };

export type SyncStatus = { online: boolean, work_offline: boolean, accounts: Array<AccountState>, waiting: number, rejected: number, last_synced_at: UtcMs | null, };

export type Tally = { clocks: number, met: number,
/**
 * Stopped after the deadline, or past it at the end of the history.
 */
breached: number,
/**
 * Of those, how many had not stopped at the end of the history.
 */
breached_open: number, still_open: number, cancelled: number,
/**
 * Alerts that would have rung.
 */
alerts: number,
/**
 * Half of the breached were no later than this, in milliseconds, to within 1 %; `None` without any.
 */
late_p50_ms: number | null,
/**
 * As `late_p50_ms`, nine of ten.
 */
late_p90_ms: number | null,
/**
 * The latest, exactly.
 */
late_max_ms: number | null, };

export type Target = { value: number, unit: TargetUnit, };

export type TargetUnit = "second" | "minute" | "hour" | "business_day";

export type Theme = "system" | "light" | "dark";

export type Threshold = { "kind": "share", percent: number, } | { "kind": "time_left", seconds: number, } | { "kind": "breach" };

export type ThresholdRow = { threshold: Threshold, alerts: number, };

export type Tick = { at: UtcMs,
/**
 * Of the last of them; equal to `at` for a single one.
 */
to: UtcMs, by_priority: Array<[Priority, number]>,
/**
 * The soonest of them, at most three.
 */
clocks: Array<WatchCard>, };

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
public_notes: number, notes_complete: boolean, clocks: Array<ClockView>, history: History,
/**
 * Edits that were sent and of which the server kept a part only, newest first.
 */
left_out: Array<LeftOut>, draft: Draft | null, line: PhoneLine | null,
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

export type Unread = { at: UtcMs, author: string,
/**
 * Its beginning.
 */
excerpt: string,
/**
 * What was understood of it, where something was and it could not be taken over as it is.
 */
hint: VisitAnswer | null, };

export type UtcMs = number;

export type ViewRule = { id: string, name: string, filter: TicketFilter, ring: Ring, sound: boolean,
/**
 * Only these; empty means every threshold of the policy.
 */
thresholds: Array<Threshold>, };

export type Visibility = "public" | "internal";

export type Visit = { id: string, ticket_remote_id: string, service: Service, site: Site, contact: Contact, asset: string, note: string,
/**
 * When it suits the customer.
 */
window: Window | null,
/**
 * Empty while no centre was chosen.
 */
centre_id: string,
/**
 * `None` until it is confirmed. Its `engineer_ids` holds the one who comes, and `free` is 0.
 */
slot: Slot | null, engineer_id: string | null, state: VisitState, requested_at: UtcMs, history: Array<VisitEvent>, checklist: Array<CheckItem>, findings: string, sign_off: SignOff | null,
/**
 * Grows when it moves or is called off, as iCalendar's SEQUENCE (RFC 5546, 2.1.4).
 */
sequence: number,
/**
 * Opaque; what a change says that it was made on. Empty for one that its server has not seen.
 */
version: string, };

export type VisitAction = "confirm" | "decline" | "reschedule" | "cancel" | "complete" | "waitlist" | "edit";

export type VisitAnswer = {
/**
 * Confirmed, declined, cancelled, done or waitlisted.
 */
state: VisitState, start: UtcMs | null, end: UtcMs | null,
/**
 * Name of whoever comes; may be empty.
 */
engineer: string, reason: string, };

export type VisitBooking = { hold_id: string | null,
/**
 * Needs a centre in the request.
 */
start: UtcMs | null, engineer_id: string | null,
/**
 * BCP 47.
 */
languages: Array<string>,
/**
 * Where nothing is free: wait for a slot instead of a refusal.
 */
waitlist: boolean, };

export type VisitChange = {
/**
 * `None` changes words only.
 */
action?: VisitAction, centre_id?: string, start?: UtcMs, hold_id?: string, engineer_id?: string, reason: string, contact?: Contact, asset?: string, note?: string, checklist?: Array<CheckItem>, findings?: string, sign_off?: SignOff, };

export type VisitEvent = { at: UtcMs, kind: VisitEventKind,
/**
 * Who did it, as the server names them; may be empty.
 */
actor: string,
/**
 * The reason given, or empty.
 */
detail: string,
/**
 * When the visit was to begin, after a confirmation or a move.
 */
start: UtcMs | null, };

export type VisitEventKind = "requested" | "waitlisted" | "confirmed" | "declined" | "rescheduled" | "cancelled" | "done" | "edited";

export type VisitList = {
/**
 * Those that overlap it, by start, and behind them all that have no slot and are not at their end.
 */
visits: Array<VisitView>,
/**
 * When the account that was asked longest ago was asked last; `None` while none ever was.
 */
as_of: UtcMs | null, };

export type VisitRefusal = {
/**
 * `slot_taken`, `visit_past_cutoff`, `window_past`…; the server's own word where this version has none is `refused`.
 */
code: Code,
/**
 * For logs: host, HTTP status and the server's word.
 */
detail: string,
/**
 * For the text of the code; instants as RFC 3339.
 */
args: { [key in string]: string },
/**
 * Why there is no slot.
 */
reasons: Array<NoSlot>,
/**
 * Free slots nearest to what was asked for.
 */
alternatives: Array<Slot>, };

export type VisitRequest = { ticket_remote_id: string, service: Service, site: Site, contact: Contact,
/**
 * What is to be looked at: asset tags, serial numbers.
 */
asset: string,
/**
 * When it suits.
 */
window: Window,
/**
 * Which centre; `None` leaves it to the server.
 */
centre: string | null, note: string, };

export type VisitSeen = { state: VisitState,
/**
 * When its slot begins; `None` without one.
 */
start: UtcMs | null, centre_id: string, };

export type VisitSlots = { centres: Array<CentreSlots>, source: SlotSource,
/**
 * Of an estimate when the account was synced last; `None` when never.
 */
as_of: UtcMs | null, };

export type VisitState = "requested" | "waitlisted" | "confirmed" | "declined" | "cancelled" | "done";

export type VisitView = { key: string, account: AccountId,
/**
 * `None` while its ticket is not here.
 */
ticket: TicketId | null, ticket_remote_id: string, ticket_subject: string, customer: string,
/**
 * With what waits in the outbox laid over it. Its `id` is empty while the server has not seen it.
 */
visit: Visit,
/**
 * What waits or was refused, oldest first.
 */
pending: Array<OperationView>,
/**
 * The server's no to something that still stands in the outbox, with what is free instead.
 */
refusal: VisitRefusal | null,
/**
 * As the directory has it; `None` while no centre was chosen or none of this id is known.
 */
centre: ServiceCentre | null,
/**
 * Empty while nobody was chosen.
 */
engineer_name: string,
/**
 * Of the visit's own target: until when it has to have taken place, and in which hours that is counted.
 */
clock: ClockView | null,
/**
 * The ticket that carries it, where the server has no visits.
 */
carrier: TicketId | null, photos: Array<FileRef>,
/**
 * What can be done to it now.
 */
can: Array<VisitAction>,
/**
 * The last moment to move it or to call it off; `None` without a slot or a centre.
 */
cutoff_at: UtcMs | null, };

export type WallTime = { "kind": "once", at: UtcMs, } | { "kind": "skipped", next: UtcMs, } | { "kind": "twice", first: UtcMs, second: UtcMs, };

export type Watch = { now: UtcMs,
/**
 * Where "today" ends.
 */
midnight: UtcMs, next_deadline: UtcMs | null, unfinished: number,
/**
 * Clocks that stand still in one of the statuses that their policy names.
 */
paused: number, lanes: Array<WatchLane>, figures: Figures, horizon: Horizon, };

export type WatchCard = { ticket_id: TicketId, remote_id: string, subject: string, customer: string, vip: boolean, priority: Priority, metric: Metric, instance: number, started_at: UtcMs, deadline_at: UtcMs, provisional: boolean,
/**
 * The deadline is known to within this much, in milliseconds.
 */
uncertainty_ms: number,
/**
 * Of the policy that counts it.
 */
policy_id: string, };

export type WatchLane = { lane: Lane, total: number, cards: Array<WatchCard>, };

export type WeeklyHours = { mon?: Array<[string, string]>, tue?: Array<[string, string]>, wed?: Array<[string, string]>, thu?: Array<[string, string]>, fri?: Array<[string, string]>, sat?: Array<[string, string]>, sun?: Array<[string, string]>, };

export type Window = { from: UtcMs, to: UtcMs, };

export type CommandMap = {
  app_state: { args: Record<symbol, never>; result: AppState };
  vault_create: { args: { passphrase: string, }; result: AppState };
  vault_unlock: { args: { passphrase: string, }; result: AppState };
  settings_put: { args: { settings: Settings, }; result: Settings };
  sync_status: { args: Record<symbol, never>; result: SyncStatus };
  sync_now: { args: { account: AccountId | null, }; result: null };
  notification_support: { args: Record<symbol, never>; result: NotificationSupport };
  notification_test: { args: Record<symbol, never>; result: null };
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
  replay_pick: { args: Record<symbol, never>; result: PickedHistory | null };
  replay_run: { args: { source: ReplaySource, set: RuleSet | null, }; result: ReplayAnswer };
  replay_cancel: { args: Record<symbol, never>; result: null };
  replay_export: { args: Record<symbol, never>; result: string | null };
  alerts: { args: { limit: number, open_only: boolean | null, }; result: Array<Alert> };
  alert_acknowledge: { args: { id: number, }; result: null };
  alerts_acknowledge: { args: { ids: Array<number>, }; result: number };
  alert_snooze: { args: { id: number, minutes: number, }; result: null };
  robots: { args: Record<symbol, never>; result: Array<Robot> };
  robot_put: { args: { robot: RobotDraft, }; result: Robot };
  robot_remove: { args: { id: RobotId, }; result: null };
  robot_test: { args: { id: RobotId, }; result: RobotDelivery };
  robot_deliveries: { args: { robot: RobotId | null, limit: number, }; result: Array<RobotDelivery> };
  robot_delivery_retry: { args: { id: number, }; result: null };
  bell_get: { args: Record<symbol, never>; result: BellView };
  bell_put: { args: { settings: BellSettings, }; result: BellView };
  dnd: { args: { minutes: number | null, }; result: BellView };
  rules_get: { args: Record<symbol, never>; result: RulesView };
  rules_check: { args: { set: RuleSet, }; result: Array<RuleProblem> };
  rules_dry_run: { args: { set: RuleSet, from: UtcMs | null, backwards: boolean, }; result: DryRun };
  rules_put: { args: { set: RuleSet, from: UtcMs | null, backwards: boolean, }; result: RulesView };
  calendar_preview: { args: { calendar: CalendarSpec, year: number, month: number, }; result: MonthPreview };
  holidays_import: { args: { text: string, }; result: ImportedHolidays };
  rules_draft: { args: Record<symbol, never>; result: string | null };
  rules_draft_put: { args: { draft: string | null, }; result: null };
  directory: { args: Record<symbol, never>; result: Directory };
  line_check: { args: { line: PhoneLine, }; result: Array<Problem> };
  centre_check: { args: { centre: ServiceCentre, }; result: Array<Problem> };
  line_put: { args: { key: string | null, line: PhoneLine, }; result: LineEntry };
  centre_put: { args: { key: string | null, centre: ServiceCentre, }; result: CentreEntry };
  entry_remove: { args: { kind: DirectoryKind, key: string, }; result: null };
  entry_restore: { args: { kind: DirectoryKind, key: string, }; result: null };
  entry_verified: { args: { kind: DirectoryKind, key: string, }; result: null };
  directory_export: { args: { kind: DirectoryKind, format: FileFormat, }; result: string | null };
  directory_import_pick: { args: { kind: DirectoryKind, }; result: ImportPlan | null };
  directory_import_apply: { args: { token: string, }; result: number };
  directory_draft: { args: Record<symbol, never>; result: string | null };
  directory_draft_put: { args: { draft: string | null, }; result: null };
  recommend: { args: { ticket: TicketId | null, facts: CallFacts | null, }; result: Recommended };
  call_start: { args: { ticket: TicketId | null, line_key: string, ticked: Array<string>, }; result: Call };
  call_put: { args: { id: number, agent: string, case_number: string, note: string, ticked: Array<string>, }; result: Call };
  call_end: { args: { id: number, outcome: CallOutcome, to_ticket: boolean, marker: string, }; result: Call };
  calls: { args: { ticket: TicketId | null, limit: number, }; result: Array<Call> };
  link_open: { args: { url: string, }; result: null };
  care_draft: { args: Record<symbol, never>; result: string | null };
  care_draft_put: { args: { draft: string | null, }; result: null };
  dial: { args: { number: string, }; result: null };
  qr: { args: { text: string, }; result: string };
  place_find: { args: { text: string, }; result: Array<FoundPlace> };
  visit_ics: { args: { key: string, }; result: string | null };
  diagnosis_ics: { args: { id: number, }; result: string | null };
  caldav_get: { args: Record<symbol, never>; result: CaldavView | null };
  caldav_check: { args: { url: string, user: string, password: string | null, }; result: CheckedCalendars };
  caldav_put: { args: { caldav: CaldavDraft, }; result: CaldavView };
  caldav_remove: { args: Record<symbol, never>; result: null };
  caldav_push_now: { args: Record<symbol, never>; result: null };
  diagnoses: { args: { ticket: TicketId | null, }; result: Array<DiagnosisSession> };
  diagnosis_check: { args: { session: DiagnosisDraft, }; result: Array<Problem> };
  diagnosis_put: { args: { session: DiagnosisDraft, }; result: DiagnosisSession };
  diagnosis_cancel: { args: { id: number, reason: string, }; result: DiagnosisSession };
  diagnosis_finish: { args: { id: number, findings: string, to_ticket: boolean, marker: string, }; result: DiagnosisSession };
  subscriptions: { args: Record<symbol, never>; result: Array<Subscription> };
  subscription_put: { args: { subscription: SubscriptionDraft, }; result: Subscription };
  subscription_pick: { args: Record<symbol, never>; result: Subscription | null };
  subscription_remove: { args: { id: number, }; result: null };
  subscription_refresh: { args: { id: number, }; result: Subscription };
  live_sessions: { args: { from: UtcMs, to: UtcMs, }; result: Array<LiveSession> };
  reminders: { args: { open_only: boolean, }; result: Array<ReminderView> };
  reminder_acknowledge: { args: { id: number, }; result: null };
  reminder_snooze: { args: { id: number, minutes: number, }; result: null };
  visit_carried: { args: { key: string, }; result: Carried | null };
  visit_settle: { args: { key: string, state: VisitState, start: UtcMs | null, end: UtcMs | null, engineer: string, }; result: null };
  visits: { args: { from: UtcMs, to: UtcMs, }; result: VisitList };
  visits_of_ticket: { args: { id: TicketId, }; result: Array<VisitView> };
  visit_get: { args: { key: string, }; result: VisitView };
  visit_check: { args: { id: TicketId, request: VisitRequest, booking: VisitBooking, }; result: Array<Problem> };
  visit_slots: { args: { id: TicketId, service: Service, from: UtcMs, to: UtcMs, site: Site | null, languages: Array<string>, centre: string | null, }; result: VisitSlots };
  visit_request: { args: { id: TicketId, key: string | null, request: VisitRequest, booking: VisitBooking, marker: string, }; result: string };
  visit_change: { args: { key: string, change: VisitChange, marker: string, }; result: OperationId };
  visit_photo_add: { args: { key: string, file: FileRef, marker: string, }; result: VisitView };
  visit_sites: { args: { id: TicketId, }; result: Array<KnownSite> };
  visit_draft: { args: { id: TicketId, }; result: string | null };
  visit_draft_put: { args: { id: TicketId, draft: string | null, }; result: null };
  wall_time: { args: { tz: string, date: string, minute: number, }; result: WallTime };
  people: { args: Record<symbol, never>; result: Array<Person> };
  person_check: { args: { person: Person, }; result: Array<Problem> };
  person_put: { args: { person: Person, }; result: Person };
  person_remove: { args: { id: number, }; result: null };
  customers: { args: { query: string, }; result: Array<CustomerCard> };
  customer_get: { args: { account: AccountId, remote_id: string, }; result: CustomerDetail };
  customer_of_ticket: { args: { id: TicketId, }; result: CustomerCard | null };
  care_put: { args: { account: AccountId, remote_id: string, manager: string, deputy: string, }; result: CustomerCard };
  handover: { args: { manager: string | null, account: AccountId | null, customer: string | null, from: UtcMs, to: UtcMs, }; result: Handover };
  handover_pdf: { args: { manager: string | null, account: AccountId | null, customer: string | null, from: UtcMs, to: UtcMs, }; result: string | null };
  visit_report_pdf: { args: { key: string, }; result: string | null };
};
