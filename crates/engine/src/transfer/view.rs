//! Files as a window sees them: what the store knows, and what is under way.

use std::sync::atomic::Ordering;

use deskbell_domain::sync::op::{FileRef, OperationId, OperationState};
use deskbell_store::records::{AttachmentId, AttachmentRecord, AttachmentState, OperationRecord, PreviewKind};

use crate::engine::{Engine, guard};
use crate::error::EngineError;
use crate::view::ticket::TicketDetail;

/// Places for files in the ids of one operation; at least `FILES_MAX`.
const PLACES: i64 = 64;

/// The id of a file of an operation that is not sent: below zero, where no attachment of a note has its id.
pub(crate) fn pending_id(operation: OperationId, position: usize) -> AttachmentId {
    AttachmentId(-(operation.0 * PLACES + i64::try_from(position).unwrap_or(PLACES - 1).min(PLACES - 1) + 1))
}

/// The operation and place that such an id stands for.
pub(crate) fn pending_place(id: AttachmentId) -> Option<(OperationId, usize)> {
    let number = -id.0 - 1;
    if number < 0 {
        return None;
    }
    Some((OperationId(number / PLACES), usize::try_from(number % PLACES).ok()?))
}

/// The files of an operation that is not sent, before it is known how far each is.
pub(crate) fn pending_files(operation: &OperationRecord) -> Vec<AttachmentRecord> {
    let state = match operation.state {
        OperationState::Rejected => AttachmentState::Failed,
        OperationState::Sent => AttachmentState::Sent,
        OperationState::Sending => AttachmentState::Sending,
        OperationState::Queued | OperationState::Unknown => AttachmentState::Queued,
    };
    let shown = |(position, file): (usize, &FileRef)| AttachmentRecord {
        id: pending_id(operation.id, position),
        name: file.name.clone(),
        mime: file.mime.clone(),
        size_bytes: file.size_bytes,
        state,
        done_bytes: 0,
        code: operation.code.filter(|_| state == AttachmentState::Failed),
        preview: PreviewKind::promised(&file.mime),
    };
    operation.kind.files().iter().enumerate().map(shown).collect()
}

impl Engine {
    /// Lays what is under way over a ticket's files.
    pub(crate) async fn lay_transfers(&self, detail: &mut TicketDetail) -> Result<(), EngineError> {
        if detail.notes.iter().any(|note| note.operation.is_some() && !note.attachments.is_empty()) {
            self.lay_uploads(detail).await?;
        }
        let fetches = guard(&self.transfers.fetches);
        for file in detail.notes.iter_mut().flat_map(|note| &mut note.attachments) {
            if let Some(fetch) = fetches.get(&file.id) {
                let has_begun = fetch.has_begun.load(Ordering::Relaxed);
                file.state = if has_begun { AttachmentState::Fetching } else { AttachmentState::Queued };
                file.done_bytes = fetch.done.load(Ordering::Relaxed);
                file.code = None;
            }
        }
        Ok(())
    }

    async fn lay_uploads(&self, detail: &mut TicketDetail) -> Result<(), EngineError> {
        let ticket = detail.id;
        let known = self.read(move |store| store.uploads(ticket)).await?;
        let leaving = guard(&self.transfers.uploads);
        for note in &mut detail.notes {
            let Some(operation) = &note.operation else { continue };
            for (position, file) in note.attachments.iter_mut().enumerate() {
                let Some(record) =
                    known.iter().find(|record| record.operation_id == operation.id && record.position as usize == position)
                else {
                    continue;
                };
                let is_there = !record.remote.is_empty() && record.remote != deskbell_store::WITH_NOTE;
                if is_there {
                    (file.state, file.done_bytes) = (AttachmentState::Sent, file.size_bytes);
                } else if let Some(done) = leaving.get(&(operation.id, record.sha256.clone())) {
                    (file.state, file.done_bytes) = (AttachmentState::Sending, *done);
                } else {
                    file.done_bytes = record.done_bytes;
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_of_a_waiting_file_names_its_operation_and_place() {
        for (operation, position) in [(1, 0), (1, 19), (90_000, 7)] {
            let id = pending_id(OperationId(operation), position);
            assert!(id.0 < 0);
            assert_eq!(pending_place(id), Some((OperationId(operation), position)));
        }
        assert_eq!(pending_place(AttachmentId(5)), None);
    }
}
