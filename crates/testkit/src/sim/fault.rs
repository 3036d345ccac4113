//! What goes wrong between a desk and the server.

use std::collections::BTreeMap;

/// When the server acts on a request that its client hears nothing of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    Before,
    Never,
    /// This many milliseconds after the request was given up.
    Later(i64),
}

/// One request's fate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// No connection: nothing left the machine.
    Unreachable,
    /// The bytes left and no answer came.
    TimedOut(Effect),
    /// 500, which says nothing about what happened.
    Failed(Effect),
    /// 429 with this Retry-After in milliseconds.
    RateLimited(u64),
    /// 503: nothing happened.
    Unavailable,
    /// The page breaks off.
    Truncated,
    /// The feed repeats what was there before.
    Repeated,
    /// The desk is killed while it waits for the answer.
    Killed(Effect),
}

impl Fault {
    /// Its name in the report.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::TimedOut(Effect::Before) => "timeout after commit",
            Self::TimedOut(Effect::Never) => "timeout before commit",
            Self::TimedOut(Effect::Later(_)) => "timeout, commit later",
            Self::Failed(Effect::Before) => "500 after commit",
            Self::Failed(_) => "500 before commit",
            Self::RateLimited(_) => "429 with Retry-After",
            Self::Unavailable => "503",
            Self::Truncated => "truncated page",
            Self::Repeated => "repeated page",
            Self::Killed(Effect::Before) => "kill in flight, committed",
            Self::Killed(Effect::Never) => "kill in flight, not committed",
            Self::Killed(Effect::Later(_)) => "kill in flight, committed later",
        }
    }
}

/// How often each fault was met.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FaultCounts(pub BTreeMap<&'static str, u64>);

impl FaultCounts {
    pub fn count(&mut self, name: &'static str) {
        *self.0.entry(name).or_default() += 1;
    }

    pub fn add(&mut self, other: &Self) {
        for (name, times) in &other.0 {
            *self.0.entry(name).or_default() += times;
        }
    }
}
