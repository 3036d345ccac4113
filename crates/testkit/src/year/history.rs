//! Random histories: what happens to each ticket on its server, minute by minute, and when a desk hears of it.

use deskbell_domain::UtcMs;
use deskbell_domain::observation::{Fate, Observations, ObservedCustomer, ObservedEvent, ObservedTicket};
use deskbell_domain::sla::event::TicketEventKind;
use deskbell_domain::ticket::{Priority, Role, Status};
use deskbell_domain::time::{DAY_MS, HOUR_MS, MINUTE_MS};
use rand::rngs::SmallRng;
use rand::{Rng as _, SeedableRng as _};

use super::Size;

/// 2025-01-01T00:00 in Shanghai: a year whose holiday notice is published.
pub const BEGIN: UtcMs = UtcMs(1_735_660_800_000);
/// The desk asks its server this often.
pub const PULL_EVERY_MS: i64 = 30 * MINUTE_MS;
/// Of so many tickets one may take others in, and is never taken in itself.
const SURVIVOR_EVERY: usize = 10;
const HAPPENINGS_MAX: usize = 10;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    Created,
    Status(Status),
    Reply(Role),
    Priority(Priority),
    /// Into the ticket with this number.
    MergedInto(usize),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Happening {
    /// On a whole minute; no two of one ticket at the same.
    pub at: UtcMs,
    pub what: What,
    /// When the server shows it: at once, or long after.
    pub visible_at: UtcMs,
}

#[derive(Debug, Clone)]
pub struct Story {
    pub vip: bool,
    /// At creation.
    pub priority: Priority,
    pub happenings: Vec<Happening>,
}

impl Story {
    #[must_use]
    pub fn created(&self) -> UtcMs {
        self.happenings.first().map_or(BEGIN, |first| first.at)
    }
}

/// Every ticket's history.
#[must_use]
pub fn draw(size: Size) -> Vec<Story> {
    let mut rng = SmallRng::seed_from_u64(size.seed);
    let end = BEGIN.plus_ms(size.days * DAY_MS);
    let creations: Vec<UtcMs> =
        (0..size.tickets).map(|_| BEGIN.plus_ms(rng.random_range(0..size.days * 24 * 60) * MINUTE_MS)).collect();
    (0..size.tickets).map(|number| story(&mut rng, number, &creations, end)).collect()
}

fn story(rng: &mut SmallRng, number: usize, creations: &[UtcMs], end: UtcMs) -> Story {
    let vip = rng.random_bool(0.2);
    let priority = *pick(rng, &[Priority::Urgent, Priority::Important, Priority::Routine, Priority::Routine]);
    let mut happenings = Vec::new();
    let mut at = creations[number];
    add(rng, &mut happenings, at, What::Created);
    let (mut status, mut current) = (Status::New, priority);
    for _ in 0..rng.random_range(1..=HAPPENINGS_MAX) {
        at = at.plus_ms(pause(rng));
        if at >= end {
            break;
        }
        let what = next(rng, status, current);
        let what = match what {
            What::MergedInto(_) => match survivor(rng, number, creations, at) {
                Some(into) => What::MergedInto(into),
                None => What::Reply(Role::Agent),
            },
            other => other,
        };
        match what {
            What::Status(to) => status = to,
            What::Priority(to) => current = to,
            _ => {}
        }
        add(rng, &mut happenings, at, what);
        if let What::MergedInto(_) = what {
            break;
        }
    }
    Story { vip, priority, happenings }
}

fn add(rng: &mut SmallRng, happenings: &mut Vec<Happening>, at: UtcMs, what: What) {
    let delay_ms = match rng.random_range(0..20) {
        0 => rng.random_range(1..600) * MINUTE_MS,
        1..4 => rng.random_range(1..60) * MINUTE_MS,
        _ => 0,
    };
    // A server shows a ticket's log in its order.
    let visible_at = at.plus_ms(delay_ms).max(happenings.last().map_or(at, |last| last.visible_at));
    happenings.push(Happening { at, what, visible_at });
}

fn pause(rng: &mut SmallRng) -> i64 {
    match rng.random_range(0..10) {
        0..4 => rng.random_range(1..40) * MINUTE_MS,
        4..8 => rng.random_range(40..600) * MINUTE_MS,
        _ => rng.random_range(10..100) * HOUR_MS + rng.random_range(0..60) * MINUTE_MS,
    }
}

fn next(rng: &mut SmallRng, status: Status, current: Priority) -> What {
    if !status.is_unfinished() {
        // The others stay as they are.
        return if rng.random_bool(0.5) { What::Status(Status::Open) } else { What::Reply(Role::System) };
    }
    match rng.random_range(0..100) {
        0..30 => What::Reply(Role::Agent),
        30..52 => What::Reply(Role::Customer),
        52..62 => What::Status(Status::WaitingCustomer),
        62..68 => What::Status(Status::WaitingVendor),
        68..74 => What::Status(Status::Open),
        74..82 => {
            let others: Vec<Priority> = Priority::ALL.iter().copied().filter(|other| *other != current).collect();
            What::Priority(*pick(rng, &others))
        }
        82..85 => What::MergedInto(0),
        85..95 => What::Status(Status::Resolved),
        _ => What::Status(Status::Closed),
    }
}

/// A ticket of about the same time that takes this one in.
fn survivor(rng: &mut SmallRng, number: usize, creations: &[UtcMs], at: UtcMs) -> Option<usize> {
    if number.is_multiple_of(SURVIVOR_EVERY) {
        return None;
    }
    let candidates = creations.len().div_ceil(SURVIVOR_EVERY);
    (0..60)
        .map(|_| rng.random_range(0..candidates) * SURVIVOR_EVERY)
        .find(|into| creations[*into] < at && creations[*into].ms_since(creations[number]).abs() < 20 * DAY_MS)
}

fn pick<'a, T>(rng: &mut SmallRng, from: &'a [T]) -> &'a T {
    &from[rng.random_range(0..from.len())]
}

#[must_use]
pub fn remote_id(number: usize) -> String {
    format!("Y-{number}")
}

/// What the server shows of these tickets: each with its first so many happenings; events from `from` on.
#[must_use]
pub fn page(stories: &[Story], news: &[(usize, usize, usize)]) -> Observations {
    let mut page = Observations::default();
    for (number, from, count) in news.iter().copied() {
        let story = &stories[number];
        page.tickets.push(ticket(number, story, count));
        for (place, happening) in story.happenings.iter().enumerate().take(count).skip(from) {
            page.events.push(event(number, place, happening));
        }
    }
    page
}

fn event(number: usize, place: usize, happening: &Happening) -> ObservedEvent {
    let kind = match happening.what {
        What::Created => TicketEventKind::Created,
        What::Status(to) => TicketEventKind::StatusChanged { to },
        What::Reply(by) => TicketEventKind::Replied { by },
        What::Priority(to) => TicketEventKind::PriorityChanged { to },
        What::MergedInto(into) => TicketEventKind::Merged { into_remote_id: remote_id(into) },
    };
    ObservedEvent {
        ticket_remote_id: remote_id(number),
        remote_id: format!("{number}-{place}"),
        at: happening.at,
        kind,
        actor: String::new(),
        uncertainty_ms: 0,
    }
}

fn ticket(number: usize, story: &Story, count: usize) -> ObservedTicket {
    let (mut status, mut priority, mut fate, mut updated_at) = (Status::New, story.priority, Fate::Live, story.created());
    for happening in story.happenings.iter().take(count) {
        updated_at = happening.at;
        match happening.what {
            What::Status(to) => status = to,
            What::Priority(to) => priority = to,
            What::MergedInto(into) => fate = Fate::Merged { into_remote_id: remote_id(into) },
            What::Created | What::Reply(_) => {}
        }
    }
    let kind = if story.vip { "vip" } else { "std" };
    ObservedTicket {
        subject: format!("ticket {number}"),
        status,
        status_raw: status.as_str().to_owned(),
        priority,
        priority_raw: priority.as_str().to_owned(),
        customer: ObservedCustomer { remote_id: kind.to_owned(), name: kind.to_owned(), vip: story.vip, ..Default::default() },
        created_at: story.created(),
        updated_at,
        version: count.to_string(),
        fate,
        ..ObservedTicket::gone(&remote_id(number), story.created())
    }
}
