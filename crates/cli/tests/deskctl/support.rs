//! A data directory with a passphrase vault, and deskctl on it.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::Arc;

use deskbell_engine::ports::Clock as _;
use deskbell_engine::system::{SilentNotifier, SystemClock, SystemConnector, SystemRng};
use deskbell_engine::{Engine, EnginePorts, opening};
use serde_json::Value;
use tempfile::TempDir;

pub(crate) const PASSPHRASE: &str = "铃 bell";

/// A desk of its own.
pub(crate) struct Desk {
    pub(crate) dir: TempDir,
}

impl Desk {
    pub(crate) fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    /// With one ticket, the first.
    pub(crate) fn with_ticket() -> Self {
        let desk = Self::new();
        let line = r#"{"id":"T-1","subject":"网关间歇 502","status":"open","priority":"urgent","customer":"华东支付",
            "created_at":"2026-11-21T02:00:00Z","updated_at":"2026-11-21T03:00:00Z","notes":[]}"#;
        let imported = desk.run_with(&["--json", "import", "tickets", "-"], &line.replace('\n', " "));
        assert_eq!(answer(&imported)["tickets"], 1);
        desk
    }

    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_deskctl"));
        command.args(arguments).env("DESKBELL_DATA_DIR", self.path()).env("DESKBELL_PASSPHRASE", PASSPHRASE);
        command.env("DESKBELL_NO_KEYRING", "1").env("LC_ALL", "en_US.UTF-8").env_remove("DESKBELL_LOG");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    pub(crate) fn run_with(&self, arguments: &[&str], input: &str) -> Output {
        let mut child = self.command(arguments).stdin(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        child.wait_with_output().unwrap()
    }

    /// The one JSON value that a command answers.
    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        answer(&self.run(&[&["--json"], arguments].concat()))
    }

    /// What a command prints for people.
    pub(crate) fn text(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// The failure that a command answers, as JSON.
    pub(crate) fn failure(&self, arguments: &[&str]) -> Value {
        let output = self.run(&[&["--json"], arguments].concat());
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {}", String::from_utf8_lossy(&output.stdout));
        serde_json::from_slice::<Value>(&output.stderr).unwrap()["error"].take()
    }

    /// The desk's engine in this process.
    pub(crate) fn engine(&self) -> Arc<Engine> {
        let (store, keeper) = opening::unlock_vault(self.path(), PASSPHRASE, SystemClock.now()).unwrap();
        let ports = EnginePorts {
            clock: Arc::new(SystemClock),
            rng: Arc::new(SystemRng),
            notifier: Arc::new(SilentNotifier),
            connector: Arc::new(SystemConnector),
        };
        Engine::new(store, keeper, ports, self.path()).unwrap()
    }
}

fn answer(output: &Output) -> Value {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}
