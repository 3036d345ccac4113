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
    /// Read every page once and say what is wrong.
    Check,
    /// How much there is, and how large the files are.
    Stats,
    /// Copy the desk to a file that is not there yet; also while the window is open.
    Backup {
        file: PathBuf,
        /// Read a passphrase from standard input, and seal the key under it beside the file: the backup then opens anywhere.
        /// Of a desk with a vault the key is sealed under the vault's passphrase without it.
        #[arg(long)]
        passphrase: bool,
    },
    /// Put a backup in the place of the database, which is kept aside. No other Deskbell may have it open.
    Restore {
        file: PathBuf,
        /// Read the passphrase of the backup's key from standard input; without it `DESKBELL_PASSPHRASE` is tried.
        #[arg(long)]
        passphrase: bool,
    },
    /// Encrypt database and kept files under a new key. No other Deskbell may have it open.
    Rekey,
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
