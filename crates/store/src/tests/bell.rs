//! What settings, people and the notification service make of alerts.

use deskbell_domain::sla::policy::Threshold;

use super::alerts::{HALF, LEFT, clock, in_minutes, with_clock};
use super::*;
use crate::{AlertFate, AlertRecord, ClockRow, Verdict};

fn raise(desk: &Desk, now: UtcMs, verdict: Verdict) -> Vec<AlertRecord> {
    desk.store.raise_due_alerts(now, 100, move |_| verdict).unwrap().alerts
}

fn held(until: UtcMs) -> Verdict {
    Verdict { fate: AlertFate::Ring { sound: true, held_until: Some(until) }, escalate_at: None }
}

fn ids(alerts: &[AlertRecord]) -> Vec<i64> {
    alerts.iter().map(|alert| alert.id).collect()
}

#[test]
fn the_judge_sees_the_ticket_as_it_stands() {
    let (desk, id) = with_clock(60);
    let facts = desk.store.ticket_facts(id).unwrap().unwrap();
    desk.store
        .raise_due_alerts(in_minutes(61), 10, move |due| {
            assert_eq!((due.ticket.status, due.ticket.priority), (facts.status, facts.priority));
            assert!(due.ticket.breached, "its deadline is past");
            Verdict::RING
        })
        .unwrap();
    assert!(desk.store.ticket_facts(TicketId(99)).unwrap().is_none());
}

#[test]
fn a_muted_threshold_is_written_down_and_never_listed() {
    let (desk, id) = with_clock(60);
    let mute = |due: &crate::DueAlert| {
        let fate = if due.threshold == HALF { AlertFate::Mute } else { Verdict::RING.fate };
        Verdict { fate, escalate_at: None }
    };
    assert!(desk.store.raise_due_alerts(in_minutes(30), 10, mute).unwrap().alerts.is_empty());
    desk.store.put_clocks(&[(id, vec![clock(in_minutes(60))])]).unwrap();
    assert_eq!(desk.store.next_alert_due().unwrap(), Some(in_minutes(55)), "it does not come again");
    assert!(desk.store.alerts(10).unwrap().is_empty());
    assert_eq!(desk.store.raise_due_alerts(in_minutes(55), 10, mute).unwrap().alerts[0].threshold, LEFT);
}

#[test]
fn a_listed_alert_owes_no_notification() {
    let (desk, _) = with_clock(60);
    let listed = raise(&desk, in_minutes(30), Verdict { fate: AlertFate::List, escalate_at: None });
    assert!(listed[0].silent && listed[0].shown_at.is_some());
    assert!(desk.store.owed_alerts().unwrap().is_empty() && desk.store.unshown_alerts().unwrap().is_empty());
    assert_eq!(ids(&desk.store.open_alerts(10).unwrap()), ids(&listed));
}

#[test]
fn an_alert_kept_back_rings_at_the_end_unless_it_is_quiet_still() {
    let (desk, _) = with_clock(60);
    let alert = raise(&desk, in_minutes(30), held(in_minutes(40)))[0].id;
    assert_eq!((desk.store.held_count().unwrap(), desk.store.next_alert_due().unwrap()), (1, Some(in_minutes(40))));
    assert!(desk.store.owed_alerts().unwrap().is_empty());
    assert!(desk.store.release_held_alerts(in_minutes(39), |_| None).unwrap().is_empty());
    assert!(desk.store.release_held_alerts(in_minutes(40), |_| Some(in_minutes(45))).unwrap().is_empty());
    assert_eq!(desk.store.held_count().unwrap(), 1);
    desk.store.rejudge_held_alerts(in_minutes(42)).unwrap();
    assert_eq!(ids(&desk.store.release_held_alerts(in_minutes(42), |_| None).unwrap()), [alert]);
    assert_eq!(ids(&desk.store.owed_alerts().unwrap()), [alert]);
    assert_eq!(desk.store.held_count().unwrap(), 0);
}

#[test]
fn of_a_clock_kept_back_only_the_latest_rings_and_none_when_the_ticket_is_finished() {
    let (desk, id) = with_clock(60);
    raise(&desk, in_minutes(30), held(in_minutes(90)));
    raise(&desk, in_minutes(55), held(in_minutes(90)));
    assert_eq!(desk.store.held_count().unwrap(), 1);
    let finished = ClockRow { stopped_at: Some(in_minutes(56)), dues: Vec::new(), ..clock(in_minutes(60)) };
    desk.store.put_clocks(&[(id, vec![finished])]).unwrap();
    assert_eq!((desk.store.held_count().unwrap(), desk.store.next_alert_due().unwrap()), (0, None));
    assert!(desk.store.alerts(10).unwrap().is_empty(), "nobody saw it, and it is not true");
}

#[test]
fn an_alert_withdrawn_unseen_comes_again_when_its_moment_does() {
    let (desk, id) = with_clock(60);
    let alert = raise(&desk, in_minutes(30), held(in_minutes(90)))[0].id;
    let paused = ClockRow { paused_since: Some(in_minutes(31)), deadline_at: None, dues: Vec::new(), ..clock(in_minutes(60)) };
    desk.store.put_clocks(&[(id, vec![paused])]).unwrap();
    assert!(desk.store.alerts(10).unwrap().is_empty());
    // The pause fell into closed hours: the same moments as before.
    desk.store.put_clocks(&[(id, vec![clock(in_minutes(60))])]).unwrap();
    let again = raise(&desk, in_minutes(33), Verdict::RING);
    assert_eq!((again[0].id, again[0].threshold), (alert, HALF));
    desk.store.mark_shown(&[alert], in_minutes(33)).unwrap();
    desk.store.put_clocks(&[(id, vec![clock(in_minutes(60))])]).unwrap();
    assert!(raise(&desk, in_minutes(34), Verdict::RING).is_empty(), "once seen it does not");
}

#[test]
fn a_notification_is_owed_until_it_is_taken_and_once_handed_over_never_given_twice() {
    let (desk, _) = with_clock(60);
    let alert = raise(&desk, in_minutes(30), Verdict::RING)[0].id;
    desk.store.hand_over_notices(&[alert], in_minutes(30)).unwrap();
    assert!(desk.store.owed_alerts().unwrap().is_empty());
    desk.store.settle_notices(&[alert], false).unwrap();
    let desk = desk.reopened();
    assert_eq!(ids(&desk.store.owed_alerts().unwrap()), [alert], "not taken: owed, also after a restart");
    assert!(desk.store.unshown_alerts().unwrap().is_empty(), "it rang in the app");
    desk.store.hand_over_notices(&[alert], in_minutes(31)).unwrap();
    // Killed before the answer.
    let desk = desk.reopened();
    assert!(desk.store.owed_alerts().unwrap().is_empty());
    assert_eq!(ids(&desk.store.take_doubtful_notices().unwrap()), [alert]);
    assert!(desk.store.take_doubtful_notices().unwrap().is_empty());
    desk.store.settle_notices(&[alert], true).unwrap();
    assert!(desk.store.owed_alerts().unwrap().is_empty());
}

#[test]
fn a_later_threshold_takes_over_the_notification_that_is_owed() {
    let (desk, _) = with_clock(60);
    let first = raise(&desk, in_minutes(30), Verdict::RING)[0].id;
    desk.store.mark_shown(&[first], in_minutes(30)).unwrap();
    let second = raise(&desk, in_minutes(55), Verdict::RING)[0].id;
    assert_eq!(ids(&desk.store.owed_alerts().unwrap()), [second]);
    assert_eq!(ids(&desk.store.open_alerts(10).unwrap()), [second], "one a clock");
    desk.store.acknowledge_alerts(&[second], in_minutes(56)).unwrap();
    assert!(desk.store.open_alerts(10).unwrap().is_empty(), "the earlier one went with it");
}

#[test]
fn an_alert_stands_as_long_as_its_clock_says_so() {
    let (desk, id) = with_clock(60);
    let alert = raise(&desk, in_minutes(30), Verdict::RING)[0].id;
    desk.store.mark_shown(&[alert], in_minutes(30)).unwrap();
    let paused = ClockRow { paused_since: Some(in_minutes(31)), deadline_at: None, dues: Vec::new(), ..clock(in_minutes(60)) };
    desk.store.put_clocks(&[(id, vec![paused])]).unwrap();
    assert!(desk.store.open_alerts(10).unwrap().is_empty());
    assert!(desk.store.alerts(10).unwrap()[0].ended_at.is_some(), "what rang stays in the list");
    desk.store.put_clocks(&[(id, vec![clock(in_minutes(60))])]).unwrap();
    assert_eq!(ids(&desk.store.open_alerts(10).unwrap()), [alert]);
    assert!(desk.store.owed_alerts().unwrap().is_empty(), "and does not ring anew");
}

#[test]
fn nobody_acknowledged_it_in_time_or_somebody_did() {
    let escalating = Verdict { escalate_at: Some(in_minutes(40)), ..Verdict::RING };
    let (desk, id) = with_clock(60);
    let alert = raise(&desk, in_minutes(30), escalating)[0].id;
    assert_eq!(desk.store.next_alert_due().unwrap(), Some(in_minutes(40)));
    assert_eq!(desk.store.escalations_due(in_minutes(39)).unwrap(), None);
    let due = desk.store.escalations_due(in_minutes(40)).unwrap().unwrap();
    assert_eq!(ids(&due), [alert]);
    desk.store.mark_escalated(&[alert], in_minutes(40)).unwrap();
    assert_eq!(desk.store.escalations_due(in_minutes(90)).unwrap(), None, "once");

    let later = Verdict { escalate_at: Some(in_minutes(65)), ..Verdict::RING };
    let left = raise(&desk, in_minutes(55), later)[0].id;
    desk.store.snooze_alert(left, in_minutes(58), in_minutes(56)).unwrap();
    assert_eq!(desk.store.alerts(1).unwrap()[0].escalate_at, Some(in_minutes(67)), "the wait goes on after the snooze");
    desk.store.acknowledge_alert(left, in_minutes(57)).unwrap();
    assert_eq!(desk.store.escalations_due(in_minutes(90)).unwrap(), None);

    raise(&desk, in_minutes(60), Verdict { escalate_at: Some(in_minutes(70)), ..Verdict::RING });
    let answered = ClockRow { stopped_at: Some(in_minutes(61)), dues: Vec::new(), ..clock(in_minutes(60)) };
    desk.store.put_clocks(&[(id, vec![answered])]).unwrap();
    assert_eq!(desk.store.escalations_due(in_minutes(90)).unwrap(), None, "somebody answered the customer");
}

#[test]
fn waits_follow_a_clock_that_is_put_back() {
    let (desk, _) = with_clock(600);
    let alert = raise(&desk, in_minutes(300), Verdict { escalate_at: Some(in_minutes(315)), ..Verdict::RING })[0].id;
    desk.store.snooze_alert(alert, in_minutes(310), in_minutes(300)).unwrap();
    assert_eq!(desk.store.last_raised_at().unwrap(), Some(in_minutes(300)));
    desk.store.shift_alert_waits(200 * 60_000, in_minutes(100)).unwrap();
    let record = desk.store.alerts(1).unwrap().remove(0);
    assert_eq!((record.snoozed_until, record.escalate_at), (Some(in_minutes(110)), Some(in_minutes(125))));
}

#[test]
fn many_at_once_are_answered_in_one_transaction_and_too_many_are_refused() {
    let (desk, _) = with_clock(60);
    let alert = raise(&desk, in_minutes(30), Verdict::RING)[0].id;
    assert_eq!(desk.store.acknowledge_alerts(&[alert, 99], in_minutes(31)).unwrap(), 1);
    assert_eq!(desk.store.snooze_alerts(&[alert, 99], in_minutes(41), in_minutes(31)).unwrap(), 1);
    let crowd = vec![alert; crate::ANSWERED_MAX + 1];
    assert!(desk.store.acknowledge_alerts(&crowd, in_minutes(31)).is_err());
    assert_eq!(raise(&desk, in_minutes(60), Verdict::RING)[0].threshold, Threshold::Breach);
}
