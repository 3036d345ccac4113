//! New tickets being written: kept while they are typed, so that neither closing the window nor a crash loses one.

use deskbell_domain::Code;
use deskbell_domain::sync::op::NewTicket;
use deskbell_domain::ticket::{AccountId, Visibility};
use deskbell_store::records::TicketDraft;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::engine::Engine;
use crate::error::EngineError;

/// Most new tickets kept at once: the one in the form and those set aside.
pub const NEW_TICKET_DRAFTS_MAX: usize = 121;
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
    /// Of the operation that was to open it and was taken back; empty for one that was never sent off.
    pub marker: String,
    /// Internal notes that were written on it: nothing of them becomes public by itself.
    pub aside: String,
}

impl From<TicketDraft> for NewTicketDraft {
    /// Replies that waited for the ticket become part of its first message.
    fn from(from: TicketDraft) -> Self {
        let (public, internal): (Vec<_>, Vec<_>) =
            from.notes.into_iter().partition(|(_, visibility)| *visibility == Visibility::Public);
        let words = |notes: Vec<(String, Visibility)>| notes.into_iter().map(|(body, _)| body).collect::<Vec<_>>().join("\n\n");
        let mut ticket = from.ticket;
        let more = words(public);
        if !more.is_empty() {
            ticket.body = if ticket.body.is_empty() { more } else { format!("{}\n\n{more}", ticket.body) };
        }
        Self { account: Some(from.account_id), ticket, marker: from.marker, aside: words(internal) }
    }
}

impl Engine {
    /// The one in the form first, those that were taken back last.
    ///
    /// # Errors
    /// The store's.
    pub async fn new_ticket_drafts(&self) -> Result<Vec<NewTicketDraft>, EngineError> {
        self.read(|store| {
            let text = store.setting(KEY)?.unwrap_or_default();
            let mut drafts: Vec<NewTicketDraft> = serde_json::from_str(&text).unwrap_or_default();
            let returned = store.ticket_drafts()?;
            if returned.is_empty() {
                return Ok(drafts);
            }
            let markers: Vec<String> = returned.iter().map(|draft| draft.marker.clone()).collect();
            for draft in returned.into_iter().rev() {
                if !drafts.iter().any(|known| known.marker == draft.marker) {
                    drafts.push(draft.into());
                }
            }
            // Kept here before it is forgotten there: a crash between the two leaves both, and the marker tells them apart.
            store.put_setting(KEY, &serde_json::to_string(&drafts).unwrap_or(text))?;
            for marker in markers {
                store.forget_ticket_draft(&marker)?;
            }
            Ok(drafts)
        })
        .await
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

#[cfg(test)]
mod tests {
    use deskbell_domain::UtcMs;

    use super::*;

    #[test]
    fn an_internal_note_on_a_ticket_taken_back_stays_out_of_its_message() {
        let ticket = NewTicket { body: "first".to_owned(), ..NewTicket::default() };
        let notes = vec![
            ("more".to_owned(), Visibility::Public),
            ("for us".to_owned(), Visibility::Internal),
            ("last".to_owned(), Visibility::Public),
        ];
        let from = TicketDraft { marker: "m".to_owned(), account_id: AccountId(3), ticket, notes, updated_at: UtcMs(0) };
        let draft = NewTicketDraft::from(from);
        assert_eq!(draft.ticket.body, "first\n\nmore\n\nlast");
        assert_eq!((draft.aside.as_str(), draft.account, draft.marker.as_str()), ("for us", Some(AccountId(3)), "m"));
    }
}
