//! The list. Adding a line here asks for a handler of the same name and adds the TypeScript type.

use deskbell_domain::Code;
use deskbell_domain::filter::{TicketFilter, TicketOrder};
use deskbell_domain::sync::op::OperationId;
use deskbell_domain::ticket::{AccountId, Priority, ProviderKind, Status, TicketId, Visibility};
use deskbell_engine::EngineError;
use deskbell_engine::events::{Account, SyncStatus};
use deskbell_engine::ports::NotificationSupport;
use deskbell_engine::state::{AppState, Settings};
use deskbell_engine::view::ticket::TicketDetail;
use deskbell_engine::view::watch::Watch;
use deskbell_engine::{
    records::AlertRecord, records::Facets, records::OperationRecord, records::SearchAnswer, records::TicketPage,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use ts_rs::TS;

use crate::desk::Desk;
use crate::handlers;

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
    /// Asks a server who we are, keeping nothing.
    account_check { kind: ProviderKind, endpoint: String, user: String, secret: String } -> CheckedAccount;
    /// Checks an account, keeps it, and starts syncing.
    account_add { kind: ProviderKind, name: String, endpoint: String, user: String, secret: String } -> Account;
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
    /// Queues a reply or an internal note; one marker queues once.
    ticket_reply { id: TicketId, body: String, visibility: Visibility, marker: String } -> OperationId;
    /// Queues a status change.
    ticket_set_status { id: TicketId, to: Status, marker: String } -> OperationId;
    /// Queues a priority change.
    ticket_set_priority { id: TicketId, to: Priority, marker: String } -> OperationId;
    /// Keeps what is being typed; an empty body forgets it.
    draft_put { id: TicketId, body: String, visibility: Visibility } -> ();
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
    /// The bell's list, newest first.
    alerts { limit: u32 } -> Vec<AlertRecord>;
    /// Marks an alert as seen.
    alert_acknowledge { id: i64 } -> ();
    /// Rings again later, never past the deadline.
    alert_snooze { id: i64, minutes: u32 } -> ();
}

fn read_args<T: serde::de::DeserializeOwned>(name: &str, args: Value) -> Result<T, EngineError> {
    let args = if args.is_null() { Value::Object(serde_json::Map::new()) } else { args };
    serde_json::from_value(args)
        .map_err(|error| EngineError::with_detail(Code::InputInvalid, error.to_string()).arg("command", name))
}

fn write_answer<T: Serialize>(answer: &T) -> Result<Value, EngineError> {
    serde_json::to_value(answer).map_err(|error| EngineError::with_detail(Code::Internal, error.to_string()))
}
