//! Dying on purpose, for tests (feature `failpoints`): from a chosen commit on the store answers every call with an error and
//! writes nothing more, as if the process had been killed there. Dropped and opened again it is the next start.
//!
//! Without the feature all of this is empty.

#[cfg(feature = "failpoints")]
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::error::Result;

/// Where the kill falls.
#[cfg(feature = "failpoints")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// The commit is not made.
    BeforeCommit,
    /// The commit is made, and its caller never hears of it.
    AfterCommit,
}

/// Counts commits and knows at which one to die.
#[derive(Debug, Default)]
pub(crate) struct Failpoint {
    #[cfg(feature = "failpoints")]
    dead: AtomicBool,
    #[cfg(feature = "failpoints")]
    commits: AtomicU64,
    /// Number of the commit to die at, doubled; odd for after it. 0: none.
    #[cfg(feature = "failpoints")]
    fuse: AtomicU64,
}

#[cfg(not(feature = "failpoints"))]
#[expect(clippy::unused_self, clippy::unnecessary_wraps, reason = "the feature gives these a body")]
impl Failpoint {
    pub(crate) const fn alive(&self) -> Result<()> {
        Ok(())
    }
    pub(crate) const fn before_commit(&self) -> Result<()> {
        Ok(())
    }
    pub(crate) const fn after_commit(&self) -> Result<()> {
        Ok(())
    }
}

#[cfg(feature = "failpoints")]
impl Failpoint {
    pub(crate) fn alive(&self) -> Result<()> {
        if self.dead.load(Ordering::SeqCst) {
            return Err(crate::StoreError::new(deskbell_domain::Code::Storage, "the process was killed here"));
        }
        Ok(())
    }

    pub(crate) fn before_commit(&self) -> Result<()> {
        let number = self.commits.load(Ordering::SeqCst) + 1;
        self.burn(number * 2)
    }

    pub(crate) fn after_commit(&self) -> Result<()> {
        let number = self.commits.fetch_add(1, Ordering::SeqCst) + 1;
        self.burn(number * 2 + 1)
    }

    fn burn(&self, at: u64) -> Result<()> {
        if self.fuse.load(Ordering::SeqCst) == at {
            self.dead.store(true, Ordering::SeqCst);
        }
        self.alive()
    }
}

#[cfg(feature = "failpoints")]
impl crate::Store {
    fn failpoint(&self) -> &Failpoint {
        &self.inner.shared.failpoint
    }

    /// Commits made since the store was opened.
    #[must_use]
    pub fn commits(&self) -> u64 {
        self.failpoint().commits.load(Ordering::SeqCst)
    }

    /// Dies at the `nth` commit from now; 1 is the next. A later call replaces an earlier one.
    pub fn die_at_commit(&self, nth: u64, moment: Moment) {
        let number = self.commits().saturating_add(nth.max(1));
        let after = u64::from(moment == Moment::AfterCommit);
        self.failpoint().fuse.store(number.saturating_mul(2).saturating_add(after), Ordering::SeqCst);
    }

    /// Dies now.
    pub fn die(&self) {
        self.failpoint().dead.store(true, Ordering::SeqCst);
    }

    /// Whether every call fails from now on.
    #[must_use]
    pub fn is_dead(&self) -> bool {
        self.failpoint().dead.load(Ordering::SeqCst)
    }
}
