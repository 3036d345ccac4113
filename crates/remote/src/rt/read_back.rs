//! Whether an operation landed whose answer was lost.

use deskbell_domain::UtcMs;
use deskbell_domain::error::Code;
use deskbell_domain::sync::op::{OperationKind, OutboundOperation, ReadBack, Receipt};
use deskbell_domain::time::MINUTE_MS;

use super::conversation::{body_of, marker_of};
use super::query::{Direction, Markers, ticket_id};
use super::shape::{TransactionRow, instant};
use super::{Inner, MARKER_FIELD};
use crate::RemoteError;
use deskbell_domain::ticket::Visibility;

/// How far the server's clock may be behind ours.
const CLOCK_SKEW_MS_MAX: i64 = 10 * MINUTE_MS;
/// Pages of replies searched for one by content.
const PAGES_MAX: usize = 20;

impl Inner {
    pub(super) async fn find_operation(&self, operation: &OutboundOperation) -> Result<ReadBack, RemoteError> {
        let ticket = ticket_id(&operation.ticket_remote_id)?;
        match &operation.kind {
            OperationKind::Reply { body, visibility, .. } => self.find_reply(ticket, body, *visibility, operation).await,
            OperationKind::SetStatus { to, .. } => Ok(landed_if(self.state(ticket).await?.status == *to)),
            OperationKind::SetPriority { to, .. } => Ok(landed_if(self.state(ticket).await?.priority == *to)),
            other => Err(RemoteError::new(Code::OperationNotOffered, other.name().as_str())),
        }
    }

    /// First by its marker. RT writes the marker just after the reply, and not at all without the field, so
    /// what has no marker is compared by content and time.
    async fn find_reply(
        &self,
        ticket: u64,
        body: &str,
        visibility: Visibility,
        operation: &OutboundOperation,
    ) -> Result<ReadBack, RemoteError> {
        if is_plain(&operation.marker) {
            let sql = format!("ObjectType = 'RT::Ticket' AND CF.{{{MARKER_FIELD}}} = '{}'", operation.marker);
            let marked = self.transactions(&sql, Direction::Ascending, Markers::Read, 1).await?;
            if let Some(row) = marked.iter().find(|row| marker_of(row).as_deref() == Some(operation.marker.as_str())) {
                return Ok(landed(row));
            }
        }
        let kind = if visibility == Visibility::Public { "Correspond" } else { "Comment" };
        let sql = format!("ObjectType = 'RT::Ticket' AND ObjectId = {ticket} AND Type = '{kind}'");
        let since = operation.created_at.plus_ms(-CLOCK_SKEW_MS_MAX);
        for page in 1..=PAGES_MAX {
            let rows = self.transactions(&sql, Direction::Descending, Markers::Read, page).await?;
            let is_end = rows.is_empty() || rows.iter().any(|row| !is_since(row, since));
            let unmarked: Vec<&TransactionRow> =
                rows.iter().filter(|row| is_since(row, since) && marker_of(row).is_none() && self.is_ours(row)).collect();
            let ids: Vec<u64> = unmarked.iter().filter_map(|row| row.id.number()).collect();
            let bodies = self.all_bodies(&ids).await?;
            let same = |row: &&&TransactionRow| row.id.number().is_some_and(|id| is_same_text(&body_of(&bodies, id).0, body));
            if let Some(row) = unmarked.iter().find(same) {
                return Ok(landed(row));
            }
            if is_end {
                break;
            }
        }
        Ok(ReadBack::NotLanded)
    }

    fn is_ours(&self, row: &TransactionRow) -> bool {
        row.creator.0.key().eq_ignore_ascii_case(self.session.user())
    }
}

fn landed_if(it_did: bool) -> ReadBack {
    if it_did { ReadBack::Landed(Receipt::default()) } else { ReadBack::NotLanded }
}

fn landed(row: &TransactionRow) -> ReadBack {
    ReadBack::Landed(Receipt { note_remote_id: Some(row.id.0.clone()), ..Receipt::default() })
}

fn is_since(row: &TransactionRow, since: UtcMs) -> bool {
    instant(&row.created).is_some_and(|at| at >= since)
}

/// Safe inside quotes of TransactionSQL.
fn is_plain(marker: &str) -> bool {
    !marker.is_empty() && marker.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// Mail handling changes line ends and the blanks around a text, nothing else.
fn is_same_text(one: &str, other: &str) -> bool {
    let lines = |text: &str| text.trim().lines().map(str::trim_end).map(str::to_owned).collect::<Vec<_>>();
    lines(one) == lines(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_compared_as_mail_leaves_them() {
        assert!(is_same_text("一行\r\n二行  \r\n", "一行\n二行"));
        assert!(!is_same_text("一行\n\n二行", "一行\n二行"));
        assert!(is_plain("0198-ab") && !is_plain("x' OR id > 0") && !is_plain(""));
    }
}
