//! Signatures against the official vectors, answers against a server that misbehaves, everything else against the hub's
//! Workorder endpoint.

mod answers;
mod endpoint;
mod pulling;
mod sending;
mod signing;

use std::collections::BTreeMap;
use std::time::Duration;

use deskbell_domain::UtcMs;
use deskbell_domain::error::Code;
use deskbell_domain::sync::op::{OperationKind, Receipt};
use deskbell_domain::ticket::{AccountOptions, Status, Visibility};
use deskbell_hub::{Fault, Faults, HubConfig, HubServer, RunningHub, WorkorderConfig, seed_demo};
use serde_json::{Value, json};

use super::*;

fn operation(marker: &str, ticket: &str, kind: OperationKind) -> OutboundOperation {
    OutboundOperation {
        marker: marker.to_owned(),
        ticket_remote_id: ticket.to_owned(),
        kind,
        base_version: String::new(),
        created_at: client::now(),
        uploaded: BTreeMap::new(),
        opened_by_others: Vec::new(),
        visit_remote_id: String::new(),
        visit_version: String::new(),
    }
}

fn reply(ticket: &str, body: &str) -> OutboundOperation {
    operation("m", ticket, OperationKind::reply(body, Visibility::Public))
}

/// A client of an endpoint, with as many requests as it likes.
fn client_of(url: &str, user: &str, secret: &str) -> AliyunApi {
    AliyunApi::new(HttpClient::new(url).unwrap(), user, &SecretString::from(secret))
}
