//! Waits, and clocks that are put forward and back.

use deskbell_domain::Code;
use deskbell_domain::filter::{TicketFilter, TicketOrder};
use deskbell_domain::sla::policy::Metric;
use deskbell_domain::sync::op::{OperationState, Outcome, ReadBack};
use deskbell_domain::sync::plan::{READ_BACK_SETTLE_MS, plan_after_read_back, plan_after_send};
use deskbell_domain::time::DAY_MS;

use super::*;
use crate::ClockRow;

fn busy(after_ms: Option<u64>) -> deskbell_domain::sync::plan::NextState {
    plan_after_send(&Outcome::Retry { after_ms, code: Code::RateLimited }, 1, NOW, 0.0)
}

#[test]
fn breached_follows_a_clock_that_is_put_forward_and_back() {
    let (desk, id) = Desk::with_ticket("T1");
    let clock = ClockRow {
        metric: Metric::Resolution,
        instance: 0,
        started_at: NOW,
        deadline_at: Some(NOW.plus_ms(60_000)),
        stopped_at: None,
        paused_since: None,
        provisional: true,
        cancelled: false,
        uncertainty_ms: 0,
        dues: vec![],
        policy_id: String::new(),
    };
    desk.store.put_clocks(&[(id, vec![clock])]).unwrap();
    let breached = TicketFilter { breached: true, ..TicketFilter::default() };
    let count = |desk: &Desk| {
        let rows = desk.store.ticket_rows(&breached, TicketOrder::Deadline, 0, 10).unwrap().total;
        (rows, desk.store.facets(&TicketFilter::default()).unwrap().breached)
    };
    desk.store.tell_time(NOW.plus_ms(DAY_MS));
    assert_eq!(count(&desk), (1, 1));
    desk.store.tell_time(NOW.plus_ms(1));
    assert_eq!(count(&desk), (0, 0));
}

#[test]
fn a_wait_set_before_the_clock_was_put_back_is_not_longer_than_it_was() {
    let (desk, id) = Desk::with_ticket("T1");
    let tomorrow = NOW.plus_ms(DAY_MS);
    let new = NewOperation { ticket_id: id, kind: reply("x"), marker: "m1".into() };
    let operation = desk.store.enqueue(&new, tomorrow).unwrap();
    let claim = |now| desk.store.claim_next(now, &[desk.account]).unwrap();
    claim(tomorrow).unwrap();
    let wait = plan_after_send(&Outcome::Retry { after_ms: Some(30_000), code: Code::RateLimited }, 1, tomorrow, 0.0);
    desk.store.finish_attempt(operation, &wait, None, tomorrow).unwrap();
    // The clock was a day ahead; now it is right.
    assert!(claim(NOW).is_none(), "the server asked for 30 s");
    assert_eq!(desk.store.next_outbox_due().unwrap(), Some(NOW.plus_ms(30_000)));
    assert_eq!(claim(NOW.plus_ms(30_000)).unwrap().id, operation);
}

#[test]
fn an_undo_wait_and_a_read_back_survive_a_clock_put_back() {
    let (desk, id) = Desk::with_ticket("T1");
    let tomorrow = NOW.plus_ms(DAY_MS);
    let new = NewOperation { ticket_id: id, kind: reply("x"), marker: "m1".into() };
    desk.store.enqueue_until(&new, tomorrow, tomorrow.plus_ms(5_000)).unwrap();
    let desk = desk.reopened();
    let claim = |now| desk.store.claim_next(now, &[desk.account]).unwrap();
    assert!(claim(NOW).is_none());
    let sent_at = NOW.plus_ms(5_000);
    let claimed = claim(sent_at).unwrap();
    // Sent while the clock was ahead; its answer was lost, and the clock was put back since.
    let lost = plan_after_send(&Outcome::Unknown { code: Code::TimedOut }, 1, sent_at, 0.0);
    desk.store.finish_attempt(claimed.id, &lost, None, sent_at).unwrap();
    let early = NOW.plus_ms(-DAY_MS);
    assert!(claim(early).is_none());
    let looked_at = desk.store.next_outbox_due().unwrap().unwrap();
    assert!(looked_at < early.plus_ms(60_000));
    let claimed = claim(looked_at).unwrap();
    let last_attempt_at = claimed.last_attempt_at.unwrap();
    assert!(last_attempt_at <= looked_at, "an attempt lies in the past");
    let settled = last_attempt_at.plus_ms(READ_BACK_SETTLE_MS);
    assert_eq!(plan_after_read_back(&ReadBack::NotLanded, last_attempt_at, false, settled).state, OperationState::Queued);
}

#[test]
fn hastening_ends_our_own_waits_and_no_others() {
    let (desk, _) = Desk::with_ticket("T1");
    desk.apply(&Observations { tickets: (2..6).map(|at| ticket(&format!("T{at}"))).collect(), ..Observations::default() });
    let enqueue = |remote: &str| desk.enqueue(desk.ticket(remote), reply(remote), remote);
    let [sent, ours, asked, unknown] = ["T1", "T2", "T3", "T4"].map(enqueue);
    let undo = NewOperation { ticket_id: desk.ticket("T5"), kind: reply("T5"), marker: "T5".into() };
    let undo = desk.store.enqueue_until(&undo, NOW, NOW.plus_ms(5_000)).unwrap();
    while desk.store.claim_next(NOW, &[desk.account]).unwrap().is_some() {}
    let lost = plan_after_send(&Outcome::Unknown { code: Code::TimedOut }, 1, NOW, 0.0);
    let landed = plan_after_send(&Outcome::Sent(Default::default()), 1, NOW, 0.0);
    for (operation, next) in [(sent, landed), (ours, busy(None)), (asked, busy(Some(60_000))), (unknown, lost)] {
        desk.store.finish_attempt(operation, &next, None, NOW).unwrap();
    }
    assert_eq!(desk.store.hasten(Some(AccountId(77)), NOW).unwrap(), 0);
    assert_eq!(desk.store.hasten(Some(desk.account), NOW).unwrap(), 2);
    let due = |operation| desk.store.outbox().unwrap().into_iter().find(|record| record.id == operation).unwrap().not_before;
    assert_eq!((due(ours), due(unknown)), (NOW, NOW));
    assert_eq!((due(asked), due(undo)), (NOW.plus_ms(60_000), NOW.plus_ms(5_000)));
    assert_eq!(desk.store.hasten(None, NOW).unwrap(), 0);
    // A person who asks for it is not held back.
    desk.store.retry_operation(asked, NOW).unwrap();
    desk.store.retry_operation(undo, NOW).unwrap();
    assert_eq!((due(asked), due(undo)), (NOW, NOW));
}

#[test]
fn what_can_be_taken_back_waits_and_what_follows_it_too() {
    let (desk, id) = Desk::with_ticket("T1");
    let new = NewOperation { ticket_id: id, kind: reply("x"), marker: "m1".into() };
    let first = desk.store.enqueue_until(&new, NOW, NOW.plus_ms(5_000)).unwrap();
    desk.enqueue(id, reply("y"), "m2");
    let claim = |now| desk.store.claim_next(now, &[desk.account]).unwrap().map(|claimed| claimed.id);
    assert_eq!(claim(NOW.plus_ms(4_999)), None);
    assert_eq!(desk.store.next_outbox_due().unwrap(), Some(NOW.plus_ms(5_000)));
    assert_eq!(claim(NOW.plus_ms(5_000)), Some(first));
}
