//! A second hand: walks time in steps and asks of each whether it counts. Shares no arithmetic with the calendar.

use chrono::{Days, Duration, MappedLocalTime, NaiveDate, NaiveDateTime, TimeZone};
use chrono_tz::Tz;

use crate::sla::calendar::{CalendarSpec, Interval, SpanText};
use crate::time::UtcMs;

pub(super) struct Oracle {
    pub(super) step_ms: i64,
    pub(super) start: i64,
    tz: Tz,
    days: Vec<Day>,
    /// One flag a step from `start` on.
    open: Vec<bool>,
    paused: Vec<bool>,
}

struct Day {
    date: NaiveDate,
    from: i64,
    to: i64,
    hours: Vec<(i64, i64)>,
    breaks: Vec<(i64, i64)>,
}

/// First showing of an ambiguous time; a skipped one by the offset of a day before.
pub(crate) fn shown_at(tz: Tz, local: NaiveDateTime) -> i64 {
    match tz.from_local_datetime(&local) {
        MappedLocalTime::Single(at) | MappedLocalTime::Ambiguous(at, _) => at.timestamp_millis(),
        MappedLocalTime::None => {
            let earlier = tz.from_local_datetime(&(local - Duration::hours(25))).earliest().expect("no gap a day before");
            (earlier + Duration::hours(25)).timestamp_millis()
        }
    }
}

fn minutes(text: &str) -> i64 {
    text[..2].parse::<i64>().expect("hours") * 60 + text[3..].parse::<i64>().expect("minutes")
}

impl Oracle {
    pub(super) fn new(spec: &CalendarSpec, step_ms: i64, start: UtcMs, steps: usize, pauses: &[Interval]) -> Self {
        let tz: Tz = spec.tz.parse().expect("a zone");
        let first = tz.from_utc_datetime(&start.to_datetime().expect("a date").naive_utc()).date_naive();
        let count = steps as i64 * step_ms / 86_400_000 + 5;
        let days = first.checked_sub_days(Days::new(2)).expect("a date").iter_days().take(count as usize);
        let days = days.map(|date| Self::day(spec, tz, date)).collect();
        let mut oracle = Self { step_ms, start: start.0, tz, days, open: Vec::new(), paused: Vec::new() };
        oracle.open = (0..steps).map(|step| oracle.counts(oracle.at(step))).collect();
        let covers = |at: i64| pauses.iter().any(|pause| pause.from.0 <= at && at < pause.to.0);
        oracle.paused = (0..steps).map(|step| covers(oracle.at(step))).collect();
        oracle
    }

    fn day(spec: &CalendarSpec, tz: Tz, date: NaiveDate) -> Day {
        let name = date.to_string();
        let midnight = date.and_hms_opt(0, 0, 0).expect("midnight");
        let map = |spans: &[SpanText]| -> Vec<(i64, i64)> {
            let instant = |text: &str| shown_at(tz, midnight + Duration::minutes(minutes(text)));
            spans.iter().map(|[from, to]| (instant(from), instant(to))).collect()
        };
        let week = &spec.hours;
        let weekly = [&week.mon, &week.tue, &week.wed, &week.thu, &week.fri, &week.sat, &week.sun];
        let hours = match spec.shifts.get(&name) {
            _ if spec.holidays.contains(&name) => Vec::new(),
            Some(shift) => map(shift),
            None => map(weekly[chrono::Datelike::weekday(&date).num_days_from_monday() as usize]),
        };
        let breaks = spec.breaks.get(&name).map(|spans| map(spans)).unwrap_or_default();
        Day { date, from: shown_at(tz, midnight), to: shown_at(tz, midnight + Duration::days(1)), hours, breaks }
    }

    fn counts(&self, at: i64) -> bool {
        let within = |spans: &[(i64, i64)]| spans.iter().any(|(from, to)| *from <= at && at < *to);
        let day = self.days.iter().find(|day| day.from <= at && at < day.to).expect("a day for every instant");
        within(&day.hours) && !within(&day.breaks)
    }

    fn at(&self, step: usize) -> i64 {
        self.start + step as i64 * self.step_ms
    }

    fn active(&self, step: usize) -> bool {
        self.open[step] && !self.paused[step]
    }

    pub(super) fn is_open(&self, step: usize) -> bool {
        self.open[step]
    }

    pub(super) fn elapsed_ms(&self, from: usize, to: usize) -> i64 {
        (from..to).filter(|step| self.active(*step)).count() as i64 * self.step_ms
    }

    /// `None` beyond the steps walked.
    pub(super) fn moment(&self, elapsed_ms: i64) -> Option<UtcMs> {
        self.moment_from(0, elapsed_ms / self.step_ms, |step| self.active(step))
    }

    fn moment_from(&self, from: usize, count: i64, active: impl Fn(usize) -> bool) -> Option<UtcMs> {
        let mut left = count;
        for step in from..self.open.len() {
            if active(step) {
                if left == 0 {
                    return Some(UtcMs(self.at(step)));
                }
                left -= 1;
            }
            if left == 0 && count > 0 {
                return Some(UtcMs(self.at(step + 1)));
            }
        }
        None
    }

    /// Latest instant from which the amount is open until `end`, pauses aside.
    pub(super) fn moment_before(&self, end: usize, open_ms: i64) -> Option<UtcMs> {
        let mut left = open_ms / self.step_ms;
        for step in (0..end).rev() {
            left -= i64::from(self.open[step]);
            if left == 0 {
                return Some(UtcMs(self.at(step)));
            }
        }
        None
    }

    /// Runs of open steps, joined over midnight.
    pub(super) fn open_runs(&self) -> Vec<Interval> {
        let mut runs: Vec<Interval> = Vec::new();
        for step in (0..self.open.len()).filter(|step| self.open[*step]) {
            let (from, to) = (UtcMs(self.at(step)), UtcMs(self.at(step + 1)));
            match runs.last_mut() {
                Some(last) if last.to == from => last.to = to,
                _ => runs.push(Interval { from, to }),
            }
        }
        runs
    }

    /// Dates whole inside the steps walked, each with whether any of its steps is open.
    pub(super) fn dates(&self) -> Vec<(NaiveDate, bool)> {
        let end = self.at(self.open.len());
        let inside = self.days.iter().filter(|day| day.from >= self.start && day.to <= end);
        inside
            .map(|day| {
                let mut steps = (day.from..day.to).step_by(self.step_ms as usize);
                (day.date, steps.any(|at| self.counts(at)))
            })
            .collect()
    }

    /// The business-day rule read literally: count dates, keep the clock time, wait for hours, add paused open time.
    pub(super) fn business_days(&self, days: u32) -> Option<UtcMs> {
        let local = self.tz.timestamp_millis_opt(self.start).single().expect("an instant").naive_local();
        let mut date = local.date();
        let mut left = days;
        while left > 0 {
            date = date.succ_opt()?;
            let day = self.days.iter().find(|day| day.date == date)?;
            left -= u32::from((day.from..day.to).step_by(self.step_ms as usize).any(|at| self.counts(at)));
        }
        let due = shown_at(self.tz, date.and_time(local.time())).max(self.start);
        let base = usize::try_from((due - self.start) / self.step_ms).ok()?;
        let base = (base..self.open.len()).find(|step| self.open[*step])?;
        let mut due = base;
        loop {
            let paused = self.paused_steps_begun_before(due)?;
            let next = match paused {
                0 => base,
                count => {
                    let at = self.moment_from(base, count, |step| self.open[step])?;
                    usize::try_from((at.0 - self.start) / self.step_ms).ok()?
                }
            };
            if next == due {
                return Some(UtcMs(self.at(due)));
            }
            due = next;
        }
    }

    /// Open steps of all pauses that begin before a step; `None` when one outlasts the walk.
    fn paused_steps_begun_before(&self, due: usize) -> Option<i64> {
        let mut count = 0;
        let mut step = 0;
        while step < self.open.len() {
            if self.paused[step] {
                if step >= due {
                    break;
                }
                while step < self.open.len() && self.paused[step] {
                    count += i64::from(self.open[step]);
                    step += 1;
                }
                if step == self.open.len() {
                    return None;
                }
            } else {
                step += 1;
            }
        }
        Some(count)
    }
}
