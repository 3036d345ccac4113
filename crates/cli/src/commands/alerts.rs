//! `deskctl alerts`.

use deskbell_domain::time::MINUTE_MS;
use deskbell_engine::EngineError;

use crate::args::{AlertsCommand, Arguments};
use crate::output::Output;
use crate::session;

pub(crate) async fn run(arguments: &Arguments, command: &AlertsCommand, output: &Output) -> Result<(), EngineError> {
    let engine = session::open(arguments)?;
    match command {
        AlertsCommand::List { limit } => {
            let limit = *limit;
            let alerts = engine.read(move |store| store.alerts(limit)).await?;
            output.answer(&alerts, || {
                alerts
                    .iter()
                    .map(|alert| {
                        let seen = if alert.acknowledged_at.is_some() { "acknowledged" } else { "open" };
                        format!(
                            "{}\t{}\t{}\t{}\t{seen}\t#{} {}",
                            alert.id,
                            alert.due_at.to_rfc3339(),
                            alert.metric.as_str(),
                            alert.customer,
                            alert.remote_id,
                            alert.subject
                        )
                    })
                    .collect()
            });
        }
        AlertsCommand::Ack { id } => {
            engine.acknowledge_alert(*id).await?;
            output.answer(&serde_json::json!({ "alert": id }), || vec![format!("Alert {id} is acknowledged.")]);
        }
        AlertsCommand::Snooze { id, minutes } => {
            engine.snooze_alert(*id, i64::from(*minutes) * MINUTE_MS).await?;
            output.answer(&serde_json::json!({ "alert": id, "minutes": minutes }), || {
                vec![format!("Alert {id} rings again in {minutes} minutes, or at its deadline.")]
            });
        }
    }
    Ok(())
}
