//! Reading visits.

use deskbell_domain::Code;
use deskbell_domain::UtcMs;
use deskbell_domain::scheduling::VisitState;
use deskbell_domain::ticket::TicketId;

use super::view::{KnownSite, Maker, VisitList, VisitView};
use crate::engine::Engine;
use crate::error::EngineError;

/// Sites offered for one customer.
const SITES_MAX: usize = 20;

impl Engine {
    /// Visits that overlap `[from, to)`, and all without a slot that are not at their end.
    ///
    /// # Errors
    /// `window_reversed`; the store's.
    pub async fn visits(&self, from: UtcMs, to: UtcMs) -> Result<VisitList, EngineError> {
        if to <= from {
            return Err(EngineError::new(Code::WindowReversed));
        }
        let (rules, now, planning) = (self.rules(), self.now(), self.planning_accounts().await?);
        self.read(move |store| {
            let mut maker = Maker::new(store, &rules, &planning, now)?;
            let mut visits = Vec::new();
            for record in store.visits_between(from, to)? {
                let view = maker.make(record)?;
                if is_within(&view, from, to) {
                    visits.push(view);
                }
            }
            visits.sort_by_key(|view| view.visit.slot.as_ref().map_or((1, view.visit.requested_at), |slot| (0, slot.start)));
            let as_of = store.accounts()?.into_iter().filter_map(|account| account.last_synced_at).min();
            Ok(VisitList { visits, as_of })
        })
        .await
    }

    /// Visits of a ticket, the newest request first.
    ///
    /// # Errors
    /// `ticket_unknown`; the store's.
    pub async fn visits_of_ticket(&self, id: TicketId) -> Result<Vec<VisitView>, EngineError> {
        let ticket = self.known(id).await?.id;
        let (rules, now, planning) = (self.rules(), self.now(), self.planning_accounts().await?);
        self.read(move |store| {
            let mut maker = Maker::new(store, &rules, &planning, now)?;
            let mut views = Vec::new();
            for record in store.visits_of_ticket(ticket)? {
                views.push(maker.make(record)?);
            }
            Ok(views)
        })
        .await
    }

    /// One visit.
    ///
    /// # Errors
    /// `visit_unknown`; the store's.
    pub async fn visit(&self, key: &str) -> Result<VisitView, EngineError> {
        let (rules, now, wanted) = (self.rules(), self.now(), key.to_owned());
        let planning = self.planning_accounts().await?;
        let found = self
            .read(move |store| match store.visit(&wanted)? {
                Some(record) => Maker::new(store, &rules, &planning, now)?.make(record).map(Some),
                None => Ok(None),
            })
            .await?;
        found.ok_or_else(|| unknown(key))
    }

    /// Where the machines of a ticket's customer stand, as typed for visits before; the newest first.
    ///
    /// # Errors
    /// `ticket_unknown`; the store's.
    pub async fn visit_sites(&self, id: TicketId) -> Result<Vec<KnownSite>, EngineError> {
        let ticket = self.known(id).await?.id;
        let texts = self.read(move |store| store.known_sites(ticket, SITES_MAX)).await?;
        Ok(texts.iter().filter_map(|text| serde_json::from_str(text).ok()).collect())
    }
}

pub(super) fn unknown(key: &str) -> EngineError {
    EngineError::new(Code::VisitUnknown).arg("key", key)
}

fn is_within(view: &VisitView, from: UtcMs, to: UtcMs) -> bool {
    match &view.visit.slot {
        Some(slot) => slot.start < to && slot.end > from,
        None => {
            let waits = matches!(view.visit.state, VisitState::Requested | VisitState::Waitlisted | VisitState::Confirmed);
            waits || !view.pending.is_empty()
        }
    }
}
