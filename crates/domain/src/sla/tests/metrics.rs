//! Next response, first resolution, visits, merges; who stopped a clock and how exactly it is known.

use std::time::{Duration, Instant};

use serde_json::json;

use super::calendars::at;
use crate::sla::calendar::Calendar;
use crate::sla::clock::{Clock, ClockState, clock_state, plan_clocks_from};
use crate::sla::event::{TicketEvent, TicketEventKind as Kind};
use crate::sla::policy::{Metric, Policy};
use crate::ticket::{Priority, Role, Status};
use crate::time::{MINUTE_MS, UtcMs};

/// Every metric an hour, the visit two days, around the clock.
fn policy(reopen: &str) -> Policy {
    let hour = json!({ "value": 60, "unit": "minute" });
    let targets = json!([{ "priority": "urgent", "first_response": hour, "next_response": hour, "first_resolution": hour,
        "resolution": hour, "visit": { "value": 48, "unit": "hour" } }]);
    serde_json::from_value(json!({
        "id": "p", "name_zh": "", "name_en": "P", "vip": null, "calendar_id": "c", "targets": targets,
        "pause_statuses": ["waiting_customer"], "reopen": reopen, "thresholds": [{ "kind": "breach" }],
    }))
    .expect("a policy")
}

fn minute(minute: i64) -> UtcMs {
    at("2026-01-05T09:00:00Z").plus_ms(minute * MINUTE_MS)
}

fn plan(reopen: &str, entries: &[(i64, Kind)]) -> Vec<Clock> {
    let events: Vec<TicketEvent> = [(0, Kind::Created)]
        .iter()
        .chain(entries)
        .map(|(at, kind)| TicketEvent { actor: format!("who@{at}"), ..TicketEvent::new(minute(*at), kind.clone()) })
        .collect();
    plan_clocks_from(&events, Priority::Urgent, &policy(reopen), &Calendar::always(chrono_tz::UTC))
}

/// `next_response2 30..90 Replied@45`, of one metric.
fn lines(clocks: &[Clock], metric: Metric) -> Vec<String> {
    let number = |at: UtcMs| at.ms_since(minute(0)) / MINUTE_MS;
    let shown = clocks.iter().filter(|clock| clock.metric == metric).map(|clock| {
        let deadline = clock.deadline.map_or("-".to_owned(), |at| number(at).to_string());
        let mut line = format!("{} {}..{deadline}", clock.instance, number(clock.started_at));
        if let (Some(at), Some(by)) = (clock.stopped_at, clock.stopped_by) {
            line += &format!(" {by:?}@{}", number(at));
        }
        line
    });
    shown.collect()
}

#[test]
fn every_metric_has_its_own_start_and_end() {
    use Metric::{FirstResolution, FirstResponse, NextResponse, Resolution, Visit};
    const AGENT: Kind = Kind::Replied { by: Role::Agent };
    const ASKED: Kind = Kind::Replied { by: Role::Customer };
    let to = |status| Kind::StatusChanged { to: status };
    let visit = |visit: &str| Kind::VisitRequested { visit: visit.to_owned() };
    let done = |visit: &str| Kind::VisitDone { visit: visit.to_owned() };
    let called_off = |visit: &str| Kind::VisitCancelled { visit: visit.to_owned() };
    let absorbed = |earlier: i64| Kind::Absorbed { created_at: minute(-earlier) };
    type Row<'a> = (&'a str, &'a str, Vec<(i64, Kind)>, Metric, &'a [&'a str]);
    let table: Vec<Row<'_>> = vec![
        ("unanswered from the start is the first response's", "continue", vec![(5, ASKED)], NextResponse, &[]),
        ("the oldest question counts", "continue", vec![(5, AGENT), (10, ASKED), (20, ASKED)], NextResponse, &["1 10..70"]),
        (
            "each question anew",
            "continue",
            vec![(5, AGENT), (10, ASKED), (20, AGENT), (30, AGENT), (40, ASKED)],
            NextResponse,
            &["1 10..70 Replied@20", "2 40..100"],
        ),
        (
            "resolving without an answer cancels, and reopening asks nothing",
            "continue",
            vec![(5, AGENT), (10, ASKED), (20, to(Status::Resolved)), (30, to(Status::Open))],
            NextResponse,
            &["1 10..70 ClosedUnanswered@20"],
        ),
        (
            "the reply that resolves is a reply",
            "continue",
            vec![(5, AGENT), (10, ASKED), (20, to(Status::Resolved)), (20, AGENT)],
            NextResponse,
            &["1 10..70 Replied@20"],
        ),
        (
            "a pause status does not stop an answer from being owed",
            "continue",
            vec![(5, AGENT), (10, ASKED), (12, to(Status::WaitingCustomer))],
            NextResponse,
            &["1 10..70"],
        ),
        (
            "a question that reopens a ticket closed unanswered is the first response's",
            "continue",
            vec![(5, to(Status::Closed)), (10, ASKED), (10, to(Status::Open))],
            NextResponse,
            &[],
        ),
        (
            "… which comes back",
            "continue",
            vec![(5, to(Status::Closed)), (10, ASKED), (10, to(Status::Open))],
            FirstResponse,
            &["1 0..65"],
        ),
        (
            "the first resolution does not come back",
            "continue",
            vec![(10, to(Status::Resolved)), (30, to(Status::Open)), (50, to(Status::Closed))],
            FirstResolution,
            &["1 0..60 Resolved@10"],
        ),
        (
            "… nor is it reset",
            "reset",
            vec![(10, to(Status::Resolved)), (30, to(Status::Open))],
            FirstResolution,
            &["1 0..60 Resolved@10"],
        ),
        (
            "… but the resolution is",
            "reset",
            vec![(10, to(Status::Resolved)), (30, to(Status::Open))],
            Resolution,
            &["1 0..60 Resolved@10", "2 30..90"],
        ),
        (
            "waiting pauses the first resolution",
            "continue",
            vec![(10, to(Status::WaitingCustomer)), (30, to(Status::Open))],
            FirstResolution,
            &["1 0..80"],
        ),
        (
            "visits by their order, each by itself",
            "continue",
            vec![(10, visit("b")), (20, visit("a")), (21, visit("b")), (30, called_off("b")), (40, done("a")), (50, done("b"))],
            Visit,
            &["1 10..2890 VisitCancelled@30", "2 20..2900 VisitDone@40"],
        ),
        (
            "closing the ticket leaves the visit owed",
            "continue",
            vec![(10, visit("a")), (20, to(Status::WaitingCustomer)), (30, to(Status::Closed))],
            Visit,
            &["1 10..2890"],
        ),
        ("a merge takes the earliest start", "continue", vec![(30, absorbed(20)), (40, absorbed(5))], Resolution, &["1 -20..40"]),
        ("… of what still runs", "continue", vec![(10, AGENT), (30, absorbed(20))], FirstResponse, &["1 0..60 Replied@10"]),
        (
            "… or comes back later",
            "continue",
            vec![(10, to(Status::Closed)), (20, absorbed(20)), (40, to(Status::Open))],
            Resolution,
            &["1 -20..70"],
        ),
        (
            "… but not of a clock that started anew",
            "reset",
            vec![(10, to(Status::Closed)), (20, to(Status::Open)), (30, absorbed(20))],
            Resolution,
            &["1 0..60 Closed@10", "2 20..80"],
        ),
        ("a younger ticket changes nothing", "continue", vec![(30, absorbed(-10))], Resolution, &["1 0..60"]),
        (
            "merging away ends the visit too",
            "continue",
            vec![(10, visit("a")), (20, Kind::Deleted)],
            Visit,
            &["1 10..2890 Deleted@20"],
        ),
    ];
    for (why, reopen, entries, metric, expect) in table {
        assert_eq!(lines(&plan(reopen, &entries), metric), expect, "{why}");
    }
}

#[test]
fn clocks_say_who_stopped_them_and_come_in_the_order_of_the_metrics() {
    let clocks = plan(
        "continue",
        &[
            (5, Kind::VisitRequested { visit: "v-7".to_owned() }),
            (10, Kind::Replied { by: Role::Agent }),
            (15, Kind::Replied { by: Role::Customer }),
            (20, Kind::StatusChanged { to: Status::Resolved }),
        ],
    );
    let told: Vec<(Metric, &str, &str)> =
        clocks.iter().map(|clock| (clock.metric, clock.stopped_who.as_str(), clock.visit.as_str())).collect();
    let expect = [
        (Metric::FirstResponse, "who@10", ""),
        (Metric::NextResponse, "who@20", ""),
        (Metric::FirstResolution, "who@20", ""),
        (Metric::Resolution, "who@20", ""),
        (Metric::Visit, "", "v-7"),
    ];
    assert_eq!(told, expect);
    assert_eq!(clock_state(&clocks[1], minute(60)), ClockState::Cancelled);
}

#[test]
fn a_clock_is_known_as_exactly_as_the_vaguest_of_its_events() {
    let vague = |at: i64, kind: Kind, uncertainty_ms: u64| TicketEvent { uncertainty_ms, ..TicketEvent::new(minute(at), kind) };
    let to = |status| Kind::StatusChanged { to: status };
    let events = [
        vague(0, Kind::Created, 3),
        vague(5, Kind::PriorityChanged { to: Priority::Urgent }, 900),
        vague(10, Kind::Replied { by: Role::Agent }, 40),
        vague(20, to(Status::WaitingCustomer), 70),
        vague(25, to(Status::WaitingCustomer), 800),
        vague(30, to(Status::Open), 60),
        vague(40, to(Status::Open), 700),
        vague(50, to(Status::Resolved), 50),
        vague(60, to(Status::Closed), 600),
    ];
    let clocks = plan_clocks_from(&events, Priority::Urgent, &policy("continue"), &Calendar::always(chrono_tz::UTC));
    let known: Vec<(Metric, u64)> = clocks.iter().map(|clock| (clock.metric, clock.uncertainty_ms)).collect();
    assert_eq!(known, [(Metric::FirstResponse, 40), (Metric::FirstResolution, 70), (Metric::Resolution, 70)]);
}

#[test]
fn a_thousand_events_are_planned_in_no_time() {
    let events: Vec<(i64, Kind)> = (1..1_000)
        .map(|number| match number % 4 {
            0 => (number, Kind::Replied { by: Role::Agent }),
            1 => (number, Kind::StatusChanged { to: Status::WaitingCustomer }),
            2 => (number, Kind::StatusChanged { to: Status::Open }),
            _ => (number, Kind::Replied { by: Role::Customer }),
        })
        .collect();
    let begun = Instant::now();
    let clocks = plan("continue", &events);
    let took = begun.elapsed();
    assert_eq!(clocks.iter().filter(|clock| clock.metric == Metric::NextResponse).count(), 249);
    // A quadratic reading of the log would need a hundred times as long, also unoptimised on a busy machine.
    assert!(took < Duration::from_secs(2), "{took:?}");
}
