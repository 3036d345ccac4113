//! Queries of visits, the tickets that carry them, reminders, people, diagnosis sessions and calendars. Not among them: tables
//! that a limit keeps small (contact cards, subscriptions, a person's own directory entries), and lists of everything there is.

use super::{Desk, goes_by, plan};
use crate::{calendar_item, carrier, diagnosis, people, reminder, visit};

const REMINDER_OPEN: &str = "reminder USING INDEX reminder_open";
const BY_TICKET: &str = "SEARCH visit USING INDEX visit_by_ticket";

#[test]
fn queries_of_visits_go_by_an_index() {
    let desk = Desk::new();
    for (why, sql, expected) in [
        ("a visit", visit::find_sql().as_str(), vec!["SEARCH visit USING INDEX sqlite_autoindex_visit_1"]),
        ("visits of a ticket", &visit::of_ticket_sql(), vec![BY_TICKET, "operation USING INDEX operation_unsent"]),
        ("a visit that a pull brought", visit::OBSERVED, vec!["SEARCH visit USING INDEX visit_remote"]),
        ("its twin", visit::TWIN, vec!["SEARCH visit USING INDEX visit_remote"]),
        ("visits of a ticket with photos", visit::WITH_PHOTOS, vec![BY_TICKET]),
        ("what waits behind a refusal", visit::REFUSE_CHANGES, vec!["SEARCH operation USING INDEX operation_unsent"]),
        ("the newest draft", visit::NEWEST, vec!["visit_draft USING COVERING INDEX visit_draft_by_ticket"]),
        ("drafts beyond the limit", visit::DROP_OLDER, vec!["SEARCH visit_draft USING COVERING INDEX visit_draft_by_ticket"]),
        ("words of the drafts", visit::TEXTS_OF_DRAFTS, vec!["SEARCH visit_draft USING INDEX visit_draft_by_ticket"]),
        ("sites beyond the limit", visit::FORGET_SITES, vec!["SEARCH site USING INDEX sqlite_autoindex_site_1"]),
    ] {
        goes_by(&desk, why, sql, &expected);
    }
}

#[test]
fn queries_of_tickets_that_carry_visits_go_by_an_index() {
    let desk = Desk::new();
    for (why, sql, expected) in [
        ("carriers", carrier::CARRIERS, vec!["SEARCH visit USING COVERING INDEX visit_by_carrier"]),
        ("what arrived", carrier::WAITING, vec!["visit USING INDEX visit_by_carrier", "note USING INTEGER PRIMARY KEY"]),
        ("how far it was read", carrier::STATE, vec!["SEARCH visit USING INDEX sqlite_autoindex_visit_1"]),
        ("whether it landed", carrier::ASKED, vec!["SEARCH operation USING INDEX sqlite_autoindex_operation_1"]),
        ("its clock", carrier::TELL_CLOCK, vec!["SEARCH event USING INTEGER PRIMARY KEY"]),
        ("the newest note", carrier::NEWEST_NOTE, vec!["SEARCH note USING INTEGER PRIMARY KEY"]),
        (
            "what the other side said",
            carrier::SAID,
            vec![
                "SEARCH note USING INTEGER PRIMARY KEY",
                "SEARCH ticket USING INTEGER PRIMARY KEY",
                "SEARCH operation USING COVERING INDEX sqlite_autoindex_operation_1",
            ],
        ),
        ("our own words there", carrier::OURS, vec!["SEARCH operation USING INDEX operation_words"]),
        ("its visits", carrier::OF_CARRIER, vec!["SEARCH visit USING INDEX visit_by_carrier"]),
        ("its clock taken back", carrier::FORGET_EVENTS, vec!["SEARCH event USING INTEGER PRIMARY KEY"]),
    ] {
        goes_by(&desk, why, sql, &expected);
        assert!(!plan(&desk, sql).contains("TEMP B-TREE") || why == "what the other side said", "{why} is sorted");
    }
}

#[test]
fn queries_of_reminders_go_by_an_index() {
    let desk = Desk::new();
    for (why, sql, expected) in [
        (
            "appointments",
            reminder::APPOINTED,
            vec![
                "SEARCH visit USING INDEX visit_by_start (start_at>? AND start_at<?)",
                "SEARCH ticket USING INTEGER PRIMARY KEY",
                "SEARCH customer USING INTEGER PRIMARY KEY",
                "SEARCH service_centre USING PRIMARY KEY",
            ],
        ),
        ("next wait", reminder::NEXT_WAIT, vec![REMINDER_OPEN]),
        ("last open", reminder::LAST_OPEN, vec![REMINDER_OPEN]),
        ("what stands", &reminder::list_sql(true), vec![REMINDER_OPEN]),
        ("what was told", &reminder::list_sql(false), vec!["SCAN reminder USING INDEX reminder_told"]),
        ("the open ones, for a plan", &reminder::open_sql(), vec![REMINDER_OPEN]),
        (
            "the settled ones of an appointment",
            &reminder::settled_sql(),
            vec!["SEARCH reminder USING INDEX sqlite_autoindex_reminder_1 (kind=? AND subject=? AND start_at=?)"],
        ),
        ("owed notifications", &reminder::owed_sql(), vec!["reminder USING INDEX reminder_"]),
        ("doubtful notifications", &reminder::doubtful_sql(), vec!["reminder USING INDEX reminder_"]),
        ("doubtful ones, settled", reminder::SETTLE_DOUBTFUL, vec!["SEARCH reminder USING INDEX reminder_notice"]),
        ("those that waited", &reminder::waited_sql(), vec!["reminder USING INDEX reminder_"]),
        ("snoozes of a clock put back", reminder::SHIFT_SNOOZED, vec!["SEARCH reminder USING INDEX reminder_snoozed"]),
        ("what is kept back, judged anew", reminder::RELEASE_HELD, vec!["SEARCH reminder USING INDEX reminder_held"]),
    ] {
        goes_by(&desk, why, sql, &expected);
    }
    let told = plan(&desk, &reminder::list_sql(false));
    assert!(!told.contains("TEMP B-TREE"), "the newest come first as they lie:\n{told}");
}

#[test]
fn queries_of_people_sessions_and_calendars_go_by_an_index() {
    let desk = Desk::new();
    let customer = "SEARCH customer USING INDEX sqlite_autoindex_customer_1";
    let care = "SEARCH customer_care USING PRIMARY KEY";
    let waiting = "SEARCH calendar_item USING INDEX calendar_item_waiting";
    let sessions = [diagnosis::OF_TICKET, diagnosis::LATEST_FIRST, diagnosis::PLANNED].map(diagnosis::list_sql);
    for (why, sql, expected) in [
        ("a customer", people::customer_sql().as_str(), vec![customer, care]),
        ("whether a customer is known", people::IS_KNOWN, vec!["customer USING COVERING INDEX sqlite_autoindex_customer_1"]),
        (
            "whose ticket it is",
            people::CUSTOMER_OF_TICKET,
            vec!["SEARCH ticket USING INTEGER PRIMARY KEY", "SEARCH customer USING INTEGER PRIMARY KEY"],
        ),
        (
            "who answers for a ticket's customer",
            people::CARE_OF_TICKET,
            vec!["SEARCH ticket USING INTEGER PRIMARY KEY", "SEARCH customer USING INTEGER PRIMARY KEY", care],
        ),
        ("open tickets of a customer", people::OPEN_TICKETS, vec!["SEARCH ticket USING INDEX ticket_by_customer"]),
        ("all tickets of a customer", people::ALL_TICKETS, vec!["SEARCH ticket USING COVERING INDEX ticket_by_customer"]),
        ("names that several have", people::NAMES_TWICE, vec!["SCAN customer USING COVERING INDEX customer_by_name"]),
        ("sessions of a ticket", &sessions[0], vec!["SEARCH diagnosis USING INDEX diagnosis_by_ticket"]),
        ("the latest sessions", &sessions[1], vec!["SCAN diagnosis USING INDEX diagnosis_by_start"]),
        ("sessions to come", &sessions[2], vec!["SEARCH diagnosis USING INDEX diagnosis_by_start"]),
        ("the calendar's queue", &calendar_item::queue_sql(), vec![waiting]),
        ("how much waits for the calendar", calendar_item::WAITING, vec!["calendar_item USING INDEX calendar_item_waiting"]),
        ("what waits goes at once", calendar_item::HASTEN, vec!["calendar_item USING INDEX calendar_item_waiting"]),
    ] {
        goes_by(&desk, why, sql, &expected);
    }
    // The list of all customers is one walk through them; what is joined to each is found.
    let all = plan(&desk, &people::customers_sql());
    assert!(all.contains(care) && all.contains("SEARCH account USING INTEGER PRIMARY KEY"), "{all}");
}
