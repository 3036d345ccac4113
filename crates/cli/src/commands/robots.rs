//! `deskctl robots`.

use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;

use deskbell_domain::Code;
use deskbell_domain::robot::{DeliveryState, RobotKind, RobotRule};
use deskbell_domain::sla::policy::Threshold;
use deskbell_engine::records::{DeliveryRecord, RobotRecord};
use deskbell_engine::robots::RobotDraft;
use deskbell_engine::{Engine, EngineError};
use secrecy::SecretString;

use super::filter;
use crate::args::{AddRobot, Arguments, RobotsCommand};
use crate::output::Output;
use crate::session;

/// Longest address and signing secret together, in bytes.
const SECRETS_BYTES_MAX: u64 = 4_096;

pub(crate) async fn run(arguments: &Arguments, command: &RobotsCommand, output: &Output) -> Result<(), EngineError> {
    let engine = session::open(arguments)?;
    match command {
        RobotsCommand::List => {
            let robots = engine.robots().await?;
            output.answer(&robots, || robots.iter().map(robot_line).collect());
        }
        RobotsCommand::Add(new) => {
            let robot = engine.put_robot(draft(&engine, new).await?).await?;
            output.answer(&robot, || vec![format!("Added {} ({}), number {}.", robot.name, robot.address_hint, robot.id.0)]);
        }
        RobotsCommand::Test { robot } => {
            let robot = find(&engine, robot).await?;
            let sent = engine.test_robot(robot.id).await?;
            if sent.state != DeliveryState::Sent {
                let code = sent.code.unwrap_or(Code::AnswerUnexpected);
                return Err(EngineError::with_detail(code, sent.detail));
            }
            output.answer(&sent, || vec![format!("{} took the message.", robot.name)]);
        }
        RobotsCommand::Remove { robot } => {
            let robot = find(&engine, robot).await?;
            engine.remove_robot(robot.id).await?;
            output.answer(&serde_json::json!({ "removed": robot.id }), || vec![format!("Removed {}.", robot.name)]);
        }
        RobotsCommand::Log { robot, limit } => {
            let robot = match robot {
                Some(wanted) => Some(find(&engine, wanted).await?.id),
                None => None,
            };
            let log = engine.robot_deliveries(robot, *limit).await?;
            output.answer(&log, || log.iter().map(delivery_line).collect());
        }
        RobotsCommand::Retry { id } => {
            engine.retry_robot_delivery(*id).await?;
            output.answer(&serde_json::json!({ "queued": id }), || vec![format!("Message {id} waits; a running desk sends it.")]);
        }
    }
    Ok(())
}

async fn find(engine: &Arc<Engine>, wanted: &str) -> Result<RobotRecord, EngineError> {
    let number = wanted.parse::<i64>().ok();
    let mut robots = engine.robots().await?.into_iter();
    robots
        .find(|robot| robot.name == wanted || Some(robot.id.0) == number)
        .ok_or_else(|| EngineError::new(Code::RobotUnknown).arg("robot", wanted))
}

async fn draft(engine: &Arc<Engine>, new: &AddRobot) -> Result<RobotDraft, EngineError> {
    let kind = RobotKind::from_text(&new.kind).ok_or_else(|| EngineError::new(Code::InputInvalid).arg("field", "kind"))?;
    let rules = match &new.rules {
        Some(file) => read_rules(file)?,
        None => vec![RobotRule {
            id: "1".to_owned(),
            name: String::new(),
            filter: filter::parse(engine, &new.filter).await?,
            alerts: !new.no_alerts,
            thresholds: if new.breach_only { vec![Threshold::Breach] } else { Vec::new() },
            escalations: !new.no_escalations,
            mention: new.mention.clone(),
            quiet: None,
            quiet_urgent: true,
        }],
    };
    let (address, secret) = read_secrets()?;
    Ok(RobotDraft { id: None, kind, name: new.name.clone(), address: Some(address), secret, enabled: true, rules })
}

fn read_rules(file: &Path) -> Result<Vec<RobotRule>, EngineError> {
    let invalid = |detail: String| EngineError::with_detail(Code::InputInvalid, detail).arg("field", "rules");
    let text = std::fs::read_to_string(file).map_err(|error| invalid(error.to_string()))?;
    serde_json::from_str(&text).map_err(|error| invalid(error.to_string()))
}

/// The address on the first line of standard input, the signing secret on a second where there is one.
fn read_secrets() -> Result<(SecretString, Option<SecretString>), EngineError> {
    let mut text = String::new();
    let read = std::io::stdin().take(SECRETS_BYTES_MAX).read_to_string(&mut text);
    read.map_err(|error| EngineError::with_detail(Code::InputInvalid, error.to_string()).arg("field", "address"))?;
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    match lines.as_slice() {
        [address] => Ok((SecretString::from(*address), None)),
        [address, secret] => Ok((SecretString::from(*address), Some(SecretString::from(*secret)))),
        _ => Err(EngineError::with_detail(
            Code::InputInvalid,
            "standard input holds the address, and on a second line the signing secret where there is one",
        )
        .arg("field", "address")),
    }
}

fn robot_line(robot: &RobotRecord) -> String {
    let state = match (robot.enabled, robot.code) {
        (false, _) => "off".to_owned(),
        (true, Some(code)) => code.as_str().to_owned(),
        (true, None) => "on".to_owned(),
    };
    format!(
        "{}\t{}\t{}\t{}\t{state}\t{} rules\t{} waiting",
        robot.id.0,
        robot.kind.as_str(),
        robot.name,
        robot.address_hint,
        robot.rules.len(),
        robot.waiting
    )
}

fn delivery_line(delivery: &DeliveryRecord) -> String {
    let more = match (delivery.merged_into, delivery.code) {
        (Some(into), _) => format!("with {into}"),
        (None, Some(code)) => format!("{} {}", code.as_str(), delivery.detail),
        (None, None) if delivery.doubts > 0 => "may have arrived twice".to_owned(),
        (None, None) => String::new(),
    };
    format!(
        "{}\t{}\t{}\t{}\t{}\t{more}",
        delivery.id,
        delivery.sent_at.unwrap_or(delivery.created_at).to_rfc3339(),
        delivery.kind.as_str(),
        delivery.state.as_str(),
        delivery.title
    )
}
