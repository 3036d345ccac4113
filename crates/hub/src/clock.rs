//! The only place that reads the time.

use std::time::{SystemTime, UNIX_EPOCH};

use deskbell_domain::UtcMs;

pub(crate) fn now() -> UtcMs {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    UtcMs(since.map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX)))
}
