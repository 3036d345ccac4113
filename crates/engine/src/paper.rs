//! What reports and briefs say, as documents that hosts have set as PDF.
//!
//! Owns the order and the words. Must not know how they are typeset.

use chrono::{Datelike as _, Offset as _, TimeZone as _};
use chrono_tz::Tz;
use deskbell_domain::UtcMs;
use deskbell_domain::paper::{Block, Cell, PaperDocument, PaperLanguage};

use crate::catalogue::{Catalogue, TextArgs};
use crate::state::Language;

mod handover;
mod visit;

/// A document and what its file is called until the person calls it something else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paper {
    pub document: PaperDocument,
    pub file_name: String,
}

/// Words and times of one document.
struct Words {
    catalogue: &'static Catalogue,
    language: Language,
}

impl Words {
    fn new(language: Language) -> Self {
        Self { catalogue: Catalogue::of(language), language }
    }

    fn text(&self, key: &str) -> String {
        self.catalogue.text(key, &TextArgs::new())
    }

    fn with(&self, key: &str, name: &str, value: &str) -> String {
        self.catalogue.text(key, &TextArgs::new().text(name, value))
    }

    const fn paper_language(&self) -> PaperLanguage {
        match self.language {
            Language::ZhCn => PaperLanguage::Zh,
            Language::En => PaperLanguage::En,
        }
    }

    /// Of two languages the desk's, or the one that there is.
    fn either<'a>(&self, zh: &'a str, en: &'a str) -> &'a str {
        let (first, second) = match self.language {
            Language::ZhCn => (zh, en),
            Language::En => (en, zh),
        };
        if first.trim().is_empty() { second } else { first }
    }
}

/// `2026-11-26 14:00`.
fn minute(at: UtcMs, tz: Tz) -> String {
    local(at, tz).map_or_else(|| at.to_rfc3339(), |local| local.format("%Y-%m-%d %H:%M").to_string())
}

/// `2026-11-26`.
fn day(at: UtcMs, tz: Tz) -> String {
    local(at, tz).map_or_else(|| at.to_rfc3339(), |local| local.format("%Y-%m-%d").to_string())
}

/// `2026-11-26 14:00 – 16:00 (Asia/Shanghai, UTC+08:00)`; the end's date where it is another day.
fn stretch(start: UtcMs, end: UtcMs, tz: Tz) -> String {
    let same_day = match (local(start, tz), local(end, tz)) {
        (Some(start), Some(end)) => (start.year(), start.ordinal()) == (end.year(), end.ordinal()),
        _ => false,
    };
    let end_text = minute(end, tz);
    let end_text = if same_day { end_text.rsplit(' ').next().unwrap_or_default().to_owned() } else { end_text };
    format!("{} – {end_text} ({})", minute(start, tz), zone(start, tz))
}

/// `Asia/Shanghai, UTC+08:00`, as it is at an instant.
fn zone(at: UtcMs, tz: Tz) -> String {
    match local(at, tz) {
        Some(local) => format!("{}, UTC{}", tz.name(), local.offset().fix()),
        None => tz.name().to_owned(),
    }
}

fn local(at: UtcMs, tz: Tz) -> Option<chrono::DateTime<Tz>> {
    Some(tz.from_utc_datetime(&at.to_datetime()?.naive_utc()))
}

fn tz_or(name: &str, otherwise: Tz) -> Tz {
    name.parse().unwrap_or(otherwise)
}

fn joined(parts: &[&str], between: &str) -> String {
    parts.iter().map(|part| part.trim()).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(between)
}

/// A row of facts; nothing for an empty value.
fn fact(rows: &mut Vec<(String, Cell)>, name: String, value: impl Into<String>) {
    let value = value.into();
    if !value.trim().is_empty() {
        rows.push((name, Cell::plain(value)));
    }
}

fn heading(level: u8, text: impl Into<String>, beside: impl Into<String>) -> Block {
    Block::Heading { level, text: text.into(), beside: beside.into() }
}

/// A name for a file: what separates folders, or hides files, is replaced.
fn file_name(parts: &[&str]) -> String {
    let name = joined(parts, "-");
    let plain: String = name.chars().map(|c| if c.is_control() || "/\\:*?\"<>|".contains(c) { '_' } else { c }).collect();
    let plain = plain.trim_start_matches('.').chars().take(100).collect::<String>();
    format!("{plain}.pdf")
}

#[cfg(test)]
mod tests;
