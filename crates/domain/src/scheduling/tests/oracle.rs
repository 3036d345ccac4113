//! Minute by minute, with nothing of the planner but its words.

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, Utc};
use chrono_tz::Tz;
use proptest::prelude::*;

use super::*;
use crate::sla::tests::oracle::shown_at;

const MINUTE: i64 = 60_000;

/// Weekly hours in minutes of the day, closed dates and dates with other hours.
#[derive(Debug, Clone)]
struct Hours {
    tz: Tz,
    weekly: Vec<Vec<(u32, u32)>>,
    closed: Vec<NaiveDate>,
    shifted: Vec<(NaiveDate, (u32, u32))>,
}

impl Hours {
    /// Whether an instant is open: hours last from the first moment at which the wall shows their beginning to the first at
    /// which it shows their end, and what the wall shows twice between them counts twice.
    fn open(&self, at: i64) -> bool {
        let today = DateTime::<Utc>::from_timestamp_millis(at).unwrap().with_timezone(&self.tz).date_naive();
        [-1, 0, 1].into_iter().map(|days| today + chrono::Duration::days(days)).any(|date| {
            self.spans(date).iter().any(|(from, to)| (self.shown_at(date, *from)..self.shown_at(date, *to)).contains(&at))
        })
    }

    fn spans(&self, date: NaiveDate) -> Vec<(u32, u32)> {
        if self.closed.contains(&date) {
            return vec![];
        }
        match self.shifted.iter().find(|(day, _)| *day == date) {
            Some((_, span)) => vec![*span],
            None => self.weekly[date.weekday().num_days_from_monday() as usize].clone(),
        }
    }

    fn shown_at(&self, date: NaiveDate, minute: u32) -> i64 {
        shown_at(self.tz, date.and_time(NaiveTime::MIN) + chrono::Duration::minutes(i64::from(minute)))
    }

    fn spec(&self) -> CalendarSpec {
        let text = |minute: u32| format!("{:02}:{:02}", minute / 60, minute % 60);
        let spans = |day: usize| self.weekly[day].iter().map(|(from, to)| [text(*from), text(*to)]).collect::<Vec<_>>();
        let hours = WeeklyHours {
            mon: spans(0),
            tue: spans(1),
            wed: spans(2),
            thu: spans(3),
            fri: spans(4),
            sat: spans(5),
            sun: spans(6),
        };
        let mut spec = CalendarSpec::weekly(self.tz.name(), hours);
        spec.holidays = self.closed.iter().map(ToString::to_string).collect();
        for (date, (from, to)) in &self.shifted {
            spec.shifts.insert(date.to_string(), vec![[text(*from), text(*to)]]);
        }
        spec
    }
}

/// Every free start by stepping through all minutes from long before the window.
fn oracle(centre: &ServiceCentre, hours: &Hours, bookings: &[Booking], question: &SlotQuestion) -> Vec<(i64, Vec<String>, u32)> {
    let rules = centre.rules;
    let minutes = |count: u32| i64::from(count) * MINUTE;
    let (slot, before, after) = (minutes(rules.slot_minutes), minutes(rules.buffer_before_min), minutes(rules.buffer_after_min));
    let mut found = Vec::new();
    // Start of the day's opening, and how many minutes of grid have passed since its first slot.
    let mut minute = question.from.0 - 3 * 24 * 60 * MINUTE;
    let date_of = |at: i64| DateTime::<Utc>::from_timestamp_millis(at).unwrap().with_timezone(&hours.tz).date_naive();
    let mut grid: Option<i64> = None;
    while minute < question.to.0 {
        let was_open = hours.open(minute - MINUTE);
        let is_open = hours.open(minute);
        let new_day = date_of(minute) != date_of(minute - MINUTE);
        if is_open && (!was_open || new_day) {
            grid = Some(if was_open { minute } else { minute + before });
        }
        if is_open && grid.is_some_and(|first| minute >= first && (minute - first) % slot == 0) {
            let on_the_way = (minute - before..minute + slot + after).step_by(MINUTE as usize);
            let allowed = minute >= question.from.0
                && minute + slot <= question.to.0
                && minute >= question.now.0 + minutes(rules.notice_min)
                && minute <= question.now.0 + i64::from(rules.horizon_days) * 24 * 60 * MINUTE
                && on_the_way.clone().all(|at| hours.open(at));
            if allowed && let Some((who, free)) = places(centre, bookings, question, minute, (slot, before, after)) {
                found.push((minute, who, free));
            }
        }
        minute += MINUTE;
    }
    found
}

fn places(
    centre: &ServiceCentre,
    bookings: &[Booking],
    question: &SlotQuestion,
    start: i64,
    (slot, before, after): (i64, i64, i64),
) -> Option<(Vec<String>, u32)> {
    let minutes = |from: i64, to: i64| (from..to).step_by(MINUTE as usize).collect::<Vec<_>>();
    let covers = |booking: &Booking, at: i64| booking.start.0 <= at && at < booking.end.0;
    let peak =
        minutes(start, start + slot).iter().map(|at| bookings.iter().filter(|one| covers(one, *at)).count()).max().unwrap();
    let away = |booking: &Booking| {
        let busy = minutes(booking.start.0 - before, booking.end.0 + after);
        booking.start < booking.end && busy.iter().any(|at| (start - before..start + slot + after).contains(at))
    };
    let known = |id: &str| centre.engineers.iter().any(|engineer| engineer.id == id);
    let nobody = bookings.iter().filter(|one| one.engineer_id.as_deref().is_none_or(|id| !known(id)) && away(one)).count();
    let mut who = Vec::new();
    for engineer in &centre.engineers {
        let can = engineer.skills.iter().any(|skill| skill == question.service.as_str());
        let busy = bookings.iter().any(|one| one.engineer_id.as_ref() == Some(&engineer.id) && away(one));
        if can && !busy {
            who.push(engineer.id.clone());
        }
    }
    let left = (centre.rules.capacity as usize).saturating_sub(peak).min(who.len().saturating_sub(nobody));
    (left > 0).then(|| (who, u32::try_from(left).unwrap()))
}

fn any_hours() -> impl Strategy<Value = Hours> {
    let zones = [chrono_tz::Asia::Shanghai, chrono_tz::America::New_York, chrono_tz::Europe::Berlin, chrono_tz::UTC];
    let day = prop_oneof![
        2 => Just(vec![]),
        4 => (0_u32..40, 4_u32..40).prop_map(|(from, length)| vec![(from * 15, ((from + length) * 15).min(1_440))]),
        // Beginning or ending in the hour that a clock skips or shows twice.
        2 => (4_u32..13, 1_u32..13).prop_map(|(from, length)| vec![(from * 15, (from + length) * 15)]),
        2 => Just(vec![(540, 720), (810, 1_080)]),
        2 => Just(vec![(0, 1_440)]),
        1 => Just(vec![(0, 120), (1_320, 1_440)]),
    ];
    // Around both of the days on which clocks change in New York and Berlin.
    let dates = || prop::collection::vec(0_i64..12, 0..3);
    (prop::sample::select(zones.to_vec()), prop::collection::vec(day, 7), dates(), dates(), 0_u32..60).prop_map(
        |(tz, weekly, closed, shifted, from)| {
            let date = |offset: i64| BASES[offset as usize % 3].0 + chrono::Duration::days(offset);
            Hours {
                tz,
                weekly,
                closed: closed.into_iter().map(date).collect(),
                shifted: shifted.into_iter().map(|offset| (date(offset), (from * 15, from * 15 + 480))).collect(),
            }
        },
    )
}

/// First days of the windows that are asked about.
const BASES: [(NaiveDate, i64); 3] = [
    (NaiveDate::from_ymd_opt(2026, 3, 6).unwrap(), 1_772_755_200_000),
    (NaiveDate::from_ymd_opt(2026, 10, 23).unwrap(), 1_792_713_600_000),
    (NaiveDate::from_ymd_opt(2026, 10, 30).unwrap(), 1_793_318_400_000),
];

fn any_rules() -> impl Strategy<Value = SlotRules> {
    (prop::sample::select(vec![15_u32, 45, 60, 120, 420]), 1_u32..4, 0_u32..5, 0_u32..5, 0_u32..2_000, 1_u32..9).prop_map(
        |(slot_minutes, capacity, before, after, notice_min, horizon_days)| SlotRules {
            slot_minutes,
            capacity,
            buffer_before_min: before * 15,
            buffer_after_min: after * 15,
            notice_min,
            horizon_days,
            ..SlotRules::default()
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn slots_are_those_of_the_oracle(
        hours in any_hours(),
        rules in any_rules(),
        base in prop::sample::select(BASES.to_vec()),
        (now, from, length) in (-600_i64..600, -300_i64..3_000, 60_i64..4_000),
        taken in prop::collection::vec((-300_i64..7_000, 0_i64..300, prop::option::of(0_usize..4)), 0..25),
        skills in prop::collection::vec(any::<bool>(), 3),
    ) {
        let mut centre = beijing();
        centre.calendar = Some(hours.spec());
        centre.rules = rules;
        let skill = |knows: bool| if knows { ["hardware_inspection"] } else { ["security_hardening"] };
        centre.engineers = skills.iter().enumerate().map(|(index, knows)| engineer(&index.to_string(), &skill(*knows), &[])).collect();
        let minute = |offset: i64| UtcMs(base.1 + offset * MINUTE);
        let question = SlotQuestion {
            service: Service::HardwareInspection,
            from: minute(from),
            to: minute(from + length),
            site: None,
            now: minute(now),
            languages: vec![],
        };
        let bookings: Vec<Booking> = taken.into_iter().map(|(start, length, who)| Booking {
            centre_id: "beijing".into(),
            start: minute(start),
            end: minute(start + length),
            engineer_id: who.map(|who| who.to_string()),
        }).collect();
        let answer = plan_slots(&centre, &bookings, &question);
        let planned: Vec<(i64, Vec<String>, u32)> = answer.slots.iter().map(|slot| (slot.start.0, slot.engineer_ids.clone(), slot.free)).collect();
        let expected = oracle(&centre, &hours, &bookings, &question);
        prop_assert_eq!(&planned, &expected);
        prop_assert_eq!(answer.why_none.is_empty(), !planned.is_empty());
        prop_assert!(answer.slots.iter().all(|slot| slot.end.0 - slot.start.0 == i64::from(rules.slot_minutes) * MINUTE));
    }
}
