//! Service managers and their deputies: contact cards, absences, and who acts for a customer now.
//!
//! People are known by their names, as providers name them. Invariant: whoever acts is named by somebody: the absence, or the
//! customer; nobody is picked by chance.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::directory::{Contact, NAME_CHARS_MAX, Problem, TEXT_CHARS_MAX, check_person as check_contact_of, is_language_tag};
use crate::error::Code;
use crate::ticket::text_enum;
use crate::time::UtcMs;

/// Most absences kept of one person.
pub const ABSENCES_MAX: usize = 100;
/// Most people of one desk.
pub const PEOPLE_MAX: usize = 500;
/// Languages of one person.
const LANGUAGES_MAX: usize = 30;
/// Deputies that are asked in turn while each of them is away too.
const DEPUTIES_MAX: usize = 8;

/// Time away, half-open.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
pub struct Absence {
    pub from: UtcMs,
    pub to: UtcMs,
    /// Who acts meanwhile, by name; empty leaves it to each customer's own deputy.
    #[serde(default)]
    pub deputy: String,
    #[serde(default)]
    pub note: String,
}

impl Absence {
    /// True from its beginning until before its end.
    #[must_use]
    pub fn is_at(&self, at: UtcMs) -> bool {
        self.from <= at && at < self.to
    }
}

/// A contact card.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
pub struct Person {
    /// 0 for one that is to be added.
    #[serde(default)]
    #[ts(type = "number")]
    pub id: i64,
    /// As the providers write it: what a customer's manager is found by. One card a name.
    pub name: String,
    #[serde(default)]
    pub role: String,
    #[serde(default)]
    pub phone: String,
    #[serde(default)]
    pub email: String,
    /// Where they are reached in a messenger, as a person would type it.
    #[serde(default)]
    pub im: String,
    /// BCP 47.
    #[serde(default)]
    pub languages: Vec<String>,
    #[serde(default)]
    pub note: String,
    #[serde(default)]
    pub absences: Vec<Absence>,
}

impl Person {
    /// The absence that holds at an instant.
    #[must_use]
    pub fn absence_at(&self, at: UtcMs) -> Option<&Absence> {
        self.absences.iter().find(|absence| absence.is_at(at))
    }
}

/// A telephone number as a mobile number of mainland China, in its eleven digits; `None` for every other.
///
/// Group chats name people by it: a landline names nobody, and other countries' numbers are written in other ways there.
#[must_use]
pub fn mainland_mobile(phone: &str) -> Option<String> {
    let main = phone.split([',', '#', ';']).next().unwrap_or_default();
    let digits: String = main.chars().filter(char::is_ascii_digit).collect();
    let is_national = !main.trim_start().starts_with('+');
    let bare = match digits.strip_prefix("0086") {
        Some(bare) => bare,
        None if digits.len() == 13 => digits.strip_prefix("86")?,
        None if is_national => digits.as_str(),
        None => return None,
    };
    let is_mobile = bare.len() == 11 && bare.starts_with('1') && bare.as_bytes().get(1).is_some_and(|digit| *digit >= b'3');
    is_mobile.then(|| bare.to_owned())
}

/// Who answers for a customer.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
pub struct Care {
    #[serde(default)]
    pub manager: String,
    #[serde(default)]
    pub deputy: String,
}

/// Why somebody acts for a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ActingWhy {
    /// The manager is there.
    Manager,
    /// The manager is away, and named who acts meanwhile.
    AbsenceDeputy,
    /// The manager is away; the customer's own deputy acts.
    CustomerDeputy,
    /// Those two are away as well; the next one whom an absence names acts.
    FurtherDeputy,
    /// The customer has a deputy and no manager.
    NoManager,
    /// The manager is away, and everybody who was named to act is away too, or nobody was: the manager is still named.
    NobodyThere,
    /// Neither manager nor deputy is known.
    Unknown,
}

text_enum!(ActingWhy {
    Manager = "manager",
    AbsenceDeputy = "absence_deputy",
    CustomerDeputy = "customer_deputy",
    FurtherDeputy = "further_deputy",
    NoManager = "no_manager",
    NobodyThere = "nobody_there",
    Unknown = "unknown",
});

/// Who acts for a customer at an instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acting {
    /// Empty where nobody is known.
    pub name: String,
    pub why: ActingWhy,
    /// When the manager is back, while they are away.
    pub until: Option<UtcMs>,
}

/// The same person: spaces around a name and the case of letters are nobody's name.
#[must_use]
pub fn same_name(one: &str, other: &str) -> bool {
    let (one, other) = (one.trim(), other.trim());
    !one.is_empty() && one.to_lowercase() == other.to_lowercase()
}

/// Who acts for a customer at `now`.
///
/// The manager, unless they are away: then whom the absence names, else the customer's deputy; where those are away too, whom
/// their absences name, in turn. People without a card are taken to be there.
#[must_use]
pub fn acting(care: &Care, people: &[Person], now: UtcMs) -> Acting {
    let (manager, deputy) = (care.manager.trim(), care.deputy.trim());
    if manager.is_empty() {
        return acting_without_manager(deputy, people, now);
    }
    let Some(absence) = absence_of(manager, people, now) else {
        return Acting { name: manager.to_owned(), why: ActingWhy::Manager, until: None };
    };
    let until = Some(back_at(manager, people, absence.to));
    let named = absence.deputy.trim();
    let firsts = [(named, ActingWhy::AbsenceDeputy), (deputy, ActingWhy::CustomerDeputy)];
    for (name, why) in firsts.into_iter().filter(|(name, _)| !name.is_empty() && !same_name(name, manager)) {
        if absence_of(name, people, now).is_none() {
            return Acting { name: name.to_owned(), why, until };
        }
    }
    for (name, _) in firsts {
        if let Some(next) = next_of(name, manager, people, now) {
            return Acting { name: next, why: ActingWhy::FurtherDeputy, until };
        }
    }
    Acting { name: manager.to_owned(), why: ActingWhy::NobodyThere, until }
}

fn acting_without_manager(deputy: &str, people: &[Person], now: UtcMs) -> Acting {
    if deputy.is_empty() {
        return Acting { name: String::new(), why: ActingWhy::Unknown, until: None };
    }
    match next_of(deputy, "", people, now) {
        Some(name) => Acting { name, why: ActingWhy::FurtherDeputy, until: None },
        None => Acting { name: deputy.to_owned(), why: ActingWhy::NoManager, until: None },
    }
}

/// The first who is there along the absences, beginning with whom `first`'s absence names.
fn next_of(first: &str, manager: &str, people: &[Person], now: UtcMs) -> Option<String> {
    let mut name = first.trim().to_owned();
    for _ in 0..DEPUTIES_MAX {
        let next = absence_of(&name, people, now)?.deputy.trim().to_owned();
        if next.is_empty() || same_name(&next, manager) {
            return None;
        }
        if absence_of(&next, people, now).is_none() {
            return Some(next);
        }
        name = next;
    }
    None
}

fn absence_of<'a>(name: &str, people: &'a [Person], now: UtcMs) -> Option<&'a Absence> {
    people.iter().find(|person| same_name(&person.name, name))?.absence_at(now)
}

/// An absence that begins where another ends is one time away.
fn back_at(name: &str, people: &[Person], end: UtcMs) -> UtcMs {
    let Some(person) = people.iter().find(|person| same_name(&person.name, name)) else { return end };
    let mut end = end;
    for _ in 0..ABSENCES_MAX {
        match person.absence_at(end) {
            Some(next) => end = next.to,
            None => break,
        }
    }
    end
}

/// Everything wrong with a card; `others` are the cards of the desk, its own earlier self among them.
#[must_use]
pub fn check_person(person: &Person, others: &[Person]) -> Vec<Problem> {
    let mut found = Vec::new();
    let contact = Contact {
        name: person.name.clone(),
        role: person.role.clone(),
        phone: person.phone.clone(),
        email: person.email.clone(),
    };
    for mut problem in check_contact_of("person", &contact) {
        problem.field = problem.field.trim_start_matches("person.").to_owned();
        found.push(problem);
    }
    if others.iter().any(|other| other.id != person.id && same_name(&other.name, &person.name)) {
        found.push(Problem::new("name", Code::ValueTwice).with("value", person.name.trim()));
    }
    for (field, text, most) in
        [("role", &person.role, NAME_CHARS_MAX), ("im", &person.im, NAME_CHARS_MAX), ("note", &person.note, TEXT_CHARS_MAX)]
    {
        if text.chars().count() > most {
            found.push(Problem::new(field, Code::TextTooLong).with("most", most));
        }
    }
    if person.languages.len() > LANGUAGES_MAX {
        found.push(Problem::new("languages", Code::TooMany).with("most", LANGUAGES_MAX));
    }
    for (index, tag) in person.languages.iter().enumerate().filter(|(_, tag)| !is_language_tag(tag)) {
        found.push(Problem::new(format!("languages[{index}]"), Code::LanguageInvalid).with("language", tag));
    }
    if person.absences.len() > ABSENCES_MAX {
        found.push(Problem::new("absences", Code::TooMany).with("most", ABSENCES_MAX));
    }
    for (index, absence) in person.absences.iter().take(ABSENCES_MAX).enumerate() {
        check_absence(&mut found, person, index, absence);
    }
    found
}

fn check_absence(found: &mut Vec<Problem>, person: &Person, index: usize, absence: &Absence) {
    let place = format!("absences[{index}]");
    if absence.to <= absence.from {
        found.push(Problem::new(format!("{place}.to"), Code::WindowReversed));
    }
    if same_name(&absence.deputy, &person.name) {
        found.push(Problem::new(format!("{place}.deputy"), Code::DeputyIsSelf).with("name", absence.deputy.trim()));
    }
    for (field, text, most) in [("deputy", &absence.deputy, NAME_CHARS_MAX), ("note", &absence.note, TEXT_CHARS_MAX)] {
        if text.chars().count() > most {
            found.push(Problem::new(format!("{place}.{field}"), Code::TextTooLong).with("most", most));
        }
    }
    // Two at once could name two deputies.
    let overlaps = |other: &&Absence| other.from < absence.to && absence.from < other.to;
    if person.absences.iter().take(index).any(|other| overlaps(&other)) {
        found.push(Problem::new(format!("{place}.from"), Code::AbsencesOverlap));
    }
}

/// Everything wrong with who is to answer for a customer.
#[must_use]
pub fn check_care(care: &Care) -> Vec<Problem> {
    let mut found = Vec::new();
    for (field, text) in [("manager", &care.manager), ("deputy", &care.deputy)] {
        if text.chars().count() > NAME_CHARS_MAX {
            found.push(Problem::new(field, Code::TextTooLong).with("most", NAME_CHARS_MAX));
        }
    }
    if same_name(&care.manager, &care.deputy) {
        found.push(Problem::new("deputy", Code::DeputyIsSelf).with("name", care.deputy.trim()));
    }
    found
}

#[cfg(test)]
mod tests;
