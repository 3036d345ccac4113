//! Random histories under random rules, against the walker.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::properties::{Case, case, joined};
use super::walker::{Expected, walk};
use crate::sla::calendar::Calendar;
use crate::sla::event::{TicketEvent, TicketEventKind as Kind};
use crate::sla::policy::{Policy, PriorityTargets, ReopenRule, Target, TargetUnit, Threshold, Traits};
use crate::sla::rules::{NamedCalendar, PlannedClock, RuleBook, RuleSet};
use crate::ticket::{AccountId, Priority, Role, Status};
use crate::time::{MINUTE_MS, UtcMs};

/// Length of a walk; histories end after two thirds of it.
const MINUTES: i64 = 9 * 1_440;
/// Creation lies at least so far into the walk: absorbed tickets are older.
const BEFORE: i64 = 1_440;

fn target() -> impl Strategy<Value = Option<Target>> {
    let some = prop_oneof![
        4 => (1_u32..3_000).prop_map(|value| Target { value, unit: TargetUnit::Minute }),
        2 => (1_u32..30).prop_map(|value| Target { value, unit: TargetUnit::Hour }),
        1 => (0_u32..3).prop_map(|value| Target { value, unit: TargetUnit::BusinessDay }),
    ];
    proptest::option::weighted(0.85, some)
}

fn policy() -> impl Strategy<Value = Policy> {
    let one = (target(), target(), target(), target(), target());
    let targets = proptest::collection::vec(one, 3);
    let pauses = proptest::sample::subsequence(Status::ALL.to_vec(), 0..=4);
    (targets, pauses, any::<bool>(), any::<bool>()).prop_map(|(targets, pause_statuses, resets, own_visits)| Policy {
        id: String::new(),
        name_zh: String::new(),
        name_en: String::new(),
        vip: None,
        priorities: Vec::new(),
        accounts: Vec::new(),
        customers: Vec::new(),
        products: Vec::new(),
        tags: Vec::new(),
        calendar_id: "desk".to_owned(),
        visit_calendar_id: own_visits.then(|| "site".to_owned()),
        targets: Priority::ALL
            .iter()
            .zip(targets)
            .map(|(priority, (first_response, next_response, first_resolution, resolution, visit))| PriorityTargets {
                priority: *priority,
                first_response,
                next_response,
                first_resolution,
                resolution,
                visit,
            })
            .collect(),
        pause_statuses,
        reopen: if resets { ReopenRule::Reset } else { ReopenRule::Continue },
        thresholds: vec![Threshold::Share { percent: 50 }, Threshold::Breach],
    })
}

#[derive(Debug, Clone)]
struct History {
    book: RuleBook,
    events: Vec<TicketEvent>,
    first: UtcMs,
}

fn kind(number: u8, other: u8) -> Kind {
    let visit = || format!("v{}", other % 3);
    match number {
        0..=3 => Kind::Replied { by: Role::Agent },
        4..=7 => Kind::Replied { by: Role::Customer },
        8 => Kind::Replied { by: Role::System },
        9..=17 => Kind::StatusChanged { to: Status::ALL[usize::from(other) % Status::ALL.len()] },
        18..=19 => Kind::PriorityChanged { to: Priority::ALL[usize::from(other) % 3] },
        20..=21 => Kind::VisitRequested { visit: visit() },
        22 => Kind::VisitDone { visit: visit() },
        23 => Kind::VisitCancelled { visit: visit() },
        24 => Kind::Created,
        _ if other < 20 => Kind::Deleted,
        _ if other < 40 => Kind::Merged { into_remote_id: "1".to_owned() },
        _ => Kind::Absorbed { created_at: UtcMs(i64::from(other)) },
    }
}

fn history() -> impl Strategy<Value = History> {
    let calendars = (case(MINUTE_MS, 60), case(MINUTE_MS, 60));
    let sets = proptest::collection::vec((proptest::option::weighted(0.95, policy()), 0..MINUTES), 1..4);
    let event = (0..MINUTES * 2 / 3 - BEFORE, 0_u8..27, any::<u8>(), -BEFORE..MINUTES / 2, any::<bool>());
    let events = proptest::collection::vec(event, 0..14);
    (calendars, sets, events, any::<bool>()).prop_map(|((desk, mut site), sets, drawn, crowded)| {
        // In the year of the other's night its own zone may be seconds off the minutes that are walked.
        site.spec.tz.clone_from(&desk.spec.tz);
        let first = desk.start;
        let named = |case: &Case| NamedCalendar {
            name_zh: String::new(),
            name_en: String::new(),
            calendar: Calendar::new(case.spec.clone()).expect("a valid calendar"),
        };
        let calendars = BTreeMap::from([("desk".to_owned(), named(&desk)), ("site".to_owned(), named(&site))]);
        let mut froms: Vec<i64> = sets.iter().map(|(_, from)| *from).collect();
        froms.sort_unstable();
        froms.dedup();
        let numbered = froms.iter().zip(sets).enumerate();
        let sets = numbered.map(|(number, (from, (policy, _)))| RuleSet {
            from: (number > 0).then(|| first.plus_ms(from * MINUTE_MS)),
            policies: policy.map(|policy| Policy { id: format!("p{number}"), ..policy }).into_iter().collect(),
            calendars: calendars.clone(),
        });
        let created = first.plus_ms(BEFORE * MINUTE_MS);
        // Crowded histories put several events into one minute.
        let minute = |minute: i64| if crowded { minute / 300 * 300 } else { minute };
        let mut events = vec![TicketEvent::new(created, Kind::Created)];
        for (at, number, other, earlier, named) in drawn {
            let kind = match kind(number, other) {
                Kind::Absorbed { .. } => Kind::Absorbed { created_at: created.plus_ms(earlier.min(at) * MINUTE_MS) },
                kind => kind,
            };
            let actor = if named { format!("agent {other}") } else { String::new() };
            events.push(TicketEvent { actor, ..TicketEvent::new(created.plus_ms(minute(at) * MINUTE_MS), kind) });
        }
        History { book: RuleBook { sets: sets.collect() }, events, first }
    })
}

fn found(planned: &PlannedClock<'_>) -> Expected {
    let clock = &planned.clock;
    Expected {
        metric: clock.metric,
        instance: clock.instance,
        policy: planned.policy.id.clone(),
        started_at: clock.started_at,
        target: clock.target,
        stopped: clock.stopped_at.zip(clock.stopped_by).map(|(at, by)| (at, by, clock.stopped_who.clone())),
        pauses: joined(clock.all_pauses()),
        superseded: clock.superseded.iter().map(|old| (old.until, old.target)).collect(),
        visit: clock.visit.clone(),
        deadline: clock.deadline,
    }
}

fn traits() -> Traits {
    Traits {
        account: AccountId(1),
        vip: false,
        priority: Priority::Routine,
        customer: String::new(),
        product: String::new(),
        tags: Vec::new(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 160, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_walk_through_the_minutes_finds_the_same_clocks(history in history()) {
        let end = history.first.plus_ms(MINUTES * MINUTE_MS);
        let minutes = usize::try_from(MINUTES).expect("a count");
        let expected = walk(&history.book, &history.events, Priority::Routine, history.first, minutes);
        let planned = history.book.clocks(&traits(), &history.events);
        prop_assert_eq!(planned.len(), expected.len(), "{:?}", expected);
        for (planned, expected) in planned.iter().zip(expected) {
            let mut found = found(planned);
            if expected.deadline.is_none() {
                // Beyond its walk the walker knows nothing, and the engine must not answer earlier.
                prop_assert!(found.deadline.is_none_or(|at| at >= end), "{:?} before the end, {:?}", found, expected);
                found.deadline = None;
            }
            prop_assert_eq!(found, expected);
        }
    }
}
