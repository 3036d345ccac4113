//! Filling the person's calendar: visits that are confirmed and sessions that are planned, and what became of them.
//!
//! What should be there is written down first, then sent; an attempt is on disk before its bytes leave. A lost answer costs one
//! look: the object is read before it is written again. Only objects with our uids are touched, each in the version that was
//! just read.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use deskbell_calendar::caldav::{CaldavClient, Only, Written};
use deskbell_calendar::{Appointment, Standing, fingerprint, merge, write_object};
use deskbell_domain::diagnosis::DiagnosisState;
use deskbell_domain::scheduling::VisitState;
use deskbell_domain::sync::plan::backoff_ms;
use deskbell_domain::ticket::AccountId;
use deskbell_domain::time::{DAY_MS, HOUR_MS};
use deskbell_domain::{Code, UtcMs};
use deskbell_remote::RemoteError;
use deskbell_remote::http::SendFailure;
use deskbell_store::{CalendarItem, ItemSettlement, Store, StoreError, WantedItem};
use serde::Serialize;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::Instant;

use super::caldav::{Kept, load, save};
use super::export::{Centres, VisitMatter, Writing, of_diagnosis};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::events::DeskEvent;

/// What is over for longer is not put into a calendar any more; what is in it stays.
const PAST_MS_MAX: i64 = 30 * DAY_MS;
/// Conflicts of one object that are gone after at once.
const CONFLICTS_MAX: u32 = 3;
/// Longest sleep between two looks.
const SLEEP_MS_MAX: u64 = 10 * 60_000;
/// Changes that come together are sent together.
const SETTLE_MS: u64 = 1_000;
/// What a person has to mend is tried again by itself after this.
const FAILED_WAIT_MS: i64 = HOUR_MS;

/// What one round did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct PushReport {
    pub pushed: u32,
    pub removed: u32,
    /// Left for later.
    pub waiting: u32,
    pub code: Option<Code>,
}

/// How one object ended.
enum Step {
    Pushed,
    Removed,
    /// Look at it again in this round.
    Again,
    Later,
}

/// Why a round ends early.
struct Stop(RemoteError);

/// Keeps the calendar as long as the engine runs.
pub(crate) async fn run(engine: Arc<Engine>) {
    let mut events = engine.subscribe();
    let mut due = Instant::now() + Duration::from_millis(SETTLE_MS);
    loop {
        tokio::select! {
            () = engine.calendar_wake.notified() => {}
            // What else happens on the desk does not put it off.
            () = tokio::time::sleep_until(due) => {}
            event = events.recv() => match event {
                // A few changes in a row are one round.
                Ok(DeskEvent::Visits | DeskEvent::DiagnosesChanged { .. }) | Err(RecvError::Lagged(_)) => {
                    tokio::time::sleep(Duration::from_millis(SETTLE_MS)).await;
                    events = events.resubscribe();
                }
                Err(RecvError::Closed) => return,
                Ok(_) => continue,
            },
        }
        let wait_ms = match engine.push_calendar(false).await {
            Ok(_) => next_wait(&engine).await,
            Err(error) => {
                tracing::error!(code = error.code.as_str(), "The calendar could not be kept.");
                SLEEP_MS_MAX
            }
        };
        due = Instant::now() + Duration::from_millis(wait_ms);
    }
}

async fn next_wait(engine: &Engine) -> u64 {
    match engine.read(Store::calendar_waiting).await {
        Ok((waiting, Some(at), _)) if waiting > 0 => {
            u64::try_from(at.ms_since(engine.now())).unwrap_or(0).clamp(SETTLE_MS, SLEEP_MS_MAX)
        }
        _ => SLEEP_MS_MAX,
    }
}

impl Engine {
    /// Sends what waits, also what was held back after a failure.
    ///
    /// # Errors
    /// `calendar_missing` where none is set or it is switched off; why it did not work.
    pub async fn push_calendar_now(&self) -> Result<PushReport, EngineError> {
        let report = self.push_calendar(true).await?.ok_or_else(|| EngineError::new(Code::CalendarMissing))?;
        match report.code {
            Some(code) => Err(EngineError::new(code).arg("waiting", report.waiting.to_string())),
            None => Ok(report),
        }
    }

    /// One round: `None` where no calendar is set, it is switched off, or the person works offline.
    ///
    /// # Errors
    /// The store's and the keyring's.
    pub async fn push_calendar(&self, at_once: bool) -> Result<Option<PushReport>, EngineError> {
        let _turn = self.calendar_turn.lock().await;
        let Some(kept) = self.read(load).await?.filter(|kept| kept.enabled) else { return Ok(None) };
        let (writing, now, planning) = (self.writing(), self.now(), self.planning_accounts().await?);
        self.read(move |store| want(store, &writing, &planning, now)).await?;
        if at_once {
            self.read(Store::hasten_calendar).await?;
        } else if self.settings().work_offline {
            return Ok(None);
        }
        let report = self.round(kept).await?;
        self.emit(DeskEvent::CalendarsChanged);
        Ok(Some(report))
    }

    pub(super) fn calendar_changed(&self) {
        self.calendar_wake.notify_one();
        self.emit(DeskEvent::CalendarsChanged);
    }

    async fn round(&self, kept: Kept) -> Result<PushReport, EngineError> {
        let mut report = PushReport::default();
        let client = match self.caldav_client(&kept).await {
            Ok(client) => client,
            Err(error) => {
                report.code = Some(error.code);
                return Ok(report);
            }
        };
        let mut stopped = None;
        let mut seen = BTreeSet::new();
        'round: loop {
            let now = self.now();
            let queue = self.read(move |store| store.calendar_queue(now)).await?;
            let fresh: Vec<CalendarItem> = queue.into_iter().filter(|item| !seen.contains(&item.uid)).collect();
            if fresh.is_empty() {
                break;
            }
            for item in fresh {
                seen.insert(item.uid.clone());
                match self.settle(&client, &kept, item).await? {
                    Ok(Step::Pushed) => report.pushed += 1,
                    Ok(Step::Removed) => report.removed += 1,
                    Ok(Step::Again | Step::Later) => {}
                    Err(stop) => {
                        stopped = Some(stop.0);
                        break 'round;
                    }
                }
            }
        }
        self.ended(kept, stopped, &mut report).await?;
        Ok(report)
    }

    /// Keeps how the round ended.
    async fn ended(&self, kept: Kept, stopped: Option<RemoteError>, report: &mut PushReport) -> Result<(), EngineError> {
        let code = stopped.map(|error| error.code);
        let failed = code.filter(|code| needs_a_person(*code));
        let now = self.now();
        let (waiting, _, of_item) = self.read(Store::calendar_waiting).await?;
        (report.waiting, report.code) = (waiting, code.or(of_item.filter(|_| waiting > 0)));
        let last_pushed_at = if code.is_none() { Some(now) } else { kept.last_pushed_at };
        let kept = Kept { failed, last_pushed_at, ..kept };
        self.read(move |store| save(store, Some(&kept))).await
    }

    /// Takes one object as far as it goes in this round.
    async fn settle(
        &self,
        client: &CaldavClient,
        kept: &Kept,
        mut item: CalendarItem,
    ) -> Result<Result<Step, Stop>, EngineError> {
        for _ in 0..CONFLICTS_MAX {
            let step =
                if item.wanted.is_empty() { self.take_out(client, &item).await } else { self.put(client, kept, &item).await };
            let step = match step? {
                Ok(step) => step,
                Err(error) => return self.postpone(&item, error).await,
            };
            if !matches!(step, Step::Again) {
                return Ok(Ok(step));
            }
            let uid = item.uid.clone();
            match self.read(move |store| store.calendar_item(&uid)).await? {
                Some(now) => item = now,
                None => return Ok(Ok(Step::Removed)),
            }
        }
        let error = RemoteError::new(Code::ChangedMeanwhile, "somebody else writes the same object");
        self.postpone(&item, error).await
    }

    /// The object waits; what is wrong with the server or the calendar ends the round.
    async fn postpone(&self, item: &CalendarItem, error: RemoteError) -> Result<Result<Step, Stop>, EngineError> {
        let pause = i64::try_from(backoff_ms(item.attempts + 1, self.ports.rng.jitter())).unwrap_or(HOUR_MS);
        let asked = error.retry_after_ms.map_or(0, |ms| i64::try_from(ms).unwrap_or(i64::MAX));
        let pause = if needs_a_person(error.code) { FAILED_WAIT_MS } else { pause };
        let later = ItemSettlement::Later { not_before: self.now().plus_ms(pause.max(asked)), code: error.code };
        self.written(&item.uid, later).await?;
        let is_of_object = matches!(error.code, Code::Refused | Code::ChangedMeanwhile | Code::CalendarUnreadable);
        Ok(if is_of_object { Ok(Step::Later) } else { Err(Stop(error)) })
    }

    async fn written(&self, uid: &str, settlement: ItemSettlement) -> Result<(), EngineError> {
        let (uid, now) = (uid.to_owned(), self.now());
        self.read(move |store| store.settle_calendar_item(&uid, settlement, now)).await
    }

    async fn attempt(&self, item: &CalendarItem, href: &str, text: &str) -> Result<(), EngineError> {
        let (uid, href, text, now) = (item.uid.clone(), href.to_owned(), text.to_owned(), self.now());
        self.read(move |store| store.attempt_calendar_item(&uid, &href, &text, now)).await
    }

    async fn put(
        &self,
        client: &CaldavClient,
        kept: &Kept,
        item: &CalendarItem,
    ) -> Result<Result<Step, RemoteError>, EngineError> {
        if item.href.is_empty() {
            return self.make(client, kept, item).await;
        }
        let current = match client.get(&item.href).await {
            Ok(Some(current)) => current,
            Ok(None) => {
                self.written(&item.uid, ItemSettlement::Missing).await?;
                return Ok(Ok(Step::Again));
            }
            Err(error) => return Ok(Err(error)),
        };
        if merge::uid_of(&current.text).is_none_or(|uid| uid != item.uid) {
            return Ok(Err(RemoteError::new(Code::ChangedMeanwhile, "another event has the name of ours")));
        }
        let text = merge::merged(&current.text, &[&item.base, &item.tried], &item.body);
        if merge::same_event(&current.text, &text) {
            return self.is_there(item, current.etag).await;
        }
        self.attempt(item, &item.href, &item.body).await?;
        match client.put(&item.href, &text, &Only::If(&current.etag)).await {
            Ok(Written::Done { etag }) => self.is_there(item, etag).await,
            // It was changed or removed since it was read.
            Ok(Written::Conflict | Written::Missing) => Ok(Ok(Step::Again)),
            Ok(Written::UidElsewhere) => Ok(Err(RemoteError::new(Code::Refused, "the uid is under another name"))),
            Err(failure) => Ok(Err(failure.into())),
        }
    }

    /// Something of ours may be there already: the answer to an earlier try was lost, or the person took our invitation in.
    async fn make(
        &self,
        client: &CaldavClient,
        kept: &Kept,
        item: &CalendarItem,
    ) -> Result<Result<Step, RemoteError>, EngineError> {
        let href = CaldavClient::href_of(&kept.calendar_href, &item.uid);
        self.attempt(item, &href, &item.body).await?;
        match client.put(&href, &item.body, &Only::IfAbsent).await {
            Ok(Written::Done { etag }) => self.is_there(item, etag).await,
            Ok(Written::Conflict) => Ok(Ok(Step::Again)),
            Ok(Written::UidElsewhere) => match client.find(&kept.calendar_href, &item.uid).await {
                Ok(Some(found)) => {
                    self.attempt(item, &found, &item.body).await?;
                    Ok(Ok(Step::Again))
                }
                Ok(None) => Ok(Err(RemoteError::new(Code::Refused, "the server knows the uid and does not find it"))),
                Err(error) => Ok(Err(error)),
            },
            Ok(Written::Missing) => {
                self.written(&item.uid, ItemSettlement::Missing).await?;
                Ok(Err(RemoteError::new(Code::CalendarMissing, "the calendar is not there")))
            }
            Err(failure) => self.not_made(item, failure).await,
        }
    }

    /// What certainly did not leave has no place on the server.
    async fn not_made(&self, item: &CalendarItem, failure: SendFailure) -> Result<Result<Step, RemoteError>, EngineError> {
        if let SendFailure::NotSent(error) = failure {
            self.written(&item.uid, ItemSettlement::Missing).await?;
            return Ok(Err(error));
        }
        Ok(Err(failure.into()))
    }

    async fn is_there(&self, item: &CalendarItem, etag: String) -> Result<Result<Step, RemoteError>, EngineError> {
        let pushed = ItemSettlement::Pushed { etag, pushed: item.wanted.clone(), body: item.body.clone() };
        self.written(&item.uid, pushed).await?;
        Ok(Ok(Step::Pushed))
    }

    /// What the person wrote into it stays: the event is called off then, not removed.
    async fn take_out(&self, client: &CaldavClient, item: &CalendarItem) -> Result<Result<Step, RemoteError>, EngineError> {
        let current = match client.get(&item.href).await {
            Ok(Some(current)) => current,
            Ok(None) => {
                self.written(&item.uid, ItemSettlement::Gone).await?;
                return Ok(Ok(Step::Removed));
            }
            Err(error) => return Ok(Err(error)),
        };
        let is_ours = merge::uid_of(&current.text).is_some_and(|uid| uid == item.uid);
        let words = merge::has_added_words(&current.text, &[&item.base, &item.tried]);
        let called_off = if words { merge::called_off(&current.text) } else { None };
        let done = match (is_ours, called_off) {
            (false, _) => Ok(Written::Missing),
            (true, Some(text)) => client.put(&item.href, &text, &Only::If(&current.etag)).await,
            (true, None) => client.delete(&item.href, &current.etag).await,
        };
        match done {
            Ok(Written::Done { .. } | Written::Missing) => {
                self.written(&item.uid, ItemSettlement::Gone).await?;
                Ok(Ok(Step::Removed))
            }
            Ok(Written::Conflict | Written::UidElsewhere) => Ok(Ok(Step::Again)),
            Err(failure) => Ok(Err(failure.into())),
        }
    }

    /// Takes every object out that its server gives away, and forgets all of them. The caller has the turn.
    pub(super) async fn empty_calendar(&self) -> Result<(), EngineError> {
        if let Some(kept) = self.read(load).await?
            && let Ok(client) = self.caldav_client(&kept).await
        {
            for item in self.read(Store::calendar_items).await?.into_iter().filter(|item| !item.href.is_empty()) {
                if let Err(error) = self.take_out(&client, &item).await? {
                    tracing::info!(code = error.code.as_str(), "A calendar that is left keeps what was put there.");
                    break;
                }
            }
        }
        self.read(Store::forget_calendar).await
    }
}

/// What a try more would not change.
const fn needs_a_person(code: Code) -> bool {
    matches!(
        code,
        Code::CredentialsWrong
            | Code::Forbidden
            | Code::NotSupportedServer
            | Code::EndpointInvalid
            | Code::PlainHttpRefused
            | Code::CertificateInvalid
            | Code::CalendarMissing
    )
}

/// Writes down what the calendar should have.
fn want(store: &Store, writing: &Writing, planning: &BTreeSet<AccountId>, now: UtcMs) -> Result<(), StoreError> {
    let mut centres = Centres::new(planning, now);
    let known: BTreeSet<String> = store.calendar_items()?.into_iter().map(|item| item.uid).collect();
    let is_near = |appointment: &Appointment| appointment.end >= now.plus_ms(-PAST_MS_MAX) || known.contains(&appointment.uid);
    let mut items = Vec::new();
    for record in store.visits()? {
        if !matches!(record.visit.state, VisitState::Confirmed | VisitState::Done) || record.visit.slot.is_none() {
            continue;
        }
        let Some(matter) = VisitMatter::of(store, record, &mut centres)? else { continue };
        items.extend(matter.appointment(writing).filter(is_near).map(|appointment| wanted("visit", &appointment)));
    }
    for session in store.diagnoses(None)?.iter().filter(|session| session.state != DiagnosisState::Cancelled) {
        items.extend(Some(of_diagnosis(session, writing)).filter(is_near).map(|one| wanted("diagnosis", &one)));
    }
    store.want_calendar(items, now)
}

fn wanted(kind: &str, appointment: &Appointment) -> WantedItem {
    debug_assert!(appointment.standing != Standing::Cancelled, "what is called off is taken out");
    WantedItem {
        uid: appointment.uid.clone(),
        kind: kind.to_owned(),
        wanted: fingerprint(appointment),
        body: write_object(appointment, None),
    }
}
