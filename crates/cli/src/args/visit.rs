//! `deskctl visit …` as clap reads it.

use clap::{Args, Subcommand};

/// Times are RFC 3339, or `2026-11-26T14:00` where clocks show `--zone`.
#[derive(Debug, Subcommand)]
pub(crate) enum VisitCommand {
    /// Free slots for a visit on a ticket, by centre, the nearest first.
    Slots(SlotArgs),
    /// Ask for a visit.
    Request(Box<RequestArgs>),
    /// Visits of a stretch of time, or of a ticket.
    List {
        /// The next 14 days without it.
        #[arg(long, value_name = "TIME")]
        from: Option<String>,
        #[arg(long, value_name = "TIME")]
        to: Option<String>,
        #[arg(long, value_name = "ID")]
        ticket: Option<i64>,
        #[arg(long, default_value = "Asia/Shanghai")]
        zone: String,
    },
    /// One visit with its history and its clock.
    Show { key: String },
    /// Move a visit to another slot.
    Reschedule {
        key: String,
        #[arg(long, value_name = "TIME")]
        start: String,
        /// The centre's id; without it the same one.
        #[arg(long)]
        centre: Option<String>,
        /// The engineer's id; without it whoever is free.
        #[arg(long)]
        engineer: Option<String>,
        #[arg(long, default_value = "")]
        reason: String,
        #[arg(long, default_value = "Asia/Shanghai")]
        zone: String,
    },
    /// Call a visit off; one that has not left is taken back.
    Cancel {
        key: String,
        #[arg(long, default_value = "")]
        reason: String,
    },
    /// Say that the engineer was there.
    Complete {
        key: String,
        #[arg(long)]
        findings: Option<String>,
        /// Who signed for the customer.
        #[arg(long, value_name = "NAME")]
        sign_off: Option<String>,
        /// Tick every line of the checklist.
        #[arg(long)]
        check_all: bool,
    },
    /// Settle by hand a visit that travels as a ticket, where only people can read the answer there.
    Settle {
        key: String,
        /// confirmed, declined, cancelled, done or waitlisted.
        #[arg(long)]
        state: String,
        /// Needed for a confirmation.
        #[arg(long, value_name = "TIME")]
        start: Option<String>,
        /// Two hours later without it.
        #[arg(long, value_name = "TIME")]
        end: Option<String>,
        #[arg(long, default_value = "", value_name = "NAME")]
        engineer: String,
        #[arg(long, default_value = "Asia/Shanghai")]
        zone: String,
    },
    /// Write a visit to a file as iCalendar.
    Export { key: String, file: std::path::PathBuf },
}

#[derive(Debug, Args)]
pub(crate) struct SiteArgs {
    #[arg(long, default_value = "", value_name = "NAME")]
    pub site: String,
    #[arg(long, default_value = "")]
    pub address: String,
    #[arg(long, default_value = "")]
    pub city: String,
    /// Degrees north.
    #[arg(long, allow_negative_numbers = true, requires = "lon")]
    pub lat: Option<f64>,
    /// Degrees east.
    #[arg(long, allow_negative_numbers = true, requires = "lat")]
    pub lon: Option<f64>,
    /// ISO 3166-1 alpha-2, such as CN.
    #[arg(long, default_value = "")]
    pub country: String,
}

#[derive(Debug, Args)]
pub(crate) struct SlotArgs {
    /// Ticket id as `ticket list` shows it.
    pub ticket: i64,
    /// `hardware_inspection`, `network_stress_test`, `security_hardening`.
    #[arg(long)]
    pub service: String,
    /// Now without it.
    #[arg(long, value_name = "TIME")]
    pub from: Option<String>,
    /// Seven days later without it.
    #[arg(long, value_name = "TIME")]
    pub to: Option<String>,
    /// What the engineer has to speak one of: `zh-CN`, `yue`, `en`.
    #[arg(long)]
    pub language: Vec<String>,
    /// Only this centre's, by id.
    #[arg(long)]
    pub centre: Option<String>,
    #[command(flatten)]
    pub site: SiteArgs,
    #[arg(long, default_value = "Asia/Shanghai")]
    pub zone: String,
}

#[derive(Debug, Args)]
pub(crate) struct RequestArgs {
    #[command(flatten)]
    pub slots: SlotArgs,
    /// Who is met on site.
    #[arg(long, default_value = "", value_name = "NAME")]
    pub contact: String,
    #[arg(long, default_value = "")]
    pub phone: String,
    #[arg(long, default_value = "")]
    pub email: String,
    /// What is looked at: asset tags, serial numbers.
    #[arg(long, default_value = "")]
    pub asset: String,
    #[arg(long, default_value = "")]
    pub note: String,
    /// Exactly this slot, with `--centre`; without it the server chooses.
    #[arg(long, value_name = "TIME", requires = "centre")]
    pub start: Option<String>,
    /// The engineer's id.
    #[arg(long)]
    pub engineer: Option<String>,
    /// Where nothing is free, wait for a slot.
    #[arg(long)]
    pub waitlist: bool,
    /// Instead of a visit that was refused or has not left.
    #[arg(long, value_name = "KEY")]
    pub again: Option<String>,
}
