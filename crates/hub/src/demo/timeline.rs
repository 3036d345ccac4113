//! When everything in one ticket happened.

use std::collections::BTreeMap;

use deskbell_domain::UtcMs;
use deskbell_domain::sla::calendar::Calendar;
use deskbell_domain::ticket::Priority;
use deskbell_domain::time::{DAY_MS, HOUR_MS, MINUTE_MS};
use rand::{Rng, rngs::StdRng};

use super::plan::{Shape, Targets};
use super::scenario::{Scenario, Turn};
use super::slots::{Slots, pick};
use crate::error::HubError;
use crate::wire::{Role, Status, Visibility};

/// One line of a demo ticket, oldest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Happening {
    Note { at: UtcMs, author: String, role: Role, visibility: Visibility, body: String },
    Status { at: UtcMs, to: Status },
}

impl Happening {
    pub(super) fn at(&self) -> UtcMs {
        match self {
            Self::Note { at, .. } | Self::Status { at, .. } => *at,
        }
    }
}

/// A ticket as it goes into the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DemoTicket {
    pub(super) subject: String,
    pub(super) status: Status,
    pub(super) priority: Priority,
    pub(super) product: String,
    pub(super) customer_id: String,
    pub(super) requester: String,
    pub(super) assignee: String,
    pub(super) tags: Vec<String>,
    pub(super) custom_fields: BTreeMap<String, String>,
    pub(super) created_at: UtcMs,
    pub(super) happenings: Vec<Happening>,
}

impl DemoTicket {
    /// The customer's first message.
    pub(super) fn opening(&self) -> &str {
        match self.happenings.first() {
            Some(Happening::Note { body, .. }) => body,
            _ => "",
        }
    }

    pub(super) fn is_unfinished(&self) -> bool {
        !matches!(self.status, Status::Resolved | Status::Closed)
    }
}

/// A turn of the script with its instant.
type Timed<'a> = (UtcMs, Turn, &'a [String]);

/// How the times of a ticket are found.
pub(super) struct Timing<'a> {
    pub(super) calendar: &'a Calendar,
    pub(super) targets: Targets,
    pub(super) created_at: UtcMs,
    pub(super) now: UtcMs,
}

impl Timing<'_> {
    fn at(&self, elapsed_ms: i64) -> UtcMs {
        if elapsed_ms == 0 {
            return self.created_at;
        }
        self.calendar.moment_at_elapsed(self.created_at, elapsed_ms, &[]).unwrap_or(self.created_at)
    }

    fn share(rng: &mut StdRng, of_ms: i64, low: f64, high: f64) -> i64 {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_precision_loss,
            reason = "shares of at most days in milliseconds"
        )]
        let share = (of_ms as f64 * rng.random_range(low..high)) as i64;
        share
    }

    /// The turns of an unfinished ticket, all before now.
    pub(super) fn unfinished<'a>(&self, rng: &mut StdRng, scenario: &'a Scenario, shape: Shape) -> Vec<Timed<'a>> {
        let age_ms = self.calendar.elapsed_ms(self.created_at, self.now, &[]);
        let is_reply = |turn: Turn| matches!(turn, Turn::Agent | Turn::Ask | Turn::Resolve);
        if shape == Shape::Unanswered {
            let opening = scenario.turns.iter().take_while(|(turn, ..)| !is_reply(*turn)).take(1);
            return opening.map(|(turn, _, texts)| (self.created_at, *turn, texts.as_slice())).collect();
        }
        let first_reply_ms = Self::share(rng, self.targets.first_response_ms, 0.25, 0.85).min(Self::share(rng, age_ms, 0.2, 0.6));
        let limit_ms = if shape == Shape::Paused { self.targets.resolution_ms.min(age_ms) * 6 / 10 } else { age_ms * 97 / 100 };
        let first_reply_ms = first_reply_ms.min(limit_ms / 2);
        let mut timed: Vec<Timed<'a>> = Vec::new();
        let (mut elapsed_ms, mut answered) = (0, false);
        for (turn, gap_min, texts) in scenario.turns.iter().take_while(|(turn, ..)| *turn != Turn::Resolve) {
            let gap_ms = Self::share(rng, i64::from(*gap_min) * MINUTE_MS, 0.6, 1.5);
            elapsed_ms = match (timed.is_empty(), answered) {
                (true, _) => 0,
                (false, false) if is_reply(*turn) => first_reply_ms.max(elapsed_ms),
                (false, false) => (elapsed_ms + gap_ms).min(first_reply_ms * 9 / 10),
                (false, true) => elapsed_ms + gap_ms,
            };
            if answered && elapsed_ms > limit_ms {
                break;
            }
            answered |= is_reply(*turn);
            timed.push((self.at(elapsed_ms), *turn, texts));
        }
        if shape == Shape::Paused {
            // It ends where we asked, else where we last answered.
            let asked = timed.iter().rposition(|(_, turn, _)| *turn == Turn::Ask);
            let last = asked.or_else(|| timed.iter().rposition(|(_, turn, _)| is_reply(*turn)));
            timed.truncate(last.map_or(timed.len(), |last| last + 1));
        }
        timed
    }

    /// The whole script.
    pub(super) fn finished<'a>(&self, rng: &mut StdRng, scenario: &'a Scenario) -> Vec<Timed<'a>> {
        let late = rng.random_bool(0.06);
        let (low, high) = if late { (1.05, 1.7) } else { (0.12, 0.85) };
        let first_reply_ms = Self::share(rng, self.targets.first_response_ms, low, high);
        let (mut elapsed_ms, mut answered) = (0, false);
        let mut timed = Vec::with_capacity(scenario.turns.len());
        for (turn, gap_min, texts) in &scenario.turns {
            let gap_ms = Self::share(rng, i64::from(*gap_min) * MINUTE_MS, 0.6, 1.8);
            let is_reply = matches!(turn, Turn::Agent | Turn::Ask | Turn::Resolve);
            elapsed_ms = match (timed.is_empty(), answered) {
                (true, _) => 0,
                (false, false) if is_reply => first_reply_ms.max(elapsed_ms),
                (false, false) => (elapsed_ms + gap_ms).min(first_reply_ms * 9 / 10),
                (false, true) => elapsed_ms + gap_ms,
            };
            answered |= is_reply;
            timed.push((self.at(elapsed_ms), *turn, texts.as_slice()));
        }
        timed
    }
}

/// Turns timed turns into notes and changes of status; returns the status they end in.
pub(super) fn happenings(
    rng: &mut StdRng,
    slots: &Slots<'_>,
    timed: &[Timed<'_>],
    shape: Option<Shape>,
    now: UtcMs,
) -> Result<(Vec<Happening>, Status), HubError> {
    let mut made = Vec::with_capacity(timed.len() * 2);
    let mut status = Status::New;
    let pauses = matches!(shape, None | Some(Shape::Paused));
    let last = timed.len().saturating_sub(1);
    for (position, (at, turn, texts)) in timed.iter().enumerate() {
        let (author, role, visibility) = match turn {
            Turn::Customer => (slots.requester, Role::Customer, Visibility::Public),
            Turn::Internal => (slots.agent, Role::Agent, Visibility::Internal),
            Turn::Agent | Turn::Ask | Turn::Resolve => (slots.agent, Role::Agent, Visibility::Public),
        };
        let text = if position == 0 { slots.variant(texts) } else { pick(rng, texts) };
        let text = text.ok_or_else(|| HubError::DemoData("a turn without text".to_owned()))?;
        let signature = if position > 0 { "" } else { slots.signature() };
        let body = slots.fill(&format!("{text}{signature}"))?;
        made.push(Happening::Note { at: *at, author: author.to_owned(), role, visibility, body });
        let ends_paused = shape == Some(Shape::Paused) && position == last;
        let next = match turn {
            Turn::Resolve => Status::Resolved,
            Turn::Agent | Turn::Ask if ends_paused => Status::WaitingCustomer,
            Turn::Ask if pauses => Status::WaitingCustomer,
            Turn::Ask | Turn::Agent if status == Status::New => Status::Open,
            Turn::Customer if status == Status::WaitingCustomer => Status::Open,
            _ => status,
        };
        if next != status {
            made.push(Happening::Status { at: *at, to: next });
            status = next;
        }
    }
    let ended_at = made.last().map_or(now, Happening::at);
    if shape == Some(Shape::Vendor) && status == Status::Open {
        status = Status::WaitingVendor;
        made.push(Happening::Status { at: ended_at, to: status });
    }
    if shape.is_none() && status == Status::Resolved {
        // Closed by the customer after a while, or by itself after five days.
        let closed_at = ended_at.plus_ms(if rng.random_bool(0.3) { 5 * DAY_MS } else { rng.random_range(HOUR_MS..3 * DAY_MS) });
        if closed_at < now {
            status = Status::Closed;
            made.push(Happening::Status { at: closed_at, to: status });
        }
    }
    Ok((made, status))
}
