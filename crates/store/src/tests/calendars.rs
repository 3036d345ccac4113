//! Sessions, calendars that are read, and the queue of the person's calendar.

use deskbell_domain::diagnosis::{DiagnosisSession, DiagnosisState};
use deskbell_domain::ticket::TicketId;
use deskbell_domain::{Code, UtcMs};

use super::{Desk, NOW};
use crate::{ItemSettlement, SubscriptionRecord, WantedItem};

pub(super) fn session(uid: &str, start: UtcMs) -> DiagnosisSession {
    DiagnosisSession {
        id: 0,
        uid: uid.to_owned(),
        ticket: TicketId(1),
        ticket_remote_id: "1".to_owned(),
        title: "会诊".to_owned(),
        start,
        end: start.plus_ms(3_600_000),
        time_zone: "Asia/Shanghai".to_owned(),
        join_url: String::new(),
        participants: Vec::new(),
        consent: None,
        findings: String::new(),
        state: DiagnosisState::Planned,
        cancel_reason: String::new(),
        sequence: 0,
        reminders_min: vec![10],
        updated_at: NOW,
    }
}

fn wanted(uid: &str, hash: &str) -> WantedItem {
    WantedItem { uid: uid.to_owned(), kind: "visit".to_owned(), wanted: hash.to_owned(), body: format!("body of {hash}") }
}

#[test]
fn sessions_are_kept_listed_and_changed_until_they_are_over() {
    let desk = Desk::new();
    let late = desk.store.add_diagnosis(session("b", NOW.plus_ms(10_000))).unwrap();
    let early = desk.store.add_diagnosis(session("a", NOW)).unwrap();
    let ids = |list: Vec<DiagnosisSession>| list.iter().map(|one| one.id).collect::<Vec<_>>();
    assert_eq!(ids(desk.store.diagnoses(Some(TicketId(1))).unwrap()), [late.id, early.id]);
    assert_eq!(ids(desk.store.diagnoses(Some(TicketId(2))).unwrap()), Vec::<i64>::new());
    assert_eq!(ids(desk.store.planned_diagnoses(NOW, NOW.plus_ms(1)).unwrap()), [early.id]);
    let cancel = |before: DiagnosisSession| Ok(DiagnosisSession { state: DiagnosisState::Cancelled, ..before });
    desk.store.change_diagnosis(early.id, cancel).unwrap();
    assert_eq!(ids(desk.store.planned_diagnoses(NOW, NOW.plus_ms(1)).unwrap()), Vec::<i64>::new());
    assert_eq!(desk.store.change_diagnosis(early.id, cancel).unwrap_err().code, Code::DiagnosisFinished);
    assert_eq!(desk.store.diagnosis(99).unwrap_err().code, Code::DiagnosisUnknown);
}

#[test]
fn what_ships_comes_once_and_stays_away_when_it_was_removed() {
    let desk = Desk::new();
    let shipped = SubscriptionRecord {
        id: 0,
        name: "Live".to_owned(),
        url: "shipped:".to_owned(),
        body: "x".to_owned(),
        reminders: vec![60, 10],
        enabled: false,
        fetched_at: None,
        code: None,
    };
    desk.store.ship_subscription(shipped.clone()).unwrap();
    desk.store.ship_subscription(shipped.clone()).unwrap();
    let list = desk.store.subscriptions().unwrap();
    assert_eq!(list, [SubscriptionRecord { id: list[0].id, ..shipped.clone() }]);
    let changed = SubscriptionRecord { enabled: true, code: Some(Code::TimedOut), fetched_at: Some(NOW), ..list[0].clone() };
    desk.store.put_subscription(changed.clone()).unwrap();
    assert_eq!(desk.store.subscription(changed.id).unwrap(), changed);
    desk.store.remove_subscription(changed.id).unwrap();
    desk.store.ship_subscription(shipped).unwrap();
    assert_eq!(desk.store.subscriptions().unwrap(), []);
    assert_eq!(desk.store.remove_subscription(changed.id).unwrap_err().code, Code::SubscriptionUnknown);
}

#[test]
fn the_calendar_wants_what_it_was_told_last_and_forgets_what_was_never_sent() {
    let desk = Desk::new();
    let queue = || -> Vec<String> { desk.store.calendar_queue(NOW).unwrap().into_iter().map(|item| item.uid).collect() };
    desk.store.want_calendar(vec![wanted("a", "1"), wanted("b", "1")], NOW).unwrap();
    assert_eq!(queue(), ["a", "b"]);
    desk.store.attempt_calendar_item("a", "/cal/a.ics", "body of 1", NOW).unwrap();
    let pushed = ItemSettlement::Pushed { etag: "e".to_owned(), pushed: "1".to_owned(), body: "body of 1".to_owned() };
    desk.store.settle_calendar_item("a", pushed.clone(), NOW).unwrap();
    assert_eq!(queue(), ["b"]);
    // The same again is no change; b was never sent, and needs no removing.
    desk.store.want_calendar(vec![wanted("a", "1")], NOW).unwrap();
    assert_eq!(queue(), Vec::<String>::new());
    assert_eq!(desk.store.calendar_item("b").unwrap(), None);
    // a leaves: it waits until the server has nothing of it.
    desk.store.want_calendar(Vec::new(), NOW).unwrap();
    assert_eq!(queue(), ["a"]);
    assert_eq!(desk.store.calendar_waiting().unwrap().0, 1);
    let later = ItemSettlement::Later { not_before: NOW.plus_ms(5_000), code: Code::HostUnreachable };
    desk.store.settle_calendar_item("a", later, NOW).unwrap();
    assert_eq!(queue(), Vec::<String>::new());
    assert_eq!(desk.store.calendar_waiting().unwrap(), (1, Some(NOW.plus_ms(5_000)), Some(Code::HostUnreachable)));
    desk.store.hasten_calendar().unwrap();
    assert_eq!(queue(), ["a"]);
    desk.store.settle_calendar_item("a", ItemSettlement::Gone, NOW).unwrap();
    assert_eq!(desk.store.calendar_items().unwrap(), []);
}

#[test]
fn an_object_that_is_wanted_again_while_it_leaves_is_made_anew() {
    let desk = Desk::new();
    desk.store.want_calendar(vec![wanted("a", "1")], NOW).unwrap();
    desk.store.attempt_calendar_item("a", "/cal/a.ics", "body of 1", NOW).unwrap();
    desk.store.want_calendar(Vec::new(), NOW).unwrap();
    desk.store.want_calendar(vec![wanted("a", "2")], NOW).unwrap();
    desk.store.settle_calendar_item("a", ItemSettlement::Gone, NOW).unwrap();
    let item = desk.store.calendar_item("a").unwrap().unwrap();
    assert_eq!((item.href.as_str(), item.pushed.as_str(), item.wanted.as_str()), ("", "", "2"));
}
