//! `deskctl sla …` as clap reads it.

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Debug, Subcommand)]
pub(crate) enum SlaCommand {
    /// Evaluate acceptance cases; `-` or nothing reads standard input.
    Eval { file: Option<PathBuf> },
    /// What a history would have been under other rules: a ServiceNow incident log (CSV), our NDJSON, or own tickets.
    Replay(ReplayArgs),
    /// Running clocks by deadline, longest overdue first.
    Status {
        #[arg(long, default_value_t = 100)]
        limit: u32,
    },
    /// Policies and calendars.
    #[command(subcommand)]
    Rules(RulesCommand),
}

#[derive(Debug, Subcommand)]
pub(crate) enum RulesCommand {
    /// Every version; with --json in full, one of `sets` is what `check` and `put` take.
    Show,
    /// Everything that is wrong with a file of rules.
    Check { file: PathBuf },
    /// Save a file of rules; clocks that run keep the rules in force when they started.
    Put {
        file: PathBuf,
        /// RFC 3339; without it, now.
        #[arg(long, value_name = "DATE", conflicts_with = "backwards")]
        from: Option<String>,
        /// For every clock there is, instead of every earlier version.
        #[arg(long)]
        backwards: bool,
        /// Only say what it would change.
        #[arg(long)]
        dry_run: bool,
    },
    /// What a holiday notice says: our JSON, or a year of holiday-cn.
    Holidays { file: PathBuf },
}

#[derive(Debug, Args)]
pub(crate) struct ReplayArgs {
    /// The history.
    #[arg(required_unless_present = "store", conflicts_with = "store")]
    pub file: Option<PathBuf>,
    /// Every ticket of this data directory instead of a file.
    #[arg(long)]
    pub store: bool,
    /// Candidate rules as JSON (policies and calendars); without it, those in force.
    #[arg(long, value_name = "FILE.json")]
    pub rules: Option<PathBuf>,
    /// Zone of dates that name none; without it, that of the rules' office hours.
    #[arg(long, value_name = "ZONE", conflicts_with = "store")]
    pub tz: Option<String>,
    /// Whether 03-04-2026 is in April (dmy) or in March (mdy); without it, told from the file.
    #[arg(long, value_name = "dmy|mdy", value_parser = ["dmy", "mdy"], conflicts_with = "store")]
    pub dates: Option<String>,
}
