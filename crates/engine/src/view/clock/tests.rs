//! What a ticket's detail says of its clocks, by table.

use std::collections::BTreeMap;

use deskbell_domain::sla::event::{TicketEvent, TicketEventKind as Kind};
use deskbell_domain::sla::policy::TargetUnit;
use deskbell_domain::sla::rules::{RuleBook, RuleSet};
use deskbell_domain::ticket::{AccountId, Priority, Role, Status};
use deskbell_domain::time::{DAY_MS, MINUTE_MS};
use serde_json::json;

use super::*;

/// Monday 2026-01-05, 00:00 UTC.
const MONDAY: UtcMs = UtcMs(1_767_571_200_000);
const HALF: Threshold = Threshold::Share { percent: 50 };
const LAST_QUARTER_HOUR: Threshold = Threshold::TimeLeft { seconds: 900 };

/// `HH:MM` on Monday, `1T10:00` on Tuesday.
fn on(time: &str) -> UtcMs {
    let (days, time) = time.split_once('T').unwrap_or(("0", time));
    let (hours, minutes) = time.split_once(':').unwrap();
    let number = |text: &str| text.parse::<i64>().unwrap();
    MONDAY.plus_ms(number(days) * DAY_MS + (number(hours) * 60 + number(minutes)) * MINUTE_MS)
}

/// One policy; weekdays 9 to 17 UTC, of which the holidays are known to Tuesday.
fn book(asks_for: serde_json::Value) -> RuleBook {
    let target = |value: u32, unit: &str| json!({ "value": value, "unit": unit });
    let mut policy = json!({
        "id": "p", "name_zh": "标准", "name_en": "Standard", "vip": null, "calendar_id": "week",
        "targets": [
            { "priority": "urgent", "first_response": target(30, "minute"), "resolution": target(4, "hour") },
            { "priority": "important", "resolution": target(8, "hour") },
            { "priority": "routine", "resolution": target(2, "business_day") },
        ],
        "pause_statuses": ["waiting_customer"], "reopen": "continue",
        "thresholds": [
            { "kind": "breach" }, HALF, LAST_QUARTER_HOUR, { "kind": "share", "percent": 75 },
            { "kind": "share", "percent": 100 }, { "kind": "time_left", "seconds": 360_000 },
        ],
    });
    for (key, value) in asks_for.as_object().unwrap() {
        policy[key] = value.clone();
    }
    let day = json!([["09:00", "17:00"]]);
    let hours = json!({ "mon": day, "tue": day, "wed": day, "thu": day, "fri": day });
    let calendar = Calendar::from_json(&json!({ "tz": "UTC", "hours": hours, "known_until": "2026-01-06" })).unwrap();
    let named = NamedCalendar { name_zh: "工作日".into(), name_en: "Working days".into(), calendar };
    let policies = vec![serde_json::from_value(policy).unwrap()];
    RuleBook { sets: vec![RuleSet { from: None, policies, calendars: BTreeMap::from([("week".to_owned(), named)]) }] }
}

fn traits(priority: Priority) -> Traits {
    let text = |text: &str| text.to_owned();
    let tags = ["网络", "夜间", "退款"].map(text).into();
    Traits { account: AccountId(3), vip: true, priority, customer: text("华东支付"), product: text("ECS"), tags }
}

fn rung(metric: Metric, threshold: Threshold, due: &str, shown: &str) -> RungThreshold {
    RungThreshold { metric, instance: 1, threshold, due_at: on(due), shown_at: on(shown) }
}

/// A ticket opened at a priority, and what happened then.
fn show(opened: &str, priority: Priority, then: &[(&str, Kind)], rung: &[RungThreshold], now: &str) -> Vec<ClockView> {
    let start = [(opened, Kind::PriorityChanged { to: priority }), (opened, Kind::Created)];
    let events: Vec<TicketEvent> = start
        .iter()
        .chain(then)
        .map(|(time, kind)| TicketEvent { actor: "陈晨".into(), ..TicketEvent::new(on(time), kind.clone()) })
        .collect();
    show_events(&events, priority, rung, now)
}

fn show_events(events: &[TicketEvent], priority: Priority, rung: &[RungThreshold], now: &str) -> Vec<ClockView> {
    let (book, traits) = (book(json!({})), traits(priority));
    let beside = Beside { now: on(now), traits: &traits, account_name: "hub", rung };
    book.clocks(&traits, events).iter().map(|planned| show_clock(planned, &beside)).collect()
}

fn of(metric: Metric, clocks: Vec<ClockView>) -> ClockView {
    clocks.into_iter().find(|clock| clock.metric == metric).unwrap()
}

const fn to(status: Status) -> Kind {
    Kind::StatusChanged { to: status }
}

struct Case {
    why: &'static str,
    opened: &'static str,
    priority: Priority,
    then: Vec<(&'static str, Kind)>,
    rung: Vec<RungThreshold>,
    now: &'static str,
    state: ClockState,
    /// Percent of the target.
    used: f64,
    /// Percent of the target, the moment, and when it rang.
    marks: Vec<(f64, &'static str, &'static str)>,
    /// From, to, and the minutes it took out.
    notches: Vec<(&'static str, &'static str, i64)>,
}

fn case(why: &'static str) -> Case {
    Case {
        why,
        opened: "09:00",
        priority: Priority::Urgent,
        then: Vec::new(),
        rung: Vec::new(),
        now: "11:00",
        state: ClockState::Running,
        used: 50.0,
        marks: vec![(50.0, "11:00", ""), (75.0, "12:00", ""), (93.75, "12:45", ""), (100.0, "13:00", "")],
        notches: Vec::new(),
    }
}

fn cases() -> Vec<Case> {
    use ClockState::{Breached, Late, Paused, Running};
    let resolution = Metric::Resolution;
    let (waits, goes_on) = (to(Status::WaitingCustomer), to(Status::Open));
    vec![
        case("runs: marks stand by business time; one longer than the target and one at its end are none of their own"),
        Case {
            rung: vec![
                rung(resolution, HALF, "11:00", "11:01"),
                rung(resolution, Threshold::Share { percent: 75 }, "11:30", "11:31"),
                rung(Metric::FirstResponse, LAST_QUARTER_HOUR, "12:45", "12:46"),
                RungThreshold { instance: 2, ..rung(resolution, Threshold::Breach, "13:00", "13:01") },
            ],
            marks: vec![(50.0, "11:00", "11:01"), (75.0, "12:00", ""), (93.75, "12:45", ""), (100.0, "13:00", "")],
            ..case("rang: for this clock and this very moment")
        },
        Case {
            opened: "15:00",
            now: "1T08:00",
            state: Running,
            marks: vec![(50.0, "17:00", ""), (75.0, "1T10:00", ""), (93.75, "1T10:45", ""), (100.0, "1T11:00", "")],
            ..case("a night takes nothing of the target")
        },
        Case {
            then: vec![("11:30", waits.clone())],
            rung: vec![rung(resolution, HALF, "11:00", "11:00")],
            now: "12:30",
            state: Paused,
            used: 62.5,
            marks: vec![(50.0, "11:00", "11:00"), (75.0, "", ""), (93.75, "", ""), (100.0, "", "")],
            notches: vec![("11:30", "", 60)],
            ..case("paused: what was passed keeps its moment, what comes has none")
        },
        Case {
            then: vec![("11:30", waits.clone()), ("12:30", goes_on.clone())],
            now: "13:30",
            used: 87.5,
            marks: vec![(50.0, "11:00", ""), (75.0, "13:00", ""), (93.75, "13:45", ""), (100.0, "14:00", "")],
            notches: vec![("11:30", "12:30", 60)],
            ..case("a pause that has ended moves what came after it")
        },
        Case {
            opened: "15:00",
            then: vec![("16:30", waits), ("1T09:30", goes_on)],
            now: "1T10:00",
            state: Running,
            marks: vec![(50.0, "1T10:00", ""), (75.0, "1T11:00", ""), (93.75, "1T11:45", ""), (100.0, "1T12:00", "")],
            notches: vec![("16:30", "1T09:30", 60)],
            ..case("of a pause over night only the open part counts")
        },
        Case { now: "14:00", state: Breached, used: 125.0, ..case("over: the share goes on past the target") },
        Case {
            then: vec![("14:00", to(Status::Resolved))],
            now: "16:00",
            state: Late,
            used: 125.0,
            ..case("stopped late: the share stands at the stop")
        },
        Case {
            opened: "10:00",
            priority: Priority::Routine,
            now: "1T10:00",
            marks: vec![(50.0, "1T10:00", ""), (75.0, "1T14:00", ""), (98.4375, "2T09:45", ""), (100.0, "2T10:00", "")],
            ..case("two working days are sixteen hours of them")
        },
    ]
}

#[test]
fn marks_and_notches_stand_where_business_time_puts_them() {
    let moment = |text: &str| (!text.is_empty()).then(|| on(text));
    for Case { why, opened, priority, then, rung, now, state, used, marks, notches } in cases() {
        let shown = of(Metric::Resolution, show(opened, priority, &then, &rung, now));
        assert_eq!((shown.state, shown.share * 100.0), (state, used), "{why}");
        let found: Vec<_> = shown.marks.iter().map(|mark| (mark.share * 100.0, mark.at, mark.rung_at)).collect();
        let expected: Vec<_> = marks.iter().map(|(share, at, rung)| (*share, moment(at), moment(rung))).collect();
        assert_eq!(found, expected, "{why}");
        assert_eq!(shown.marks.last().unwrap().threshold, Threshold::Breach, "{why}");
        assert_eq!(shown.marks.last().unwrap().at, shown.deadline_at, "{why}: the last mark is the deadline");
        let found: Vec<_> = shown.why.pauses.iter().map(|pause| (pause.from, pause.to, pause.open_ms)).collect();
        let expected: Vec<_> = notches.iter().map(|(from, to, open)| (on(from), moment(to), open * MINUTE_MS)).collect();
        assert_eq!(found, expected, "{why}");
        let counted: i64 = shown.why.counted.iter().map(|open| open.length_ms()).sum();
        // Up to the deadline, the target; without one, what was used.
        let whole = if shown.deadline_at.is_some() { shown.why.target_ms.unwrap() } else { shown.why.consumed_ms };
        assert_eq!((counted, shown.why.counted_total), (whole, shown.why.counted.len() as u64), "{why}");
    }
}

#[test]
fn of_two_thresholds_at_one_moment_there_is_one_mark_and_the_one_that_rang_tells() {
    for (why, rang, rung_at) in [
        ("neither", vec![], None),
        ("the first", vec![rung(Metric::FirstResponse, HALF, "09:15", "09:16")], Some(on("09:16"))),
        ("the second", vec![rung(Metric::FirstResponse, LAST_QUARTER_HOUR, "09:15", "09:17")], Some(on("09:17"))),
    ] {
        let shown = of(Metric::FirstResponse, show("09:00", Priority::Urgent, &[], &rang, "09:20"));
        let marks: Vec<_> = shown.marks.iter().map(|mark| (mark.share, mark.rung_at)).collect();
        assert_eq!(marks, [(0.5, rung_at), (0.75, None), (1.0, None)], "{why}");
    }
}

#[test]
fn a_clock_says_who_stopped_it_how_and_when() {
    let by_agent = ("09:20", Kind::Replied { by: Role::Agent });
    let shown = of(Metric::FirstResponse, show("09:00", Priority::Urgent, std::slice::from_ref(&by_agent), &[], "10:00"));
    assert_eq!(
        (shown.state, shown.stopped_at, shown.stopped_by),
        (ClockState::Achieved, Some(on("09:20")), Some(StopReason::Replied))
    );
    assert_eq!((shown.stopped_who.as_str(), shown.why.stopped_who.as_str()), ("陈晨", "陈晨"));
    let running = of(Metric::Resolution, show("09:00", Priority::Urgent, &[by_agent], &[], "10:00"));
    assert_eq!((running.stopped_who.as_str(), running.stopped_by), ("", None));
    let cancelled = show("09:00", Priority::Urgent, &[("09:10", to(Status::Closed))], &[], "10:00");
    let first = of(Metric::FirstResponse, cancelled);
    assert_eq!((first.state, first.stopped_by), (ClockState::Cancelled, Some(StopReason::ClosedUnanswered)));
}

#[test]
fn a_change_of_priority_leaves_its_earlier_targets_behind() {
    let raised =
        [("10:00", Kind::PriorityChanged { to: Priority::Important }), ("12:00", Kind::PriorityChanged { to: Priority::Urgent })];
    let shown = of(Metric::Resolution, show("09:00", Priority::Routine, &raised, &[], "12:30"));
    let target = |value, unit| Target { value, unit };
    let earlier: Vec<_> = shown.why.superseded.iter().map(|one| (one.until, one.target)).collect();
    assert_eq!(
        earlier,
        [(on("10:00"), target(2, TargetUnit::BusinessDay)), (on("12:00"), target(8, TargetUnit::Hour))],
        "oldest first"
    );
    assert_eq!((shown.target, shown.deadline_at), (target(4, TargetUnit::Hour), Some(on("13:00"))), "from its start");
}

#[test]
fn what_is_not_sure_of_a_deadline_is_said() {
    let opened = |at: &str, uncertainty_ms: u64| TicketEvent { uncertainty_ms, ..TicketEvent::new(on(at), Kind::Created) };
    for (why, at, priority, vague_ms, provisional) in [
        ("within the known holidays", "1T09:00", Priority::Important, 0, false),
        ("past them", "1T09:01", Priority::Important, 0, true),
        ("seen, not told", "09:00", Priority::Important, 90_000, false),
    ] {
        let shown = of(Metric::Resolution, show_events(&[opened(at, vague_ms)], priority, &[], "1T10:00"));
        assert_eq!((shown.provisional, shown.uncertainty_ms), (provisional, vague_ms), "{why}");
        assert_eq!((shown.why.provisional, shown.why.uncertainty_ms), (provisional, vague_ms), "{why}");
        assert_eq!(shown.why.known_until.as_deref(), Some("2026-01-06"), "{why}");
    }
}

#[test]
fn a_policy_says_why_it_applies() {
    use MatchKind::{Account, Customer, NotVip, Priority as ByPriority, Product, Tag, Vip};
    for (asks_for, vip, reasons) in [
        (json!({}), true, vec![]),
        (json!({ "vip": true }), true, vec![(Vip, "")]),
        (json!({ "vip": false }), false, vec![(NotVip, "")]),
        (json!({ "priorities": ["urgent", "routine"] }), true, vec![(ByPriority, "urgent")]),
        (json!({ "accounts": [3, 4] }), true, vec![(Account, "工单中心")]),
        (json!({ "customers": ["华东支付", "B"], "products": ["ECS"] }), true, vec![(Customer, "华东支付"), (Product, "ECS")]),
        (json!({ "tags": ["退款", "网络", "VIP"] }), true, vec![(Tag, "网络"), (Tag, "退款")]),
    ] {
        let (book, traits) = (book(asks_for.clone()), Traits { vip, ..traits(Priority::Urgent) });
        let clocks = book.clocks(&traits, &[TicketEvent::new(on("09:00"), Kind::Created)]);
        let beside = Beside { now: on("10:00"), traits: &traits, account_name: "工单中心", rung: &[] };
        let shown = of(Metric::Resolution, clocks.iter().map(|planned| show_clock(planned, &beside)).collect());
        let found: Vec<_> = shown.matched.iter().map(|one| (one.kind, one.value.as_str())).collect();
        assert_eq!(found, reasons, "{asks_for}");
        let names = (shown.why.policy_en.as_str(), shown.why.calendar_zh.as_str(), shown.why.tz.as_str());
        assert_eq!(names, ("Standard", "工作日", "UTC"));
    }
}
