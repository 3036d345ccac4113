//! What the demo promises, recomputed from the finished tickets alone.

use std::collections::{BTreeMap, BTreeSet};

use deskbell_domain::UtcMs;
use deskbell_domain::sla::calendar::Interval;
use deskbell_domain::ticket::Priority;
use deskbell_domain::time::{HOUR_MS, MINUTE_MS, SECOND_MS};

use super::people::People;
use super::plan::{BELL_RINGS_IN_MS, Calendars, QUIET_MS, TICKETS, targets};
use super::timeline::{DemoTicket, Happening};
use super::{build, scenario, visits};
use crate::centres::Centres;
use crate::wire::{Role, Status, Visibility};

/// Saturday noon, Monday before opening, Wednesday noon, New Year's Eve, a night in the national holidays.
const NOWS: [&str; 5] = [
    "2026-11-21T12:00:00+08:00",
    "2026-11-23T07:30:00+08:00",
    "2026-06-10T12:20:00+08:00",
    "2026-12-31T23:50:00+08:00",
    "2026-10-03T03:00:00+08:00",
];

fn made(now: UtcMs, seed: u64) -> (Vec<DemoTicket>, People) {
    let people = People::read().unwrap();
    let tickets = build::build(&people, &scenario::read_all().unwrap(), now, seed).unwrap();
    (tickets, people)
}

/// Time left of each open clock of a ticket: (is first response, deadline, target).
fn open_clocks(ticket: &DemoTicket, vip: bool, calendars: &Calendars) -> Vec<(bool, UtcMs, i64)> {
    let targets = targets(vip, ticket.priority);
    let calendar = calendars.of(targets);
    let mut pauses = Vec::new();
    let mut paused_since = None;
    let (mut answered, mut resolved) = (false, false);
    for happening in &ticket.happenings {
        match happening {
            Happening::Note { role: Role::Agent, visibility: Visibility::Public, .. } => answered = true,
            Happening::Note { .. } => {}
            Happening::Status { at, to } => {
                if let Some(from) = paused_since.take() {
                    pauses.push(Interval { from, to: *at });
                }
                match to {
                    Status::WaitingCustomer => paused_since = Some(*at),
                    Status::Resolved => resolved = true,
                    _ => {}
                }
            }
        }
    }
    if resolved || paused_since.is_some() {
        return Vec::new();
    }
    let mut clocks = Vec::new();
    let due = |target_ms| calendar.moment_at_elapsed(ticket.created_at, target_ms, &pauses).unwrap();
    if !answered {
        clocks.push((true, due(targets.first_response_ms), targets.first_response_ms));
    }
    clocks.push((false, due(targets.resolution_ms), targets.resolution_ms));
    clocks
}

#[test]
fn the_watch_looks_alike_at_any_time() {
    let calendars = Calendars::new();
    for text in NOWS {
        let now = UtcMs::parse_rfc3339(text).unwrap();
        let (tickets, people) = made(now, 7);
        let vip: BTreeMap<&str, bool> = people.customers.iter().map(|customer| (customer.id.as_str(), customer.vip)).collect();
        assert_eq!(tickets.len(), TICKETS);
        let unfinished = tickets.iter().filter(|ticket| ticket.is_unfinished()).count();
        assert!((120..=130).contains(&unfinished), "{text}: {unfinished} unfinished");
        let (mut left, mut bells) = (Vec::new(), Vec::new());
        for ticket in &tickets {
            assert!(ticket.happenings.iter().all(|happening| happening.at() <= now), "{text}: {}", ticket.subject);
            assert!(ticket.happenings.is_sorted_by_key(Happening::at), "{text}: {}", ticket.subject);
            let vip = vip[ticket.customer_id.as_str()];
            for (is_first, due, target_ms) in open_clocks(ticket, vip, &calendars) {
                let left_ms = due.ms_since(now);
                left.push(left_ms);
                let mut thresholds = vec![0, 5 * MINUTE_MS, 15 * MINUTE_MS];
                if vip {
                    thresholds.extend([target_ms / 2, target_ms / 4, target_ms / 10]);
                }
                let soon = thresholds.iter().filter(|threshold| (0..=QUIET_MS).contains(&(left_ms - **threshold)));
                bells.extend(soon.map(|threshold| (vip, ticket.priority, is_first, left_ms - threshold)));
            }
        }
        assert_eq!(bells, [(true, Priority::Urgent, true, BELL_RINGS_IN_MS)], "{text}");
        assert!((35..=45).contains(&(BELL_RINGS_IN_MS / SECOND_MS)));
        let between = |low: i64, high: i64| left.iter().filter(|left_ms| (low..high).contains(*left_ms)).count();
        assert!((1..=3).contains(&between(i64::MIN, 0)), "{text}: {} breached", between(i64::MIN, 0));
        assert!((3..=4).contains(&between(0, 15 * MINUTE_MS)), "{text}: {} within 15 min", between(0, 15 * MINUTE_MS));
        assert!((5..=12).contains(&between(15 * MINUTE_MS, HOUR_MS)), "{text}: within the hour");
        assert!(between(HOUR_MS, 12 * HOUR_MS) >= 15 && between(12 * HOUR_MS, i64::MAX) >= 20, "{text}: later");
    }
}

#[test]
fn the_same_now_and_seed_make_the_same_desk() {
    let now = UtcMs::parse_rfc3339(NOWS[0]).unwrap();
    assert_eq!(made(now, 7).0, made(now, 7).0);
    assert_ne!(made(now, 7).0, made(now, 8).0);
}

#[test]
fn people_and_scripts_are_as_many_as_promised() {
    let people = People::read().unwrap();
    let scenarios = scenario::read_all().unwrap();
    assert_eq!(people.customers.len(), 40);
    assert_eq!(people.customers.iter().filter(|customer| customer.vip).count(), 9);
    let ids: BTreeSet<&str> = scenarios.iter().map(|scenario| scenario.id.as_str()).collect();
    assert_eq!(ids.len(), scenarios.len());
    assert!(scenarios.len() >= scenario::SCENARIOS_MIN);
}

#[test]
fn no_two_tickets_read_alike_and_both_languages_are_spoken() {
    let now = UtcMs::parse_rfc3339(NOWS[2]).unwrap();
    let (tickets, people) = made(now, 3);
    let body = |happening: &Happening| match happening {
        Happening::Note { body, .. } => body.clone(),
        Happening::Status { .. } => String::new(),
    };
    let threads: BTreeSet<Vec<String>> = tickets.iter().map(|ticket| ticket.happenings.iter().map(body).collect()).collect();
    assert_eq!(threads.len(), tickets.len());
    let unfilled = threads.iter().flatten().find(|text| text.contains("{n:") || text.contains("{t:"));
    assert_eq!(unfilled, None);
    let chinese: BTreeSet<&str> =
        people.customers.iter().filter(|customer| customer.lang.tag() == "zh-CN").map(|customer| customer.id.as_str()).collect();
    let share = tickets.iter().filter(|ticket| chinese.contains(ticket.customer_id.as_str())).count() * 100 / tickets.len();
    assert!((57..=63).contains(&share), "{share} % Chinese");
    let oldest = tickets.first().unwrap().created_at;
    assert!(now.ms_since(oldest) > 330 * 24 * HOUR_MS);
    let closed = tickets.iter().filter(|ticket| ticket.status == Status::Closed).count();
    assert!(closed > 220, "{closed} closed");
}

#[test]
fn every_script_fills_every_slot() {
    let people = People::read().unwrap();
    let customer = &people.customers[0];
    for scenario in scenario::read_all().unwrap() {
        let slots = super::slots::Slots {
            seed: 1,
            created_at: UtcMs(1_780_000_000_000),
            lang: scenario.lang,
            customer,
            requester: "r",
            agent: "a",
        };
        for text in scenario.subjects.iter().chain(scenario.turns.iter().flat_map(|(.., texts)| texts)) {
            slots.fill(text).unwrap_or_else(|error| panic!("{}: {error}", scenario.id));
        }
    }
}

#[test]
fn some_thirty_visits_lie_around_now_in_every_state_and_nobody_is_in_two_places() {
    use deskbell_domain::scheduling::VisitState;
    for text in NOWS {
        let now = UtcMs::parse_rfc3339(text).unwrap();
        let (tickets, people) = made(now, 7);
        let centres = Centres::read(None, now).unwrap();
        let made = visits::plan(&people, &tickets, &centres, now, 7);
        assert!((28..=31).contains(&made.len()), "{text}: {} visits", made.len());
        assert_eq!(made, visits::plan(&people, &tickets, &centres, now, 7), "{text}: the same every time");
        for state in VisitState::ALL {
            assert!(made.iter().any(|(_, visit)| visit.state == *state), "{text}: none is {}", state.as_str());
        }
        let stands = |state| matches!(state, VisitState::Confirmed | VisitState::Done);
        let standing: Vec<_> = made.iter().filter(|(_, visit)| stands(visit.state)).map(|(_, visit)| visit).collect();
        for (index, visit) in standing.iter().enumerate() {
            let slot = visit.slot.as_ref().unwrap();
            assert_eq!(slot.end <= now, visit.state == VisitState::Done, "{text}: {}", slot.start.to_rfc3339());
            let clashes = standing.iter().skip(index + 1).filter(|other| {
                let taken = other.slot.as_ref().unwrap();
                other.engineer_id == visit.engineer_id && taken.start < slot.end && slot.start < taken.end
            });
            assert_eq!(clashes.count(), 0, "{text}");
        }
        for (position, visit) in &made {
            let ticket = &tickets[*position];
            assert!(ticket.created_at < visit.requested_at && visit.requested_at <= now, "{text}: {}", ticket.subject);
            assert!(
                visit.history.is_sorted_by_key(|event| event.at) && visit.history.iter().all(|event| event.at <= now),
                "{text}"
            );
            let waits = !visit.state.is_final();
            assert!(!waits || now.ms_since(visit.requested_at) < 18 * HOUR_MS, "{text}: a clock would ring");
            assert!(!waits || ticket.is_unfinished(), "{text}: {}", ticket.subject);
        }
    }
}
