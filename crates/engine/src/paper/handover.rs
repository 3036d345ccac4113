//! The handover brief on paper.

use chrono_tz::Tz;
use deskbell_domain::UtcMs;
use deskbell_domain::paper::{Block, Cell, PaperDocument, Tone};
use deskbell_domain::people::{ActingWhy, Person};
use deskbell_domain::sla::clock::ClockState;

use super::{Paper, Words, day, fact, file_name, heading, joined, minute, stretch, tz_or, zone};
use crate::catalogue::TextArgs;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::handover::{
    Handover, HandoverCall, HandoverClock, HandoverCustomer, HandoverPromise, HandoverQuestion, HandoverTicket, HandoverVisit,
};
use crate::people::CustomerCard;

impl Engine {
    /// The brief as a document in the desk's language.
    ///
    /// # Errors
    /// As [`Engine::handover`].
    pub async fn handover_paper(&self, question: HandoverQuestion) -> Result<Paper, EngineError> {
        let brief = self.handover(question).await?;
        let words = Words::new(self.settings().language);
        Ok(paper(&words, &brief))
    }
}

pub(super) fn paper(words: &Words, brief: &Handover) -> Paper {
    let tz = tz_or(&brief.tz, chrono_tz::Asia::Shanghai);
    let mut blocks = Vec::new();
    summary(words, brief, tz, &mut blocks);
    people(words, &brief.people, tz, &mut blocks);
    for customer in &brief.customers {
        one_customer(words, customer, brief.made_at, tz, &mut blocks);
    }
    if brief.customers.is_empty() {
        blocks.push(Block::Text { text: words.text("brief-nothing"), tone: Tone::Quiet });
    }
    let footer = words
        .catalogue
        .text("paper-made", &TextArgs::new().text("time", &minute(brief.made_at, tz)).text("zone", &zone(brief.made_at, tz)));
    let subtitle = stretch(brief.from, brief.to, tz);
    let file_name = file_name(&[&brief.title.replace(" · ", "-"), &day(brief.from, tz)]);
    let document = PaperDocument {
        language: words.paper_language(),
        title: brief.title.clone(),
        subtitle,
        footer,
        blocks,
        pictures: Vec::new(),
    };
    Paper { document, file_name }
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn summary(words: &Words, brief: &Handover, tz: Tz, blocks: &mut Vec<Block>) {
    let tickets: usize = brief.customers.iter().map(|customer| customer.tickets.len()).sum();
    let more: u64 = brief.customers.iter().map(|customer| customer.tickets_more).sum();
    let promises = || brief.customers.iter().flat_map(|customer| &customer.tickets).flat_map(|ticket| &ticket.promises);
    let visits: usize = brief.customers.iter().map(|customer| customer.visits.len()).sum();
    let breached: u64 = brief.customers.iter().map(|customer| customer.card.breached).sum();
    let args = TextArgs::new()
        .number("customers", count(brief.customers.len()))
        .number("tickets", count(tickets) + i64::try_from(more).unwrap_or(i64::MAX))
        .number("breached", i64::try_from(breached).unwrap_or(i64::MAX))
        .number("visits", count(visits))
        .number("promises", count(promises().count()));
    blocks.push(Block::Text { text: words.catalogue.text("brief-summary", &args), tone: Tone::Plain });
    if brief.more > 0 {
        let more = brief.more.to_string();
        blocks.push(Block::Text { text: words.with("brief-more-customers", "count", &more), tone: Tone::Soon });
    }
    if brief.quiet > 0 {
        let quiet = brief.quiet.to_string();
        blocks.push(Block::Text { text: words.with("brief-quiet", "count", &quiet), tone: Tone::Quiet });
    }
    let mut due: Vec<(UtcMs, &HandoverPromise, &HandoverTicket, &HandoverCustomer)> = Vec::new();
    for customer in &brief.customers {
        for ticket in &customer.tickets {
            due.extend(ticket.promises.iter().filter_map(|promise| Some((promise.due?, promise, ticket, customer))));
        }
    }
    due.sort_by_key(|(at, ..)| *at);
    if due.is_empty() {
        return;
    }
    blocks.push(heading(1, words.text("brief-promises"), words.text("brief-promises-quoted")));
    let rows = due.into_iter().map(|(at, promise, ticket, customer)| {
        let tone = if at <= brief.made_at { Tone::Late } else { Tone::Plain };
        vec![
            Cell::toned(minute(at, tz), tone),
            Cell::plain(format!("“{}”", promise.text)),
            Cell::plain(joined(&[&customer.card.name, &number(ticket)], "\n")),
            Cell::toned(joined(&[&promise.author, &minute(promise.at, tz)], "\n"), Tone::Quiet),
        ]
    });
    let head = ["brief-due", "brief-promise", "paper-ticket", "brief-said"].map(|key| words.text(key)).to_vec();
    blocks.push(Block::Table { head, widths: vec![5, 11, 6, 6], rows: rows.collect() });
}

fn people(words: &Words, people: &[Person], tz: Tz, blocks: &mut Vec<Block>) {
    if people.is_empty() {
        return;
    }
    blocks.push(heading(1, words.text("brief-people"), ""));
    let row = |person: &Person| {
        let absences = person.absences.iter().map(|absence| {
            let time = format!("{} – {}", minute(absence.from, tz), minute(absence.to, tz));
            let deputy = if absence.deputy.trim().is_empty() {
                String::new()
            } else {
                words.with("brief-deputy", "name", absence.deputy.trim())
            };
            joined(&[&time, &deputy, &absence.note], " · ")
        });
        vec![
            Cell::plain(joined(&[&person.name, &person.role], "\n")),
            Cell::plain(joined(&[&person.phone, &person.email, &person.im], "\n")),
            Cell::plain(absences.collect::<Vec<_>>().join("\n")),
        ]
    };
    let head = ["brief-person", "brief-reach", "brief-absences"].map(|key| words.text(key)).to_vec();
    blocks.push(Block::Table { head, widths: vec![4, 6, 9], rows: people.iter().map(row).collect() });
}

fn one_customer(words: &Words, customer: &HandoverCustomer, now: UtcMs, tz: Tz, blocks: &mut Vec<Block>) {
    let card = &customer.card;
    let vip = if card.vip { "VIP" } else { "" };
    blocks.push(heading(1, card.name.as_str(), joined(&[vip, &card.city, &card.account_name], " · ")));
    blocks.push(Block::Facts { rows: care(words, card, tz) });
    for ticket in &customer.tickets {
        one_ticket(words, ticket, now, tz, blocks);
    }
    if customer.tickets_more > 0 {
        let more = customer.tickets_more.to_string();
        blocks.push(Block::Text { text: words.with("brief-more-tickets", "count", &more), tone: Tone::Soon });
    }
    visits(words, &customer.visits, tz, blocks);
    calls(words, &customer.calls, tz, blocks);
}

fn care(words: &Words, card: &CustomerCard, tz: Tz) -> Vec<(String, Cell)> {
    let mut rows = Vec::new();
    let acting = if card.acting.is_empty() { words.text("brief-nobody") } else { card.acting.clone() };
    let why = words.text(&format!("acting-{}", card.acting_why.as_str()));
    let until = card.acting_until.map(|until| words.with("brief-until", "time", &minute(until, tz))).unwrap_or_default();
    let tone = match card.acting_why {
        ActingWhy::Manager | ActingWhy::NoManager => Tone::Plain,
        ActingWhy::AbsenceDeputy | ActingWhy::CustomerDeputy | ActingWhy::FurtherDeputy => Tone::Soon,
        ActingWhy::NobodyThere | ActingWhy::Unknown => Tone::Late,
    };
    rows.push((words.text("brief-acting"), Cell::toned(joined(&[&acting, &why, &until], " · "), tone)));
    fact(&mut rows, words.text("brief-manager"), card.manager.as_str());
    fact(&mut rows, words.text("brief-deputy-name"), card.deputy.as_str());
    fact(&mut rows, words.text("brief-languages"), card.languages.join(", "));
    rows
}

fn number(ticket: &HandoverTicket) -> String {
    if ticket.remote_id.is_empty() { words_local(ticket) } else { format!("#{}", ticket.remote_id) }
}

/// One that its server has not seen is known by its number here.
fn words_local(ticket: &HandoverTicket) -> String {
    format!("({})", ticket.id.0)
}

fn one_ticket(words: &Words, ticket: &HandoverTicket, now: UtcMs, tz: Tz, blocks: &mut Vec<Block>) {
    let priority = words.text(&format!("priority-{}", ticket.priority.as_str()));
    let status = words.text(&format!("status-{}", ticket.status.as_str().replace('_', "-")));
    let beside = joined(&[&priority, &status, &ticket.product, &ticket.assignee], " · ");
    blocks.push(heading(2, joined(&[&number(ticket), &ticket.subject], " "), beside));
    let mut rows: Vec<(String, Cell)> = ticket.clocks.iter().map(|clock| clock_row(words, clock, tz)).collect();
    if let Some(note) = &ticket.last_note {
        let by = joined(&[&note.author, &minute(note.at, tz)], ", ");
        fact(&mut rows, words.text("brief-last-note"), format!("{}\n{by}", note.text));
    }
    if ticket.pending > 0 {
        let pending = ticket.pending.to_string();
        rows.push((words.text("brief-unsent"), Cell::toned(words.with("brief-unsent-count", "count", &pending), Tone::Soon)));
    }
    if !rows.is_empty() {
        blocks.push(Block::Facts { rows });
    }
    for promise in &ticket.promises {
        let due = match promise.due {
            Some(due) if due <= now => words.with("brief-due-passed", "time", &minute(due, tz)),
            Some(due) => words.with("brief-due-at", "time", &minute(due, tz)),
            None => words.text("brief-due-open"),
        };
        let by = joined(&[&promise.author, &minute(promise.at, tz), &due], " · ");
        blocks.push(Block::Quote { text: promise.text.clone(), by });
    }
}

fn clock_row(words: &Words, clock: &HandoverClock, tz: Tz) -> (String, Cell) {
    let name = words.text(&format!("metric-{}", clock.metric.as_str().replace('_', "-")));
    if clock.paused_since.is_some() {
        return (name, Cell::toned(words.text("brief-paused"), Tone::Quiet));
    }
    let Some(deadline) = clock.deadline_at else { return (name, Cell::toned(words.text("brief-no-deadline"), Tone::Quiet)) };
    let (key, tone) = match clock.state {
        ClockState::Breached | ClockState::Late => ("brief-breached", Tone::Late),
        ClockState::Imminent | ClockState::Breaching => ("brief-until", Tone::Soon),
        _ => ("brief-until", Tone::Plain),
    };
    let provisional = if clock.provisional { words.text("brief-provisional") } else { String::new() };
    (name, Cell::toned(joined(&[&words.with(key, "time", &minute(deadline, tz)), &provisional], " · "), tone))
}

fn visits(words: &Words, visits: &[HandoverVisit], tz: Tz, blocks: &mut Vec<Block>) {
    if visits.is_empty() {
        return;
    }
    blocks.push(heading(3, words.text("brief-visits"), ""));
    let row = |visit: &HandoverVisit| {
        let own = tz_or(&visit.tz, tz);
        let time = match (visit.start, visit.end) {
            (Some(start), Some(end)) => stretch(start, end, own),
            _ => words.text("brief-no-slot"),
        };
        let state = words.text(&format!("visit-state-{}", visit.state.as_str()));
        let service = words.text(&format!("service-{}", visit.service.as_str()));
        let centre = words.either(&visit.centre_zh, &visit.centre_en);
        vec![
            Cell::plain(joined(&[&time, &state], "\n")),
            Cell::plain(joined(&[&service, &visit.ticket_remote_id], "\n#")),
            Cell::plain(joined(&[&visit.site, &visit.contact, &visit.contact_phone], "\n")),
            Cell::plain(joined(&[centre, &visit.engineer], "\n")),
        ]
    };
    let head = ["paper-time", "paper-service", "paper-site", "paper-centre"].map(|key| words.text(key)).to_vec();
    blocks.push(Block::Table { head, widths: vec![7, 4, 6, 4], rows: visits.iter().map(row).collect() });
}

fn calls(words: &Words, calls: &[HandoverCall], tz: Tz, blocks: &mut Vec<Block>) {
    if calls.is_empty() {
        return;
    }
    blocks.push(heading(3, words.text("brief-calls"), ""));
    let row = |call: &HandoverCall| {
        let outcome = call.outcome.map(|outcome| words.text(&format!("call-outcome-{}", outcome.as_str()))).unwrap_or_default();
        let number = if call.ticket_remote_id.is_empty() { String::new() } else { format!("#{}", call.ticket_remote_id) };
        vec![
            Cell::toned(minute(call.started_at, tz), Tone::Quiet),
            Cell::plain(joined(&[&call.line_name, &call.number, &number], "\n")),
            Cell::plain(joined(&[&outcome, &call.agent, &call.case_number, &call.note], " · ")),
        ]
    };
    let head = ["paper-when", "brief-line", "paper-what"].map(|key| words.text(key)).to_vec();
    blocks.push(Block::Table { head, widths: vec![4, 5, 9], rows: calls.iter().map(row).collect() });
}
