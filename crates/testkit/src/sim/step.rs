//! What happens in a world, drawn from a seed: the same seed gives the same steps for ever.

use deskbell_domain::scheduling::VisitAction;
use deskbell_domain::ticket::{Priority, Status, Visibility};
use deskbell_engine::sabotage::Sabotage;
use deskbell_store::failpoint::Moment;
use rand::rngs::SmallRng;
use rand::{Rng as _, SeedableRng as _};

use super::fault::{Effect, Fault};
use super::server::Manner;

/// Desks on one server.
pub const DESKS: usize = 2;
/// Most faults ordered for one step.
const FAULTS_MAX: usize = 4;
/// Makes the stream of the later steps another one than that of the first.
const LATER_STEPS: u64 = 0x6d65_7267_6573;
const LATER_STEPS_MAX: usize = 12;
/// As [`LATER_STEPS`], for the steps with visits behind those.
const VISIT_STEPS: u64 = 0x7669_7369_7473;
const VISIT_STEPS_MAX: usize = 24;
/// So few that desks want the same.
const VISIT_SLOTS: u8 = 5;
/// A late effect comes within the time for which a "not landed" is not believed.
const LATE_MS_MAX: i64 = 4_000;

/// An edit as drawn; texts are made from the number of the step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drawn {
    Reply(Visibility),
    /// The same words as another reply of the same desk.
    SameWords,
    Status(Status),
    Priority(Priority),
    Assignee(u8),
    AddTag(u8),
    DropTag(u8),
    CustomField(u8),
    Close,
    Reopen,
    Evaluate(u8),
    Create,
}

/// What a person does with visits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VisitStep {
    Ask {
        ticket: usize,
        slot: u8,
    },
    /// With what was free instead.
    AskAgain {
        pick: usize,
    },
    Change {
        pick: usize,
        action: VisitAction,
        slot: u8,
    },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    Edit {
        desk: usize,
        ticket: usize,
        edit: Drawn,
    },
    Draft {
        desk: usize,
        ticket: usize,
    },
    Undo {
        desk: usize,
        pick: usize,
    },
    Retry {
        desk: usize,
        pick: usize,
    },
    Resolve {
        desk: usize,
        pick: usize,
        mine: bool,
    },
    Push {
        desk: usize,
        faults: Vec<Option<Fault>>,
    },
    Pull {
        desk: usize,
        pages: usize,
        faults: Vec<Option<Fault>>,
    },
    ServerEdit {
        ticket: usize,
        edit: Drawn,
    },
    ServerTicket,
    ServerDelete {
        ticket: usize,
    },
    /// One ticket becomes part of another at the server.
    ServerMerge {
        ticket: usize,
        into: usize,
    },
    Visit {
        desk: usize,
        visit: VisitStep,
    },
    /// Somebody at the server moves a visit or calls it off.
    ServerVisit {
        pick: usize,
        action: VisitAction,
        slot: u8,
    },
    /// The person at a desk saves other rules; they are valid from now on, or backwards.
    Rules {
        desk: usize,
        pick: usize,
        backwards: bool,
    },
    Offline {
        desk: usize,
        offline: bool,
    },
    /// The desk lives until its store makes this commit, counted from now; then it is dead, before or after it.
    KillAtCommit {
        desk: usize,
        commit: u64,
        moment: Moment,
    },
    Restart {
        desk: usize,
    },
    /// Time passes for everybody.
    Pass {
        ms: i64,
    },
    /// One desk's clock is set.
    ClockStep {
        desk: usize,
        ms: i64,
    },
    /// Everything that is due goes out and comes in.
    Rest {
        desk: usize,
    },
}

/// What a seed stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    pub seed: u64,
    pub manner: Manner,
    /// The first desk begins as a database of the first released version, with work in its outbox.
    pub upgrade: bool,
    pub tickets: usize,
    pub steps: Vec<Step>,
    /// A fault of the engines' own, to see whether the world notices it.
    pub sabotage: Option<Sabotage>,
}

impl Plan {
    #[must_use]
    pub fn draw(seed: u64) -> Self {
        let mut rng = SmallRng::seed_from_u64(seed);
        let idempotent = rng.random_bool(0.34);
        let manner =
            Manner { idempotent, markers: idempotent || rng.random_bool(0.5), conditional: idempotent || rng.random_bool(0.3) };
        let tickets = rng.random_range(3..8);
        let length = rng.random_range(30..90);
        let mut steps: Vec<Step> = (0..length).map(|_| draw_step(&mut rng)).collect();
        let upgrade = rng.random_bool(0.1);
        // Behind the others and drawn apart, so that a seed's first steps stay what they were.
        let mut rng = SmallRng::seed_from_u64(seed ^ LATER_STEPS);
        steps.extend((0..rng.random_range(0..=LATER_STEPS_MAX)).map(|_| draw_later_step(&mut rng)));
        let mut rng = SmallRng::seed_from_u64(seed ^ VISIT_STEPS);
        steps.extend((0..rng.random_range(0..=VISIT_STEPS_MAX)).map(|_| draw_visit_step(&mut rng)));
        Self { seed, manner, upgrade, tickets, steps, sabotage: None }
    }

    /// The same world with only some of its steps.
    #[must_use]
    pub fn keeping(&self, kept: &[usize]) -> Self {
        let steps = kept.iter().filter_map(|place| self.steps.get(*place).cloned()).collect();
        Self { steps, ..self.clone() }
    }
}

fn draw_step(rng: &mut SmallRng) -> Step {
    let desk = rng.random_range(0..DESKS);
    let ticket = rng.random_range(0..8);
    let pick = rng.random_range(0..6);
    match rng.random_range(0..100) {
        0..24 => Step::Edit { desk, ticket, edit: draw_edit(rng, true) },
        24..26 => Step::Draft { desk, ticket },
        26..30 => Step::Undo { desk, pick },
        30..33 => Step::Retry { desk, pick },
        33..37 => Step::Resolve { desk, pick, mine: rng.random_bool(0.6) },
        37..55 => Step::Push { desk, faults: draw_faults(rng, 0.5) },
        55..68 => Step::Pull { desk, pages: rng.random_range(1..5), faults: draw_faults(rng, 0.3) },
        68..77 => Step::ServerEdit { ticket, edit: draw_edit(rng, false) },
        77..79 => Step::ServerTicket,
        79..80 => Step::ServerDelete { ticket },
        80..83 => Step::Offline { desk, offline: rng.random_bool(0.5) },
        83..88 => {
            let moment = if rng.random_bool(0.5) { Moment::BeforeCommit } else { Moment::AfterCommit };
            Step::KillAtCommit { desk, commit: rng.random_range(1..7), moment }
        }
        88..91 => Step::Restart { desk },
        91..95 => Step::Pass { ms: draw_time(rng) },
        95..97 => Step::ClockStep { desk, ms: if rng.random_bool(0.5) { 8 * 3_600_000 } else { -3_600_000 } },
        _ => Step::Rest { desk },
    }
}

/// Merges and other rules, among steps as before.
fn draw_later_step(rng: &mut SmallRng) -> Step {
    match rng.random_range(0..4) {
        0 => Step::ServerMerge { ticket: rng.random_range(0..8), into: rng.random_range(0..8) },
        1 => Step::Rules { desk: rng.random_range(0..DESKS), pick: rng.random_range(0..6), backwards: rng.random_bool(0.3) },
        _ => draw_step(rng),
    }
}

/// Visits, among steps as before.
fn draw_visit_step(rng: &mut SmallRng) -> Step {
    let desk = rng.random_range(0..DESKS);
    let (pick, slot) = (rng.random_range(0..6), rng.random_range(0..VISIT_SLOTS));
    let actions = [VisitAction::Reschedule, VisitAction::Cancel, VisitAction::Edit];
    let action = actions[rng.random_range(0..actions.len())];
    match rng.random_range(0..12) {
        0..3 => Step::Visit { desk, visit: VisitStep::Ask { ticket: rng.random_range(0..8), slot } },
        3 => Step::Visit { desk, visit: VisitStep::AskAgain { pick } },
        4..6 => Step::Visit { desk, visit: VisitStep::Change { pick, action, slot } },
        6 => Step::ServerVisit { pick, action: actions[rng.random_range(0..2)], slot },
        7..9 => Step::Push { desk, faults: draw_faults(rng, 0.5) },
        9 => Step::Pass { ms: 6_000 },
        _ => draw_step(rng),
    }
}

fn draw_time(rng: &mut SmallRng) -> i64 {
    match rng.random_range(0..3) {
        0 => rng.random_range(100..6_000),
        1 => rng.random_range(6_000..300_000),
        _ => rng.random_range(300_000..7_200_000),
    }
}

fn draw_edit(rng: &mut SmallRng, here: bool) -> Drawn {
    let any_status = [Status::Open, Status::WaitingCustomer, Status::WaitingVendor, Status::Resolved];
    let any_priority = [Priority::Urgent, Priority::Important, Priority::Routine];
    let small = rng.random_range(0..3);
    match rng.random_range(0..if here { 14 } else { 11 }) {
        0..3 => Drawn::Reply(if rng.random_bool(0.7) { Visibility::Public } else { Visibility::Internal }),
        3 => Drawn::Status(any_status[rng.random_range(0..any_status.len())]),
        4 => Drawn::Status(any_status[rng.random_range(0..any_status.len())]),
        5 => Drawn::Priority(any_priority[rng.random_range(0..any_priority.len())]),
        6 => Drawn::Assignee(small),
        7 => Drawn::AddTag(small),
        8 => Drawn::DropTag(small),
        9 => Drawn::CustomField(small),
        10 => Drawn::Close,
        11 => Drawn::Reopen,
        12 => Drawn::Evaluate(rng.random_range(1..6)),
        _ if rng.random_bool(0.5) => Drawn::SameWords,
        _ => Drawn::Create,
    }
}

fn draw_faults(rng: &mut SmallRng, likely: f64) -> Vec<Option<Fault>> {
    (0..rng.random_range(0..=FAULTS_MAX)).map(|_| rng.random_bool(likely).then(|| draw_fault(rng))).collect()
}

fn draw_fault(rng: &mut SmallRng) -> Fault {
    let effect = match rng.random_range(0..5) {
        0..2 => Effect::Before,
        2..4 => Effect::Never,
        _ => Effect::Later(rng.random_range(1..LATE_MS_MAX)),
    };
    match rng.random_range(0..10) {
        0 => Fault::Unreachable,
        1..4 => Fault::TimedOut(effect),
        4 => Fault::Failed(if effect == Effect::Before { Effect::Before } else { Effect::Never }),
        5 => Fault::RateLimited(rng.random_range(500..30_000)),
        6 => Fault::Unavailable,
        7 => Fault::Truncated,
        8 => Fault::Repeated,
        _ => Fault::Killed(effect),
    }
}
