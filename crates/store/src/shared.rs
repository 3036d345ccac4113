//! What the writer and the callers see together, in memory.

use std::sync::atomic::{AtomicI64, Ordering};

use deskbell_domain::UtcMs;
use rusqlite::Connection;

use crate::writer::Touched;

/// Held by the store and by its writer.
#[derive(Default)]
pub(crate) struct Shared {
    /// The latest instant any caller told us: what "past its deadline" is measured against.
    now: AtomicI64,
}

impl Shared {
    pub(crate) fn tell_time(&self, now: UtcMs) {
        self.now.fetch_max(now.0, Ordering::Relaxed);
    }

    pub(crate) fn now(&self) -> UtcMs {
        UtcMs(self.now.load(Ordering::Relaxed))
    }

    pub(crate) fn refresh_columns(&self, _connection: &Connection, _touched: &Touched) {}
}
