//! Of `deskctl handover`.

use std::path::PathBuf;

use clap::Args;

#[derive(Debug, Args)]
pub(crate) struct HandoverArgs {
    /// Customers of whom this person is manager, deputy, or acting; by name.
    #[arg(long)]
    pub manager: Option<String>,
    /// Customers of one account (its name or number).
    #[arg(long)]
    pub account: Option<String>,
    /// One customer, by the provider's id.
    #[arg(long, requires = "account")]
    pub customer: Option<String>,
    /// From when on visits are told, as RFC 3339; absent, now.
    #[arg(long)]
    pub from: Option<String>,
    /// For so many days.
    #[arg(long, default_value_t = 14, value_parser = clap::value_parser!(u16).range(1..=366))]
    pub days: u16,
    /// Write the brief there as a PDF, in the desk's language.
    #[arg(long, value_name = "FILE")]
    pub pdf: Option<PathBuf>,
}
