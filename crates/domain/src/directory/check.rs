//! What is wrong with an entry, all of it, named by field.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Contact, Engineer, HOURS_ALWAYS, PhoneLine, ServiceCentre, SlotRules, is_place};
use crate::error::Code;
use crate::scheduling::Service;
use crate::sla::calendar::{Calendar, CalendarSpec};

/// An entry that nobody looked at for longer is to be verified again.
pub const STALE_AFTER_DAYS: u64 = 90;
/// Shortest slot, in minutes.
pub const SLOT_MINUTES_MIN: u32 = 15;
/// Longest slot, in minutes.
const SLOT_MINUTES_MAX: u32 = 24 * 60;
/// Longest buffer, in minutes.
const BUFFER_MINUTES_MAX: u32 = 24 * 60;
/// Longest notice and cut-off, in minutes: 90 days.
const NOTICE_MINUTES_MAX: u32 = 90 * 24 * 60;
/// Farthest horizon, in days.
const HORIZON_DAYS_MAX: u32 = 366;
/// Largest radius, in kilometres: half-way round the Earth.
const RADIUS_KM_MAX: u32 = 20_004;
/// Most visits at one time.
const CAPACITY_MAX: u32 = 1_000;
/// Most engineers of a centre.
pub const ENGINEERS_MAX: usize = 500;
/// Most steps of a voice menu.
pub const IVR_STEPS_MAX: usize = 20;
/// Most items on a list before a call.
pub const CHECKLIST_MAX: usize = 50;
/// Longest name, in characters.
pub const NAME_CHARS_MAX: usize = 100;
/// Longest other text, in characters.
pub const TEXT_CHARS_MAX: usize = 2_000;
/// Longest telephone number with its spaces, in characters.
pub const PHONE_CHARS_MAX: usize = 40;
/// Digits of a telephone number: short codes have three, E.164 allows fifteen, and an extension may follow.
const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 3..=20;
const LANGUAGES_MAX: usize = 30;

/// One thing that is wrong with what was typed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Problem {
    /// Where: `number`, `calendar`, `engineers[2].name`.
    pub field: String,
    pub code: Code,
    /// For the text of the code.
    pub args: BTreeMap<String, String>,
}

impl Problem {
    /// A problem without arguments.
    #[must_use]
    pub fn new(field: impl Into<String>, code: Code) -> Self {
        Self { field: field.into(), code, args: BTreeMap::new() }
    }

    /// The problem with one argument more.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.args.insert(name.to_owned(), value.to_string());
        self
    }
}

/// Digits with spaces, hyphens, dots and brackets, a plus before them and an extension (`,` or `#` and digits) behind.
#[must_use]
pub fn is_phone_number(text: &str) -> bool {
    let text = text.trim();
    let body = text.strip_prefix('+').unwrap_or(text);
    let plain = |c: char| c.is_ascii_digit() || " -.()/,#*".contains(c);
    let digits = text.chars().filter(char::is_ascii_digit).count();
    PHONE_DIGITS.contains(&digits) && text.chars().count() <= PHONE_CHARS_MAX && body.chars().all(plain)
}

/// True when the entry was verified more than [`STALE_AFTER_DAYS`] days before `today`, or on no date.
#[must_use]
pub fn is_stale(verified_on: &str, today: NaiveDate) -> bool {
    let verified = date(verified_on).and_then(|date| date.checked_add_days(Days::new(STALE_AFTER_DAYS)));
    verified.is_none_or(|last| today > last)
}

fn date(text: &str) -> Option<NaiveDate> {
    (text.len() == 10).then(|| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()).flatten()
}

/// Everything wrong with a phone line as of `today`.
#[must_use]
pub fn check_line(line: &PhoneLine, today: NaiveDate) -> Vec<Problem> {
    let mut found = Vec::new();
    if !(1..=3).contains(&line.tier) {
        found.push(Problem::new("tier", Code::TierInvalid).with("tier", line.tier));
    }
    if line.number.trim().is_empty() {
        found.push(missing("number"));
    } else if !is_phone_number(&line.number) {
        found.push(Problem::new("number", Code::PhoneNumberInvalid).with("number", &line.number));
    }
    named(&mut found, &[("name_zh", &line.name_zh), ("name_en", &line.name_en)]);
    for (field, text) in [
        ("purpose_zh", &line.purpose_zh),
        ("purpose_en", &line.purpose_en),
        ("ivr_zh", &line.ivr_zh),
        ("ivr_en", &line.ivr_en),
        ("vendor", &line.vendor),
    ] {
        fits(&mut found, field, text);
    }
    hours(&mut found, line.calendar.as_ref(), &line.hours);
    sourced(&mut found, &line.source, &line.verified_on, today);
    languages(&mut found, "languages", &line.languages);
    languages(&mut found, "dialects", &line.dialects);
    if line.ivr_path.len() > IVR_STEPS_MAX {
        found.push(Problem::new("ivr_path", Code::TooMany).with("most", IVR_STEPS_MAX));
    }
    for (index, step) in line.ivr_path.iter().enumerate() {
        if step.label_zh.trim().is_empty() && step.label_en.trim().is_empty() {
            found.push(missing(&format!("ivr_path[{index}].label")));
        }
    }
    if line.checklist.len() > CHECKLIST_MAX {
        found.push(Problem::new("checklist", Code::TooMany).with("most", CHECKLIST_MAX));
    }
    for (index, item) in line.checklist.iter().enumerate() {
        if item.text_zh.trim().is_empty() && item.text_en.trim().is_empty() {
            found.push(missing(&format!("checklist[{index}].text")));
        }
    }
    found
}

/// Everything wrong with a service centre as of `today`.
#[must_use]
pub fn check_centre(centre: &ServiceCentre, today: NaiveDate) -> Vec<Problem> {
    let mut found = Vec::new();
    named(&mut found, &[("city_zh", &centre.city_zh), ("city_en", &centre.city_en)]);
    fits(&mut found, "address", &centre.address);
    if !is_place(centre.place()) {
        let problem = Problem::new("latitude", Code::CoordinatesMissing);
        found.push(problem.with("latitude", centre.latitude).with("longitude", centre.longitude));
    }
    if !centre.country.is_empty() && !is_country(&centre.country) {
        found.push(Problem::new("country", Code::CountryInvalid).with("country", &centre.country));
    }
    hours(&mut found, centre.calendar.as_ref(), &centre.hours);
    sourced(&mut found, &centre.source, &centre.verified_on, today);
    if centre.services.is_empty() {
        found.push(missing("services"));
    }
    unknown_services(&mut found, "services", &centre.services);
    centre.contacts.iter().enumerate().for_each(|(index, one)| check_contact(&mut found, &format!("contacts[{index}]"), one));
    engineers(&mut found, &centre.engineers);
    rules(&mut found, &centre.rules);
    found
}

fn missing(field: &str) -> Problem {
    Problem::new(field, Code::ValueMissing)
}

fn named(found: &mut Vec<Problem>, names: &[(&str, &String)]) {
    // One language is enough: the other shows it too.
    if let Some((field, _)) = names.first()
        && names.iter().all(|(_, name)| name.trim().is_empty())
    {
        found.push(missing(field));
    }
    for (field, name) in names {
        if name.chars().count() > NAME_CHARS_MAX {
            found.push(Problem::new(*field, Code::TextTooLong).with("most", NAME_CHARS_MAX));
        }
    }
}

fn fits(found: &mut Vec<Problem>, field: &str, text: &str) {
    if text.chars().count() > TEXT_CHARS_MAX {
        found.push(Problem::new(field, Code::TextTooLong).with("most", TEXT_CHARS_MAX));
    }
}

fn hours(found: &mut Vec<Problem>, calendar: Option<&CalendarSpec>, text: &str) {
    let Some(spec) = calendar else {
        if text.trim() != HOURS_ALWAYS {
            found.push(Problem::new("hours", Code::HoursMissing));
        }
        return;
    };
    match Calendar::new(spec.clone()) {
        Err(error) => {
            found.push(Problem::new("calendar", Code::HoursInvalid).with("reason", error.code()).with("detail", &error));
        }
        Ok(_) if *spec == CalendarSpec::weekly(&spec.tz, crate::sla::calendar::WeeklyHours::default()) => {
            found.push(Problem::new("hours", Code::HoursMissing));
        }
        Ok(_) => {}
    }
}

fn sourced(found: &mut Vec<Problem>, source: &str, verified_on: &str, today: NaiveDate) {
    if source.trim().is_empty() {
        found.push(Problem::new("source", Code::SourceMissing));
    }
    fits(found, "source", source);
    match date(verified_on) {
        None => found.push(Problem::new("verified_on", Code::DateInvalid).with("date", verified_on)),
        Some(date) if date > today => {
            found.push(Problem::new("verified_on", Code::DateInFuture).with("date", verified_on).with("today", today));
        }
        Some(_) => {}
    }
}

/// The shape of BCP 47 (RFC 5646): letters and digits in parts of at most eight, the first of two or three letters.
#[must_use]
pub fn is_language_tag(tag: &str) -> bool {
    let mut parts = tag.split('-');
    let first = parts.next().unwrap_or_default();
    let is_first = (2..=3).contains(&first.len()) && first.bytes().all(|byte| byte.is_ascii_alphabetic());
    is_first && parts.all(|part| (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

fn is_country(text: &str) -> bool {
    text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase())
}

fn languages(found: &mut Vec<Problem>, field: &str, tags: &[String]) {
    if tags.len() > LANGUAGES_MAX {
        found.push(Problem::new(field, Code::TooMany).with("most", LANGUAGES_MAX));
    }
    for (index, tag) in tags.iter().enumerate().filter(|(_, tag)| !is_language_tag(tag)) {
        found.push(Problem::new(format!("{field}[{index}]"), Code::LanguageInvalid).with("language", tag));
    }
}

fn unknown_services(found: &mut Vec<Problem>, field: &str, words: &[String]) {
    for (index, word) in words.iter().enumerate().filter(|(_, word)| Service::from_text(word).is_none()) {
        found.push(Problem::new(format!("{field}[{index}]"), Code::ServiceUnknown).with("service", word));
    }
}

/// What is wrong with a person's name, number and address; number and address may be absent.
#[must_use]
pub fn check_person(place: &str, person: &Contact) -> Vec<Problem> {
    let mut found = Vec::new();
    check_contact(&mut found, place, person);
    found
}

pub(crate) fn check_contact(found: &mut Vec<Problem>, place: &str, contact: &Contact) {
    named(found, &[(&format!("{place}.name"), &contact.name)]);
    if !contact.phone.trim().is_empty() && !is_phone_number(&contact.phone) {
        found.push(Problem::new(format!("{place}.phone"), Code::PhoneNumberInvalid).with("number", &contact.phone));
    }
    if !contact.email.trim().is_empty() && !is_mail(&contact.email) {
        found.push(Problem::new(format!("{place}.email"), Code::MailAddressInvalid).with("address", &contact.email));
    }
}

/// Something before an @ and a name with a dot, or localhost, behind it; mail servers know the rest.
fn is_mail(text: &str) -> bool {
    let text = text.trim();
    let Some((local, host)) = text.rsplit_once('@') else { return false };
    let plain = !text.chars().any(|c| c.is_whitespace() || c.is_control() || "<>,;\"".contains(c));
    let dotted = host.contains('.') && !host.starts_with('.') && !host.ends_with('.');
    plain && !local.is_empty() && text.len() <= 254 && dotted
}

fn engineers(found: &mut Vec<Problem>, engineers: &[Engineer]) {
    if engineers.len() > ENGINEERS_MAX {
        found.push(Problem::new("engineers", Code::TooMany).with("most", ENGINEERS_MAX));
        return;
    }
    let mut ids = BTreeSet::new();
    for (index, engineer) in engineers.iter().enumerate() {
        let place = format!("engineers[{index}]");
        named(found, &[(&format!("{place}.name"), &engineer.name)]);
        if engineer.id.trim().is_empty() {
            found.push(missing(&format!("{place}.id")));
        } else if !ids.insert(engineer.id.as_str()) {
            found.push(Problem::new(format!("{place}.id"), Code::ValueTwice).with("value", &engineer.id));
        }
        unknown_services(found, &format!("{place}.skills"), &engineer.skills);
        languages(found, &format!("{place}.languages"), &engineer.languages);
    }
}

fn rules(found: &mut Vec<Problem>, rules: &SlotRules) {
    for (field, value, least, most) in [
        ("slot_minutes", rules.slot_minutes, SLOT_MINUTES_MIN, SLOT_MINUTES_MAX),
        ("capacity", rules.capacity, 1, CAPACITY_MAX),
        ("buffer_before_min", rules.buffer_before_min, 0, BUFFER_MINUTES_MAX),
        ("buffer_after_min", rules.buffer_after_min, 0, BUFFER_MINUTES_MAX),
        ("notice_min", rules.notice_min, 0, NOTICE_MINUTES_MAX),
        ("horizon_days", rules.horizon_days, 1, HORIZON_DAYS_MAX),
        ("travel_radius_km", rules.travel_radius_km, 1, RADIUS_KM_MAX),
        ("cancel_cutoff_min", rules.cancel_cutoff_min, 0, NOTICE_MINUTES_MAX),
    ] {
        if !(least..=most).contains(&value) {
            let problem = Problem::new(format!("rules.{field}"), Code::NumberOutOfRange);
            found.push(problem.with("value", value).with("least", least).with("most", most));
        }
    }
}
