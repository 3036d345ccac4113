//! The rows of a ServiceNow incident event log, as far as they count for service levels.
//!
//! Several rows an incident, each as it stood after an update. Two passes: the first tells how dates are written, the
//! second keeps what counts, 40 bytes a row.

use std::collections::HashMap;
use std::io::Read;

use csv::ByteRecord;
use deskbell_domain::ticket::{Priority, Status};
use deskbell_domain::{Code, UtcMs};

use super::dates::{self, DateOrder, OrderEvidence};
use super::file::Encoding;
use super::notes::{Notes, ProblemKind, ReplayNoteKind};
use crate::error::EngineError;

/// Rows held at once.
pub const LOG_ROWS_MAX: usize = 5_000_000;
/// Rows between two looks at whether to stop.
const LOOK_EVERY: u64 = 20_000;
const UNKNOWN: &str = "?";

/// Where the columns are.
#[derive(Debug, Clone, Copy)]
struct Columns {
    number: usize,
    state: usize,
    priority: usize,
    opened_at: usize,
    updated_at: usize,
    updated_by: Option<usize>,
    reopen_count: Option<usize>,
    mod_count: Option<usize>,
    caller: Option<usize>,
    category: Option<usize>,
    resolved_at: Option<usize>,
    resolved_by: Option<usize>,
}

impl Columns {
    fn read(header: &ByteRecord) -> Result<Self, EngineError> {
        let names: Vec<String> =
            header.iter().map(|name| String::from_utf8_lossy(name).trim().trim_matches('"').to_ascii_lowercase()).collect();
        let find = |name: &str| names.iter().position(|known| known == name);
        let state = find("incident_state").or_else(|| find("state"));
        let needed = [
            ("number", find("number")),
            ("incident_state", state),
            ("priority", find("priority")),
            ("opened_at", find("opened_at")),
            ("sys_updated_at", find("sys_updated_at").or_else(|| find("sys_updated_on"))),
        ];
        let missing: Vec<&str> = needed.iter().filter(|(_, at)| at.is_none()).map(|(name, _)| *name).collect();
        let [(_, Some(number)), (_, Some(state)), (_, Some(priority)), (_, Some(opened_at)), (_, Some(updated_at))] = needed
        else {
            return Err(EngineError::new(Code::HistoryColumns).arg("missing", missing.join(", ")));
        };
        Ok(Self {
            number,
            state,
            priority,
            opened_at,
            updated_at,
            updated_by: find("sys_updated_by"),
            reopen_count: find("reopen_count"),
            mod_count: find("sys_mod_count"),
            caller: find("caller_id"),
            category: find("category"),
            resolved_at: find("resolved_at"),
            resolved_by: find("resolved_by"),
        })
    }
}

/// One update.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    pub(super) incident: u32,
    /// Index among the names.
    pub(super) by: u32,
    pub(super) at: UtcMs,
    pub(super) mod_count: u32,
    pub(super) line: u64,
    pub(super) reopen_count: u16,
    pub(super) status: Status,
    /// `None` where the file says `?`.
    pub(super) priority: Option<Priority>,
}

/// What all rows of an incident share.
#[derive(Debug, Clone)]
pub(super) struct Incident {
    pub(super) number: Box<str>,
    pub(super) opened_at: UtcMs,
    pub(super) caller: u32,
    pub(super) category: u32,
    pub(super) resolved_at: Option<UtcMs>,
    pub(super) resolved_by: u32,
}

/// Everything that counts.
#[derive(Debug, Default)]
pub(super) struct Rows {
    pub(super) incidents: Vec<Incident>,
    /// By incident, then by time.
    pub(super) rows: Vec<Row>,
    pub(super) names: Vec<Box<str>>,
    /// Rows of the file, good or bad.
    pub(super) read: u64,
}

/// How the columns are set apart: as the first line has it.
fn delimiter(first: &[u8]) -> u8 {
    let count = |wanted: u8| first.iter().filter(|byte| **byte == wanted).count();
    [b',', b';', b'\t'].into_iter().max_by_key(|one| (count(*one), *one == b',')).unwrap_or(b',')
}

/// A reader that has read the first line, and its columns.
fn start<R: Read>(mut source: R) -> Result<(csv::Reader<impl Read>, Columns, usize), EngineError> {
    /// Longest first line, in bytes.
    const HEADER_BYTES_MAX: usize = 64 * 1024;
    let mut head = Vec::new();
    let mut byte = [0_u8; 1];
    while head.len() < HEADER_BYTES_MAX && source.read(&mut byte).map_err(broken)? == 1 {
        head.extend(byte);
        if byte == [b'\n'] {
            break;
        }
    }
    let delimiter = delimiter(&head);
    let mut reader =
        csv::ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(std::io::Cursor::new(head).chain(source));
    let header = reader.byte_headers().map_err(|error| broken(error.into()))?.clone();
    Ok((reader, Columns::read(&header)?, header.len()))
}

fn broken(error: std::io::Error) -> EngineError {
    EngineError::with_detail(Code::FileUnreadable, error.to_string())
}

fn field(record: &ByteRecord, column: usize) -> &str {
    std::str::from_utf8(record.get(column).unwrap_or_default()).unwrap_or(UNKNOWN).trim()
}

fn told(record: &ByteRecord, column: Option<usize>) -> Option<&str> {
    column.map(|column| field(record, column)).filter(|text| !text.is_empty() && *text != UNKNOWN)
}

/// The first pass: how the dates of a file are written, and how many rows there are.
pub(super) fn order_of(
    source: impl Read,
    look: &mut dyn FnMut(u64) -> Result<(), EngineError>,
) -> Result<(OrderEvidence, u64), EngineError> {
    let (mut reader, columns, _) = start(source)?;
    let (mut evidence, mut record, mut rows) = (OrderEvidence::default(), ByteRecord::new(), 0);
    while reader.read_byte_record(&mut record).map_err(|error| broken(error.into()))? {
        rows += 1;
        if rows % LOOK_EVERY == 0 {
            look(rows)?;
        }
        for column in [Some(columns.opened_at), Some(columns.updated_at), columns.resolved_at] {
            if let Some(text) = told(&record, column) {
                evidence.see(text);
            }
        }
    }
    Ok((evidence, rows))
}

/// How the text of a file is to be understood.
pub(super) struct Reading {
    pub(super) order: DateOrder,
    pub(super) tz: chrono_tz::Tz,
    pub(super) encoding: Encoding,
}

/// The second pass.
pub(super) fn read(
    source: impl Read,
    reading: &Reading,
    notes: &mut Notes,
    look: &mut dyn FnMut(u64) -> Result<(), EngineError>,
) -> Result<Rows, EngineError> {
    let (mut reader, columns, width) = start(source)?;
    let mut gathered =
        Gathered { columns, width, reading, rows: Rows::default(), numbers: HashMap::new(), names: HashMap::new() };
    gathered.name("");
    let mut record = ByteRecord::new();
    while reader.read_byte_record(&mut record).map_err(|error| broken(error.into()))? {
        gathered.rows.read += 1;
        if gathered.rows.read.is_multiple_of(LOOK_EVERY) {
            look(gathered.rows.read)?;
        }
        let line = record.position().map_or(0, csv::Position::line);
        if let Err((kind, text)) = gathered.take(&record, line, notes) {
            notes.problem(line, kind, &text);
        }
        if gathered.rows.rows.len() > LOG_ROWS_MAX {
            return Err(EngineError::new(Code::HistoryTooLarge).arg("limit", LOG_ROWS_MAX.to_string()));
        }
    }
    let mut rows = gathered.rows;
    rows.rows.sort_by_key(|row| (row.incident, row.at, row.mod_count, row.line));
    Ok(rows)
}

struct Gathered<'a> {
    columns: Columns,
    width: usize,
    reading: &'a Reading,
    rows: Rows,
    numbers: HashMap<Box<str>, u32>,
    names: HashMap<Box<str>, u32>,
}

type Unusable = (ProblemKind, String);

impl Gathered<'_> {
    fn take(&mut self, record: &ByteRecord, line: u64, notes: &mut Notes) -> Result<(), Unusable> {
        let columns = self.columns;
        if record.len() != self.width {
            return Err((ProblemKind::FieldCount, format!("{} / {}", record.len(), self.width)));
        }
        let number = told(record, Some(columns.number)).ok_or_else(|| (ProblemKind::NumberMissing, String::new()))?;
        let state = field(record, columns.state);
        let status = status_of(state).ok_or_else(|| (ProblemKind::StateUnknown, state.to_owned()))?;
        let written = field(record, columns.priority);
        let priority = match told(record, Some(columns.priority)) {
            Some(text) => Some(priority_of(text).ok_or_else(|| (ProblemKind::PriorityUnknown, written.to_owned()))?),
            None => None,
        };
        let mut at = self.date(record, columns.updated_at)?;
        let incident = match self.numbers.get(number) {
            Some(known) => *known,
            None => self.incident(record, number)?,
        };
        let opened_at = self.rows.incidents.get(incident as usize).map_or(at, |incident| incident.opened_at);
        if at < opened_at {
            notes.count(ReplayNoteKind::BeforeOpening);
            at = opened_at;
        }
        let small = |column: Option<usize>| told(record, column).and_then(|text| text.parse::<u32>().ok()).unwrap_or(0);
        let by = self.name_in(record, columns.updated_by);
        let reopen_count = u16::try_from(small(columns.reopen_count)).unwrap_or(u16::MAX);
        self.rows.rows.push(Row { incident, by, at, mod_count: small(columns.mod_count), line, reopen_count, status, priority });
        Ok(())
    }

    fn incident(&mut self, record: &ByteRecord, number: &str) -> Result<u32, Unusable> {
        let columns = self.columns;
        let opened_at = self.date(record, columns.opened_at)?;
        let resolved_at = told(record, columns.resolved_at)
            .and_then(dates::read)
            .and_then(|written| written.instant(self.reading.order, self.reading.tz));
        let index = u32::try_from(self.rows.incidents.len()).unwrap_or(u32::MAX);
        let incident = Incident {
            number: number.into(),
            opened_at,
            caller: self.name_in(record, columns.caller),
            category: self.name_in(record, columns.category),
            resolved_at,
            resolved_by: self.name_in(record, columns.resolved_by),
        };
        self.rows.incidents.push(incident);
        self.numbers.insert(number.into(), index);
        Ok(index)
    }

    fn date(&self, record: &ByteRecord, column: usize) -> Result<UtcMs, Unusable> {
        let text = told(record, Some(column)).ok_or_else(|| (ProblemKind::DateMissing, field(record, column).to_owned()))?;
        let at = dates::read(text).and_then(|written| written.instant(self.reading.order, self.reading.tz));
        at.ok_or_else(|| (ProblemKind::DateUnreadable, text.to_owned()))
    }

    fn name_in(&mut self, record: &ByteRecord, column: Option<usize>) -> u32 {
        let Some(bytes) = column.and_then(|column| record.get(column)) else { return 0 };
        let text = match self.reading.encoding {
            Encoding::Utf8 => String::from_utf8_lossy(bytes),
            Encoding::Gbk => encoding_rs::GBK.decode_without_bom_handling(bytes).0,
        };
        let text = text.trim();
        self.name(if text == UNKNOWN { "" } else { text })
    }

    fn name(&mut self, text: &str) -> u32 {
        if let Some(known) = self.names.get(text) {
            return *known;
        }
        let index = u32::try_from(self.rows.names.len()).unwrap_or(u32::MAX);
        self.rows.names.push(text.into());
        self.names.insert(text.into(), index);
        index
    }
}

/// States by name or by ServiceNow's number.
fn status_of(text: &str) -> Option<Status> {
    let name = text.to_ascii_lowercase();
    Some(match name.as_str() {
        "new" | "1" => Status::New,
        "active" | "in progress" | "work in progress" | "assigned" | "open" | "2" => Status::Open,
        "awaiting user info" | "awaiting caller" | "awaiting evidence" | "pending" | "on hold" | "4" | "5" => {
            Status::WaitingCustomer
        }
        "awaiting vendor" | "awaiting problem" | "awaiting change" | "3" => Status::WaitingVendor,
        "resolved" | "6" => Status::Resolved,
        "closed" | "canceled" | "cancelled" | "closed complete" | "closed incomplete" | "7" | "8" => Status::Closed,
        _ => return None,
    })
}

/// `1 - Critical`, `2 - High`, `3 - Moderate` and below; the bare number, or the bare word.
fn priority_of(text: &str) -> Option<Priority> {
    let name = text.to_ascii_lowercase();
    let first = name.split(['-', ' ']).next().unwrap_or_default();
    Some(match first {
        "1" | "critical" => Priority::Urgent,
        "2" | "high" => Priority::Important,
        "3" | "4" | "5" | "moderate" | "medium" | "low" | "planning" => Priority::Routine,
        _ => return None,
    })
}
