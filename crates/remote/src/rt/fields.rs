//! Custom fields: what they take, and their values as one line of text.

use std::collections::BTreeMap;

use chrono::DateTime;
use deskbell_domain::UtcMs;
use tokio::sync::Mutex;

use super::Inner;
use super::shape::{CustomFieldRow, FieldRow};
use crate::RemoteError;

/// What was found out about fields; `None` for those that we may not look at.
pub(super) type Definitions = Mutex<BTreeMap<u64, Option<Definition>>>;

/// What a custom field takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Definition {
    kind: String,
    values_max: Option<u64>,
    choices: Vec<String>,
}

impl Definition {
    pub(super) fn of(row: FieldRow) -> Self {
        let choices = row.values.0.into_iter().map(|choice| choice.0).filter(|name| !name.is_empty()).collect();
        Self { kind: row.kind.0, values_max: row.max_values.number(), choices }
    }

    pub(super) fn is_single(&self) -> bool {
        self.values_max == Some(1)
    }

    /// Empty for free text.
    pub(super) fn choices(&self) -> Vec<&str> {
        self.choices.iter().map(String::as_str).collect()
    }

    /// Whether RT will take this value; it is asked only where the choices are known.
    pub(super) fn takes(&self, value: &str) -> bool {
        self.kind != "Select" || self.choices.is_empty() || self.choices.iter().any(|choice| choice.eq_ignore_ascii_case(value))
    }
}

impl Inner {
    /// Asked once for each field as long as the program runs: an administrator's change of a field shows at the next start.
    pub(super) async fn definition(&self, field: &CustomFieldRow) -> Result<Option<Definition>, RemoteError> {
        let Some(id) = field.id.number() else { return Ok(None) };
        if let Some(known) = self.definitions.lock().await.get(&id) {
            return Ok(known.clone());
        }
        let found = self.field(id).await?.map(Definition::of);
        self.definitions.lock().await.insert(id, found.clone());
        Ok(found)
    }
}

/// The moment that is meant, where the field holds one. RT takes a date and time only as the user's own clock shows it.
pub(super) fn moment(field: &CustomFieldRow, definition: Option<&Definition>, text: &str) -> Option<UtcMs> {
    let at = UtcMs::parse_rfc3339(text).ok()?;
    let holds_moments = match definition {
        Some(definition) => definition.kind == "DateTime",
        None => field.set_values().iter().all(|value| UtcMs::parse_rfc3339(value).is_ok()),
    };
    // RT keeps whole seconds.
    holds_moments.then(|| UtcMs(at.0 - at.0.rem_euclid(1_000)))
}

/// `YYYY-MM-DD HH:MM:SS`, the only form that RT reads without losing the time of day.
pub(super) fn naive(at: UtcMs) -> String {
    DateTime::from_timestamp_millis(at.0).map(|at| at.format("%Y-%m-%d %H:%M:%S").to_string()).unwrap_or_default()
}

/// Several values out of one line. A value that holds a comma itself is recognised when it is among the known ones.
pub(super) fn split_values(text: &str, known: &[&str]) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let whole = known
            .iter()
            .filter(|value| !value.is_empty())
            .filter(|value| rest.strip_prefix(**value).is_some_and(|after| after.is_empty() || after.starts_with([',', '\n'])))
            .max_by_key(|value| value.len());
        let length = whole.map_or_else(|| rest.find([',', '\n']).unwrap_or(rest.len()), |value| value.len());
        let (value, after) = rest.split_at(length);
        let value = value.trim();
        if !value.is_empty() && !found.iter().any(|one| one == value) {
            found.push(value.to_owned());
        }
        rest = after.trim_start_matches([',', '\n']).trim_start();
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_fall_into_values() {
        assert_eq!(split_values(" a, b ,c", &[]), ["a", "b", "c"]);
        assert_eq!(
            split_values("Beijing, China, x, Beijing", &["Beijing, China", "Beijing"]),
            ["Beijing, China", "x", "Beijing"]
        );
        assert_eq!(split_values("a, a,, ,b", &["a"]), ["a", "b"]);
        assert!(split_values("  ", &["a"]).is_empty());
    }

    #[test]
    fn moments_lose_their_zone_for_rt_and_nothing_else() {
        let at = UtcMs::parse_rfc3339("2026-11-01T05:30:00Z").unwrap();
        assert_eq!(naive(at), "2026-11-01 05:30:00");
        let field = CustomFieldRow::default();
        assert_eq!(moment(&field, None, "2026-11-01T13:30:00.250+08:00"), Some(at));
        let words = Definition { kind: "Freeform".into(), values_max: Some(1), choices: Vec::new() };
        assert_eq!(moment(&field, Some(&words), "2026-11-01T05:30:00Z"), None);
    }
}
