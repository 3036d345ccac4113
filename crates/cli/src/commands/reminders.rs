//! `deskctl reminders`.

use std::sync::Arc;

use deskbell_domain::{Code, UtcMs};
use deskbell_engine::reminders::{ComingReminder, ReminderView};
use deskbell_engine::{Engine, EngineError};

use crate::args::{Arguments, RemindersCommand};
use crate::output::Output;
use crate::session;

pub(crate) async fn run(arguments: &Arguments, command: &RemindersCommand, output: &Output) -> Result<(), EngineError> {
    let engine = session::open(arguments)?;
    match command {
        RemindersCommand::List { limit, open } => {
            let mut reminders = engine.reminders(*open).await?;
            reminders.truncate(usize::try_from(*limit).unwrap_or(usize::MAX));
            output.answer(&reminders, || reminders.iter().map(line).collect());
        }
        RemindersCommand::Coming { days } => {
            let coming = engine.coming_reminders(*days).await?;
            output.answer(&coming, || coming.iter().map(coming_line).collect());
        }
        RemindersCommand::Ack { ids } => {
            all_known(&engine, ids).await?;
            for id in ids {
                engine.acknowledge_reminder(*id).await?;
            }
            output.answer(&serde_json::json!({ "reminders": ids }), || {
                ids.iter().map(|id| format!("Reminder {id} is acknowledged.")).collect()
            });
        }
        RemindersCommand::Snooze { ids, minutes } => {
            let known = all_known(&engine, ids).await?;
            if let Some(over) = known.iter().find(|one| one.reminder.ended_at.is_some() || one.reminder.end_at <= engine.now()) {
                let detail = format!("what reminder {} reminds of moved, was called off or is over", over.reminder.id);
                return Err(EngineError::with_detail(Code::InputInvalid, detail).arg("field", "reminder"));
            }
            for id in ids {
                engine.snooze_reminder(*id, *minutes).await?;
            }
            let again: Vec<ReminderView> = all_known(&engine, ids).await?;
            output.answer(&again, || again.iter().map(line).collect());
        }
    }
    Ok(())
}

/// Nothing is done to any of them when one does not exist.
async fn all_known(engine: &Arc<Engine>, ids: &[i64]) -> Result<Vec<ReminderView>, EngineError> {
    let mut known = Vec::new();
    for id in ids {
        let found = engine.reminder(*id).await?;
        known.push(found.ok_or_else(|| {
            EngineError::with_detail(Code::InputInvalid, format!("there is no reminder {id}")).arg("field", "reminder")
        })?);
    }
    Ok(known)
}

fn line(one: &ReminderView) -> String {
    let reminder = &one.reminder;
    let state = match (reminder.acknowledged_at, reminder.ended_at, reminder.snoozed_until, reminder.held_until) {
        (Some(_), ..) => "acknowledged".to_owned(),
        (_, Some(_), ..) => "over".to_owned(),
        (_, _, Some(until), _) => format!("snoozed until {}", until.to_rfc3339()),
        (_, _, _, Some(until)) => format!("held until {}", until.to_rfc3339()),
        _ => "open".to_owned(),
    };
    let about = &reminder.about;
    format!(
        "{}\t{}\t{}\t{}\t{state}\t{}",
        reminder.id,
        reminder.start_at.to_rfc3339(),
        reminder.kind.as_str(),
        lead(reminder.lead_min),
        words(&[&about.title, &about.customer, &about.place, &about.who])
    )
}

fn coming_line(one: &ComingReminder) -> String {
    let (about, at): (_, fn(UtcMs) -> String) = (&one.about, UtcMs::to_rfc3339);
    format!(
        "{}\t{}\t{}\t{}\t{}",
        at(one.due_at),
        at(one.start_at),
        one.kind.as_str(),
        lead(one.lead_min),
        words(&[&about.title, &about.customer, &about.place, &about.who])
    )
}

fn lead(minutes: u32) -> String {
    match minutes {
        0 => "confirmed".to_owned(),
        minutes if minutes % (24 * 60) == 0 => format!("{} d before", minutes / (24 * 60)),
        minutes if minutes % 60 == 0 => format!("{} h before", minutes / 60),
        minutes => format!("{minutes} min before"),
    }
}

fn words(parts: &[&str]) -> String {
    let parts: Vec<&str> = parts.iter().copied().filter(|part| !part.trim().is_empty()).collect();
    parts.join(" · ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lead_is_told_in_its_largest_whole_unit() {
        for (minutes, expected) in
            [(0, "confirmed"), (1_440, "1 d before"), (120, "2 h before"), (90, "90 min before"), (10, "10 min before")]
        {
            assert_eq!(lead(minutes), expected);
        }
    }
}
