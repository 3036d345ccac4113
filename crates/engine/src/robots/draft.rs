//! A robot as a person writes it: checked, then kept, its secrets apart.

use std::sync::Arc;

use deskbell_domain::Code;
use deskbell_domain::robot::{MENTIONS_MAX, NAME_CHARS_MAX, RULES_MAX, RobotId, RobotKind, RobotRule};
use deskbell_remote::robots::{address_hint, check_mention, expected_address};
use deskbell_store::{RobotAddress, RobotChange, RobotRecord};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use ts_rs::TS;

use crate::engine::Engine;
use crate::error::EngineError;
use crate::events::DeskEvent;
use crate::opening::SecretKeeper;

/// Longest signing secret.
const SECRET_CHARS_MAX: usize = 256;

/// A robot to be added, or changed where it has an id.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct RobotDraft {
    pub id: Option<RobotId>,
    pub kind: RobotKind,
    pub name: String,
    /// The webhook's address; `None` leaves it as it is.
    #[ts(type = "string | null")]
    pub address: Option<SecretString>,
    /// The signing secret; empty for none, `None` leaves it as it is.
    #[ts(type = "string | null")]
    pub secret: Option<SecretString>,
    pub enabled: bool,
    pub rules: Vec<RobotRule>,
}

/// What the keyring has of a robot.
pub(super) struct RobotSecrets {
    pub(super) address: SecretString,
    pub(super) secret: Option<SecretString>,
}

pub(super) fn secret_name(id: RobotId) -> String {
    format!("robot-{}", id.0)
}

/// Two lines: the address, and the signing secret where there is one.
pub(super) fn read_secrets(keeper: &SecretKeeper, id: RobotId) -> Result<Option<RobotSecrets>, EngineError> {
    let Some(kept) = keeper.get(&secret_name(id))? else { return Ok(None) };
    let mut lines = kept.expose_secret().lines();
    let Some(address) = lines.next().map(SecretString::from) else { return Ok(None) };
    Ok(Some(RobotSecrets { address, secret: lines.next().map(SecretString::from) }))
}

fn write_secrets(keeper: &SecretKeeper, id: RobotId, secrets: &RobotSecrets) -> Result<(), EngineError> {
    let mut text = secrets.address.expose_secret().to_owned();
    if let Some(secret) = &secrets.secret {
        text.push('\n');
        text.push_str(secret.expose_secret());
    }
    keeper.set(&secret_name(id), &SecretString::from(text))
}

impl Engine {
    /// Keeps a robot: its secrets first, then the rest.
    ///
    /// # Errors
    /// `input_invalid` with the field, `robot_address_invalid`, `robot_unknown`, keyring and storage failures; nothing is
    /// changed then.
    pub async fn put_robot(self: &Arc<Self>, draft: RobotDraft) -> Result<RobotRecord, EngineError> {
        let engine = Arc::clone(self);
        let record = tokio::task::spawn_blocking(move || match draft.id {
            Some(id) => change(&engine, id, draft),
            None => add(&engine, draft),
        })
        .await??;
        self.robots_wake.notify_one();
        self.emit(DeskEvent::RobotsChanged);
        Ok(record)
    }
}

fn add(engine: &Engine, draft: RobotDraft) -> Result<RobotRecord, EngineError> {
    let Some(address) = draft.address.clone().filter(|address| !address.expose_secret().trim().is_empty()) else {
        return Err(invalid("address", "a new robot needs its address"));
    };
    let secret = given_secret(&draft)?;
    let secrets = RobotSecrets { address: trimmed(&address), secret };
    let change = checked(&draft, Some(&secrets))?;
    let id = engine.store.add_robot(&change, engine.now())?;
    if let Err(error) = write_secrets(&engine.keeper, id, &secrets) {
        engine.store.remove_robot(id)?;
        return Err(error);
    }
    Ok(engine.store.robot(id)?)
}

fn change(engine: &Engine, id: RobotId, draft: RobotDraft) -> Result<RobotRecord, EngineError> {
    let before = engine.store.robot(id)?;
    if before.kind != draft.kind {
        return Err(invalid("kind", "a robot keeps its platform"));
    }
    let new_address = draft.address.clone().filter(|address| !address.expose_secret().trim().is_empty());
    if new_address.is_none() && draft.secret.is_none() {
        engine.store.change_robot(id, &checked(&draft, None)?)?;
        return Ok(engine.store.robot(id)?);
    }
    let kept = read_secrets(&engine.keeper, id)?;
    let address = match (new_address, &kept) {
        (Some(address), _) => trimmed(&address),
        (None, Some(kept)) => kept.address.clone(),
        (None, None) => return Err(EngineError::new(Code::RobotSecretMissing)),
    };
    let secret = match draft.secret {
        Some(_) => given_secret(&draft)?,
        None => kept.as_ref().and_then(|kept| kept.secret.clone()),
    };
    let secrets = RobotSecrets { address, secret };
    let change = checked(&draft, Some(&secrets))?;
    write_secrets(&engine.keeper, id, &secrets)?;
    if let Err(error) = engine.store.change_robot(id, &change) {
        if let Some(kept) = kept {
            write_secrets(&engine.keeper, id, &kept)?;
        }
        return Err(error.into());
    }
    Ok(engine.store.robot(id)?)
}

fn trimmed(text: &SecretString) -> SecretString {
    SecretString::from(text.expose_secret().trim())
}

/// The signing secret as given; `None` for an empty one.
fn given_secret(draft: &RobotDraft) -> Result<Option<SecretString>, EngineError> {
    let Some(secret) = draft.secret.as_ref().map(trimmed).filter(|secret| !secret.expose_secret().is_empty()) else {
        return Ok(None);
    };
    if draft.kind == RobotKind::Wecom {
        return Err(invalid("secret", "WeCom robots have no signing secret"));
    }
    let text = secret.expose_secret();
    if text.chars().count() > SECRET_CHARS_MAX || text.chars().any(char::is_control) {
        return Err(invalid("secret", "longer than any signing secret, or more than one line"));
    }
    Ok(Some(secret))
}

/// `secrets` where they change.
fn checked(draft: &RobotDraft, secrets: Option<&RobotSecrets>) -> Result<RobotChange, EngineError> {
    let name = draft.name.trim();
    if name.is_empty() || name.chars().count() > NAME_CHARS_MAX {
        return Err(invalid("name", format!("1 to {NAME_CHARS_MAX} characters")));
    }
    if draft.rules.len() > RULES_MAX {
        return Err(invalid("rules", format!("at most {RULES_MAX} rules")));
    }
    for (at, rule) in draft.rules.iter().enumerate() {
        check_rule(draft.kind, rule).map_err(|error| error.arg("rule", (at + 1).to_string()))?;
    }
    let address = match secrets {
        Some(secrets) => {
            let hint = address_hint(draft.kind, &secrets.address)
                .map_err(|error| EngineError::from(error).arg("expected", expected_address(draft.kind)))?;
            Some(RobotAddress { hint, signed: secrets.secret.is_some() })
        }
        None => None,
    };
    Ok(RobotChange { kind: draft.kind, name: name.to_owned(), address, enabled: draft.enabled, rules: draft.rules.clone() })
}

fn check_rule(kind: RobotKind, rule: &RobotRule) -> Result<(), EngineError> {
    if rule.name.chars().count() > NAME_CHARS_MAX {
        return Err(invalid("rule_name", format!("at most {NAME_CHARS_MAX} characters")));
    }
    if !rule.alerts && !rule.escalations {
        return Err(invalid("rule", "a rule tells alerts, escalations, or both"));
    }
    if rule.mention.len() > MENTIONS_MAX {
        return Err(invalid("mention", format!("at most {MENTIONS_MAX} people")));
    }
    for mention in &rule.mention {
        check_mention(kind, mention).map_err(|error| EngineError::from(error).arg("field", "mention").arg("value", mention))?;
    }
    if rule.quiet.as_ref().is_some_and(|quiet| !quiet.is_valid()) {
        return Err(invalid("quiet", "minutes of a day, and weekdays 1 to 7"));
    }
    Ok(())
}

fn invalid(field: &str, detail: impl Into<String>) -> EngineError {
    EngineError::with_detail(Code::InputInvalid, detail).arg("field", field)
}
