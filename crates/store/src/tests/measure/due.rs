//! The bell's timer asks this every time it wakes.

use std::time::Instant;

use super::super::*;

/// `cargo test --release -p deskbell-store --lib -- --ignored --nocapture measured_next_due`.
#[test]
#[ignore = "a million tickets"]
fn measured_next_due_lookup_against_a_scan_at_a_million_tickets() {
    let desk = Desk::new();
    desk.store
        .write(crate::writer::Durability::Mirror, |transaction, _| {
            transaction.execute(
                "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000)
                 INSERT INTO due (ticket_id, metric, instance, threshold, due_at, deadline_at)
                 SELECT i, 'resolution', 1, 'share:50', 1800000000000 + (i * 7919) % 86400000, 1800086400000 FROM n",
                [],
            )?;
            transaction.execute(
                "INSERT INTO due (ticket_id, metric, instance, threshold, due_at, deadline_at)
                 SELECT ticket_id, metric, instance, 'breach', deadline_at, deadline_at FROM due",
                [],
            )?;
            Ok(())
        })
        .unwrap();
    let timed = |sql: &str, rounds: u32| {
        desk.store
            .read(|connection| {
                let mut statement = connection.prepare(sql)?;
                let _warm: Option<i64> = statement.query_row([], |row| row.get(0))?;
                let begun = Instant::now();
                for _ in 0..rounds {
                    let _next: Option<i64> = statement.query_row([], |row| row.get(0))?;
                }
                Ok(begun.elapsed().as_secs_f64() * 1e6 / f64::from(rounds))
            })
            .unwrap()
    };
    let lookup = timed(crate::alert::NEXT_DUE, 20_000);
    let scan = timed("SELECT min(due_at) FROM due NOT INDEXED", 20);
    println!(
        "next due of 1,000,000 tickets (2,000,000 thresholds): {lookup:.2} µs; by a scan {scan:.0} µs; 1/{:.0}",
        scan / lookup
    );
}
