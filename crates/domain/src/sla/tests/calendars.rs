use chrono::NaiveDate;
use serde_json::{Value, json};

use crate::sla::calendar::{Calendar, CalendarError, CnHolidays, Interval};
use crate::sla::policy::{Target, TargetUnit};
use crate::time::{DAY_MS, HOUR_MS, UtcMs};

pub(super) fn at(text: &str) -> UtcMs {
    UtcMs::parse_rfc3339(text).expect("an instant")
}

const fn hours(value: u32) -> Target {
    Target { value, unit: TargetUnit::Hour }
}

#[test]
fn state_council_calendar_knows_make_up_days_and_where_it_ends() {
    let calendar = Calendar::business_cn();
    let works = |text: &str| calendar.is_workday(text.parse::<NaiveDate>().expect("a date"));
    // Saturday make-up, Labour Day, a plain Sunday, a date of the 2019 notice in 2018.
    assert_eq!([works("2025-10-11"), works("2025-05-01"), works("2025-10-12"), works("2018-12-29")], [true, false, false, true]);
    assert!(calendar.is_open(at("2025-10-11T11:59:59+08:00")) && !calendar.is_open(at("2025-10-11T12:00:00+08:00")));
    assert_eq!(calendar.known_until().map(|date| date.to_string()).as_deref(), Some("2026-12-31"));

    let before = calendar.deadline(at("2026-12-31T16:00:00+08:00"), hours(2), &[]);
    assert_eq!((before.at, before.provisional), (Some(at("2026-12-31T18:00:00+08:00")), false));
    let past = calendar.deadline(at("2026-12-31T16:00:00+08:00"), hours(3), &[]);
    assert_eq!((past.at, past.provisional), (Some(at("2027-01-01T10:00:00+08:00")), true));
}

#[test]
fn importing_a_year_moves_the_end_of_knowledge() {
    let mut table = CnHolidays::embedded().expect("the embedded table");
    let year = |number: &str, off: Value| json!({ "years": { number: { "off": off, "makeup_work": [["2027-01-02", "元旦"]] } } });
    let import = |number, off| CnHolidays::from_json(&year(number, off).to_string());
    table.import(import("2027", json!([["2027-01-01", "元旦"]])).expect("a year"));
    let span = [["09:00".to_owned(), "17:00".to_owned()]];
    let week = crate::sla::calendar::WeeklyHours::weekdays(&span);
    let calendar = table.calendar("Asia/Shanghai", week, &span).expect("a calendar");
    assert_eq!(calendar.known_until().map(|date| date.to_string()).as_deref(), Some("2027-12-31"));
    let deadline = calendar.deadline(at("2026-12-31T16:00:00+08:00"), hours(3), &[]);
    assert_eq!((deadline.at, deadline.provisional), (Some(at("2027-01-02T11:00:00+08:00")), false));

    // An announced but empty year is no knowledge, a year after a gap neither.
    assert!(matches!(import("2027", json!([])), Err(CalendarError::HolidayTableInvalid(_))));
    let mut gap = CnHolidays::embedded().expect("the embedded table");
    gap.import(import("2028", json!([["2028-01-01", "元旦"]])).expect("a year"));
    assert_eq!(gap.known_until().map(|date| date.to_string()).as_deref(), Some("2026-12-31"));
}

#[test]
fn what_cannot_be_meant_is_refused_by_name() {
    let valid = json!({ "tz": "Europe/Berlin", "hours": { "mon": [["09:00", "17:00"]] } });
    assert!(Calendar::from_json(&valid).is_ok());
    let table: &[(&str, Value, &str)] = &[
        ("/tz", json!("Mars/Olympus"), "time_zone_unknown"),
        ("/hours/mon", json!([["9:00", "17:00"]]), "time_invalid"),
        ("/hours/mon", json!([["09:00", "24:01"]]), "time_invalid"),
        ("/hours/mon", json!([["22:00", "06:00"]]), "span_reversed"),
        ("/hours/mon", json!([["09:00", "09:00"]]), "span_reversed"),
        ("/hours/mon", json!([["09:00", "12:00"], ["11:00", "13:00"]]), "spans_overlap"),
        ("/hours/mon", json!(vec![["09:00", "12:00"]; 25]), "too_many_spans"),
        ("/hours", json!({ "monday": [] }), "not_a_calendar"),
        ("/holidays", json!(["2026-02-30"]), "date_invalid"),
        ("/holidays", json!(["2026-2-3"]), "date_invalid"),
        ("/holidays", json!(vec!["2026-01-01"; 10_001]), "too_many_dates"),
        ("/shifts", json!({ "soon": [] }), "date_invalid"),
        ("/breaks", json!({ "2026-01-01": [["x", "y"]] }), "time_invalid"),
        ("/known_until", json!("2026"), "date_invalid"),
    ];
    for (place, wrong, code) in table {
        let mut calendar = valid.clone();
        match place.strip_prefix("/hours/") {
            Some(day) => calendar["hours"][day] = wrong.clone(),
            None => calendar[place.trim_start_matches('/')] = wrong.clone(),
        }
        let error = Calendar::from_json(&calendar).expect_err("a refusal");
        assert_eq!(error.code(), *code, "{place} {wrong}: {error}");
    }
}

#[test]
fn json_form_comes_back_as_it_went_in() {
    let json = json!({
        "tz": "America/New_York",
        "hours": { "mon": [["09:00", "12:00"], ["13:00", "24:00"]] },
        "holidays": ["2026-07-03"],
        "shifts": { "2026-07-04": [["10:00", "11:00"]], "2026-07-06": [] },
        "breaks": { "2026-07-13": [["10:00", "11:00"]] },
        "known_until": "2026-12-31",
        "names": { "2026-07-03": "Independence Day" },
        "note": "x"
    });
    let calendar: Calendar = serde_json::from_value(json.clone()).expect("a calendar");
    assert_eq!(serde_json::to_value(&calendar).expect("JSON"), json);
    assert!(serde_json::from_value::<Calendar>(json!({ "tz": "Nowhere", "hours": {} })).is_err());
    let always = Calendar::always(chrono_tz::Asia::Tokyo);
    assert_eq!(Calendar::new(always.spec().clone()).map(|read| read.is_always()), Ok(true));
}

#[test]
fn some_targets_are_never_met() {
    let closed = Calendar::from_json(&json!({ "tz": "UTC", "hours": {} })).expect("a calendar");
    let once = json!({ "tz": "UTC", "hours": {}, "shifts": { "2026-01-05": [["09:00", "10:00"]] } });
    let once = Calendar::from_json(&once).expect("a calendar");
    let always = Calendar::always(chrono_tz::UTC);
    let start = at("2026-01-01T00:00:00Z");
    let never = |calendar: &Calendar, target, pauses: &[Interval]| calendar.deadline(start, target, pauses).at.is_none();
    let day = |value| Target { value, unit: TargetUnit::BusinessDay };
    assert!(never(&closed, hours(0), &[]) && never(&closed, hours(1), &[]) && never(&closed, day(1), &[]));
    assert!(!never(&once, hours(1), &[]) && never(&once, hours(2), &[]) && never(&once, day(2), &[]));
    let unended = [Interval::unended(at("2026-01-01T06:00:00Z"))];
    assert!(!never(&always, hours(6), &unended), "used up as the pause begins");
    assert!(never(&always, hours(7), &unended) && never(&always, day(1), &unended) && never(&once, hours(1), &unended));
    assert!(never(&always, hours(u32::MAX), &[]) && never(&always, day(u32::MAX), &[]));
}

#[test]
fn instants_at_the_ends_of_time_are_answered() {
    let ends = [UtcMs(i64::MIN), UtcMs(0), UtcMs(i64::MAX)];
    for calendar in [Calendar::always(chrono_tz::UTC), Calendar::business_cn()] {
        for from in ends {
            for to in ends {
                let _ = calendar.elapsed_ms(from, to, &[Interval { from, to }]);
                let _ = calendar.deadline(from, hours(1), &[Interval { from: to, to: from }]);
                let _ = calendar.deadline(from, Target { value: 3, unit: TargetUnit::BusinessDay }, &[Interval { from, to }]);
                let _ = (calendar.is_open(from), calendar.shifted(from, to.0), calendar.moment_at_elapsed(from, to.0, &[]));
                assert!(calendar.open_intervals(to, from.max(to)).iter().all(|interval| interval.from < interval.to));
            }
        }
        assert!(!calendar.is_workday(NaiveDate::MAX) && !calendar.is_workday(NaiveDate::MIN));
    }
}

#[test]
fn a_computed_calendar_equals_the_shortcut_for_always() {
    let zone = chrono_tz::Europe::Berlin;
    let mut spec = Calendar::always(zone).spec().clone();
    spec.breaks.insert("2000-01-01".to_owned(), Vec::new());
    let (computed, always) = (Calendar::new(spec).expect("a calendar"), Calendar::always(zone));
    assert!(!computed.is_always());
    let start = at("2023-12-30T12:34:56Z");
    for days in [0, 1, 3, 120, 400] {
        let end = start.plus_ms(days * DAY_MS + HOUR_MS / 3);
        let pause = [Interval { from: start.plus_ms(HOUR_MS), to: start.plus_ms(5 * HOUR_MS) }];
        assert_eq!(computed.elapsed_ms(start, end, &pause), always.elapsed_ms(start, end, &pause));
        for offset_ms in [end.ms_since(start), -end.ms_since(start), 0] {
            assert_eq!(computed.shifted(start, offset_ms), always.shifted(start, offset_ms));
            assert_eq!(computed.moment_at_elapsed(start, offset_ms, &pause), always.moment_at_elapsed(start, offset_ms, &pause));
        }
    }
}

#[test]
fn a_deadline_is_never_before_its_start() {
    let berlin = Calendar::always(chrono_tz::Europe::Berlin);
    // 02:30 for the second time; its first showing is an hour earlier.
    let start = at("2024-10-27T01:30:00Z");
    let deadline = |value| berlin.deadline(start, Target { value, unit: TargetUnit::BusinessDay }, &[]).at;
    assert_eq!((deadline(0), deadline(1)), (Some(start), Some(at("2024-10-28T01:30:00Z"))));
}

#[test]
fn the_end_of_the_last_known_year_is_known_and_what_opens_there_is_not() {
    let full = json!([["00:00", "24:00"]]);
    let json = json!({ "tz": "Asia/Shanghai", "hours": { "thu": full, "fri": full }, "holidays": ["2026-10-01"] });
    let calendar = Calendar::from_json(&json).expect("a calendar");
    let evening = at("2026-12-31T22:00:00+08:00");
    let midnight = at("2027-01-01T00:00:00+08:00");
    let due = calendar.deadline(evening, hours(2), &[]);
    assert_eq!((due.at, due.provisional), (Some(midnight), false));
    let mut json = json;
    json["hours"]["thu"] = json!([["09:00", "17:00"]]);
    let due = Calendar::from_json(&json).expect("a calendar").deadline(evening, hours(0), &[]);
    assert_eq!((due.at, due.provisional), (Some(midnight), true));
}
