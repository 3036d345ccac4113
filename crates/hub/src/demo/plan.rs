//! Which deadlines the demo has, relative to now.
//!
//! The targets are those of the desk's own policies: VIP customers by the hour, day and night; others
//! too when it is urgent, else in the business hours of `Asia/Shanghai` (Monday to Friday 09:00–12:00 and
//! 13:30–18:00). Whatever is due within the hour belongs to a clock that runs day and night, so the
//! Watch looks alike at any time of day.

use deskbell_domain::UtcMs;
use deskbell_domain::sla::calendar::Calendar;
use deskbell_domain::ticket::Priority::{self, Important, Routine, Urgent};
use deskbell_domain::time::{HOUR_MS, MINUTE_MS, SECOND_MS};
use rand::{Rng, rngs::StdRng};

/// Tickets in the demo, all together.
pub const TICKETS: usize = 400;
/// The age of the ticket that rings first: urgent, VIP, unanswered; 5 of its 15 minutes are left
/// [`BELL_RINGS_IN_MS`] after `now`.
pub const BELL_AGE_MS: i64 = 10 * MINUTE_MS - BELL_RINGS_IN_MS;
/// When the first alert is due.
pub const BELL_RINGS_IN_MS: i64 = 40 * SECOND_MS;
/// No other clock reaches a threshold this soon after `now`, so the first bell is alone.
pub const QUIET_MS: i64 = 90 * SECOND_MS;

/// How long we have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Targets {
    pub first_response_ms: i64,
    pub resolution_ms: i64,
    /// Counted day and night; else in business hours.
    pub always: bool,
}

/// The targets of a customer's tickets.
#[must_use]
pub const fn targets(vip: bool, priority: Priority) -> Targets {
    let (first_response_ms, resolution_ms, always) = match (vip, priority) {
        (true, Urgent) => (15 * MINUTE_MS, 2 * HOUR_MS, true),
        (true, Important) => (30 * MINUTE_MS, 4 * HOUR_MS, true),
        (true, Routine) => (4 * HOUR_MS, 24 * HOUR_MS, true),
        (false, Urgent) => (30 * MINUTE_MS, 8 * HOUR_MS, true),
        (false, Important) => (4 * HOUR_MS, 16 * HOUR_MS, false),
        (false, Routine) => (8 * HOUR_MS, 40 * HOUR_MS, false),
    };
    Targets { first_response_ms, resolution_ms, always }
}

/// How far an unfinished ticket has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// Nobody answered; the first-response clock is the next due.
    Unanswered,
    /// In work; the resolution clock is the next due.
    Answered,
    /// As answered, while somebody else's turn keeps the clock running.
    Vendor,
    /// Waits for the customer; its clock stands.
    Paused,
}

/// One unfinished ticket to be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Wish {
    pub(super) vip: bool,
    pub(super) priority: Priority,
    pub(super) shape: Shape,
    pub(super) created_at: UtcMs,
}

/// Due at this distance from now, in seconds; negative is breached.
const NEAR: &[(bool, Priority, Shape, i64)] = &[
    (true, Important, Shape::Answered, -1_100),
    (false, Urgent, Shape::Unanswered, -700),
    (true, Routine, Shape::Unanswered, 575),
    (false, Urgent, Shape::Answered, 685),
    (true, Important, Shape::Answered, 830),
    (true, Important, Shape::Unanswered, 1_290),
    (false, Urgent, Shape::Unanswered, 1_365),
    (false, Urgent, Shape::Answered, 2_050),
    (true, Urgent, Shape::Answered, 2_240),
    (true, Important, Shape::Answered, 2_460),
    (true, Routine, Shape::Answered, 3_120),
    (false, Urgent, Shape::Answered, 3_390),
];

/// How many, and between how many minutes left of the clock's own time (open hours for business clocks).
const SPREAD: &[(usize, bool, Priority, Shape, i64, i64)] = &[
    (8, false, Urgent, Shape::Answered, 75, 440),
    (8, true, Routine, Shape::Answered, 80, 600),
    (4, true, Routine, Shape::Unanswered, 75, 220),
    (4, true, Important, Shape::Answered, 75, 215),
    (8, true, Routine, Shape::Answered, 620, 1_330),
    (8, false, Routine, Shape::Unanswered, 95, 460),
    (6, false, Important, Shape::Unanswered, 95, 220),
    (17, false, Routine, Shape::Answered, 120, 2_280),
    (9, false, Routine, Shape::Vendor, 120, 2_000),
    (12, false, Important, Shape::Answered, 120, 900),
];

/// How many wait for the customer, and for how many hours at most they exist.
const PAUSED: &[(usize, bool, Priority, i64, i64)] =
    &[(14, false, Routine, 60, 500), (8, false, Important, 50, 300), (6, true, Routine, 30, 200), (2, true, Important, 20, 90)];

/// The clock's calendar.
pub(super) struct Calendars {
    pub(super) always: Calendar,
    pub(super) business: Calendar,
}

impl Calendars {
    pub(super) fn new() -> Self {
        Self { always: Calendar::always(chrono_tz::Asia::Shanghai), business: Calendar::business_cn() }
    }

    pub(super) fn of(&self, targets: Targets) -> &Calendar {
        if targets.always { &self.always } else { &self.business }
    }
}

/// Everything unfinished, the bell first.
pub(super) fn plan_unfinished(calendars: &Calendars, now: UtcMs, rng: &mut StdRng) -> Vec<Wish> {
    let bell = Wish { vip: true, priority: Urgent, shape: Shape::Unanswered, created_at: now.plus_ms(-BELL_AGE_MS) };
    let mut wishes = vec![bell];
    for (vip, priority, shape, left_s) in NEAR.iter().copied() {
        wishes.extend(wish_due(calendars, now, (vip, priority, shape), left_s * SECOND_MS));
    }
    for (count, vip, priority, shape, low, high) in SPREAD.iter().copied() {
        for _ in 0..count {
            let left_ms = quiet_left_ms(rng, vip, priority, low * MINUTE_MS, high * MINUTE_MS);
            wishes.extend(wish_due(calendars, now, (vip, priority, shape), left_ms));
        }
    }
    for (count, vip, priority, low_h, high_h) in PAUSED.iter().copied() {
        for _ in 0..count {
            let age_ms = rng.random_range(low_h * HOUR_MS..high_h * HOUR_MS);
            let calendar = calendars.of(targets(vip, priority));
            let at = now.plus_ms(-age_ms);
            // Written in hours that count, as most are.
            let created_at = calendar.moment_at_elapsed(at, rng.random_range(MINUTE_MS..3 * HOUR_MS), &[]).unwrap_or(at);
            wishes.push(Wish { vip, priority, shape: Shape::Paused, created_at });
        }
    }
    wishes
}

fn wish_due(calendars: &Calendars, now: UtcMs, (vip, priority, shape): (bool, Priority, Shape), left_ms: i64) -> Option<Wish> {
    let targets = targets(vip, priority);
    let target_ms = if shape == Shape::Unanswered { targets.first_response_ms } else { targets.resolution_ms };
    let created_at = calendars.of(targets).shifted(now, left_ms - target_ms)?;
    Some(Wish { vip, priority, shape, created_at })
}

/// Time left of a clock such that neither clock of the ticket reaches a threshold in the quiet time.
fn quiet_left_ms(rng: &mut StdRng, vip: bool, priority: Priority, low_ms: i64, high_ms: i64) -> i64 {
    let targets = targets(vip, priority);
    let first_later_ms = targets.resolution_ms - targets.first_response_ms;
    let is_quiet = |target_ms: i64, left_ms: i64| {
        let thresholds = [target_ms / 2, target_ms / 4, target_ms / 10, 15 * MINUTE_MS, 5 * MINUTE_MS, 0];
        thresholds.iter().all(|threshold_ms| !(0..=2 * QUIET_MS).contains(&(left_ms - threshold_ms)))
    };
    // Thresholds take a few minutes of many hours, so the first tries succeed.
    for _ in 0..100 {
        let left_ms = rng.random_range(low_ms..high_ms);
        let other_ms = left_ms + first_later_ms;
        if is_quiet(targets.resolution_ms, left_ms)
            && is_quiet(targets.first_response_ms, left_ms)
            && is_quiet(targets.resolution_ms, other_ms)
        {
            return left_ms;
        }
    }
    high_ms
}
