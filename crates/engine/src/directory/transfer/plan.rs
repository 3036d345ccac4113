//! What a file would change: each row is an entry that is there, or a new one.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use deskbell_domain::Code;
use deskbell_domain::directory::Problem;
use deskbell_store::EntryWrite;
use serde_json::{Map, Value};

use super::super::EntryOrigin;
use super::super::entries::new_entry;
use super::super::sources::{Item, Standing};
use super::columns::Table;
use super::{ImportPlan, ImportRow, ImportWhat, LookedInto, Row};
use crate::error::EngineError;

/// A row with what becomes of it.
struct PlannedRow<T> {
    shown: ImportRow,
    /// Entry as it will be; `None` of a row that is refused.
    entry: Option<T>,
    /// What it changes.
    standing: Option<Standing<T>>,
}

/// Every row with what becomes of it.
pub(super) struct Planned<T> {
    rows: Vec<PlannedRow<T>>,
}

impl<T: Item> Planned<T> {
    /// Line of the first row with a problem.
    pub(super) fn first_refused(&self) -> Option<u32> {
        self.rows.iter().find(|row| row.shown.what == ImportWhat::Refused).map(|row| row.shown.line_number)
    }

    pub(super) fn shown(self, looked: &LookedInto) -> ImportPlan {
        let count = |what| {
            let found = self.rows.iter().filter(|row| row.shown.what == what).count();
            u32::try_from(found).unwrap_or(u32::MAX)
        };
        ImportPlan {
            token: looked.token.clone(),
            kind: looked.kind,
            file_name: looked.file_name.clone(),
            added: count(ImportWhat::Added),
            changed: count(ImportWhat::Changed),
            same: count(ImportWhat::Same),
            refused: count(ImportWhat::Refused),
            rows: self.rows.into_iter().map(|row| row.shown).collect(),
        }
    }

    /// What is to be written; nothing for rows that say what is there already.
    pub(super) fn writes(self, own_id: impl Fn() -> String) -> Result<Vec<EntryWrite>, EngineError> {
        let mut writes = Vec::new();
        for row in self.rows {
            let Some(mut entry) = row.entry else { continue };
            match (row.shown.what, &row.standing) {
                (ImportWhat::Changed, Some(standing)) => writes.push(standing.write(&entry, false)?),
                (ImportWhat::Added, _) => {
                    if entry.id().is_empty() {
                        *entry.id_mut() = own_id();
                    }
                    writes.push(new_entry(&entry)?);
                }
                _ => {}
            }
        }
        Ok(writes)
    }
}

pub(super) fn plan<T: Item + Table>(rows: Vec<Row>, standing: &[Standing<T>], today: NaiveDate) -> Planned<T> {
    let mut seen = BTreeMap::new();
    let rows = rows.into_iter().map(|row| plan_row(row, standing, &mut seen, today)).collect();
    Planned { rows }
}

fn plan_row<T: Item + Table>(
    row: Row,
    standing: &[Standing<T>],
    seen: &mut BTreeMap<String, u32>,
    today: NaiveDate,
) -> PlannedRow<T> {
    let Row { line_number, key, fields, mut problems } = row;
    let found = find(&key, &fields, standing);
    let entry = fill(found.map(|found| &found.entry), &fields, &mut problems);
    let name = entry.as_ref().map_or_else(|| name_in(&fields), |entry| entry.name().to_owned());
    let entry = entry.filter(|_| problems.is_empty()).map(|mut entry: T| {
        if let Some(found) = found {
            found.entry.id().clone_into(entry.id_mut());
        }
        entry
    });
    if let Some(entry) = &entry {
        let identity = match found {
            Some(found) => format!("key {}", found.key),
            None if entry.id().is_empty() => format!("like {}", entry.likeness()),
            None => format!("id {}", entry.id()),
        };
        match seen.get(&identity) {
            Some(first) => problems.push(Problem::new(T::LIKENESS_COLUMN, Code::ValueTwice).with("line", first)),
            None => {
                seen.insert(identity, line_number);
            }
        }
        problems.extend(entry.problems(today));
    }
    let what = match (&entry, found) {
        _ if !problems.is_empty() => ImportWhat::Refused,
        (None, _) => ImportWhat::Refused,
        (Some(entry), Some(found)) if *entry == found.entry && !found.hidden => ImportWhat::Same,
        (Some(_), Some(_)) => ImportWhat::Changed,
        (Some(_), None) => ImportWhat::Added,
    };
    PlannedRow { shown: ImportRow { line_number, name, what, problems }, entry, standing: found.cloned() }
}

/// The entry that a row is: by its key where that key names the same entry here, else by its id, else by what makes two
/// entries one.
fn find<'a, T: Item + Table>(key: &str, fields: &Map<String, Value>, standing: &'a [Standing<T>]) -> Option<&'a Standing<T>> {
    let text = |name: &str| fields.get(name).and_then(Value::as_str).unwrap_or_default().trim();
    let id = text("remote_id");
    if !key.is_empty()
        && let Some(found) = standing.iter().find(|one| one.key == key && (id.is_empty() || one.entry.id() == id))
    {
        return Some(found);
    }
    if !id.is_empty() {
        let mut own = standing.iter().filter(|one| one.origin == EntryOrigin::Own && one.entry.id() == id);
        return own.next().or_else(|| only(standing.iter().filter(|one| one.entry.id() == id)));
    }
    let mut like = T::empty();
    let mut unheard = Vec::new();
    if let Some(filled) = fill(Some(&like), fields, &mut unheard) {
        like = filled;
    }
    let likeness = like.likeness();
    if likeness.trim().is_empty() {
        return None;
    }
    only(standing.iter().filter(|one| one.entry.likeness() == likeness))
}

fn only<'a, T>(mut found: impl Iterator<Item = &'a T>) -> Option<&'a T> {
    let first = found.next();
    first.filter(|_| found.next().is_none())
}

fn name_in(fields: &Map<String, Value>) -> String {
    let named = ["name_zh", "city_zh", "name_en", "city_en", "number"].iter().filter_map(|name| fields.get(*name)?.as_str());
    named.map(str::trim).find(|name| !name.is_empty()).unwrap_or_default().to_owned()
}

/// The fields of a row over what is there; a field that does not fit is named.
fn fill<T: Item + Table>(base: Option<&T>, fields: &Map<String, Value>, problems: &mut Vec<Problem>) -> Option<T> {
    let empty = T::empty();
    let Ok(Value::Object(mut filled)) = serde_json::to_value(base.unwrap_or(&empty)) else { return None };
    for (name, value) in fields {
        let Some(before) = filled.get(name).cloned() else {
            let problem = Problem::new(name.as_str(), Code::CellInvalid).with("column", name).with("value", "");
            problems.push(problem.with("expected", "a column or field that is known"));
            continue;
        };
        filled.insert(name.clone(), over(before.clone(), value));
        if let Err(error) = serde_json::from_value::<T>(Value::Object(filled.clone())) {
            let shown: String = value.to_string().chars().take(60).collect();
            let problem = Problem::new(T::column_of(name), Code::CellInvalid).with("column", T::column_of(name));
            problems.push(problem.with("value", shown).with("expected", error));
            filled.insert(name.clone(), before);
        }
    }
    serde_json::from_value(Value::Object(filled)).ok()
}

/// Objects within an entry keep what the row does not name; calendars are replaced whole.
fn over(before: Value, value: &Value) -> Value {
    match (before, value) {
        (Value::Object(mut before), Value::Object(value)) if !value.contains_key("tz") => {
            before.extend(value.iter().map(|(name, value)| (name.clone(), value.clone())));
            Value::Object(before)
        }
        _ => value.clone(),
    }
}
