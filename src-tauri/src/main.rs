//! Deskbell's window, tray and notifications: a thin shell around the desk of `deskbell-api`.
//!
//! Owns what only a desktop has. Knows no ticket, database or network. The invariant that matters:
//! everything the window asks goes through one command, everything it is told through one channel.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

mod dial;
mod files;
mod graphics;
mod links;
mod logs;
mod look;
mod notify;
mod power;
mod rpc;
mod shell;
mod startup;
mod tray;
mod window;

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

fn main() -> ExitCode {
    let started = Instant::now();
    let fitted = graphics::fit_machine();
    let arguments: Vec<String> = std::env::args_os().skip(1).map(|argument| argument.to_string_lossy().into_owned()).collect();
    let data_dir = deskbell_desktop::data_dir().unwrap_or_else(|| PathBuf::from("deskbell"));
    logs::start(&data_dir);
    if !graphics::has_screen() {
        return give_up(
            "There is no screen: neither DISPLAY nor WAYLAND_DISPLAY is set. Open Deskbell in a desktop session, or use deskctl, which needs none.",
        );
    }
    if let Err(error) = fitted {
        tracing::warn!(%error, "The window may start slowly: there is no graphics device.");
    }
    if let Err(error) = graphics::ensure_mode(&data_dir, &arguments) {
        tracing::warn!(%error, "The safe graphics mode could not be started; going on without it.");
    }
    match shell::run(data_dir, &arguments, started) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => give_up(&format!("The window system could not be started: {error}")),
    }
}

/// Said in the log, and to whoever started the program from a terminal.
fn give_up(why: &str) -> ExitCode {
    tracing::error!("{why}");
    // Nobody to tell where there is no terminal.
    let _ = writeln!(std::io::stderr(), "{why}");
    ExitCode::FAILURE
}
