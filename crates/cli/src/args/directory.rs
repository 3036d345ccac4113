//! Of `deskctl phones` and `deskctl centres`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Debug, Subcommand)]
pub(crate) enum PhonesCommand {
    /// Lines with their tier and whether they are open.
    List {
        /// Hidden ones too.
        #[arg(long)]
        all: bool,
    },
    /// Which line to call, best first, with reasons; of a ticket also what to have at hand.
    Recommend {
        #[arg(long)]
        ticket: Option<i64>,
        /// A language that is needed, such as yue; may be given several times.
        #[arg(long)]
        language: Vec<String>,
        /// A service is down.
        #[arg(long)]
        outage: bool,
        /// The customer has an enterprise contract.
        #[arg(long)]
        enterprise: bool,
    },
    /// Keep a line of your own.
    Add(AddLine),
    /// Say what a file would change, and with --apply take it: every row, or none.
    Import {
        file: PathBuf,
        #[arg(long)]
        apply: bool,
    },
    /// Write the lines to standard output, or to a file.
    Export(ExportArgs),
}

#[derive(Debug, Args)]
pub(crate) struct AddLine {
    #[arg(long)]
    pub number: String,
    /// Name in Chinese, or in the only language it has.
    #[arg(long)]
    pub name: String,
    #[arg(long, default_value = "")]
    pub name_en: String,
    /// 1 standard, 2 technical experts, 3 enterprise.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=3))]
    pub tier: u8,
    /// 7x24; or a file with a calendar as JSON (tz, hours, holidays, shifts).
    #[arg(long, value_name = "7x24|FILE")]
    pub hours: String,
    #[arg(long, default_value = "")]
    pub vendor: String,
    /// What it is for.
    #[arg(long, default_value = "")]
    pub purpose: String,
    /// BCP 47; may be given several times.
    #[arg(long)]
    pub language: Vec<String>,
    /// BCP 47, such as yue; may be given several times.
    #[arg(long)]
    pub dialect: Vec<String>,
    /// Only for customers with an enterprise contract.
    #[arg(long)]
    pub enterprise: bool,
    /// The line to call when a service is down.
    #[arg(long)]
    pub for_outage: bool,
    /// Where you have it from.
    #[arg(long)]
    pub source: String,
    /// The day on which you made sure, YYYY-MM-DD; without it, today.
    #[arg(long, value_name = "DATE")]
    pub verified_on: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    #[arg(long, default_value = "json", value_parser = ["json", "csv"])]
    pub format: String,
    /// Without it, standard output.
    #[arg(long, value_name = "FILE")]
    pub to: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum CentresCommand {
    /// Centres, with `--near` the nearest first.
    List {
        /// A city by name, pinyin or initials: the nearest first, with distances.
        #[arg(long, value_name = "CITY")]
        near: Option<String>,
        /// hardware_inspection, network_stress_test or security_hardening.
        #[arg(long)]
        service: Option<String>,
        /// Hidden ones too.
        #[arg(long)]
        all: bool,
    },
    /// One centre, by key or city, with its hours of the next 14 days.
    Show { centre: String },
    /// Say what a file would change, and with --apply take it: every row, or none.
    Import {
        file: PathBuf,
        #[arg(long)]
        apply: bool,
    },
    /// Write the centres to standard output, or to a file.
    Export(ExportArgs),
}
