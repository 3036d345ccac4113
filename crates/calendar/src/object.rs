//! One appointment as an iCalendar object.
//!
//! DTSTART and DTEND carry the zone that the appointment was agreed in, with its VTIMEZONE beside them, so that a reader
//! without our zone names shows the same wall clock. Lines are folded at 75 octets between characters (RFC 5545, 3.1).

use calcard::common::PartialDateTime;
use calcard::icalendar::{
    ICalendar, ICalendarAction, ICalendarComponent, ICalendarComponentType, ICalendarDuration, ICalendarMethod,
    ICalendarParameter, ICalendarParticipationRole, ICalendarParticipationStatus, ICalendarProperty, ICalendarStatus,
    ICalendarTransparency, ICalendarValue, Uri,
};
use chrono::Offset as _;
use chrono_tz::Tz;
use deskbell_domain::UtcMs;
use deskbell_domain::time::{DAY_MS, SECOND_MS};
use sha2::{Digest as _, Sha256};

/// Who wrote the object (RFC 5545, 3.7.3).
const PRODUCT: &str = "-//Deskbell//Deskbell 0.1//EN";
/// Zones are written for so long before and after the appointment: a reader may move it a little.
const ZONE_MARGIN_MS: i64 = 366 * DAY_MS;
/// The organizer where nobody has an address: a host that never exists (RFC 2606).
const NO_ADDRESS: &str = "desk@deskbell.invalid";

/// Why an object is sent (RFC 5546). Objects on a CalDAV server carry none (RFC 4791, 4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    Request,
    Cancel,
}

/// How sure it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    Tentative,
    Confirmed,
    Cancelled,
}

/// Somebody named in an invitation.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Person {
    pub name: String,
    /// Empty where nobody knows it.
    pub email: String,
}

/// What becomes an event.
#[derive(Debug, Clone, PartialEq)]
pub struct Appointment {
    /// Unique for ever.
    pub uid: String,
    pub sequence: u32,
    pub standing: Standing,
    pub title: String,
    pub description: String,
    pub place: String,
    /// Degrees north and east.
    pub geo: Option<(f64, f64)>,
    /// https address; empty without one.
    pub url: String,
    pub start: UtcMs,
    pub end: UtcMs,
    pub zone: Tz,
    pub organizer: Person,
    pub attendees: Vec<Person>,
    /// Minutes before the beginning.
    pub alarms_min: Vec<u32>,
    pub category: String,
    /// When this text was made.
    pub stamp: UtcMs,
}

/// The appointment as text. Without a method it is meant for a calendar of one's own: nobody is invited there, lest the server
/// sends letters by itself (RFC 6638).
#[must_use]
pub fn write_object(appointment: &Appointment, method: Option<Method>) -> String {
    let mut root = ICalendarComponent::new(ICalendarComponentType::VCalendar);
    root.add_property(ICalendarProperty::Version, text("2.0"));
    root.add_property(ICalendarProperty::Prodid, text(PRODUCT));
    root.add_property(ICalendarProperty::Calscale, text("GREGORIAN"));
    if let Some(method) = method {
        let method = match method {
            Method::Request => ICalendarMethod::Request,
            Method::Cancel => ICalendarMethod::Cancel,
        };
        root.add_property(ICalendarProperty::Method, ICalendarValue::Method(method));
    }
    let mut calendar = ICalendar { components: vec![root] };
    add_zone(&mut calendar, appointment);
    let event = attach(&mut calendar, 0, event(appointment, method));
    if appointment.standing != Standing::Cancelled {
        for minutes in &appointment.alarms_min {
            attach(&mut calendar, event, alarm(*minutes, &appointment.title));
        }
    }
    calendar.to_string()
}

/// Hash of everything but the stamp: equal texts need no second sending.
#[must_use]
pub fn fingerprint(appointment: &Appointment) -> String {
    let stampless = Appointment { stamp: UtcMs(0), ..appointment.clone() };
    hex(&Sha256::digest(write_object(&stampless, None)))
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn attach(calendar: &mut ICalendar, to: u32, component: ICalendarComponent) -> u32 {
    let id = u32::try_from(calendar.components.len()).unwrap_or(u32::MAX);
    calendar.components.push(component);
    if let Some(parent) = usize::try_from(to).ok().and_then(|to| calendar.components.get_mut(to)) {
        parent.component_ids.push(id);
    }
    id
}

fn add_zone(calendar: &mut ICalendar, appointment: &Appointment) {
    let seconds = |at: UtcMs, ms: i64| at.plus_ms(ms).0.div_euclid(SECOND_MS);
    let (from, to) = (seconds(appointment.start, -ZONE_MARGIN_MS), seconds(appointment.end, ZONE_MARGIN_MS));
    if calendar.add_timezone(appointment.zone.name(), from, to).is_none() {
        // A zone name of chrono-tz is one of calcard, which is built on it.
        tracing::error!(zone = appointment.zone.name(), "A zone could not be written.");
    }
}

fn event(appointment: &Appointment, method: Option<Method>) -> ICalendarComponent {
    let mut event = ICalendarComponent::new(ICalendarComponentType::VEvent);
    event.add_uid(&appointment.uid);
    event.add_sequence(i64::from(appointment.sequence));
    event.add_dtstamp(PartialDateTime::from_utc_timestamp(appointment.stamp.0.div_euclid(SECOND_MS)));
    for (name, at) in [(ICalendarProperty::Dtstart, appointment.start), (ICalendarProperty::Dtend, appointment.end)] {
        let zone = ICalendarParameter::tzid(appointment.zone.name().to_owned());
        event.add_property_with_params(name, [zone], wall_clock(at, appointment.zone));
    }
    event.add_property(ICalendarProperty::Summary, text(&appointment.title));
    for (name, value) in [
        (ICalendarProperty::Description, &appointment.description),
        (ICalendarProperty::Location, &appointment.place),
        (ICalendarProperty::Categories, &appointment.category),
    ] {
        if !value.is_empty() {
            event.add_property(name, text(value));
        }
    }
    if let Some((north, east)) = appointment.geo {
        let values = vec![ICalendarValue::Float(north), ICalendarValue::Float(east)];
        event.entries.push(calcard::icalendar::ICalendarEntry::new(ICalendarProperty::Geo).with_values(values));
    }
    if !appointment.url.is_empty() {
        event.add_property(ICalendarProperty::Url, Uri::Location(appointment.url.clone()));
    }
    event.add_property(ICalendarProperty::Status, ICalendarValue::Status(status(appointment.standing)));
    let seen = if appointment.standing == Standing::Confirmed {
        ICalendarTransparency::Opaque
    } else {
        ICalendarTransparency::Transparent
    };
    event.add_property(ICalendarProperty::Transp, ICalendarValue::Transparency(seen));
    if method.is_some() {
        people(&mut event, appointment);
    }
    event
}

/// An invitation names who sends it and at least one who is asked (RFC 5546, 3.2.2).
fn people(event: &mut ICalendarComponent, appointment: &Appointment) {
    let organizer = &appointment.organizer;
    let address = if organizer.email.is_empty() { NO_ADDRESS } else { &organizer.email };
    event.add_property_with_params(ICalendarProperty::Organizer, named(organizer), mail(address));
    let mut asked = 0;
    for person in appointment.attendees.iter().filter(|person| !person.email.is_empty()) {
        let mut params = named(person);
        params.push(ICalendarParameter::role(ICalendarParticipationRole::ReqParticipant));
        params.push(ICalendarParameter::partstat(ICalendarParticipationStatus::NeedsAction));
        params.push(ICalendarParameter::rsvp(true));
        event.add_property_with_params(ICalendarProperty::Attendee, params, mail(&person.email));
        asked += 1;
    }
    if asked == 0 {
        let mut params = named(organizer);
        params.push(ICalendarParameter::partstat(ICalendarParticipationStatus::Accepted));
        event.add_property_with_params(ICalendarProperty::Attendee, params, mail(address));
    }
}

fn named(person: &Person) -> Vec<ICalendarParameter> {
    // A parameter has no way to say a quote or a line's end (RFC 5545, 3.2).
    let name: String = person.name.chars().map(|c| if c == '"' || c.is_control() { ' ' } else { c }).collect();
    if name.trim().is_empty() { Vec::new() } else { vec![ICalendarParameter::cn(name)] }
}

fn mail(address: &str) -> ICalendarValue {
    ICalendarValue::Uri(Uri::Location(format!("mailto:{address}")))
}

fn alarm(minutes: u32, title: &str) -> ICalendarComponent {
    let mut alarm = ICalendarComponent::new(ICalendarComponentType::VAlarm);
    alarm.add_property(ICalendarProperty::Action, ICalendarValue::Action(ICalendarAction::Display));
    alarm.add_property(ICalendarProperty::Description, text(title));
    let before = ICalendarDuration { neg: true, weeks: 0, days: 0, hours: 0, minutes, seconds: 0 };
    alarm.add_property(ICalendarProperty::Trigger, before);
    alarm
}

const fn status(standing: Standing) -> ICalendarStatus {
    match standing {
        Standing::Tentative => ICalendarStatus::Tentative,
        Standing::Confirmed => ICalendarStatus::Confirmed,
        Standing::Cancelled => ICalendarStatus::Cancelled,
    }
}

/// Text as the format knows it: lines end with \n, and other controls are none.
fn text(value: &str) -> ICalendarValue {
    let lines = value.replace("\r\n", "\n").replace('\r', "\n");
    ICalendarValue::Text(lines.chars().filter(|c| *c == '\n' || *c == '\t' || !c.is_control()).collect())
}

fn wall_clock(at: UtcMs, zone: Tz) -> PartialDateTime {
    use chrono::TimeZone as _;
    let seconds = at.0.div_euclid(SECOND_MS);
    let offset = at.to_datetime().map_or(0, |at| zone.offset_from_utc_datetime(&at.naive_utc()).fix().local_minus_utc());
    PartialDateTime::from_naive_timestamp(seconds + i64::from(offset))
}

#[cfg(test)]
mod tests;
