//! `deskctl db`.

use std::io::Read as _;
use std::path::Path;

use deskbell_domain::Code;
use deskbell_engine::EngineError;
use deskbell_engine::backup;
use deskbell_engine::opening::SecretKeeper;
use deskbell_engine::ports::Clock as _;
use deskbell_engine::records::Store;
use deskbell_engine::system::SystemClock;

use crate::args::{Arguments, DbCommand};
use crate::output::Output;
use crate::session;

/// Longest passphrase, in bytes.
const PASSPHRASE_BYTES_MAX: u64 = 4_096;

pub(crate) async fn run(arguments: &Arguments, command: &DbCommand, output: &Output) -> Result<(), EngineError> {
    match command {
        DbCommand::Check => check(arguments, output).await,
        DbCommand::Stats => stats(arguments, output).await,
        DbCommand::Backup { file, passphrase } => back_up(arguments, file, *passphrase, output),
        DbCommand::Restore { file, passphrase } => restore(arguments, file, *passphrase, output),
        DbCommand::Rekey => rekey(arguments, output),
    }
}

async fn check(arguments: &Arguments, output: &Output) -> Result<(), EngineError> {
    let report = session::open(arguments)?.read(Store::check).await?;
    output.answer(&report, || if report.ok { vec!["The database is sound.".to_owned()] } else { report.problems.clone() });
    if report.ok { Ok(()) } else { Err(EngineError::new(Code::DatabaseCorrupt)) }
}

async fn stats(arguments: &Arguments, output: &Output) -> Result<(), EngineError> {
    let stats = session::open(arguments)?.read(Store::stats).await?;
    output.answer(&stats, || {
        vec![format!("{} tickets, {} notes, {} operations, {} bytes", stats.tickets, stats.notes, stats.operations, stats.bytes)]
    });
    Ok(())
}

fn back_up(arguments: &Arguments, file: &Path, from_input: bool, output: &Output) -> Result<(), EngineError> {
    let typed = if from_input { Some(typed()?) } else { None };
    let (_, store, keeper) = session::open_store(arguments)?;
    let of_vault = if matches!(keeper, SecretKeeper::Vault(_)) { session::passphrase() } else { None };
    let made = backup::back_up(&store, file, typed.or(of_vault).as_deref(), SystemClock.now())?;
    output.answer(&made, || {
        let report = &made.report;
        let mut lines = vec![format!(
            "{}: {} tickets, {} edits that wait, {} files that no server has, {} bytes.",
            report.path.display(),
            report.tickets,
            report.waiting,
            report.files,
            report.bytes
        )];
        lines.push(match &made.key_file {
            Some(key) => format!("Its key is in {}, under the passphrase: keep both.", key.display()),
            None => {
                "It opens with the key in this machine's keyring only; --passphrase makes one that opens anywhere.".to_owned()
            }
        });
        if report.files_missing > 0 {
            lines.push(format!("{} such files could not be read and are not in it.", report.files_missing));
        }
        lines
    });
    Ok(())
}

fn restore(arguments: &Arguments, file: &Path, from_input: bool, output: &Output) -> Result<(), EngineError> {
    let passphrase = if from_input { Some(typed()?) } else { session::passphrase() };
    let (_, store, keeper) = session::open_store(arguments)?;
    let report = backup::restore(store, keeper, file, passphrase.as_deref(), SystemClock.now())?;
    output.answer(&report, || {
        let aside = report.kept_aside.as_deref().unwrap_or(Path::new(""));
        let mut lines = vec![
            format!("The desk is as it was at {}: {} tickets.", report.made_at.to_rfc3339(), report.tickets),
            format!("{} edits waited then. Each is looked for on its server before it is sent.", report.waiting),
            format!("The database before it is kept: {}. It can be put back in the same way.", aside.display()),
        ];
        if report.files_missing > 0 {
            lines.push(format!("{} files that no server has are missing.", report.files_missing));
        }
        lines
    });
    Ok(())
}

fn rekey(arguments: &Arguments, output: &Output) -> Result<(), EngineError> {
    let (dir, store, keeper) = session::open_store(arguments)?;
    let report = backup::change_key(&dir, store, keeper, session::passphrase().as_deref())?;
    output.answer(&report, || {
        let mut lines = vec![
            format!("The database and {} files are under a new key.", report.files),
            "Earlier backups and databases that were kept aside open with their .key file only.".to_owned(),
        ];
        if report.files_unreadable > 0 {
            lines.push(format!(
                "{} files could not be read; they are fetched again where a server has them.",
                report.files_unreadable
            ));
        }
        lines
    });
    Ok(())
}

/// The first line of standard input.
fn typed() -> Result<String, EngineError> {
    let mut text = String::new();
    let read = std::io::stdin().take(PASSPHRASE_BYTES_MAX).read_to_string(&mut text);
    let line = text.lines().next().unwrap_or_default().to_owned();
    if read.is_err() || line.is_empty() {
        return Err(EngineError::with_detail(Code::InputInvalid, "standard input has no passphrase").arg("field", "passphrase"));
    }
    Ok(line)
}
