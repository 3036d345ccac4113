//! `deskctl diagnosis`.

use deskbell_domain::diagnosis::{Consent, DiagnosisDraft, DiagnosisSession, Participant, REMINDERS_DEFAULT};
use deskbell_domain::ticket::TicketId;
use deskbell_domain::time::MINUTE_MS;
use deskbell_engine::{Engine, EngineError};

use super::calendar::save;
use super::visit::time;
use crate::args::{Arguments, DiagnosisCommand, PlanArgs};
use crate::output::Output;
use crate::session;

pub(crate) async fn run(arguments: &Arguments, command: &DiagnosisCommand, output: &Output) -> Result<(), EngineError> {
    let engine = session::open(arguments)?;
    let kept = match command {
        DiagnosisCommand::List { ticket } => {
            let list = engine.diagnoses(ticket.map(TicketId)).await?;
            output.answer(&list, || list.iter().map(line).collect());
            return Ok(());
        }
        DiagnosisCommand::Export { id, file } => {
            let made = engine.diagnosis_calendar(*id).await?;
            return save(&engine, made, file, output).await;
        }
        DiagnosisCommand::Plan(wanted) => engine.put_diagnosis(planned(wanted)?).await?,
        DiagnosisCommand::Change { id, title, start, minutes, zone } => {
            let mut draft = draft(&engine, *id).await?;
            let length_ms = minutes.map_or(draft.end.ms_since(draft.start), |minutes| i64::from(minutes) * MINUTE_MS);
            draft.time_zone = zone.clone().unwrap_or(draft.time_zone);
            if let Some(start) = start {
                draft.start = time("start", start, &draft.time_zone)?;
            }
            draft.end = draft.start.plus_ms(length_ms);
            draft.title = title.clone().unwrap_or(draft.title);
            engine.put_diagnosis(draft).await?
        }
        DiagnosisCommand::Consent { id, by, words } => {
            let consent = Some(Consent { by: by.clone(), at: engine.now(), words: words.clone() });
            let draft = DiagnosisDraft { consent, ..draft(&engine, *id).await? };
            engine.put_diagnosis(draft).await?
        }
        DiagnosisCommand::Finish { id, findings, to_ticket } => {
            engine.finish_diagnosis(*id, findings.clone(), *to_ticket, None).await?
        }
        DiagnosisCommand::Cancel { id, reason } => engine.cancel_diagnosis(*id, reason.clone()).await?,
    };
    output.answer(&kept, || vec![line(&kept)]);
    Ok(())
}

fn planned(wanted: &PlanArgs) -> Result<DiagnosisDraft, EngineError> {
    let start = time("start", &wanted.start, &wanted.zone)?;
    let reminders_min = if wanted.remind.is_empty() { REMINDERS_DEFAULT.to_vec() } else { wanted.remind.clone() };
    Ok(DiagnosisDraft {
        id: None,
        ticket: TicketId(wanted.ticket),
        title: wanted.title.clone(),
        start,
        end: start.plus_ms(i64::from(wanted.minutes) * MINUTE_MS),
        time_zone: wanted.zone.clone(),
        join_url: wanted.join.clone(),
        participants: wanted.with.iter().map(|text| person(text)).collect(),
        consent: None,
        findings: String::new(),
        reminders_min,
    })
}

/// `NAME <ADDRESS>`, or a name alone.
fn person(text: &str) -> Participant {
    let (name, email) = match text.trim().strip_suffix('>').and_then(|text| text.rsplit_once('<')) {
        Some((name, email)) => (name.trim(), email.trim()),
        None => (text.trim(), ""),
    };
    Participant { name: name.to_owned(), email: email.to_owned(), role: String::new() }
}

async fn draft(engine: &Engine, id: i64) -> Result<DiagnosisDraft, EngineError> {
    let known = engine.diagnosis(id).await?;
    Ok(DiagnosisDraft {
        id: Some(known.id),
        ticket: known.ticket,
        title: known.title,
        start: known.start,
        end: known.end,
        time_zone: known.time_zone,
        join_url: known.join_url,
        participants: known.participants,
        consent: known.consent,
        findings: known.findings,
        reminders_min: known.reminders_min,
    })
}

fn line(one: &DiagnosisSession) -> String {
    format!("{:>3}  {}  {}  {}", one.id, one.start.to_rfc3339(), one.state.as_str(), one.title)
}
