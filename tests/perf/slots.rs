//! Slots of 28 centres over 30 days, 20 engineers each and 10,000 bookings: the processor's time for one question to all of them.
//! Prints Markdown. Nothing is asserted.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stdout, reason = "a measurement on the command line")]

use std::hint::black_box;
use std::time::Instant;

use deskbell_domain::UtcMs;
use deskbell_domain::directory::{Engineer, ServiceCentre, SlotRules};
use deskbell_domain::scheduling::{Booking, Bookings, ReadyCentre, Service, Site, SlotQuestion, plan_slots_ready};
use deskbell_domain::sla::calendar::{CnHolidays, WeeklyHours};
use deskbell_domain::time::{DAY_MS, HOUR_MS, MINUTE_MS};

const CENTRES: usize = 28;
const ENGINEERS: usize = 20;
const BOOKINGS: usize = 10_000;
const DAYS: i64 = 30;
const ROUNDS: usize = 1_000;

/// Nanoseconds this thread was on a processor. (`/proc/thread-self/schedstat` moves by the tick, several milliseconds.)
#[cfg(unix)]
fn cpu_ns(_since: Instant) -> i64 {
    let spent = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    spent.tv_sec * 1_000_000_000 + spent.tv_nsec
}

/// Wall time, where there is nothing better.
#[cfg(not(unix))]
fn cpu_ns(since: Instant) -> i64 {
    i64::try_from(since.elapsed().as_nanos()).unwrap()
}

/// Numbers that look random and are the same on every machine.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most
    }
}

fn centre(index: usize) -> ServiceCentre {
    let day = [["09:00".to_owned(), "18:00".to_owned()]];
    let calendar = CnHolidays::embedded().unwrap().calendar("Asia/Shanghai", WeeklyHours::weekdays(&day), &day).unwrap();
    let skills = ["hardware_inspection", "network_stress_test", "security_hardening"].map(str::to_owned).to_vec();
    let engineer = |number: usize| Engineer {
        id: format!("centre-{index:02}-engineer-{number:02}"),
        name: number.to_string(),
        skills: skills.clone(),
        languages: vec!["zh-CN".to_owned()],
    };
    ServiceCentre {
        remote_id: format!("centre-{index:02}"),
        latitude: 30.0 + index as f64 / 100.0,
        longitude: 120.0,
        services: skills.clone(),
        calendar: Some(calendar.into()),
        country: "CN".to_owned(),
        engineers: (0..ENGINEERS).map(engineer).collect(),
        rules: SlotRules { slot_minutes: 60, capacity: 10, horizon_days: 31, ..SlotRules::default() },
        ..ServiceCentre::default()
    }
}

fn bookings(dice: &mut Dice, now: UtcMs) -> Vec<Booking> {
    let one = |_| {
        let centre = dice.below(CENTRES as u64);
        // Days and hours of an office, to the quarter of an hour.
        let day = i64::try_from(dice.below(DAYS as u64)).unwrap();
        let start = now.plus_ms(day * DAY_MS + HOUR_MS + i64::try_from(dice.below(32)).unwrap() * 15 * MINUTE_MS);
        let engineer = dice.below(ENGINEERS as u64);
        Booking {
            centre_id: format!("centre-{centre:02}"),
            start,
            end: start.plus_ms(HOUR_MS),
            engineer_id: Some(format!("centre-{centre:02}-engineer-{engineer:02}")),
        }
    };
    (0..BOOKINGS).map(one).collect()
}

fn measured(mut act: impl FnMut()) -> Vec<f64> {
    let began = Instant::now();
    let mut spent = Vec::new();
    for _ in 0..ROUNDS {
        let before = cpu_ns(began);
        act();
        spent.push((cpu_ns(began) - before) as f64 / 1e6);
    }
    spent.sort_by(f64::total_cmp);
    spent
}

fn row(what: &str, spent: &[f64]) {
    let at = |share: f64| spent[((spent.len() - 1) as f64 * share) as usize];
    println!("| {what} | {:.2} ms | {:.2} ms | {:.2} ms |", at(0.5), at(0.99), at(1.0));
}

fn main() {
    // 08:00 in Shanghai on Monday, 23 November 2026.
    let now = UtcMs::parse_rfc3339("2026-11-23T08:00:00+08:00").unwrap();
    let centres: Vec<ServiceCentre> = (0..CENTRES).map(centre).collect();
    let taken = bookings(&mut Dice(7), now);
    let site = Site { latitude: Some(30.1), longitude: Some(120.1), country: "CN".to_owned(), ..Site::default() };
    let question = SlotQuestion {
        service: Service::HardwareInspection,
        from: now,
        to: now.plus_ms(DAYS * DAY_MS),
        site: Some(site),
        now,
        languages: vec!["zh-CN".to_owned()],
    };
    let ready: Vec<ReadyCentre<'_>> = centres.iter().map(|centre| ReadyCentre::new(centre).unwrap()).collect();
    let book = Bookings::new(taken.iter().cloned());
    let slots: usize = ready.iter().map(|one| plan_slots_ready(one, &book, &question).slots.len()).sum();
    let ask = |ready: &[ReadyCentre<'_>], book: &Bookings| {
        for one in ready {
            black_box(plan_slots_ready(one, book, &question));
        }
    };
    println!(
        "{CENTRES} centres, {DAYS} days, {ENGINEERS} engineers each, {BOOKINGS} bookings, {slots} free slots in the answer; {ROUNDS} rounds.\n"
    );
    println!("| processor time of one question to all centres | median | p99 | most |");
    println!("|---|---|---|---|");
    row("hours read and bookings in order before (as the hub keeps them)", &measured(|| ask(&ready, &book)));
    row("bookings put in order each time", &measured(|| ask(&ready, &Bookings::new(taken.iter().cloned()))));
    let cold = measured_few(&centres, &taken, &question);
    row("hours read each time too", &cold);
}

/// With every calendar read and its year worked out anew.
fn measured_few(centres: &[ServiceCentre], taken: &[Booking], question: &SlotQuestion) -> Vec<f64> {
    let began = Instant::now();
    let mut spent = Vec::new();
    for _ in 0..ROUNDS / 10 {
        let before = cpu_ns(began);
        let book = Bookings::new(taken.iter().cloned());
        for centre in centres {
            black_box(plan_slots_ready(&ReadyCentre::new(centre).unwrap(), &book, question));
        }
        spent.push((cpu_ns(began) - before) as f64 / 1e6);
    }
    spent.sort_by(f64::total_cmp);
    spent
}
