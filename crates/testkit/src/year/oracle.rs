//! What has to ring, by stepping from minute to minute.
//!
//! Two halves: which moments the clocks of a ticket have, as far as its log was heard ([`moments`]); and at which look of the
//! bell each of them rings, once for ever ([`expect`]).

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike as _, Days, NaiveDate};
use deskbell_domain::UtcMs;
use deskbell_domain::ticket::{Priority, Role, Status};
use deskbell_domain::time::MINUTE_MS;
use serde_json::{Value, json};

use super::history::{BEGIN, Story, What};

/// Minutes that the table of open ones covers: three years from the begin.
const TABLE_MINUTES: usize = 3 * 366 * 24 * 60;
/// Published holidays, as data.
const HOLIDAYS: &str = include_str!("../../../domain/data/cn_holidays_2018_2026.json");

/// Whose targets: minutes by metric, for each priority.
struct Targets {
    around_the_clock: bool,
    /// A reopened ticket's clock starts anew.
    resets: bool,
    shares: &'static [i64],
    /// First response, next response, resolution.
    minutes: [i64; 3],
}

const VIP_SHARES: &[i64] = &[50, 75, 90];

fn targets(vip: bool, priority: Priority) -> Targets {
    let (around_the_clock, resets, shares, minutes) = match (vip, priority) {
        (true, Priority::Urgent) => (true, false, VIP_SHARES, [20, 40, 120]),
        (true, Priority::Important) => (true, false, VIP_SHARES, [40, 80, 240]),
        (true, Priority::Routine) => (true, false, VIP_SHARES, [240, 300, 1_440]),
        (false, Priority::Urgent) => (true, false, &[][..], [30, 60, 480]),
        (false, Priority::Important) => (false, true, &[][..], [240, 240, 960]),
        (false, Priority::Routine) => (false, true, &[][..], [480, 480, 2_400]),
    };
    Targets { around_the_clock, resets, shares, minutes }
}

/// Minutes left at which it rings, besides the breach.
const LEFT: [i64; 2] = [15, 5];

/// The same rules as the desk reads them.
#[must_use]
pub fn policies() -> Value {
    let line = |vip: bool, priority: Priority| {
        let [first, next, whole] = targets(vip, priority).minutes;
        let minutes = |value: i64| json!({ "value": value, "unit": "minute" });
        json!({ "priority": priority, "first_response": minutes(first), "next_response": minutes(next), "resolution": minutes(whole) })
    };
    let policy = |id: &str, vip: bool, priorities: &[Priority]| {
        let sample = targets(vip, priorities[0]);
        let mut thresholds: Vec<Value> =
            sample.shares.iter().map(|percent| json!({ "kind": "share", "percent": percent })).collect();
        thresholds.extend(LEFT.iter().map(|minutes| json!({ "kind": "time_left", "seconds": minutes * 60 })));
        thresholds.push(json!({ "kind": "breach" }));
        json!({
            "id": id, "name_zh": id, "name_en": id, "vip": vip, "priorities": priorities,
            "calendar_id": if sample.around_the_clock { "always" } else { "business_cn" },
            "targets": priorities.iter().map(|priority| line(vip, *priority)).collect::<Vec<_>>(),
            "pause_statuses": ["waiting_customer"],
            "reopen": if sample.resets { "reset" } else { "continue" },
            "thresholds": thresholds,
        })
    };
    json!([
        policy("vip", true, &[Priority::Urgent, Priority::Important, Priority::Routine]),
        policy("urgent", false, &[Priority::Urgent]),
        policy("standard", false, &[Priority::Important, Priority::Routine]),
    ])
}

/// Which minutes from [`BEGIN`] on are working time in China: 9 to 12 and 13:30 to 18, Monday to Friday, without holidays,
/// with the days worked instead.
pub struct Office(Vec<bool>);

impl Office {
    /// # Panics
    /// When the data file is not what it is.
    #[must_use]
    #[expect(clippy::unwrap_used, reason = "data of this repository, read by tests only")]
    pub fn read() -> Self {
        let table: Value = serde_json::from_str(HOLIDAYS).unwrap();
        let (mut off, mut instead) = (BTreeSet::new(), BTreeSet::new());
        for year in table["years"].as_object().unwrap().values() {
            let dates = |key: &str| -> Vec<NaiveDate> {
                let days = year[key].as_array().into_iter().flatten();
                days.filter_map(|day| day[0].as_str().or_else(|| day.as_str())?.parse().ok()).collect()
            };
            off.extend(dates("off"));
            instead.extend(dates("makeup_work"));
        }
        assert!(off.len() > 100 && instead.len() > 30, "{} {}", off.len(), instead.len());
        let first = NaiveDate::from_ymd_opt(2025, 1, 1).unwrap();
        let minutes = (0..TABLE_MINUTES).map(|minute| {
            let day = first + Days::new((minute / 1_440) as u64);
            let of_day = minute % 1_440;
            let is_hour = (540..720).contains(&of_day) || (810..1_080).contains(&of_day);
            let is_weekday = day.weekday().number_from_monday() <= 5;
            is_hour && !off.contains(&day) && (is_weekday || instead.contains(&day))
        });
        Self(minutes.collect())
    }
}

/// Names a moment of a clock.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment {
    pub ticket: usize,
    pub metric: &'static str,
    pub instance: u32,
    /// `share:50`, `left:900`, `breach`.
    pub threshold: String,
    pub due_at: UtcMs,
}

/// One clock as the log tells it so far.
#[derive(Debug, Clone)]
struct Counting {
    metric: &'static str,
    target: usize,
    instance: u32,
    start: UtcMs,
    is_running: bool,
    /// Ended by an answer: no reopening brings it back.
    is_answered: bool,
}

/// Moments that the clocks of a ticket have, by its first `count` happenings and the tickets that it took in.
#[must_use]
pub fn moments(office: &Office, number: usize, story: &Story, count: usize, taken_in: &[(UtcMs, UtcMs)]) -> Vec<Moment> {
    let heard = &story.happenings[..count];
    if heard.iter().any(|happening| matches!(happening.what, What::MergedInto(_))) {
        return Vec::new();
    }
    let priority = heard.iter().rev().find_map(|happening| match happening.what {
        What::Priority(to) => Some(to),
        _ => None,
    });
    let rules = targets(story.vip, priority.unwrap_or(story.priority));
    let statuses: Vec<(UtcMs, Status)> = std::iter::once((story.created(), Status::New))
        .chain(heard.iter().filter_map(|happening| match happening.what {
            What::Status(to) => Some((happening.at, to)),
            _ => None,
        }))
        .collect();
    let now = statuses.last().map_or(Status::New, |(_, status)| *status);
    let mut found = Vec::new();
    for clock in clocks(story, heard, taken_in, rules.resets) {
        let is_paused = clock.metric == "resolution" && now == Status::WaitingCustomer;
        if clock.is_running && !is_paused {
            step(office, number, &clock, &rules, &statuses, &mut found);
        }
    }
    found
}

fn clocks(story: &Story, heard: &[super::history::Happening], taken_in: &[(UtcMs, UtcMs)], resets: bool) -> Vec<Counting> {
    let begin =
        |metric, target, instance, start| Counting { metric, target, instance, start, is_running: true, is_answered: false };
    let mut first = begin("first_response", 0, 1, story.created());
    let mut whole = begin("resolution", 2, 1, story.created());
    let mut next: Option<Counting> = None;
    let (mut nexts, mut is_finished, mut earliest) = (0, false, UtcMs(i64::MAX));
    // What happened on the ticket and what it took in, by time.
    let mut log: Vec<(UtcMs, Result<What, UtcMs>)> = heard.iter().map(|happening| (happening.at, Ok(happening.what))).collect();
    log.extend(taken_in.iter().map(|(at, created)| (*at, Err(*created))));
    log.sort_by_key(|(at, what)| (*at, what.is_err()));
    for (at, what) in log {
        match what {
            Ok(What::Reply(Role::Agent)) => {
                if first.is_running {
                    (first.is_running, first.is_answered) = (false, true);
                }
                next = None;
            }
            Ok(What::Reply(Role::Customer)) if first.is_answered && next.is_none() => {
                nexts += 1;
                next = Some(begin("next_response", 1, nexts, at));
            }
            Ok(What::Status(Status::Resolved | Status::Closed)) => {
                (first.is_running, whole.is_running, next, is_finished) = (false, false, None, true);
            }
            Ok(What::Status(_)) if is_finished => {
                is_finished = false;
                for clock in [&mut first, &mut whole] {
                    if clock.is_answered {
                        continue;
                    }
                    if resets {
                        (clock.instance, clock.start) = (clock.instance + 1, at);
                    }
                    clock.is_running = true;
                }
            }
            Err(created) => earliest = earliest.min(created),
            Ok(_) => {}
        }
        for clock in [&mut first, &mut whole] {
            if clock.is_running && clock.instance == 1 {
                clock.start = clock.start.min(earliest);
            }
        }
    }
    [first, whole].into_iter().chain(next).collect()
}

/// Counts minutes until the target is used up, and notes when each threshold was.
fn step(
    office: &Office,
    number: usize,
    clock: &Counting,
    rules: &Targets,
    statuses: &[(UtcMs, Status)],
    found: &mut Vec<Moment>,
) {
    let target = rules.minutes[clock.target];
    let mut wanted: Vec<(i64, String)> =
        rules.shares.iter().map(|percent| (target * percent / 100, format!("share:{percent}"))).collect();
    wanted.extend(LEFT.iter().map(|left| (target - left, format!("left:{}", left * 60))));
    wanted.retain(|(used, _)| *used > 0);
    wanted.push((target, "breach".to_owned()));
    let (mut used, mut place) = (0, 0);
    let mut minute = clock.start.ms_since(BEGIN).div_euclid(MINUTE_MS);
    while used < target {
        let Ok(index) = usize::try_from(minute) else {
            minute += 1;
            continue;
        };
        let Some(is_office) = office.0.get(index) else { return };
        let at = BEGIN.plus_ms(minute * MINUTE_MS);
        while statuses.get(place + 1).is_some_and(|(from, _)| *from <= at) {
            place += 1;
        }
        let status = statuses[place].1;
        let is_finished = matches!(status, Status::Resolved | Status::Closed);
        let is_paused = match clock.metric {
            "resolution" => is_finished || status == Status::WaitingCustomer,
            "first_response" => is_finished,
            _ => false,
        };
        // A clock that starts with a ticket taken in is older than the first status.
        let is_paused = is_paused && statuses[place].0 <= at;
        minute += 1;
        if is_paused || !(rules.around_the_clock || *is_office) {
            continue;
        }
        used += 1;
        for (_, threshold) in wanted.iter().filter(|(moment, _)| *moment == used) {
            found.push(Moment {
                ticket: number,
                metric: clock.metric,
                instance: clock.instance,
                threshold: threshold.clone(),
                due_at: BEGIN.plus_ms(minute * MINUTE_MS),
            });
        }
    }
}

/// `looks` are the wall times at which the bell looked; `versions` say from which look on which moments stand, in order.
/// Answers each moment that rings with the number of its look.
#[must_use]
pub fn expect(looks: &[UtcMs], versions: &[(usize, Vec<Moment>)]) -> BTreeMap<Moment, usize> {
    let mut rung: BTreeMap<Moment, usize> = BTreeMap::new();
    for (place, (from, moments)) in versions.iter().enumerate() {
        let until = versions.get(place + 1).map_or(looks.len(), |(next, _)| *next);
        for moment in moments {
            if rung.contains_key(moment) {
                continue;
            }
            let look = (*from..until).find(|look| looks[*look] >= moment.due_at);
            if let Some(look) = look {
                rung.insert(moment.clone(), look);
            }
        }
    }
    rung
}
