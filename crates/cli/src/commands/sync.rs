//! `deskctl sync`.

use std::sync::Arc;

use deskbell_domain::ticket::AccountId;
use deskbell_engine::events::DeskEvent;
use deskbell_engine::{Engine, EngineError};
use serde::Serialize;

use crate::args::Arguments;
use crate::output::Output;
use crate::session;

#[derive(Serialize)]
struct AccountReport {
    account: AccountId,
    name: String,
    #[serde(flatten)]
    report: deskbell_engine::sync_once::SyncReport,
}

pub(crate) async fn run(arguments: &Arguments, account: Option<&str>, watch: bool, output: &Output) -> Result<(), EngineError> {
    if watch {
        return run_watch(arguments, output).await;
    }
    let (engine, demo) = session::open_connected(arguments).await?;
    let wanted = match account {
        Some(name) => Some(session::find_account(&engine, name).await?.id),
        None => None,
    };
    let result = sync_accounts(&engine, wanted, output).await;
    if let Some(demo) = demo {
        demo.stop().await;
    }
    result
}

/// Every account is tried; the first failure is the command's.
async fn sync_accounts(engine: &Arc<Engine>, wanted: Option<AccountId>, output: &Output) -> Result<(), EngineError> {
    let mut failure = None;
    for record in engine.accounts().await? {
        if wanted.is_some_and(|wanted| wanted != record.id) {
            continue;
        }
        match engine.sync_account_once(record.id).await {
            Ok(report) => {
                let answer = AccountReport { account: record.id, name: record.name, report };
                output.answer(&answer, || {
                    vec![format!(
                        "{}: {} sent, {} rejected, {} waiting; {} tickets changed, {} new notes, {} pages",
                        answer.name,
                        report.push.sent,
                        report.push.rejected,
                        report.push.waiting,
                        report.pull.tickets_changed,
                        report.pull.notes_new,
                        report.pull.pages
                    )]
                });
            }
            Err(error) => {
                failure.get_or_insert(error.arg("account", record.name));
            }
        }
    }
    failure.map_or(Ok(()), Err)
}

async fn run_watch(arguments: &Arguments, output: &Output) -> Result<(), EngineError> {
    let engine = session::open(arguments)?;
    engine.acquire_lock().await?;
    let demo = if engine.accounts().await?.iter().any(|account| account.demo) {
        Some(session::start_demo(&engine).await?)
    } else {
        None
    };
    let mut events = engine.subscribe();
    engine.start().await?;
    loop {
        tokio::select! {
            event = events.recv() => match event {
                Ok(event) => print_event(&event, output),
                Err(tokio::sync::broadcast::error::RecvError::Lagged(_)) => {}
                Err(tokio::sync::broadcast::error::RecvError::Closed) => break,
            },
            _interrupted = tokio::signal::ctrl_c() => break,
        }
    }
    engine.shutdown().await;
    if let Some(demo) = demo {
        demo.stop().await;
    }
    Ok(())
}

fn print_event(event: &DeskEvent, output: &Output) {
    output.answer(event, || match event {
        DeskEvent::AlertRaised { alert } => vec![format!("alert {}: {} {}", alert.id, alert.remote_id, alert.subject)],
        DeskEvent::ReminderRaised { reminder } => {
            let reminder = &reminder.reminder;
            vec![format!(
                "reminder {}: {} {} at {}",
                reminder.id,
                reminder.kind.as_str(),
                reminder.about.title,
                reminder.start_at.to_rfc3339()
            )]
        }
        DeskEvent::TicketsChanged { ids, many } => {
            vec![if *many { "many tickets changed".to_owned() } else { format!("{} tickets changed", ids.len()) }]
        }
        DeskEvent::OutboxChanged { waiting, rejected } => vec![format!("outbox: {waiting} waiting, {rejected} rejected")],
        DeskEvent::SyncChanged { .. }
        | DeskEvent::AlertsChanged
        | DeskEvent::DirectoryChanged
        | DeskEvent::CustomersChanged
        | DeskEvent::DiagnosesChanged { .. }
        | DeskEvent::CalendarsChanged
        | DeskEvent::Visits
        | DeskEvent::RobotsChanged
        | DeskEvent::NotifierChanged
        | DeskEvent::ReplayChanged { .. }
        | DeskEvent::OpenTicket { .. }
        | DeskEvent::OpenVisit { .. }
        | DeskEvent::RemindersChanged
        | DeskEvent::StateChanged { .. }
        | DeskEvent::TransferChanged { .. }
        | DeskEvent::FilesHover { .. }
        | DeskEvent::FilesDropped { .. } => Vec::new(),
    });
}
