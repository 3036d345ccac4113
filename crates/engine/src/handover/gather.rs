//! Reading what a brief tells.

use std::collections::BTreeMap;

use chrono_tz::Tz;
use deskbell_domain::people::{Person, same_name};
use deskbell_domain::promise::promises;
use deskbell_domain::sla::clock::ClockState;
use deskbell_domain::ticket::{AccountId, ProviderKind, Role, TicketId, Visibility};
use deskbell_domain::time::DAY_MS;
use deskbell_domain::{Code, UtcMs};
use deskbell_store::plain_text;

use super::{
    CALLS_MAX, CUSTOMERS_MAX, CustomerDetail, Handover, HandoverCall, HandoverClock, HandoverCustomer, HandoverNote,
    HandoverPromise, HandoverQuestion, HandoverTicket, HandoverVisit, TICKETS_MAX,
};
use crate::catalogue::{Catalogue, TextArgs};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::people::CustomerCard;
use crate::view::ticket::{Note, TicketDetail};
use crate::visits::VisitView;

/// Longest time of a brief.
const SPAN_DAYS_MAX: i64 = 366;
/// Calls are told so far back.
const CALLS_BACK_MS: i64 = 14 * DAY_MS;
/// Calls looked through.
const CALLS_READ_MAX: u32 = 500;
/// Characters told of the newest note.
const LAST_NOTE_CHARS_MAX: usize = 240;
/// Characters of a note that promises are looked for in.
const NOTE_CHARS_MAX: usize = 20_000;
/// Promises told of one ticket: the newest notes first.
const PROMISES_MAX: usize = 20;

/// Whose customer by the provider's id.
type CustomerKey = (AccountId, String);

impl Engine {
    /// The brief that a question asks for.
    ///
    /// # Errors
    /// `window_reversed`, `window_too_long`, `customer_unknown`, and the store's.
    pub async fn handover(&self, question: HandoverQuestion) -> Result<Handover, EngineError> {
        check(&question)?;
        let now = self.now();
        let tz = crate::system::time_zone();
        let people = self.people().await?;
        let mut cards = self.cards_of(&question, &people).await?;
        cards.sort_by_cached_key(crate::people::by_urgency);
        let mut visits = self.visits_by_customer(question.from, question.to).await?;
        let mut calls = self.calls_by_customer(now).await?;
        let (mut customers, mut quiet, mut more) = (Vec::new(), 0, 0);
        for card in cards {
            let key = (card.account, card.remote_id.clone());
            let (visits, calls) = (visits.remove(&key).unwrap_or_default(), calls.remove(&key).unwrap_or_default());
            let open = self.open_tickets_of(&key).await?;
            if open.is_empty() && visits.is_empty() && calls.is_empty() {
                quiet += 1;
            } else if customers.len() == CUSTOMERS_MAX {
                more += 1;
            } else {
                let (tickets, tickets_more) = self.told_tickets(open, tz).await?;
                customers.push(HandoverCustomer { card, tickets, tickets_more, visits, calls });
            }
        }
        let people = people_named(&people, &customers, question.manager.as_deref());
        let title = self.handover_title(&question, &customers);
        let HandoverQuestion { from, to, .. } = question;
        Ok(Handover { title, made_at: now, from, to, tz: tz.name().to_owned(), people, customers, quiet, more })
    }

    /// A customer's card with what is open of them.
    ///
    /// # Errors
    /// `customer_unknown`, and the store's.
    pub async fn customer_detail(&self, account: AccountId, remote_id: String) -> Result<CustomerDetail, EngineError> {
        let now = self.now();
        let card = self.customer_card(account, remote_id.clone()).await?;
        let key = (account, remote_id);
        let ahead = now.plus_ms(deskbell_domain::scheduling::WINDOW_DAYS_MAX * DAY_MS);
        let visits = self.visits_by_customer(now, ahead).await?.remove(&key).unwrap_or_default();
        let calls = self.calls_by_customer(now).await?.remove(&key).unwrap_or_default();
        let open = self.open_tickets_of(&key).await?;
        let (tickets, tickets_more) = self.told_tickets(open, crate::system::time_zone()).await?;
        let people = self.people().await?;
        let named = |name: &str| people.iter().find(|person| same_name(&person.name, name)).cloned();
        let (manager, deputy) = (named(&card.manager), named(&card.deputy));
        Ok(CustomerDetail { card, manager, deputy, tickets, tickets_more, visits, calls })
    }

    async fn cards_of(&self, question: &HandoverQuestion, people: &[Person]) -> Result<Vec<CustomerCard>, EngineError> {
        let now = self.now();
        if let (Some(account), Some(customer)) = (question.account, question.customer.clone()) {
            return Ok(vec![self.customer_card(account, customer).await?]);
        }
        let people = people.to_vec();
        let question = question.clone();
        self.read(move |store| {
            let cards = store.customers(now)?.into_iter().map(|customer| CustomerCard::of(customer, &people, now));
            Ok(cards.filter(|card| is_asked(card, &question)).collect())
        })
        .await
    }

    async fn open_tickets_of(&self, customer: &CustomerKey) -> Result<Vec<TicketId>, EngineError> {
        let (account, remote_id) = customer.clone();
        self.read(move |store| store.open_tickets_of(account, &remote_id)).await
    }

    async fn visits_by_customer(&self, from: UtcMs, to: UtcMs) -> Result<BTreeMap<CustomerKey, Vec<HandoverVisit>>, EngineError> {
        let views = self.visits(from, to).await?.visits;
        let mut found: BTreeMap<CustomerKey, Vec<HandoverVisit>> = BTreeMap::new();
        for view in views.into_iter().filter(|view| !view.visit.state.is_final()) {
            let Some(ticket) = view.ticket else { continue };
            if let Some(customer) = self.read(move |store| store.customer_of_ticket(ticket)).await? {
                found.entry(customer).or_default().push(told_visit(view));
            }
        }
        Ok(found)
    }

    async fn calls_by_customer(&self, now: UtcMs) -> Result<BTreeMap<CustomerKey, Vec<HandoverCall>>, EngineError> {
        self.read(move |store| {
            let mut found: BTreeMap<CustomerKey, Vec<HandoverCall>> = BTreeMap::new();
            let since = now.plus_ms(-CALLS_BACK_MS);
            for call in store.calls(None, CALLS_READ_MAX)?.into_iter().filter(|call| call.started_at >= since) {
                let Some(ticket) = call.ticket else { continue };
                let Some(customer) = store.customer_of_ticket(ticket)? else { continue };
                let calls = found.entry(customer).or_default();
                if calls.len() < CALLS_MAX {
                    let ticket_remote_id = store.ticket(ticket)?.map(|ticket| ticket.remote_id).unwrap_or_default();
                    calls.push(HandoverCall {
                        id: call.id,
                        ticket_remote_id,
                        line_name: call.line_name,
                        number: call.number,
                        started_at: call.started_at,
                        ended_at: call.ended_at,
                        outcome: call.outcome,
                        agent: call.words.agent,
                        case_number: call.words.case_number,
                        note: call.words.note,
                    });
                }
            }
            Ok(found)
        })
        .await
    }

    /// Those with the nearest deadline, and how many there are beside them.
    async fn told_tickets(&self, open: Vec<TicketId>, tz: Tz) -> Result<(Vec<HandoverTicket>, u64), EngineError> {
        let mut told = Vec::with_capacity(open.len());
        for id in open {
            let detail = self.ticket_detail(id).await?;
            // Closed here, on its way to the server.
            if detail.status.value.is_unfinished() {
                told.push(told_ticket(detail, tz));
            }
        }
        told.sort_by_key(|ticket| {
            let running = ticket.clocks.iter().filter(|clock| clock.paused_since.is_none());
            (running.filter_map(|clock| clock.deadline_at).min().unwrap_or(UtcMs(i64::MAX)), ticket.priority, ticket.id)
        });
        let more = told.len().saturating_sub(TICKETS_MAX);
        told.truncate(TICKETS_MAX);
        Ok((told, more as u64))
    }

    fn handover_title(&self, question: &HandoverQuestion, customers: &[HandoverCustomer]) -> String {
        let catalogue = Catalogue::of(self.settings().language);
        let named = question.customer.as_ref().and_then(|_| customers.first()).map(|customer| customer.card.name.clone());
        match named.or_else(|| question.manager.clone()).filter(|name| !name.trim().is_empty()) {
            Some(name) => catalogue.text("handover-title-of", &TextArgs::new().text("name", name.trim())),
            None => catalogue.text("handover-title", &TextArgs::new()),
        }
    }
}

fn check(question: &HandoverQuestion) -> Result<(), EngineError> {
    if question.to <= question.from {
        return Err(EngineError::new(Code::WindowReversed).arg("field", "to"));
    }
    if question.to.ms_since(question.from) > SPAN_DAYS_MAX * DAY_MS {
        return Err(EngineError::new(Code::WindowTooLong).arg("field", "to").arg("days", SPAN_DAYS_MAX.to_string()));
    }
    Ok(())
}

fn is_asked(card: &CustomerCard, question: &HandoverQuestion) -> bool {
    let is_theirs = |name: &str| [&card.manager, &card.deputy, &card.acting].into_iter().any(|one| same_name(one, name));
    let manager = question.manager.as_deref().filter(|name| !name.trim().is_empty());
    question.account.is_none_or(|account| account == card.account)
        && question.customer.as_ref().is_none_or(|customer| *customer == card.remote_id)
        && manager.is_none_or(is_theirs)
}

/// Cards of everybody who is named as manager, deputy or acting.
fn people_named(people: &[Person], customers: &[HandoverCustomer], manager: Option<&str>) -> Vec<Person> {
    let is_named = |person: &&Person| {
        manager.is_some_and(|name| same_name(name, &person.name))
            || customers.iter().any(|customer| {
                let card = &customer.card;
                [&card.manager, &card.deputy, &card.acting].into_iter().any(|name| same_name(name, &person.name))
            })
    };
    people.iter().filter(is_named).cloned().collect()
}

fn told_visit(view: VisitView) -> HandoverVisit {
    let visit = view.visit;
    let centre = view.centre.unwrap_or_default();
    let tz = centre.calendar.as_ref().map(|calendar| calendar.tz.clone());
    HandoverVisit {
        key: view.key,
        ticket: view.ticket,
        ticket_remote_id: view.ticket_remote_id,
        service: visit.service,
        state: visit.state,
        start: visit.slot.as_ref().map(|slot| slot.start),
        end: visit.slot.as_ref().map(|slot| slot.end),
        tz: tz.filter(|tz| !tz.is_empty()).unwrap_or_else(|| crate::system::time_zone().name().to_owned()),
        site: [visit.site.name, visit.site.address]
            .into_iter()
            .filter(|part| !part.trim().is_empty())
            .collect::<Vec<_>>()
            .join(" · "),
        centre_zh: centre.city_zh,
        centre_en: centre.city_en,
        engineer: view.engineer_name,
        contact: visit.contact.name,
        contact_phone: visit.contact.phone,
    }
}

fn told_ticket(detail: TicketDetail, tz: Tz) -> HandoverTicket {
    let clocks = detail.clocks.iter().filter(|clock| clock.stopped_at.is_none() && clock.state != ClockState::Cancelled);
    let clocks = clocks.map(|clock| HandoverClock {
        metric: clock.metric,
        instance: clock.instance,
        state: clock.state,
        deadline_at: clock.deadline_at,
        paused_since: clock.paused_since,
        provisional: clock.provisional,
    });
    let last = detail.notes.iter().rev().find(|note| note.role != Role::System);
    HandoverTicket {
        clocks: clocks.collect(),
        last_note: last.map(told_note),
        promises: told_promises(&detail, tz),
        pending: u32::try_from(pending(&detail)).unwrap_or(u32::MAX),
        id: detail.id,
        remote_id: detail.remote_id,
        subject: detail.subject,
        status: detail.status.value,
        priority: detail.priority.value,
        product: detail.product,
        assignee: detail.assignee.value,
        created_at: detail.created_at,
    }
}

fn pending(detail: &TicketDetail) -> usize {
    let notes = detail.notes.iter().filter(|note| note.operation.is_some()).count();
    let fields = [&detail.status.operation, &detail.priority.operation, &detail.assignee.operation, &detail.tags.operation];
    let customs = detail.custom_fields.iter().filter(|(_, field)| field.operation.is_some()).count();
    notes + fields.into_iter().flatten().count() + customs
}

fn told_note(note: &Note) -> HandoverNote {
    let text = plain_text(&note.body, note.format, NOTE_CHARS_MAX);
    let words: Vec<&str> = text.split_whitespace().collect();
    let joined = words.join(" ");
    let mut text: String = joined.chars().take(LAST_NOTE_CHARS_MAX).collect();
    if joined.chars().count() > LAST_NOTE_CHARS_MAX {
        text.push('…');
    }
    HandoverNote { author: note.author.clone(), role: note.role, at: note.created_at, text }
}

/// Who speaks for us: where the desk is the vendor's, its agents; at a cloud vendor's work orders, the customer that we are.
fn is_ours(note: &Note, provider: ProviderKind) -> bool {
    let us = match provider {
        ProviderKind::Hub | ProviderKind::Rt => Role::Agent,
        ProviderKind::Aliyun => Role::Customer,
    };
    note.visibility == Visibility::Public && (note.role == us || note.operation.is_some())
}

/// The opening of a ticket says what is wanted, not what is promised.
fn told_promises(detail: &TicketDetail, tz: Tz) -> Vec<HandoverPromise> {
    let mut found = Vec::new();
    let ours = detail.notes.iter().skip(1).filter(|note| is_ours(note, detail.provider));
    for note in ours.rev() {
        let text = plain_text(&note.body, note.format, NOTE_CHARS_MAX);
        for promised in promises(&text, note.created_at, tz) {
            if found.len() < PROMISES_MAX {
                let (author, key) = (note.author.clone(), note.key.clone());
                found.push(HandoverPromise { text: promised.text, at: note.created_at, author, note: key, due: promised.due });
            }
        }
    }
    found.sort_by_key(|promise| (promise.due.unwrap_or(UtcMs(i64::MAX)), promise.at));
    found
}
