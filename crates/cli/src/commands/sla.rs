//! `deskctl sla`.

use std::io::Read as _;
use std::path::Path;

use deskbell_domain::Code;
use deskbell_domain::sla::cases::evaluate_file;
use deskbell_engine::EngineError;

use crate::args::{Arguments, SlaCommand};
use crate::output::Output;

/// Largest file of cases, in bytes.
const CASES_BYTES_MAX: u64 = 64 * 1024 * 1024;

pub(crate) async fn run(arguments: &Arguments, command: &SlaCommand, output: &Output) -> Result<(), EngineError> {
    match command {
        SlaCommand::Eval { file } => eval(file.as_deref(), output),
        SlaCommand::Status { limit } => super::rules::status(arguments, *limit, output).await,
        SlaCommand::Rules(rules) => super::rules::run(arguments, rules, output).await,
        SlaCommand::Replay(replay) => super::replay::run(arguments, replay, output).await,
    }
}

fn eval(file: Option<&Path>, output: &Output) -> Result<(), EngineError> {
    let text = match file {
        Some(path) if path != Path::new("-") => {
            let opened = std::fs::File::open(path).map_err(|error| unreadable(&format!("{}: {error}", path.display())))?;
            read_limited(opened)?
        }
        _ => read_limited(std::io::stdin())?,
    };
    let cases: serde_json::Value = serde_json::from_str(&text).map_err(|error| unreadable(&error.to_string()))?;
    output.line(&evaluate_file(&cases).to_string());
    Ok(())
}

fn read_limited(source: impl std::io::Read) -> Result<String, EngineError> {
    let mut text = String::new();
    source.take(CASES_BYTES_MAX).read_to_string(&mut text).map_err(|error| unreadable(&error.to_string()))?;
    Ok(text)
}

fn unreadable(detail: &str) -> EngineError {
    EngineError::with_detail(Code::InputInvalid, detail).arg("field", "file")
}
