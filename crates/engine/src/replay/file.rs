//! A history in a file: what kind it is, whether it can be read, and how far the reading is.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use deskbell_domain::{Code, UtcMs};
use serde::Serialize;
use ts_rs::TS;

use super::dates::DateOrder;
use super::notes::{HistoryProblem, Notes};
use super::{HistoryOptions, ReplayAnswer, ReplayProgress, ReplayRules, incident_log, lines};
use crate::error::EngineError;

/// Largest file, in bytes: 4 GiB.
pub const FILE_BYTES_MAX: u64 = 4 * 1024 * 1024 * 1024;
/// How much of the beginning tells what a file is.
const SNIFFED_BYTES: u64 = 64 * 1024;

/// A file as a first look found it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct PickedHistory {
    /// Names the file in `replay_run`; valid until Deskbell ends.
    pub token: String,
    pub name: String,
    pub format: HistoryFormat,
    #[ts(type = "number")]
    pub rows: u64,
    #[ts(type = "number")]
    pub tickets: u64,
    /// The last event.
    pub until: Option<UtcMs>,
    /// Dates without a zone stand in it, so that one has to be chosen.
    pub needs_zone: bool,
    /// As told from the dates; `None` where they can be read in two ways and a person has to say.
    pub dates: Option<DateOrder>,
    /// There are dates in which the order of day and month matters.
    pub dates_matter: bool,
    pub problems: Vec<HistoryProblem>,
    #[ts(type = "number")]
    pub problems_total: u64,
}

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum HistoryFormat {
    /// A ServiceNow incident event log, CSV.
    IncidentLog,
    /// Tickets, one JSON object a line.
    Tickets,
}

/// How the bytes of a CSV are text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    Utf8,
    Gbk,
}

pub(super) struct Opened {
    pub(super) file: BufReader<File>,
    pub(super) format: HistoryFormat,
    pub(super) encoding: Encoding,
}

/// Opens a file at its first character.
pub(super) fn open(path: &Path) -> Result<Opened, EngineError> {
    let unreadable =
        |error: std::io::Error| EngineError::with_detail(Code::FileUnreadable, format!("{}: {error}", path.display()));
    let mut file = File::open(path).map_err(unreadable)?;
    let about = file.metadata().map_err(unreadable)?;
    if !about.is_file() {
        return Err(EngineError::with_detail(Code::FileUnreadable, format!("{}: not a file", path.display())));
    }
    if about.len() > FILE_BYTES_MAX {
        return Err(EngineError::new(Code::HistoryTooLarge).arg("limit", "4 GiB"));
    }
    let mut head = Vec::new();
    file.by_ref().take(SNIFFED_BYTES).read_to_end(&mut head).map_err(unreadable)?;
    let mark = if head.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 };
    let text = head.get(mark..).unwrap_or_default();
    let encoding = encoding_of(text, about.len() > SNIFFED_BYTES)?;
    let Some(first) = text.iter().find(|byte| !byte.is_ascii_whitespace()) else {
        return Err(EngineError::new(Code::HistoryEmpty));
    };
    let format = if *first == b'{' { HistoryFormat::Tickets } else { HistoryFormat::IncidentLog };
    file.seek(SeekFrom::Start(mark as u64)).map_err(unreadable)?;
    Ok(Opened { file: BufReader::with_capacity(1 << 18, file), format, encoding })
}

/// The encoding of a beginning, which may end inside a character.
fn encoding_of(head: &[u8], is_cut: bool) -> Result<Encoding, EngineError> {
    let wrong = |name: &str| EngineError::new(Code::HistoryEncoding).arg("detail", name);
    if head.starts_with(b"\xFF\xFE") || head.starts_with(b"\xFE\xFF") {
        return Err(wrong("UTF-16"));
    }
    if head.contains(&0) {
        return Err(wrong("binary, or UTF-16 without a mark"));
    }
    match std::str::from_utf8(head) {
        Ok(_) => return Ok(Encoding::Utf8),
        Err(error) if is_cut && error.error_len().is_none() => return Ok(Encoding::Utf8),
        Err(_) => {}
    }
    let whole =
        if is_cut { head.get(..head.iter().rposition(|byte| *byte == b'\n').unwrap_or(0)).unwrap_or_default() } else { head };
    let (_, had_errors) = encoding_rs::GBK.decode_without_bom_handling(whole);
    if had_errors { Err(wrong("neither UTF-8 nor GBK")) } else { Ok(Encoding::Gbk) }
}

pub(super) fn replay(
    path: &Path,
    options: &HistoryOptions,
    rules: &ReplayRules,
    progress: ReplayProgress<'_>,
) -> Result<ReplayAnswer, EngineError> {
    let opened = open(path)?;
    match opened.format {
        HistoryFormat::IncidentLog => incident_log::replay(opened, path, options, rules, progress),
        HistoryFormat::Tickets => lines::replay(opened, path, rules, progress),
    }
}

/// The first look.
pub(super) fn look(path: &Path, token: String) -> Result<PickedHistory, EngineError> {
    let opened = open(path)?;
    let format = opened.format;
    let name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let look = match format {
        HistoryFormat::IncidentLog => incident_log::look(opened, path)?,
        HistoryFormat::Tickets => lines::look(opened)?,
    };
    if look.tickets == 0 {
        return Err(look.notes.nothing());
    }
    let (_, problems, problems_total) = look.notes.told();
    Ok(PickedHistory {
        token,
        name,
        format,
        rows: look.rows,
        tickets: look.tickets,
        until: look.until,
        needs_zone: look.needs_zone,
        dates: look.dates,
        dates_matter: look.dates_matter,
        problems,
        problems_total,
    })
}

/// What a look saw.
#[derive(Debug, Default)]
pub(super) struct Look {
    pub(super) rows: u64,
    pub(super) tickets: u64,
    pub(super) until: Option<UtcMs>,
    pub(super) needs_zone: bool,
    pub(super) dates: Option<DateOrder>,
    pub(super) dates_matter: bool,
    pub(super) notes: Notes,
}
