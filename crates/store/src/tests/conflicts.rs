//! Edits of every kind, and the same field changed on both sides.

use deskbell_domain::Code;
use deskbell_domain::filter::{TicketFilter, TicketOrder};
use deskbell_domain::sync::merge::Merge;
use deskbell_domain::sync::op::{Conflict, OperationState, Receipt};
use deskbell_domain::sync::plan::NextState;

use super::*;
use crate::{ClaimedOperation, Evaluation, Keep, OperationRecord};

fn next(state: OperationState) -> NextState {
    NextState { state, not_before: NOW, imposed: false, code: None, detail: String::new() }
}

fn resolve() -> OperationKind {
    OperationKind::SetStatus { from: Status::Open, to: Status::Resolved }
}

fn tags(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

impl Desk {
    fn claim(&self) -> ClaimedOperation {
        self.store.claim_next(NOW, &[self.account]).unwrap().unwrap()
    }

    /// The server's ticket, changed.
    fn pull(&self, change: impl FnOnce(&mut ObservedTicket)) {
        let mut seen = ticket("T1");
        change(&mut seen);
        self.apply(&Observations { tickets: vec![seen], ..Observations::default() });
    }

    fn pending(&self, id: TicketId) -> Vec<OperationRecord> {
        self.store.pending_operations(id).unwrap()
    }

    /// Queues, claims and has it landed.
    fn lands(&self, id: TicketId, kind: OperationKind, marker: &str) {
        let operation = self.enqueue(id, kind, marker);
        assert_eq!(self.claim().id, operation);
        self.store.finish_attempt(operation, &next(OperationState::Sent), Some(&Receipt::default()), NOW).unwrap();
    }
}

#[test]
fn every_kind_shows_when_it_landed_and_before_the_next_pull() {
    use OperationKind::{Close, Evaluate, Reopen, SetAssignee, SetCustomField, SetTags};
    let (desk, id) = Desk::with_ticket("T1");
    desk.store.clock_inputs(&[id]).unwrap();
    desk.store.put_clocks(&[(id, Vec::new())]).unwrap();
    desk.lands(id, SetAssignee { from: "wang".into(), to: "li".into() }, "m1");
    desk.lands(id, SetTags { from: tags(&["网络"]), to: tags(&["磁盘"]) }, "m2");
    let custom = |from: &str, to: &str| SetCustomField { field: "region".into(), from: from.into(), to: to.into() };
    desk.lands(id, custom("cn-east", "cn-north"), "m3");
    desk.lands(id, SetCustomField { field: "rack".into(), from: String::new(), to: "7".into() }, "m4");
    let record = desk.store.ticket(id).unwrap().unwrap();
    assert_eq!((record.assignee.as_str(), record.tags.clone()), ("li", tags(&["磁盘"])));
    assert_eq!((record.custom_fields["region"].as_str(), record.custom_fields["rack"].as_str()), ("cn-north", "7"));
    assert_eq!(desk.store.stale_clock_tickets(9).unwrap(), [id], "policies are matched with tags, too");
    desk.lands(id, custom("cn-north", ""), "m5");
    desk.lands(id, Close { from: Status::Open }, "m6");
    assert!(desk.store.stale_clock_tickets(9).unwrap().contains(&id));
    let record = desk.store.ticket(id).unwrap().unwrap();
    assert_eq!((record.status, record.custom_fields.get("region")), (Status::Closed, None));
    desk.lands(id, Evaluate { solved: false, score: 2, comment: "没修好".into() }, "m7");
    desk.lands(id, Reopen { from: Status::Closed, body: "又坏了".into() }, "m8");
    let record = desk.store.ticket(id).unwrap().unwrap();
    assert_eq!(record.evaluated, Some(Evaluation { solved: false, score: 2, comment: "没修好".into() }));
    assert_eq!(record.status, Status::Open);
    let said = desk.store.notes(id).unwrap().pop().unwrap();
    assert_eq!((said.body.as_str(), said.visibility, said.marker.as_deref()), ("又坏了", Visibility::Public, Some("m8")));
    // A verdict stays when the ticket is observed again.
    desk.pull(|_| {});
    assert!(desk.store.ticket(id).unwrap().unwrap().evaluated.is_some());
    // And gives way to what the server shows.
    let theirs = Evaluation { solved: true, score: 5, comment: "好了".into() };
    desk.pull(|ticket| ticket.evaluation = Some(theirs.clone()));
    assert_eq!(desk.store.ticket(id).unwrap().unwrap().evaluated, Some(theirs));
}

#[test]
fn what_waits_shows_in_the_lists() {
    let (desk, id) = Desk::with_ticket("T1");
    let row = |desk: &Desk| desk.store.ticket_rows(&TicketFilter::default(), TicketOrder::Updated, 0, 1).unwrap().rows.remove(0);
    desk.enqueue(id, OperationKind::SetAssignee { from: "wang".into(), to: "li".into() }, "m1");
    desk.enqueue(id, OperationKind::Close { from: Status::Open }, "m2");
    assert_eq!((row(&desk).assignee.as_str(), row(&desk).status), ("li", Status::Closed));
    let reopening = desk.enqueue(id, OperationKind::Reopen { from: Status::Closed, body: String::new() }, "m3");
    assert_eq!(row(&desk).status, Status::Open);
    let desk = desk.reopened();
    assert_eq!((row(&desk).assignee.as_str(), row(&desk).status), ("li", Status::Open));
    desk.store.discard_operation(reopening).unwrap();
    assert_eq!(row(&desk).status, Status::Closed);
}

#[test]
fn a_claim_carries_the_version_of_now_and_the_merged_edit() {
    let (desk, id) = Desk::with_ticket("T1");
    desk.enqueue(id, OperationKind::SetTags { from: tags(&["网络"]), to: tags(&["网络", "磁盘"]) }, "m1");
    desk.pull(|seen| (seen.version, seen.tags) = ("v2".into(), tags(&["网络", "急"])));
    let claimed = desk.claim();
    let merged = OperationKind::SetTags { from: tags(&["网络", "急"]), to: tags(&["网络", "急", "磁盘"]) };
    assert_eq!((claimed.outbound.base_version.as_str(), &claimed.outbound.kind), ("v2", &merged));
    assert_eq!(claimed.merge, Merge::Send(merged));
    // What a read-back looks for is what went out, whatever was observed since.
    desk.store.finish_attempt(claimed.id, &next(OperationState::Unknown), None, NOW).unwrap();
    desk.pull(|seen| (seen.version, seen.priority) = ("v3".into(), Priority::Urgent));
    let again = desk.claim();
    assert_eq!((again.state_before, again.outbound.base_version.as_str()), (OperationState::Unknown, "v2"));
}

#[test]
fn another_field_changed_on_the_server_is_no_conflict() {
    let (desk, id) = Desk::with_ticket("T1");
    desk.enqueue(id, resolve(), "m1");
    desk.pull(|seen| (seen.version, seen.priority, seen.assignee) = ("v2".into(), Priority::Urgent, "zhao".into()));
    let claimed = desk.claim();
    assert_eq!((claimed.merge, claimed.outbound.base_version.as_str()), (Merge::Send(resolve()), "v2"));
}

#[test]
fn what_the_server_has_already_is_neither_counted_nor_sent() {
    let (desk, id) = Desk::with_ticket("T1");
    let operation = desk.enqueue(id, resolve(), "m1");
    desk.pull(|seen| seen.status = Status::Resolved);
    let claimed = desk.claim();
    assert_eq!((claimed.merge, claimed.attempts), (Merge::AlreadySo, 0));
    assert!(desk.store.claim_next(NOW, &[desk.account]).unwrap().is_none(), "it is leased");
    assert_eq!(desk.pending(id)[0].state, OperationState::Queued);
    desk.store.finish_attempt(operation, &next(OperationState::Sent), None, NOW).unwrap();
    assert!(desk.pending(id).is_empty());
}

fn in_conflict() -> (Desk, TicketId, OperationId) {
    let (desk, id) = Desk::with_ticket("T1");
    let operation = desk.enqueue(id, resolve(), "m1");
    desk.pull(|seen| (seen.version, seen.status) = ("v2".into(), Status::WaitingCustomer));
    let claimed = desk.claim();
    assert!(matches!(claimed.merge, Merge::Conflict(_)), "{claimed:?}");
    assert!(matches!(desk.store.merge_now(operation).unwrap(), Merge::Conflict(_)));
    desk.store.hold(operation, Code::ChangedMeanwhile, NOW).unwrap();
    (desk, id, operation)
}

#[test]
fn a_conflict_is_held_with_both_values_and_lets_others_pass() {
    let (desk, id, operation) = in_conflict();
    let reply = desk.enqueue(id, reply("好的"), "m2");
    assert_eq!(desk.claim().id, reply);
    let desk = desk.reopened();
    let record = desk.pending(id).remove(0);
    let values =
        Conflict { field: "status".into(), base: "open".into(), mine: "resolved".into(), theirs: "waiting_customer".into() };
    assert_eq!((record.id, record.state, record.conflict), (operation, OperationState::Rejected, Some(values.clone())));
    assert_eq!(record.code, Some(Code::ChangedMeanwhile));
    // Shown against what the server has now.
    desk.pull(|seen| seen.status = Status::WaitingVendor);
    let shown = desk.store.outbox().unwrap().into_iter().find(|record| record.id == operation).unwrap().conflict;
    assert_eq!(shown, Some(Conflict { theirs: "waiting_vendor".into(), ..values }));
}

#[test]
fn keeping_mine_sends_it_from_what_the_server_has() {
    let (desk, id, operation) = in_conflict();
    let record = desk.store.resolve(operation, Keep::Mine, NOW).unwrap();
    let from_theirs = OperationKind::SetStatus { from: Status::WaitingCustomer, to: Status::Resolved };
    assert_eq!((record.state, record.code, record.conflict), (OperationState::Queued, None, None));
    let claimed = desk.claim();
    assert_eq!((claimed.id, claimed.merge, claimed.outbound.base_version.as_str()), (operation, Merge::Send(from_theirs), "v2"));
    assert_eq!(desk.store.resolve(operation, Keep::Theirs, NOW).unwrap_err().code, Code::InputInvalid, "it is on the wire");
    assert_eq!(desk.pending(id).len(), 1);
}

#[test]
fn keeping_theirs_drops_mine_and_what_followed_it_is_asked_about() {
    let (desk, id, operation) = in_conflict();
    desk.enqueue(id, OperationKind::SetStatus { from: Status::Resolved, to: Status::Closed }, "m2");
    assert_eq!(desk.store.resolve(operation, Keep::Theirs, NOW).unwrap().id, operation);
    let left = desk.pending(id);
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].kind, OperationKind::SetStatus { from: Status::Open, to: Status::Closed });
    assert!(matches!(desk.claim().merge, Merge::Conflict(_)), "it would overwrite theirs");
    assert_eq!(desk.store.resolve(operation, Keep::Mine, NOW).unwrap_err().code, Code::OperationUnknown);
}

#[test]
fn taking_an_edit_back_starts_the_next_of_its_field_from_the_value_before() {
    let (desk, id) = Desk::with_ticket("T1");
    let first = desk.enqueue(id, OperationKind::SetAssignee { from: "wang".into(), to: "li".into() }, "m1");
    desk.enqueue(id, OperationKind::SetPriority { from: Priority::Important, to: Priority::Urgent }, "m2");
    desk.enqueue(id, OperationKind::SetAssignee { from: "li".into(), to: "zhao".into() }, "m3");
    desk.store.discard_operation(first).unwrap();
    assert_eq!(desk.pending(id)[1].kind, OperationKind::SetAssignee { from: "wang".into(), to: "zhao".into() });
}

#[test]
fn newer_replies_of_others_are_counted_from_what_the_writer_had_seen() {
    let (desk, id) = Desk::with_ticket("T1");
    assert_eq!(desk.store.public_notes_of_others(id).unwrap(), 1);
    let unseen = desk.enqueue(id, reply("没数过"), "m1");
    let blind =
        OperationKind::Reply { body: "没看".into(), visibility: Visibility::Public, files: vec![], seen_notes: Some(0) };
    let blind = desk.enqueue(id, blind, "m2");
    let since = |operation| desk.store.new_notes_since(operation).unwrap();
    assert_eq!((since(unseen), since(blind)), (0, 1));
    let other = |remote: &str, author: &str, marker: Option<&str>, visibility, role| ObservedNote {
        author: author.into(),
        marker: marker.map(str::to_owned),
        visibility,
        role,
        ..note("T1", remote, "x")
    };
    let public = Visibility::Public;
    let notes = vec![
        other("n2", "李", None, public, Role::Customer),
        other("n3", "张", None, public, Role::Agent),
        other("n4", "张", None, Visibility::Internal, Role::Agent),
        other("n5", "RT", None, public, Role::System),
        other("n6", "agent", None, public, Role::Agent),
        other("n7", "我的显示名", Some("m1"), public, Role::Agent),
    ];
    desk.apply(&Observations { notes, ..Observations::default() });
    assert_eq!((since(blind), desk.store.public_notes_of_others(id).unwrap()), (3, 3));
    // Held because of them, and sent knowingly: nothing is newer than what was known then.
    desk.store.hold(blind, Code::RepliesSince, NOW).unwrap();
    let record = desk.pending(id).pop().unwrap();
    assert_eq!((record.state, record.code, record.conflict), (OperationState::Rejected, Some(Code::RepliesSince), None));
    desk.store.retry_operation(blind, NOW).unwrap();
    assert_eq!(since(blind), 0);
    let status = desk.enqueue(id, resolve(), "m3");
    assert_eq!(since(status), 0);
    assert_eq!(desk.store.new_notes_since(OperationId(99)).unwrap_err().code, Code::OperationUnknown);
}

#[test]
fn a_note_with_the_marker_of_a_reply_settles_it_whatever_became_of_the_answer() {
    for state in [OperationState::Queued, OperationState::Unknown, OperationState::Rejected] {
        let (desk, id) = Desk::with_ticket("T1");
        let operation = desk.enqueue(id, reply("已恢复"), "m1");
        desk.claim();
        desk.store.finish_attempt(operation, &next(state), None, NOW).unwrap();
        let ours = ObservedNote { marker: Some("m1".into()), role: Role::Agent, ..note("T1", "n9", "已恢复") };
        let page = Observations { notes: vec![ours], ..Observations::default() };
        assert_eq!(desk.apply(&page).landed, 1);
        assert!(desk.pending(id).is_empty() && desk.store.claim_next(NOW, &[desk.account]).unwrap().is_none(), "{state:?}");
        assert_eq!(desk.apply(&page).landed, 0);
        // The answer to an attempt that was still under way changes nothing any more.
        desk.store.finish_attempt(operation, &next(OperationState::Queued), None, NOW).unwrap();
        assert_eq!(desk.store.outbox().unwrap()[0].state, OperationState::Sent);
        assert_eq!(desk.store.notes(id).unwrap().len(), 2);
    }
}

#[test]
fn every_text_that_is_taken_back_returns_to_the_draft() {
    let (desk, id) = Desk::with_ticket("T1");
    desk.store.put_draft(id, "正在写", Visibility::Public, NOW).unwrap();
    let kinds = [
        OperationKind::Reopen { from: Status::Closed, body: "又坏了".into() },
        OperationKind::Evaluate { solved: true, score: 5, comment: "很快".into() },
        OperationKind::reply("内部", Visibility::Internal),
    ];
    let operations: Vec<_> = kinds.into_iter().enumerate().map(|(at, kind)| desk.enqueue(id, kind, &format!("m{at}"))).collect();
    desk.store.put_draft(id, "又写了", Visibility::Public, NOW).unwrap();
    for operation in operations {
        desk.store.discard_operation(operation).unwrap();
    }
    let draft = desk.reopened().store.draft(id).unwrap().unwrap();
    assert_eq!(draft.body, "又写了\n\n又坏了\n\n很快\n\n内部");
    assert_eq!(draft.visibility, Visibility::Internal, "no internal word becomes public by itself");
}
