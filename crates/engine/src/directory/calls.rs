//! Calls: begun, written down, ended, and taken to the ticket.

use std::collections::BTreeMap;

use deskbell_domain::directory::CallOutcome;
use deskbell_domain::sync::op::OperationId;
use deskbell_domain::ticket::TicketId;
use deskbell_domain::time::MINUTE_MS;
use deskbell_domain::{Code, UtcMs};
use deskbell_store::{CallRecord, CallWords, NewCall, Store, StoreError};
use serde::Serialize;
use ts_rs::TS;

use crate::catalogue::{Catalogue, TextArgs};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::state::Language;

/// A call as shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Call {
    pub id: i64,
    pub ticket: Option<TicketId>,
    /// Empty without a ticket, and while the server has not got it.
    pub ticket_remote_id: String,
    pub line_key: String,
    pub line_name: String,
    pub number: String,
    pub started_at: UtcMs,
    /// Null: it is under way.
    pub ended_at: Option<UtcMs>,
    pub outcome: Option<CallOutcome>,
    pub agent: String,
    pub case_number: String,
    pub note: String,
    pub ticked: Vec<String>,
    /// The operation that took it to the ticket's timeline.
    pub operation: Option<OperationId>,
}

impl Engine {
    /// Begins a call to a line of the directory. One call at a time.
    ///
    /// # Errors
    /// `entry_unknown`, `ticket_unknown`, `call_under_way`, `text_too_long`.
    pub async fn start_call(&self, ticket: Option<TicketId>, line_key: String, ticked: Vec<String>) -> Result<Call, EngineError> {
        let line = self.line_entry(&line_key).await?.line;
        let line_name = match self.settings().language {
            Language::En if !line.name_en.is_empty() => line.name_en,
            Language::ZhCn if line.name_zh.is_empty() => line.name_en,
            _ => line.name_zh,
        };
        let new = NewCall { ticket, line_key, line_name, number: line.number, ticked };
        let now = self.now();
        let record = self.read(move |store| store.start_call(&new, now)).await?;
        tracing::info!(call = record.id, "A call began.");
        self.show_call(record).await
    }

    /// Keeps what was written down, during the call or after it.
    ///
    /// # Errors
    /// `call_unknown`, `text_too_long`.
    pub async fn put_call(&self, id: i64, words: CallWords) -> Result<Call, EngineError> {
        let record = self.read(move |store| store.put_call(id, &words)).await?;
        self.show_call(record).await
    }

    /// Ends a call; with `to_ticket` what was written down goes to the ticket: as an internal note where its provider has
    /// them, else as a reply.
    ///
    /// # Errors
    /// `call_unknown`, `call_finished`; `ticket_unknown` for `to_ticket` without one; those of [`Engine::edit`].
    pub async fn end_call(
        &self,
        id: i64,
        outcome: CallOutcome,
        to_ticket: bool,
        marker: Option<&str>,
    ) -> Result<Call, EngineError> {
        let now = self.now();
        let call = self.read(move |store| store.call(id)).await?;
        let planned = match (to_ticket, call.ticket) {
            (false, _) => None,
            (true, None) => return Err(EngineError::new(Code::TicketUnknown).arg("id", "")),
            (true, Some(ticket)) => {
                let text = note_text(Catalogue::of(self.settings().language), &call, outcome, now);
                Some(self.plan_note(ticket, text, marker).await?)
            }
        };
        let (note, not_before) = planned.map_or((None, now), |(note, not_before)| (Some(note), not_before));
        let ended = self.read(move |store| store.end_call(id, outcome, note.as_ref(), now, not_before)).await?;
        tracing::info!(call = ended.id, "A call ended.");
        if let (Some(_), Some(ticket)) = (ended.operation, ended.ticket) {
            self.after_outbox_change(ticket).await;
        }
        self.show_call(ended).await
    }

    /// Calls of a ticket, or all, the newest first; one that is under way is the first of all.
    ///
    /// # Errors
    /// The store's.
    pub async fn calls(&self, ticket: Option<TicketId>, limit: u32) -> Result<Vec<Call>, EngineError> {
        self.read(move |store| {
            let mut names: BTreeMap<TicketId, String> = BTreeMap::new();
            let mut calls = Vec::new();
            for record in store.calls(ticket, limit)? {
                let name = match record.ticket {
                    None => String::new(),
                    Some(id) => match names.get(&id) {
                        Some(name) => name.clone(),
                        None => names.entry(id).or_insert(remote_id(store, id)?).clone(),
                    },
                };
                calls.push(shown(record, name));
            }
            Ok(calls)
        })
        .await
    }

    async fn show_call(&self, record: CallRecord) -> Result<Call, EngineError> {
        let name = match record.ticket {
            Some(id) => self.read(move |store| remote_id(store, id)).await?,
            None => String::new(),
        };
        Ok(shown(record, name))
    }
}

/// The server's id of a ticket; empty where it has none, or the ticket is gone.
fn remote_id(store: &Store, id: TicketId) -> Result<String, StoreError> {
    Ok(store.ticket(id)?.map(|ticket| ticket.remote_id).unwrap_or_default())
}

fn shown(record: CallRecord, ticket_remote_id: String) -> Call {
    Call {
        id: record.id,
        ticket: record.ticket,
        ticket_remote_id,
        line_key: record.line_key,
        line_name: record.line_name,
        number: record.number,
        started_at: record.started_at,
        ended_at: record.ended_at,
        outcome: record.outcome,
        agent: record.words.agent,
        case_number: record.words.case_number,
        note: record.words.note,
        ticked: record.words.ticked,
        operation: record.operation,
    }
}

/// The note on the ticket, in the desk's language.
fn note_text(catalogue: &Catalogue, call: &CallRecord, outcome: CallOutcome, now: UtcMs) -> String {
    let ended = call.ended_at.unwrap_or(now).max(call.started_at);
    // Started minutes count: a call of seconds was not nothing.
    let minutes = (ended.ms_since(call.started_at) + MINUTE_MS - 1) / MINUTE_MS;
    let (from, to) = (wall(call.started_at, "%Y-%m-%d %H:%M"), wall(ended, "%H:%M (UTC%:z)"));
    let text = |key: &str, args: TextArgs<'_>| catalogue.text(key, &args);
    let outcome = text(&format!("call-outcome-{}", outcome.as_str()), TextArgs::new());
    let words = &call.words;
    let ticked = words.ticked.join("; ");
    let mut lines = vec![
        text("call-note-title", TextArgs::new().text("line", &call.line_name).text("number", &call.number)),
        text("call-note-when", TextArgs::new().text("from", &from).text("to", &to).number("minutes", minutes.max(1))),
        text("call-note-outcome", TextArgs::new().text("outcome", &outcome)),
    ];
    for (key, name, value) in [
        ("call-note-agent", "agent", &words.agent),
        ("call-note-case", "case", &words.case_number),
        ("call-note-ticked", "ticked", &ticked),
    ] {
        if !value.trim().is_empty() {
            lines.push(text(key, TextArgs::new().text(name, value.trim())));
        }
    }
    if !words.note.trim().is_empty() {
        lines.extend([String::new(), words.note.trim().to_owned()]);
    }
    lines.join("\n")
}

fn wall(at: UtcMs, format: &str) -> String {
    at.to_datetime().map_or_else(String::new, |at| at.with_timezone(&chrono::Local).format(format).to_string())
}
