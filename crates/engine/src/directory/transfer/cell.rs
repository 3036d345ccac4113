//! One cell of a table, read and written. What a spreadsheet would take for a formula leaves neutralised and comes back as it
//! was.

use serde_json::{Map, Value};

/// What a cell holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Text,
    Whole,
    Decimal,
    YesNo,
    /// Words with `;` between them, or a JSON list.
    List,
    /// One object a line, its fields with `|` between them, or a JSON list. Fields marked true are lists of words.
    Lines(&'static [(&'static str, bool)]),
}

/// What a spreadsheet begins a formula with, full-width signs included (OWASP, CSV injection).
const FORMULA: &[char] = &['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// What a text would be read as that begins so.
fn is_formula(text: &str) -> bool {
    text.trim_start_matches(['\'', ' ', '\u{3000}']).starts_with(FORMULA)
}

/// With an apostrophe before what is no text to a spreadsheet.
pub(super) fn neutral(text: &str) -> String {
    if is_formula(text) { format!("'{text}") } else { text.to_owned() }
}

/// The inverse of [`neutral`].
pub(super) fn original(text: &str) -> &str {
    text.strip_prefix('\'').filter(|rest| is_formula(rest)).unwrap_or(text)
}

/// A value as a cell's text.
pub(super) fn write(shape: Shape, value: &Value) -> String {
    match shape {
        Shape::Text => value.as_str().map_or_else(|| plain(value), neutral),
        Shape::Whole | Shape::Decimal => plain(value),
        Shape::YesNo => if value.as_bool().unwrap_or_default() { "yes" } else { "no" }.to_owned(),
        Shape::List => readable(value, words(value), Shape::List),
        Shape::Lines(fields) => readable(value, lines(fields, value), shape),
    }
}

fn plain(value: &Value) -> String {
    if value.is_null() { String::new() } else { value.to_string() }
}

/// The readable text where it reads back as it was, else JSON.
fn readable(value: &Value, text: String, shape: Shape) -> String {
    let same = read(shape, &text).is_ok_and(|read| &read == value);
    neutral(&if same { text } else { plain(value) })
}

fn words(value: &Value) -> String {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).collect::<Vec<_>>().join("; ")
}

fn lines(fields: &[(&str, bool)], value: &Value) -> String {
    let cell = |row: &Value, (name, is_list): &(&str, bool)| {
        let value = row.get(*name).unwrap_or(&Value::Null);
        if *is_list { words(value) } else { value.as_str().unwrap_or_default().to_owned() }
    };
    let line = |row: &Value| fields.iter().map(|field| cell(row, field)).collect::<Vec<_>>().join(" | ");
    value.as_array().into_iter().flatten().map(line).collect::<Vec<_>>().join("\n")
}

/// A cell's text as a value; says what was expected where it is none.
pub(super) fn read(shape: Shape, cell: &str) -> Result<Value, &'static str> {
    let cell = original(cell);
    if cell.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
        return Err("text without control characters");
    }
    match shape {
        Shape::Text => Ok(Value::from(cell)),
        Shape::Whole => cell.trim().parse::<u32>().map(Value::from).map_err(|_| "a whole number"),
        Shape::Decimal => {
            let number: f64 = cell.trim().parse().map_err(|_| "a number such as 30.29365")?;
            if number.is_finite() { Ok(Value::from(number)) } else { Err("a number such as 30.29365") }
        }
        Shape::YesNo => match cell.trim().to_lowercase().as_str() {
            "yes" | "true" | "1" | "是" => Ok(Value::from(true)),
            "no" | "false" | "0" | "否" | "" => Ok(Value::from(false)),
            _ => Err("yes or no"),
        },
        Shape::List if is_json(cell) => json(cell, "a list"),
        Shape::List => Ok(split_words(cell)),
        Shape::Lines(_) if is_json(cell) => json(cell, "a list"),
        Shape::Lines(fields) => cell
            .lines()
            .filter(|line| !line.trim().is_empty())
            .map(|line| read_line(fields, line))
            .collect::<Result<Vec<_>, _>>()
            .map(Value::from),
    }
}

fn is_json(cell: &str) -> bool {
    cell.trim_start().starts_with('[')
}

fn json(cell: &str, wanted: &'static str) -> Result<Value, &'static str> {
    serde_json::from_str(cell).map_err(|_| wanted)
}

fn split_words(text: &str) -> Value {
    text.split([';', '；', '\n']).map(str::trim).filter(|word| !word.is_empty()).map(str::to_owned).collect::<Vec<_>>().into()
}

fn read_line(fields: &[(&str, bool)], line: &str) -> Result<Value, &'static str> {
    let parts: Vec<&str> = line.split('|').map(str::trim).collect();
    if parts.len() > fields.len() {
        return Err("one item a line, its parts with | between them");
    }
    let mut row = Map::new();
    for (place, (name, is_list)) in fields.iter().enumerate() {
        let part = parts.get(place).copied().unwrap_or_default();
        row.insert((*name).to_owned(), if *is_list { split_words(part) } else { Value::from(part) });
    }
    Ok(Value::Object(row))
}
