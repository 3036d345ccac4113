//! The list. Adding a line here asks for a handler of the same name and adds the TypeScript type.

use deskbell_domain::diagnosis::{DiagnosisDraft, DiagnosisSession};
use deskbell_domain::directory::Problem;
use deskbell_domain::directory::{CallFacts, CallOutcome, DirectoryKind, PhoneLine, ServiceCentre};
use deskbell_domain::filter::{TicketFilter, TicketOrder};
use deskbell_domain::observation::Catalogue;
use deskbell_domain::people::Person;
use deskbell_domain::robot::RobotId;
use deskbell_domain::scheduling::{Service, Site, VisitBooking, VisitChange, VisitKey, VisitRequest, VisitState, WallTime};
use deskbell_domain::sla::calendar::{CalendarSpec, ImportedHolidays, MonthPreview};
use deskbell_domain::sla::rules::RuleSet;
use deskbell_domain::sla::rules::{RuleProblem, RuleSetDraft};
use deskbell_domain::sync::op::{FileRef, NewTicket, OperationId};
use deskbell_domain::ticket::{AccountId, AccountOptions, Priority, ProviderKind, Status, TicketId, Visibility};
use deskbell_domain::{Code, UtcMs};
use deskbell_engine::EngineError;
use deskbell_engine::alerts::BellView;
use deskbell_engine::bell::BellSettings;
use deskbell_engine::calendars::{CaldavDraft, CaldavView, CheckedCalendars, LiveSession, Subscription, SubscriptionDraft};
use deskbell_engine::directory::{Call, CentreEntry, Directory, FileFormat, FoundPlace, ImportPlan, LineEntry, Recommended};
use deskbell_engine::events::{Account, SyncStatus};
use deskbell_engine::handover::{CustomerDetail, Handover};
use deskbell_engine::new_drafts::NewTicketDraft;
use deskbell_engine::outbox::Keep;
use deskbell_engine::people::CustomerCard;
use deskbell_engine::ports::NotificationSupport;
use deskbell_engine::records::{DeliveryRecord, RobotRecord};
use deskbell_engine::reminders::ReminderView;
use deskbell_engine::replay::{PickedHistory, ReplayAnswer, ReplaySource};
use deskbell_engine::robots::RobotDraft;
use deskbell_engine::rules::{DryRun, RulesView};
use deskbell_engine::state::{AppState, Settings};
use deskbell_engine::transfer::FileProblem;
use deskbell_engine::transfer::give::{OpenWarning, Preview};
use deskbell_engine::view::ticket::TicketDetail;
use deskbell_engine::view::watch::Watch;
use deskbell_engine::visits::carrier::Carried;
use deskbell_engine::visits::{KnownSite, SlotsFound, VisitList, VisitView};
use deskbell_engine::{
    records::AlertRecord, records::AttachmentId, records::Facets, records::OperationRecord, records::SearchAnswer,
    records::TicketPage,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use ts_rs::TS;

use crate::desk::Desk;
use crate::handlers;

/// A ticket that was opened here, and the operation that takes it to the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
pub struct CreatedTicket {
    pub ticket: TicketId,
    pub operation: OperationId,
}

/// Files that were taken in, and those that could not be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct PickedFiles {
    pub files: Vec<FileRef>,
    pub problems: Vec<FileProblem>,
}

/// Whether a file was opened, or why the person is asked first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
pub struct OpenedFile {
    pub opened: bool,
    pub warn: Option<OpenWarning>,
}

/// Who a server says we are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct CheckedAccount {
    pub display_name: String,
    pub server: String,
}

macro_rules! commands {
    ($( $(#[doc = $doc:literal])+ $name:ident { $($field:ident : $type:ty),* $(,)? } -> $result:ty; )+) => {
        $(
            $(#[doc = $doc])+
            pub mod $name {
                use super::*;

                /// Arguments, read from JSON by name.
                #[derive(Debug, Clone, Deserialize, TS)]
                pub struct Args { $(pub $field: $type),* }
            }
        )+

        /// Every command, in the order of the list.
        pub const COMMANDS: &[&str] = &[$(stringify!($name)),+];

        /// Reads the arguments, runs the handler, writes the answer.
        ///
        /// # Errors
        /// `unknown_command`, `input_invalid` for arguments that do not fit, and the handler's own.
        pub async fn dispatch(desk: &Desk, name: &str, args: Value) -> Result<Value, EngineError> {
            match name {
                $(stringify!($name) => {
                    let args: $name::Args = read_args(name, args)?;
                    let answer: $result = Box::pin(handlers::$name(desk, args)).await?;
                    write_answer(&answer)
                })+
                _ => Err(EngineError::new(Code::UnknownCommand).arg("command", name)),
            }
        }

        pub(crate) fn describe(visitor: &mut crate::typescript::Declarations) {
            $(visitor.command::<$name::Args, $result>(stringify!($name));)+
        }
    };
}

commands! {
    /// Which screen to show; waits until the store is open or cannot be.
    app_state {} -> AppState;
    /// Makes the passphrase vault where there is no keyring.
    vault_create { passphrase: String } -> AppState;
    /// Opens the passphrase vault.
    vault_unlock { passphrase: String } -> AppState;
    /// Keeps the person's settings.
    settings_put { settings: Settings } -> Settings;
    /// What every connection is doing.
    sync_status {} -> SyncStatus;
    /// Looks at one account's server now, or at all.
    sync_now { account: Option<AccountId> } -> ();
    /// What the desktop's notification service can do.
    notification_support {} -> NotificationSupport;
    /// Shows a notification that stands for nothing.
    notification_test {} -> ();
    /// Asks a server who we are, keeping nothing.
    account_check { kind: ProviderKind, endpoint: String, user: String, secret: String, options: AccountOptions } -> CheckedAccount;
    /// Checks an account, keeps it, and starts syncing.
    account_add { kind: ProviderKind, name: String, endpoint: String, user: String, secret: String, options: AccountOptions } -> Account;
    /// Keeps an account's options and connects anew with them.
    account_options_put { id: AccountId, options: AccountOptions } -> Account;
    /// What a new ticket can be filed under; works offline once fetched.
    account_catalogue { account: AccountId } -> Catalogue;
    /// Stops or resumes fetching from an account; kept over restarts.
    pull_pause { account: AccountId, paused: bool } -> ();
    /// Forgets an account and its mirror.
    account_remove { id: AccountId, force: bool } -> ();
    /// Starts the embedded demo desk and connects to it.
    demo_start {} -> Account;
    /// A window of a list, by row number.
    ticket_rows { filter: TicketFilter, order: TicketOrder, start: u32, limit: u32 } -> TicketPage;
    /// The row number of a ticket in a list.
    ticket_position { filter: TicketFilter, order: TicketOrder, id: TicketId } -> Option<u64>;
    /// Counts for the filter bar.
    ticket_facets { filter: TicketFilter } -> Facets;
    /// One ticket as shown.
    ticket_get { id: TicketId } -> TicketDetail;
    /// Opens a ticket, which is there at once; one marker opens one.
    ticket_create { account: AccountId, ticket: NewTicket, marker: String } -> CreatedTicket;
    /// Queues a reply or an internal note; one marker queues once.
    ticket_reply { id: TicketId, body: String, visibility: Visibility, files: Vec<FileRef>, seen_notes: Option<u32>, marker: String } -> OperationId;
    /// Queues a status change.
    ticket_set_status { id: TicketId, to: Status, marker: String } -> OperationId;
    /// Queues a priority change.
    ticket_set_priority { id: TicketId, to: Priority, marker: String } -> OperationId;
    /// Queues a change of assignee; an empty name takes the ticket from everybody.
    ticket_set_assignee { id: TicketId, to: String, marker: String } -> OperationId;
    /// Queues a change of tags, as a difference to those shown.
    ticket_set_tags { id: TicketId, to: Vec<String>, marker: String } -> OperationId;
    /// Queues a change of a custom field.
    ticket_set_custom_field { id: TicketId, field: String, to: String, marker: String } -> OperationId;
    /// Queues the closing of a ticket.
    ticket_close { id: TicketId, marker: String } -> OperationId;
    /// Queues the reopening of a finished ticket, with the reason as a public reply where there is one.
    ticket_reopen { id: TicketId, body: String, marker: String } -> OperationId;
    /// Queues the customer's verdict, 1 (worst) to 5 (best).
    ticket_evaluate { id: TicketId, solved: bool, score: u8, comment: String, marker: String } -> OperationId;
    /// Queues a file as a note of its own.
    ticket_attach { id: TicketId, file: FileRef, visibility: Visibility, marker: String } -> OperationId;
    /// Keeps what is being typed; an empty body forgets it.
    draft_put { id: TicketId, body: String, visibility: Visibility } -> ();
    /// New tickets being written, the one in the form first.
    new_ticket_drafts {} -> Vec<NewTicketDraft>;
    /// Keeps the new tickets being written, instead of those kept before.
    new_ticket_drafts_put { drafts: Vec<NewTicketDraft> } -> ();
    /// Keeps which files lie beside the reply being written.
    draft_files_put { id: TicketId, files: Vec<FileRef> } -> ();
    /// Asks with the system's dialog which files to attach, and takes them in.
    file_pick {} -> PickedFiles;
    /// Takes in a file that was pasted; without a name it is a screenshot.
    file_paste { name: String, mime: String, base64: String } -> FileRef;
    /// Begins to fetch a file of a note; its progress comes as events.
    attachment_fetch { id: AttachmentId } -> ();
    /// Stops fetching a file.
    attachment_cancel { id: AttachmentId } -> ();
    /// What can be shown of a file here; fetches it first where it is not here.
    attachment_preview { id: AttachmentId } -> Preview;
    /// Asks where to and writes a file there; null when the person thought better of it.
    attachment_save_as { id: AttachmentId } -> Option<String>;
    /// Opens a file with the system's program; what may be a program itself only when the person is sure.
    attachment_open { id: AttachmentId, sure: bool } -> OpenedFile;
    /// Full-text search over the mirror, newest first.
    search { query: String, filter: TicketFilter, limit: u32 } -> SearchAnswer;
    /// The home screen.
    watch {} -> Watch;
    /// What was done here and where it stands.
    outbox {} -> Vec<OperationRecord>;
    /// Sends again what was rejected, or at once what waits.
    outbox_retry { id: OperationId } -> ();
    /// Takes back what has not left.
    outbox_discard { id: OperationId } -> ();
    /// Settles a conflict: mine goes out over the server's value, theirs stays.
    outbox_resolve { id: OperationId, keep: Keep } -> ();
    /// Asks with the system's dialog for a history and looks into it; null when the person thought better of it.
    replay_pick {} -> Option<PickedHistory>;
    /// Replays a history under a set of rules, or under those in force; its progress comes as events.
    replay_run { source: ReplaySource, set: Option<RuleSet> } -> std::sync::Arc<ReplayAnswer>;
    /// Ends the replay that is under way.
    replay_cancel {} -> ();
    /// Asks where to and writes the last answer there as CSV; null when the person thought better of it.
    replay_export {} -> Option<String>;
    /// The bell's list, newest first; `open_only` leaves what stands and nobody acknowledged, one a clock.
    alerts { limit: u32, open_only: Option<bool> } -> Vec<AlertRecord>;
    /// Marks an alert as seen.
    alert_acknowledge { id: i64 } -> ();
    /// Marks many as seen; answers how many there are.
    alerts_acknowledge { ids: Vec<i64> } -> u32;
    /// Rings again later, never past the deadline.
    alert_snooze { id: i64, minutes: u32 } -> ();
    /// Robots in group chats, without their secrets.
    robots {} -> Vec<RobotRecord>;
    /// Adds a robot, or changes the one whose id is given; what is null of address and secret stays.
    robot_put { robot: RobotDraft } -> RobotRecord;
    /// Forgets a robot, its secrets and its log.
    robot_remove { id: RobotId } -> ();
    /// Sends a test message now and answers what became of it.
    robot_test { id: RobotId } -> DeliveryRecord;
    /// The delivery log, newest first.
    robot_deliveries { robot: Option<RobotId>, limit: u32 } -> Vec<DeliveryRecord>;
    /// Sends a message again, or at once what waits.
    robot_delivery_retry { id: i64 } -> ();
    /// How the bell is set and how it stands.
    bell_get {} -> BellView;
    /// Sets the bell: quiet hours, do-not-disturb, rules by view, escalation.
    bell_put { settings: BellSettings } -> BellView;
    /// Do not disturb for so many minutes; null ends it.
    dnd { minutes: Option<u32> } -> BellView;
    /// The rules in all their versions.
    rules_get {} -> RulesView;
    /// Everything that is wrong with rules as typed; nothing when they can be saved.
    rules_check { set: RuleSetDraft } -> Vec<RuleProblem>;
    /// What saving these rules would change, keeping nothing.
    rules_dry_run { set: RuleSetDraft, from: Option<UtcMs>, backwards: bool } -> DryRun;
    /// Keeps rules: from an instant on (now without one), or backwards for every clock there is.
    rules_put { set: RuleSetDraft, from: Option<UtcMs>, backwards: bool } -> RulesView;
    /// A month of a calendar as typed, day by day.
    calendar_preview { calendar: CalendarSpec, year: i32, month: u32 } -> MonthPreview;
    /// Reads a holiday notice, keeping nothing.
    holidays_import { text: String } -> ImportedHolidays;
    /// Rules that someone is editing, as the window kept them.
    rules_draft {} -> Option<String>;
    /// Keeps them, half typed as they are; null forgets them.
    rules_draft_put { draft: Option<String> } -> ();
    /// Phone lines and service centres: the providers', the person's own, and what ships.
    directory {} -> Directory;
    /// Everything that is wrong with a line as typed.
    line_check { line: PhoneLine } -> Vec<Problem>;
    /// Everything that is wrong with a centre as typed.
    centre_check { centre: ServiceCentre } -> Vec<Problem>;
    /// Keeps a line: a new one without a key; a provider's is kept as a change over it.
    line_put { key: Option<String>, line: PhoneLine } -> LineEntry;
    /// Keeps a centre, as line_put.
    centre_put { key: Option<String>, centre: ServiceCentre } -> CentreEntry;
    /// Takes an entry away: an own one is gone (line_put makes it again), a provider's is hidden.
    entry_remove { kind: DirectoryKind, key: String } -> ();
    /// Shows a hidden entry again; takes the changes off one that is shown.
    entry_restore { kind: DirectoryKind, key: String } -> ();
    /// Notes that an entry is right as of today.
    entry_verified { kind: DirectoryKind, key: String } -> ();
    /// Asks where to and writes a directory there; null when the person thought better of it.
    directory_export { kind: DirectoryKind, format: FileFormat } -> Option<String>;
    /// Asks with the system's dialog for a file and says what it would change; null when the person thought better of it.
    directory_import_pick { kind: DirectoryKind } -> Option<ImportPlan>;
    /// Takes a file that was looked into, all of it or nothing; answers how many entries are new or different.
    directory_import_apply { token: String } -> u32;
    /// Lines and centres that someone is editing, as the window kept them.
    directory_draft {} -> Option<String>;
    /// Keeps them, half typed as they are; null forgets them.
    directory_draft_put { draft: Option<String> } -> ();
    /// Which line to call, best first, with reasons; of a ticket also what to have at hand. Facts stand instead of the ticket's.
    recommend { ticket: Option<TicketId>, facts: Option<CallFacts> } -> Recommended;
    /// Begins a call; one at a time.
    call_start { ticket: Option<TicketId>, line_key: String, ticked: Vec<String> } -> Call;
    /// Keeps what was written down, during the call or after it.
    call_put { id: i64, agent: String, case_number: String, note: String, ticked: Vec<String> } -> Call;
    /// Ends a call; with to_ticket its note goes to the ticket, internal where the provider has that.
    call_end { id: i64, outcome: CallOutcome, to_ticket: bool, marker: String } -> Call;
    /// The call log, newest first; a call under way is the first.
    calls { ticket: Option<TicketId>, limit: u32 } -> Vec<Call>;
    /// Opens an https address with the system's browser, after the person looked at it.
    link_open { url: String } -> ();
    /// Sessions and contact cards that someone is writing, as the window kept them.
    care_draft {} -> Option<String>;
    /// Keeps them, half typed as they are; null forgets them.
    care_draft_put { draft: Option<String> } -> ();
    /// Hands a number to the system's telephone program.
    dial { number: String } -> ();
    /// A QR code as SVG; a telephone number becomes one to dial.
    qr { text: String } -> String;
    /// Cities by name, pinyin or its initials.
    place_find { text: String } -> Vec<FoundPlace>;
    /// Asks where to and writes a visit there as iCalendar; null when the person thought better of it.
    visit_ics { key: String } -> Option<String>;
    /// As `visit_ics`, of a diagnosis session.
    diagnosis_ics { id: i64 } -> Option<String>;
    /// The person's CalDAV calendar, once one is set.
    caldav_get {} -> Option<CaldavView>;
    /// Asks a CalDAV server for its calendars, keeping nothing; without a password the kept one is tried.
    caldav_check { url: String, user: String, password: Option<String> } -> CheckedCalendars;
    /// Keeps the person's CalDAV calendar and begins to fill it.
    caldav_put { caldav: CaldavDraft } -> CaldavView;
    /// Takes ours out of the calendar as far as its server answers, and forgets it.
    caldav_remove {} -> ();
    /// Sends now what waits for the calendar.
    caldav_push_now {} -> ();
    /// Diagnosis sessions, the latest first: of a ticket, or all.
    diagnoses { ticket: Option<TicketId> } -> Vec<DiagnosisSession>;
    /// Everything that is wrong with a session as typed.
    diagnosis_check { session: DiagnosisDraft } -> Vec<Problem>;
    /// Plans a session, or changes one that is planned.
    diagnosis_put { session: DiagnosisDraft } -> DiagnosisSession;
    /// Calls a session off.
    diagnosis_cancel { id: i64, reason: String } -> DiagnosisSession;
    /// Ends a session with its findings, which go to the ticket as a note where asked; needs recorded consent.
    diagnosis_finish { id: i64, findings: String, to_ticket: bool, marker: String } -> DiagnosisSession;
    /// Calendars that are read, the one that ships first.
    subscriptions {} -> Vec<Subscription>;
    /// Adds a calendar by its address (it is read first), or changes one.
    subscription_put { subscription: SubscriptionDraft } -> Subscription;
    /// Asks with the system's dialog for an .ics file and adds it; null when the person thought better of it.
    subscription_pick {} -> Option<Subscription>;
    /// Forgets a calendar that is read.
    subscription_remove { id: i64 } -> ();
    /// Reads a calendar again from its address.
    subscription_refresh { id: i64 } -> Subscription;
    /// Sessions of the calendars that are switched on and overlap the span, the earliest first.
    live_sessions { from: UtcMs, to: UtcMs } -> Vec<LiveSession>;
    /// Reminders of appointments: those that stand, soonest first; or all that were told, newest first.
    reminders { open_only: bool } -> Vec<ReminderView>;
    /// Marks a reminder as seen.
    reminder_acknowledge { id: i64 } -> ();
    /// Reminds again in so many minutes, at the start at the latest.
    reminder_snooze { id: i64, minutes: u32 } -> ();
    /// What a visit that travels as a ticket waits for, and what was answered there; null for a visit of a server with slots.
    visit_carried { key: String } -> Option<Carried>;
    /// Settles by hand a visit that travels as a ticket, where only people can read the answer: confirmed with its time, declined…
    visit_settle { key: String, state: VisitState, start: Option<UtcMs>, end: Option<UtcMs>, engineer: String } -> ();
    /// Visits that overlap a stretch of time, and all without a slot that are not at their end.
    visits { from: UtcMs, to: UtcMs } -> VisitList;
    /// Visits of a ticket, the newest request first.
    visits_of_ticket { id: TicketId } -> Vec<VisitView>;
    /// One visit.
    visit_get { key: VisitKey } -> VisitView;
    /// Everything wrong with a request for a visit as typed.
    visit_check { id: TicketId, request: VisitRequest, booking: VisitBooking } -> Vec<Problem>;
    /// Free slots by centre, the nearest first: the server's, or planned here.
    visit_slots { id: TicketId, service: Service, from: UtcMs, to: UtcMs, site: Option<Site>, languages: Vec<String>, centre: Option<String> } -> SlotsFound;
    /// Queues a request for a visit; one marker asks once. With a key it asks again in place of what was refused or still waits.
    visit_request { id: TicketId, key: Option<VisitKey>, request: VisitRequest, booking: VisitBooking, marker: String } -> VisitKey;
    /// Queues a change of a visit; one marker changes once. Calling off what has not left takes it back.
    visit_change { key: VisitKey, change: VisitChange, marker: String } -> OperationId;
    /// Sends a photo to the visit's ticket and lists it with the visit.
    visit_photo_add { key: VisitKey, file: FileRef, marker: String } -> VisitView;
    /// Where the machines of a ticket's customer stand, as typed before; the newest first.
    visit_sites { id: TicketId } -> Vec<KnownSite>;
    /// The newest half-asked request of a ticket: JSON of the window's making, or `{ request, booking }` of one taken back.
    visit_draft { id: TicketId } -> Option<String>;
    /// Keeps it instead of the newest; null forgets the newest, and the one before it shows again.
    visit_draft_put { id: TicketId, draft: Option<String> } -> ();
    /// What a date and a minute of the day mean where clocks show `tz`: they skip some times and show some twice.
    wall_time { tz: String, date: String, minute: u16 } -> WallTime;
    /// Contact cards of service managers and their deputies, by name.
    people {} -> Vec<Person>;
    /// Everything wrong with a card as typed; nothing when it can be kept.
    person_check { person: Person } -> Vec<Problem>;
    /// Adds a card (id 0) or changes one.
    person_put { person: Person } -> Person;
    /// Forgets a card.
    person_remove { id: i64 } -> ();
    /// Customers in which every word of the query is found, late ones first; at most 200.
    customers { query: String } -> Vec<CustomerCard>;
    /// A customer with everything that is open of them.
    customer_get { account: AccountId, remote_id: String } -> CustomerDetail;
    /// The card of the customer whose ticket it is; null where it is nobody's.
    customer_of_ticket { id: TicketId } -> Option<CustomerCard>;
    /// Keeps who answers for a customer; what the provider says anyhow follows the provider again.
    care_put { account: AccountId, remote_id: String, manager: String, deputy: String } -> CustomerCard;
    /// What whoever takes over has to know: of one manager's customers, of one customer, or of all.
    handover { manager: Option<String>, account: Option<AccountId>, customer: Option<String>, from: UtcMs, to: UtcMs } -> Handover;
    /// Asks where to and writes the same as a PDF; null when the person thought better of it.
    handover_pdf { manager: Option<String>, account: Option<AccountId>, customer: Option<String>, from: UtcMs, to: UtcMs } -> Option<String>;
    /// Asks where to and writes the report of a visit as a PDF; null when the person thought better of it.
    visit_report_pdf { key: String } -> Option<String>;
}

fn read_args<T: serde::de::DeserializeOwned>(name: &str, args: Value) -> Result<T, EngineError> {
    let args = if args.is_null() { Value::Object(serde_json::Map::new()) } else { args };
    serde_json::from_value(args)
        .map_err(|error| EngineError::with_detail(Code::InputInvalid, error.to_string()).arg("command", name))
}

fn write_answer<T: Serialize>(answer: &T) -> Result<Value, EngineError> {
    serde_json::to_value(answer).map_err(|error| EngineError::with_detail(Code::Internal, error.to_string()))
}
