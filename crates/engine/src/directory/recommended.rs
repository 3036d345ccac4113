//! Which line to call for a ticket, and what to have at hand.

use deskbell_domain::UtcMs;
use deskbell_domain::directory::{CallFacts, LineContract, OpenState, PhoneLine, Reason, recommend};
use deskbell_domain::ticket::{AccountId, Priority, Status, TicketId};
use deskbell_store::{NoteRecord, TicketRecord};
use serde::Serialize;
use ts_rs::TS;

use super::LineEntry;
use super::sheet::{account_number, instance_ids, says_outage};
use crate::engine::Engine;
use crate::error::EngineError;

/// A line in the order in which to try them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct RecommendedLine {
    pub entry: LineEntry,
    pub reasons: Vec<Reason>,
    /// False when the customer is not served there, or not understood.
    pub fits: bool,
    pub open: OpenState,
    pub opens_at: Option<UtcMs>,
}

/// Whom to ask for. Each has a text in the catalogue, `call-ask-<name>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum AskFor {
    /// The engineer of the customer's service level agreement.
    SlaEngineer,
    Expert,
    Agent,
}

/// What to have at hand before calling about a ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct CallSheet {
    pub ticket: TicketId,
    /// Empty while the server has not got it.
    pub ticket_remote_id: String,
    pub subject: String,
    pub account: AccountId,
    pub account_name: String,
    /// The customer's account number with the vendor as the ticket has it, else the user of our connection.
    pub account_id: String,
    /// `i-…`, `lb-…`, `rm-…` found in the ticket's fields and conversation, in the order found.
    pub instance_ids: Vec<String>,
    pub ask_for: AskFor,
    /// What the provider calls its service level; empty where it has none.
    pub sla_name: String,
    pub customer: String,
    pub service_manager: String,
    pub deputy: String,
}

/// Lines with reasons, what they were chosen by, and the sheet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Recommended {
    pub recommendations: Vec<RecommendedLine>,
    /// What the lines were chosen by: as given, or read from the ticket.
    pub facts: CallFacts,
    /// Null without a ticket.
    pub sheet: Option<CallSheet>,
}

impl Engine {
    /// The lines to call, best first. Facts that are given stand instead of those read from the ticket.
    ///
    /// # Errors
    /// `ticket_unknown`.
    pub async fn recommend(&self, ticket: Option<TicketId>, facts: Option<CallFacts>) -> Result<Recommended, EngineError> {
        let known = match ticket {
            Some(id) => Some((self.known(id).await?, self.read(move |store| store.notes(id)).await?)),
            None => None,
        };
        let read = known.as_ref().map(|(ticket, notes)| facts_of(ticket, notes)).unwrap_or_default();
        let facts = facts.unwrap_or(read);
        let mut entries = self.lines_of(known.as_ref().map(|(ticket, _)| ticket.account_id)).await?;
        if entries.is_empty() {
            entries = self.lines_of(None).await?;
        }
        let now = self.now();
        let lines: Vec<_> = entries.iter().map(|entry| entry.line.clone()).collect();
        let recommended = recommend(&lines, &facts, now).into_iter().filter_map(|one| {
            let entry = entries.get(one.line)?.clone();
            let open = entry.opening;
            Some(RecommendedLine { entry, reasons: one.reasons, fits: one.fits, open, opens_at: one.opens_at })
        });
        let recommendations = recommended.collect();
        let sheet = match &known {
            Some((ticket, notes)) => {
                let user = self.account_record(ticket.account_id).await?.user;
                Some(sheet(ticket, notes, &facts, &user))
            }
            None => None,
        };
        Ok(Recommended { recommendations, facts, sheet })
    }
}

impl Engine {
    /// The first line to call for a ticket, by what its own row says.
    pub(crate) async fn line_to_call(&self, ticket: &TicketRecord) -> Result<Option<PhoneLine>, EngineError> {
        let entries = self.lines_of(Some(ticket.account_id)).await?;
        let lines: Vec<_> = entries.into_iter().map(|entry| entry.line).collect();
        let first = recommend(&lines, &facts_of(ticket, &[]), self.now()).into_iter().next();
        Ok(first.and_then(|first| lines.into_iter().nth(first.line)))
    }
}

fn facts_of(ticket: &TicketRecord, notes: &[NoteRecord]) -> CallFacts {
    let finished = matches!(ticket.status, Status::Resolved | Status::Closed);
    let first = notes.first().map(|note| note.body.as_str()).unwrap_or_default();
    let words = ticket.tags.iter().map(String::as_str).chain([ticket.subject.as_str(), first]);
    CallFacts {
        priority: ticket.priority,
        outage: !finished && ticket.priority != Priority::Routine && words.into_iter().any(says_outage),
        vip: ticket.customer.vip,
        contract: None,
        languages: ticket.customer.languages.clone(),
        product: ticket.product.clone(),
    }
}

fn sheet(ticket: &TicketRecord, notes: &[NoteRecord], facts: &CallFacts, user: &str) -> CallSheet {
    let fields = || ticket.custom_fields.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let texts = || std::iter::once(ticket.subject.as_str()).chain(notes.iter().map(|note| note.body.as_str()));
    let enterprise = facts.contract.map_or(facts.vip, |contract| contract == LineContract::Enterprise);
    let ask_for = match (enterprise, facts.outage || facts.priority == Priority::Urgent) {
        (true, _) => AskFor::SlaEngineer,
        (false, true) => AskFor::Expert,
        (false, false) => AskFor::Agent,
    };
    CallSheet {
        ticket: ticket.id,
        ticket_remote_id: ticket.remote_id.clone(),
        subject: ticket.subject.clone(),
        account: ticket.account_id,
        account_name: ticket.account_name.clone(),
        account_id: account_number(fields(), texts()).unwrap_or_else(|| user.to_owned()),
        instance_ids: instance_ids(fields().map(|(_, value)| value).chain(texts())),
        ask_for,
        sla_name: ticket.custom_fields.get(deskbell_remote::rt::SLA_KEY).cloned().unwrap_or_default(),
        customer: ticket.customer.name.clone(),
        service_manager: ticket.customer.service_manager.clone(),
        deputy: ticket.customer.deputy.clone(),
    }
}
