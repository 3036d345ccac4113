//! The centres that visits go by: one list for slots, requests, tickets that carry visits, views, files and papers.
//!
//! A server that gives slots away has the last word on what can be booked; the person has it on everything else, and on all of
//! it where no server plans (ADR 0018). A centre that is not offered any more still has its name.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use deskbell_domain::UtcMs;
use deskbell_domain::directory::{ServiceCentre, SlotRules};
use deskbell_domain::sync::op::OperationName;
use deskbell_domain::ticket::AccountId;
use deskbell_store::records::AccountRecord;
use deskbell_store::{Store, StoreError};

use super::sources::{Standing, effective, standing};
use crate::engine::Engine;
use crate::error::EngineError;

/// A centre as visits use it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct VisitCentre {
    /// With the person's words. Who comes, for what and how late it can be called off are the server's, where it plans.
    pub(crate) shown: ServiceCentre,
    /// What slots are planned and requests are checked with: the server's alone, where it plans.
    pub(crate) planned: ServiceCentre,
    /// Somebody wrote the rules of its slots; else they are what the product assumes, and forbid nothing.
    rules_said: bool,
}

impl VisitCentre {
    /// What a request is checked with: a distance that nobody named forbids nothing.
    pub(crate) fn checked(&self) -> ServiceCentre {
        let mut centre = self.planned.clone();
        if !self.rules_said {
            centre.rules.travel_radius_km = u32::MAX;
        }
        centre
    }

    fn of(one: Standing<ServiceCentre>, server_plans: bool) -> Self {
        match one.source.filter(|_| server_plans && one.account.is_some()) {
            Some(theirs) => {
                let mut shown = one.entry;
                (shown.services, shown.engineers, shown.rules) =
                    (theirs.services.clone(), theirs.engineers.clone(), theirs.rules);
                Self { shown, planned: theirs, rules_said: true }
            }
            None => Self::own(one.entry, one.key.starts_with("shipped:")),
        }
    }

    fn own(centre: ServiceCentre, shipped: bool) -> Self {
        let rules_said = !shipped || centre.rules != SlotRules::default();
        let mut shown = centre.clone();
        if !rules_said {
            shown.rules.cancel_cutoff_min = 0;
        }
        Self { shown, planned: centre, rules_said }
    }
}

/// The centres of one account's visits.
#[derive(Debug)]
pub(crate) struct VisitCentres {
    offered: Vec<VisitCentre>,
    /// Not to be chosen, and named all the same: hidden ones, and those that this account's server does not know.
    kept: Vec<ServiceCentre>,
    server_plans: bool,
    /// The whole directory, read when a centre is asked for that is not this account's: once, however many visits name such.
    everywhere: OnceLock<Vec<Standing<ServiceCentre>>>,
}

impl VisitCentres {
    /// Reads the directory as it stands for an account. `server_plans`: its server gives slots away, and books only at its own.
    pub(crate) fn read(store: &Store, account: AccountId, server_plans: bool, now: UtcMs) -> Result<Self, StoreError> {
        let (mut offered, mut kept) = (Vec::new(), Vec::new());
        for one in effective::<ServiceCentre>(store, Some(account), now).map_err(as_stored)? {
            let is_bookable = !server_plans || one.account.is_some() && one.source.is_some();
            let (hidden, is_own) = (one.hidden, one.account.is_none() && one.source.is_none());
            let centre = VisitCentre::of(one, server_plans);
            if hidden || !is_bookable {
                kept.push(centre.shown);
                continue;
            }
            // One choice an id: of two that share it the person's own.
            match offered.iter_mut().find(|known: &&mut VisitCentre| known.planned.remote_id == centre.planned.remote_id) {
                Some(known) if is_own => *known = centre,
                Some(_) => {}
                None => offered.push(centre),
            }
        }
        Ok(Self { offered, kept, server_plans, everywhere: OnceLock::new() })
    }

    pub(crate) const fn server_plans(&self) -> bool {
        self.server_plans
    }

    /// Those that can be chosen, in the directory's order.
    pub(crate) fn offered(&self) -> &[VisitCentre] {
        &self.offered
    }

    /// One that can be chosen.
    pub(crate) fn find(&self, id: &str) -> Option<&VisitCentre> {
        self.offered.iter().find(|one| one.planned.remote_id == id)
    }

    /// One that may be named in a request: where no server plans, any that the directory shows.
    pub(crate) fn nameable(&self, store: &Store, id: &str, now: UtcMs) -> Result<Option<VisitCentre>, StoreError> {
        if let Some(found) = self.find(id) {
            return Ok(Some(found.clone()));
        }
        if self.server_plans || self.kept.iter().any(|centre| centre.remote_id == id) {
            return Ok(None);
        }
        let found = self.everywhere(store, now)?.iter().find(|one| !one.hidden && one.entry.remote_id == id);
        Ok(found.map(|one| VisitCentre::of(one.clone(), false)))
    }

    /// The centre of a visit that is there, offered or not.
    pub(crate) fn named(&self, store: &Store, id: &str, now: UtcMs) -> Result<Option<ServiceCentre>, StoreError> {
        if id.is_empty() {
            return Ok(None);
        }
        let known = self.find(id).map(|one| &one.shown).or_else(|| self.kept.iter().find(|centre| centre.remote_id == id));
        if let Some(known) = known {
            return Ok(Some(known.clone()));
        }
        Ok(self.everywhere(store, now)?.iter().find(|one| one.entry.remote_id == id).map(|one| one.entry.clone()))
    }

    fn everywhere(&self, store: &Store, now: UtcMs) -> Result<&[Standing<ServiceCentre>], StoreError> {
        if self.everywhere.get().is_none() {
            let read = standing::<ServiceCentre>(store, None, now).map_err(as_stored)?;
            let _kept = self.everywhere.set(read);
        }
        Ok(self.everywhere.get().map_or(&[], Vec::as_slice))
    }
}

impl Engine {
    /// The centres of an account's visits.
    pub(crate) async fn visit_centres(&self, account: AccountId) -> Result<VisitCentres, EngineError> {
        let (server_plans, now) = (self.server_plans(&self.account_record(account).await?), self.now());
        self.read(move |store| VisitCentres::read(store, account, server_plans, now)).await
    }

    /// Accounts whose servers give slots away.
    pub(crate) async fn planning_accounts(&self) -> Result<BTreeSet<AccountId>, EngineError> {
        let accounts = self.read(Store::accounts).await?;
        Ok(accounts.iter().filter(|account| self.server_plans(account)).map(|account| account.id).collect())
    }

    fn server_plans(&self, account: &AccountRecord) -> bool {
        self.capabilities(account).operations.contains(&OperationName::RequestVisit)
    }
}

fn as_stored(error: EngineError) -> StoreError {
    StoreError::new(error.code, error.args.get("detail").cloned().unwrap_or_default())
}
