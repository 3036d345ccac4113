//! What a reader took for granted, and what it could not use.

use std::collections::BTreeMap;

use deskbell_domain::Code;
use serde::Serialize;
use ts_rs::TS;

use crate::error::EngineError;

/// Problems listed with their line; the rest is counted.
pub const PROBLEMS_LISTED_MAX: usize = 100;
/// Longest text of a problem, in characters.
const PROBLEM_TEXT_MAX: usize = 80;

/// What was taken for granted. The texts are in the catalogue (`replay-note-<kind>`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ReplayNoteKind {
    /// `tz`: the zone of dates without one.
    TimeZone,
    /// `order`: `dmy` or `mdy`.
    DateOrder,
    /// `until`: open clocks are judged as of then (RFC 3339).
    HistoryEnd,
    /// A ticket begins when it was opened, not when it was entered.
    OpenedAt,
    /// The first row out of New is the first response, by who made it.
    FirstResponse,
    /// No customer replies are known, so next responses cannot be counted.
    NoReplies,
    /// Which states pause: awaiting user info or evidence is waiting for the customer, awaiting vendor, problem or change
    /// for the vendor.
    States,
    /// 1 is urgent, 2 important, 3 and below routine.
    Priorities,
    /// `count`: rows whose number of reopenings rose without an open state between.
    HiddenReopenings,
    /// `count`: incidents without a resolved row take the resolved column's instant.
    ResolvedColumn,
    /// `count`: rows older than their incident's opening are moved there.
    BeforeOpening,
    /// `count`: rows without a priority keep the one before.
    PriorityKept,
    /// The customer is the caller and the product the category; nobody is VIP.
    Traits,
    /// The file is read as GBK.
    Gbk,
    /// The ticket's last status is told, with the time of its last update; what came between is not.
    LastStatusOnly,
    /// Present customer, product and tags choose the policy.
    PresentTraits,
}

/// One thing that was taken for granted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct ReplayNote {
    pub kind: ReplayNoteKind,
    pub args: BTreeMap<String, String>,
}

/// Why a row was not used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ProblemKind {
    /// Fewer or more fields than the first line has.
    FieldCount,
    NumberMissing,
    DateMissing,
    DateUnreadable,
    StateUnknown,
    PriorityUnknown,
    /// Not a ticket in our NDJSON.
    NotATicket,
    LineTooLong,
}

/// A row that was not used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct HistoryProblem {
    #[ts(type = "number")]
    pub line: u64,
    pub kind: ProblemKind,
    /// What stood there, cut short.
    pub text: String,
}

/// Collected while a history is read.
#[derive(Debug, Default)]
pub(super) struct Notes {
    notes: Vec<ReplayNote>,
    counted: BTreeMap<ReplayNoteKind, u64>,
    problems: Vec<HistoryProblem>,
    problems_total: u64,
}

impl Notes {
    pub(super) fn add<const N: usize>(&mut self, kind: ReplayNoteKind, args: [(&str, String); N]) {
        self.notes.push(ReplayNote { kind, args: super::note_args(args) });
    }

    pub(super) fn count(&mut self, kind: ReplayNoteKind) {
        *self.counted.entry(kind).or_default() += 1;
    }

    pub(super) fn problem(&mut self, line: u64, kind: ProblemKind, text: &str) {
        self.problems_total += 1;
        if self.problems.len() < PROBLEMS_LISTED_MAX {
            let text = text.chars().filter(|character| !character.is_control()).take(PROBLEM_TEXT_MAX).collect();
            self.problems.push(HistoryProblem { line, kind, text });
        }
    }

    /// Why there is no ticket: the first bad row, if there is one.
    pub(super) fn nothing(&self) -> EngineError {
        let error = EngineError::new(Code::HistoryEmpty);
        match self.problems.first() {
            Some(first) => error.arg("line", first.line.to_string()).arg("detail", first.text.clone()),
            None => error,
        }
    }

    pub(super) fn told(self) -> (Vec<ReplayNote>, Vec<HistoryProblem>, u64) {
        let mut notes = self.notes;
        let counted = self.counted.into_iter();
        notes.extend(counted.map(|(kind, count)| ReplayNote { kind, args: super::note_args([("count", count.to_string())]) }));
        (notes, self.problems, self.problems_total)
    }
}
