//! `deskctl ticket …` and `deskctl outbox …` as clap reads them.

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Debug, Subcommand)]
pub(crate) enum TicketCommand {
    /// Tickets, the next deadline first, or in another order.
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
    /// One ticket with its fields and notes.
    Show { id: i64 },
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
    Close { id: i64 },
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
    /// What waits, was refused, or is unknown.
    List,
    /// Send again what was rejected, or at once what waits.
    Retry { id: i64 },
    /// Take back what has not left; a reply's text returns to the draft.
    Discard { id: i64 },
    /// Settle a conflict: `mine` goes out over the server's value, `theirs` stays.
    Resolve {
        id: i64,
        #[arg(long, value_name = "mine|theirs", value_parser = ["mine", "theirs"])]
        keep: String,
    },
}
