//! A visit that is half asked for, and photos of one that took place.

use deskbell_domain::Code;
use deskbell_domain::sync::op::{FileRef, OperationKind};
use deskbell_domain::ticket::{TicketId, Visibility};
use deskbell_store::records::NewOperation;
use serde::de::IgnoredAny;

use super::find::unknown;
use super::view::VisitView;
use crate::engine::Engine;
use crate::error::EngineError;

/// Longest draft of a request, in bytes.
pub const VISIT_DRAFT_BYTES_MAX: usize = 256 * 1024;

impl Engine {
    /// What the wizard kept for a ticket: JSON of the window's making, or `{"request", "booking"}` of a request that was taken
    /// back. The newest where there are several.
    ///
    /// # Errors
    /// The store's.
    pub async fn visit_draft(&self, ticket: TicketId) -> Result<Option<String>, EngineError> {
        self.read(move |store| store.visit_draft(ticket)).await
    }

    /// Keeps the wizard's words instead of the newest kept before; `None` forgets that, and the one before it shows again.
    ///
    /// # Errors
    /// `input_invalid` for more than [`VISIT_DRAFT_BYTES_MAX`] or what is no JSON; the one before stays. `ticket_unknown`.
    pub async fn put_visit_draft(&self, ticket: TicketId, draft: Option<String>) -> Result<(), EngineError> {
        let refused = |detail: String| EngineError::with_detail(Code::InputInvalid, detail).arg("field", "draft");
        if let Some(text) = &draft {
            if text.len() > VISIT_DRAFT_BYTES_MAX {
                return Err(refused(format!("{} bytes, {VISIT_DRAFT_BYTES_MAX} at most", text.len())));
            }
            serde_json::from_str::<IgnoredAny>(text).map_err(|error| refused(error.to_string()))?;
        }
        let now = self.now();
        self.read(move |store| store.put_visit_draft(ticket, draft.as_deref(), now)).await
    }

    /// Sends a photo to the visit's ticket and lists it with the visit, both or neither.
    ///
    /// # Errors
    /// `visit_unknown`; `ticket_unknown` while its ticket is not here; as [`Engine::edit`] for the file.
    pub async fn add_visit_photo(&self, key: &str, file: FileRef, marker: Option<&str>) -> Result<VisitView, EngineError> {
        let wanted = key.to_owned();
        let record = self.read(move |store| store.visit(&wanted)).await?.ok_or_else(|| unknown(key))?;
        let ticket = record
            .ticket_id
            .ok_or_else(|| EngineError::new(Code::TicketUnknown).arg("id", record.visit.ticket_remote_id.clone()))?;
        let edit = crate::edits::Edit::Attach { file: file.clone(), visibility: Visibility::Public };
        self.check_edit(ticket, &edit).await?;
        let kind = OperationKind::Attach { file, visibility: Visibility::Public };
        let new = NewOperation { ticket_id: ticket, kind, marker: self.marker(marker)? };
        let (now, not_before, wanted) = (self.now(), self.leaves_at(new.kind.name(), crate::edits::Undo::AsSet), key.to_owned());
        self.read(move |store| store.add_visit_photo(&wanted, &new, now, not_before)).await?;
        self.after_outbox_change(ticket).await;
        self.emit_visits();
        self.visit(key).await
    }
}
