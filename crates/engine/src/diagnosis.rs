//! Diagnosis sessions: planned on a ticket, moved, called off, finished with findings.
//!
//! They are this desk's own; what goes to the ticket is a note, and what goes out is an invitation. A change that a calendar
//! has to learn raises the sequence (RFC 5546, 2.1.4); findings and consent alone do not.

use deskbell_domain::diagnosis::{
    DiagnosisDraft, DiagnosisSession, DiagnosisState, SESSION_FINDINGS_CHARS_MAX, TITLE_CHARS_MAX, check_diagnosis,
};
use deskbell_domain::directory::Problem;
use deskbell_domain::ticket::TicketId;
use deskbell_domain::{Code, UtcMs};
use deskbell_store::StoreError;

use crate::engine::Engine;
use crate::error::EngineError;
use crate::events::DeskEvent;

/// Behind the @ of a uid; a name of ours for ever.
const UID_HOST: &str = "deskbell";

impl Engine {
    /// Of one ticket or of all, the latest first.
    ///
    /// # Errors
    /// The store's.
    pub async fn diagnoses(&self, ticket: Option<TicketId>) -> Result<Vec<DiagnosisSession>, EngineError> {
        self.read(move |store| store.diagnoses(ticket)).await
    }

    /// # Errors
    /// `diagnosis_unknown`.
    pub async fn diagnosis(&self, id: i64) -> Result<DiagnosisSession, EngineError> {
        self.read(move |store| store.diagnosis(id)).await
    }

    /// Everything wrong with a session as typed.
    #[must_use]
    pub fn check_diagnosis(&self, draft: &DiagnosisDraft) -> Vec<Problem> {
        check_diagnosis(draft, self.now())
    }

    /// Plans a session, or changes one that is planned.
    ///
    /// # Errors
    /// The first problem of [`check_diagnosis`] with its field, `ticket_unknown`, `diagnosis_unknown`, `diagnosis_finished`.
    pub async fn put_diagnosis(&self, draft: DiagnosisDraft) -> Result<DiagnosisSession, EngineError> {
        let now = self.now();
        if let Some(problem) = check_diagnosis(&draft, now).into_iter().next() {
            return Err(of_problem(problem));
        }
        let id = draft.ticket;
        let ticket = self.read(move |store| store.ticket(id)).await?.ok_or_else(|| EngineError::new(Code::TicketUnknown))?;
        let kept = match draft.id {
            None => {
                let uid = format!("{:016x}{:016x}@{UID_HOST}", self.ports.rng.bits(), self.ports.rng.bits());
                let session = planned(draft, uid, ticket.remote_id, now);
                self.read(move |store| store.add_diagnosis(session)).await?
            }
            Some(id) => self.read(move |store| store.change_diagnosis(id, move |before| Ok(changed(before, draft, now)))).await?,
        };
        self.diagnoses_changed(kept.ticket);
        Ok(kept)
    }

    /// Calls a session off; calendars learn it.
    ///
    /// # Errors
    /// `diagnosis_unknown`, `diagnosis_finished`, `text_too_long`.
    pub async fn cancel_diagnosis(&self, id: i64, reason: String) -> Result<DiagnosisSession, EngineError> {
        if reason.chars().count() > TITLE_CHARS_MAX {
            return Err(EngineError::new(Code::TextTooLong).arg("most", TITLE_CHARS_MAX.to_string()));
        }
        let now = self.now();
        let change = move |before: DiagnosisSession| {
            Ok(DiagnosisSession {
                state: DiagnosisState::Cancelled,
                cancel_reason: reason.trim().to_owned(),
                sequence: before.sequence.saturating_add(1),
                updated_at: now,
                ..before
            })
        };
        let kept = self.read(move |store| store.change_diagnosis(id, change)).await?;
        self.diagnoses_changed(kept.ticket);
        Ok(kept)
    }

    /// Ends a session with its findings, and puts them on the ticket where that is asked: a note for colleagues where the
    /// provider has those, else a reply, beside what is being written there. Both happen, or neither.
    ///
    /// # Errors
    /// `consent_missing` while nobody recorded that the customer agrees; `value_missing` for findings to be put on the ticket
    /// that are empty; `text_too_long`; `diagnosis_unknown`, `diagnosis_finished`; those of the note.
    pub async fn finish_diagnosis(
        &self,
        id: i64,
        findings: String,
        to_ticket: bool,
        marker: Option<&str>,
    ) -> Result<DiagnosisSession, EngineError> {
        if findings.chars().count() > SESSION_FINDINGS_CHARS_MAX {
            return Err(EngineError::new(Code::TextTooLong).arg("most", SESSION_FINDINGS_CHARS_MAX.to_string()));
        }
        if to_ticket && findings.trim().is_empty() {
            return Err(EngineError::new(Code::ValueMissing).arg("field", "findings"));
        }
        let before = self.diagnosis(id).await?;
        check_finish(&before)?;
        let now = self.now();
        let (ticket, title, told) = (before.ticket, before.title, findings.trim().to_owned());
        let change = {
            let findings = told.clone();
            move |before: DiagnosisSession| {
                check_finish(&before).map_err(|error| StoreError::new(error.code, "no consent is recorded"))?;
                Ok(DiagnosisSession { state: DiagnosisState::Done, findings, updated_at: now, ..before })
            }
        };
        let kept = if to_ticket {
            let (note, not_before) = self.plan_note(ticket, format!("{title}\n\n{told}"), marker).await?;
            let kept = self.read(move |store| store.change_diagnosis_with_note(id, note, now, not_before, change)).await?;
            self.after_outbox_change(ticket).await;
            kept
        } else {
            self.read(move |store| store.change_diagnosis(id, change)).await?
        };
        self.diagnoses_changed(kept.ticket);
        Ok(kept)
    }

    fn diagnoses_changed(&self, ticket: TicketId) {
        self.emit(DeskEvent::DiagnosesChanged { ticket });
    }
}

fn check_finish(session: &DiagnosisSession) -> Result<(), EngineError> {
    match (&session.state, &session.consent) {
        (DiagnosisState::Planned, Some(_)) => Ok(()),
        (DiagnosisState::Planned, None) => Err(EngineError::new(Code::ConsentMissing)),
        (state, _) => Err(EngineError::new(Code::DiagnosisFinished).arg("state", state.as_str())),
    }
}

fn of_problem(problem: Problem) -> EngineError {
    let mut error = EngineError::new(problem.code).arg("field", problem.field);
    error.args.extend(problem.args);
    error
}

fn planned(draft: DiagnosisDraft, uid: String, ticket_remote_id: String, now: UtcMs) -> DiagnosisSession {
    DiagnosisSession {
        id: 0,
        uid,
        ticket: draft.ticket,
        ticket_remote_id,
        title: draft.title.trim().to_owned(),
        start: draft.start,
        end: draft.end,
        time_zone: draft.time_zone,
        join_url: draft.join_url.trim().to_owned(),
        participants: draft.participants,
        consent: draft.consent,
        findings: draft.findings,
        state: DiagnosisState::Planned,
        cancel_reason: String::new(),
        sequence: 0,
        reminders_min: sorted(draft.reminders_min),
        updated_at: now,
    }
}

/// The session keeps its ticket, its uid and its state.
fn changed(before: DiagnosisSession, draft: DiagnosisDraft, now: UtcMs) -> DiagnosisSession {
    let after = planned(draft, before.uid.clone(), before.ticket_remote_id.clone(), now);
    let after = DiagnosisSession { id: before.id, ticket: before.ticket, sequence: before.sequence, ..after };
    let seen = |session: &DiagnosisSession| {
        let place = (session.join_url.clone(), session.participants.clone());
        (session.title.clone(), session.start, session.end, session.time_zone.clone(), place)
    };
    let sequence = if seen(&before) == seen(&after) { before.sequence } else { before.sequence.saturating_add(1) };
    DiagnosisSession { sequence, ..after }
}

fn sorted(mut minutes: Vec<u32>) -> Vec<u32> {
    minutes.sort_unstable_by(|one, other| other.cmp(one));
    minutes.dedup();
    minutes
}
