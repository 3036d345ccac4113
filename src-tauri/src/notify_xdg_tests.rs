//! What goes over the wire, and which notification is replaced.

use super::*;
use deskbell_engine::ports::NotificationKind;

fn notification() -> Notification {
    Notification {
        key: "7:first_response".to_owned(),
        kind: NotificationKind::Single,
        alert_ids: vec![7],
        reminder_ids: Vec::new(),
        ticket_id: None,
        visit: None,
        title: "502 <b>".to_owned(),
        body: "A & B".to_owned(),
        as_of: None,
        urgent: true,
        sound: true,
        label_open: "Open".to_owned(),
        label_acknowledge: "Acknowledge".to_owned(),
        label_snooze: "Snooze".to_owned(),
        without_actions: "Open the desk.".to_owned(),
    }
}

fn support() -> NotificationSupport {
    NotificationSupport { available: true, reason: None, ..NotificationSupport::none(Code::Internal, deskbell_domain::UtcMs(0)) }
}

#[test]
fn a_service_that_can_do_nothing_gets_plain_text_that_says_what_to_do() {
    let sent = wire(&notification(), &support(), false, None);
    assert!(sent.actions.is_empty());
    assert_eq!(sent.body, "A & B\nOpen the desk.");
    assert!(!sent.hints.iter().any(|hint| matches!(hint, Hint::Resident(_) | Hint::Transient(_) | Hint::SoundName(_))));
}

#[test]
fn a_service_that_can_do_everything_is_asked_for_it() {
    let support = NotificationSupport { actions: true, body_markup: true, persistence: true, sound: true, ..support() };
    let sent = wire(&notification(), &support, true, Some(5));
    assert_eq!(sent.actions.iter().step_by(2).collect::<Vec<_>>(), ["default", "acknowledge", "snooze"]);
    assert_eq!(sent.body, "A &amp; B", "ticket text is not markup");
    assert_eq!(sent.summary, "502 <b>", "a summary is never markup");
    assert!(sent.hints.contains(&Hint::Resident(true)) && !sent.hints.contains(&Hint::Transient(true)));
    assert!(sent.hints.contains(&Hint::SoundName("alarm-clock-elapsed".to_owned())));
    let quiet = wire(&Notification { sound: false, urgent: false, ..notification() }, &support, true, None);
    assert!(
        quiet.hints.contains(&Hint::SuppressSound(true)) && !quiet.hints.iter().any(|hint| matches!(hint, Hint::SoundName(_)))
    );
    assert!(!quiet.hints.contains(&Hint::Resident(true)));
}

#[test]
fn what_stands_for_no_alert_can_only_be_opened_and_leaves_no_trace() {
    let support = NotificationSupport { actions: true, persistence: true, ..support() };
    let sent = wire(&Notification { alert_ids: Vec::new(), ..notification() }, &support, true, None);
    assert_eq!(sent.actions, ["default", "Open"]);
    assert!(sent.hints.contains(&Hint::Transient(true)));
}

#[test]
fn a_key_keeps_its_latest_notification_and_the_oldest_key_goes_first() {
    let service = Service::default();
    service.remember("first", ":1.7", 1, None);
    service.remember("first", ":1.7", 2, None);
    assert_eq!(service.shown_as("first", ":1.7"), Some(2));
    for id in 0..KEYS_MAX {
        service.remember(&format!("key {id}"), ":1.7", 3, None);
    }
    assert_eq!(service.shown_as("first", ":1.7"), None);
    assert_eq!(service.shown.lock().unwrap().len(), KEYS_MAX);
}

#[test]
fn an_id_of_a_service_that_died_is_not_used_with_the_next() {
    let service = Service::default();
    service.remember("first", ":1.7", 1, None);
    assert_eq!(service.shown_as("first", ":1.9"), None);
    service.remember("second", ":1.9", 1, None);
    assert_eq!(service.shown.lock().unwrap().len(), 1, "what the dead one showed is forgotten");
}

#[test]
fn whoever_waits_for_a_replaced_notification_stops() {
    let service = Service::default();
    let (waits, mut replaced) = oneshot::channel();
    service.remember("first", ":1.7", 1, Some(waits));
    assert_eq!(replaced.try_recv(), Err(oneshot::error::TryRecvError::Empty));
    service.remember("first", ":1.7", 1, None);
    assert_eq!(replaced.try_recv(), Err(oneshot::error::TryRecvError::Closed));
}

#[test]
fn a_closed_notification_is_not_replaced() {
    let service = Service::default();
    service.remember("first", ":1.7", 1, None);
    service.forget("first", ":1.7", 9);
    assert_eq!(service.shown_as("first", ":1.7"), Some(1), "another's end");
    service.forget("first", ":1.7", 1);
    assert_eq!(service.shown_as("first", ":1.7"), None);
}
