//! Replaying a history under candidate rules: what would have been late, and when the bell would have rung.
//!
//! Owns: where tickets come from (our own store, a ServiceNow incident log, our NDJSON), progress, being stopped. Counting
//! is `domain::sla::replay`'s. Nothing here writes to the store. Memory is bounded: own history and NDJSON are streamed,
//! of an incident log only what counts is held, at most [`LOG_ROWS_MAX`] rows.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use deskbell_domain::sla::replay::{ComparedRow, ReplayReport, ReplayTicket, Replayer, compare};
use deskbell_domain::sla::rules::{RuleBook, RuleSet};
use deskbell_domain::{Code, UtcMs};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::engine::{Engine, guard};
use crate::error::EngineError;
use crate::events::DeskEvent;

mod dates;
mod export;
mod file;
mod incident_log;
mod incident_rows;
mod lines;
mod notes;
mod own;

pub use dates::DateOrder;
pub use file::{FILE_BYTES_MAX, PickedHistory};
pub use incident_rows::LOG_ROWS_MAX;
pub use notes::{HistoryProblem, PROBLEMS_LISTED_MAX, ProblemKind, ReplayNote, ReplayNoteKind};

use notes::Notes;

/// Files that stay chosen; the oldest makes room.
const PICKED_MAX: usize = 8;
/// Between two events about how far a run is.
const PROGRESS_EVERY: Duration = Duration::from_millis(150);
/// Tickets between two looks at the clock and at whether to stop.
const LOOK_EVERY: u64 = 2_000;

/// Where the tickets come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum ReplaySource {
    /// Every ticket on this computer, deleted and merged ones too, up to now.
    Store,
    /// A file that was chosen.
    File {
        token: String,
        /// IANA name of the zone of its dates; absent, that of the candidate's office hours.
        #[serde(default)]
        tz: Option<String>,
        /// Whether `03-04-2026` is in April or in March; absent, told from the file.
        #[serde(default)]
        dates: Option<DateOrder>,
    },
}

/// How a file's dates are read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HistoryOptions {
    pub tz: Option<String>,
    pub dates: Option<DateOrder>,
}

/// A report, what it is compared with, and what was taken for granted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct ReplayAnswer {
    pub candidate: ReplayReport,
    /// The same history under the rules in force; `None` when those are the candidate.
    pub in_force: Option<ReplayReport>,
    pub comparison: Vec<ComparedRow>,
    pub assumptions: Vec<ReplayNote>,
    /// Rows that were not used, the first [`PROBLEMS_LISTED_MAX`].
    pub problems: Vec<HistoryProblem>,
    #[ts(type = "number")]
    pub problems_total: u64,
    /// Milliseconds that it took.
    #[ts(type = "number")]
    pub took_ms: u64,
}

/// Runs and chosen files of a running engine.
#[derive(Default)]
pub(crate) struct Replays {
    /// Number of the latest run, or one more after a stop: older runs end.
    current: AtomicU64,
    picked: Mutex<Vec<(String, PathBuf)>>,
    last: Mutex<Option<Arc<ReplayAnswer>>>,
}

/// How far a run is.
pub type ReplayProgress<'a> = &'a mut dyn FnMut(u64, Option<u64>) -> Result<(), EngineError>;

/// Counts one history under one or two sets of rules.
struct Course<'a> {
    candidate: Replayer<'a>,
    in_force: Option<Replayer<'a>>,
    total: Option<u64>,
    progress: ReplayProgress<'a>,
}

impl Course<'_> {
    fn take(&mut self, ticket: &ReplayTicket) -> Result<(), EngineError> {
        self.candidate.add(ticket);
        if let Some(in_force) = &mut self.in_force {
            in_force.add(ticket);
        }
        let done = self.candidate.tickets();
        if done.is_multiple_of(LOOK_EVERY) {
            (self.progress)(done, self.total)?;
        }
        Ok(())
    }

    fn answer(self, notes: Notes, began: Instant) -> Result<ReplayAnswer, EngineError> {
        if self.candidate.tickets() == 0 {
            return Err(notes.nothing());
        }
        let candidate = self.candidate.finish();
        let in_force = self.in_force.map(Replayer::finish);
        let comparison = in_force.as_ref().map_or_else(Vec::new, |in_force| compare(in_force, &candidate));
        let (assumptions, problems, problems_total) = notes.told();
        let took_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        Ok(ReplayAnswer { candidate, in_force, comparison, assumptions, problems, problems_total, took_ms })
    }
}

/// The rules of a replay.
pub struct ReplayRules {
    candidate: RuleBook,
    /// `None` when the candidate is what is in force.
    in_force: Option<RuleBook>,
}

impl ReplayRules {
    /// `set` as the only rules there ever were, against the rules in force; those alone without a set.
    ///
    /// # Errors
    /// `rules_invalid` for a set in which something is wrong.
    pub fn new(set: Option<RuleSet>, in_force: RuleBook) -> Result<Self, EngineError> {
        let Some(set) = set else { return Ok(Self { candidate: in_force, in_force: None }) };
        if let Some(problem) = set.problems().into_iter().next() {
            return Err(EngineError::with_detail(Code::RulesInvalid, problem.place.clone()).arg("place", problem.place));
        }
        Ok(Self { candidate: RuleBook { sets: vec![RuleSet { from: None, ..set }] }, in_force: Some(in_force) })
    }

    fn course<'a>(&'a self, until: UtcMs, total: Option<u64>, progress: ReplayProgress<'a>) -> Course<'a> {
        Course {
            candidate: Replayer::new(&self.candidate, until),
            in_force: self.in_force.as_ref().map(|book| Replayer::new(book, until)),
            total,
            progress,
        }
    }

    /// The zone of the office hours: those of the last policy, which serves everyone else.
    fn zone(&self) -> chrono_tz::Tz {
        let office = self.candidate.sets.last().and_then(|set| set.calendars.get(&set.policies.last()?.calendar_id));
        office.map_or(chrono_tz::UTC, |named| named.calendar.tz())
    }
}

/// Replays a file. Blocks.
///
/// # Errors
/// `file_unreadable`, the `history_*` codes, `input_invalid` for an unknown zone, and what `progress` answers to stop it.
pub fn replay_file(
    path: &Path,
    options: &HistoryOptions,
    rules: &ReplayRules,
    progress: ReplayProgress<'_>,
) -> Result<ReplayAnswer, EngineError> {
    file::replay(path, options, rules, progress)
}

impl Engine {
    /// Replays a source and keeps the answer for the export. A run that is under way ends.
    ///
    /// # Errors
    /// `history_gone` for a token that is not known, `replay_cancelled`, and those of [`replay_file`].
    pub async fn replay(self: &Arc<Self>, source: ReplaySource, set: Option<RuleSet>) -> Result<Arc<ReplayAnswer>, EngineError> {
        let run = self.replays.current.fetch_add(1, Ordering::SeqCst) + 1;
        let rules = self.replay_rules(set).await?;
        let engine = Arc::clone(self);
        let answer = tokio::task::spawn_blocking(move || engine.replay_blocking(run, &source, &rules)).await??;
        let answer = Arc::new(answer);
        *guard(&self.replays.last) = Some(Arc::clone(&answer));
        Ok(answer)
    }

    fn replay_blocking(&self, run: u64, source: &ReplaySource, rules: &ReplayRules) -> Result<ReplayAnswer, EngineError> {
        let mut told = Instant::now();
        let mut progress = |done: u64, total: Option<u64>| {
            if self.replays.current.load(Ordering::SeqCst) != run {
                return Err(EngineError::new(Code::ReplayCancelled));
            }
            if told.elapsed() >= PROGRESS_EVERY {
                told = Instant::now();
                self.emit(DeskEvent::ReplayChanged { done, total });
            }
            Ok(())
        };
        match source {
            ReplaySource::Store => own::replay(&self.store, self.now(), rules, &mut progress),
            ReplaySource::File { token, tz, dates } => {
                let path = guard(&self.replays.picked).iter().find(|(known, _)| known == token).map(|(_, path)| path.clone());
                let path = path.ok_or_else(|| EngineError::new(Code::HistoryGone))?;
                replay_file(&path, &HistoryOptions { tz: tz.clone(), dates: *dates }, rules, &mut progress)
            }
        }
    }

    /// A set of rules against those in force.
    ///
    /// # Errors
    /// The store's, and `rules_invalid`.
    pub async fn replay_rules(&self, set: Option<RuleSet>) -> Result<ReplayRules, EngineError> {
        ReplayRules::new(set, self.rules_in_force().await?.book.clone())
    }

    /// Ends the run that is under way.
    pub fn cancel_replay(&self) {
        self.replays.current.fetch_add(1, Ordering::SeqCst);
    }

    /// Looks into a file and remembers it under a token.
    ///
    /// # Errors
    /// Those of [`replay_file`], except that dates that could be read in two ways are told in the answer.
    pub async fn pick_history(self: &Arc<Self>, path: PathBuf) -> Result<PickedHistory, EngineError> {
        let token = format!("history-{}", self.replays.current.fetch_add(1, Ordering::SeqCst) + 1);
        let (looked, kept) = (path.clone(), token.clone());
        let picked = tokio::task::spawn_blocking(move || file::look(&looked, kept)).await??;
        let mut known = guard(&self.replays.picked);
        if known.len() >= PICKED_MAX {
            known.remove(0);
        }
        known.push((token, path));
        Ok(picked)
    }

    /// The last answer as a table for spreadsheets.
    ///
    /// # Errors
    /// `input_invalid` when nothing was replayed yet, `file_unwritable`.
    pub async fn export_replay(&self, path: PathBuf) -> Result<(), EngineError> {
        let last = guard(&self.replays.last).clone();
        let last = last.ok_or_else(|| EngineError::new(Code::InputInvalid).arg("field", "replay"))?;
        let text = export::table(&last);
        let write = tokio::task::spawn_blocking(move || std::fs::write(path, text));
        write.await?.map_err(|error| EngineError::with_detail(Code::FileUnwritable, error.to_string()))
    }
}

/// Names and values of a note, ordered.
pub(crate) fn note_args<const N: usize>(args: [(&str, String); N]) -> BTreeMap<String, String> {
    args.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

#[cfg(test)]
mod tests;
