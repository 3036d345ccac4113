//! A directory as JSON: `{"format", "version", "kind", "entries"}`, or the bare list of entries.

use deskbell_domain::Code;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::super::sources::{Item, unwritable};
use super::{IMPORT_ROWS_MAX, Row};
use crate::error::EngineError;

const FORMAT: &str = "deskbell-directory";
/// Version of the shape that this program writes, and the newest that it reads.
const VERSION: u64 = 1;

pub(super) fn write<T: Item + Serialize>(entries: &[(String, T)]) -> Result<Vec<u8>, EngineError> {
    let mut list = Vec::with_capacity(entries.len());
    for (key, entry) in entries {
        let mut fields = Map::new();
        fields.insert("key".to_owned(), Value::from(key.as_str()));
        if let Value::Object(entry) = serde_json::to_value(entry).map_err(unwritable)? {
            fields.extend(entry);
        }
        list.push(Value::Object(fields));
    }
    let file = json!({ "format": FORMAT, "version": VERSION, "kind": T::KIND.as_str(), "entries": list });
    let mut bytes = serde_json::to_vec_pretty(&file).map_err(unwritable)?;
    bytes.push(b'\n');
    Ok(bytes)
}

pub(super) fn read<T: super::columns::Table>(text: &str) -> Result<Vec<Row>, EngineError> {
    let wrong = |detail: String| EngineError::with_detail(Code::ImportUnreadable, detail);
    let file: Value = serde_json::from_str(text).map_err(|error| wrong(error.to_string()))?;
    let entries = match file {
        Value::Array(entries) => entries,
        Value::Object(mut file) => {
            if file.get("format").and_then(Value::as_str) != Some(FORMAT) {
                return Err(wrong(format!("\"format\" is not {FORMAT}")));
            }
            if file.get("version").and_then(Value::as_u64).is_none_or(|version| version == 0 || version > VERSION) {
                return Err(wrong(format!("\"version\" is not {VERSION}: a newer Deskbell wrote this file")));
            }
            if file.get("kind").and_then(Value::as_str) != Some(T::KIND_NAME) {
                return Err(wrong(format!("\"kind\" is not {}", T::KIND_NAME)));
            }
            match file.remove("entries") {
                Some(Value::Array(entries)) => entries,
                _ => return Err(wrong("\"entries\" is not a list".to_owned())),
            }
        }
        _ => return Err(wrong("neither an object nor a list".to_owned())),
    };
    if entries.len() > IMPORT_ROWS_MAX {
        return Err(EngineError::new(Code::ImportTooLarge).arg("rows", entries.len().to_string()));
    }
    let mut rows = Vec::with_capacity(entries.len());
    for (place, entry) in (1..).zip(entries) {
        let Value::Object(mut fields) = entry else { return Err(wrong(format!("entry {place} is not an object"))) };
        let key = match fields.remove("key") {
            Some(Value::String(key)) => key,
            None | Some(Value::Null) => String::new(),
            Some(_) => return Err(wrong(format!("\"key\" of entry {place} is not text"))),
        };
        rows.push(Row { line_number: place, key, fields, problems: Vec::new() });
    }
    Ok(rows)
}
