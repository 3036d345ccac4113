//! Every operation beyond a reply and a status.

use std::collections::BTreeMap;

use deskbell_domain::observation::ObservedTicket;
use deskbell_domain::sync::op::NewTicket;

use super::*;

impl Bench {
    async fn now(&self, ticket: &str) -> ObservedTicket {
        self.api.ticket(ticket).await.unwrap().tickets.remove(0)
    }

    async fn sent(&self, operation: &OutboundOperation) -> Receipt {
        match self.api.send(operation).await {
            Outcome::Sent(receipt) => receipt,
            other => panic!("{}: {other:?}", operation.marker),
        }
    }
}

fn based(operation: OutboundOperation, version: &str) -> OutboundOperation {
    OutboundOperation { base_version: version.to_owned(), ..operation }
}

fn tags(from: &[&str], to: &[&str]) -> OperationKind {
    let owned = |tags: &[&str]| tags.iter().map(|tag| (*tag).to_owned()).collect();
    OperationKind::SetTags { from: owned(from), to: owned(to) }
}

fn is_rejected(outcome: &Outcome, expected: Code) -> bool {
    matches!(outcome, Outcome::Rejected { code, .. } if *code == expected)
}

async fn new_ticket(bench: &Bench) -> NewTicket {
    let catalogue = bench.api.catalogue().await.unwrap();
    let field = catalogue.custom_fields.iter().find(|field| !field.values.is_empty()).unwrap();
    NewTicket {
        subject: "华东 2 云服务器无法启动".to_owned(),
        body: "控制台报错 InternalError，请协助。".to_owned(),
        priority: Some(Priority::Urgent),
        category: catalogue.categories[0].id.clone(),
        customer: catalogue.customers[0].id.clone(),
        requester: "王工".to_owned(),
        tags: vec!["回归".to_owned()],
        custom_fields: BTreeMap::from([(field.name.clone(), field.values[0].clone())]),
        ..NewTicket::default()
    }
}

#[tokio::test]
async fn catalogue_names_everything_a_ticket_can_be_filed_under() {
    let bench = Bench::start().await;
    let catalogue = bench.api.catalogue().await.unwrap();
    assert!(catalogue.categories.iter().all(|one| !one.id.is_empty() && !one.name.is_empty() && !one.product.is_empty()));
    assert!(catalogue.assignees.iter().any(|name| name == "林晓 Lin Xiao"), "{:?}", catalogue.assignees);
    assert!(!catalogue.customers.is_empty() && !catalogue.custom_fields.is_empty());
    assert_eq!(bench.api.capabilities().operations, OperationName::ALL);
}

#[tokio::test]
async fn ticket_created_into_a_lost_answer_is_found_and_there_once() {
    let bench = Bench::start().await;
    let new = new_ticket(&bench).await;
    let create = operation("create-1", "", OperationKind::CreateTicket { ticket: new.clone() });
    bench.faults.order("POST", "/tickets", Fault::AnswerLost);
    assert!(matches!(bench.api.send(&create).await, Outcome::Unknown { .. }));
    let ReadBack::Landed(found) = bench.api.read_back(&create).await.unwrap() else { panic!("it landed") };
    let again = bench.sent(&create).await;
    assert_eq!(again.ticket_remote_id, found.ticket_remote_id);
    let (all, _) = bench.pull_all(None).await;
    let created: Vec<&ObservedTicket> = all.tickets.iter().filter(|ticket| ticket.subject == new.subject).collect();
    assert_eq!(created.len(), 1);
    assert_eq!(Some(&created[0].remote_id), found.ticket_remote_id.as_ref());
    assert_eq!(
        (created[0].priority, &created[0].tags, &created[0].custom_fields),
        (Priority::Urgent, &new.tags, &new.custom_fields)
    );
    assert_eq!(created[0].customer.remote_id, new.customer);
    let first = all.notes.iter().find(|note| note.ticket_remote_id == created[0].remote_id).unwrap();
    assert_eq!((first.body.as_str(), first.marker.as_deref()), (new.body.as_str(), Some("create-1")));
    assert_eq!(Some(&first.remote_id), found.note_remote_id.as_ref());
}

#[tokio::test]
async fn ticket_that_cannot_be_filed_is_refused_by_name() {
    let bench = Bench::start().await;
    let bad = NewTicket { category: "no-such".to_owned(), ..new_ticket(&bench).await };
    let outcome = bench.api.send(&operation("create-bad", "", OperationKind::CreateTicket { ticket: bad })).await;
    let Outcome::Rejected { code: Code::Refused, detail } = &outcome else { panic!("{outcome:?}") };
    assert!(detail.contains("category_unknown"), "{detail}");
}

#[tokio::test]
async fn field_edit_lands_on_the_version_seen_and_is_a_conflict_when_the_field_moved() {
    let bench = Bench::start().await;
    let (ticket, version) = bench.ticket_with(Status::Open).await;
    let before = bench.now(&ticket).await;
    let staff = bench.api.catalogue().await.unwrap().assignees;
    let [first, second] = [0, 1].map(|n| staff.iter().filter(|name| **name != before.assignee).nth(n).unwrap().clone());
    let assign = |marker: &str, from: &str, to: &str| {
        operation(marker, &ticket, OperationKind::SetAssignee { from: from.to_owned(), to: to.to_owned() })
    };
    bench.sent(&based(assign("a1", &before.assignee, &first), &version)).await;
    assert_eq!(bench.now(&ticket).await.assignee, first);
    let stale = bench.api.send(&based(assign("a2", &before.assignee, &second), &version)).await;
    assert!(is_rejected(&stale, Code::ChangedMeanwhile), "{stale:?}");
    // A note moves the version and is no conflict.
    bench.hub.customer_replies(&ticket, "客户", "补充").await.unwrap().unwrap();
    bench.sent(&based(assign("a3", &first, &second), &version)).await;
    assert_eq!(bench.now(&ticket).await.assignee, second);
    let nobody = bench.api.send(&assign("a4", &second, "没有这个人")).await;
    assert!(is_rejected(&nobody, Code::Refused), "{nobody:?}");
}

#[tokio::test]
async fn taking_a_ticket_by_replying_does_not_stand_in_the_way_of_an_assignment() {
    let bench = Bench::start().await;
    let create = operation("own", "", OperationKind::CreateTicket { ticket: new_ticket(&bench).await });
    let ticket = bench.sent(&create).await.ticket_remote_id.unwrap();
    let version = bench.now(&ticket).await.version;
    bench.sent(&reply("r", &ticket)).await;
    assert_eq!(bench.now(&ticket).await.assignee, "林晓 Lin Xiao");
    let staff = bench.api.catalogue().await.unwrap().assignees;
    let other = staff.iter().find(|name| name.as_str() != "林晓 Lin Xiao").unwrap();
    let assign = OperationKind::SetAssignee { from: String::new(), to: other.clone() };
    bench.sent(&based(operation("as", &ticket, assign), &version)).await;
    assert_eq!(&bench.now(&ticket).await.assignee, other);
}

#[tokio::test]
async fn tags_of_two_desks_are_joined() {
    let bench = Bench::start().await;
    let (ticket, version) = bench.ticket_with(Status::Open).await;
    bench.sent(&operation("t0", &ticket, tags(&[], &["甲", "乙"]))).await;
    bench.sent(&based(operation("t1", &ticket, tags(&["甲", "乙"], &["乙", "丙"])), &version)).await;
    bench.sent(&based(operation("t2", &ticket, tags(&["甲", "乙"], &["甲", "乙", "丁"])), &version)).await;
    let now = bench.now(&ticket).await.tags;
    assert!(
        ["乙", "丙", "丁"].iter().all(|tag| now.iter().any(|one| one == tag)) && !now.iter().any(|tag| tag == "甲"),
        "{now:?}"
    );
}

#[tokio::test]
async fn tags_sent_again_after_others_changed_them_took_effect_the_first_time() {
    let bench = Bench::start().await;
    let (ticket, _) = bench.ticket_with(Status::Open).await;
    let ours = operation("lost", &ticket, tags(&[], &["一"]));
    bench.faults.order("PATCH", "/tickets", Fault::AnswerLost);
    assert!(matches!(bench.api.send(&ours).await, Outcome::Unknown { .. }));
    bench.sent(&operation("theirs", &ticket, tags(&["一"], &["二"]))).await;
    bench.sent(&ours).await;
    let now = bench.now(&ticket).await.tags;
    assert!(now.contains(&"二".to_owned()) && !now.contains(&"一".to_owned()), "{now:?}");
}

#[tokio::test]
async fn custom_field_is_set_cleared_and_guarded() {
    let bench = Bench::start().await;
    let (ticket, _) = bench.ticket_with(Status::Open).await;
    let catalogue = bench.api.catalogue().await.unwrap();
    let field = catalogue.custom_fields.iter().find(|field| field.values.len() > 1).unwrap();
    let from = bench.now(&ticket).await.custom_fields.get(&field.name).cloned().unwrap_or_default();
    let to = field.values.iter().find(|value| **value != from).unwrap();
    let set = |marker: &str, from: &str, to: &str| {
        let (field, from, to) = (field.name.clone(), from.to_owned(), to.to_owned());
        operation(marker, &ticket, OperationKind::SetCustomField { field, from, to })
    };
    bench.sent(&set("c1", &from, to)).await;
    assert_eq!(bench.now(&ticket).await.custom_fields.get(&field.name), Some(to));
    let stale = bench.api.send(&set("c2", "从来没有", "")).await;
    // Empty is what nobody has, so only the value seen decides.
    assert!(is_rejected(&stale, Code::ChangedMeanwhile), "{stale:?}");
    let strange = bench.api.send(&set("c3", to, "不在其中")).await;
    assert!(is_rejected(&strange, Code::Refused), "{strange:?}");
    bench.sent(&set("c4", to, "")).await;
    assert_eq!(bench.now(&ticket).await.custom_fields.get(&field.name), None);
}

#[tokio::test]
async fn close_reopen_with_a_reason_and_one_verdict() {
    let bench = Bench::start().await;
    let (ticket, version) = bench.ticket_with(Status::Open).await;
    let early = OperationKind::Evaluate { solved: true, score: 5, comment: String::new() };
    let early = bench.api.send(&operation("e0", &ticket, early)).await;
    assert!(is_rejected(&early, Code::ChangedMeanwhile), "{early:?}");
    bench.sent(&based(operation("c1", &ticket, OperationKind::Close { from: Status::Open }), &version)).await;
    assert_eq!(bench.now(&ticket).await.status, Status::Closed);
    bench.sent(&operation("c2", &ticket, OperationKind::Close { from: Status::Open })).await;
    let reopen = operation("o1", &ticket, OperationKind::Reopen { from: Status::Closed, body: "问题又出现了".to_owned() });
    bench.faults.order("POST", "/reopen", Fault::AnswerLost);
    assert!(matches!(bench.api.send(&reopen).await, Outcome::Unknown { .. }));
    let ReadBack::Landed(receipt) = bench.api.read_back(&reopen).await.unwrap() else { panic!("it landed") };
    assert!(receipt.note_remote_id.is_some() && receipt.ticket_remote_id.is_none());
    bench.sent(&reopen).await;
    assert_eq!((bench.now(&ticket).await.status, bench.notes_with(&reopen).await), (Status::Open, 1));
    let twice = OperationKind::Reopen { from: Status::Closed, body: String::new() };
    let twice = bench.api.send(&operation("o2", &ticket, twice)).await;
    assert!(is_rejected(&twice, Code::ChangedMeanwhile), "{twice:?}");
    bench.sent(&operation("c3", &ticket, OperationKind::Close { from: Status::Open })).await;
    let verdict = |marker: &str| {
        operation(marker, &ticket, OperationKind::Evaluate { solved: true, score: 4, comment: "很满意".to_owned() })
    };
    bench.sent(&verdict("e1")).await;
    bench.sent(&verdict("e1")).await;
    let second = bench.api.send(&verdict("e2")).await;
    assert!(is_rejected(&second, Code::Refused), "{second:?}");
    let shown = bench.now(&ticket).await.evaluation.unwrap();
    assert_eq!((shown.solved, shown.score, shown.comment.as_str()), (true, 4, "很满意"));
}

#[tokio::test]
async fn close_of_a_ticket_that_somebody_resolved_meanwhile_is_a_conflict() {
    let bench = Bench::start().await;
    let (ticket, version) = bench.ticket_with(Status::Open).await;
    bench.sent(&set_status("s", &ticket, Status::Open, Status::WaitingVendor)).await;
    let close = bench.api.send(&based(operation("c", &ticket, OperationKind::Close { from: Status::Open }), &version)).await;
    assert!(is_rejected(&close, Code::ChangedMeanwhile), "{close:?}");
    assert_eq!(bench.now(&ticket).await.status, Status::WaitingVendor);
}
