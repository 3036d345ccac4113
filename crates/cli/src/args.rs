//! The command line, as clap reads it.

mod calendar;
mod directory;
mod handover;
mod visit;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

pub(crate) use calendar::{CalendarCommand, DiagnosisCommand, PlanArgs, SetCalendar};
pub(crate) use directory::{AddLine, CentresCommand, ExportArgs, PhonesCommand};
pub(crate) use handover::HandoverArgs;
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

#[derive(Debug, Subcommand)]
pub(crate) enum AccountCommand {
    /// Check a server and keep the account. The password or token is read from standard input; for aliyun the access
    /// key's secret, and on a second line the STS token where there is one.
    Add(AddAccount),
    List,
    /// What a new ticket can be filed under; works offline once fetched.
    Catalogue {
        account: String,
    },
    /// How an account is reached: what is not given is left to the provider.
    Options {
        account: String,
        #[command(flatten)]
        options: OptionArgs,
    },
    /// Stop fetching from an account; edits still go out.
    Pause {
        account: String,
    },
    /// Fetch from it again.
    Resume {
        account: String,
    },
    /// Forget an account and its mirror.
    Remove {
        account: String,
        /// Even though edits wait to be sent.
        #[arg(long)]
        force: bool,
    },
}

#[derive(Debug, Args)]
pub(crate) struct AddAccount {
    /// rt, hub or aliyun.
    #[arg(long)]
    pub kind: String,
    #[arg(long, default_value = "")]
    pub name: String,
    #[arg(long)]
    pub endpoint: String,
    /// User name; for aliyun the access key's id.
    #[arg(long, default_value = "")]
    pub user: String,
    #[command(flatten)]
    pub options: OptionArgs,
}

#[derive(Debug, Args)]
pub(crate) struct OptionArgs {
    /// Most requests a minute, all purposes together; without it the provider's own.
    #[arg(long, value_name = "N")]
    pub requests_per_minute: Option<u32>,
    /// Most connections held at once; without it the provider's own.
    #[arg(long, value_name = "N")]
    pub connections_max: Option<u32>,
    /// Seconds between looks for changes (5 to 86400); without it the provider's own.
    #[arg(long, value_name = "SECONDS")]
    pub poll_s: Option<u32>,
    /// Where visits on site travel as tickets: a category's id (Workorder) or a queue (Request Tracker).
    #[arg(long, value_name = "CATEGORY")]
    pub visit_category: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum TicketCommand {
    List {
        /// status=, priority=, product=, customer=, vip=true|false, account=, unfinished=true, breached=true.
        #[arg(long, value_name = "KEY=VALUE")]
        filter: Vec<String>,
        /// deadline, updated, created or priority.
        #[arg(long, default_value = "deadline")]
        order: String,
        #[arg(long, default_value_t = 0)]
        start: u32,
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=500))]
        limit: u32,
    },
    Show {
        id: i64,
    },
    /// Open a ticket; without TEXT its first message is read from standard input.
    New(NewTicketArgs),
    /// Queue a reply; without TEXT it is read from standard input.
    Reply {
        id: i64,
        text: Option<String>,
        /// An internal note instead of a reply to the customer.
        #[arg(long)]
        internal: bool,
        /// A file that goes along; may be given several times.
        #[arg(long, value_name = "FILE")]
        attach: Vec<PathBuf>,
    },
    /// Queue changes of fields, each of which lands or fails by itself.
    Set(SetArgs),
    /// Queue the closing of a ticket.
    Close {
        id: i64,
    },
    /// Queue the reopening of a finished ticket.
    Reopen {
        id: i64,
        /// Why, as a public reply.
        reason: Option<String>,
    },
    /// Queue the customer's verdict.
    Evaluate {
        id: i64,
        /// 1 (worst) to 5 (best).
        #[arg(long, value_parser = clap::value_parser!(u8).range(1..=5))]
        score: u8,
        /// The problem is not solved.
        #[arg(long)]
        unsolved: bool,
        #[arg(long, default_value = "")]
        comment: String,
    },
    /// Queue files, each as a note of its own.
    Attach {
        id: i64,
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// Not for the customer.
        #[arg(long)]
        internal: bool,
    },
}

#[derive(Debug, Args)]
pub(crate) struct NewTicketArgs {
    /// Account to open it in (its name or number); may be left out where there is only one.
    #[arg(long)]
    pub account: Option<String>,
    #[arg(long)]
    pub subject: String,
    /// The first message.
    pub text: Option<String>,
    /// urgent, important or routine.
    #[arg(long)]
    pub priority: Option<String>,
    #[arg(long, default_value = "")]
    pub product: String,
    /// The provider's id of a category or queue; see `account catalogue`.
    #[arg(long, default_value = "")]
    pub category: String,
    /// The provider's id of the customer.
    #[arg(long, default_value = "")]
    pub customer: String,
    #[arg(long, default_value = "")]
    pub requester: String,
    /// May be given several times.
    #[arg(long)]
    pub tag: Vec<String>,
    /// A custom field; may be given several times.
    #[arg(long, value_name = "NAME=VALUE")]
    pub field: Vec<String>,
    /// A file that goes along; may be given several times.
    #[arg(long, value_name = "FILE")]
    pub attach: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct SetArgs {
    pub id: i64,
    #[arg(long)]
    pub status: Option<String>,
    #[arg(long)]
    pub priority: Option<String>,
    /// Empty takes the ticket from everybody.
    #[arg(long)]
    pub assignee: Option<String>,
    /// Add a tag; may be given several times.
    #[arg(long, value_name = "TAG")]
    pub add_tag: Vec<String>,
    /// Remove a tag; may be given several times.
    #[arg(long, value_name = "TAG")]
    pub remove_tag: Vec<String>,
    /// A custom field; may be given several times.
    #[arg(long, value_name = "NAME=VALUE")]
    pub field: Vec<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum OutboxCommand {
    List,
    /// Send again what was rejected, or at once what waits.
    Retry {
        id: i64,
    },
    /// Take back what has not left; a reply's text returns to the draft.
    Discard {
        id: i64,
    },
    /// Settle a conflict: `mine` goes out over the server's value, `theirs` stays.
    Resolve {
        id: i64,
        #[arg(long, value_name = "mine|theirs", value_parser = ["mine", "theirs"])]
        keep: String,
    },
}

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
pub(crate) enum RobotsCommand {
    List,
    /// Keep a robot. Standard input holds its webhook address, and on a second line its signing secret where it has one.
    Add(AddRobot),
    /// Send a test message now.
    Test {
        robot: String,
    },
    /// Forget a robot, its secrets and its log.
    Remove {
        robot: String,
    },
    /// Messages that went, wait or failed, newest first.
    Log {
        robot: Option<String>,
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=500))]
        limit: u32,
    },
    /// Send a message again that failed or is in doubt.
    Retry {
        id: i64,
    },
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

#[derive(Debug, Subcommand)]
pub(crate) enum ImportCommand {
    /// One ticket a line; see the guide for the fields. `-` reads standard input.
    Tickets {
        file: PathBuf,
        /// Account to put them in; an offline one named "import" is made when absent.
        #[arg(long)]
        account: Option<String>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum DbCommand {
    Check,
    Stats,
}

#[derive(Debug, Subcommand)]
pub(crate) enum DemoCommand {
    /// Print generated tickets, one JSON object a line.
    Generate {
        #[arg(long, default_value_t = 400)]
        tickets: u32,
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
    /// Serve the demo's support API on loopback until interrupted, for other clients to try.
    Serve {
        #[arg(long, default_value_t = 0)]
        port: u16,
    },
}
