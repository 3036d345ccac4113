//! Whether an operation landed whose answer was lost.

use deskbell_domain::UtcMs;
use deskbell_domain::error::Code;
use deskbell_domain::sync::op::{FileRef, OperationKind, OutboundOperation, Outcome, ReadBack, Receipt};
use deskbell_domain::time::MINUTE_MS;

use super::conversation::{body_of, marker_of};
use super::edit::Change;
use super::query::{Direction, Markers, ticket_id};
use super::send::{Message, change_of};
use super::shape::{AttachmentRow, TransactionRow, instant};
use super::upload::wire_name;
use super::{Inner, MARKER_FIELD};
use crate::RemoteError;

/// How far the server's clock may be behind ours.
pub(super) const CLOCK_SKEW_MS_MAX: i64 = 10 * MINUTE_MS;
/// Pages of transactions searched for one by content.
pub(super) const PAGES_MAX: usize = 20;

impl Inner {
    pub(super) async fn find_operation(&self, operation: &OutboundOperation) -> Result<ReadBack, RemoteError> {
        if let OperationKind::CreateTicket { ticket } = &operation.kind {
            return self.find_created(ticket, operation).await;
        }
        let ticket = ticket_id(&operation.ticket_remote_id)?;
        if let Some(message) = Message::of(&operation.kind) {
            let found = self.find_message(ticket, message, operation).await?;
            if message.reopens && matches!(found, ReadBack::Landed(_)) {
                return self.finish_reopening(ticket, found).await;
            }
            return Ok(found);
        }
        match change_of(&operation.kind) {
            Some(change) => {
                let landed = self.is_changed(ticket, &change).await?;
                Ok(if landed { ReadBack::Landed(Receipt::default()) } else { ReadBack::NotLanded })
            }
            None => Err(RemoteError::new(Code::OperationNotOffered, operation.kind.name().as_str())),
        }
    }

    /// The reason is there and must not be said twice: what a broken connection left half done is finished here. Where RT
    /// will not open the ticket, its status shows that.
    async fn finish_reopening(&self, ticket: u64, found: ReadBack) -> Result<ReadBack, RemoteError> {
        match self.change(ticket, &Change::Unfinish).await {
            Outcome::Sent(_) | Outcome::Rejected { .. } | Outcome::VisitRefused(_) => Ok(found),
            Outcome::Retry { code, .. } | Outcome::Unknown { code } => {
                Err(RemoteError::new(code, "the reason is on the ticket, its status is not known"))
            }
        }
    }

    /// The transaction that carries this marker. RT writes it just after the transaction itself.
    pub(super) async fn find_marked(&self, marker: &str) -> Result<Option<u64>, RemoteError> {
        if !is_plain(marker) {
            return Ok(None);
        }
        let sql = format!("ObjectType = 'RT::Ticket' AND CF.{{{MARKER_FIELD}}} = '{marker}'");
        let marked = self.transactions(&sql, Direction::Ascending, Markers::Read, 1).await?;
        let found = marked.iter().find(|row| marker_of(row).as_deref() == Some(marker));
        Ok(found.and_then(|row| row.id.number()))
    }

    /// First by its marker. Without the field there is none, and a moment after the reply there is none yet: what has no
    /// marker is compared by content, files and time.
    async fn find_message(
        &self,
        ticket: u64,
        message: Message<'_>,
        operation: &OutboundOperation,
    ) -> Result<ReadBack, RemoteError> {
        if let Some(note) = self.find_marked(&operation.marker).await? {
            return Ok(landed(&note.to_string()));
        }
        // What is written on a merged ticket stands under the survivor.
        let survivor = self.ticket_record(ticket).await?.id.number().unwrap_or(ticket);
        let sql = format!(
            "ObjectType = 'RT::Ticket' AND (ObjectId = {ticket} OR ObjectId = {survivor}) AND Type = '{}'",
            message.transaction_kind()
        );
        let since = self.session.http().since(operation.created_at, CLOCK_SKEW_MS_MAX);
        for page in 1..=PAGES_MAX {
            let rows = self.transactions(&sql, Direction::Descending, Markers::Read, page).await?;
            let is_end = rows.is_empty() || rows.iter().any(|row| !is_since(row, since));
            let unmarked: Vec<&TransactionRow> =
                rows.iter().filter(|row| is_since(row, since) && marker_of(row).is_none() && self.is_ours(row)).collect();
            let ids: Vec<u64> = unmarked.iter().filter_map(|row| row.id.number()).collect();
            let bodies = self.all_bodies(&ids).await?;
            let files = if ids.is_empty() { Default::default() } else { self.all_files(&ids).await? };
            let same = |row: &&&TransactionRow| {
                row.id.number().is_some_and(|id| {
                    let attached = files.get(&id).map(Vec::as_slice).unwrap_or_default();
                    is_same_text(&body_of(&bodies, id).0, message.body) && has_files(attached, message.files)
                })
            };
            if let Some(row) = unmarked.iter().find(same) {
                return Ok(landed(&row.id.0));
            }
            if is_end {
                break;
            }
        }
        Ok(ReadBack::NotLanded)
    }

    pub(super) fn is_ours(&self, row: &TransactionRow) -> bool {
        row.creator.0.key().eq_ignore_ascii_case(self.session.user())
    }
}

fn landed(note: &str) -> ReadBack {
    ReadBack::Landed(Receipt { note_remote_id: Some(note.to_owned()), ..Receipt::default() })
}

pub(super) fn is_since(row: &TransactionRow, since: UtcMs) -> bool {
    instant(&row.created).is_some_and(|at| at >= since)
}

/// Safe inside quotes of TransactionSQL.
pub(super) fn is_plain(marker: &str) -> bool {
    !marker.is_empty() && marker.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// Mail handling changes line ends and the blanks around a text, nothing else.
pub(super) fn is_same_text(one: &str, other: &str) -> bool {
    let lines = |text: &str| text.trim().lines().map(str::trim_end).map(str::to_owned).collect::<Vec<_>>();
    lines(one) == lines(other)
}

/// The same names, each with its size. RT tells the size as it was before it cut or dropped a file, and adds `.txt` to the
/// name of one that it dropped.
pub(super) fn has_files(attached: &[AttachmentRow], files: &[FileRef]) -> bool {
    let mut wanted: Vec<(String, u64)> = files.iter().map(|file| (wire_name(&file.name), file.size_bytes)).collect();
    for row in attached {
        let size = row.content_length.number().unwrap_or(0);
        let is_it = |(name, bytes): &(String, u64)| {
            *bytes == size && (*name == row.filename.0 || format!("{name}.txt") == row.filename.0)
        };
        match wanted.iter().position(is_it) {
            Some(at) => drop(wanted.swap_remove(at)),
            None => return false,
        }
    }
    wanted.is_empty()
}

#[cfg(test)]
mod tests {
    use super::super::shape::Text;
    use super::*;

    #[test]
    fn texts_are_compared_as_mail_leaves_them() {
        assert!(is_same_text("一行\r\n二行  \r\n", "一行\n二行"));
        assert!(!is_same_text("一行\n\n二行", "一行\n二行"));
        assert!(is_plain("0198-ab") && !is_plain("x' OR id > 0") && !is_plain(""));
    }

    #[test]
    fn files_are_the_same_by_name_and_size() {
        let row = |name: &str, size: u64| AttachmentRow {
            filename: Text(name.into()),
            content_length: Text(size.to_string()),
            ..AttachmentRow::default()
        };
        let file = |name: &str, size| FileRef { sha256: String::new(), name: name.into(), mime: String::new(), size_bytes: size };
        assert!(has_files(&[row("截图.png", 3), row("a_b", 4)], &[file("a/b", 4), file("截图.png", 3)]));
        assert!(has_files(&[row("big.bin.txt", 9)], &[file("big.bin", 9)]));
        assert!(!has_files(&[row("a", 3)], &[file("a", 4)]));
        assert!(!has_files(&[row("a", 3), row("a", 3)], &[file("a", 3)]));
        assert!(!has_files(&[], &[file("a", 3)]) && has_files(&[], &[]));
    }
}
