//! An iCalendar object that somebody else wrote, as sessions with a beginning and an end.
//!
//! Everything is bounded: bytes before anything is parsed, components after, occurrences while rules are followed. Wall clocks
//! that a zone skips are read with the offset before the gap (RFC 5545, 3.3.5).

mod event;
mod rule;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use calcard::icalendar::{ICalendar, ICalendarComponentType, ICalendarProperty, ICalendarValue};
use calcard::{Entry, Parser};
use chrono_tz::Tz;
use deskbell_domain::UtcMs;

use crate::{CALENDAR_BYTES_MAX, CalendarError};
use event::{Event, Zones};

/// Most components of one calendar, alarms and zones with them.
pub const COMPONENTS_MAX: usize = 50_000;
/// Most objects in one file (RFC 5545, 3.4 allows a stream).
pub const OBJECTS_MAX: usize = 200;
/// Most occurrences that are looked at in one question, over all rules of a calendar.
pub const OCCURRENCES_MAX: u32 = 100_000;
/// Most sessions of one answer.
pub const SESSIONS_MAX: usize = 5_000;

/// A calendar that could be read.
#[derive(Debug, Clone)]
pub struct Calendar {
    objects: Vec<ICalendar>,
    name: String,
    events: usize,
}

/// One occurrence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    pub uid: String,
    pub title: String,
    pub start: UtcMs,
    pub end: UtcMs,
    /// https address, or empty.
    pub url: String,
    pub place: String,
    /// It fills whole days.
    pub all_day: bool,
}

/// What a span of time holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sessions {
    /// By start.
    pub list: Vec<Session>,
    /// A limit was reached: later ones may be missing.
    pub cut: bool,
    /// Events left out: their time or their rule cannot be read.
    pub skipped: u32,
}

impl Calendar {
    /// Reads a calendar whole.
    ///
    /// # Errors
    /// `calendar_too_large` above [`CALENDAR_BYTES_MAX`], [`OBJECTS_MAX`] or [`COMPONENTS_MAX`]; `calendar_unreadable` for
    /// bytes that are no UTF-8 and text that is no whole iCalendar object.
    pub fn read(bytes: &[u8]) -> Result<Self, CalendarError> {
        if bytes.len() > CALENDAR_BYTES_MAX {
            return Err(CalendarError::too_large(format!("{} bytes; the limit is {CALENDAR_BYTES_MAX}", bytes.len())));
        }
        let text = std::str::from_utf8(bytes)
            .map_err(|error| CalendarError::unreadable(format!("byte {} is no UTF-8", error.valid_up_to())))?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text).trim_start();
        if !text.get(..15).is_some_and(|head| head.eq_ignore_ascii_case("BEGIN:VCALENDAR")) {
            return Err(CalendarError::unreadable("it does not begin with BEGIN:VCALENDAR"));
        }
        if let Some(at) = text.find('\0') {
            return Err(CalendarError::unreadable(format!("a zero byte at {at}")));
        }
        if !is_whole(text) {
            return Err(CalendarError::unreadable("it breaks off, or components end that did not begin"));
        }
        let objects = objects(text)?;
        let components: usize = objects.iter().map(|one| one.components.len()).sum();
        if components > COMPONENTS_MAX {
            return Err(CalendarError::too_large(format!("{components} components; the limit is {COMPONENTS_MAX}")));
        }
        let is_event = |kind: &ICalendarComponentType| *kind == ICalendarComponentType::VEvent;
        let events = objects.iter().flat_map(|one| &one.components).filter(|one| is_event(&one.component_type)).count();
        let name = objects.iter().find_map(name_of).unwrap_or_default();
        Ok(Self { objects, name, events })
    }

    /// As the calendar calls itself; may be empty.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Events, each rule counted once.
    #[must_use]
    pub fn events(&self) -> usize {
        self.events
    }

    /// Occurrences that overlap `[from, to)`; `zone` for events that name none.
    #[must_use]
    pub fn sessions(&self, from: UtcMs, to: UtcMs, zone: Tz) -> Sessions {
        let mut found = Sessions::default();
        let mut budget = OCCURRENCES_MAX;
        for object in &self.objects {
            sessions_of(object, &Span { from, to, zone }, &mut budget, &mut found);
        }
        found.list.sort_by(|one, other| (one.start, &one.uid).cmp(&(other.start, &other.uid)));
        if found.list.len() > SESSIONS_MAX {
            found.list.truncate(SESSIONS_MAX);
            found.cut = true;
        }
        found
    }
}

/// The parser closes what was left open; a calendar that broke off on its way would look like a shorter one.
fn is_whole(text: &str) -> bool {
    let begins = |line: &&str, word: &str| line.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word));
    let begun = text.lines().filter(|line| begins(line, "BEGIN:")).count();
    let ended = text.lines().filter(|line| begins(line, "END:")).count();
    let last = text.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default();
    begun == ended && last.trim().eq_ignore_ascii_case("END:VCALENDAR")
}

struct Span {
    from: UtcMs,
    to: UtcMs,
    zone: Tz,
}

fn objects(text: &str) -> Result<Vec<ICalendar>, CalendarError> {
    let mut parser = Parser::new(text);
    let mut objects = Vec::new();
    loop {
        match parser.entry() {
            Entry::ICalendar(object) => objects.push(object),
            Entry::Eof => return Ok(objects),
            // What stands between or after objects and is none of them.
            Entry::InvalidLine(line) if line.trim().is_empty() => {}
            Entry::InvalidLine(_) => return Err(CalendarError::unreadable("a line outside of every component")),
            Entry::VCard(_) => return Err(CalendarError::unreadable("it holds a vCard")),
            Entry::UnexpectedComponentEnd { .. } => return Err(CalendarError::unreadable("components end in a wrong order")),
            Entry::UnterminatedComponent(_) => return Err(CalendarError::unreadable("it breaks off inside a component")),
            _ => return Err(CalendarError::too_large("more components than can be counted")),
        }
        if objects.len() > OBJECTS_MAX {
            return Err(CalendarError::too_large(format!("more than {OBJECTS_MAX} calendars in one file")));
        }
    }
}

/// RFC 7986 has NAME; most write X-WR-CALNAME.
fn name_of(object: &ICalendar) -> Option<String> {
    let root = object.components.first()?;
    let entry = root.entries.iter().find(|entry| match &entry.name {
        ICalendarProperty::Name => true,
        ICalendarProperty::Other(name) => name.eq_ignore_ascii_case("X-WR-CALNAME"),
        _ => false,
    })?;
    match entry.values.first() {
        Some(ICalendarValue::Text(name)) if !name.trim().is_empty() => Some(name.trim().chars().take(200).collect()),
        _ => None,
    }
}

fn sessions_of(object: &ICalendar, span: &Span, budget: &mut u32, found: &mut Sessions) {
    let zones = Zones::of(object, span.zone);
    let mut masters: BTreeMap<String, Event> = BTreeMap::new();
    let mut overrides: BTreeMap<String, BTreeMap<UtcMs, Event>> = BTreeMap::new();
    for component in object.components.iter().filter(|one| one.component_type == ICalendarComponentType::VEvent) {
        let Some(event) = Event::read(component, &zones) else {
            found.skipped += 1;
            continue;
        };
        match event.replaces {
            Some(instant) => {
                let known = overrides.entry(event.uid.clone()).or_default();
                if known.get(&instant).is_none_or(|known| known.sequence <= event.sequence) {
                    known.insert(instant, event);
                }
            }
            None if masters.get(&event.uid).is_none_or(|known| known.sequence <= event.sequence) => {
                masters.insert(event.uid.clone(), event);
            }
            None => {}
        }
    }
    for event in overrides.values().flat_map(BTreeMap::values) {
        add(event, event.start(), span, found);
    }
    let none = BTreeMap::new();
    for event in masters.values() {
        let replaced: BTreeSet<UtcMs> = overrides.get(&event.uid).unwrap_or(&none).keys().copied().collect();
        match rule::occurrences(event, span.to, budget) {
            Some(starts) => {
                found.cut |= starts.cut;
                for start in starts.list.into_iter().filter(|start| !replaced.contains(start)) {
                    add(event, start, span, found);
                }
            }
            None => found.skipped += 1,
        }
    }
}

fn add(event: &Event, start: UtcMs, span: &Span, found: &mut Sessions) {
    let end = start.plus_ms(event.length_ms);
    // One that takes no time is in the span that it begins in.
    let overlaps = start < span.to && (end > span.from || start >= span.from);
    if overlaps && !event.cancelled {
        found.list.push(Session {
            uid: event.uid.clone(),
            title: event.title.clone(),
            start,
            end,
            url: event.url.clone(),
            place: event.place.clone(),
            all_day: event.all_day,
        });
    }
}
