//! One VEVENT as read: its times, its rules, its words.

use std::collections::{BTreeMap, BTreeSet};

use calcard::common::PartialDateTime;
use calcard::icalendar::{
    ICalendar, ICalendarComponent, ICalendarComponentType, ICalendarEntry, ICalendarPeriod, ICalendarProperty,
    ICalendarRecurrenceRule, ICalendarStatus, ICalendarValue, Uri,
};
use chrono::{Datelike as _, FixedOffset, NaiveDateTime, NaiveTime, TimeZone as _};
use chrono_tz::Tz;
use deskbell_domain::UtcMs;
use deskbell_domain::sla::calendar::local_to_utc;
use deskbell_domain::time::{DAY_MS, SECOND_MS};

/// Years that are read; others are a mistake or an attack.
const YEARS: std::ops::RangeInclusive<i32> = 1970..=2200;
/// Longest event.
const LENGTH_MS_MAX: i64 = 31 * DAY_MS;
/// Longest title, place or address, in characters.
const TEXT_CHARS_MAX: usize = 500;
/// Longest uid, in characters.
const UID_CHARS_MAX: usize = 500;
/// Most single dates added to or taken from a rule.
pub(super) const DATES_MAX: usize = 10_000;

/// How wall clocks become instants.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Zone {
    Named(Tz),
    Fixed(FixedOffset),
}

impl Zone {
    pub(super) fn instant(self, local: NaiveDateTime) -> UtcMs {
        match self {
            Self::Named(zone) => local_to_utc(zone, local),
            Self::Fixed(offset) => UtcMs(local.and_utc().timestamp_millis() - i64::from(offset.local_minus_utc()) * SECOND_MS),
        }
    }

    pub(super) fn wall_clock(self, at: UtcMs) -> Option<NaiveDateTime> {
        let utc = at.to_datetime()?;
        Some(match self {
            Self::Named(zone) => zone.from_utc_datetime(&utc.naive_utc()).naive_local(),
            Self::Fixed(offset) => offset.from_utc_datetime(&utc.naive_utc()).naive_local(),
        })
    }
}

/// Zones that an object names, and the one for what names none.
pub(super) struct Zones {
    named: BTreeMap<String, Option<Zone>>,
    floating: Zone,
}

impl Zones {
    pub(super) fn of(object: &ICalendar, floating: Tz) -> Self {
        let resolver = object.build_owned_tz_resolver();
        let mut named = BTreeMap::new();
        for component in object.components.iter().filter(|one| one.component_type == ICalendarComponentType::VTimezone) {
            let Some(name) = component.entries.iter().find_map(zone_id) else { continue };
            let known = resolver.resolve(name).and_then(of_calcard).or_else(|| constant(object, component));
            named.insert(name.to_owned(), known);
        }
        Self { named, floating: Zone::Named(floating) }
    }

    /// `None` for a name that means nothing here.
    fn get(&self, name: Option<&str>) -> Option<Zone> {
        let Some(name) = name else { return Some(self.floating) };
        if let Some(known) = self.named.get(name) {
            return *known;
        }
        name.parse::<Tz>().ok().map(Zone::Named).or_else(|| name.parse().ok().and_then(of_calcard))
    }
}

fn zone_id(entry: &ICalendarEntry) -> Option<&str> {
    match (&entry.name, entry.values.first()) {
        (ICalendarProperty::Tzid, Some(ICalendarValue::Text(name))) => Some(name),
        _ => None,
    }
}

fn of_calcard(zone: calcard::common::timezone::Tz) -> Option<Zone> {
    match zone {
        calcard::common::timezone::Tz::Tz(zone) => Some(Zone::Named(zone)),
        calcard::common::timezone::Tz::Fixed(offset) => Some(Zone::Fixed(offset)),
        calcard::common::timezone::Tz::Floating => None,
    }
}

/// A zone of a name of its own that has one offset only.
fn constant(object: &ICalendar, zone: &ICalendarComponent) -> Option<Zone> {
    let mut offsets = zone.component_ids.iter().filter_map(|id| object.components.get(usize::try_from(*id).ok()?)).map(offset_of);
    let first = offsets.next()??;
    offsets.all(|other| other == Some(first)).then_some(Zone::Fixed(first))
}

fn offset_of(observance: &ICalendarComponent) -> Option<FixedOffset> {
    observance.entries.iter().find_map(|entry| match (&entry.name, entry.values.first()) {
        (ICalendarProperty::Tzoffsetto, Some(ICalendarValue::PartialDateTime(value))) => {
            let seconds = i32::from(value.tz_hour?) * 3_600 + i32::from(value.tz_minute.unwrap_or(0)) * 60;
            FixedOffset::east_opt(if value.tz_minus { -seconds } else { seconds })
        }
        _ => None,
    })
}

/// A VEVENT.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Event {
    pub(super) uid: String,
    pub(super) sequence: i64,
    pub(super) zone: Zone,
    pub(super) local: NaiveDateTime,
    pub(super) length_ms: i64,
    pub(super) all_day: bool,
    pub(super) cancelled: bool,
    pub(super) title: String,
    pub(super) place: String,
    pub(super) url: String,
    pub(super) rules: Vec<ICalendarRecurrenceRule>,
    pub(super) added: BTreeSet<UtcMs>,
    pub(super) removed: BTreeSet<UtcMs>,
    /// Start of the occurrence that it stands for.
    pub(super) replaces: Option<UtcMs>,
}

impl Event {
    /// `None` where its times cannot be read.
    pub(super) fn read(component: &ICalendarComponent, zones: &Zones) -> Option<Self> {
        let start_entry = component.entries.iter().find(|entry| entry.name == ICalendarProperty::Dtstart)?;
        let (start_value, zone) = moment(start_entry, zones)?;
        let all_day = start_value.hour.is_none();
        let (start, local) = (instant(start_value, zone)?, wall_clock(start_value, zone)?);
        let mut event = Self {
            uid: String::new(),
            sequence: 0,
            zone,
            local,
            length_ms: if all_day { DAY_MS } else { 0 },
            all_day,
            cancelled: false,
            title: String::new(),
            place: String::new(),
            url: String::new(),
            rules: Vec::new(),
            added: BTreeSet::new(),
            removed: BTreeSet::new(),
            replaces: None,
        };
        for entry in &component.entries {
            event.take(entry, zones, start)?;
        }
        ((0..=LENGTH_MS_MAX).contains(&event.length_ms) && !event.uid.is_empty()).then_some(event)
    }

    pub(super) fn start(&self) -> UtcMs {
        self.zone.instant(self.local)
    }

    fn take(&mut self, entry: &ICalendarEntry, zones: &Zones, start: UtcMs) -> Option<()> {
        use ICalendarProperty as P;
        match (&entry.name, entry.values.first()) {
            (P::Uid, Some(ICalendarValue::Text(uid))) => self.uid = uid.chars().take(UID_CHARS_MAX).collect(),
            (P::Summary, Some(ICalendarValue::Text(words))) => self.title = words_of(words),
            (P::Location, Some(ICalendarValue::Text(words))) => self.place = words_of(words),
            (P::Sequence, Some(ICalendarValue::Integer(number))) => self.sequence = *number,
            (P::Status, Some(ICalendarValue::Status(status))) => self.cancelled = *status == ICalendarStatus::Cancelled,
            (P::Url | P::Conference, Some(value)) if self.url.is_empty() => self.url = https(value),
            (P::Dtend, _) => {
                let (value, zone) = moment(entry, zones)?;
                self.length_ms = instant(value, zone)?.ms_since(start);
            }
            (P::Duration, Some(ICalendarValue::Duration(length))) => self.length_ms = length.as_seconds() * SECOND_MS,
            (P::Rrule, Some(ICalendarValue::RecurrenceRule(rule))) => self.rules.push((**rule).clone()),
            // A rule that cannot be read must not become a single date.
            (P::Rrule, _) => return None,
            (P::RecurrenceId, _) => {
                let (value, zone) = moment(entry, zones)?;
                self.replaces = Some(instant(value, zone)?);
            }
            (P::Rdate, _) => self.added.extend(instants(entry, zones, self.zone, self.local.time())),
            (P::Exdate, _) => self.removed.extend(instants(entry, zones, self.zone, self.local.time())),
            _ => {}
        }
        (self.added.len() <= DATES_MAX && self.removed.len() <= DATES_MAX).then_some(())
    }
}

fn words_of(text: &str) -> String {
    text.trim().chars().map(|c| if c.is_control() { ' ' } else { c }).take(TEXT_CHARS_MAX).collect()
}

/// Only what a browser may be sent to.
fn https(value: &ICalendarValue) -> String {
    let text = match value {
        ICalendarValue::Uri(Uri::Location(text)) | ICalendarValue::Text(text) => text.trim(),
        _ => "",
    };
    let harmless = text.starts_with("https://") && !text.chars().any(|c| c.is_whitespace() || c.is_control());
    if harmless && text.chars().count() <= TEXT_CHARS_MAX { text.to_owned() } else { String::new() }
}

fn moment<'a>(entry: &'a ICalendarEntry, zones: &Zones) -> Option<(&'a PartialDateTime, Zone)> {
    match entry.values.first() {
        Some(ICalendarValue::PartialDateTime(value)) => Some((value, zone_of(value, entry, zones)?)),
        _ => None,
    }
}

fn zone_of(value: &PartialDateTime, entry: &ICalendarEntry, zones: &Zones) -> Option<Zone> {
    if value.tz_hour.is_some() { Some(Zone::Named(Tz::UTC)) } else { zones.get(entry.tz_id()) }
}

pub(super) fn instant(value: &PartialDateTime, zone: Zone) -> Option<UtcMs> {
    Some(zone.instant(wall_clock(value, zone)?))
}

/// What a clock in `zone` shows then; `None` beyond [`YEARS`].
pub(super) fn wall_clock(value: &PartialDateTime, zone: Zone) -> Option<NaiveDateTime> {
    let read = value.to_date_time()?;
    if !YEARS.contains(&read.date_time.year()) {
        return None;
    }
    match read.offset {
        None => Some(read.date_time),
        Some(offset) => {
            let at = UtcMs(read.date_time.and_utc().timestamp_millis() - i64::from(offset.local_minus_utc()) * SECOND_MS);
            zone.wall_clock(at)
        }
    }
}

/// Dates added or taken away; a date without a time means the occurrence of that day.
fn instants(entry: &ICalendarEntry, zones: &Zones, own: Zone, time: NaiveTime) -> Vec<UtcMs> {
    let read = |value: &PartialDateTime| {
        if value.hour.is_none() {
            return Some(own.instant(wall_clock(value, own)?.date().and_time(time)));
        }
        instant(value, zone_of(value, entry, zones)?)
    };
    let one = |value: &ICalendarValue| match value {
        ICalendarValue::PartialDateTime(value) => read(value),
        ICalendarValue::Period(ICalendarPeriod::Range { start, .. } | ICalendarPeriod::Duration { start, .. }) => read(start),
        _ => None,
    };
    entry.values.iter().take(DATES_MAX).filter_map(one).collect()
}
