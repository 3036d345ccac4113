//! Printing: text for people, JSON for programs, errors as what happened, what was kept, what to do.

use std::io::Write as _;
use std::process::ExitCode;

use deskbell_engine::EngineError;
use deskbell_engine::catalogue::Catalogue;
use deskbell_engine::state::{Language, locale};
use serde::Serialize;
use serde_json::json;

pub(crate) struct Output {
    json: bool,
}

impl Output {
    pub(crate) fn new(json: bool) -> Self {
        Self { json }
    }

    /// One answer: `value` as JSON, or the lines of `text`.
    pub(crate) fn answer<T: Serialize>(&self, value: &T, text: impl FnOnce() -> Vec<String>) {
        if self.json {
            self.line(&serde_json::to_string(value).unwrap_or_else(|error| json!({ "error": error.to_string() }).to_string()));
        } else {
            for line in text() {
                self.line(&line);
            }
        }
    }

    /// A closed pipe ends the printing, not the work.
    pub(crate) fn line(&self, line: &str) {
        let _closed_pipe = writeln!(std::io::stdout(), "{line}");
    }

    pub(crate) fn fail(&self, error: &EngineError) -> ExitCode {
        if self.json {
            let _closed_pipe = writeln!(std::io::stderr(), "{}", json!({ "error": error }));
        } else {
            let text = Catalogue::of(language()).error(error);
            let shown = |name: &str| error.args.get(name).map(|value| format!(" ({value})")).unwrap_or_default();
            let detail = [shown("field"), shown("operation"), shown("detail")].concat();
            let _closed_pipe = writeln!(
                std::io::stderr(),
                "deskctl: {}{detail}\n  {}\n  {}\n  [{}]",
                text.what,
                text.kept,
                text.next,
                error.code
            );
        }
        ExitCode::FAILURE
    }

    pub(crate) fn fail_plain(&self, text: &str) -> ExitCode {
        let _closed_pipe = writeln!(std::io::stderr(), "deskctl: {text}");
        ExitCode::FAILURE
    }
}

/// The terminal's language.
pub(crate) fn language() -> Language {
    match locale().as_deref() {
        // A bare terminal without a locale can rarely show Chinese.
        None | Some("C" | "POSIX") => Language::En,
        some => Language::from_locale(some),
    }
}
