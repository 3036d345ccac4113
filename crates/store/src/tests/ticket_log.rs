//! What is told of one ticket: which thresholds rang, and what a server left out of an edit.

use deskbell_domain::Code;
use deskbell_domain::sync::op::{OperationName, Outcome, Receipt};
use deskbell_domain::sync::plan::plan_after_send;

use super::alerts::{HALF, LEFT, clock, in_minutes, with_clock};
use super::*;
use crate::{RungThreshold, Verdict};

fn ring(desk: &Desk, now: UtcMs) {
    let raised = desk.store.raise_due_alerts(now, 10, |_| Verdict::RING).unwrap().alerts;
    let ids: Vec<i64> = raised.iter().map(|alert| alert.id).collect();
    desk.store.mark_shown(&ids, now).unwrap();
}

#[test]
fn thresholds_have_rung_once_they_are_shown_each_with_its_moment() {
    let (desk, id) = with_clock(60);
    let rung = |desk: &Desk| desk.store.rung_thresholds(id).unwrap();
    let (metric, instance) = (clock(NOW).metric, clock(NOW).instance);
    let of = |threshold, due_at, shown_at| RungThreshold { metric, instance, threshold, due_at, shown_at };
    desk.store.raise_due_alerts(in_minutes(30), 10, |_| Verdict::RING).unwrap();
    assert_eq!(rung(&desk), [], "raised is not shown");
    let unshown = desk.store.unshown_alerts().unwrap()[0].id;
    desk.store.mark_shown(&[unshown], in_minutes(31)).unwrap();
    let half = of(HALF, in_minutes(30), in_minutes(31));
    assert_eq!(rung(&desk), [half]);

    // The deadline moves: the old ring stays with its moment, the new one comes beside it.
    desk.store.put_clocks(&[(id, vec![clock(in_minutes(80))])]).unwrap();
    ring(&desk, in_minutes(40));
    ring(&desk, in_minutes(75));
    let expected = [of(LEFT, in_minutes(75), in_minutes(75)), of(HALF, in_minutes(40), in_minutes(40)), half];
    assert_eq!(rung(&desk), expected, "newest first");
    assert_eq!(rung(&desk.reopened()), expected);
}

#[test]
fn rings_of_one_ticket_are_not_told_of_another() {
    let (desk, id) = with_clock(60);
    desk.apply(&Observations { tickets: vec![ticket("T2")], ..Observations::default() });
    ring(&desk, in_minutes(30));
    assert_eq!(desk.store.rung_thresholds(id).unwrap().len(), 1);
    assert_eq!(desk.store.rung_thresholds(desk.ticket("T2")).unwrap(), []);
    assert_eq!(desk.store.rung_thresholds(TicketId(99)).unwrap(), []);
}

#[test]
fn what_a_server_left_out_is_told_of_sent_edits_only_newest_first() {
    let (desk, id) = Desk::with_ticket("T1");
    let told = |desk: &Desk| desk.store.left_out(id).unwrap();
    let send = |marker: &str, outcome: Outcome, at: UtcMs| {
        let operation = desk.enqueue(id, reply(marker), marker);
        assert_eq!(desk.store.claim_next(at, &[desk.account]).unwrap().unwrap().id, operation);
        let receipt = if let Outcome::Sent(receipt) = &outcome { Some(receipt.clone()) } else { None };
        desk.store.finish_attempt(operation, &plan_after_send(&outcome, 1, at, 0.0), receipt.as_ref(), at).unwrap();
        operation
    };
    let partly = |lost: &[&str]| {
        Outcome::Sent(Receipt { left_out: lost.iter().map(|text| (*text).to_owned()).collect(), ..Receipt::default() })
    };
    send("whole", partly(&[]), NOW);
    assert_eq!(told(&desk), [], "a server that kept everything has nothing to tell");
    let first = send("first", partly(&["Severity: no such value", "file too large"]), in_minutes(1));
    send("refused", Outcome::Rejected { code: Code::Forbidden, detail: "no right".into() }, in_minutes(2));
    let second = send("second", partly(&["CC: unknown"]), in_minutes(3));
    let seen: Vec<_> = told(&desk).into_iter().map(|one| (one.operation, one.name, one.sent_at, one.detail)).collect();
    let expected = [
        (second, OperationName::Reply, in_minutes(3), "CC: unknown".to_owned()),
        (first, OperationName::Reply, in_minutes(1), "Severity: no such value; file too large".to_owned()),
    ];
    assert_eq!(seen, expected, "what was refused stands in the outbox");
    assert_eq!(told(&desk.reopened()).len(), 2);
}
