use serde_json::json;

use super::calendars::at;
use crate::sla::calendar::{Calendar, Interval};
use crate::sla::clock::{
    Clock, ClockState, EXPLAINED_INTERVALS_MAX, clock_state, consumed_ms, explain, plan_clocks, plan_clocks_from, share_consumed,
};
use crate::sla::event::{TicketEvent, TicketEventKind as Kind};
use crate::sla::policy::{Metric, Policy, ReopenRule, Threshold};
use crate::ticket::{Priority, Role, Status};
use crate::time::{HOUR_MS, MINUTE_MS, UtcMs};

/// Urgent 1 h / 4 h, important 2 h / 8 h, routine no first response / 2 business days.
fn policy(reopen: ReopenRule) -> Policy {
    let hour = |value: u32| json!({ "value": value, "unit": "hour" });
    serde_json::from_value(json!({
        "id": "p", "name_zh": "标准", "name_en": "Standard", "vip": null, "calendar_id": "week",
        "targets": [
            { "priority": "urgent", "first_response": hour(1), "resolution": hour(4) },
            { "priority": "important", "first_response": hour(2), "resolution": hour(8) },
            { "priority": "routine", "first_response": null, "resolution": { "value": 2, "unit": "business_day" } },
        ],
        "pause_statuses": ["waiting_customer"],
        "reopen": reopen,
        "thresholds": [
            { "kind": "share", "percent": 50 }, { "kind": "share", "percent": 75 },
            { "kind": "time_left", "seconds": 900 }, { "kind": "time_left", "seconds": 36000 }, { "kind": "breach" },
        ],
    }))
    .expect("a policy")
}

fn week() -> Calendar {
    let day = json!([["09:00", "17:00"]]);
    let hours = json!({ "mon": day, "tue": day, "wed": day, "thu": day, "fri": day });
    Calendar::from_json(&json!({ "tz": "UTC", "hours": hours })).expect("a calendar")
}

/// Monday 2026-01-05, `HH:MM`; `1T10:00` is the next day.
fn on(time: &str) -> UtcMs {
    match time.split_once('T') {
        Some((days, time)) => at(&format!("2026-01-{:02}T{time}:00Z", 5 + days.parse::<u32>().expect("days"))),
        None => at(&format!("2026-01-05T{time}:00Z")),
    }
}

fn log(entries: &[(&str, Kind)]) -> Vec<TicketEvent> {
    entries.iter().map(|(time, kind)| TicketEvent::new(on(time), kind.clone())).collect()
}

const fn to(status: Status) -> Kind {
    Kind::StatusChanged { to: status }
}

const AGENT: Kind = Kind::Replied { by: Role::Agent };

/// `FR1 11:00 Replied@10:00 paused[..]`: one line a clock, to compare tables.
fn line(clock: &Clock) -> String {
    let time = |at: UtcMs| {
        let text = at.to_rfc3339();
        let day = text[8..10].parse::<u32>().expect("a day") - 5;
        if day == 0 { text[11..16].to_owned() } else { format!("{day}T{}", &text[11..16]) }
    };
    let metric = if clock.metric == Metric::FirstResponse { "FR" } else { "RES" };
    let mut line =
        format!("{metric}{} {}..{}", clock.instance, time(clock.started_at), clock.deadline.map_or("-".to_owned(), time));
    if let (Some(at), Some(by)) = (clock.stopped_at, clock.stopped_by) {
        line += &format!(" {by:?}@{}", time(at));
    }
    clock.paused.iter().for_each(|pause| line += &format!(" ({}-{})", time(pause.from), time(pause.to)));
    if let Some(since) = clock.paused_since {
        line += &format!(" ({}-)", time(since));
    }
    line
}

#[test]
fn events_lead_to_clocks() {
    use ReopenRule::{Continue, Reset};
    use Status::{Closed, Open, Resolved, WaitingCustomer, WaitingVendor};
    let urgent = ("09:00", Kind::PriorityChanged { to: Priority::Urgent });
    let created = ("09:00", Kind::Created);
    let merged = Kind::Merged { into_remote_id: "7".to_owned() };
    type Row<'a> = (&'a str, ReopenRule, Vec<(&'a str, Kind)>, &'a [&'a str]);
    let table: Vec<Row<'_>> = vec![
        ("no creation, no clocks", Continue, vec![("09:00", AGENT)], &[]),
        ("both run", Continue, vec![], &["FR1 09:00..10:00", "RES1 09:00..13:00"]),
        (
            "first reply only",
            Continue,
            vec![("09:30", AGENT), ("09:40", AGENT)],
            &["FR1 09:00..10:00 Replied@09:30", "RES1 09:00..13:00"],
        ),
        (
            "a customer's reply answers nothing",
            Continue,
            vec![("09:30", Kind::Replied { by: Role::Customer })],
            &["FR1 09:00..10:00", "RES1 09:00..13:00"],
        ),
        (
            "waiting pauses resolution only",
            Continue,
            vec![("10:00", to(WaitingCustomer)), ("11:00", to(Open))],
            &["FR1 09:00..10:00", "RES1 09:00..14:00 (10:00-11:00)"],
        ),
        (
            "an open pause has no deadline",
            Continue,
            vec![("10:00", to(WaitingCustomer))],
            &["FR1 09:00..10:00", "RES1 09:00..- (10:00-)"],
        ),
        (
            "breached, then paused",
            Continue,
            vec![("14:00", to(WaitingCustomer))],
            &["FR1 09:00..10:00", "RES1 09:00..13:00 (14:00-)"],
        ),
        ("only named statuses pause", Continue, vec![("10:00", to(WaitingVendor))], &["FR1 09:00..10:00", "RES1 09:00..13:00"]),
        (
            "waiting twice is one pause",
            Continue,
            vec![("10:00", to(WaitingCustomer)), ("10:30", to(WaitingCustomer)), ("11:00", to(Open))],
            &["FR1 09:00..10:00", "RES1 09:00..14:00 (10:00-11:00)"],
        ),
        (
            "resolved while paused",
            Continue,
            vec![("09:30", AGENT), ("10:00", to(WaitingCustomer)), ("16:00", to(Resolved))],
            &["FR1 09:00..10:00 Replied@09:30", "RES1 09:00..1T11:00 Resolved@16:00 (10:00-16:00)"],
        ),
        (
            "closing after resolving stops once",
            Continue,
            vec![("09:30", AGENT), ("10:00", to(Resolved)), ("12:00", to(Closed))],
            &["FR1 09:00..10:00 Replied@09:30", "RES1 09:00..13:00 Resolved@10:00"],
        ),
        (
            "closed unanswered",
            Continue,
            vec![("09:30", to(Closed))],
            &["FR1 09:00..10:00 ClosedUnanswered@09:30", "RES1 09:00..13:00 Closed@09:30"],
        ),
        (
            "the reply that resolves is a reply",
            Continue,
            vec![("09:30", to(Resolved)), ("09:30", AGENT)],
            &["FR1 09:00..10:00 Replied@09:30", "RES1 09:00..13:00 Resolved@09:30"],
        ),
        (
            "reopening continues",
            Continue,
            vec![("09:30", AGENT), ("10:00", to(Resolved)), ("12:00", to(Open))],
            &["FR1 09:00..10:00 Replied@09:30", "RES1 09:00..15:00 (10:00-12:00)"],
        ),
        (
            "reopening into waiting prolongs the pause",
            Continue,
            vec![("09:30", AGENT), ("10:00", to(Resolved)), ("12:00", to(WaitingCustomer)), ("13:00", to(Open))],
            &["FR1 09:00..10:00 Replied@09:30", "RES1 09:00..16:00 (10:00-13:00)"],
        ),
        (
            "reopened unanswered, still owed",
            Continue,
            vec![("09:30", to(Closed)), ("11:00", to(Open))],
            &["FR1 09:00..11:30 (09:30-11:00)", "RES1 09:00..14:30 (09:30-11:00)"],
        ),
        (
            "reopening resets",
            Reset,
            vec![("09:30", AGENT), ("10:00", to(Resolved)), ("12:00", to(Open))],
            &["FR1 09:00..10:00 Replied@09:30", "RES1 09:00..13:00 Resolved@10:00", "RES2 12:00..16:00"],
        ),
        (
            "a reset reopening into waiting is paused at once",
            Reset,
            vec![("09:30", AGENT), ("10:00", to(Resolved)), ("12:00", to(WaitingCustomer))],
            &["FR1 09:00..10:00 Replied@09:30", "RES1 09:00..13:00 Resolved@10:00", "RES2 12:00..- (12:00-)"],
        ),
        (
            "a new priority counts from creation and keeps pauses",
            Continue,
            vec![
                ("10:00", to(WaitingCustomer)),
                ("10:30", to(Open)),
                ("11:00", Kind::PriorityChanged { to: Priority::Important }),
            ],
            &["FR1 09:00..11:00", "RES1 09:00..1T09:30 (10:00-10:30)"],
        ),
        (
            "a priority after the stop changes nothing",
            Continue,
            vec![("09:30", AGENT), ("11:00", Kind::PriorityChanged { to: Priority::Important })],
            &["FR1 09:00..10:00 Replied@09:30", "RES1 09:00..17:00"],
        ),
        (
            "a priority without target has no clock",
            Continue,
            vec![("09:30", Kind::PriorityChanged { to: Priority::Routine })],
            &["RES1 09:00..2T09:00"],
        ),
        (
            "merging cancels for good",
            Continue,
            vec![("09:30", merged), ("10:00", to(Open)), ("10:10", AGENT)],
            &["FR1 09:00..10:00 Merged@09:30", "RES1 09:00..13:00 Merged@09:30"],
        ),
        (
            "deleting cancels what still ran",
            Continue,
            vec![("09:20", AGENT), ("09:30", Kind::Deleted)],
            &["FR1 09:00..10:00 Replied@09:20", "RES1 09:00..13:00 Deleted@09:30"],
        ),
    ];
    for (why, reopen, entries, expect) in table {
        let mut events = vec![created.clone(), urgent.clone()];
        if why.starts_with("no creation") {
            events.clear();
        }
        events.extend(entries);
        let clocks = plan_clocks(&log(&events), &policy(reopen), &week());
        assert_eq!(clocks.iter().map(line).collect::<Vec<_>>(), expect, "{why}");
        events.reverse();
        if why != "waiting twice is one pause" {
            assert_eq!(plan_clocks(&log(&events), &policy(reopen), &week()), clocks, "{why}, events in another order");
        }
    }
}

#[test]
fn a_log_without_priority_takes_the_one_given() {
    let events = log(&[("09:00", Kind::Created)]);
    let clocks = plan_clocks_from(&events, Priority::Urgent, &policy(ReopenRule::Continue), &week());
    assert_eq!(clocks.iter().map(line).collect::<Vec<_>>(), ["FR1 09:00..10:00", "RES1 09:00..13:00"]);
    let routine = plan_clocks(&events, &policy(ReopenRule::Continue), &week());
    assert_eq!(routine.iter().map(line).collect::<Vec<_>>(), ["RES1 09:00..2T09:00"]);
}

#[test]
fn warnings_ring_in_business_time_and_only_after_the_start() {
    let events = log(&[("15:00", Kind::Created), ("16:00", to(Status::WaitingCustomer)), ("16:30", to(Status::Open))]);
    let clocks = plan_clocks_from(&events, Priority::Urgent, &policy(ReopenRule::Continue), &week());
    let share = |percent| Threshold::Share { percent };
    let quarter = Threshold::TimeLeft { seconds: 900 };
    // Ten hours left is before the start of either and dropped; the pause and the night do not count.
    assert_eq!(
        clocks[0].dues,
        [(share(50), on("15:30")), (share(75), on("15:45")), (quarter, on("15:45")), (Threshold::Breach, on("16:00"))]
    );
    assert_eq!(
        clocks[1].dues,
        [(share(50), on("1T09:30")), (share(75), on("1T10:30")), (quarter, on("1T11:15")), (Threshold::Breach, on("1T11:30"))]
    );
    assert_eq!((clocks[1].imminent_at, clocks[1].breaching_at), (Some(on("1T11:06")), Some(on("1T11:25"))));
}

#[test]
fn states_follow_the_clock() {
    use ClockState::{Achieved, Breached, Breaching, Cancelled, Imminent, Late, Paused, Running};
    let state = |entries: &[(&str, Kind)], metric: usize, now: &str| {
        let mut events = vec![("09:00", Kind::Created)];
        events.extend_from_slice(entries);
        let clocks = plan_clocks_from(&log(&events), Priority::Urgent, &policy(ReopenRule::Continue), &week());
        clock_state(&clocks[metric], on(now))
    };
    let table = [
        (vec![], 0, "09:44", Running),
        (vec![], 0, "09:45", Imminent),
        (vec![], 0, "09:55", Breaching),
        (vec![], 0, "10:00", Breached),
        (vec![], 1, "12:35", Running),
        (vec![], 1, "12:36", Imminent),
        (vec![("10:00", AGENT)], 0, "12:00", Achieved),
        (vec![("10:01", AGENT)], 0, "12:00", Late),
        (vec![("09:10", to(Status::Closed))], 0, "12:00", Cancelled),
        (vec![("09:10", to(Status::WaitingCustomer))], 1, "16:00", Paused),
        (vec![("14:00", to(Status::WaitingCustomer))], 1, "16:00", Breached),
    ];
    for (entries, metric, now, expect) in table {
        assert_eq!(state(&entries, metric, now), expect, "{entries:?} at {now}");
    }
}

#[test]
fn an_explanation_adds_up() {
    let events = log(&[
        ("15:00", Kind::Created),
        // What a log says of the opening replaces nothing: the ticket is urgent by now.
        ("15:00", Kind::PriorityChanged { to: Priority::Important }),
        ("15:10", Kind::PriorityChanged { to: Priority::Urgent }),
        ("16:00", to(Status::WaitingCustomer)),
        ("16:30", to(Status::Open)),
    ]);
    let (policy, calendar) = (policy(ReopenRule::Continue), week());
    let clocks = plan_clocks_from(&events, Priority::Urgent, &policy, &calendar);
    let clock = &clocks[1];
    let why = explain(clock, &policy, &calendar, on("1T10:30"));
    let counted: i64 = why.counted.iter().map(|interval| interval.length_ms()).sum();
    assert_eq!((Some(counted), why.counted_total), (why.target_ms, 3));
    assert_eq!(why.counted[1], Interval { from: on("16:30"), to: on("17:00") });
    assert_eq!((why.pauses.len(), why.pauses[0].open_ms, why.consumed_ms), (1, 30 * MINUTE_MS, 3 * HOUR_MS));
    assert_eq!(why.superseded.iter().map(|old| (old.until, old.target.value)).collect::<Vec<_>>(), [(on("15:10"), 8)]);
    assert!((share_consumed(clock, &calendar, on("1T10:30")) - 0.75).abs() < 1e-9);
    assert_eq!(consumed_ms(clock, &calendar, on("1T11:30")), 4 * HOUR_MS);

    let long = Clock { deadline: Some(on("15:00").plus_ms(400 * 24 * HOUR_MS)), ..clock.clone() };
    let why = explain(&long, &policy, &calendar, on("16:00"));
    assert_eq!(why.counted.len(), EXPLAINED_INTERVALS_MAX);
    assert!(why.counted_total > 280, "{}", why.counted_total);
    let paused = Clock { deadline: None, paused_since: Some(on("1T09:30")), ..clock.clone() };
    let why = explain(&paused, &policy, &calendar, on("1T10:30"));
    assert_eq!((why.pauses[1].to, why.pauses[1].open_ms, why.consumed_ms), (None, HOUR_MS, 2 * HOUR_MS));
}
