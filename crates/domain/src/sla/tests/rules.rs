//! Versions of the rules, what is wrong with them, months of calendars, holiday notices.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::calendars::at;
use crate::sla::calendar::{Calendar, CalendarError, PreviewKind, month_preview, read_notice};
use crate::sla::event::{TicketEvent, TicketEventKind as Kind};
use crate::sla::policy::{Metric, Traits};
use crate::sla::rules::{RuleBook, RuleFault, RuleSet, RuleSetDraft};
use crate::ticket::{AccountId, Priority, Status};
use crate::time::{HOUR_MS, UtcMs};

fn rules(hours: u32) -> Value {
    json!({
        "from": null,
        "policies": [{
            "id": "p", "name_zh": "标准", "name_en": "Standard", "vip": null, "calendar_id": "cn",
            "targets": [{ "priority": "routine", "resolution": { "value": hours, "unit": "hour" } }],
            "pause_statuses": [], "reopen": "reset", "thresholds": [{ "kind": "breach" }],
        }],
        "calendars": { "cn": { "name_zh": "工作日", "name_en": "", "calendar": Calendar::business_cn().spec() } },
    })
}

fn draft(json: Value) -> RuleSetDraft {
    serde_json::from_value(json).expect("a draft")
}

fn set(hours: u32) -> RuleSet {
    draft(rules(hours)).checked().expect("valid rules")
}

fn traits() -> Traits {
    let none = String::new;
    Traits { account: AccountId(1), vip: false, priority: Priority::Routine, customer: none(), product: none(), tags: Vec::new() }
}

#[test]
fn a_clock_stays_with_the_rules_in_force_when_it_started() {
    let monday = at("2026-01-05T09:00:00+08:00");
    let change = monday.plus_ms(HOUR_MS);
    let book = RuleBook { sets: vec![set(2)] }.with_set(set(1), change, false);
    let log = |start: UtcMs, more: &[(i64, Status)]| -> Vec<TicketEvent> {
        let later =
            more.iter().map(|(hours, to)| TicketEvent::new(start.plus_ms(hours * HOUR_MS), Kind::StatusChanged { to: *to }));
        std::iter::once(TicketEvent::new(start, Kind::Created)).chain(later).collect()
    };
    let deadlines = |book: &RuleBook, events: &[TicketEvent]| -> Vec<(usize, Option<UtcMs>)> {
        book.clocks(&traits(), events).iter().map(|planned| (planned.set, planned.clock.deadline)).collect()
    };
    let before = change.plus_ms(-1);
    assert_eq!(deadlines(&book, &log(monday, &[])), [(0, Some(monday.plus_ms(2 * HOUR_MS)))], "promised before");
    assert_eq!(deadlines(&book, &log(before, &[])), [(0, Some(before.plus_ms(2 * HOUR_MS)))], "a millisecond before");
    assert_eq!(deadlines(&book, &log(change, &[])), [(1, Some(change.plus_ms(HOUR_MS)))], "the very instant");
    // A reopening that resets starts a clock of its own.
    let reopened = log(monday, &[(0, Status::Resolved), (2, Status::Open)]);
    let starts = [(0, Some(monday.plus_ms(2 * HOUR_MS))), (1, Some(monday.plus_ms(3 * HOUR_MS)))];
    assert_eq!(deadlines(&book, &reopened), starts, "each instance by its start");
    let backwards = book.with_set(set(1), change, true);
    assert_eq!(backwards.sets.len(), 1);
    assert_eq!(deadlines(&backwards, &log(monday, &[])), [(0, Some(monday.plus_ms(HOUR_MS)))], "unless asked");
    assert_eq!([monday, before, change].map(|at| book.set_at(at)), [Some(0), Some(0), Some(1)]);
    assert_eq!(book.with_set(set(3), change, false).sets.len(), 2, "a set of the same instant is replaced");
}

#[test]
fn a_published_notice_counts_for_clocks_that_started_before() {
    let new_year = at("2026-12-31T16:00:00+08:00");
    let clocks = |book: &RuleBook| {
        let planned = book.clocks(&traits(), &[TicketEvent::new(new_year, Kind::Created)]);
        (planned[0].clock.deadline, planned[0].clock.provisional)
    };
    let old = RuleBook { sets: vec![set(3)] };
    assert_eq!(clocks(&old), (Some(at("2027-01-01T10:00:00+08:00")), true));
    let mut json = rules(5);
    let notice = read_notice(
        &json!({ "year": 2027, "papers": ["https://www.gov.cn/x"], "days": [
            { "name": "元旦", "date": "2027-01-01", "isOffDay": true }, { "name": "元旦", "date": "2027-01-02", "isOffDay": false } ] })
        .to_string(),
    )
    .expect("a notice");
    assert_eq!((notice.years.len(), notice.years[0].year, notice.source.as_str()), (1, 2027, "https://www.gov.cn/x"));
    let calendar = &mut json["calendars"]["cn"]["calendar"];
    for (date, name) in &notice.years[0].off {
        calendar["holidays"].as_array_mut().expect("a list").push(json!(date));
        calendar["names"][date] = json!(name);
    }
    for (date, _) in &notice.years[0].makeup {
        calendar["shifts"][date] = json!([["09:00", "12:00"], ["13:30", "18:00"]]);
    }
    calendar["known_until"] = json!("2027-12-31");
    let new = draft(json).checked().expect("valid rules");
    let book = old.with_set(new, at("2026-12-31T20:00:00+08:00"), false);
    // Still three hours, for it started before; but Friday is off and Saturday is worked.
    assert_eq!(clocks(&book), (Some(at("2027-01-02T10:00:00+08:00")), false));
    assert_eq!(book.sets[0].calendars["cn"].name_zh, "工作日");
}

#[test]
fn every_problem_is_told_with_its_place() {
    let mut json = rules(1);
    json["policies"][0]["name_zh"] = json!(" ");
    json["policies"][0]["name_en"] = json!("");
    json["policies"][0]["visit_calendar_id"] = json!("nowhere");
    json["policies"][0]["targets"][0]["resolution"]["value"] = json!(0);
    json["policies"][0]["targets"][0]["visit"] = json!({ "value": 2_501, "unit": "business_day" });
    json["policies"][0]["thresholds"] = json!([{ "kind": "share", "percent": 100 }, { "kind": "time_left", "seconds": 0 }]);
    let twin = json["policies"][0].clone();
    json["policies"].as_array_mut().expect("a list").push(twin);
    let calendar = &mut json["calendars"]["cn"]["calendar"];
    calendar["tz"] = json!("Mars/Olympus");
    calendar["hours"]["mon"] = json!([["13:00", "12:00"], ["9:00", "10:00"], ["10:00", "12:00"], ["11:00", "14:00"]]);
    calendar["shifts"] = json!({ "2026-02-30": [["09:00", "25:00"]] });
    calendar["known_until"] = json!("soon");
    json["calendars"]["shut"] = json!({ "name_zh": "", "name_en": "Shut", "calendar": { "tz": "UTC", "hours": {} } });
    json["policies"][1]["calendar_id"] = json!("shut");
    let found: BTreeMap<String, RuleFault> =
        draft(json.clone()).problems().into_iter().map(|problem| (problem.place, problem.code)).collect();
    let expect = [
        ("policies[0].name", RuleFault::NameMissing),
        ("policies[0].visit_calendar_id", RuleFault::CalendarUnknown),
        ("policies[0].targets[routine].resolution", RuleFault::TargetZero),
        ("policies[0].targets[routine].visit", RuleFault::TargetTooLong),
        ("policies[0].thresholds[0]", RuleFault::PercentInvalid),
        ("policies[0].thresholds[1]", RuleFault::TimeLeftInvalid),
        ("policies[1].id", RuleFault::IdTwice),
        ("calendars.cn.tz", RuleFault::TimeZoneUnknown),
        ("calendars.cn.hours.mon[0]", RuleFault::SpanReversed),
        ("calendars.cn.hours.mon[1]", RuleFault::TimeInvalid),
        ("calendars.cn.hours.mon[3]", RuleFault::SpansOverlap),
        ("calendars.cn.shifts[2026-02-30]", RuleFault::DateInvalid),
        ("calendars.cn.shifts[2026-02-30][0]", RuleFault::TimeInvalid),
        ("calendars.cn.known_until", RuleFault::DateInvalid),
        ("calendars.shut.hours", RuleFault::CalendarNeverOpen),
    ];
    for (place, fault) in expect {
        assert_eq!(found.get(place), Some(&fault), "{place} in {found:?}");
    }
    assert!(draft(json).checked().is_err());
    assert_eq!(draft(rules(1)).problems(), []);
    let none = draft(json!({ "policies": [], "calendars": {} })).problems();
    assert_eq!(none.iter().map(|problem| problem.code).collect::<Vec<_>>(), [RuleFault::NoPolicies]);
}

#[test]
fn a_month_shows_what_decides_over_each_day() {
    let mut spec = Calendar::business_cn().spec().clone();
    spec.breaks.insert("2025-10-09".to_owned(), vec![["10:00".to_owned(), "14:00".to_owned()]]);
    let month = month_preview(&spec, 2025, 10);
    let day = |number: usize| {
        let day = &month.days[number - 1];
        let spans: Vec<String> = day.spans.iter().map(|span| span.join("-")).collect();
        (day.kind, day.name.as_str(), spans.join(" "), day.open_ms / 60_000)
    };
    assert_eq!((month.days.len(), month.problems.len()), (31, 0));
    assert_eq!(day(1), (PreviewKind::Holiday, "国庆节、中秋节", String::new(), 0));
    assert_eq!(day(9), (PreviewKind::Break, "", "09:00-10:00 14:00-18:00".to_owned(), 300));
    assert_eq!(day(10), (PreviewKind::Weekly, "", "09:00-12:00 13:30-18:00".to_owned(), 450));
    assert_eq!(day(11).0, PreviewKind::Shift);
    assert_eq!(day(12).0, PreviewKind::Closed);
    assert!(month_preview(&spec, 2027, 1).days[0].provisional && !month.days[0].provisional);
    // The night the clock goes back is an hour longer than its spans look.
    let berlin =
        serde_json::from_value(json!({ "tz": "Europe/Berlin", "hours": { "sun": [["00:00", "24:00"]] } })).expect("a spec");
    assert_eq!(month_preview(&berlin, 2024, 10).days[26].open_ms, 25 * HOUR_MS);
    assert_eq!((month_preview(&berlin, 2024, 13).days.len(), month_preview(&berlin, 9_999, 1).days.len()), (0, 0));
    spec.hours.mon[0][1] = "nine".to_owned();
    let broken = month_preview(&spec, 2025, 10);
    assert_eq!((broken.days.len(), broken.problems[0].place.as_str()), (0, "hours.mon[0]"));
}

#[test]
fn notices_in_every_shape_are_read_and_others_refused() {
    let ours = json!({ "source": "us", "years": { "2027": { "off": [["2027-01-01", "元旦"]], "makeup_work": [] } } });
    let read = read_notice(&format!("\u{feff}{ours}")).expect("our table");
    assert_eq!((read.years[0].off.len(), read.source.as_str()), (1, "us"));
    let day = |date: &str, off: bool| json!({ "name": "元旦", "date": date, "isOffDay": off });
    let year = |year: i32, days: Value| json!({ "year": year, "days": days });
    let two = json!([year(2028, json!([day("2028-01-01", true)])), year(2027, json!([day("2027-01-01", true)]))]);
    let read = read_notice(&two.to_string()).expect("two years");
    assert_eq!(read.years.iter().map(|year| year.year).collect::<Vec<_>>(), [2027, 2028]);
    let refused = [
        ("no JSON", "<html>".to_owned()),
        ("another shape", json!({ "holidays": [] }).to_string()),
        ("an empty list", json!([]).to_string()),
        ("announced, not published", year(2027, json!([])).to_string()),
        ("no date", year(2027, json!([day("2027-1-1", true)])).to_string()),
        (
            "a year twice",
            json!([year(2027, json!([day("2027-01-01", true)])), year(2027, json!([day("2027-01-01", true)]))]).to_string(),
        ),
        ("too long", " ".repeat(1 << 21)),
    ];
    for (why, text) in refused {
        let error = read_notice(&text).expect_err(why);
        assert!(matches!(error, CalendarError::HolidayTableInvalid(_) | CalendarError::DateInvalid { .. }), "{why}: {error}");
    }
}

#[test]
fn metrics_are_counted_in_their_calendars_and_explained_by_name() {
    let mut json = rules(1);
    json["policies"][0]["targets"][0]["visit"] = json!({ "value": 48, "unit": "hour" });
    json["policies"][0]["visit_calendar_id"] = json!("always");
    json["calendars"]["always"] =
        json!({ "name_zh": "全天候", "name_en": "Always", "calendar": Calendar::always(chrono_tz::Asia::Shanghai).spec() });
    let book = RuleBook { sets: vec![draft(json).checked().expect("valid rules")] };
    let friday = at("2026-01-09T17:30:00+08:00");
    let visit = TicketEvent::new(friday, Kind::VisitRequested { visit: "v".to_owned() });
    let planned = book.clocks(&traits(), &[TicketEvent::new(friday, Kind::Created), visit]);
    let why: Vec<_> = planned.iter().map(|planned| planned.explain(friday)).collect();
    assert_eq!(why.iter().map(|why| why.metric).collect::<Vec<_>>(), [Metric::Resolution, Metric::Visit]);
    assert_eq!((why[0].calendar_zh.as_str(), why[0].policy_en.as_str()), ("工作日", "Standard"));
    assert_eq!((why[1].calendar_id.as_str(), why[1].calendar_en.as_str(), why[1].visit.as_str()), ("always", "Always", "v"));
    assert_eq!(why[0].deadline, Some(at("2026-01-12T09:30:00+08:00")));
    assert_eq!(why[1].deadline, Some(friday.plus_ms(48 * HOUR_MS)));
}
