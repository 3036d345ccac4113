//! `deskctl alerts …`, `deskctl reminders …` and `deskctl robots …` as clap reads them.

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Debug, Subcommand)]
pub(crate) enum AlertsCommand {
    /// What rang, newest first.
    List {
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=500))]
        limit: u32,
        /// Only what stands and nobody acknowledged, one a clock.
        #[arg(long)]
        open: bool,
    },
    /// Prints each alert once as it rings, until interrupted. Beside a running desk it follows; alone it keeps the clocks.
    Watch {
        /// Ends after so many seconds.
        #[arg(long)]
        seconds: Option<u64>,
    },
    /// Marks alerts as seen.
    Ack {
        #[arg(required = true)]
        ids: Vec<i64>,
    },
    /// Rings again later, never past the deadline.
    Snooze {
        #[arg(required = true)]
        ids: Vec<i64>,
        #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=10_080))]
        minutes: u32,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum RemindersCommand {
    /// What rang or is kept back, newest first.
    List {
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=500))]
        limit: u32,
        /// Only what stands and nobody acknowledged, what begins soonest first.
        #[arg(long)]
        open: bool,
    },
    /// What will ring, soonest first.
    Coming {
        #[arg(long, default_value_t = 14, value_parser = clap::value_parser!(u32).range(1..=366))]
        days: u32,
    },
    /// Marks reminders as seen.
    Ack {
        #[arg(required = true)]
        ids: Vec<i64>,
    },
    /// Rings again later: at the start at the latest while that is ahead, else while it lasts.
    Snooze {
        #[arg(required = true)]
        ids: Vec<i64>,
        #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=10_080))]
        minutes: u32,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum RobotsCommand {
    /// Robots, by group chat.
    List,
    /// Keep a robot. Standard input holds its webhook address, and on a second line its signing secret where it has one.
    Add(AddRobot),
    /// Send a test message now.
    Test { robot: String },
    /// Forget a robot, its secrets and its log.
    Remove { robot: String },
    /// Messages that went, wait or failed, newest first.
    Log {
        robot: Option<String>,
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=500))]
        limit: u32,
    },
    /// Send a message again that failed or is in doubt.
    Retry { id: i64 },
}

#[derive(Debug, Args)]
pub(crate) struct AddRobot {
    /// dingtalk, wecom or feishu.
    #[arg(long)]
    pub kind: String,
    #[arg(long)]
    pub name: String,
    /// Rules as JSON, a list; instead of the options below.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["breach_only", "no_alerts", "no_escalations", "mention", "filter"])]
    pub rules: Option<PathBuf>,
    /// Tell breaches only, not the thresholds before them.
    #[arg(long)]
    pub breach_only: bool,
    /// Tell nothing but escalations.
    #[arg(long, conflicts_with = "breach_only")]
    pub no_alerts: bool,
    #[arg(long)]
    pub no_escalations: bool,
    /// A mobile number, a user id of the platform, or all; may be given several times.
    #[arg(long)]
    pub mention: Vec<String>,
    /// As in `search`.
    #[arg(long, value_name = "KEY=VALUE")]
    pub filter: Vec<String>,
}
