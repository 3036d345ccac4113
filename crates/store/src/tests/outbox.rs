use deskbell_domain::Code;
use deskbell_domain::sync::op::{OperationState, Outcome, Receipt};
use deskbell_domain::sync::plan::{NextState, plan_after_send};
use proptest::prelude::*;

use super::*;

fn next(state: OperationState) -> NextState {
    NextState { state, not_before: NOW, imposed: false, code: None, detail: String::new() }
}

fn sent(receipt: Option<&str>) -> (NextState, Receipt) {
    (next(OperationState::Sent), Receipt { note_remote_id: receipt.map(str::to_owned), ..Receipt::default() })
}

#[test]
fn reply_survives_reopen() {
    let (desk, id) = Desk::with_ticket("T1");
    desk.enqueue(id, reply("好的"), "m1");
    let desk = desk.reopened();
    let pending = desk.store.pending_operations(id).unwrap();
    assert_eq!((pending.len(), pending[0].kind.clone(), pending[0].state), (1, reply("好的"), OperationState::Queued));
}

#[test]
fn attempt_is_counted_before_send() {
    let (desk, id) = Desk::with_ticket("T1");
    let operation = desk.enqueue(id, reply("好的"), "m1");
    let claimed = desk.store.claim_next(NOW, &[desk.account]).unwrap().unwrap();
    assert_eq!((claimed.id, claimed.attempts, claimed.last_attempt_at), (operation, 1, Some(NOW)));
    assert_eq!((claimed.outbound.base_version.as_str(), claimed.outbound.ticket_remote_id.as_str()), ("v1", "T1"));
    // What another process, or the next start, reads from the disk.
    let other = Store::open(desk.dir.path(), &desk.key, NOW).unwrap();
    let on_disk = &other.outbox().unwrap()[0];
    assert_eq!((on_disk.state, on_disk.attempts), (OperationState::Sending, 1));
}

#[test]
fn killed_after_send_before_answer_is_read_back_and_not_sent_again() {
    let (desk, id) = Desk::with_ticket("T1");
    desk.enqueue(id, reply("好的"), "m1");
    desk.store.claim_next(NOW, &[desk.account]).unwrap().unwrap();
    let desk = desk.reopened();
    assert_eq!(desk.store.recover_outbox().unwrap(), 1);
    let claimed = desk.store.claim_next(NOW, &[desk.account]).unwrap().unwrap();
    assert_eq!((claimed.state_before, claimed.attempts), (OperationState::Unknown, 1));
    assert!(desk.store.claim_next(NOW, &[desk.account]).unwrap().is_none(), "it is leased");
    assert_eq!(desk.store.next_outbox_due().unwrap(), None);
    desk.store.release_claim(claimed.id);
    assert!(desk.store.claim_next(NOW, &[desk.account]).unwrap().is_none(), "not at once");
    let later = desk.store.next_outbox_due().unwrap().unwrap();
    assert!(later > NOW);
    let again = desk.store.claim_next(later, &[desk.account]).unwrap().unwrap();
    assert_eq!((again.id, again.state_before, again.attempts), (claimed.id, OperationState::Unknown, 1));
}

#[test]
fn one_ticket_sends_in_order_and_blocks_no_other() {
    let (desk, first) = Desk::with_ticket("T1");
    desk.apply(&Observations { tickets: vec![ticket("T2")], ..Observations::default() });
    let second = desk.ticket("T2");
    let a1 = desk.enqueue(first, reply("a1"), "a1");
    let a2 = desk.enqueue(first, reply("a2"), "a2");
    let b1 = desk.enqueue(second, reply("b1"), "b1");
    let claim = |now| desk.store.claim_next(now, &[desk.account]).unwrap().map(|claimed| claimed.id);
    assert_eq!([claim(NOW), claim(NOW), claim(NOW)], [Some(a1), Some(b1), None]);
    // A wait of the head holds its followers, and nobody else.
    let wait = plan_after_send(&Outcome::Retry { after_ms: Some(60_000), code: Code::RateLimited }, 1, NOW, 0.0);
    desk.store.finish_attempt(a1, &wait, None, NOW).unwrap();
    assert_eq!(claim(NOW), None);
    assert_eq!(desk.store.next_outbox_due().unwrap(), Some(NOW.plus_ms(60_000)));
    assert_eq!(claim(NOW.plus_ms(60_000)), Some(a1));
    // A refused head lets the next one pass.
    let refused = plan_after_send(&Outcome::Rejected { code: Code::Forbidden, detail: "no right".into() }, 2, NOW, 0.0);
    desk.store.finish_attempt(a1, &refused, None, NOW).unwrap();
    assert_eq!(claim(NOW), Some(a2));
    let record = &desk.store.pending_operations(first).unwrap()[0];
    assert_eq!(
        (record.state, record.code, record.detail.as_str()),
        (OperationState::Rejected, Some(Code::Forbidden), "no right")
    );
    assert_eq!(desk.store.outbox_counts().unwrap(), crate::OutboxCounts { waiting: 2, rejected: 1 });
}

#[test]
fn an_account_that_cannot_be_reached_is_not_claimed_for() {
    let (desk, id) = Desk::with_ticket("T1");
    desk.enqueue(id, reply("x"), "m");
    assert!(desk.store.claim_next(NOW, &[]).unwrap().is_none());
    assert!(desk.store.claim_next(NOW, &[AccountId(77)]).unwrap().is_none());
    assert_eq!(desk.store.pending_operations(id).unwrap()[0].attempts, 0);
}

#[test]
fn sent_reply_shows_at_once_and_is_not_doubled_by_the_pull() {
    // by what the later observation can be recognised: its id, its marker, both; and seen before the answer.
    for (why, receipt, marker) in [("id", Some("n9"), None), ("marker", None, Some("m1")), ("both", Some("n9"), Some("m1"))] {
        for seen_first in [false, true] {
            let (desk, id) = Desk::with_ticket("T1");
            let operation = desk.enqueue(id, reply("已恢复"), "m1");
            desk.store.claim_next(NOW, &[desk.account]).unwrap().unwrap();
            let observed =
                ObservedNote {
                    marker: marker.map(str::to_owned), role: Role::Agent, ..note("T1", "n9", "已恢复\n-- \nagent")
                };
            let page = Observations { notes: vec![observed], ..Observations::default() };
            if seen_first {
                desk.apply(&page);
            }
            let (state, receipt) = sent(receipt);
            desk.store.finish_attempt(operation, &state, Some(&receipt), NOW).unwrap();
            let bodies = |store: &Store| store.notes(id).unwrap().into_iter().map(|note| note.body).collect::<Vec<_>>();
            assert_eq!(bodies(&desk.store).len(), 2, "{why} {seen_first}");
            desk.apply(&page);
            desk.apply(&page);
            assert_eq!(bodies(&desk.store), ["云服务器宕机，求助", "已恢复\n-- \nagent"], "{why} {seen_first}");
            assert!(desk.store.pending_operations(id).unwrap().is_empty());
        }
    }
}

#[test]
fn same_marker_is_one_operation() {
    let (desk, id) = Desk::with_ticket("T1");
    assert_eq!(desk.enqueue(id, reply("x"), "m"), desk.enqueue(id, reply("x"), "m"));
    assert_eq!(desk.store.outbox().unwrap().len(), 1);
    let nobody = NewOperation { ticket_id: TicketId(99), kind: reply("x"), marker: "n".into() };
    assert_eq!(desk.store.enqueue(&nobody, NOW).unwrap_err().code, Code::TicketUnknown);
}

#[test]
fn draft_becomes_the_reply_and_comes_back_when_discarded() {
    let (desk, id) = Desk::with_ticket("T1");
    desk.store.put_draft(id, "草稿", Visibility::Public, NOW).unwrap();
    let operation = desk.enqueue(id, reply("草稿 写完"), "m");
    assert_eq!(desk.store.draft(id).unwrap(), None);
    assert_eq!(desk.store.discard_operation(operation).unwrap().id, operation);
    assert_eq!(desk.store.draft(id).unwrap().unwrap().body, "草稿 写完");
    // A newer draft keeps its text, and the one that comes back follows it.
    let operation = desk.enqueue(id, reply("旧"), "m2");
    desk.store.put_draft(id, "新\n", Visibility::Public, NOW).unwrap();
    desk.store.discard_operation(operation).unwrap();
    assert_eq!(desk.store.draft(id).unwrap().unwrap().body, "新\n\n旧");
    desk.store.put_draft(id, "", Visibility::Public, NOW).unwrap();
    assert_eq!(desk.store.draft(id).unwrap(), None);
}

#[test]
fn what_may_have_left_cannot_be_discarded() {
    let (desk, id) = Desk::with_ticket("T1");
    let operation = desk.enqueue(id, reply("x"), "m");
    desk.store.claim_next(NOW, &[desk.account]).unwrap().unwrap();
    assert_eq!(desk.store.discard_operation(operation).unwrap_err().code, Code::OperationNotDiscardable);
    desk.store.finish_attempt(operation, &next(OperationState::Unknown), None, NOW).unwrap();
    assert_eq!(desk.store.discard_operation(operation).unwrap_err().code, Code::OperationNotDiscardable);
    assert_eq!(desk.store.remove_account(desk.account, false).unwrap_err().code, Code::OperationNotDiscardable);
    desk.store.finish_attempt(operation, &next(OperationState::Rejected), None, NOW).unwrap();
    desk.store.retry_operation(operation, NOW).unwrap();
    assert_eq!(desk.store.pending_operations(id).unwrap()[0].state, OperationState::Queued);
    desk.store.discard_operation(operation).unwrap();
    assert_eq!(desk.store.discard_operation(operation).unwrap_err().code, Code::OperationUnknown);
    assert_eq!(desk.store.retry_operation(operation, NOW).unwrap_err().code, Code::OperationUnknown);
    desk.store.remove_account(desk.account, false).unwrap();
    assert_eq!(desk.store.ticket(id).unwrap(), None);
}

#[test]
fn sent_status_stays_until_the_next_observation() {
    let (desk, id) = Desk::with_ticket("T1");
    let operation = desk.enqueue(id, OperationKind::SetStatus { from: Status::Open, to: Status::Resolved }, "m");
    desk.store.claim_next(NOW, &[desk.account]).unwrap().unwrap();
    assert_eq!(desk.store.ticket(id).unwrap().unwrap().status, Status::Open);
    let (state, receipt) = sent(None);
    desk.store.finish_attempt(operation, &state, Some(&receipt), NOW).unwrap();
    assert_eq!(desk.store.ticket(id).unwrap().unwrap().status, Status::Resolved);
    assert!(desk.store.stale_clock_tickets(10).unwrap().contains(&id));
    assert_eq!(desk.store.outbox().unwrap()[0].state, OperationState::Sent);
    desk.store.tell_time(NOW.plus_ms(8 * 24 * 3_600_000));
    assert!(desk.store.outbox().unwrap().is_empty(), "sent ones leave the view after 7 days");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    /// Whatever happens between two transactions: nothing is lost, nothing goes out twice without a read-back between.
    #[test]
    fn operations_are_never_lost_nor_sent_twice_blindly(steps in prop::collection::vec(0_u8..7, 1..40)) {
        let (mut desk, id) = Desk::with_ticket("T1");
        let mut queued = 0;
        let mut held = None;
        for step in steps {
            match step {
                0 | 1 => { queued += 1; desk.enqueue(id, reply("x"), &format!("m{queued}")); }
                2 => if held.is_none() { held = desk.store.claim_next(NOW.plus_ms(1_000_000), &[desk.account]).unwrap(); }
                3 => if let Some(claim) = held.take() { desk.store.finish_attempt(claim.id, &next(OperationState::Sent), None, NOW).unwrap(); }
                4 => if let Some(claim) = held.take() { desk.store.finish_attempt(claim.id, &next(OperationState::Unknown), None, NOW).unwrap(); }
                5 => if let Some(claim) = held.take() { desk.store.release_claim(claim.id); }
                _ => {
                    let was_sending = held.take().map(|claim: crate::ClaimedOperation| claim.id);
                    desk = desk.reopened();
                    desk.store.recover_outbox().unwrap();
                    if let Some(id) = was_sending {
                        let state = desk.store.outbox().unwrap().into_iter().find(|record| record.id == id).unwrap().state;
                        prop_assert_eq!(state, OperationState::Unknown);
                    }
                }
            }
            let outbox = desk.store.outbox().unwrap();
            prop_assert_eq!(outbox.len(), queued);
            // In order: nothing is sent before what was written earlier.
            let sent: Vec<bool> = outbox.iter().rev().map(|record| record.state == OperationState::Sent).collect();
            prop_assert!(sent.windows(2).all(|pair| pair[0] || !pair[1]));
            let on_the_wire = outbox.iter().filter(|record| record.state == OperationState::Sending).count();
            prop_assert!(on_the_wire <= 1);
        }
    }
}

#[test]
fn an_attempt_whose_end_was_never_written_is_read_back_without_a_restart() {
    let (desk, id) = Desk::with_ticket("T1");
    let operation = desk.enqueue(id, reply("好的"), "m1");
    desk.store.claim_next(NOW, &[desk.account]).unwrap().unwrap();
    assert!(desk.store.claim_next(NOW, &[desk.account]).unwrap().is_none(), "it is leased");
    desk.store.abandon_claim(operation);
    assert!(desk.store.next_outbox_due().unwrap().is_some());
    let again = desk.store.claim_next(NOW, &[desk.account]).unwrap().unwrap();
    assert_eq!((again.id, again.state_before, again.attempts), (operation, OperationState::Unknown, 1));
}
