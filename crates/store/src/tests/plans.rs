//! The queries that must never scan.

mod visits;

use super::*;

fn plan(desk: &Desk, sql: &str) -> String {
    desk.store
        .read(|connection| {
            let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}"))?;
            let places = statement.parameter_count();
            let rows = statement.query_map(rusqlite::params_from_iter(vec![0; places]), |row| row.get::<_, String>(3))?;
            Ok(rows.collect::<rusqlite::Result<Vec<_>>>()?.join("\n"))
        })
        .unwrap()
}

#[test]
fn frequent_queries_go_by_an_index() {
    let desk = Desk::new();
    let unsent = crate::outbox::read::unsent_sql();
    let claim = crate::outbox::claim::next_due_sql();
    for (why, sql, expected) in [
        ("next alert", crate::alert::NEXT_DUE, vec!["USING COVERING INDEX due_next"]),
        ("calls of a ticket", &crate::call::list_sql(true), vec!["SEARCH call USING INDEX call_by_ticket"]),
        ("the call log", &crate::call::list_sql(false), vec!["SCAN call USING INDEX call_by_start"]),
        ("the call under way", crate::call::UNDER_WAY, vec!["USING INDEX call_under_way"]),
        ("next alert kept back", crate::alert::NEXT_HELD, vec!["USING COVERING INDEX alert_held"]),
        ("next escalation", crate::alert::NEXT_ESCALATION, vec!["USING COVERING INDEX alert_escalating"]),
        (
            "open alerts",
            &crate::alert::open_sql(),
            vec!["alert USING INDEX alert_open", "SEARCH later USING INDEX", "SEARCH ticket USING INTEGER PRIMARY KEY"],
        ),
        (
            "owed notifications",
            &crate::alert::notice::owed_sql(),
            vec!["alert USING INDEX alert_notice", "SEARCH later USING INDEX"],
        ),
        ("doubtful notifications", crate::alert::notice::DOUBTFUL, vec!["alert USING COVERING INDEX alert_notice"]),
        ("alerts kept back", crate::alert::notice::HELD_COUNT, vec!["alert USING COVERING INDEX alert_held"]),
        (
            "escalations",
            &crate::alert::answer::escalations_sql(),
            vec!["alert USING INDEX alert_escalating", "SEARCH later USING INDEX"],
        ),
        (
            "a ticket's facts",
            crate::alert::TICKET_FACTS,
            vec!["SEARCH ticket USING INTEGER PRIMARY KEY", "SEARCH clock USING PRIMARY KEY"],
        ),
        ("thresholds of a ticket that rang", crate::ticket_log::RUNG, vec!["SEARCH alert USING INDEX"]),
        ("what was left out of a ticket's edits", crate::ticket_log::LEFT_OUT, vec!["SEARCH operation USING INDEX"]),
        ("alerts of a ticket", crate::alert::OF_TICKET, vec!["SEARCH alert USING INDEX"]),
        ("next snooze", crate::alert::NEXT_SNOOZED, vec!["USING COVERING INDEX alert_snoozed"]),
        (
            "open clocks",
            crate::clock::OPEN_CLOCKS,
            vec!["clock USING INDEX clock_running", "SEARCH ticket USING INTEGER PRIMARY KEY"],
        ),
        (
            "one open clock",
            crate::watch::OPEN_CLOCK,
            vec!["SEARCH clock USING PRIMARY KEY", "SEARCH ticket USING INTEGER PRIMARY KEY"],
        ),
        ("claim", &claim, vec!["operation USING INDEX operation_by_due", "earlier USING INDEX operation_waiting"]),
        ("waits of a clock put back", crate::outbox::claim::RESTART_WAITS, vec!["operation USING INDEX operation_by_wait"]),
        (
            "tickets that others opened",
            crate::outbox::claim::OPENED_BY_OTHERS,
            vec!["SCAN operation USING INDEX operation_sent", "SEARCH ticket USING INTEGER PRIMARY KEY"],
        ),
        (
            "visits of a span",
            &crate::visit::between_sql(),
            vec![
                "visit USING INDEX visit_by_start",
                "visit USING INDEX visit_without_slot",
                "operation USING INDEX operation_unsent",
            ],
        ),
        ("visits without their ticket", crate::visit::FIND_TICKETS, vec!["SEARCH visit USING INDEX visit_by_ticket"]),
        (
            "sites of a customer",
            crate::visit::KNOWN_SITES,
            vec![
                "SEARCH site USING INDEX",
                "SEARCH other USING COVERING INDEX ticket_by_customer",
                "SEARCH visit USING INDEX visit_by_ticket",
            ],
        ),
        ("hasten", crate::outbox::settle::HASTEN, vec!["operation USING INDEX operation_by_due"]),
        (
            "notes of others",
            crate::outbox::settle::NOTES_OF_OTHERS,
            vec!["SEARCH note USING INTEGER PRIMARY KEY", "SEARCH operation USING COVERING INDEX"],
        ),
        ("any ticket opened here", crate::mirror::adopt::ANY_LOCAL, vec!["ticket USING COVERING INDEX ticket_local"]),
        ("where a ticket went", crate::mirror::adopt::CURRENT_ID, vec!["SEARCH ticket_moved USING INTEGER PRIMARY KEY"]),
        (
            "ticket of a marker",
            crate::mirror::adopt::LOCAL_OF_MARKER,
            vec!["SEARCH operation USING INDEX sqlite_autoindex_operation_1", "SEARCH ticket USING INTEGER PRIMARY KEY"],
        ),
        ("a created ticket's name", crate::mirror::adopt::NAME_UNSENT, vec!["operation USING INDEX operation_unsent"]),
        (
            "observed after all",
            crate::mirror::conversation::OBSERVED_LANDED,
            vec!["SEARCH operation USING INDEX sqlite_autoindex_operation_1"],
        ),
        ("unsent of a ticket", &unsent, vec!["SEARCH operation USING INDEX operation_unsent"]),
        ("words of a ticket opened here", crate::search::index::UNSENT_WORDS, vec!["operation USING INDEX operation_unsent"]),
        ("pending assignee", crate::list::PENDING_ASSIGNEE, vec!["operation USING INDEX operation_waiting"]),
        (
            "row",
            crate::list::TICKET_ROW,
            vec!["SEARCH ticket USING INTEGER PRIMARY KEY", "operation USING INDEX operation_unsent"],
        ),
        ("row clock", crate::list::ROW_CLOCK, vec!["SEARCH clock USING PRIMARY KEY"]),
        ("clocks of a ticket", crate::standing::OF_TICKET, vec!["SEARCH clock USING PRIMARY KEY"]),
        ("running clocks, for memory", crate::standing::LOAD_RUNNING, vec!["clock USING INDEX clock_running"]),
        ("paused clocks, for memory", crate::standing::LOAD_PAUSED, vec!["clock USING INDEX clock_paused"]),
        ("stopped clocks, for memory", crate::standing::LOAD_MEASURED, vec!["USING COVERING INDEX clock_measured"]),
        ("all columns", crate::columns::ALL_CELLS, vec!["SCAN ticket USING COVERING INDEX ticket_columns"]),
        ("conversation", crate::mirror_read::NOTES, vec!["SEARCH note USING INTEGER PRIMARY KEY"]),
    ] {
        goes_by(&desk, why, sql, &expected);
    }
}

/// The plan has these parts, and goes through no table row by row.
fn goes_by(desk: &Desk, why: &str, sql: &str, expected: &[&str]) {
    let plan = plan(desk, sql);
    for part in expected {
        assert!(plan.contains(part), "{why}: no {part:?} in\n{plan}");
    }
    // What a part of the query itself gave (in brackets) has to be gone through.
    let scans = plan
        .lines()
        .filter(|line| line.starts_with("SCAN") && !["INDEX", "CONSTANT", "(subquery"].iter().any(|known| line.contains(known)));
    assert_eq!(scans.count(), 0, "{why}:\n{plan}");
}

#[test]
fn clocks_that_are_due_are_found_by_the_moment() {
    let plan = plan(&Desk::new(), crate::alert::DUE_CLOCKS);
    for part in ["SEARCH due USING INDEX due_next", "SEARCH alert USING INDEX alert_snoozed"] {
        assert!(plan.contains(part), "no {part:?} in\n{plan}");
    }
}
