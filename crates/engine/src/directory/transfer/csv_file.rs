//! A directory as CSV: UTF-8 with a byte order mark, RFC 4180, the first row naming the columns.

use std::collections::BTreeMap;

use csv::{QuoteStyle, ReaderBuilder, StringRecord, Terminator, WriterBuilder};
use deskbell_domain::Code;
use deskbell_domain::directory::Problem;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::super::sources::unwritable;
use super::columns::{CALENDAR_REST, DAYS, KEY, TIME_ZONE, Table};
use super::{IMPORT_ROWS_MAX, Row, cell};
use crate::error::EngineError;

/// Longest cell quoted in a problem, in characters.
const QUOTED_CHARS_MAX: usize = 60;

/// The table of entries with their keys.
pub(super) fn write<T: Table + Serialize>(entries: &[(String, T)]) -> Result<Vec<u8>, EngineError> {
    let mut bytes = "\u{feff}".as_bytes().to_vec();
    let mut writer = WriterBuilder::new().terminator(Terminator::CRLF).quote_style(QuoteStyle::Necessary).from_writer(&mut bytes);
    let calendar = std::iter::once(TIME_ZONE).chain(DAYS).chain([CALENDAR_REST]);
    let names = std::iter::once(KEY).chain(T::COLUMNS.iter().map(|column| column.name)).chain(calendar);
    writer.write_record(names).map_err(unwritable)?;
    for (key, entry) in entries {
        let value = serde_json::to_value(entry).map_err(unwritable)?;
        let mut cells = vec![cell::neutral(key)];
        for column in T::COLUMNS {
            let field = value.pointer(&format!("/{}", column.field)).unwrap_or(&Value::Null);
            cells.push(cell::write(column.shape, field));
        }
        cells.extend(calendar_cells(value.get("calendar").unwrap_or(&Value::Null)));
        writer.write_record(cells).map_err(unwritable)?;
    }
    writer.flush().map_err(unwritable)?;
    drop(writer);
    Ok(bytes)
}

/// Zone, seven days and the rest.
fn calendar_cells(calendar: &Value) -> Vec<String> {
    let Some(calendar) = calendar.as_object() else { return vec![String::new(); DAYS.len() + 2] };
    let hours = calendar.get("hours");
    let day = |name: &str| {
        let spans = hours.and_then(|hours| hours.get(name)).and_then(Value::as_array);
        let span = |span: &Value| Some(format!("{}-{}", span.get(0)?.as_str()?, span.get(1)?.as_str()?));
        spans.into_iter().flatten().filter_map(span).collect::<Vec<_>>().join("; ")
    };
    let empty = |value: &Value| value.as_array().is_some_and(Vec::is_empty) || value.as_object().is_some_and(Map::is_empty);
    let named = |name: &str| !matches!(name, "tz" | "hours");
    let rest: Map<String, Value> =
        calendar.iter().filter(|(name, value)| named(name) && !empty(value)).map(|(n, v)| (n.clone(), v.clone())).collect();
    let rest = if rest.is_empty() { String::new() } else { Value::Object(rest).to_string() };
    let zone = calendar.get("tz").and_then(Value::as_str).unwrap_or_default();
    std::iter::once(cell::neutral(zone)).chain(DAYS.iter().map(|name| cell::neutral(&day(name)))).chain([rest]).collect()
}

/// The rows of a table.
pub(super) fn read<T: Table>(text: &str) -> Result<Vec<Row>, EngineError> {
    let mut reader = ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut records = reader.records();
    let unreadable = |error: csv::Error| EngineError::with_detail(Code::ImportUnreadable, error.to_string());
    let first = records.next().transpose().map_err(unreadable)?.unwrap_or_default();
    let columns = names::<T>(&first)?;
    let mut lines = Lines { text: text.as_bytes(), counted: 0, line: 1 };
    let mut rows = Vec::new();
    for record in records {
        let record = record.map_err(unreadable)?;
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        let line_number = lines.at(record.position().map_or(0, csv::Position::byte));
        rows.push(read_row::<T>(&columns, first.len(), &record, line_number));
        if rows.len() > IMPORT_ROWS_MAX {
            return Err(EngineError::new(Code::ImportTooLarge));
        }
    }
    Ok(rows)
}

/// Places of the columns by name.
fn names<T: Table>(first: &StringRecord) -> Result<BTreeMap<String, usize>, EngineError> {
    let known = |name: &str| {
        let calendar = [KEY, TIME_ZONE, CALENDAR_REST];
        T::COLUMNS.iter().any(|column| column.name == name) || calendar.contains(&name) || DAYS.contains(&name)
    };
    let (mut places, mut wrong) = (BTreeMap::new(), Vec::new());
    for (place, name) in first.iter().enumerate() {
        let name = name.trim().to_lowercase();
        if !known(&name) {
            wrong.push(format!("unknown: {}", quoted(&name)));
        } else if places.insert(name.clone(), place).is_some() {
            wrong.push(format!("twice: {name}"));
        }
    }
    if !T::NAMING.iter().any(|name| places.contains_key(*name)) {
        wrong.push(format!("missing, one of: {}", T::NAMING.join(", ")));
    }
    let half = DAYS.iter().any(|day| places.contains_key(*day)) && !places.contains_key(TIME_ZONE);
    if half {
        wrong.push(format!("missing: {TIME_ZONE}"));
    }
    if wrong.is_empty() { Ok(places) } else { Err(EngineError::with_detail(Code::ImportColumns, wrong.join("; "))) }
}

fn quoted(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(QUOTED_CHARS_MAX).collect()
}

fn invalid(column: &str, given: &str, expected: &str) -> Problem {
    Problem::new(column, Code::CellInvalid).with("column", column).with("value", quoted(given)).with("expected", expected)
}

/// Lines by place in the text. The reader's own count is one behind where lines end in CR LF.
struct Lines<'a> {
    text: &'a [u8],
    counted: usize,
    line: u32,
}

impl Lines<'_> {
    /// Line of the first byte that is no line end, at `byte` or behind it. Places must not go back.
    fn at(&mut self, byte: u64) -> u32 {
        let from = usize::try_from(byte).unwrap_or(usize::MAX).min(self.text.len());
        let ends = self.text.iter().skip(from).take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        let until = from + ends;
        let passed = self.text.get(self.counted..until).unwrap_or_default();
        self.line += u32::try_from(passed.iter().filter(|byte| **byte == b'\n').count()).unwrap_or(u32::MAX);
        self.counted = self.counted.max(until);
        self.line
    }
}

fn read_row<T: Table>(columns: &BTreeMap<String, usize>, width: usize, record: &StringRecord, line_number: u32) -> Row {
    let mut row = Row { line_number, ..Row::default() };
    if record.len() != width {
        let problem = Problem::new("", Code::RowLength).with("cells", record.len());
        row.problems.push(problem.with("expected", width));
        return row;
    }
    let cell_of = |name: &str| columns.get(name).and_then(|place| record.get(*place));
    row.key = cell_of(KEY).map(|key| cell::original(key).trim().to_owned()).unwrap_or_default();
    for column in T::COLUMNS {
        let Some(given) = cell_of(column.name) else { continue };
        match cell::read(column.shape, given) {
            Ok(value) => put(&mut row.fields, column.field, value),
            // An empty number is one that was not given.
            Err(_) if given.trim().is_empty() => {}
            Err(expected) => row.problems.push(invalid(column.name, given, expected)),
        }
    }
    if let Some(zone) = cell_of(TIME_ZONE) {
        match read_calendar(cell::original(zone).trim(), &cell_of) {
            Ok(calendar) => put(&mut row.fields, "calendar", calendar),
            Err(problem) => row.problems.push(*problem),
        }
    }
    row
}

fn put(fields: &mut Map<String, Value>, path: &str, value: Value) {
    match path.split_once('/') {
        Some((outer, inner)) => {
            let object = fields.entry(outer).or_insert_with(|| json!({}));
            if let Some(object) = object.as_object_mut() {
                object.insert(inner.to_owned(), value);
            }
        }
        None => {
            fields.insert(path.to_owned(), value);
        }
    }
}

/// The calendar of a row; null where no cell says anything.
fn read_calendar<'a>(zone: &str, cell_of: &impl Fn(&str) -> Option<&'a str>) -> Result<Value, Box<Problem>> {
    let mut hours = Map::new();
    let mut silent = zone.is_empty();
    for day in DAYS {
        let text = cell::original(cell_of(day).unwrap_or_default());
        silent &= text.trim().is_empty();
        let spans = spans(text).ok_or_else(|| Box::new(invalid(day, text, "09:00-12:00; 13:30-18:00")))?;
        hours.insert(day.to_owned(), spans);
    }
    let rest = cell::original(cell_of(CALENDAR_REST).unwrap_or_default()).trim();
    let mut calendar = match rest {
        "" => Map::new(),
        rest => match serde_json::from_str(rest) {
            Ok(Value::Object(rest)) => rest,
            _ => return Err(Box::new(invalid(CALENDAR_REST, rest, "a JSON object with holidays, shifts, breaks"))),
        },
    };
    if silent && calendar.is_empty() {
        return Ok(Value::Null);
    }
    calendar.insert("tz".to_owned(), Value::from(zone));
    calendar.insert("hours".to_owned(), Value::Object(hours));
    Ok(Value::Object(calendar))
}

/// `09:00-12:00; 13:30-18:00` as pairs.
fn spans(text: &str) -> Option<Value> {
    let parts = text.split([';', '；', ',', '\n', ' ']).map(str::trim).filter(|part| !part.is_empty());
    let span = |part: &str| {
        let (from, to) = part.split_once(['-', '–', '~'])?;
        Some(json!([from.trim(), to.trim()]))
    };
    parts.map(span).collect::<Option<Vec<_>>>().map(Value::from)
}
