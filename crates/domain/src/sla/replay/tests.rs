use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use serde_json::json;

use super::ring::{Ring, Ringer};
use super::*;
use crate::sla::calendar::{Calendar, Interval};
use crate::sla::event::TicketEventKind as Kind;
use crate::sla::policy::{Metric, Policy, Threshold};
use crate::sla::rules::{NamedCalendar, RuleSet};
use crate::ticket::{AccountId, Priority, Role, Status};
use crate::time::{DAY_MS, HOUR_MS, MINUTE_MS};

fn at(text: &str) -> UtcMs {
    UtcMs::parse_rfc3339(text).expect("an instant")
}

fn named(calendar: Calendar) -> NamedCalendar {
    NamedCalendar { name_zh: String::new(), name_en: String::new(), calendar }
}

fn week(tz: &str) -> Calendar {
    let day = json!([["09:00", "12:00"], ["13:00", "17:00"]]);
    let hours = json!({ "mon": day, "tue": day, "wed": day, "thu": day, "fri": day });
    Calendar::from_json(&json!({ "tz": tz, "hours": hours })).expect("a calendar")
}

fn policy(id: &str, calendar: &str, reopen: &str, scale: u32) -> Policy {
    let hour = |value: u32| json!({ "value": value * scale, "unit": "hour" });
    serde_json::from_value(json!({
        "id": id, "name_zh": id, "name_en": id, "vip": null, "calendar_id": calendar,
        "targets": [
            { "priority": "urgent", "first_response": hour(1), "next_response": hour(1), "first_resolution": hour(3), "resolution": hour(4), "visit": hour(9) },
            { "priority": "important", "first_response": hour(2), "resolution": hour(8) },
            { "priority": "routine", "first_response": { "value": 0, "unit": "minute" }, "resolution": { "value": scale, "unit": "business_day" } },
        ],
        "pause_statuses": ["waiting_customer", "waiting_vendor"],
        "reopen": reopen,
        "thresholds": [
            { "kind": "share", "percent": 50 }, { "kind": "share", "percent": 75 }, { "kind": "share", "percent": 50 },
            { "kind": "time_left", "seconds": 1800 }, { "kind": "time_left", "seconds": 900 }, { "kind": "breach" },
        ],
    }))
    .expect("a policy")
}

fn calendars(tz: &str) -> BTreeMap<String, NamedCalendar> {
    BTreeMap::from([
        ("week".to_owned(), named(week(tz))),
        ("always".to_owned(), named(Calendar::always(chrono_tz::Europe::Berlin))),
        ("cn".to_owned(), named(Calendar::business_cn())),
    ])
}

/// Urgent tickets around the clock, the others in office hours; other targets from the second week on.
fn book(reopen: &str) -> RuleBook {
    let urgent = |scale| Policy { priorities: vec![Priority::Urgent], ..policy("urgent", "always", reopen, scale) };
    let first = RuleSet {
        from: None,
        policies: vec![urgent(1), policy("rest", "week", reopen, 1)],
        calendars: calendars("Europe/Berlin"),
    };
    let second = RuleSet {
        from: Some(START.plus_ms(7 * DAY_MS)),
        policies: vec![urgent(2), policy("rest", "cn", reopen, 3)],
        calendars: calendars("America/New_York"),
    };
    RuleBook { sets: vec![first, second] }
}

/// Monday, 2024-03-25: Berlin's clock goes forward the Sunday after.
const START: UtcMs = UtcMs(1_711_324_800_000);

fn traits(priority: Priority) -> Traits {
    Traits { account: AccountId(1), vip: false, priority, customer: String::new(), product: String::new(), tags: Vec::new() }
}

fn ticket(key: &str, priority: Priority, events: &[(&str, Kind)]) -> ReplayTicket {
    let events = events.iter().map(|(time, kind)| TicketEvent::new(at(&format!("2024-03-{time}:00Z")), kind.clone())).collect();
    ReplayTicket { key: key.to_owned(), id: None, traits: traits(priority), events }
}

const AGENT: Kind = Kind::Replied { by: Role::Agent };

const fn to(status: Status) -> Kind {
    Kind::StatusChanged { to: status }
}

/// The bell's own tables, stepped from one wake-up to the next.
fn oracle(
    book: &RuleBook,
    traits: &Traits,
    events: &[TicketEvent],
    until: UtcMs,
) -> BTreeSet<(Metric, u32, UtcMs, Threshold, bool)> {
    let mut ordered = events.to_vec();
    ordered.sort_by_key(|event| event.at);
    let instants: BTreeSet<UtcMs> = ordered.iter().map(|event| event.at).collect();
    let mut alerts: BTreeSet<(Metric, u32, Threshold, UtcMs)> = BTreeSet::new();
    let mut rung = BTreeSet::new();
    for now in &instants {
        let log: Vec<TicketEvent> = ordered.iter().filter(|event| event.at <= *now).cloned().collect();
        let changes = |log: &[TicketEvent]| -> Vec<Priority> {
            let change = |event: &TicketEvent| if let Kind::PriorityChanged { to } = event.kind { Some(to) } else { None };
            log.iter().filter_map(change).collect()
        };
        let (so_far, all) = (changes(&log), changes(&ordered));
        let priority =
            if so_far.len() == all.len() { traits.priority } else { so_far.last().copied().unwrap_or(traits.priority) };
        let then = Traits { priority, ..traits.clone() };
        let planned = book.clocks(&then, &log);
        let mut due: BTreeSet<(Metric, u32, Threshold, UtcMs)> = planned
            .iter()
            .flat_map(|planned| {
                let clock = &planned.clock;
                clock.dues.iter().map(|(threshold, at)| (clock.metric, clock.instance, *threshold, *at)).collect::<Vec<_>>()
            })
            .filter(|row| !alerts.contains(row))
            .collect();
        while let Some(next) = due.iter().map(|row| row.3).min() {
            let wake = next.max(*now);
            if wake > until || instants.range(now.plus_ms(1)..).next().is_some_and(|event| wake >= *event) {
                break;
            }
            let clocks: BTreeSet<(Metric, u32)> = due.iter().filter(|row| row.3 <= wake).map(|row| (row.0, row.1)).collect();
            for (metric, instance) in clocks {
                let mut rows: Vec<_> =
                    due.iter().filter(|row| (row.0, row.1) == (metric, instance) && row.3 <= wake).copied().collect();
                rows.sort_by_key(|row| (row.3, row.2));
                for (index, row) in rows.iter().enumerate() {
                    due.remove(row);
                    alerts.insert(*row);
                    rung.insert((metric, instance, wake, row.2, index + 1 < rows.len()));
                }
            }
        }
    }
    rung
}

fn kind() -> impl Strategy<Value = Kind> {
    let status = prop_oneof![
        Just(Status::Open),
        Just(Status::WaitingCustomer),
        Just(Status::WaitingVendor),
        Just(Status::Resolved),
        Just(Status::Closed)
    ];
    prop_oneof![
        8 => status.prop_map(to),
        3 => Just(AGENT),
        2 => Just(Kind::Replied { by: Role::Customer }),
        1 => priority().prop_map(|to| Kind::PriorityChanged { to }),
        1 => (0..3_000_i64).prop_map(|minutes| Kind::Absorbed { created_at: START.plus_ms(-minutes * MINUTE_MS) }),
        1 => Just(Kind::VisitRequested { visit: "v".to_owned() }),
        1 => Just(Kind::VisitDone { visit: "v".to_owned() }),
        1 => Just(Kind::Merged { into_remote_id: "m".to_owned() }),
    ]
}

fn priority() -> impl Strategy<Value = Priority> {
    prop_oneof![Just(Priority::Urgent), Just(Priority::Important), Just(Priority::Routine)]
}

/// Gaps on quarter hours, so that moments and events fall together often.
fn history() -> impl Strategy<Value = Vec<TicketEvent>> {
    (0..1_400_i64, proptest::collection::vec((0..60_i64, kind()), 0..9)).prop_map(|(start, steps)| {
        let mut at = START.plus_ms(start * 15 * MINUTE_MS);
        let mut events = vec![TicketEvent::new(at, Kind::Created)];
        for (gap, kind) in steps {
            at = at.plus_ms(gap * 15 * MINUTE_MS);
            events.push(TicketEvent::new(at, kind));
        }
        events
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn alerts_are_those_of_a_bell_that_plans_after_each_event(
        events in history(), present in priority(), reset in any::<bool>(), open_for in 0..2_000_i64
    ) {
        let book = book(if reset { "reset" } else { "continue" });
        let traits = traits(present);
        let until = events.last().expect("created").at.plus_ms(open_for * 15 * MINUTE_MS);
        let clocks = book.clocks(&traits, &events);
        let mut rings: Vec<Ring<'_>> = Vec::new();
        Ringer::default().rings(&book, &traits, &events, &clocks, until, &mut rings);
        let told: BTreeSet<_> = rings.iter().map(|ring| (ring.metric, ring.instance, ring.at, ring.threshold, ring.superseded)).collect();
        prop_assert_eq!(told.len(), rings.len(), "a ring is told twice");
        prop_assert_eq!(told, oracle(&book, &traits, &events, until));
    }
}

#[test]
fn a_history_counted_by_hand() {
    let book = RuleBook {
        sets: vec![RuleSet { from: None, policies: vec![policy("p", "always", "continue", 1)], calendars: calendars("UTC") }],
    };
    let tickets = [
        // First response 1 h: answered after 30 min, met. First resolution 3 h and resolution 4 h: both at 2 h, met.
        ticket("met", Priority::Urgent, &[("25T10:00", Kind::Created), ("25T10:30", AGENT), ("25T12:00", to(Status::Resolved))]),
        // First response cancelled after 5 h, unanswered; both resolutions late, by 2 h and by 1 h.
        ticket("late", Priority::Urgent, &[("25T10:00", Kind::Created), ("25T15:00", to(Status::Closed))]),
        // First response 2 h, still owed after the end: breached and open. Resolution 8 h, paused since 1 h in: open.
        ticket("open", Priority::Important, &[("25T23:30", Kind::Created), ("26T00:30", to(Status::WaitingCustomer))]),
        ticket("no creation", Priority::Urgent, &[("25T10:00", AGENT)]),
    ];
    let report = replay(tickets, &book, at("2024-03-26T02:30:00Z"));
    assert_eq!((report.tickets, report.events, report.without_policy, report.without_clock), (4, 8, 0, 1));
    let total = report.total;
    assert_eq!(
        (total.clocks, total.met, total.breached, total.breached_open, total.still_open, total.cancelled),
        (8, 3, 3, 1, 1, 1)
    );
    let row =
        |metric, priority| report.rows.iter().find(|row| (row.metric, row.priority) == (metric, priority)).expect("a row").tally;
    let late = row(Metric::Resolution, Priority::Urgent);
    assert_eq!((late.met, late.breached, late.late_max_ms), (1, 1, Some(HOUR_MS)));
    assert_eq!(row(Metric::FirstResponse, Priority::Important).late_max_ms, Some(HOUR_MS));
    let keys: Vec<(&str, i64)> = report.worst.iter().map(|worst| (worst.key.as_str(), worst.late_ms / HOUR_MS)).collect();
    assert_eq!(keys, [("late", 2), ("late", 1), ("open", 1)]);
    assert_eq!(report.worst.last().and_then(|worst| worst.stopped_at), None);
    // "met": first response stops at 30 min, where its 50 % would ring: it does not; first resolution 50 % at 11:30.
    // "late": every threshold of three clocks; an hour's 50 % and its half hour left are one moment.
    let rung = |threshold| report.alerts.by_threshold.iter().find(|row| row.threshold == threshold).map_or(0, |row| row.alerts);
    assert_eq!(rung(Threshold::Breach), 3 + 1);
    assert_eq!(rung(Threshold::Share { percent: 50 }), 1 + 2 + 1);
    assert_eq!(report.alerts.by_hour.iter().flatten().sum::<u64>(), report.alerts.rung);
    // Berlin is an hour ahead: created on the 26th there, and the month is the same.
    assert_eq!(report.by_month.len(), 1);
    assert_eq!(report.by_month.first().map(|row| (row.month.as_str(), row.tally.clocks)), Some(("2024-03", 8)));
    assert_eq!(total.alerts, report.alerts.rung);
}

#[test]
fn the_month_is_that_of_the_calendars_zone() {
    let book = RuleBook {
        sets: vec![RuleSet { from: None, policies: vec![policy("p", "cn", "continue", 1)], calendars: calendars("UTC") }],
    };
    let tickets = [
        ticket("t", Priority::Important, &[("31T16:00", Kind::Created)]),
        ticket("u", Priority::Important, &[("31T15:59", Kind::Created)]),
    ];
    let report = replay(tickets, &book, at("2024-03-31T17:00:00Z"));
    let months: Vec<&str> = report.by_month.iter().map(|row| row.month.as_str()).collect();
    assert_eq!(months, ["2024-03", "2024-04"]);
}

#[test]
fn an_escalation_rings_at_once_and_a_relaxation_arms_again() {
    let book = RuleBook {
        sets: vec![RuleSet { from: None, policies: vec![policy("p", "always", "continue", 1)], calendars: calendars("UTC") }],
    };
    let up = |priority| Kind::PriorityChanged { to: priority };
    // Important for 90 min, then urgent: the hour is over, so the breach rings at 11:30; 50 %, 75 % and the rest give way.
    let escalated = ticket(
        "e",
        Priority::Urgent,
        &[
            ("25T10:00", Kind::Created),
            ("25T10:00", up(Priority::Important)),
            ("25T11:30", up(Priority::Urgent)),
            ("25T11:40", AGENT),
            ("25T11:40", to(Status::Resolved)),
        ],
    );
    let report = replay([escalated], &book, at("2024-03-25T12:00:00Z"));
    let rung: Vec<(Threshold, u64)> = report.alerts.by_threshold.iter().map(|row| (row.threshold, row.alerts)).collect();
    // 50 % and 75 % of two hours at 11:00 and 11:30: the second comes with the change and does not ring.
    assert_eq!(rung, [(Threshold::Share { percent: 50 }, 2), (Threshold::Breach, 1)]);
    assert!(report.alerts.superseded >= 3, "{:?}", report.alerts.superseded);
}

#[test]
fn two_sets_of_rules_are_compared_row_by_row() {
    let with = |scale| RuleBook {
        sets: vec![RuleSet { from: None, policies: vec![policy("p", "always", "continue", scale)], calendars: calendars("UTC") }],
    };
    let tickets = [ticket("late", Priority::Urgent, &[("25T10:00", Kind::Created), ("25T11:30", AGENT)])];
    let end = at("2024-03-25T12:00:00Z");
    let rows = compare(&replay(tickets.clone(), &with(1), end), &replay(tickets, &with(2), end));
    let first = rows.iter().find(|row| row.metric == Metric::FirstResponse).expect("a row");
    assert_eq!((first.in_force.breached, first.candidate.breached, first.candidate.met), (1, 0, 1));
}

#[test]
fn the_worst_are_few_and_the_worst() {
    let book = RuleBook {
        sets: vec![RuleSet { from: None, policies: vec![policy("p", "always", "continue", 1)], calendars: calendars("UTC") }],
    };
    let made = |n: i64| ReplayTicket {
        key: format!("T-{n}"),
        id: None,
        traits: traits(Priority::Important),
        events: vec![
            TicketEvent::new(START, Kind::Created),
            TicketEvent::new(START.plus_ms(n * MINUTE_MS), AGENT),
            TicketEvent::new(START.plus_ms(n * MINUTE_MS), to(Status::Closed)),
        ],
    };
    let report = replay((1..400).map(|n| made(n * 7 % 400)), &book, START.plus_ms(DAY_MS));
    assert_eq!(report.worst.len(), WORST_MAX);
    assert_eq!(report.worst.first().map(|worst| worst.late_ms), Some((399 - 120) * MINUTE_MS));
    assert!(report.worst.windows(2).all(|pair| pair[0].late_ms >= pair[1].late_ms));
}

#[test]
fn an_interval_that_never_ends_never_rings() {
    let mut rings = Vec::new();
    let book = RuleBook {
        sets: vec![RuleSet { from: None, policies: vec![policy("p", "always", "continue", 1)], calendars: calendars("UTC") }],
    };
    let paused = ticket(
        "p",
        Priority::Important,
        &[("25T10:00", Kind::Created), ("25T10:00", AGENT), ("25T14:00", to(Status::WaitingVendor))],
    );
    let clocks = book.clocks(&paused.traits, &paused.events);
    Ringer::default().rings(&book, &paused.traits, &paused.events, &clocks, UtcMs(i64::MAX), &mut rings);
    // 50 % of eight hours is the very instant of the pause.
    assert!(rings.is_empty(), "{rings:?}");
    assert_eq!(Interval::unended(START).to, UtcMs(i64::MAX));
}
