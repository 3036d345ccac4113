//! `deskctl alerts`.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use deskbell_domain::sla::policy::Threshold;
use deskbell_domain::time::MINUTE_MS;
use deskbell_domain::{Code, UtcMs};
use deskbell_engine::records::AlertRecord;
use deskbell_engine::{Engine, EngineError};

use crate::args::{AlertsCommand, Arguments};
use crate::output::Output;
use crate::session;

/// How often `watch` looks at what rang: the bell itself may be another process.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Alerts that `watch` looks through at each look.
const LOOK_MAX: u32 = 2_000;

pub(crate) async fn run(arguments: &Arguments, command: &AlertsCommand, output: &Output) -> Result<(), EngineError> {
    match command {
        AlertsCommand::List { limit, open } => {
            let (limit, open) = (*limit, *open);
            let engine = session::open(arguments)?;
            let alerts = engine.read(move |store| if open { store.open_alerts(limit) } else { store.alerts(limit) }).await?;
            output.answer(&alerts, || alerts.iter().map(line).collect());
        }
        AlertsCommand::Watch { seconds } => watch(arguments, seconds.map(Duration::from_secs), output).await?,
        AlertsCommand::Ack { ids } => {
            let engine = session::open(arguments)?;
            all_known(&engine, ids).await?;
            engine.acknowledge_alerts(ids.clone()).await?;
            output.answer(&serde_json::json!({ "alerts": ids }), || {
                ids.iter().map(|id| format!("Alert {id} is acknowledged.")).collect()
            });
        }
        AlertsCommand::Snooze { ids, minutes } => {
            let engine = session::open(arguments)?;
            all_known(&engine, ids).await?;
            engine.snooze_alerts(ids.clone(), i64::from(*minutes) * MINUTE_MS).await?;
            output.answer(&serde_json::json!({ "alerts": ids, "minutes": minutes }), || {
                ids.iter().map(|id| format!("Alert {id} rings again in {minutes} minutes, or at its deadline.")).collect()
            });
        }
    }
    Ok(())
}

/// Nothing is done to any of them when one does not exist.
async fn all_known(engine: &Arc<Engine>, ids: &[i64]) -> Result<(), EngineError> {
    let wanted = ids.to_vec();
    let known: BTreeSet<i64> =
        engine.read(move |store| store.alerts_by_id(&wanted)).await?.into_iter().map(|alert| alert.id).collect();
    match ids.iter().find(|id| !known.contains(id)) {
        Some(id) => Err(EngineError::with_detail(Code::InputInvalid, format!("there is no alert {id}")).arg("field", "alert")),
        None => Ok(()),
    }
}

fn line(alert: &AlertRecord) -> String {
    let threshold = match alert.threshold {
        Threshold::Share { percent } => format!("{percent}%"),
        Threshold::TimeLeft { seconds } => format!("{} min left", seconds / 60),
        Threshold::Breach => "breach".to_owned(),
    };
    let state = match alert {
        AlertRecord { acknowledged_at: Some(_), .. } => "acknowledged".to_owned(),
        AlertRecord { ended_at: Some(_), .. } => "over".to_owned(),
        AlertRecord { snoozed_until: Some(until), .. } => format!("snoozed until {}", until.to_rfc3339()),
        AlertRecord { held_until: Some(until), .. } => format!("held until {}", until.to_rfc3339()),
        AlertRecord { silent: true, .. } => "listed".to_owned(),
        _ => "open".to_owned(),
    };
    format!(
        "{}\t{}\t{}\t{threshold}\t{}\t{}\t{state}\t#{} {}",
        alert.id,
        alert.due_at.to_rfc3339(),
        alert.metric.as_str(),
        alert.priority.as_str(),
        alert.customer,
        alert.remote_id,
        alert.subject
    )
}

/// Where no other process keeps the clocks of this directory, this one does, with its connections.
async fn watch(arguments: &Arguments, limit: Option<Duration>, output: &Output) -> Result<(), EngineError> {
    let engine = session::open(arguments)?;
    let (alone, demo) = match engine.acquire_lock().await {
        Ok(()) => {
            let has_demo = engine.accounts().await?.iter().any(|account| account.demo);
            let demo = if has_demo { Some(session::start_demo(&engine).await?) } else { None };
            engine.start().await?;
            (true, demo)
        }
        Err(error) if error.code == Code::DatabaseBusy => (false, None),
        Err(error) => return Err(error),
    };
    let ended = tokio::select! {
        failed = print_as_they_ring(&engine, output) => failed,
        () = pause(limit) => Ok(()),
        interrupted = tokio::signal::ctrl_c() => {
            interrupted.map_err(|error| EngineError::with_detail(Code::Internal, error.to_string()))
        }
    };
    if alone {
        engine.shutdown().await;
    }
    if let Some(demo) = demo {
        demo.stop().await;
    }
    ended
}

async fn pause(limit: Option<Duration>) {
    match limit {
        Some(limit) => tokio::time::sleep(limit).await,
        None => std::future::pending().await,
    }
}

/// Each ring once: an alert that was snoozed rings, and is printed, again.
async fn print_as_they_ring(engine: &Arc<Engine>, output: &Output) -> Result<(), EngineError> {
    let begun = engine.now();
    let mut printed: BTreeSet<(i64, UtcMs)> = BTreeSet::new();
    loop {
        let mut alerts = engine.read(|store| store.alerts(LOOK_MAX)).await?;
        alerts.reverse();
        for alert in alerts {
            let Some(rang) =
                alert.shown_at.filter(|at| *at >= begun && !alert.silent && alert.acknowledged_at.is_none_or(|seen| seen > *at))
            else {
                continue;
            };
            if printed.insert((alert.id, rang)) {
                output.answer(&alert, || vec![line(&alert)]);
            }
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}
