//! `deskctl calendar …` and `deskctl diagnosis …` as clap reads them.

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Debug, Subcommand)]
pub(crate) enum CalendarCommand {
    /// Ask a CalDAV server for its calendars. The password is read from standard input.
    Check {
        #[arg(long)]
        url: String,
        #[arg(long)]
        user: String,
    },
    /// Keep the calendar that visits and sessions are put into. The password is read from standard input; empty keeps the kept
    /// one.
    Set(SetCalendar),
    /// Send now what waits for the calendar.
    Push,
    /// How the calendar stands, and what is in it.
    List,
    /// Take ours out of the calendar, and forget it.
    Remove,
    /// Calendars that are read: live Q&A, and those of FILE or an address.
    Subscriptions,
    /// Read a calendar: an .ics file, or an https address.
    Subscribe {
        what: String,
        #[arg(long, default_value = "")]
        name: String,
        /// Minutes before a session; may be given several times.
        #[arg(long, value_name = "MINUTES")]
        remind: Vec<u32>,
    },
    /// Switch a calendar that is read on or off, or read it again.
    Subscription {
        id: i64,
        #[arg(value_parser = ["on", "off", "refresh", "remove"])]
        what: String,
    },
    /// Sessions of the calendars that are switched on.
    Sessions {
        #[arg(long, default_value_t = 14, value_parser = clap::value_parser!(u32).range(1..=400))]
        days: u32,
        /// RFC 3339; now without it.
        #[arg(long, value_name = "TIME")]
        from: Option<String>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct SetCalendar {
    #[arg(long)]
    pub url: String,
    #[arg(long)]
    pub user: String,
    /// Name or path of the calendar; may be left out where the server has one only.
    #[arg(long)]
    pub calendar: Option<String>,
    /// Keep it, and send nothing.
    #[arg(long)]
    pub off: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum DiagnosisCommand {
    /// Plan a session on a ticket.
    Plan(PlanArgs),
    /// Change a session that is planned; what is not given stays.
    Change {
        id: i64,
        #[arg(long)]
        title: Option<String>,
        #[arg(long, value_name = "TIME")]
        start: Option<String>,
        #[arg(long, value_name = "MINUTES")]
        minutes: Option<u32>,
        /// Zone of times that name none.
        #[arg(long)]
        zone: Option<String>,
    },
    /// Sessions, the latest first.
    List {
        #[arg(long, value_name = "ID")]
        ticket: Option<i64>,
    },
    /// Record that the customer agrees.
    Consent {
        id: i64,
        /// Who agreed.
        #[arg(long)]
        by: String,
        /// To what, in their words.
        #[arg(long)]
        words: String,
    },
    /// End a session; needs recorded consent.
    Finish {
        id: i64,
        #[arg(long, default_value = "")]
        findings: String,
        /// Put the findings on the ticket.
        #[arg(long)]
        to_ticket: bool,
    },
    /// Call a session off.
    Cancel {
        id: i64,
        #[arg(long, default_value = "")]
        reason: String,
    },
    /// Write a session to a file as iCalendar.
    Export { id: i64, file: PathBuf },
}

#[derive(Debug, Args)]
pub(crate) struct PlanArgs {
    #[arg(long, value_name = "ID")]
    pub ticket: i64,
    #[arg(long)]
    pub title: String,
    /// RFC 3339, or `2026-11-26T14:00` where clocks show `--zone`.
    #[arg(long, value_name = "TIME")]
    pub start: String,
    #[arg(long, default_value_t = 60)]
    pub minutes: u32,
    #[arg(long, default_value = "Asia/Shanghai")]
    pub zone: String,
    /// https address to join by.
    #[arg(long, default_value = "", value_name = "URL")]
    pub join: String,
    /// `NAME`, or `NAME <ADDRESS>`; may be given several times.
    #[arg(long, value_name = "PERSON")]
    pub with: Vec<String>,
    /// Minutes before; may be given several times.
    #[arg(long, value_name = "MINUTES")]
    pub remind: Vec<u32>,
}
