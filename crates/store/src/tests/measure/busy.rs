//! Searching while a full pull runs: `cargo test --release -p deskbell-store -- --ignored --nocapture searched_while_pulled`.
//! What it costs to keep a page: `… --nocapture kept_against_fetched`.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use deskbell_domain::filter::TicketFilter;

use super::*;

/// What people type, one after the other.
const QUERIES: &[&str] = &[
    "宕机",
    "服务器",
    "负载均衡",
    "502",
    "err",
    "error",
    "fwq",
    "fuwuqi",
    "服务器 宕机 502",
    "T-777",
    "zzz",
    "证书 过期",
    "客户c1",
];
/// Tickets and notes of one page, as providers send them.
const PAGE_TICKETS: usize = 100;

/// Nanoseconds that this thread stood ready while others had the processors: not our doing on a machine that is shared.
fn stood_ready_ns() -> u64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split_whitespace().nth(1).and_then(|number| number.parse().ok()).unwrap_or(0)
}

/// Milliseconds of searches that ran one after the other, ascending, without the time for which no processor was free.
fn searches(desk: &Desk, goes_on: impl Fn(usize) -> bool) -> Vec<f64> {
    let mut times = Vec::new();
    while goes_on(times.len()) {
        let query = QUERIES[times.len() % QUERIES.len()];
        let (started, ready) = (Instant::now(), stood_ready_ns());
        desk.store.search(query, &TicketFilter::default(), 50).unwrap();
        let waited_ms = (stood_ready_ns() - ready) as f64 / 1e6;
        times.push((started.elapsed().as_secs_f64() * 1_000.0 - waited_ms).max(0.0));
        // A person types; the machine is not only there for them.
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    times.sort_by(f64::total_cmp);
    times
}

fn share(times: &[f64], share: f64) -> f64 {
    times[((times.len() - 1) as f64 * share) as usize]
}

fn page(dice: &mut Dice, first: usize, tickets: usize, notes_each: usize) -> Observations {
    let mut page = Observations::default();
    for at in first..first + tickets {
        let remote = format!("T-{at}");
        let mut seen = ticket(&remote);
        seen.subject = dice.text(4);
        seen.status = Status::ALL[dice.roll(6)];
        seen.customer.remote_id = format!("c{}", dice.roll(2_000));
        seen.customer.name = format!("客户{}", seen.customer.remote_id);
        seen.updated_at = NOW.plus_ms(-(at as i64) * 1_000);
        page.tickets.push(seen);
        page.events.push(created(&remote));
        for n in 0..notes_each {
            page.notes.push(note(&remote, &format!("{at}-{n}"), &format!("{} i-bp{:06x}", dice.text(35), dice.roll(0xFF_FFFF))));
        }
    }
    page
}

fn tickets() -> usize {
    std::env::var("TICKETS").ok().and_then(|text| text.parse().ok()).unwrap_or(100_000)
}

fn full_desk(dice: &mut Dice, count: usize) -> Desk {
    let desk = Desk::new();
    for first in (0..count).step_by(5_000) {
        desk.store.import_tickets(desk.account, &page(dice, first, 5_000.min(count - first), 4), NOW).unwrap();
    }
    desk.reopened()
}

#[test]
#[ignore = "prints figures, takes a minute"]
fn searched_while_pulled() {
    let mut dice = Dice(7);
    let count = tickets();
    let desk = full_desk(&mut dice, count);
    desk.store.warm_columns().unwrap();
    searches(&desk, |done| done < 60);
    let report = |what: &str, times: &[f64]| {
        let max = times[times.len() - 1];
        println!(
            "{what}: {} searches, p50 {:.2} ms, p95 {:.2} ms, p99 {:.2} ms, max {max:.2} ms",
            times.len(),
            share(times, 0.5),
            share(times, 0.95),
            share(times, 0.99)
        );
        share(times, 0.99)
    };
    for round in 1..=2 {
        let idle = report(&format!("round {round} idle"), &searches(&desk, |done| done < 400));
        // As fast as the fetch loop of a local server goes: a page every 40 ms is 2,500 tickets a second.
        for (what, pause_ms) in [("pages without a pause", 0), ("a page every 40 ms", 40)] {
            let pulling = AtomicBool::new(true);
            let pages = 100;
            let (mut spent, started) = (0.0, Instant::now());
            let mut busy = Vec::new();
            std::thread::scope(|scope| {
                let searching = scope.spawn(|| searches(&desk, |_| pulling.load(Ordering::Relaxed)));
                for at in 0..pages {
                    let first = count + (round * 2 + usize::from(pause_ms > 0)) * pages * PAGE_TICKETS + at * PAGE_TICKETS;
                    let page = page(&mut dice, first, PAGE_TICKETS, 4);
                    let kept = Instant::now();
                    desk.store.apply_page(desk.account, &page, &[], "next", false, NOW).unwrap();
                    let took = kept.elapsed();
                    spent += took.as_secs_f64();
                    std::thread::sleep(std::time::Duration::from_millis(pause_ms).saturating_sub(took));
                }
                pulling.store(false, Ordering::Relaxed);
                busy = searching.join().unwrap();
            });
            let pulled_s = started.elapsed().as_secs_f64();
            let p99 = report(&format!("round {round} busy, {what}"), &busy);
            println!(
                "  ratio p99 busy/idle {:.2}; {pages} pages of {PAGE_TICKETS} tickets and {} notes in {pulled_s:.1} s, {:.1} ms a page",
                p99 / idle,
                PAGE_TICKETS * 4,
                spent * 1_000.0 / pages as f64
            );
        }
    }
}

#[test]
#[ignore = "prints figures, takes a minute"]
fn kept_against_fetched() {
    let mut dice = Dice(7);
    let count = tickets();
    let desk = full_desk(&mut dice, count);
    desk.store.warm_columns().unwrap();
    // 10,000 notes on 10,000 tickets, in pages of 100, as a change feed brings them.
    let (mut spent, mut slowest) = (0.0, 0.0_f64);
    let started = Instant::now();
    for at in 0..100 {
        let mut page = Observations::default();
        for number in at * 100..(at + 1) * 100 {
            let remote = format!("T-{}", number * (count / 10_000).max(1));
            let mut seen = ticket(&remote);
            seen.updated_at = NOW.plus_ms(number as i64);
            seen.version = format!("v{number}");
            page.tickets.push(seen);
            page.notes.push(note(&remote, &format!("changed-{number}"), &dice.text(35)));
        }
        let kept = Instant::now();
        desk.store.apply_page(desk.account, &page, &[], "next", at == 99, NOW).unwrap();
        let took = kept.elapsed().as_secs_f64();
        spent += took;
        slowest = slowest.max(took);
    }
    let all = started.elapsed().as_secs_f64();
    println!(
        "10,000 changed notes in pages of 100: {spent:.2} s of keeping ({all:.2} s in all), {:.2} ms a page, slowest {:.1} ms, {:.0} notes/s",
        spent * 10.0,
        slowest * 1_000.0,
        10_000.0 / spent
    );
}
