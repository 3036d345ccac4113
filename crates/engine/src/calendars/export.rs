//! Visits and sessions as appointments, and files of them: an invitation, or its calling off.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use chrono_tz::Tz;
use deskbell_calendar::{Appointment, Method, Person, Standing, write_object};
use deskbell_domain::Code;
use deskbell_domain::diagnosis::{DiagnosisSession, DiagnosisState};
use deskbell_domain::directory::{Contact, ServiceCentre, TIME_ZONE_DEFAULT};
use deskbell_domain::scheduling::{Visit, VisitState};
use deskbell_domain::ticket::{AccountId, TicketId};
use deskbell_domain::time::{HOUR_MS, UtcMs};
use deskbell_store::records::AccountRecord;
use deskbell_store::{Store, StoreError, VisitRecord};
use sha2::{Digest as _, Sha256};

use crate::catalogue::{Catalogue, TextArgs};
use crate::directory::VisitCentres;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::state::Language;

/// Reminders of a visit in a calendar, in minutes before it.
pub const VISIT_ALARMS_MIN: [u32; 2] = [24 * 60, 2 * 60];
/// How long a visit is taken to last that was called off and has no slot any more.
const LENGTH_UNKNOWN_MS: i64 = 2 * HOUR_MS;
/// Longest part of a file's name that is taken from a server's id, in characters.
const NAME_CHARS_MAX: usize = 60;

/// An iCalendar object and what it is called until the person calls it something else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarFile {
    pub name: String,
    pub text: String,
}

/// What an appointment is written with.
pub(super) struct Writing {
    pub(super) language: Language,
    pub(super) now: UtcMs,
    /// Who sends it.
    pub(super) organizer: Person,
}

/// Where visits are, by account.
pub(super) struct Centres<'a> {
    planning: &'a BTreeSet<AccountId>,
    now: UtcMs,
    read: BTreeMap<AccountId, VisitCentres>,
}

impl<'a> Centres<'a> {
    pub(super) const fn new(planning: &'a BTreeSet<AccountId>, now: UtcMs) -> Self {
        Self { planning, now, read: BTreeMap::new() }
    }

    fn named(&mut self, store: &Store, account: AccountId, id: &str) -> Result<Option<ServiceCentre>, StoreError> {
        let known = match self.read.entry(account) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(empty) => empty.insert(VisitCentres::read(store, account, self.planning.contains(&account), self.now)?),
        };
        known.named(store, id, self.now)
    }
}

/// A visit and what is told with it.
pub(super) struct VisitMatter {
    pub(super) record: VisitRecord,
    account: AccountRecord,
    centre: Option<ServiceCentre>,
    ticket_subject: String,
}

impl VisitMatter {
    /// Reads what is told; of many visits the centres are read once.
    pub(super) fn of(store: &Store, record: VisitRecord, centres: &mut Centres<'_>) -> Result<Option<Self>, StoreError> {
        let Some(account) = store.accounts()?.into_iter().find(|account| account.id == record.account_id) else {
            return Ok(None);
        };
        let centre = centres.named(store, account.id, &record.visit.centre_id)?;
        let ticket_subject = subject_of(store, record.ticket_id)?;
        Ok(Some(Self { record, account, centre, ticket_subject }))
    }

    /// The same on every desk of one server, so that a customer who gets two files sees one visit.
    pub(super) fn uid(&self) -> String {
        let scope = if self.account.demo { "demo" } else { self.account.endpoint.as_str() };
        let own = if self.record.remote_id.is_empty() { &self.record.key } else { &self.record.remote_id };
        let digest = Sha256::digest(format!("{scope}\n{own}"));
        let name: String = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        format!("visit-{name}@deskbell")
    }

    /// `None` while it has no place in a calendar.
    pub(super) fn appointment(&self, writing: &Writing) -> Option<Appointment> {
        let visit = &self.record.visit;
        let (start, end) = span(visit)?;
        let standing = match visit.state {
            VisitState::Confirmed | VisitState::Done => Standing::Confirmed,
            VisitState::Requested | VisitState::Waitlisted => Standing::Tentative,
            VisitState::Declined | VisitState::Cancelled => Standing::Cancelled,
        };
        Some(Appointment {
            uid: self.uid(),
            sequence: visit.sequence,
            standing,
            title: self.title(writing.language),
            description: self.description(writing.language),
            place: place(visit),
            geo: visit.site.latitude.zip(visit.site.longitude),
            url: String::new(),
            start,
            end,
            zone: self.zone(),
            organizer: writing.organizer.clone(),
            attendees: vec![person(&visit.contact)],
            alarms_min: VISIT_ALARMS_MIN.to_vec(),
            category: String::new(),
            stamp: writing.now,
        })
    }

    /// Where the engineers' clocks hang.
    fn zone(&self) -> Tz {
        let spec = self.centre.as_ref().and_then(|centre| centre.calendar.as_ref());
        zone_of(spec.map_or(TIME_ZONE_DEFAULT, |calendar| calendar.tz.as_str()))
    }

    fn title(&self, language: Language) -> String {
        let catalogue = Catalogue::of(language);
        let visit = &self.record.visit;
        let service = catalogue.text(&format!("service-{}", visit.service.as_str()), &TextArgs::new());
        let place = [&visit.site.name, &visit.site.city, &visit.site.address].into_iter().find(|text| !text.is_empty());
        let args = TextArgs::new().text("service", &service).text("place", place.map_or("", String::as_str));
        catalogue.text("calendar-visit-title", &args)
    }

    fn description(&self, language: Language) -> String {
        let visit = &self.record.visit;
        let engineer = visit.engineer_id.as_deref().unwrap_or_default();
        let known = self.centre.iter().flat_map(|centre| &centre.engineers).find(|one| one.id == engineer);
        let engineer = known.map_or(engineer, |one| one.name.as_str());
        let contact = [visit.contact.name.as_str(), visit.contact.phone.as_str()].join(" ");
        let ticket = format!("{} {}", visit.ticket_remote_id, self.ticket_subject);
        lines(
            language,
            &[
                ("calendar-ticket", ticket.trim()),
                ("calendar-contact", contact.trim()),
                ("calendar-engineer", engineer),
                ("calendar-asset", visit.asset.trim()),
                ("calendar-note", visit.note.trim()),
                ("calendar-reason", cancel_reason(visit)),
            ],
        )
    }
}

/// A session as an appointment; its description tells everything but consent and findings, which are not for an inbox.
pub(super) fn of_diagnosis(session: &DiagnosisSession, writing: &Writing) -> Appointment {
    let catalogue = Catalogue::of(writing.language);
    let names: Vec<&str> = session.participants.iter().map(|one| one.name.trim()).filter(|name| !name.is_empty()).collect();
    let description = lines(
        writing.language,
        &[
            ("calendar-ticket", session.ticket_remote_id.as_str()),
            ("calendar-join", session.join_url.as_str()),
            ("calendar-people", names.join("、").as_str()),
            ("calendar-reason", session.cancel_reason.as_str()),
        ],
    );
    let attendee = |one: &deskbell_domain::diagnosis::Participant| Person { name: one.name.clone(), email: one.email.clone() };
    Appointment {
        uid: session.uid.clone(),
        sequence: session.sequence,
        standing: if session.state == DiagnosisState::Cancelled { Standing::Cancelled } else { Standing::Confirmed },
        title: catalogue.text("calendar-diagnosis-title", &TextArgs::new().text("title", &session.title)),
        description,
        place: session.join_url.clone(),
        geo: None,
        url: session.join_url.clone(),
        start: session.start,
        end: session.end,
        zone: zone_of(&session.time_zone),
        organizer: writing.organizer.clone(),
        attendees: session.participants.iter().map(attendee).collect(),
        alarms_min: session.reminders_min.clone(),
        category: String::new(),
        stamp: writing.now,
    }
}

/// One that was called off keeps the time that it had.
fn span(visit: &Visit) -> Option<(UtcMs, UtcMs)> {
    if let Some(slot) = &visit.slot {
        return Some((slot.start, slot.end));
    }
    let start = visit.history.iter().rev().find_map(|event| event.start)?;
    visit.state.is_final().then(|| (start, start.plus_ms(LENGTH_UNKNOWN_MS)))
}

fn cancel_reason(visit: &Visit) -> &str {
    let last = visit.history.last().filter(|_| matches!(visit.state, VisitState::Cancelled | VisitState::Declined));
    last.map_or("", |event| event.detail.trim())
}

fn place(visit: &Visit) -> String {
    let parts = [&visit.site.name, &visit.site.address, &visit.site.city];
    let mut told: Vec<&str> = Vec::new();
    for part in parts.into_iter().map(|part| part.trim()).filter(|part| !part.is_empty()) {
        if !told.iter().any(|one| one.contains(part)) {
            told.push(part);
        }
    }
    told.join(", ")
}

fn person(contact: &Contact) -> Person {
    Person { name: contact.name.clone(), email: contact.email.trim().to_owned() }
}

fn lines(language: Language, told: &[(&str, &str)]) -> String {
    let catalogue = Catalogue::of(language);
    let line = |(key, value): &(&str, &str)| catalogue.text(key, &TextArgs::new().text("value", value));
    told.iter().filter(|(_, value)| !value.is_empty()).map(line).collect::<Vec<_>>().join("\n")
}

fn zone_of(name: &str) -> Tz {
    name.parse().unwrap_or(Tz::Asia__Shanghai)
}

fn subject_of(store: &Store, ticket: Option<TicketId>) -> Result<String, StoreError> {
    let Some(ticket) = ticket else { return Ok(String::new()) };
    Ok(store.ticket(ticket)?.map(|ticket| ticket.subject).unwrap_or_default())
}

fn file(name: &str, appointment: &Appointment) -> CalendarFile {
    let method = if appointment.standing == Standing::Cancelled { Method::Cancel } else { Method::Request };
    let plain = |c: char| if c.is_alphanumeric() || c == '-' || c == '_' { c } else { '-' };
    let name: String = name.chars().map(plain).take(NAME_CHARS_MAX).collect();
    CalendarFile { name: format!("{name}.ics"), text: write_object(appointment, Some(method)) }
}

impl Engine {
    pub(super) fn writing(&self) -> Writing {
        let settings = self.settings();
        let organizer = Person { name: settings.display_name.clone(), email: String::new() };
        Writing { language: settings.language, now: self.now(), organizer }
    }

    /// A visit as a file: an invitation, or its calling off.
    ///
    /// # Errors
    /// `visit_unknown`, `visit_without_time`.
    pub async fn visit_calendar(&self, key: &str) -> Result<CalendarFile, EngineError> {
        let (wanted, planning, now) = (key.to_owned(), self.planning_accounts().await?, self.now());
        let matter = self
            .read(move |store| match store.visit(&wanted)? {
                Some(record) => VisitMatter::of(store, record, &mut Centres::new(&planning, now)),
                None => Ok(None),
            })
            .await?;
        let matter = matter.ok_or_else(|| EngineError::new(Code::VisitUnknown).arg("visit", key))?;
        let appointment = matter.appointment(&self.writing()).ok_or_else(|| EngineError::new(Code::VisitWithoutTime))?;
        let id = if matter.record.remote_id.is_empty() { key } else { &matter.record.remote_id };
        Ok(file(&format!("visit-{id}"), &appointment))
    }

    /// A session as a file: an invitation, or its calling off.
    ///
    /// # Errors
    /// `diagnosis_unknown`.
    pub async fn diagnosis_calendar(&self, id: i64) -> Result<CalendarFile, EngineError> {
        let session = self.diagnosis(id).await?;
        Ok(file(&format!("diagnosis-{id}"), &of_diagnosis(&session, &self.writing())))
    }

    /// Writes a calendar file where the person wants it.
    ///
    /// # Errors
    /// `file_unwritable`.
    pub async fn write_calendar(&self, path: PathBuf, file: CalendarFile) -> Result<(), EngineError> {
        let write = tokio::task::spawn_blocking(move || std::fs::write(path, file.text));
        write.await?.map_err(|error| EngineError::with_detail(Code::FileUnwritable, error.to_string()))
    }
}
