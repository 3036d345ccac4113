//! The readable part of a ticket that carries a visit, in the desk's language. Every line begins with one of our labels: what a
//! person typed can neither begin a line nor look like an answer.

use chrono_tz::Tz;
use deskbell_domain::UtcMs;
use deskbell_domain::directory::{Contact, ServiceCentre};
use deskbell_domain::scheduling::block::one_line;
use deskbell_domain::scheduling::{Service, Visit, VisitAction, VisitBooking, VisitChange, VisitRequest};

use crate::catalogue::{Catalogue, TextArgs};
use crate::state::Language;

/// Longest subject, in characters: what servers commonly take.
const SUBJECT_CHARS_MAX: usize = 150;
/// Characters of findings that go along; the whole of them is in the report.
const FINDINGS_SENT_CHARS: usize = 4_000;

pub(super) struct Words {
    language: Language,
    catalogue: &'static Catalogue,
    zone: Tz,
}

impl Words {
    pub(super) fn new(language: Language, zone: Tz) -> Self {
        Self { language, catalogue: Catalogue::of(language), zone }
    }

    fn text(&self, key: &str) -> String {
        self.catalogue.text(key, &TextArgs::new())
    }

    fn service(&self, service: Service) -> String {
        self.text(&format!("service-{}", service.as_str()))
    }

    pub(super) fn subject(&self, request: &VisitRequest, about: &str) -> String {
        let site =
            [&request.site.city, &request.site.name].into_iter().map(|part| one_line(part)).filter(|part| !part.is_empty());
        let parts: Vec<String> = [self.service(request.service)]
            .into_iter()
            .chain(site)
            .chain([one_line(about)])
            .filter(|part| !part.is_empty())
            .collect();
        let subject = format!("{} · {}", self.text("carrier-subject"), parts.join(" · "));
        subject.chars().take(SUBJECT_CHARS_MAX).collect()
    }

    /// A centre by its city, with where it is and whom to ring there.
    pub(super) fn centre(&self, centre: &ServiceCentre) -> String {
        let (zh, en) = (centre.city_zh.trim(), centre.city_en.trim());
        let city = match self.language {
            Language::ZhCn if !zh.is_empty() => zh,
            Language::En if !en.is_empty() => en,
            _ if zh.is_empty() => en,
            _ => zh,
        };
        let reached = centre.contacts.iter().find(|contact| !contact.phone.trim().is_empty());
        let phone = reached.map(|contact| joined(&[&contact.name, &contact.phone])).unwrap_or_default();
        one_line(&joined(&[city, &centre.address, &phone]))
    }

    pub(super) fn request(&self, request: &VisitRequest, booking: &VisitBooking, centre: &str, ticket: Option<&str>) -> String {
        let mut lines = Lines::new(self);
        lines.head("carrier-request");
        lines.put("carrier-service", &self.service(request.service));
        lines.put("carrier-centre", centre);
        let site = &request.site;
        lines.put("carrier-site", &joined(&[&site.name, &site.city, &site.address]));
        lines.put("carrier-contact", &contact(&request.contact));
        lines.put("carrier-asset", &request.asset);
        lines.put("carrier-window", &self.span(request.window.from, request.window.to));
        if let Some(start) = booking.start {
            lines.put("carrier-start", &self.moment(start));
        }
        lines.put("carrier-languages", &booking.languages.join(", "));
        lines.put("carrier-note", &request.note);
        lines.put("carrier-ticket", &ticket.map(|id| format!("#{id}")).unwrap_or_default());
        lines.how_to_answer()
    }

    pub(super) fn change(&self, visit: &Visit, change: &VisitChange) -> String {
        let mut lines = Lines::new(self);
        let action = change.action.unwrap_or(VisitAction::Edit);
        lines.head(match action {
            VisitAction::Cancel => "carrier-cancel",
            VisitAction::Complete => "carrier-complete",
            VisitAction::Reschedule | VisitAction::Confirm => "carrier-move",
            _ => "carrier-edit",
        });
        lines.put("carrier-service", &self.service(visit.service));
        if let Some(slot) = &visit.slot {
            lines.put("carrier-stands", &self.span(slot.start, slot.end));
        }
        if let Some(start) = change.start {
            lines.put("carrier-start", &self.moment(start));
        }
        lines.put("carrier-reason", &change.reason);
        lines.put("carrier-contact", &change.contact.as_ref().map(contact).unwrap_or_default());
        lines.put("carrier-asset", change.asset.as_deref().unwrap_or_default());
        lines.put("carrier-note", change.note.as_deref().unwrap_or_default());
        let is_done = action == VisitAction::Complete;
        let checklist = change.checklist.as_ref().or(is_done.then_some(&visit.checklist));
        for item in checklist.into_iter().flatten().filter(|item| item.done || !item.finding.trim().is_empty()) {
            lines.put("carrier-checked", &joined(&[&item.text, &item.finding]));
        }
        let findings = change.findings.as_ref().or(is_done.then_some(&visit.findings));
        lines.put(
            "carrier-findings",
            &findings.map(|text| text.chars().take(FINDINGS_SENT_CHARS).collect::<String>()).unwrap_or_default(),
        );
        let signed = change.sign_off.as_ref().or(if is_done { visit.sign_off.as_ref() } else { None });
        lines.put("carrier-signed", &signed.map(|sign_off| sign_off.name.clone()).unwrap_or_default());
        if matches!(action, VisitAction::Reschedule | VisitAction::Confirm) { lines.how_to_answer() } else { lines.done() }
    }

    fn moment(&self, at: UtcMs) -> String {
        let shown = |form: &str| at.to_datetime().map(|at| at.with_timezone(&self.zone).format(form).to_string());
        format!("{} {}", shown("%Y-%m-%d %H:%M").unwrap_or_default(), self.zone.name())
    }

    fn span(&self, from: UtcMs, to: UtcMs) -> String {
        let shown = |at: UtcMs| at.to_datetime().map(|at| at.with_timezone(&self.zone).format("%Y-%m-%d %H:%M").to_string());
        format!("{} … {} {}", shown(from).unwrap_or_default(), shown(to).unwrap_or_default(), self.zone.name())
    }
}

fn contact(contact: &Contact) -> String {
    joined(&[&contact.name, &contact.role, &contact.phone, &contact.email])
}

fn joined(parts: &[&str]) -> String {
    parts.iter().filter(|part| !part.trim().is_empty()).copied().collect::<Vec<_>>().join(" · ")
}

struct Lines<'a> {
    words: &'a Words,
    lines: Vec<String>,
}

impl<'a> Lines<'a> {
    const fn new(words: &'a Words) -> Self {
        Self { words, lines: Vec::new() }
    }

    fn head(&mut self, key: &str) {
        self.lines.push(self.words.text(key));
        self.lines.push(String::new());
    }

    /// A line of its own; none without a value.
    fn put(&mut self, key: &str, value: &str) {
        let value = one_line(value);
        if !value.is_empty() {
            self.lines.push(format!("{}: {value}", self.words.text(key)));
        }
    }

    fn how_to_answer(mut self) -> String {
        self.lines.push(String::new());
        for key in ["carrier-answer-how", "carrier-answer-state", "carrier-answer-time", "carrier-answer-engineer"] {
            self.lines.push(self.words.text(key));
        }
        self.done()
    }

    fn done(mut self) -> String {
        self.lines.push(String::new());
        self.lines.join("\n")
    }
}

#[cfg(test)]
mod tests {
    use deskbell_domain::scheduling::block::{Reading, VisitAsk, read_answer};
    use deskbell_domain::scheduling::{Site, Window};

    use super::*;

    /// In both languages, whoever sends it back and however it is quoted.
    #[test]
    fn what_the_desk_writes_is_no_answer_to_itself() {
        let hostile = "x\n状态: 已确认\nStatus: confirmed\n时间: 2026-11-26 14:00-16:00\n-----END DESKBELL VISIT-----";
        let request = VisitRequest {
            ticket_remote_id: hostile.to_owned(),
            service: Service::HardwareInspection,
            site: Site { name: hostile.to_owned(), ..Site::default() },
            contact: Contact { name: hostile.to_owned(), ..Contact::default() },
            asset: hostile.to_owned(),
            window: Window { from: UtcMs(1_795_586_400_000), to: UtcMs(1_795_686_400_000) },
            centre: None,
            note: hostile.to_owned(),
        };
        let centre = ServiceCentre {
            city_zh: hostile.to_owned(),
            address: hostile.to_owned(),
            contacts: vec![Contact { name: hostile.to_owned(), phone: hostile.to_owned(), ..Contact::default() }],
            ..ServiceCentre::default()
        };
        for language in [Language::ZhCn, Language::En] {
            let words = Words::new(language, Tz::Asia__Shanghai);
            let booking = VisitBooking { start: Some(UtcMs(1_795_596_400_000)), ..VisitBooking::default() };
            let body = words.request(&request, &booking, &words.centre(&centre), Some("7"));
            let whole = format!("{body}\n{}", VisitAsk::request("k", &request, &booking).to_block());
            let quoted: String = whole.lines().map(|line| format!("> {line}\n")).collect();
            for text in [&body, &whole, &quoted] {
                let read = read_answer(text, &[], "k", Tz::Asia__Shanghai);
                assert!(!matches!(read, Reading::Answer(_)), "{text}\n{read:?}");
                assert_eq!(read_answer(text, &[&whole], "k", Tz::Asia__Shanghai), Reading::Nothing, "{text}");
            }
            assert!(body.lines().all(|line| line.is_empty() || !line.contains("carrier-")), "a text is missing: {body}");
            let change = VisitChange { action: Some(VisitAction::Cancel), reason: hostile.to_owned(), ..VisitChange::default() };
            let visit: Visit = serde_json::from_value(serde_json::json!({ "id": "", "ticket_remote_id": "", "service":
                "hardware_inspection", "site": { "name": "", "address": "", "city": "" }, "contact": { "name": "" },
                "state": "confirmed", "requested_at": 0 }))
            .unwrap();
            let told = words.change(&visit, &change);
            assert!(!matches!(read_answer(&told, &[], "k", Tz::Asia__Shanghai), Reading::Answer(_)), "{told}");
            assert!(words.subject(&request, hostile).lines().count() == 1);
        }
    }
}
