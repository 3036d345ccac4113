//! How values of the domain lie in columns.

use deskbell_domain::directory::CallOutcome;
use deskbell_domain::reminder::ReminderKind;
use deskbell_domain::robot::{DeliveryKind, DeliveryState, RobotKind};
use deskbell_domain::sla::policy::{Metric, Threshold};
use deskbell_domain::sync::op::{OperationName, OperationState};
use deskbell_domain::ticket::{BodyFormat, Priority, ProviderKind, Role, Status, TicketId, Visibility};
use deskbell_domain::{Code, UtcMs};
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ValueRef};

/// A value kept as its stable text: `row.get::<_, Text<Status>>(0)?.0`.
pub(crate) struct Text<T>(pub(crate) T);

macro_rules! stored_as_text {
    ($($name:ident),+) => {$(
        impl FromSql for Text<$name> {
            fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
                let text = value.as_str()?;
                $name::from_text(text).map(Text).ok_or_else(|| {
                    FromSqlError::Other(format!("unreadable {}: {text}", stringify!($name)).into())
                })
            }
        }
    )+};
}
stored_as_text!(Status, Priority, Role, Visibility, BodyFormat, ProviderKind, Metric, OperationName, OperationState);
stored_as_text!(DeliveryKind, DeliveryState, RobotKind, CallOutcome);
stored_as_text!(ReminderKind);

impl FromSql for Text<Threshold> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let text = value.as_str()?;
        threshold_from_text(text).map(Text).ok_or_else(|| FromSqlError::Other(format!("unreadable threshold: {text}").into()))
    }
}

/// `share:50`, `left:900`, `breach`.
pub(crate) fn threshold_text(threshold: Threshold) -> String {
    match threshold {
        Threshold::Share { percent } => format!("share:{percent}"),
        Threshold::TimeLeft { seconds } => format!("left:{seconds}"),
        Threshold::Breach => "breach".to_owned(),
    }
}

fn threshold_from_text(text: &str) -> Option<Threshold> {
    if text == "breach" {
        return Some(Threshold::Breach);
    }
    let (kind, number) = text.split_once(':')?;
    match kind {
        "share" => Some(Threshold::Share { percent: number.parse().ok()? }),
        "left" => Some(Threshold::TimeLeft { seconds: number.parse().ok()? }),
        _ => None,
    }
}

/// An optional code kept as text, empty for none; a name from a newer version reads as `Internal`.
pub(crate) fn optional_code(text: &str) -> Option<Code> {
    (!text.is_empty()).then(|| Code::from_text(text).unwrap_or(Code::Internal))
}

pub(crate) fn code_text(code: Option<Code>) -> &'static str {
    code.map_or("", Code::as_str)
}

/// An instant column in which 0 stands for "never".
pub(crate) fn known(at: i64) -> Option<UtcMs> {
    (at != 0).then_some(UtcMs(at))
}

pub(crate) fn optional_text(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

/// Bits of an id that number the notes and events of one ticket.
pub(crate) const SEQ_BITS: u32 = 10;
/// Most notes, and most events, kept of one ticket.
pub(crate) const SEQ_MAX: i64 = (1 << SEQ_BITS) - 1;
/// Ticket ids stay below this, so that columns hold them in 32 bits.
pub(crate) const TICKET_ID_MAX: i64 = u32::MAX as i64;

/// First and last id that the notes (or events) of a ticket can have.
pub(crate) const fn seq_range(ticket: TicketId) -> (i64, i64) {
    (ticket.0 << SEQ_BITS, (ticket.0 << SEQ_BITS) | SEQ_MAX)
}

/// SQLite counts in i64; none of our counts is negative.
pub(crate) fn count(value: i64) -> u64 {
    u64::try_from(value).unwrap_or(0)
}

/// The first `limit` characters.
pub(crate) fn shortened(text: &str, limit: usize) -> String {
    text.chars().take(limit).collect()
}
