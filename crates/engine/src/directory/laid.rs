//! A person's changes over a provider's entry, field by field.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// What comes of an entry, its base and the provider's present one.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Laid<T> {
    pub(super) entry: T,
    /// The person has it otherwise than the provider.
    pub(super) changed: bool,
    /// The provider did, since.
    pub(super) provider_changed: bool,
    /// Fields that both changed, differently; the person's stand.
    pub(super) conflicts: Vec<String>,
}

/// Three-way by field: what the person did not touch follows the provider.
pub(super) fn lay<T: Serialize + DeserializeOwned + Clone>(mine: &T, base: &T, theirs: &T) -> serde_json::Result<Laid<T>> {
    let (mine, base, theirs) = (fields(mine)?, fields(base)?, fields(theirs)?);
    let mut merged = Map::new();
    let (mut changed, mut provider_changed, mut conflicts) = (false, false, Vec::new());
    for (name, theirs) in &theirs {
        let (mine, base) = (mine.get(name).unwrap_or(theirs), base.get(name).unwrap_or(theirs));
        let is_mine = mine != base;
        changed |= is_mine && mine != theirs;
        provider_changed |= theirs != base;
        if is_mine && theirs != base && mine != theirs {
            conflicts.push(name.clone());
        }
        merged.insert(name.clone(), if is_mine { mine.clone() } else { theirs.clone() });
    }
    Ok(Laid { entry: serde_json::from_value(Value::Object(merged))?, changed, provider_changed, conflicts })
}

fn fields<T: Serialize>(value: &T) -> serde_json::Result<Map<String, Value>> {
    match serde_json::to_value(value)? {
        Value::Object(fields) => Ok(fields),
        _ => Ok(Map::new()),
    }
}
