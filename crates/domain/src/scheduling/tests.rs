//! Slots by hand where an edge has a name, and against an oracle that goes minute by minute.

mod conflict;
mod oracle;
mod visits;

use super::*;
use crate::directory::{Engineer, ServiceCentre, SlotRules};
use crate::sla::calendar::{CalendarSpec, CnHolidays, WeeklyHours};
use crate::time::{MINUTE_MS, UtcMs};

fn texts(list: &[&str]) -> Vec<String> {
    list.iter().map(|text| (*text).to_owned()).collect()
}

fn at(text: &str) -> UtcMs {
    UtcMs::parse_rfc3339(text).unwrap()
}

fn span(from: &str, to: &str) -> [String; 2] {
    [from.to_owned(), to.to_owned()]
}

fn engineer(id: &str, skills: &[&str], languages: &[&str]) -> Engineer {
    Engineer { id: id.to_owned(), name: id.to_owned(), skills: texts(skills), languages: texts(languages) }
}

/// Beijing, Monday to Friday 09:00 to 18:00 with the State Council's holidays; two engineers, two hours a visit, half an hour
/// each way, two at one time.
fn beijing() -> ServiceCentre {
    let day = [span("09:00", "18:00")];
    let calendar = CnHolidays::embedded().unwrap().calendar("Asia/Shanghai", WeeklyHours::weekdays(&day), &day).unwrap();
    ServiceCentre {
        remote_id: "beijing".into(),
        city_zh: "北京".into(),
        latitude: 39.9075,
        longitude: 116.397_23,
        services: texts(&["hardware_inspection", "security_hardening"]),
        calendar: Some(calendar.into()),
        country: "CN".into(),
        engineers: vec![
            engineer("a", &["hardware_inspection", "security_hardening"], &["zh-CN", "en"]),
            engineer("b", &["hardware_inspection"], &["zh-CN", "yue"]),
        ],
        rules: SlotRules { capacity: 2, notice_min: 60, horizon_days: 30, ..SlotRules::default() },
        ..ServiceCentre::default()
    }
}

fn ask(from: &str, to: &str) -> SlotQuestion {
    SlotQuestion {
        service: Service::HardwareInspection,
        from: at(from),
        to: at(to),
        site: None,
        now: at("2026-11-19T08:00:00+08:00"),
        languages: Vec::new(),
    }
}

/// 2026-11-20, a Friday.
fn friday() -> SlotQuestion {
    ask("2026-11-20T00:00:00+08:00", "2026-11-21T00:00:00+08:00")
}

fn booking(start: &str, minutes: i64, engineer: Option<&str>) -> Booking {
    let start = at(start);
    Booking {
        centre_id: "beijing".into(),
        start,
        end: start.plus_ms(minutes * MINUTE_MS),
        engineer_id: engineer.map(str::to_owned),
    }
}

/// Local starts, as Shanghai's clocks show them.
fn starts(answer: &SlotAnswer) -> Vec<String> {
    let shown = |slot: &Slot| {
        slot.start.to_datetime().unwrap().with_timezone(&chrono_tz::Asia::Shanghai).format("%m-%d %H:%M").to_string()
    };
    answer.slots.iter().map(shown).collect()
}

fn why(answer: &SlotAnswer) -> Vec<NoSlotCode> {
    answer.why_none.iter().map(|why| why.code).collect()
}

#[test]
fn the_ways_there_and_back_lie_within_open_hours() {
    let day = plan_slots(&beijing(), &[], &friday());
    // 09:00 opens and the way takes half an hour; a visit from 15:30 is back at 18:00, one from 17:30 is not.
    assert_eq!(starts(&day), ["11-20 09:30", "11-20 11:30", "11-20 13:30", "11-20 15:30"]);
    assert!(day.slots.iter().all(|slot| slot.free == 2 && slot.engineer_ids == ["a", "b"]));
    let mut later = beijing();
    later.rules.buffer_after_min = 31;
    assert_eq!(starts(&plan_slots(&later, &[], &friday())).len(), 3, "one minute too long for the last");
}

#[test]
fn holidays_are_closed_and_make_up_workdays_are_open() {
    let golden_week =
        SlotQuestion { now: at("2026-09-28T08:00:00+08:00"), ..ask("2026-10-01T00:00:00+08:00", "2026-10-08T00:00:00+08:00") };
    let answer = plan_slots(&beijing(), &[], &golden_week);
    assert_eq!((answer.slots.len(), why(&answer)), (0, vec![NoSlotCode::Closed]));
    assert_eq!(answer.why_none[0].args["opens_at"], "2026-10-08T01:00:00Z");
    let saturday = SlotQuestion { now: golden_week.now, ..ask("2026-10-10T00:00:00+08:00", "2026-10-12T00:00:00+08:00") };
    assert_eq!(starts(&plan_slots(&beijing(), &[], &saturday)).len(), 4, "Saturday 10 October is worked, Sunday is not");
}

#[test]
fn capacity_counts_the_most_at_one_moment_and_engineers_their_ways() {
    let taken = [booking("2026-11-20T09:30:00+08:00", 120, Some("a"))];
    let day = plan_slots(&beijing(), &taken, &friday());
    assert_eq!((day.slots[0].free, day.slots[0].engineer_ids.as_slice()), (1, &["b".to_owned()][..]));
    // Until 11:30, then half an hour back and half an hour out: not before 12:30.
    assert_eq!((day.slots[1].free, day.slots[1].engineer_ids.as_slice()), (1, &["b".to_owned()][..]));
    assert_eq!(day.slots[2].free, 2);
    // Two that follow each other within the slot are one at a time; both engineers are away all the same.
    let following = [booking("2026-11-20T13:30:00+08:00", 60, Some("a")), booking("2026-11-20T14:30:00+08:00", 60, Some("b"))];
    assert!(!starts(&plan_slots(&beijing(), &following, &friday())).contains(&"11-20 13:30".to_owned()));
    // A visit nobody is named for takes one engineer, whoever it will be.
    let unnamed = [booking("2026-11-20T13:30:00+08:00", 120, None)];
    let day = plan_slots(&beijing(), &unnamed, &friday());
    assert_eq!((day.slots[2].free, day.slots[2].engineer_ids.len()), (1, 2));
    let mut one = beijing();
    one.rules.capacity = 1;
    assert!(
        !starts(&plan_slots(&one, &taken, &friday())).contains(&"11-20 09:30".to_owned()),
        "an engineer is free, the centre is not"
    );
    let elsewhere = Booking { centre_id: "shanghai".into(), ..booking("2026-11-20T09:30:00+08:00", 120, Some("a")) };
    assert_eq!(plan_slots(&beijing(), &[elsewhere], &friday()).slots[0].free, 2);
}

#[test]
fn notice_and_horizon_include_their_own_instants() {
    let now = |text: &str| SlotQuestion { now: at(text), ..friday() };
    assert_eq!(
        starts(&plan_slots(&beijing(), &[], &now("2026-11-20T08:30:00+08:00"))).len(),
        4,
        "notice of an hour, to the minute"
    );
    assert_eq!(starts(&plan_slots(&beijing(), &[], &now("2026-11-20T08:30:01+08:00")))[0], "11-20 11:30");
    let late = plan_slots(&beijing(), &[], &now("2026-11-20T14:31:00+08:00"));
    assert_eq!((late.slots.len(), why(&late)), (0, vec![NoSlotCode::Closed, NoSlotCode::Notice]));
    // 30 times 24 hours before 15:30 on the 20th.
    assert_eq!(starts(&plan_slots(&beijing(), &[], &now("2026-10-21T15:30:00+08:00"))).len(), 4);
    assert_eq!(starts(&plan_slots(&beijing(), &[], &now("2026-10-21T15:29:59+08:00"))).len(), 3);
    let early = plan_slots(&beijing(), &[], &now("2026-10-01T08:00:00+08:00"));
    assert_eq!(why(&early), [NoSlotCode::Horizon]);
}

#[test]
fn skills_languages_the_radius_and_the_border_are_named_when_they_are_the_reason() {
    let hardening = SlotQuestion { service: Service::SecurityHardening, ..friday() };
    assert!(plan_slots(&beijing(), &[], &hardening).slots.iter().all(|slot| slot.engineer_ids == ["a"] && slot.free == 1));
    let stress = SlotQuestion { service: Service::NetworkStressTest, ..friday() };
    assert_eq!(why(&plan_slots(&beijing(), &[], &stress)), [NoSlotCode::ServiceNotOffered]);
    let mut unlearned = beijing();
    unlearned.services.push("network_stress_test".into());
    assert_eq!(why(&plan_slots(&unlearned, &[], &stress)), [NoSlotCode::NoSkill]);
    let cantonese = SlotQuestion { languages: texts(&["yue"]), ..friday() };
    assert!(plan_slots(&beijing(), &[], &cantonese).slots.iter().all(|slot| slot.engineer_ids == ["b"]));
    let arabic = SlotQuestion { languages: texts(&["ar"]), ..friday() };
    assert_eq!(why(&plan_slots(&beijing(), &[], &arabic)), [NoSlotCode::NoLanguage]);
    let site = |latitude, longitude, country: &str| {
        let site = Site { latitude: Some(latitude), longitude: Some(longitude), country: country.into(), ..Site::default() };
        plan_slots(&beijing(), &[], &SlotQuestion { site: Some(site), ..friday() })
    };
    assert_eq!(site(40.0, 116.4, "CN").slots.len(), 4);
    let tianjin = site(39.142_22, 117.176_67, "CN");
    assert_eq!((why(&tianjin), tianjin.why_none[0].args["km"].as_str()), (vec![NoSlotCode::TooFar], "108"));
    assert_eq!(why(&site(39.9, 116.4, "KP")), [NoSlotCode::Abroad]);
    assert_eq!(site(40.0, 116.4, "").slots.len(), 4, "nobody said where it is");
}

#[test]
fn windows_and_rules_that_cannot_be_meant_are_said() {
    let reversed = ask("2026-11-20T12:00:00+08:00", "2026-11-20T12:00:00+08:00");
    assert_eq!(why(&plan_slots(&beijing(), &[], &reversed)), [NoSlotCode::WindowReversed]);
    let past = ask("2026-11-18T00:00:00+08:00", "2026-11-19T08:00:00+08:00");
    assert_eq!(why(&plan_slots(&beijing(), &[], &past)), [NoSlotCode::WindowPast]);
    let short = ask("2026-11-20T09:30:00+08:00", "2026-11-20T11:29:00+08:00");
    assert_eq!(why(&plan_slots(&beijing(), &[], &short)), [NoSlotCode::Closed]);
    let mut centre = beijing();
    centre.rules.slot_minutes = 0;
    assert_eq!(why(&plan_slots(&centre, &[], &friday())), [NoSlotCode::RulesInvalid]);
    centre.calendar = None;
    assert_eq!(why(&plan_slots(&centre, &[], &friday())), [NoSlotCode::HoursUnknown]);
    centre.calendar = Some(CalendarSpec::weekly("Nowhere/Land", WeeklyHours::default()));
    assert_eq!(why(&plan_slots(&centre, &[], &friday())), [NoSlotCode::HoursInvalid]);
    let full: Vec<Booking> = ["09:30", "11:30", "13:30", "15:30"]
        .iter()
        .flat_map(|hour| ["a", "b"].map(|who| booking(&format!("2026-11-20T{hour}:00+08:00"), 120, Some(who))))
        .collect();
    let answer = plan_slots(&beijing(), &full, &friday());
    assert_eq!((why(&answer), answer.why_none[0].args["slots"].as_str()), (vec![NoSlotCode::Full], "4"));
}

#[test]
fn endless_questions_and_other_times_than_ours_end() {
    let mut always = beijing();
    always.calendar = Some(CalendarSpec::weekly("UTC", WeeklyHours::every_day(&[span("00:00", "24:00")])));
    always.rules = SlotRules { slot_minutes: 15, buffer_before_min: 0, buffer_after_min: 0, horizon_days: 366, ..always.rules };
    let ever = SlotQuestion { from: UtcMs(i64::MIN), to: UtcMs(i64::MAX), ..friday() };
    let answer = plan_slots(&always, &[], &ever);
    assert_eq!((answer.slots.len(), answer.truncated), (SLOTS_MAX, true));
    let nowhere = SlotQuestion { now: UtcMs(i64::MAX), ..ever };
    assert!(plan_slots(&always, &[], &nowhere).slots.is_empty());
}

#[test]
fn a_day_with_a_gap_has_no_slot_in_it_and_a_typed_time_in_it_is_refused() {
    // New York, 2026-03-08: 02:00 becomes 03:00.
    let mut centre = beijing();
    centre.calendar = Some(CalendarSpec::weekly("America/New_York", WeeklyHours::every_day(&[span("00:00", "06:00")])));
    centre.rules = SlotRules { slot_minutes: 60, buffer_before_min: 0, buffer_after_min: 0, notice_min: 0, ..centre.rules };
    let night = SlotQuestion { now: at("2026-03-01T00:00:00Z"), ..ask("2026-03-08T00:00:00-05:00", "2026-03-08T06:00:00-04:00") };
    let answer = plan_slots(&centre, &[], &night);
    let zone = chrono_tz::America::New_York;
    let shown: Vec<String> = answer
        .slots
        .iter()
        .map(|slot| slot.start.to_datetime().unwrap().with_timezone(&zone).format("%H:%M").to_string())
        .collect();
    assert_eq!(shown, ["00:00", "01:00", "03:00", "04:00", "05:00"]);
    let date = chrono::NaiveDate::from_ymd_opt(2026, 3, 8).unwrap();
    assert_eq!(wall_time(zone, date, 150), Some(WallTime::Skipped { next: at("2026-03-08T03:00:00-04:00") }));
    assert_eq!(wall_time(zone, date, 60), Some(WallTime::Once { at: at("2026-03-08T01:00:00-05:00") }));
    let back = chrono::NaiveDate::from_ymd_opt(2026, 11, 1).unwrap();
    let twice = WallTime::Twice { first: at("2026-11-01T01:30:00-04:00"), second: at("2026-11-01T01:30:00-05:00") };
    assert_eq!(wall_time(zone, back, 90), Some(twice));
    assert_eq!(wall_time(zone, back, 1_441), None);
}

#[test]
fn the_engineer_with_the_fewest_visits_around_goes_and_alternatives_are_the_nearest() {
    let centre = beijing();
    let ready = ReadyCentre::new(&centre).unwrap();
    let near = Bookings::new([booking("2026-11-20T15:30:00+08:00", 120, Some("a"))]);
    let asked = |start: &str, engineer_id| Asked { start: at(start), engineer_id };
    let taken = take_slot(&ready, &near, &friday(), asked("2026-11-20T09:30:00+08:00", None)).unwrap();
    assert_eq!((taken.engineer_ids, taken.free), (texts(&["b"]), 0));
    let named = take_slot(&ready, &near, &friday(), asked("2026-11-20T09:30:00+08:00", Some("a"))).unwrap();
    assert_eq!(named.engineer_ids, ["a"]);
    let off_grid = take_slot(&ready, &near, &friday(), asked("2026-11-20T09:45:00+08:00", None)).unwrap_err();
    assert_eq!(off_grid[0].code, NoSlotCode::Closed);
    let busy = take_slot(&ready, &near, &friday(), asked("2026-11-20T15:30:00+08:00", Some("a"))).unwrap_err();
    assert_eq!(busy[0].code, NoSlotCode::Full);
    let question = ask("2026-11-19T00:00:00+08:00", "2026-12-04T00:00:00+08:00");
    let other = alternatives(std::slice::from_ref(&ready), &near, &question, at("2026-11-20T15:30:00+08:00"), 3);
    let answer = SlotAnswer { slots: other, ..SlotAnswer::default() };
    assert_eq!(starts(&answer), ["11-20 15:30", "11-20 13:30", "11-20 11:30"]);
}
