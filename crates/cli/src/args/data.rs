//! `deskctl import …`, `deskctl db …` and `deskctl demo …` as clap reads them.

use std::path::PathBuf;

use clap::Subcommand;

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
