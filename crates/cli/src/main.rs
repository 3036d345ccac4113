//! deskctl: the same data and the same engine as the window, without a window.
//!
//! Owns: reading arguments, printing answers as text or JSON, exit codes (0 ok, 1 failure, 2 usage).
//! Must not know: SQL, HTTP. Secrets come from standard input or the keyring, never from arguments.

mod args;
mod commands;
mod output;
mod session;

use std::process::ExitCode;

use clap::Parser as _;

use crate::args::{Arguments, Command};
use crate::output::Output;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    start_log();
    let output = Output::new(arguments.json);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return output.fail_plain(&error.to_string()),
    };
    let result = runtime.block_on(run(&arguments, &output));
    runtime.shutdown_timeout(std::time::Duration::from_secs(2));
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => output.fail(&error),
    }
}

async fn run(arguments: &Arguments, output: &Output) -> Result<(), deskbell_engine::EngineError> {
    match &arguments.command {
        Command::Sla(command) => commands::sla::run(arguments, command, output).await,
        Command::Demo { command } => commands::demo::run(arguments, command.as_ref(), output).await,
        Command::Account(command) => commands::account::run(arguments, command, output).await,
        Command::Sync { account, watch } => commands::sync::run(arguments, account.as_deref(), *watch, output).await,
        Command::Ticket(command) => commands::ticket::run(arguments, command, output).await,
        Command::Search { query, limit, filter } => commands::search::run(arguments, query, *limit, filter, output).await,
        Command::Outbox(command) => commands::outbox::run(arguments, command, output).await,
        Command::Alerts(command) => commands::alerts::run(arguments, command, output).await,
        Command::Reminders(command) => commands::reminders::run(arguments, command, output).await,
        Command::Robots(command) => commands::robots::run(arguments, command, output).await,
        Command::Phones(command) => commands::phones::run(arguments, command, output).await,
        Command::Centres(command) => commands::centres::run(arguments, command, output).await,
        Command::Visit(command) => commands::visit::run(arguments, command, output).await,
        Command::Handover(wanted) => commands::handover::run(arguments, wanted, output).await,
        Command::Import(command) => commands::import::run(arguments, command, output).await,
        Command::Calendar(command) => commands::calendar::run(arguments, command, output).await,
        Command::Diagnosis(command) => commands::diagnosis::run(arguments, command, output).await,
        Command::Db(command) => commands::db::run(arguments, command, output).await,
    }
}

/// Warnings to standard error; more with `DESKBELL_LOG=info`.
fn start_log() {
    let filter = tracing_subscriber::EnvFilter::try_from_env("DESKBELL_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("error"));
    let _already_set = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).try_init();
}
