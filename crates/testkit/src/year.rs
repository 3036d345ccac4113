//! A year of a desk by a clock that is moved: random histories, alerts through the real store and the real looks of the bell,
//! and an oracle that steps from minute to minute and knows nothing of either.
//!
//! Owns: what happens ([`history`]), what has to ring ([`oracle`]), and playing it ([`run`]). The oracle is written from the
//! design's words about clocks and alerts; it uses no code of the SLA, the store or the engine.

#![expect(clippy::indexing_slicing, reason = "a world indexes its own lists; a slip stops the run, which is what it is for")]

pub mod history;
pub mod oracle;
mod play;
mod verdict;

pub use play::run;

/// How large a year is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    pub seed: u64,
    pub tickets: usize,
    pub days: i64,
    /// Restarts, kills, sleeps and clock steps together.
    pub disruptions: usize,
}

impl Size {
    /// What the proof is about.
    #[must_use]
    pub const fn full(seed: u64) -> Self {
        Self { seed, tickets: 20_000, days: 365, disruptions: 200 }
    }

    /// Small enough for every run of the tests.
    #[must_use]
    pub const fn small(seed: u64) -> Self {
        Self { seed, tickets: 150, days: 40, disruptions: 40 }
    }
}

/// What happened, and what was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    pub events: usize,
    pub pulls: usize,
    pub looks: usize,
    pub restarts: usize,
    pub kills: usize,
    pub sleeps: usize,
    pub steps_forward: usize,
    pub steps_back: usize,
    /// Alerts that the oracle expects, each with whether it is shown or gives way to a later one of its clock.
    pub expected: usize,
    pub raised: usize,
    pub shown: usize,
    pub superseded: usize,
    pub notifications: usize,
    pub digests: usize,
    /// Shown, and not in any notification: a kill fell between handing over and the answer, or a later threshold came while
    /// a digest waited its turn. They rang in the app.
    pub in_app_only: usize,
    /// What should not be; the first few.
    pub faults: Vec<String>,
    pub fault_count: usize,
}

impl Report {
    /// Faults named in full.
    const FAULTS_MAX: usize = 20;

    pub(crate) fn fault(&mut self, what: String) {
        self.fault_count += 1;
        if self.faults.len() < Self::FAULTS_MAX {
            self.faults.push(what);
        }
    }
}
