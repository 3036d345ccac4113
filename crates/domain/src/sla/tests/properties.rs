//! Random calendars, pauses and zones around the nights the clock changes, against the oracle.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use proptest::prelude::*;

use super::oracle::Oracle;
use crate::sla::calendar::{Calendar, CalendarSpec, Interval, SpanText, WeeklyHours};
use crate::sla::policy::{Target, TargetUnit};
use crate::time::{DAY_MS, MINUTE_MS, SECOND_MS, UtcMs};

/// Zones with a date near which their clock does something.
const NIGHTS: &[(&str, &str)] = &[
    ("UTC", "2023-12-31"),
    ("Asia/Shanghai", "2025-12-31"),
    ("Asia/Kathmandu", "2024-02-29"),
    ("Europe/Berlin", "2024-03-31"),
    ("Europe/Berlin", "2024-10-27"),
    ("America/New_York", "2024-03-10"),
    ("America/New_York", "2024-11-03"),
    ("Australia/Lord_Howe", "2024-04-07"),
    ("Australia/Lord_Howe", "2024-10-06"),
    // over midnight
    ("America/Sao_Paulo", "2018-11-04"),
    ("America/Sao_Paulo", "2018-02-18"),
    ("America/Havana", "2024-03-10"),
    ("America/Havana", "2024-11-03"),
    ("America/St_Johns", "2010-03-14"),
    ("America/St_Johns", "2010-11-07"),
    ("Asia/Beirut", "2022-03-27"),
    ("Africa/Casablanca", "2024-03-10"),
    ("Africa/Casablanca", "2024-04-14"),
    // 23:30 became 00:30
    ("America/Toronto", "1919-03-31"),
    // a date that never was
    ("Pacific/Apia", "2011-12-30"),
];

#[derive(Debug, Clone)]
pub(super) struct Case {
    pub(super) spec: CalendarSpec,
    pub(super) start: UtcMs,
    pauses: Vec<Interval>,
}

fn clock_text(quarters: u16) -> String {
    format!("{:02}:{:02}", quarters / 4, quarters % 4 * 15)
}

/// Up to three disjoint spans on quarter hours; they may touch.
fn spans() -> impl Strategy<Value = Vec<SpanText>> {
    let some = proptest::collection::btree_set(0_u16..=96, 2..=6).prop_map(|points| {
        let points: Vec<u16> = points.into_iter().collect();
        points.chunks_exact(2).map(|pair| [clock_text(pair[0]), clock_text(pair[1])]).collect()
    });
    let early = Just(vec![["01:15".to_owned(), "02:30".to_owned()], ["02:30".to_owned(), "03:15".to_owned()]]);
    let full = Just(vec![["00:00".to_owned(), "24:00".to_owned()]]);
    prop_oneof![2 => Just(Vec::new()), 6 => some, 1 => early, 2 => full]
}

fn week() -> impl Strategy<Value = WeeklyHours> {
    let mixed = (spans(), spans(), spans(), spans(), spans(), spans(), spans())
        .prop_map(|(mon, tue, wed, thu, fri, sat, sun)| WeeklyHours { mon, tue, wed, thu, fri, sat, sun });
    let same = spans().prop_map(|day| WeeklyHours::every_day(&day));
    prop_oneof![4 => mixed, 1 => same]
}

fn dated(length: std::ops::Range<usize>) -> impl Strategy<Value = BTreeMap<i64, Vec<SpanText>>> {
    proptest::collection::btree_map(-3_i64..10, spans(), length)
}

/// `unit_ms` aligns start and pauses; pauses lie within `reach` units of the start.
pub(super) fn case(unit_ms: i64, reach: i64) -> impl Strategy<Value = Case> {
    let exceptions = (proptest::collection::btree_set(-3_i64..10, 0..3), dated(0..3), dated(0..3));
    let pauses = proptest::collection::vec((-reach / 8..reach, 0..reach / 4), 0..4);
    let night = proptest::sample::select(NIGHTS);
    (night, week(), exceptions, any::<bool>(), -4 * DAY_MS / unit_ms..2 * DAY_MS / unit_ms, pauses).prop_map(
        move |((tz, date), hours, (holidays, shifts, breaks), plain, offset, pauses)| {
            let night: NaiveDate = date.parse().expect("a date");
            let name = |days: i64| {
                let night = night.checked_sub_days(Days::new(3)).expect("a date");
                night.checked_add_days(Days::new((days + 3) as u64)).expect("a date").to_string()
            };
            let mut spec = CalendarSpec::weekly(tz, hours);
            if !plain {
                spec.holidays = holidays.into_iter().map(name).collect();
                spec.shifts = shifts.into_iter().map(|(days, spans)| (name(days), spans)).collect();
                spec.breaks = breaks.into_iter().map(|(days, spans)| (name(days), spans)).collect();
            }
            let midnight = night.and_hms_opt(0, 0, 0).expect("midnight").and_utc().timestamp_millis();
            let start = UtcMs(midnight + offset * unit_ms);
            let pause = |(from, length): (i64, i64)| {
                let from = start.plus_ms(from * unit_ms);
                Interval { from, to: from.plus_ms(length * unit_ms) }
            };
            Case { spec, start, pauses: pauses.into_iter().map(pause).collect() }
        },
    )
}

pub(super) fn joined(intervals: Vec<Interval>) -> Vec<Interval> {
    let mut joined: Vec<Interval> = Vec::new();
    for interval in intervals {
        match joined.last_mut() {
            Some(last) if last.to == interval.from => last.to = interval.to,
            _ => joined.push(interval),
        }
    }
    joined
}

/// `samples` are steps below `steps` at which to ask.
fn hold(case: &Case, unit: TargetUnit, unit_ms: i64, steps: usize, value: u32, samples: &[usize]) -> Result<(), TestCaseError> {
    let calendar = Calendar::new(case.spec.clone()).expect("a valid calendar");
    let oracle = Oracle::new(&case.spec, unit_ms, case.start, steps, &case.pauses);
    let end = case.start.plus_ms(steps as i64 * unit_ms);
    let instant = |step: usize| case.start.plus_ms(step as i64 * unit_ms);
    // Beyond its walk the oracle knows nothing, and the calendar must not answer earlier.
    let agree = |found: Option<UtcMs>, expected: Option<UtcMs>, what: &str| {
        match expected {
            Some(_) => prop_assert_eq!(found, expected, "{}", what),
            None => prop_assert!(found.is_none_or(|found| found >= end), "{} found {:?}, oracle nothing", what, found),
        }
        Ok(())
    };

    let target = Target { value, unit };
    agree(calendar.deadline(case.start, target, &case.pauses).at, oracle.moment(i64::from(value) * unit_ms), "deadline")?;
    for step in samples {
        prop_assert_eq!(calendar.is_open(instant(*step)), oracle.is_open(*step), "is_open at {:?}", instant(*step));
        let elapsed_ms = oracle.elapsed_ms(0, *step);
        prop_assert_eq!(calendar.elapsed_ms(case.start, instant(*step), &case.pauses), elapsed_ms);
        agree(calendar.moment_at_elapsed(case.start, elapsed_ms, &case.pauses), oracle.moment(elapsed_ms), "moment")?;
        let back_ms = elapsed_ms / 2 / unit_ms * unit_ms;
        if let (true, Some(expected)) = (back_ms > 0, oracle.moment_before(*step, back_ms)) {
            prop_assert_eq!(calendar.shifted(instant(*step), -back_ms), Some(expected), "shifted back");
        }
    }
    prop_assert_eq!(joined(calendar.open_intervals(case.start, end)), oracle.open_runs());
    for (date, works) in oracle.dates() {
        prop_assert_eq!(calendar.is_workday(date), works, "workday {}", date);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_minute_hand_finds_the_same(
        case in case(MINUTE_MS, 6 * 1_440),
        value in prop_oneof![1 => Just(0_u32), 8 => 1_u32..4_000],
        samples in proptest::collection::vec(0_usize..9 * 1_440, 6),
    ) {
        hold(&case, TargetUnit::Minute, MINUTE_MS, 9 * 1_440, value, &samples)?;
    }

    #[test]
    fn business_days_read_literally_are_the_same(case in case(MINUTE_MS, 5 * 1_440), days in 0_u32..4) {
        let calendar = Calendar::new(case.spec.clone()).expect("a valid calendar");
        let steps = 16 * 1_440;
        let oracle = Oracle::new(&case.spec, MINUTE_MS, case.start, steps, &case.pauses);
        let target = Target { value: days, unit: TargetUnit::BusinessDay };
        let found = calendar.deadline(case.start, target, &case.pauses).at;
        if let Some(expected) = oracle.business_days(days) {
            prop_assert_eq!(found, Some(expected));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_second_hand_finds_the_same(
        case in case(SECOND_MS, 86_400),
        value in 0_u32..90_000,
        samples in proptest::collection::vec(0_usize..2 * 86_400, 4),
    ) {
        hold(&case, TargetUnit::Second, SECOND_MS, 2 * 86_400, value, &samples)?;
    }
}
