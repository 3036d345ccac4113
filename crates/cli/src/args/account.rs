//! `deskctl account …` as clap reads it.

use clap::{Args, Subcommand};

#[derive(Debug, Subcommand)]
pub(crate) enum AccountCommand {
    /// Check a server and keep the account. The password or token is read from standard input; for aliyun the access
    /// key's secret, and on a second line the STS token where there is one.
    Add(AddAccount),
    /// Connections with their state.
    List,
    /// What a new ticket can be filed under; works offline once fetched.
    Catalogue { account: String },
    /// How an account is reached: what is not given is left to the provider.
    Options {
        account: String,
        #[command(flatten)]
        options: OptionArgs,
    },
    /// Stop fetching from an account; edits still go out.
    Pause { account: String },
    /// Fetch from it again.
    Resume { account: String },
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
