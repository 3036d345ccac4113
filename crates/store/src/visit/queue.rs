//! Visits on their way out.

use deskbell_domain::scheduling::{Visit, visit_started_from};
use deskbell_domain::sync::op::{FileRef, OperationId, OperationKind, OperationState};
use deskbell_domain::ticket::TicketId;
use deskbell_domain::{Code, UtcMs};
use rusqlite::{OptionalExtension as _, Transaction, params};

use super::{VisitRecord, find, list, words};
use crate::error::{Result, StoreError};
use crate::outbox;
use crate::records::{NewOperation, OperationRecord};
use crate::writer::{Durability, Touched};
use crate::{Store, transfer};

impl Store {
    /// Queues a request for a visit with its row, and remembers the site. `again`: in place of the request that was refused or
    /// waits, which goes. The same marker again is the first operation.
    ///
    /// # Errors
    /// `TicketUnknown`; of `again` `VisitUnknown`, and `VisitActionInvalid` when the server has the visit or may have it.
    pub fn request_visit(
        &self,
        new: &NewOperation,
        site: &str,
        again: bool,
        now: UtcMs,
        not_before: UtcMs,
    ) -> Result<OperationId> {
        let (new, site) = (new.clone(), site.to_owned());
        self.write(Durability::Full, move |transaction, touched| {
            if let Some(known) = outbox::of_marker(transaction, &new.marker)? {
                return Ok(known);
            }
            if let (true, Some(key)) = (again, new.kind.visit()) {
                take_back(transaction, key)?;
            }
            let id = outbox::enqueue(transaction, touched, &new, now, not_before)?;
            words::remember_site(transaction, new.ticket_id, &site, now)?;
            Ok(id)
        })
    }

    /// Queues a photo as a file of the visit's ticket and lists it with the visit, in one transaction.
    ///
    /// # Errors
    /// `VisitUnknown`; `TicketUnknown`; `FileMissing`.
    pub fn add_visit_photo(&self, key: &str, new: &NewOperation, now: UtcMs, not_before: UtcMs) -> Result<OperationId> {
        transfer::require_files(self, &new.kind)?;
        let (key, new) = (key.to_owned(), new.clone());
        self.write(Durability::Full, move |transaction, touched| {
            let known = find(transaction, &key)?.ok_or_else(|| unknown(&key))?;
            let id = outbox::enqueue(transaction, touched, &new, now, not_before)?;
            let mut photos = known.photos;
            photos.extend(new.kind.files().iter().filter(|file| !photos.contains(file)).cloned().collect::<Vec<_>>());
            put_photos(transaction, &key, &photos)?;
            Ok(id)
        })
    }
}

fn unknown(key: &str) -> StoreError {
    StoreError::new(Code::VisitUnknown, format!("visit {key}"))
}

fn put_photos(transaction: &Transaction<'_>, key: &str, photos: &[FileRef]) -> Result<()> {
    transaction.execute("UPDATE visit SET photos = ?2 WHERE key = ?1", params![key, serde_json::to_string(photos)?])?;
    Ok(())
}

/// The request that a newer one stands for goes; the visit's row stays.
fn take_back(transaction: &Transaction<'_>, key: &str) -> Result<()> {
    let known = find(transaction, key)?.ok_or_else(|| unknown(key))?;
    let requests: Vec<OperationRecord> = list::operations(transaction, key)?
        .into_iter()
        .filter(|operation| matches!(operation.kind, OperationKind::RequestVisit { .. }))
        .collect();
    let is_here = |one: &OperationRecord| matches!(one.state, OperationState::Queued | OperationState::Rejected);
    if !known.remote_id.is_empty() || !requests.iter().all(is_here) {
        return Err(StoreError::new(Code::VisitActionInvalid, format!("visit {key} is or may be on the server")));
    }
    for request in requests {
        transaction.execute("DELETE FROM operation WHERE id = ?", [request.id.0])?;
    }
    Ok(())
}

/// A pull may have brought a visit under the server's name before the answer to its request came: what was done to that row
/// is done to this one.
pub(super) fn take_twin(transaction: &Transaction<'_>, known: &VisitRecord, remote_id: &str) -> Result<()> {
    let twin: Option<String> =
        transaction.query_row(TWIN, params![known.account_id.0, remote_id, known.key], |row| row.get(0)).optional()?;
    let Some(twin) = twin else { return Ok(()) };
    for operation in list::operations(transaction, &twin)? {
        transaction.execute(
            "UPDATE operation SET payload = json_set(payload, '$.visit', ?2) WHERE id = ?1",
            params![operation.id.0, known.key],
        )?;
    }
    if let Some(mut twin) = find(transaction, &twin)? {
        twin.photos.retain(|photo| !known.photos.contains(photo));
        if !twin.photos.is_empty() {
            put_photos(transaction, &known.key, &[known.photos.clone(), twin.photos].concat())?;
        }
    }
    transaction.execute("DELETE FROM visit WHERE key = ?", [twin])?;
    Ok(())
}

pub(crate) const TWIN: &str = "SELECT key FROM visit WHERE account_id = ? AND remote_id <> '' AND remote_id = ? AND key <> ?";

/// What waits behind something of ours that landed was made knowing of it: it starts from what came of it.
pub(super) fn start_anew(transaction: &Transaction<'_>, key: &str, visit: &Visit) -> Result<()> {
    for operation in list::operations(transaction, key)? {
        let anew = visit_started_from(&operation.kind, visit);
        if operation.state == OperationState::Queued && anew != operation.kind {
            let payload = serde_json::to_string(&anew)?;
            transaction.execute("UPDATE operation SET payload = ? WHERE id = ?", params![payload, operation.id.0])?;
        }
    }
    Ok(())
}

/// The server said no to a request: what waits behind it cannot go.
pub(crate) fn refused_request(transaction: &Transaction<'_>, ticket: TicketId, key: &str, now: UtcMs) -> Result<()> {
    transaction.execute(REFUSE_CHANGES, params![ticket.0, key, now.0])?;
    Ok(())
}

pub(crate) const REFUSE_CHANGES: &str = "
    UPDATE operation SET state = 'rejected', code = 'depends_on_rejected', detail = '', not_before = ?3, wait = 'backoff',
           wait_from = ?3
    WHERE ticket_id = ?1 AND state IN ('queued', 'sending', 'unknown', 'rejected') AND state = 'queued'
        AND kind = 'change_visit' AND payload ->> 'visit' = ?2";

/// An operation was taken back: its words return to where they were typed, and what stood for it alone goes.
pub(crate) fn gone(transaction: &Transaction<'_>, touched: &mut Touched, gone: &OperationRecord, now: UtcMs) -> Result<()> {
    match &gone.kind {
        OperationKind::RequestVisit { visit, request, booking } => {
            let Some(known) = find(transaction, visit)? else { return Ok(()) };
            words::keep_request(transaction, gone, request, booking, now)?;
            if !known.remote_id.is_empty() {
                return Ok(());
            }
            for dependant in list::operations(transaction, visit)? {
                transaction.execute("DELETE FROM operation WHERE id = ?", [dependant.id.0])?;
                words::keep_change(transaction, &dependant)?;
            }
            transaction.execute("DELETE FROM visit WHERE key = ?", [visit])?;
            touched.ticket(gone.ticket_id);
        }
        OperationKind::ChangeVisit { visit, .. } => {
            words::reopen_change(transaction, gone, now)?;
            if !list::operations(transaction, visit)?.iter().any(|one| one.state == OperationState::Rejected) {
                transaction.execute("UPDATE visit SET refusal = '' WHERE key = ?", [visit])?;
            }
        }
        OperationKind::Attach { file, .. } => forget_photo(transaction, gone.ticket_id, file)?,
        _ => {}
    }
    Ok(())
}

pub(crate) const WITH_PHOTOS: &str = "SELECT key FROM visit WHERE ticket_id = ? AND photos <> '[]'";

/// A photo that was taken back is one of the reply's files now, and none of a visit's.
fn forget_photo(transaction: &Transaction<'_>, ticket: TicketId, file: &FileRef) -> Result<()> {
    let keys: Vec<String> = {
        let mut statement = transaction.prepare_cached(WITH_PHOTOS)?;
        let rows = statement.query_map([ticket.0], |row| row.get(0))?;
        rows.collect::<rusqlite::Result<_>>()?
    };
    for key in keys {
        let Some(mut known) = find(transaction, &key)? else { continue };
        known.photos.retain(|photo| photo != file);
        put_photos(transaction, &key, &known.photos)?;
    }
    Ok(())
}
