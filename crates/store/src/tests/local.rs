//! Tickets opened here, until and after the server has them.

use deskbell_domain::Code;
use deskbell_domain::diagnosis::DiagnosisSession;
use deskbell_domain::filter::{TicketFilter, TicketOrder};
use deskbell_domain::observation::{Catalogue, CatalogueCustomer};
use deskbell_domain::sla::policy::Metric;
use deskbell_domain::sync::op::{NewTicket, OperationState, Receipt};
use deskbell_domain::sync::plan::NextState;

use super::calendars::session;
use super::*;
use crate::call::NewCall;
use crate::{ClockRow, TicketRow};

fn new_ticket() -> NewTicket {
    NewTicket {
        subject: "新网关上线失败".into(),
        body: "部署后全部超时".into(),
        priority: Some(Priority::Urgent),
        product: "SLB".into(),
        customer: "c1".into(),
        tags: vec!["网关".into()],
        custom_fields: BTreeMap::from([("region".into(), "cn-north".into())]),
        ..NewTicket::default()
    }
}

fn next(state: OperationState) -> NextState {
    NextState { state, not_before: NOW, imposed: false, code: None, detail: String::new() }
}

fn rejected() -> NextState {
    NextState { code: Some(Code::Refused), ..next(OperationState::Rejected) }
}

fn landed_as(remote_id: &str) -> Receipt {
    Receipt { ticket_remote_id: Some(remote_id.into()), ..Receipt::default() }
}

fn rows(desk: &Desk) -> Vec<TicketRow> {
    desk.store.ticket_rows(&TicketFilter::default(), TicketOrder::Updated, 0, 50).unwrap().rows
}

impl Desk {
    fn open_ticket(&self, marker: &str) -> (TicketId, OperationId) {
        self.store.create_ticket(self.account, &new_ticket(), marker, NOW, NOW).unwrap()
    }

    /// Claims the creation and has the server answer.
    fn creation_lands(&self, operation: OperationId, remote_id: &str) {
        let claimed = self.store.claim_next(NOW, &[self.account]).unwrap().unwrap();
        assert_eq!((claimed.id, claimed.outbound.ticket_remote_id.as_str()), (operation, ""));
        self.store.finish_attempt(operation, &next(OperationState::Sent), Some(&landed_as(remote_id)), NOW).unwrap();
    }

    fn found(&self, query: &str) -> Vec<TicketId> {
        self.store.search(query, &TicketFilter::default(), 10).unwrap().tickets.into_iter().map(|hit| hit.id).collect()
    }
}

#[test]
fn a_ticket_opened_here_is_in_lists_search_and_detail_at_once_and_over_a_restart() {
    let desk = Desk::new();
    let catalogue =
        Catalogue { customers: vec![CatalogueCustomer { id: "c1".into(), name: "华东支付".into() }], ..Catalogue::default() };
    desk.store.put_catalogue(desk.account, &catalogue, NOW).unwrap();
    assert_eq!(desk.store.catalogue(desk.account).unwrap(), Some((catalogue, NOW)));
    let (id, operation) = desk.open_ticket("m1");
    assert_eq!(desk.open_ticket("m1"), (id, operation), "one marker opens one ticket");
    let (second, _) = desk.open_ticket("m2");
    assert_ne!(id, second, "two local tickets stand beside each other");
    let desk = desk.reopened();
    let row = rows(&desk).into_iter().find(|row| row.id == id).unwrap();
    assert_eq!((row.remote_id.as_str(), row.local, row.pending), ("", true, 1));
    assert_eq!((row.status, row.priority, row.product.as_str()), (Status::New, Priority::Urgent, "SLB"));
    assert_eq!((row.customer.as_str(), row.last_note.as_str()), ("华东支付", "agent：部署后全部超时"));
    let record = desk.store.ticket(id).unwrap().unwrap();
    assert_eq!((record.remote_id.as_str(), record.local, record.tags), ("", true, vec!["网关".to_owned()]));
    for query in ["网关上线", "部署后全部", "华东支付"] {
        assert_eq!(desk.found(query), [second, id], "{query}");
    }
    assert!(desk.found("local").is_empty() && desk.found("m1").is_empty(), "the placeholder is no text");
    let pending = desk.store.pending_operations(id).unwrap();
    assert_eq!(
        (pending.len(), pending[0].ticket_remote_id.as_str(), pending[0].ticket_subject.as_str()),
        (1, "", "新网关上线失败")
    );
    let nobody = desk.store.create_ticket(AccountId(9), &new_ticket(), "m3", NOW, NOW).unwrap_err();
    assert_eq!(nobody.code, Code::AccountUnknown);
    let nameless = NewTicket { subject: " ".into(), ..new_ticket() };
    assert_eq!(desk.store.create_ticket(desk.account, &nameless, "m3", NOW, NOW).unwrap_err().code, Code::InputInvalid);
}

#[test]
fn what_is_done_to_a_local_ticket_goes_after_it_and_to_its_real_id() {
    let (desk, _) = Desk::with_ticket("T0");
    let (id, creation) = desk.open_ticket("m1");
    let dependant = desk.enqueue(id, reply("补充日志"), "m2");
    let claimed = desk.store.claim_next(NOW, &[desk.account]).unwrap().unwrap();
    assert_eq!(claimed.id, creation);
    assert!(desk.store.claim_next(NOW, &[desk.account]).unwrap().is_none(), "the reply waits");
    desk.store.finish_attempt(creation, &next(OperationState::Sent), Some(&landed_as("T7")), NOW).unwrap();
    assert_eq!(desk.ticket("T7"), id);
    let claimed = desk.store.claim_next(NOW, &[desk.account]).unwrap().unwrap();
    assert_eq!((claimed.id, claimed.outbound.ticket_remote_id.as_str()), (dependant, "T7"));
    let record = desk.store.ticket(id).unwrap().unwrap();
    assert_eq!((record.remote_id.as_str(), record.local), ("T7", false));
    let notes = desk.store.notes(id).unwrap();
    assert_eq!((notes.len(), notes[0].body.as_str(), notes[0].marker.as_deref()), (1, "部署后全部超时", Some("m1")));
    assert_eq!(desk.found("部署后全部"), [id]);
}

#[test]
fn a_rejected_creation_holds_what_depends_on_it_until_it_is_retried_and_lands() {
    let desk = Desk::new();
    let (id, creation) = desk.open_ticket("m1");
    let dependant = desk.enqueue(id, reply("补充"), "m2");
    desk.enqueue(id, OperationKind::SetPriority { from: Priority::Urgent, to: Priority::Routine }, "m3");
    desk.store.claim_next(NOW, &[desk.account]).unwrap().unwrap();
    desk.store.finish_attempt(creation, &rejected(), None, NOW).unwrap();
    let desk = desk.reopened();
    assert!(desk.store.claim_next(NOW.plus_ms(1), &[desk.account]).unwrap().is_none());
    assert_eq!(desk.store.next_outbox_due().unwrap(), None, "nothing to wake up for");
    let shown: Vec<_> =
        desk.store.pending_operations(id).unwrap().into_iter().map(|record| (record.state, record.code)).collect();
    let held = (OperationState::Queued, Some(Code::DependsOnRejected));
    assert_eq!(shown, [(OperationState::Rejected, Some(Code::Refused)), held, held]);
    assert_eq!(desk.store.outbox().unwrap()[0].code, Some(Code::DependsOnRejected));
    desk.store.retry_operation(creation, NOW).unwrap();
    assert_eq!(desk.store.pending_operations(id).unwrap()[1].code, None);
    desk.creation_lands(creation, "T7");
    let claimed = desk.store.claim_next(NOW, &[desk.account]).unwrap().unwrap();
    assert_eq!((claimed.id, claimed.outbound.ticket_remote_id.as_str()), (dependant, "T7"));
}

#[test]
fn a_creation_taken_back_takes_all_back_and_loses_no_word() {
    let desk = Desk::new();
    let (id, creation) = desk.open_ticket("m1");
    desk.enqueue(id, reply("补充日志"), "m2");
    desk.enqueue(id, OperationKind::reply("只给同事看", Visibility::Internal), "m3");
    desk.enqueue(id, OperationKind::SetPriority { from: Priority::Urgent, to: Priority::Important }, "m4");
    desk.enqueue(id, OperationKind::SetTags { from: vec!["网关".into()], to: vec!["网关".into(), "超时".into()] }, "m5");
    desk.store.put_draft(id, "还在写", Visibility::Public, NOW).unwrap();
    assert_eq!(desk.store.discard_operation(creation).unwrap().id, creation);
    assert!(rows(&desk).is_empty() && desk.found("网关上线").is_empty());
    assert_eq!((desk.store.ticket(id).unwrap(), desk.store.outbox().unwrap().len()), (None, 0));
    let desk = desk.reopened();
    let draft = desk.store.ticket_drafts().unwrap().remove(0);
    let public = |text: &str| (text.to_owned(), Visibility::Public);
    assert_eq!(draft.notes, [public("补充日志"), ("只给同事看".to_owned(), Visibility::Internal), public("还在写")]);
    assert_eq!((draft.ticket.body.as_str(), draft.ticket.priority), ("部署后全部超时", Some(Priority::Important)));
    assert_eq!((draft.marker.as_str(), draft.ticket.tags), ("m1", vec!["网关".to_owned(), "超时".to_owned()]));
    assert!(desk.store.forget_ticket_draft("m1").unwrap());
    assert!(!desk.store.forget_ticket_draft("m1").unwrap() && desk.store.ticket_drafts().unwrap().is_empty());
}

#[test]
fn a_creation_that_may_have_left_cannot_be_taken_back() {
    let desk = Desk::new();
    let (id, creation) = desk.open_ticket("m1");
    desk.enqueue(id, reply("补充"), "m2");
    desk.store.claim_next(NOW, &[desk.account]).unwrap().unwrap();
    assert_eq!(desk.store.discard_operation(creation).unwrap_err().code, Code::OperationNotDiscardable);
    desk.store.finish_attempt(creation, &next(OperationState::Unknown), None, NOW).unwrap();
    assert_eq!(desk.store.discard_operation(creation).unwrap_err().code, Code::OperationNotDiscardable);
    assert_eq!(desk.store.pending_operations(id).unwrap().len(), 2);
}

#[test]
fn an_answer_that_does_not_name_the_ticket_is_read_back() {
    let desk = Desk::new();
    let (id, creation) = desk.open_ticket("m1");
    desk.store.claim_next(NOW, &[desk.account]).unwrap().unwrap();
    desk.store.finish_attempt(creation, &next(OperationState::Sent), Some(&Receipt::default()), NOW).unwrap();
    let record = &desk.store.pending_operations(id).unwrap()[0];
    assert_eq!((record.state, record.code), (OperationState::Unknown, Some(Code::AnswerUnexpected)));
    assert!(desk.store.ticket(id).unwrap().unwrap().local);
}

#[test]
fn of_two_tickets_with_the_same_words_a_read_back_leaves_aside_the_one_that_is_known() {
    let desk = Desk::new();
    let (_, first) = desk.open_ticket("m1");
    let (_, second) = desk.open_ticket("m2");
    desk.creation_lands(first, "T1");
    desk.store.claim_next(NOW, &[desk.account]).unwrap().unwrap();
    desk.store.finish_attempt(second, &next(OperationState::Unknown), None, NOW).unwrap();
    let claimed = desk.store.claim_next(NOW, &[desk.account]).unwrap().unwrap();
    assert_eq!((claimed.id, claimed.state_before), (second, OperationState::Unknown));
    assert_eq!(claimed.outbound.opened_by_others, ["T1"]);
}

/// A page with the ticket as the server has it.
fn pulled(remote_id: &str, marker: Option<&str>) -> Observations {
    let first =
        ObservedNote { marker: marker.map(str::to_owned), role: Role::Agent, ..note(remote_id, "n1", "部署后全部超时") };
    let answer = note(remote_id, "n2", "收到，在看");
    let seen = ObservedTicket { subject: "新网关上线失败".into(), version: "v9".into(), ..ticket(remote_id) };
    Observations { tickets: vec![seen], notes: vec![first, answer], events: vec![created(remote_id)] }
}

#[test]
fn the_row_that_a_pull_brought_first_and_the_ticket_opened_here_become_one() {
    for restart in [false, true] {
        let mut desk = Desk::new();
        let (id, creation) = desk.open_ticket("m1");
        desk.enqueue(id, reply("补充"), "m2");
        desk.store.put_draft(id, "本地草稿", Visibility::Public, NOW).unwrap();
        desk.store.claim_next(NOW, &[desk.account]).unwrap().unwrap();
        desk.apply(&pulled("T7", None));
        let twin = desk.ticket("T7");
        assert_ne!(twin, id);
        desk.store.put_draft(twin, "写在另一行", Visibility::Internal, NOW).unwrap();
        desk.store.add_diagnosis(DiagnosisSession { ticket: twin, ..session("s1", NOW) }).unwrap();
        let call = NewCall {
            ticket: Some(twin),
            line_key: String::new(),
            line_name: "技术专家".into(),
            number: "95187".into(),
            ticked: Vec::new(),
        };
        desk.store.start_call(&call, NOW).unwrap();
        desk.enqueue(twin, OperationKind::SetPriority { from: Priority::Important, to: Priority::Routine }, "m3");
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
            dues: vec![(deskbell_domain::sla::policy::Threshold::Breach, NOW)],
            policy_id: String::new(),
        };
        desk.store.clock_inputs(&[twin]).unwrap();
        desk.store.put_clocks(&[(twin, vec![clock])]).unwrap();
        assert_eq!(desk.store.raise_due_alerts(NOW, 10, |_| crate::Verdict::RING).unwrap().alerts.len(), 1);
        assert_eq!(rows(&desk).len(), 2);
        let state = if restart {
            // Killed before the answer: the read-back tells.
            desk = desk.reopened();
            desk.store.recover_outbox().unwrap();
            assert_eq!(desk.store.claim_next(NOW, &[desk.account]).unwrap().unwrap().id, creation);
            next(OperationState::Sent)
        } else {
            next(OperationState::Sent)
        };
        desk.store.finish_attempt(creation, &state, Some(&landed_as("T7")), NOW).unwrap();
        check_one_row(&desk, id, twin);
        check_one_row(&desk.reopened(), id, twin);
    }
}

fn check_one_row(desk: &Desk, id: TicketId, twin: TicketId) {
    let rows = rows(desk);
    assert_eq!(rows.iter().map(|row| row.id).collect::<Vec<_>>(), [id]);
    assert_eq!((rows[0].remote_id.as_str(), rows[0].local, rows[0].pending), ("T7", false, 2));
    assert_eq!((rows[0].priority, rows[0].last_note.as_str()), (Priority::Routine, "李：收到，在看"));
    assert!(rows[0].clock.is_some());
    assert_eq!(desk.ticket("T7"), id);
    for known_as in [id, twin] {
        let record = desk.store.ticket(known_as).unwrap().unwrap();
        assert_eq!((record.id, record.version.as_str(), record.priority), (id, "v9", Priority::Important));
        let bodies: Vec<_> = desk.store.notes(known_as).unwrap().into_iter().map(|note| note.body).collect();
        assert_eq!(bodies, ["部署后全部超时", "收到，在看"]);
        assert_eq!(desk.store.events(known_as).unwrap().len(), 1);
        let sessions: Vec<_> =
            desk.store.diagnoses(Some(known_as)).unwrap().into_iter().map(|one| (one.uid, one.ticket)).collect();
        assert_eq!(sessions, [("s1".to_owned(), id)]);
        let calls: Vec<_> = desk.store.calls(Some(known_as), 10).unwrap().into_iter().map(|one| one.ticket).collect();
        assert_eq!(calls, [Some(id)]);
        let markers: Vec<_> = desk.store.pending_operations(known_as).unwrap().into_iter().map(|record| record.marker).collect();
        assert_eq!(markers, ["m2", "m3"]);
        let draft = desk.store.draft(known_as).unwrap().unwrap();
        assert_eq!((draft.body.as_str(), draft.visibility), ("本地草稿\n\n写在另一行", Visibility::Internal));
    }
    assert_eq!(desk.found("收到"), [id]);
    assert_eq!(desk.store.alerts(10).unwrap()[0].ticket_id, id);
    assert!(desk.store.stale_clock_tickets(10).unwrap().contains(&id));
    assert_eq!(desk.store.stats().unwrap().tickets, 1);
    // What is pulled again changes the one row, and what somebody still does to the old id reaches it.
    let again = desk.apply(&pulled("T7", None));
    assert!(again.changed.is_empty() || again.changed == [id]);
    assert_eq!(desk.store.stats().unwrap().notes, 2);
}

#[test]
fn a_note_with_the_marker_of_the_creation_names_the_ticket_before_the_answer_does() {
    let desk = Desk::new();
    let (id, creation) = desk.open_ticket("m1");
    desk.store.claim_next(NOW, &[desk.account]).unwrap().unwrap();
    desk.store.finish_attempt(creation, &next(OperationState::Unknown), None, NOW).unwrap();
    let applied = desk.apply(&pulled("T7", Some("m1")));
    assert_eq!((applied.changed, applied.landed), (vec![id], 1));
    assert_eq!((desk.ticket("T7"), rows(&desk).len()), (id, 1));
    assert!(desk.store.pending_operations(id).unwrap().is_empty(), "it is not sent again");
    assert!(desk.store.claim_next(NOW.plus_ms(100_000), &[desk.account]).unwrap().is_none());
    assert_eq!(desk.store.notes(id).unwrap().len(), 2);
}

#[test]
fn the_first_message_is_not_doubled_by_the_pull() {
    for (why, marker, remote_id) in
        [("by marker", Some("m1"), None), ("by id", None, Some("n1")), ("by being the first", None, None)]
    {
        let desk = Desk::new();
        let (id, creation) = desk.open_ticket("m1");
        desk.store.claim_next(NOW, &[desk.account]).unwrap().unwrap();
        let receipt = Receipt { note_remote_id: remote_id.map(str::to_owned), ..landed_as("T7") };
        desk.store.finish_attempt(creation, &next(OperationState::Sent), Some(&receipt), NOW).unwrap();
        assert_eq!(desk.store.notes(id).unwrap().len(), 1, "{why}");
        let system = ObservedNote { role: Role::System, ..note("T7", "n0", "created") };
        desk.apply(&Observations { notes: vec![system], ..Observations::default() });
        for _ in 0..2 {
            desk.apply(&pulled("T7", marker));
            let notes = desk.store.notes(id).unwrap();
            let mut bodies: Vec<_> = notes.iter().map(|note| note.body.as_str()).collect();
            bodies.sort_unstable();
            assert_eq!(bodies, ["created", "收到，在看", "部署后全部超时"], "{why}");
            let first = notes.iter().find(|note| note.remote_id == "n1").unwrap();
            assert_eq!(first.marker.as_deref(), Some("m1"), "{why}: the line does not jump");
        }
    }
}

#[test]
fn an_edit_of_a_ticket_opened_here_starts_from_what_the_server_made_of_it() {
    for twin_first in [false, true] {
        let desk = Desk::new();
        let (id, creation) = desk.open_ticket("m1");
        desk.enqueue(id, OperationKind::SetStatus { from: Status::New, to: Status::WaitingVendor }, "m2");
        desk.enqueue(id, OperationKind::Close { from: Status::WaitingVendor }, "m3");
        desk.enqueue(id, OperationKind::SetTags { from: vec!["网关".into()], to: vec!["超时".into()] }, "m4");
        let page = Observations {
            tickets: vec![ObservedTicket { tags: vec!["网关".into(), "自动".into()], ..ticket("T7") }],
            ..Default::default()
        };
        if twin_first {
            desk.apply(&page);
        }
        desk.creation_lands(creation, "T7");
        desk.apply(&page);
        let kinds: Vec<_> = desk.store.pending_operations(id).unwrap().into_iter().map(|record| record.kind).collect();
        let expected = [
            OperationKind::SetStatus { from: Status::Open, to: Status::WaitingVendor },
            OperationKind::Close { from: Status::WaitingVendor },
            OperationKind::SetTags { from: vec!["网关".into(), "自动".into()], to: vec!["自动".into(), "超时".into()] },
        ];
        assert_eq!(kinds, expected, "{twin_first}");
        // Later changes are somebody's.
        let changed = ObservedTicket { status: Status::Resolved, ..ticket("T7") };
        desk.apply(&Observations { tickets: vec![changed], ..Observations::default() });
        let claimed = desk.store.claim_next(NOW, &[desk.account]).unwrap().unwrap();
        assert!(matches!(claimed.merge, deskbell_domain::sync::merge::Merge::Conflict(_)));
    }
}

#[test]
fn an_edit_of_a_ticket_never_seen_on_the_server_goes_as_it_is() {
    let desk = Desk::new();
    let (id, creation) = desk.open_ticket("m1");
    let kind = OperationKind::SetPriority { from: Priority::Urgent, to: Priority::Routine };
    desk.enqueue(id, kind.clone(), "m2");
    desk.creation_lands(creation, "T7");
    let claimed = desk.store.claim_next(NOW, &[desk.account]).unwrap().unwrap();
    assert_eq!((claimed.outbound.kind, claimed.outbound.base_version.as_str()), (kind, ""));
}
