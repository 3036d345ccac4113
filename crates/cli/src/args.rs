//! The command line, as clap reads it.

mod account;
mod bell;
mod calendar;
mod data;
mod directory;
mod handover;
mod sla;
mod ticket;
mod visit;

use std::path::PathBuf;

use clap::{Parser, Subcommand};

pub(crate) use account::{AccountCommand, AddAccount, OptionArgs};
pub(crate) use bell::{AddRobot, AlertsCommand, RemindersCommand, RobotsCommand};
pub(crate) use calendar::{CalendarCommand, DiagnosisCommand, PlanArgs, SetCalendar};
pub(crate) use data::{DbCommand, DemoCommand, ImportCommand};
pub(crate) use directory::{AddLine, CentresCommand, ExportArgs, PhonesCommand};
pub(crate) use handover::HandoverArgs;
pub(crate) use sla::{ReplayArgs, RulesCommand, SlaCommand};
pub(crate) use ticket::{NewTicketArgs, OutboxCommand, SetArgs, TicketCommand};
pub(crate) use visit::{RequestArgs, SiteArgs, SlotArgs, VisitCommand};

/// Deskbell 服务铃 without a window. Ticket ids are those that `ticket list` shows.
#[derive(Debug, Parser)]
#[command(name = "deskctl", version, arg_required_else_help = true)]
pub(crate) struct Arguments {
    /// Answer in JSON.
    #[arg(long, global = true)]
    pub json: bool,
    /// Where the desk keeps its data.
    #[arg(long, global = true, env = "DESKBELL_DATA_DIR", value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Connections to support APIs.
    #[command(subcommand)]
    Account(AccountCommand),
    /// Send what waits, then fetch what changed.
    Sync {
        /// Only this account (its name or number).
        #[arg(long)]
        account: Option<String>,
        /// Keep running until interrupted.
        #[arg(long)]
        watch: bool,
    },
    /// Tickets: read them, and queue edits that `sync` sends.
    #[command(subcommand)]
    Ticket(TicketCommand),
    /// Full-text search, newest first.
    Search {
        query: String,
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=500))]
        limit: u32,
        /// status=, priority=, product=, customer=, vip=true|false; may be given several times.
        #[arg(long, value_name = "KEY=VALUE")]
        filter: Vec<String>,
    },
    /// Edits on their way to a server.
    #[command(subcommand)]
    Outbox(OutboxCommand),
    /// Deadlines that rang.
    #[command(subcommand)]
    Alerts(AlertsCommand),
    /// Reminders of visits and sessions.
    #[command(subcommand)]
    Reminders(RemindersCommand),
    /// Robots in group chats: DingTalk, WeCom, Feishu.
    #[command(subcommand)]
    Robots(RobotsCommand),
    /// Telephone lines.
    #[command(subcommand)]
    Phones(PhonesCommand),
    /// Service centres.
    #[command(subcommand)]
    Centres(CentresCommand),
    /// Your CalDAV calendar, and calendars that are read.
    #[command(subcommand)]
    Calendar(CalendarCommand),
    /// Diagnosis sessions (云医生) on tickets.
    #[command(subcommand)]
    Diagnosis(DiagnosisCommand),
    /// Visits on site: ask for one, move it, call it off, finish it.
    #[command(subcommand)]
    Visit(VisitCommand),
    /// What whoever takes over has to know: open tickets, clocks, visits, calls and promises, by customer.
    Handover(HandoverArgs),
    /// Service-level clocks.
    #[command(subcommand)]
    Sla(SlaCommand),
    /// Take tickets from a file.
    #[command(subcommand)]
    Import(ImportCommand),
    /// Care of the database.
    #[command(subcommand)]
    Db(DbCommand),
    /// The embedded demo desk: without a subcommand, connect this data directory to it and sync.
    Demo {
        #[command(subcommand)]
        command: Option<DemoCommand>,
    },
}
