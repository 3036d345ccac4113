//! Where entries come from, and what stands for what.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use deskbell_domain::UtcMs;
use deskbell_domain::directory::{DirectoryKind, PhoneLine, Problem, ServiceCentre, check_centre, check_line, dialled};
use deskbell_domain::sla::calendar::Calendar;
use deskbell_domain::ticket::AccountId;
use deskbell_store::{EntryRecord, EntryWrite, Store};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::EntryOrigin;
use super::laid::lay;
use super::shipped;
use crate::error::EngineError;

/// What both directories have in common.
pub(super) trait Item: Serialize + DeserializeOwned + Clone + PartialEq + Send + 'static {
    const KIND: DirectoryKind;
    fn carried(store: &Store) -> Result<Vec<(AccountId, Self)>, EngineError>;
    fn shipped(now: UtcMs) -> Result<Vec<Self>, EngineError>;
    fn id(&self) -> &str;
    fn id_mut(&mut self) -> &mut String;
    fn verified_on_mut(&mut self) -> &mut String;
    /// What makes two entries one where ids do not tell: the number, the city.
    fn likeness(&self) -> String;
    /// How a person calls it.
    fn name(&self) -> &str;
    fn problems(&self, today: NaiveDate) -> Vec<Problem>;
    fn calendar(&self) -> Option<Calendar>;
}

impl Item for PhoneLine {
    const KIND: DirectoryKind = DirectoryKind::Line;

    fn carried(store: &Store) -> Result<Vec<(AccountId, Self)>, EngineError> {
        Ok(store.carried_lines()?)
    }

    fn shipped(_now: UtcMs) -> Result<Vec<Self>, EngineError> {
        shipped::lines()
    }

    fn id(&self) -> &str {
        &self.remote_id
    }

    fn id_mut(&mut self) -> &mut String {
        &mut self.remote_id
    }

    fn verified_on_mut(&mut self) -> &mut String {
        &mut self.verified_on
    }

    fn likeness(&self) -> String {
        dialled(&self.number)
    }

    fn name(&self) -> &str {
        if self.name_zh.trim().is_empty() { &self.name_en } else { &self.name_zh }
    }

    fn problems(&self, today: NaiveDate) -> Vec<Problem> {
        check_line(self, today)
    }

    fn calendar(&self) -> Option<Calendar> {
        self.opening().ok().flatten()
    }
}

impl Item for ServiceCentre {
    const KIND: DirectoryKind = DirectoryKind::Centre;

    fn carried(store: &Store) -> Result<Vec<(AccountId, Self)>, EngineError> {
        Ok(store.carried_centres()?)
    }

    fn shipped(now: UtcMs) -> Result<Vec<Self>, EngineError> {
        shipped::centres(now)
    }

    fn id(&self) -> &str {
        &self.remote_id
    }

    fn id_mut(&mut self) -> &mut String {
        &mut self.remote_id
    }

    fn verified_on_mut(&mut self) -> &mut String {
        &mut self.verified_on
    }

    fn likeness(&self) -> String {
        let city = self.city_zh.trim().trim_end_matches('市');
        let city = if city.is_empty() { self.city_en.trim() } else { city };
        format!("{} {}", city.to_lowercase(), self.address.trim().to_lowercase())
    }

    fn name(&self) -> &str {
        if self.city_zh.trim().is_empty() { &self.city_en } else { &self.city_zh }
    }

    fn problems(&self, today: NaiveDate) -> Vec<Problem> {
        check_centre(self, today)
    }

    fn calendar(&self) -> Option<Calendar> {
        self.opening().ok().flatten()
    }
}

/// An entry that nobody here wrote.
struct Source<T> {
    key: String,
    account: Option<AccountId>,
    entry: T,
}

/// An entry as it stands, with where it comes from.
#[derive(Debug, Clone)]
pub(super) struct Standing<T> {
    pub(super) key: String,
    pub(super) origin: EntryOrigin,
    pub(super) account: Option<AccountId>,
    pub(super) entry: T,
    /// What the provider or the shipped directory says now; `None` for an own one and one that is gone there.
    pub(super) source: Option<T>,
    /// The row in the store.
    pub(super) row: Option<EntryRecord>,
    pub(super) hidden: bool,
    pub(super) provider_changed: bool,
    pub(super) provider_gone: bool,
    pub(super) conflicts: Vec<String>,
}

/// Entries of everybody, or those that count for one account. Reads the store.
pub(super) fn standing<T: Item>(store: &Store, scope: Option<AccountId>, now: UtcMs) -> Result<Vec<Standing<T>>, EngineError> {
    let rows = store.directory_entries(T::KIND)?;
    let (own, mut over): (Vec<_>, BTreeMap<_, _>) = {
        let (own, over): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| row.replaces.is_empty());
        (own, over.into_iter().map(|row| (row.replaces.clone(), row)).collect())
    };
    let mut found = Vec::new();
    for source in sources::<T>(store, scope, now, &over)? {
        let row = over.remove(&source.key);
        found.push(over_source(source, row)?);
    }
    found.extend(own.into_iter().filter_map(own_entry));
    found.extend(over.into_values().filter(|row| counts(&row.replaces, scope)).filter_map(gone_entry));
    Ok(found)
}

/// As [`standing`]. A shipped entry of which the whole directory shows another account's instead follows what the person did
/// to that one: it is the only one that they see.
pub(super) fn effective<T: Item>(store: &Store, scope: Option<AccountId>, now: UtcMs) -> Result<Vec<Standing<T>>, EngineError> {
    let mut found = standing::<T>(store, scope, now)?;
    let is_plain = |one: &Standing<T>| one.origin == EntryOrigin::Shipped && one.row.is_none();
    if scope.is_none() || !found.iter().any(is_plain) {
        return Ok(found);
    }
    let touched = |one: &Standing<T>| one.account.is_some() && (one.hidden || one.origin == EntryOrigin::Changed);
    let others: Vec<Standing<T>> = standing::<T>(store, None, now)?.into_iter().filter(touched).collect();
    for one in found.iter_mut().filter(|one| is_plain(one)) {
        let is_same =
            |other: &T| other.id() == one.entry.id() || !other.likeness().is_empty() && other.likeness() == one.entry.likeness();
        let twin = others.iter().find(|other| is_same(other.source.as_ref().unwrap_or(&other.entry)));
        let Some(twin) = twin else { continue };
        one.hidden = twin.hidden;
        if let Some(theirs) = &twin.source {
            one.entry = lay(&twin.entry, theirs, &one.entry).map_err(unwritable)?.entry;
        }
    }
    Ok(found)
}

/// Whether a change over something that is not carried any more counts for an account.
fn counts(key: &str, scope: Option<AccountId>) -> bool {
    scope.is_none_or(|account| key.starts_with(&format!("{}:", account.0)))
}

fn sources<T: Item>(
    store: &Store,
    scope: Option<AccountId>,
    now: UtcMs,
    over: &BTreeMap<String, EntryRecord>,
) -> Result<Vec<Source<T>>, EngineError> {
    let carried = T::carried(store)?;
    let carrying: BTreeSet<AccountId> = carried.iter().map(|(account, _)| *account).collect();
    let lacking = match scope {
        Some(account) => !carrying.contains(&account),
        None => {
            let accounts = store.accounts()?;
            accounts.is_empty() || accounts.iter().any(|account| !carrying.contains(&account.id))
        }
    };
    let (mut found, mut keys, mut seen) = (Vec::new(), BTreeSet::new(), BTreeSet::new());
    for (account, entry) in carried.into_iter().filter(|(account, _)| scope.is_none_or(|scope| scope == *account)) {
        seen.insert(entry.id().to_owned());
        seen.insert(entry.likeness());
        let plain = format!("{}:{}", account.0, entry.id());
        // A provider may name two entries alike: the second is told apart by its place.
        let key = (1..).map(|n| if n == 1 { plain.clone() } else { format!("{plain}~{n}") }).find(|key| keys.insert(key.clone()));
        found.push(Source { key: key.unwrap_or(plain), account: Some(account), entry });
    }
    // Changes over a shipped entry keep it, also when every account carries a directory now.
    let kept = scope.is_none() && over.keys().any(|key| key.starts_with("shipped:"));
    let shipped = if lacking || kept { T::shipped(now)? } else { Vec::new() };
    for entry in shipped {
        let key = format!("shipped:{}", entry.id());
        let twice = seen.contains(entry.id()) || seen.contains(&entry.likeness());
        if lacking && !twice || kept && over.contains_key(&key) {
            found.push(Source { key, account: None, entry });
        }
    }
    Ok(found)
}

fn over_source<T: Item>(source: Source<T>, row: Option<EntryRecord>) -> Result<Standing<T>, EngineError> {
    let plain = if source.account.is_some() { EntryOrigin::Provider } else { EntryOrigin::Shipped };
    let (mine, base) = match &row {
        Some(row) => (read::<T>(&row.payload, row.id), read::<T>(&row.base, row.id)),
        None => (None, None),
    };
    let hidden = row.as_ref().is_some_and(|row| row.hidden);
    let mut standing = Standing {
        key: source.key,
        origin: plain,
        account: source.account,
        entry: source.entry.clone(),
        source: Some(source.entry),
        row,
        hidden,
        provider_changed: false,
        provider_gone: false,
        conflicts: Vec::new(),
    };
    let (Some(mine), Some(base), Some(theirs)) = (mine, base, &standing.source) else { return Ok(standing) };
    let laid = lay(&mine, &base, theirs).map_err(unwritable)?;
    if laid.changed {
        standing.origin = EntryOrigin::Changed;
        standing.entry = laid.entry;
        standing.provider_changed = laid.provider_changed;
        standing.conflicts = laid.conflicts;
    }
    Ok(standing)
}

fn own_entry<T: Item>(row: EntryRecord) -> Option<Standing<T>> {
    Some(Standing {
        key: format!("own:{}", row.id),
        origin: EntryOrigin::Own,
        account: None,
        entry: read(&row.payload, row.id)?,
        source: None,
        hidden: row.hidden,
        row: Some(row),
        provider_changed: false,
        provider_gone: false,
        conflicts: Vec::new(),
    })
}

/// A change over an entry that nobody carries any more. One that was only hidden is forgotten about.
fn gone_entry<T: Item>(row: EntryRecord) -> Option<Standing<T>> {
    let (entry, base): (T, T) = (read(&row.payload, row.id)?, read(&row.base, row.id)?);
    let account = row.replaces.split_once(':').and_then(|(account, _)| account.parse().ok()).map(AccountId);
    (entry != base).then(|| Standing {
        key: row.replaces.clone(),
        origin: EntryOrigin::Changed,
        account,
        entry,
        source: None,
        hidden: row.hidden,
        row: Some(row),
        provider_changed: true,
        provider_gone: true,
        conflicts: Vec::new(),
    })
}

/// An entry of a newer version that cannot be read is left out, not lost.
fn read<T: Item>(json: &str, row: i64) -> Option<T> {
    serde_json::from_str(json).inspect_err(|error| tracing::error!(row, %error, "A directory entry cannot be read.")).ok()
}

pub(super) fn unwritable(error: impl std::fmt::Display) -> EngineError {
    EngineError::with_detail(deskbell_domain::Code::Internal, error.to_string())
}

impl<T: Item> Standing<T> {
    /// What is to be written so that the entry reads so.
    pub(super) fn write(&self, entry: &T, hidden: bool) -> Result<EntryWrite, EngineError> {
        let own = self.origin == EntryOrigin::Own;
        let base = match (&self.source, &self.row) {
            (Some(source), _) => serde_json::to_string(source).map_err(unwritable)?,
            (None, Some(row)) => row.base.clone(),
            (None, None) => String::new(),
        };
        Ok(EntryWrite {
            id: self.row.as_ref().filter(|_| own).map(|row| row.id),
            replaces: if own { String::new() } else { self.key.clone() },
            payload: serde_json::to_string(entry).map_err(unwritable)?,
            base,
            hidden,
        })
    }
}
