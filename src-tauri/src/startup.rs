//! How far the first window has come and when, on stderr where it is asked for: the benchmark reads it.

use std::io::Write;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// Set to trace starts on stderr, as lines `moment-ms=N`, milliseconds since the start of the program.
const TRACE_VARIABLE: &str = "DESKBELL_TRACE_STARTUP";

/// The moments of a start, each said once.
pub(crate) struct Startup {
    started: Instant,
    said: Option<Mutex<Vec<&'static str>>>,
}

impl Startup {
    pub(crate) fn new(started: Instant) -> Self {
        Self { started, said: std::env::var_os(TRACE_VARIABLE).map(|_| Mutex::default()) }
    }

    /// `page_ms`: the same moment since the page began to load.
    pub(crate) fn reached(&self, moment: &'static str, page_ms: Option<u64>) {
        let Some(said) = &self.said else { return };
        let mut said = said.lock().unwrap_or_else(PoisonError::into_inner);
        if said.contains(&moment) {
            return;
        }
        said.push(moment);
        let since_start = self.started.elapsed().as_millis();
        let page = page_ms.map(|ms| format!(" page-ms={ms}")).unwrap_or_default();
        let _ = writeln!(std::io::stderr(), "{moment}-ms={since_start}{page}");
    }
}
