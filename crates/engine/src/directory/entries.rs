//! Reading and changing entries.

use deskbell_domain::directory::{DirectoryKind, PhoneLine, Problem, ServiceCentre, is_stale, open_days, opening_at};
use deskbell_domain::ticket::AccountId;
use deskbell_domain::{Code, UtcMs};
use deskbell_store::EntryWrite;

use super::places::{initials_of, pinyin_of};
use super::sources::{Item, Standing, effective, standing, unwritable};
use super::{CentreEntry, DAYS_SHOWN, Directory, EntryOrigin, LineEntry, local_day, shipped};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::events::DeskEvent;

impl Engine {
    /// Both directories, hidden entries too.
    ///
    /// # Errors
    /// The store's.
    pub async fn directory(&self) -> Result<Directory, EngineError> {
        let now = self.now();
        let lines = self.standing::<PhoneLine>(None).await?;
        let centres = self.standing::<ServiceCentre>(None).await?;
        let lines: Vec<LineEntry> = lines.into_iter().map(|one| show_line(one, now)).collect();
        let centres: Vec<CentreEntry> = centres.into_iter().map(|one| show_centre(one, now)).collect();
        let stale = lines.iter().filter(|one| one.stale && !one.hidden).count()
            + centres.iter().filter(|one| one.stale && !one.hidden).count();
        let attribution = shipped::attribution()?;
        Ok(Directory { lines, centres, stale: u32::try_from(stale).unwrap_or(u32::MAX), attribution })
    }

    /// Everything wrong with a line as of today.
    #[must_use]
    pub fn check_line(&self, line: &PhoneLine) -> Vec<Problem> {
        line.problems(local_day(self.now()))
    }

    /// Everything wrong with a centre as of today.
    #[must_use]
    pub fn check_centre(&self, centre: &ServiceCentre) -> Vec<Problem> {
        centre.problems(local_day(self.now()))
    }

    /// The lines that count for an account, without hidden ones: its own provider's, the person's, and the shipped ones
    /// where the provider carries none. All there are without an account.
    ///
    /// # Errors
    /// The store's.
    pub async fn lines_of(&self, account: Option<AccountId>) -> Result<Vec<LineEntry>, EngineError> {
        let now = self.now();
        let standing = self.effective::<PhoneLine>(account).await?;
        Ok(standing.into_iter().filter(|one| !one.hidden).map(|one| show_line(one, now)).collect())
    }

    /// Keeps a line: a new one without a key, a change of the person's own, or a change over a provider's.
    ///
    /// # Errors
    /// The first problem of the line, named by `field`; `entry_unknown`, `too_many`.
    pub async fn put_line(&self, key: Option<String>, line: PhoneLine) -> Result<LineEntry, EngineError> {
        let key = self.put_entry(key, line).await?;
        self.line_entry(&key).await
    }

    /// Keeps a centre, as [`Engine::put_line`].
    ///
    /// # Errors
    /// As [`Engine::put_line`].
    pub async fn put_centre(&self, key: Option<String>, centre: ServiceCentre) -> Result<CentreEntry, EngineError> {
        let key = self.put_entry(key, centre).await?;
        let now = self.now();
        let found = self.find_entry::<ServiceCentre>(&key).await?;
        Ok(show_centre(found, now))
    }

    /// One line by its key.
    ///
    /// # Errors
    /// `entry_unknown`.
    pub async fn line_entry(&self, key: &str) -> Result<LineEntry, EngineError> {
        let found = self.find_entry::<PhoneLine>(key).await?;
        Ok(show_line(found, self.now()))
    }

    /// Takes an entry away: an own one is gone, a provider's is hidden, and so is an own centre that visits are at.
    ///
    /// # Errors
    /// `entry_unknown`.
    pub async fn remove_entry(&self, kind: DirectoryKind, key: &str) -> Result<(), EngineError> {
        match kind {
            DirectoryKind::Line => self.remove::<PhoneLine>(key).await,
            DirectoryKind::Centre => self.remove::<ServiceCentre>(key).await,
        }
    }

    /// Shows a hidden entry again; takes the person's changes off one that is shown.
    ///
    /// # Errors
    /// `entry_unknown`.
    pub async fn restore_entry(&self, kind: DirectoryKind, key: &str) -> Result<(), EngineError> {
        match kind {
            DirectoryKind::Line => self.restore::<PhoneLine>(key).await,
            DirectoryKind::Centre => self.restore::<ServiceCentre>(key).await,
        }
    }

    /// Notes that an entry is right as of today.
    ///
    /// # Errors
    /// `entry_unknown`.
    pub async fn verify_entry(&self, kind: DirectoryKind, key: &str) -> Result<(), EngineError> {
        match kind {
            DirectoryKind::Line => self.verify::<PhoneLine>(key).await,
            DirectoryKind::Centre => self.verify::<ServiceCentre>(key).await,
        }
    }

    async fn remove<T: Item>(&self, key: &str) -> Result<(), EngineError> {
        let found = self.find_entry::<T>(key).await?;
        match (&found.source, &found.row) {
            (None, Some(row)) if !self.is_visited::<T>(found.entry.id()).await? => {
                let id = row.id;
                self.read(move |store| store.forget_directory_entry(T::KIND, id)).await?;
            }
            _ => {
                // Changes stay under the veil: showing it again shows them.
                self.write_entries::<T>(vec![found.write(&found.entry, true)?]).await?;
            }
        }
        self.entries_changed(T::KIND);
        Ok(())
    }

    /// Whether visits are at the entry, or were: then its words stay, hidden.
    async fn is_visited<T: Item>(&self, id: &str) -> Result<bool, EngineError> {
        let id = id.to_owned();
        Ok(T::KIND == DirectoryKind::Centre && self.read(move |store| store.is_visited(&id)).await?)
    }

    /// Visits are shown with their centres.
    pub(super) fn entries_changed(&self, kind: DirectoryKind) {
        self.emit(DeskEvent::DirectoryChanged);
        if kind == DirectoryKind::Centre {
            self.emit_visits();
        }
    }

    async fn restore<T: Item>(&self, key: &str) -> Result<(), EngineError> {
        let found = self.find_entry::<T>(key).await?;
        let changed = found.origin == EntryOrigin::Changed;
        match &found.row {
            Some(row) if found.hidden && (changed || found.source.is_none()) => {
                let write = EntryWrite {
                    id: Some(row.id),
                    replaces: row.replaces.clone(),
                    payload: row.payload.clone(),
                    base: row.base.clone(),
                    hidden: false,
                };
                self.write_entries::<T>(vec![write]).await?;
            }
            Some(row) if found.source.is_some() => {
                let id = row.id;
                self.read(move |store| store.forget_directory_entry(T::KIND, id)).await?;
            }
            _ => return Ok(()),
        }
        self.entries_changed(T::KIND);
        Ok(())
    }

    async fn verify<T: Item>(&self, key: &str) -> Result<(), EngineError> {
        let found = self.find_entry::<T>(key).await?;
        let mut entry = found.entry.clone();
        *entry.verified_on_mut() = local_day(self.now()).to_string();
        let write = found.write(&entry, found.hidden)?;
        self.write_entries::<T>(vec![write]).await?;
        self.entries_changed(T::KIND);
        Ok(())
    }

    async fn put_entry<T: Item>(&self, key: Option<String>, mut entry: T) -> Result<String, EngineError> {
        if let Some(problem) = entry.problems(local_day(self.now())).into_iter().next() {
            let mut error = EngineError::new(problem.code).arg("field", problem.field);
            error.args.extend(problem.args);
            return Err(error);
        }
        let standing = match &key {
            Some(key) => self.find_entry::<T>(key).await.map(Some),
            None => Ok(None),
        };
        let standing = match standing {
            // It was removed meanwhile: what was typed makes it again.
            Err(error) if error.code == Code::EntryUnknown && key.as_deref().is_some_and(|key| key.starts_with("own:")) => None,
            other => other?,
        };
        let Some(standing) = standing else {
            if entry.id().is_empty() {
                *entry.id_mut() = self.own_id();
            }
            let ids = self.write_entries::<T>(vec![new_entry(&entry)?]).await?;
            self.entries_changed(T::KIND);
            return ids.first().map(|id| format!("own:{id}")).ok_or_else(|| EngineError::new(Code::Internal));
        };
        standing.entry.id().clone_into(entry.id_mut());
        let as_it_is = standing.source.as_ref() == Some(&entry);
        match &standing.row {
            Some(row) if as_it_is => {
                let id = row.id;
                self.read(move |store| store.forget_directory_entry(T::KIND, id)).await?;
            }
            None if as_it_is => {}
            _ => {
                self.write_entries::<T>(vec![standing.write(&entry, false)?]).await?;
            }
        }
        self.entries_changed(T::KIND);
        Ok(standing.key)
    }

    /// Names an own entry for ever, on every computer that it is imported on.
    pub(super) fn own_id(&self) -> String {
        format!("own-{:016x}", self.ports.rng.bits())
    }

    pub(super) async fn write_entries<T: Item>(&self, writes: Vec<EntryWrite>) -> Result<Vec<i64>, EngineError> {
        let now = self.now();
        self.read(move |store| store.put_directory_entries(T::KIND, &writes, now)).await
    }

    pub(super) async fn standing<T: Item>(&self, scope: Option<AccountId>) -> Result<Vec<Standing<T>>, EngineError> {
        let (store, now) = (self.store.clone(), self.now());
        tokio::task::spawn_blocking(move || standing(&store, scope, now)).await?
    }

    async fn effective<T: Item>(&self, scope: Option<AccountId>) -> Result<Vec<Standing<T>>, EngineError> {
        let (store, now) = (self.store.clone(), self.now());
        tokio::task::spawn_blocking(move || effective(&store, scope, now)).await?
    }

    async fn find_entry<T: Item>(&self, key: &str) -> Result<Standing<T>, EngineError> {
        let mut found = self.standing::<T>(None).await?.into_iter().find(|one| one.key == key);
        if found.is_none() {
            // A shipped line stands for an account that carries none, also where another carries the same.
            for account in self.read(deskbell_store::Store::accounts).await? {
                found = self.standing::<T>(Some(account.id)).await?.into_iter().find(|one| one.key == key);
                if found.is_some() {
                    break;
                }
            }
        }
        found.ok_or_else(|| EngineError::new(Code::EntryUnknown).arg("key", key))
    }
}

pub(super) fn new_entry<T: Item>(entry: &T) -> Result<EntryWrite, EngineError> {
    let payload = serde_json::to_string(entry).map_err(unwritable)?;
    Ok(EntryWrite { id: None, replaces: String::new(), payload, base: String::new(), hidden: false })
}

pub(super) fn show_line(one: Standing<PhoneLine>, now: UtcMs) -> LineEntry {
    let (today, opening) = (local_day(now), opening_at(one.entry.calendar().as_ref(), now));
    LineEntry {
        key: one.key,
        origin: one.origin,
        account: one.account,
        stale: is_stale(&one.entry.verified_on, today),
        problems: one.entry.problems(today),
        provider: one.source.filter(|_| one.origin == EntryOrigin::Changed),
        line: one.entry,
        hidden: one.hidden,
        provider_changed: one.provider_changed,
        provider_gone: one.provider_gone,
        conflicts: one.conflicts,
        opening: opening.state,
        opens_at: opening.opens_at,
        closes_at: opening.closes_at,
    }
}

pub(super) fn show_centre(one: Standing<ServiceCentre>, now: UtcMs) -> CentreEntry {
    let (today, calendar) = (local_day(now), one.entry.calendar());
    let opening = opening_at(calendar.as_ref(), now);
    CentreEntry {
        key: one.key,
        origin: one.origin,
        account: one.account,
        stale: is_stale(&one.entry.verified_on, today),
        problems: one.entry.problems(today),
        pinyin: pinyin_of(&one.entry.city_zh, &one.entry.city_en),
        initials: initials_of(&one.entry.city_zh, &one.entry.city_en),
        open_days: calendar.map(|calendar| open_days(calendar.spec(), now, DAYS_SHOWN)).unwrap_or_default(),
        provider: one.source.filter(|_| one.origin == EntryOrigin::Changed),
        centre: one.entry,
        hidden: one.hidden,
        provider_changed: one.provider_changed,
        provider_gone: one.provider_gone,
        conflicts: one.conflicts,
        opening: opening.state,
        opens_at: opening.opens_at,
        closes_at: opening.closes_at,
    }
}
