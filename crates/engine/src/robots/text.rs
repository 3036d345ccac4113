//! The words of messages to group chats: which ticket, whose, which deadline, and no more of what a customer wrote.

use std::collections::{BTreeMap, BTreeSet};

use chrono::Local;
use deskbell_domain::UtcMs;
use deskbell_domain::robot::{DeliveryKind, RobotKind};
use deskbell_domain::ticket::TicketId;
use deskbell_domain::time::{HOUR_MS, MINUTE_MS, SECOND_MS};
use deskbell_remote::robots::{RobotLine, RobotMessage, is_oversize};
use deskbell_store::ToldAlert;

use crate::catalogue::{Catalogue, TextArgs};
use crate::people::Named;
use crate::state::Language;

/// Tickets named in one message; the rest are counted.
const LINES_MAX: usize = 20;
/// Characters of a customer's name.
const CUSTOMER_CHARS_MAX: usize = 40;

/// What a link opens on this desk.
fn link(ticket: TicketId) -> String {
    format!("deskbell://ticket/{}", ticket.0)
}

/// What a message is made of.
#[derive(Clone, Copy)]
pub(super) struct Told<'a> {
    pub(super) alerts: &'a [ToldAlert],
    /// Whom the rules name.
    pub(super) mention: &'a BTreeSet<String>,
    /// Who answers for the customers.
    pub(super) who: &'a Named,
}

/// The message about these alerts as they stand at `now`: one line a clock, the nearest deadline first, as many as the
/// platform takes. Whoever answers for a customer is named in the line, and by `who`'s mobile number where the platform names
/// people by those. `repeated`: an earlier try may have arrived.
pub(super) fn of_alerts(
    language: Language,
    platform: RobotKind,
    kind: DeliveryKind,
    told: Told<'_>,
    repeated: bool,
    now: UtcMs,
) -> RobotMessage {
    let catalogue = Catalogue::of(language);
    let Told { alerts, mention, who } = told;
    // Of two thresholds of one clock only the later still says something.
    let mut clocks: BTreeMap<_, &ToldAlert> = BTreeMap::new();
    for alert in alerts {
        let held = clocks.entry((alert.ticket_id, alert.metric, alert.instance)).or_insert(alert);
        if alert.id > held.id {
            *held = alert;
        }
    }
    let mut told: Vec<&ToldAlert> = clocks.into_values().collect();
    told.sort_by_key(|alert| (alert.deadline_at, alert.id));
    let count = i64::try_from(told.len()).unwrap_or(i64::MAX);
    let title_key = if kind == DeliveryKind::Escalation { "robot-title-escalation" } else { "robot-title" };
    let title = catalogue.text(title_key, &TextArgs::new().number("count", count));
    let mut lines: Vec<RobotLine> = told.iter().take(LINES_MAX).map(|alert| line(catalogue, alert, who, now)).collect();
    loop {
        let left_out = told.len() - lines.len();
        let mut closing = Vec::new();
        if left_out > 0 {
            let args = TextArgs::new().number("count", i64::try_from(left_out).unwrap_or(i64::MAX));
            closing.push(catalogue.text("robot-more", &args));
        }
        if repeated {
            closing.push(catalogue.text("robot-repeated", &TextArgs::new()));
        }
        let answering =
            told.iter().take(lines.len()).filter(|_| names_mobiles(platform)).filter_map(|alert| who.mobile(alert.ticket_id));
        let mention: BTreeSet<String> = mention.iter().cloned().chain(answering).collect();
        let message =
            RobotMessage { title: title.clone(), lines: lines.clone(), closing, mention: mention.into_iter().collect() };
        if lines.is_empty() || !is_oversize(platform, &message) {
            return message;
        }
        lines.pop();
    }
}

/// Feishu's robots name people by their user ids only.
const fn names_mobiles(platform: RobotKind) -> bool {
    matches!(platform, RobotKind::Dingtalk | RobotKind::Wecom)
}

fn line(catalogue: &Catalogue, alert: &ToldAlert, who: &Named, now: UtcMs) -> RobotLine {
    let none = TextArgs::new();
    let priority = catalogue.text(&format!("priority-{}", alert.priority.as_str()), &none);
    let metric = catalogue.text(&format!("metric-{}", alert.metric.as_str().replace('_', "-")), &none);
    let customer: String = alert.customer.chars().take(CUSTOMER_CHARS_MAX).collect();
    let span = duration(catalogue, alert.deadline_at.ms_since(now));
    let due = wall_time(alert.deadline_at, now);
    let args = TextArgs::new()
        .text("priority", &priority)
        .text("metric", &metric)
        .text("customer", &customer)
        .text("span", &span)
        .text("time", &due);
    let key = match (alert.deadline_at <= now, customer.is_empty()) {
        (true, false) => "robot-line-over",
        (true, true) => "robot-line-over-nobody",
        (false, false) => "robot-line-left",
        (false, true) => "robot-line-left-nobody",
    };
    let label = if alert.remote_id.is_empty() { alert.ticket_id.0.to_string() } else { alert.remote_id.clone() };
    let mut text = catalogue.text(key, &args);
    let answers = who.words(catalogue, alert.ticket_id, "");
    if !answers.is_empty() {
        text = format!("{text} · {answers}");
    }
    RobotLine { label: format!("#{label}"), link: link(alert.ticket_id), text }
}

/// To try a robot.
pub(super) fn of_test(language: Language, name: &str) -> RobotMessage {
    let catalogue = Catalogue::of(language);
    RobotMessage {
        title: catalogue.text("robot-test-title", &TextArgs::new()),
        closing: vec![catalogue.text("robot-test-body", &TextArgs::new().text("name", name))],
        ..RobotMessage::default()
    }
}

/// As the log shows it.
pub(super) fn plain(message: &RobotMessage) -> String {
    let lines = message.lines.iter().map(|line| format!("{} {}", line.label, line.text));
    let named = (!message.mention.is_empty())
        .then(|| message.mention.iter().map(|name| format!("@{name}")).collect::<Vec<_>>().join(" "));
    lines.chain(message.closing.iter().cloned()).chain(named).collect::<Vec<_>>().join("\n")
}

/// The time of day; with its date on another day.
fn wall_time(at: UtcMs, now: UtcMs) -> String {
    let (Some(at), Some(now)) = (at.to_datetime(), now.to_datetime()) else { return String::new() };
    let (at, now) = (at.with_timezone(&Local), now.with_timezone(&Local));
    at.format(if at.date_naive() == now.date_naive() { "%H:%M" } else { "%m-%d %H:%M" }).to_string()
}

/// In the two largest units that matter, whichever way the sign; to the nearest minute above one.
fn duration(catalogue: &Catalogue, ms: i64) -> String {
    let ms = ms.saturating_abs();
    let ms = if ms < MINUTE_MS { ms } else { ms.saturating_add(MINUTE_MS / 2) };
    let (hours, minutes, seconds) = (ms / HOUR_MS, ms % HOUR_MS / MINUTE_MS, ms % MINUTE_MS / SECOND_MS);
    let args = TextArgs::new().number("hours", hours).number("minutes", minutes).number("seconds", seconds);
    let key = match (hours, minutes) {
        (0, 0) => "notify-left-seconds",
        (0, _) => "notify-left-minutes",
        _ => "notify-left-hours",
    };
    catalogue.text(key, &args)
}
