//! Situations of a desk, played on real database files.

mod alerts;
mod backup;
mod bell;
mod calendars;
mod clocks;
mod conflicts;
#[cfg(feature = "failpoints")]
mod failpoint;
mod files;
mod lists;
mod local;
mod measure;
mod migration;
mod mirror;
mod opening;
mod outbox;
mod people;
mod plans;
mod rekey;
mod rules;
mod salvage;
mod search;
mod ticket_log;
mod visits;
mod waits;

use std::collections::BTreeMap;

use deskbell_domain::UtcMs;
use deskbell_domain::observation::{Fate, Observations, ObservedCustomer, ObservedEvent, ObservedNote, ObservedTicket};
use deskbell_domain::sla::event::TicketEventKind;
use deskbell_domain::sync::op::{OperationId, OperationKind};
use deskbell_domain::ticket::{AccountId, BodyFormat, Priority, ProviderKind, Role, Status, TicketId, Visibility};
use tempfile::TempDir;

use crate::{DatabaseKey, NewAccount, NewOperation, Store};

const NOW: UtcMs = UtcMs(1_800_000_000_000);

/// A store in its own directory, with one account.
struct Desk {
    dir: TempDir,
    key: DatabaseKey,
    store: Store,
    account: AccountId,
}

fn new_account(user: &str) -> NewAccount {
    NewAccount {
        kind: ProviderKind::Rt,
        name: "RT".into(),
        endpoint: "https://rt.example.com".into(),
        user: user.into(),
        demo: false,
    }
}

impl Desk {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let key = DatabaseKey::random().unwrap();
        let store = Store::open(dir.path(), &key, NOW).unwrap();
        let account = store.add_account(&new_account("agent"), NOW).unwrap();
        Self { dir, key, store, account }
    }

    /// Closes and opens the database, as a restart does.
    fn reopened(self) -> Self {
        let Self { dir, key, store, account } = self;
        drop(store);
        let store = Store::open(dir.path(), &key, NOW).unwrap();
        Self { dir, key, store, account }
    }

    fn apply(&self, page: &Observations) -> crate::Applied {
        self.store.apply_page(self.account, page, &[], "next", true, NOW).unwrap()
    }

    fn ticket(&self, remote_id: &str) -> TicketId {
        self.store.ticket_id(self.account, remote_id).unwrap().unwrap()
    }

    /// One ticket with one question in it.
    fn with_ticket(remote_id: &str) -> (Self, TicketId) {
        let desk = Self::new();
        desk.apply(&Observations {
            tickets: vec![ticket(remote_id)],
            notes: vec![note(remote_id, "n1", "云服务器宕机，求助")],
            events: vec![created(remote_id)],
        });
        let id = desk.ticket(remote_id);
        (desk, id)
    }

    fn enqueue(&self, ticket: TicketId, kind: OperationKind, marker: &str) -> OperationId {
        self.store.enqueue(&NewOperation { ticket_id: ticket, kind, marker: marker.into() }, NOW).unwrap()
    }
}

fn ticket(remote_id: &str) -> ObservedTicket {
    ObservedTicket {
        remote_id: remote_id.into(),
        subject: format!("subject {remote_id}"),
        status: Status::Open,
        status_raw: "open".into(),
        priority: Priority::Important,
        priority_raw: "50".into(),
        product: "ECS".into(),
        customer: ObservedCustomer { remote_id: "c1".into(), name: "华东支付".into(), ..ObservedCustomer::default() },
        requester: "li".into(),
        assignee: "wang".into(),
        tags: vec!["网络".into()],
        custom_fields: BTreeMap::from([("region".into(), "cn-east".into())]),
        created_at: NOW.plus_ms(-1_000),
        updated_at: NOW,
        version: "v1".into(),
        fate: Fate::Live,
        evaluation: None,
    }
}

fn note(ticket: &str, remote_id: &str, body: &str) -> ObservedNote {
    ObservedNote {
        ticket_remote_id: ticket.into(),
        remote_id: remote_id.into(),
        author: "李".into(),
        role: Role::Customer,
        visibility: Visibility::Public,
        body: body.into(),
        format: BodyFormat::Text,
        created_at: NOW,
        marker: None,
        attachments: Vec::new(),
    }
}

fn created(ticket: &str) -> ObservedEvent {
    ObservedEvent {
        ticket_remote_id: ticket.into(),
        remote_id: format!("created-{ticket}"),
        at: NOW.plus_ms(-1_000),
        kind: TicketEventKind::Created,
        uncertainty_ms: 0,
        actor: String::new(),
    }
}

fn reply(body: &str) -> OperationKind {
    OperationKind::reply(body, Visibility::Public)
}
