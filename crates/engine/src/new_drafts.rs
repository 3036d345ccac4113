//! New tickets being written: kept while they are typed, so that neither closing the window nor a crash loses one.

use deskbell_domain::Code;
use deskbell_domain::sync::op::NewTicket;
use deskbell_domain::ticket::AccountId;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::engine::Engine;
use crate::error::EngineError;

/// Most new tickets kept at once: the one in the form and those set aside.
pub const NEW_TICKET_DRAFTS_MAX: usize = 21;
/// Largest text of all of them together, in bytes.
pub const NEW_TICKET_DRAFTS_BYTES_MAX: usize = 4 * 1024 * 1024;
const KEY: &str = "new_ticket_drafts";

/// A ticket that nobody has sent yet.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct NewTicketDraft {
    /// Where it is to be opened, once chosen.
    pub account: Option<AccountId>,
    pub ticket: NewTicket,
}

impl Engine {
    /// The one in the form first.
    ///
    /// # Errors
    /// The store's.
    pub async fn new_ticket_drafts(&self) -> Result<Vec<NewTicketDraft>, EngineError> {
        let text = self.read(|store| store.setting(KEY)).await?.unwrap_or_default();
        Ok(serde_json::from_str(&text).unwrap_or_default())
    }

    /// Keeps them instead of those kept before.
    ///
    /// # Errors
    /// `input_invalid` when there are too many or too much of them; the store's.
    pub async fn put_new_ticket_drafts(&self, drafts: &[NewTicketDraft]) -> Result<(), EngineError> {
        let text = serde_json::to_string(drafts).map_err(|error| EngineError::with_detail(Code::Internal, error.to_string()))?;
        if drafts.len() > NEW_TICKET_DRAFTS_MAX || text.len() > NEW_TICKET_DRAFTS_BYTES_MAX {
            return Err(EngineError::new(Code::InputInvalid).arg("field", "drafts"));
        }
        self.read(move |store| store.put_setting(KEY, &text)).await
    }
}
