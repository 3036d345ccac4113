//! Two people on one ticket: what is merged, what is asked, and what the choice does.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use deskbell_domain::Code;
use deskbell_domain::sync::op::{OperationName, OperationState};
use deskbell_domain::ticket::{Priority, Status, TicketId, Visibility};
use deskbell_engine::Engine;
use deskbell_engine::edits::{Edit, Undo};
use deskbell_engine::outbox::Keep;
use deskbell_engine::ports::Clock;
use deskbell_engine::puller::pull_once;
use deskbell_engine::records::OperationRecord;
use deskbell_engine::state::Settings;
use deskbell_engine::system::SystemClock;
use deskbell_testkit::Machine;

use crate::doubles::{Log, Watched};
use crate::support::{Server, desk, some_ticket};

/// Two desks that know the same ticket.
struct World {
    server: Server,
    log: Arc<Log>,
    mine: Arc<Engine>,
    other: Arc<Engine>,
    account: deskbell_domain::ticket::AccountId,
    ticket: TicketId,
    remote_id: String,
    _dirs: [tempfile::TempDir; 2],
}

async fn world() -> World {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let server = Server::start(&clock).await;
    let dirs = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let log = Arc::new(Log::default());
    let machine = Machine::new(Arc::clone(&clock)).with_connector(Arc::new(Watched(Arc::clone(&log))));
    let (mine, account) = desk(&machine, dirs[0].path(), &server).await;
    let (other, _) = desk(&Machine::new(clock), dirs[1].path(), &server).await;
    for engine in [&mine, &other] {
        engine.sync_account_once(account).await.unwrap();
    }
    let (ticket, remote_id) = some_ticket(&mine).await.unwrap();
    World { server, log, mine, other, account, ticket, remote_id, _dirs: dirs }
}

impl World {
    /// The other desk does something, and the server has it.
    async fn other_does(&self, edit: Edit) {
        let (account, remote_id) = (self.account, self.remote_id.clone());
        let id = self.other.read(move |store| store.ticket_id(account, &remote_id)).await.unwrap().unwrap();
        self.other.edit(id, edit, None, Undo::Never).await.unwrap();
        let report = self.other.sync_account_once(account).await.unwrap();
        assert_eq!((report.push.sent, report.push.rejected), (1, 0));
    }

    async fn waiting(&self) -> Vec<OperationRecord> {
        let ticket = self.ticket;
        self.mine.read(move |store| store.pending_operations(ticket)).await.unwrap()
    }

    async fn status(&self) -> Status {
        self.server.observed(&self.remote_id).await.tickets[0].status
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_field_changed_on_both_sides_is_asked_and_mine_goes_out() {
    let world = world().await;
    let before = world.mine.ticket_detail(world.ticket).await.unwrap().status.value;
    world.mine.set_status(world.ticket, Status::WaitingVendor, None).await.unwrap();
    world.other_does(Edit::SetStatus(Status::Resolved)).await;
    let report = world.mine.sync_account_once(world.account).await.unwrap();
    assert_eq!((report.push.sent, report.push.rejected), (0, 1));
    assert_eq!(world.status().await, Status::Resolved, "nothing is overwritten");
    let waiting = world.waiting().await;
    let conflict = waiting[0].conflict.clone().unwrap();
    assert_eq!((waiting[0].state, waiting[0].code), (OperationState::Rejected, Some(Code::ChangedMeanwhile)));
    assert_eq!((conflict.field.as_str(), conflict.base.as_str()), ("status", before.as_str()));
    assert_eq!((conflict.mine.as_str(), conflict.theirs.as_str()), ("waiting_vendor", "resolved"));
    let shown = world.mine.ticket_detail(world.ticket).await.unwrap().status;
    assert_eq!(
        (shown.value, shown.operation.unwrap().conflict),
        (Status::Resolved, Some(conflict)),
        "the server's stands meanwhile"
    );

    world.mine.resolve_operation(waiting[0].id, Keep::Mine).await.unwrap();
    let report = world.mine.sync_account_once(world.account).await.unwrap();
    assert_eq!((report.push.sent, report.push.rejected), (1, 0));
    assert_eq!(world.status().await, Status::WaitingVendor);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_field_changed_on_both_sides_is_asked_and_theirs_stays() {
    let world = world().await;
    let now = world.mine.ticket_detail(world.ticket).await.unwrap().assignee.value;
    let mut names = world.mine.account_catalogue(world.account).await.unwrap().assignees;
    names.retain(|name| *name != now);
    let (mine, theirs) = (names[0].clone(), names[1].clone());
    world.mine.edit(world.ticket, Edit::SetAssignee(mine.clone()), None, Undo::Never).await.unwrap();
    world.other_does(Edit::SetAssignee(theirs.clone())).await;
    world.mine.sync_account_once(world.account).await.unwrap();
    let waiting = world.waiting().await;
    let conflict = waiting[0].conflict.clone().unwrap();
    assert_eq!((&conflict.mine, &conflict.theirs), (&mine, &theirs));

    world.mine.resolve_operation(waiting[0].id, Keep::Theirs).await.unwrap();
    world.mine.sync_account_once(world.account).await.unwrap();
    assert!(world.waiting().await.is_empty());
    assert_eq!(world.server.observed(&world.remote_id).await.tickets[0].assignee, theirs);
    assert_eq!(world.log.count_sends(OperationName::SetAssignee), 0, "mine never left");
}

#[tokio::test(flavor = "multi_thread")]
async fn edits_of_different_fields_and_tags_both_stay() {
    let world = world().await;
    let tags = world.mine.ticket_detail(world.ticket).await.unwrap().tags.value;
    let with = |tag: &str| tags.iter().cloned().chain([tag.to_owned()]).collect::<Vec<_>>();
    world.mine.set_status(world.ticket, Status::WaitingVendor, None).await.unwrap();
    world.mine.edit(world.ticket, Edit::SetTags(with("mine")), None, Undo::Never).await.unwrap();
    world.other_does(Edit::SetPriority(Priority::Urgent)).await;
    world.other_does(Edit::SetTags(with("theirs"))).await;
    let report = world.mine.sync_account_once(world.account).await.unwrap();
    assert_eq!((report.push.sent, report.push.rejected), (2, 0));
    let observed = world.server.observed(&world.remote_id).await.tickets.remove(0);
    assert_eq!((observed.status, observed.priority), (Status::WaitingVendor, Priority::Urgent));
    assert!(observed.tags.contains(&"mine".to_owned()) && observed.tags.contains(&"theirs".to_owned()), "{:?}", observed.tags);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_that_somebody_made_already_is_settled_without_a_request() {
    let world = world().await;
    world.mine.set_status(world.ticket, Status::WaitingVendor, None).await.unwrap();
    world.other_does(Edit::SetStatus(Status::WaitingVendor)).await;
    let report = world.mine.sync_account_once(world.account).await.unwrap();
    assert_eq!((report.push.sent, report.push.rejected, report.push.waiting), (1, 0, 0));
    assert_eq!(world.log.sends.lock().unwrap().len(), 0);
}

/// The mirror does not know yet that the ticket has another version: the server says so, and the field itself is unchanged.
#[tokio::test(flavor = "multi_thread")]
async fn an_edit_on_a_version_that_is_gone_is_planned_anew_and_lands() {
    let world = world().await;
    world.other_does(Edit::SetPriority(Priority::Urgent)).await;
    world.mine.set_status(world.ticket, Status::WaitingVendor, None).await.unwrap();
    let report = deskbell_engine::pusher::push_once(&world.mine, std::time::Duration::from_secs(5)).await.unwrap();
    assert_eq!((report.sent, report.rejected, report.waiting), (1, 0, 0));
    assert_eq!(world.status().await, Status::WaitingVendor);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_that_the_server_has_another_value_for_is_asked_though_the_mirror_does_not_know_it() {
    let world = world().await;
    world.other_does(Edit::SetStatus(Status::Resolved)).await;
    world.mine.set_status(world.ticket, Status::WaitingVendor, None).await.unwrap();
    let report = deskbell_engine::pusher::push_once(&world.mine, std::time::Duration::from_secs(5)).await.unwrap();
    assert_eq!((report.sent, report.rejected), (0, 1));
    let conflict = world.waiting().await[0].conflict.clone().unwrap();
    assert_eq!((conflict.mine.as_str(), conflict.theirs.as_str()), ("waiting_vendor", "resolved"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_that_newer_ones_overtook_is_held_and_goes_when_the_person_says_so() {
    let world = world().await;
    world.mine.put_settings(Settings { hold_stale_replies: true, ..world.mine.settings() }).await.unwrap();
    let seen_notes = Some(world.mine.ticket_detail(world.ticket).await.unwrap().public_notes);
    let reply = |body: &str| Edit::Reply { body: body.to_owned(), visibility: Visibility::Public, files: Vec::new(), seen_notes };
    world.mine.edit(world.ticket, reply("written before"), None, Undo::Never).await.unwrap();
    world.other_does(reply("newer")).await;
    let report = world.mine.sync_account_once(world.account).await.unwrap();
    assert_eq!((report.push.sent, report.push.rejected), (0, 1));
    let waiting = world.waiting().await;
    assert_eq!(waiting[0].code, Some(Code::RepliesSince));
    let shown = world.mine.ticket_detail(world.ticket).await.unwrap();
    assert_eq!(shown.notes.last().unwrap().replies_since, 1);
    assert_eq!(world.server.count_notes(&world.remote_id, "written before").await, 0);

    world.mine.retry_operation(waiting[0].id).await.unwrap();
    let report = world.mine.sync_account_once(world.account).await.unwrap();
    assert_eq!((report.push.sent, report.push.rejected), (1, 0));
    assert_eq!(world.server.count_notes(&world.remote_id, "written before").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_that_newer_ones_overtook_goes_out_and_says_so_while_it_waits() {
    let world = world().await;
    let seen_notes = Some(world.mine.ticket_detail(world.ticket).await.unwrap().public_notes);
    let reply = Edit::Reply { body: "mine".to_owned(), visibility: Visibility::Public, files: Vec::new(), seen_notes };
    world.mine.edit(world.ticket, reply.clone(), None, Undo::Never).await.unwrap();
    world
        .other_does(Edit::Reply { body: "newer".to_owned(), visibility: Visibility::Public, files: Vec::new(), seen_notes: None })
        .await;
    pull_once(&world.mine, world.account).await.unwrap();
    let pending = world.mine.ticket_detail(world.ticket).await.unwrap().notes.pop().unwrap();
    assert_eq!((pending.body.as_str(), pending.replies_since), ("mine", 1));
    let report = world.mine.sync_account_once(world.account).await.unwrap();
    assert_eq!(report.push.sent, 1);
    assert_eq!(world.server.count_notes(&world.remote_id, "mine").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_creation_that_is_refused_holds_what_waits_for_it_and_all_go_after_a_retry() {
    let world = world().await;
    world.log.refuse_creations.store(1, Ordering::SeqCst);
    let new = deskbell_domain::sync::op::NewTicket {
        subject: "Refused first".to_owned(),
        body: "opening words".to_owned(),
        ..Default::default()
    };
    let (ticket, creation) = world.mine.create_ticket(world.account, new, None, Undo::Never).await.unwrap();
    world.mine.reply(ticket, "follows", Visibility::Public, None).await.unwrap();
    world.mine.set_priority(ticket, Priority::Urgent, None).await.unwrap();
    let report = world.mine.sync_account_once(world.account).await.unwrap();
    assert_eq!((report.push.sent, report.push.rejected), (0, 1));
    assert_eq!(world.log.sends.lock().unwrap().len(), 1, "nothing that depends on it leaves");

    world.mine.retry_operation(creation).await.unwrap();
    let report = world.mine.sync_account_once(world.account).await.unwrap();
    assert_eq!((report.push.sent, report.push.rejected, report.push.waiting), (3, 0, 0));
    let shown = world.mine.ticket_detail(ticket).await.unwrap();
    assert!(!shown.local && !shown.remote_id.is_empty());
    assert_eq!(world.server.count_notes(&shown.remote_id, "follows").await, 1);
    assert_eq!(world.server.observed(&shown.remote_id).await.tickets[0].priority, Priority::Urgent);
}
