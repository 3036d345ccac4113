//! A visit as shown.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use deskbell_domain::UtcMs;
use deskbell_domain::directory::{Contact, ServiceCentre};
use deskbell_domain::scheduling::{Site, Timing, Visit, VisitAction, VisitKey, VisitRefusal, VisitState, plan_visit};
use deskbell_domain::sla::event::{TicketEvent, TicketEventKind};
use deskbell_domain::sla::policy::Metric;
use deskbell_domain::sync::op::{FileRef, OperationKind, OperationState};
use deskbell_domain::ticket::{AccountId, TicketId};
use deskbell_domain::time::MINUTE_MS;
use deskbell_store::records::{OperationRecord, TicketRecord};
use deskbell_store::{Store, StoreError, VisitRecord};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::overlay;
use crate::directory::VisitCentres;
use crate::edits::is_unsettled;
use crate::rules::Rules;
use crate::view::clock::{Beside, ClockView, show_clock};
use crate::view::ticket::OperationView;

/// What a person can do to a visit; the rest is the centre's.
const ACTIONS: [VisitAction; 4] = [VisitAction::Reschedule, VisitAction::Cancel, VisitAction::Complete, VisitAction::Edit];

/// A visit with all that is shown beside it.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct VisitView {
    pub key: VisitKey,
    pub account: AccountId,
    /// `None` while its ticket is not here.
    pub ticket: Option<TicketId>,
    pub ticket_remote_id: String,
    pub ticket_subject: String,
    pub customer: String,
    /// With what waits in the outbox laid over it. Its `id` is empty while the server has not seen it.
    pub visit: Visit,
    /// What waits or was refused, oldest first.
    pub pending: Vec<OperationView>,
    /// The server's no to something that still stands in the outbox, with what is free instead.
    pub refusal: Option<VisitRefusal>,
    /// As the directory has it; `None` while no centre was chosen or none of this id is known.
    pub centre: Option<ServiceCentre>,
    /// Empty while nobody was chosen.
    pub engineer_name: String,
    /// Of the visit's own target: until when it has to have taken place, and in which hours that is counted.
    pub clock: Option<ClockView>,
    /// The ticket that carries it, where the server has no visits.
    pub carrier: Option<TicketId>,
    pub photos: Vec<FileRef>,
    /// What can be done to it now.
    pub can: Vec<VisitAction>,
    /// The last moment to move it or to call it off; `None` without a slot or a centre.
    pub cutoff_at: Option<UtcMs>,
}

/// Visits of a stretch of time.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct VisitList {
    /// Those that overlap it, by start, and behind them all that have no slot and are not at their end.
    pub visits: Vec<VisitView>,
    /// When the account that was asked longest ago was asked last; `None` while none ever was.
    pub as_of: Option<UtcMs>,
}

/// Where a customer's machines stand, as typed once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct KnownSite {
    pub site: Site,
    pub contact: Contact,
    pub asset: String,
}

/// What views of visits are made with.
pub(super) struct Maker<'a> {
    store: &'a Store,
    rules: &'a Rules,
    now: UtcMs,
    /// Accounts whose servers give slots away.
    planning: &'a BTreeSet<AccountId>,
    account_names: BTreeMap<AccountId, String>,
    centres: BTreeMap<AccountId, VisitCentres>,
    named: BTreeMap<(AccountId, String), Option<ServiceCentre>>,
    tickets: BTreeMap<TicketId, Option<(TicketRecord, Vec<TicketEvent>)>>,
}

impl<'a> Maker<'a> {
    pub(super) fn new(
        store: &'a Store,
        rules: &'a Rules,
        planning: &'a BTreeSet<AccountId>,
        now: UtcMs,
    ) -> Result<Self, StoreError> {
        let account_names = store.accounts()?.into_iter().map(|account| (account.id, account.name)).collect();
        let (centres, named, tickets) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        Ok(Self { store, rules, now, planning, account_names, centres, named, tickets })
    }

    /// The visit as it will be when everything that waits has landed.
    pub(super) fn laid_over(&mut self, record: &VisitRecord) -> Result<Visit, StoreError> {
        let operations = self.store.visit_operations(&record.key)?;
        self.lay_all(record, &operations)
    }

    pub(super) fn make(&mut self, record: VisitRecord) -> Result<VisitView, StoreError> {
        let operations = self.store.visit_operations(&record.key)?;
        let mut visit = self.lay_all(&record, &operations)?;
        if let (Some(_), Some(state)) = (record.carrier, self.store.carried(&record.key)?) {
            super::carrier::lay(&mut visit, &state, self.now);
        }
        let centre = self.centre(record.account_id, &visit.centre_id)?;
        let start = visit.slot.as_ref().map(|slot| slot.start);
        let cancel_cutoff_min = centre.as_ref().map_or(0, |centre| centre.rules.cancel_cutoff_min);
        let timing = Timing { now: self.now, start, cancel_cutoff_min };
        let stands = !visit.state.is_final();
        let cutoff_at =
            start.filter(|_| centre.is_some() && stands).map(|start| start.plus_ms(-i64::from(cancel_cutoff_min) * MINUTE_MS));
        let was_refused = operations.iter().any(|operation| operation.state == OperationState::Rejected);
        let (ticket_subject, customer) = self.ticket_words(record.ticket_id)?;
        let clock = self.clock(&record)?;
        let engineer = visit.engineer_id.as_deref().unwrap_or_default();
        let named = centre.iter().flat_map(|centre| &centre.engineers).find(|one| one.id == engineer);
        let engineer_name = named.map_or_else(|| engineer.to_owned(), |one| one.name.clone());
        Ok(VisitView {
            pending: operations.iter().map(OperationView::from).collect(),
            can: ACTIONS.into_iter().filter(|action| plan_visit(visit.state, *action, &timing).is_ok()).collect(),
            refusal: record.refusal.filter(|_| was_refused || record.carrier.is_some()),
            key: record.key,
            account: record.account_id,
            ticket: record.ticket_id,
            ticket_remote_id: visit.ticket_remote_id.clone(),
            ticket_subject,
            customer,
            visit,
            centre,
            engineer_name,
            clock,
            carrier: record.carrier,
            photos: record.photos,
            cutoff_at,
        })
    }

    /// As the directory has it, offered or not.
    fn centre(&mut self, account: AccountId, id: &str) -> Result<Option<ServiceCentre>, StoreError> {
        let asked = (account, id.to_owned());
        if let Some(known) = self.named.get(&asked) {
            return Ok(known.clone());
        }
        let (store, now) = (self.store, self.now);
        let centres = match self.centres.entry(account) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(empty) => empty.insert(VisitCentres::read(store, account, self.planning.contains(&account), now)?),
        };
        let found = centres.named(store, id, now)?;
        self.named.insert(asked, found.clone());
        Ok(found)
    }

    fn lay_all(&mut self, record: &VisitRecord, operations: &[OperationRecord]) -> Result<Visit, StoreError> {
        let mut visit = record.visit.clone();
        for operation in operations.iter().filter(|operation| is_unsettled(operation.state)) {
            if let OperationKind::ChangeVisit { change, .. } = &operation.kind {
                let centre = self.centre(record.account_id, change.centre_id.as_ref().unwrap_or(&visit.centre_id))?;
                overlay::lay(&mut visit, change, centre.as_ref());
            }
        }
        Ok(visit)
    }

    fn ticket(&mut self, id: TicketId) -> Result<Option<&(TicketRecord, Vec<TicketEvent>)>, StoreError> {
        if !self.tickets.contains_key(&id) {
            let found = match self.store.ticket(id)? {
                Some(ticket) => Some((ticket, self.store.events(id)?)),
                None => None,
            };
            self.tickets.insert(id, found);
        }
        Ok(self.tickets.get(&id).and_then(Option::as_ref))
    }

    fn ticket_words(&mut self, id: Option<TicketId>) -> Result<(String, String), StoreError> {
        let Some(id) = id else { return Ok(<(String, String)>::default()) };
        let found = self.ticket(id)?;
        Ok(found.map(|(ticket, _)| (ticket.subject.clone(), ticket.customer.name.clone())).unwrap_or_default())
    }

    /// The visit's own clock. Until the server has seen the visit it runs from the request that was made here.
    fn clock(&mut self, record: &VisitRecord) -> Result<Option<ClockView>, StoreError> {
        let Some(id) = record.ticket_id else { return Ok(None) };
        let (rules, now) = (self.rules, self.now);
        let account_name = self.account_names.get(&record.account_id).cloned().unwrap_or_default();
        let rung = self.store.rung_thresholds(id)?;
        let Some((ticket, events)) = self.ticket(id)? else { return Ok(None) };
        let named = if record.remote_id.is_empty() { record.key.as_str() } else { record.remote_id.as_str() };
        let is_told =
            events.iter().any(|event| matches!(&event.kind, TicketEventKind::VisitRequested { visit } if visit == named));
        let mut events = events.clone();
        if !is_told {
            events.extend(own_events(named, &record.visit));
            events.sort_by_key(|event| event.at);
        }
        let traits = ticket.traits();
        let beside = Beside { now, traits: &traits, account_name: &account_name, rung: &rung };
        let planned = rules.clocks(&traits, &events);
        let own = planned.iter().find(|one| one.clock.metric == Metric::Visit && one.clock.visit == named);
        Ok(own.map(|planned| show_clock(planned, &beside)))
    }
}

/// What a server would tell of the visit, from its own history.
fn own_events(named: &str, visit: &Visit) -> Vec<TicketEvent> {
    let visit_name = named.to_owned();
    let mut events = vec![TicketEvent::new(visit.requested_at, TicketEventKind::VisitRequested { visit: visit_name.clone() })];
    let ended_at = visit.history.last().map_or(visit.requested_at, |event| event.at);
    match visit.state {
        VisitState::Done => events.push(TicketEvent::new(ended_at, TicketEventKind::VisitDone { visit: visit_name })),
        VisitState::Cancelled | VisitState::Declined => {
            events.push(TicketEvent::new(ended_at, TicketEventKind::VisitCancelled { visit: visit_name }));
        }
        VisitState::Requested | VisitState::Waitlisted | VisitState::Confirmed => {}
    }
    events
}
