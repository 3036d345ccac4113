//! From rows of RT to tickets, notes and events.

use std::collections::{BTreeMap, BTreeSet};

use deskbell_domain::UtcMs;
use deskbell_domain::observation::{
    Fate, Observations, ObservedAttachment, ObservedCustomer, ObservedEvent, ObservedNote, ObservedTicket,
};
use deskbell_domain::sla::event::TicketEventKind;
use deskbell_domain::ticket::{BodyFormat, Role, Visibility};

use super::shape::{AttachmentRow, CustomFieldRow, TicketRow, TransactionRow, instant};
use super::{Inner, MARKER_FIELD, PAGE_ROWS, TAG_FIELDS, TICKET_MARKER_FIELD, words};
use crate::RemoteError;
use deskbell_domain::error::Code;

/// When RT's own agreement ends, RFC 3339 in UTC.
pub const DUE_KEY: &str = "rt:due";
/// The name of RT's own agreement.
pub const SLA_KEY: &str = "rt:sla";
/// The queue's name; its number where we may not see the queue.
pub const QUEUE_KEY: &str = "rt:queue";
/// The owner's user name; absent for nobody.
pub const OWNER_KEY: &str = "rt:owner";
/// Between the values of one field.
pub(super) const VALUES_JOINT: &str = ", ";

/// RT's own hand.
const SYSTEM_USERS: [&str; 2] = ["RT_System", "Nobody"];
pub(super) const NOBODY: &str = "Nobody";

/// Who the customers of each ticket are, and under which ticket a transaction is filed.
#[derive(Debug, Default)]
pub(super) struct Desk {
    requestors: BTreeMap<u64, BTreeSet<String>>,
    /// Merged id → the ticket it became, for transactions that keep their old id.
    became: BTreeMap<u64, u64>,
}

impl Desk {
    pub(super) fn of(rows: &[TicketRow]) -> Self {
        let mut desk = Self::default();
        for row in rows {
            desk.add(row);
        }
        desk
    }

    pub(super) fn add(&mut self, row: &TicketRow) {
        if let Some(id) = row.id.number() {
            let names = row.requestor.0.iter().map(|person| person.key().to_owned()).collect();
            self.requestors.insert(id, names);
        }
    }

    /// Takes over what `other` knows of one ticket.
    pub(super) fn adopt(&mut self, other: &Self, ticket: u64) {
        if let Some(names) = other.requestors.get(&ticket) {
            self.requestors.insert(ticket, names.clone());
        }
    }

    pub(super) fn file_under(&mut self, merged: u64, survivor: u64) {
        self.became.insert(merged, survivor);
    }

    fn role(&self, ticket: u64, author: &str) -> Role {
        if SYSTEM_USERS.contains(&author) {
            return Role::System;
        }
        let is_customer = self.requestors.get(&ticket).is_some_and(|names| names.contains(author));
        if is_customer { Role::Customer } else { Role::Agent }
    }
}

impl Inner {
    /// Notes and events of these transactions, bodies and files included.
    pub(super) async fn converse(&self, transactions: &[TransactionRow], desk: &Desk) -> Result<Observations, RemoteError> {
        let written: Vec<u64> = transactions.iter().filter(|row| is_note(row)).filter_map(|row| row.id.number()).collect();
        let (bodies, mut files) = futures::try_join!(self.all_bodies(&written), self.all_files(&written))?;
        let pictured: Vec<u64> =
            written.iter().copied().filter(|id| bodies.get(id).is_some_and(|parts| shows_pictures(parts))).collect();
        if !pictured.is_empty() {
            group(&mut files, self.pages_of(&pictured, Kind::Unnamed).await?);
        }
        let mut observed = Observations::default();
        for row in transactions {
            let Some((id, filed)) = row.id.number().zip(row.object_id.number()) else { continue };
            let ticket = desk.became.get(&filed).copied().unwrap_or(filed);
            let author = row.creator.0.key();
            let role = desk.role(ticket, author);
            let at = instant(&row.created).unwrap_or(UtcMs(0));
            if let Some(kind) = event_of(row, role, ticket) {
                observed.events.push(ObservedEvent {
                    ticket_remote_id: ticket.to_string(),
                    remote_id: id.to_string(),
                    at,
                    kind,
                    uncertainty_ms: 0,
                    actor: row.creator.0.display_name().to_owned(),
                });
            }
            if is_note(row) {
                let (body, format) = body_of(&bodies, id);
                if row.kind.0 == "Create" && body.trim().is_empty() && !files.contains_key(&id) {
                    continue; // a ticket opened without a text
                }
                observed.notes.push(ObservedNote {
                    ticket_remote_id: ticket.to_string(),
                    remote_id: id.to_string(),
                    author: row.creator.0.display_name().to_owned(),
                    role,
                    visibility: if row.kind.0 == "Comment" { Visibility::Internal } else { Visibility::Public },
                    body,
                    format,
                    created_at: at,
                    marker: marker_of(row),
                    attachments: files.get(&id).map(|rows| rows.iter().map(attachment_of).collect()).unwrap_or_default(),
                });
            }
        }
        Ok(observed)
    }

    /// A set whose bodies together are too large for one answer is asked for in halves; one alone that is too
    /// large stays without its text rather than blocking every later page.
    pub(super) async fn all_bodies(&self, transactions: &[u64]) -> Result<BTreeMap<u64, Vec<AttachmentRow>>, RemoteError> {
        let mut found = BTreeMap::new();
        let mut open: Vec<&[u64]> = if transactions.is_empty() { Vec::new() } else { vec![transactions] };
        while let Some(part) = open.pop() {
            match self.pages_of(part, Kind::Bodies).await {
                Ok(rows) => group(&mut found, rows),
                Err(error) if error.code == Code::AnswerUnexpected && part.len() > 1 => {
                    let (left, right) = part.split_at(part.len() / 2);
                    open.extend([right, left]);
                }
                Err(error) if error.code == Code::AnswerUnexpected => {
                    tracing::warn!(transaction = ?part.first(), "A body is too large and is left out.");
                }
                Err(error) => return Err(error),
            }
        }
        Ok(found)
    }

    pub(super) async fn all_files(&self, transactions: &[u64]) -> Result<BTreeMap<u64, Vec<AttachmentRow>>, RemoteError> {
        let mut found = BTreeMap::new();
        if !transactions.is_empty() {
            group(&mut found, self.pages_of(transactions, Kind::Files).await?);
        }
        Ok(found)
    }

    async fn pages_of(&self, transactions: &[u64], kind: Kind) -> Result<Vec<AttachmentRow>, RemoteError> {
        let mut rows: Vec<AttachmentRow> = Vec::new();
        loop {
            let above = rows.iter().filter_map(|row| row.id.number()).max().unwrap_or(0);
            let page = match kind {
                Kind::Bodies => self.bodies(transactions, above).await?,
                Kind::Files => self.files(transactions, above).await?,
                Kind::Unnamed => self.unnamed(transactions, above).await?,
            };
            let is_last = page.len() < PAGE_ROWS;
            rows.extend(page);
            if is_last {
                return Ok(rows);
            }
        }
    }
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    Bodies,
    Files,
    Unnamed,
}

/// Whether the text refers to parts of its own mail (RFC 2392); those may have no name.
fn shows_pictures(parts: &[AttachmentRow]) -> bool {
    parts.iter().any(|part| part.content_type.0 == "text/html" && part.content.0.contains("cid:"))
}

/// A ticket of a search or a record; `product` replaces the queue's name where the row has only its id.
pub(super) fn ticket_of(row: &TicketRow, product: Option<String>, fate: Fate) -> ObservedTicket {
    let customer = row.requestor.0.first();
    let name = |person: &super::shape::Entity| match (person.real_name.0.trim(), person.email.0.trim()) {
        ("", "") => person.key().to_owned(),
        ("", email) => email.to_owned(),
        (real, _) => real.to_owned(),
    };
    let mut custom_fields: BTreeMap<String, String> = BTreeMap::new();
    for field in &row.custom_fields.0 {
        let values = field.set_values();
        let name = field.name.0.as_str();
        if !values.is_empty() && !TAG_FIELDS.contains(&name) && name != TICKET_MARKER_FIELD {
            custom_fields.insert(name.to_owned(), values.join(VALUES_JOINT));
        }
    }
    let product = product.unwrap_or_else(|| row.queue.0.key().to_owned());
    let owner = if row.owner.0.key() == NOBODY { "" } else { row.owner.0.key() };
    let due = instant(&row.due).map(UtcMs::to_rfc3339).unwrap_or_default();
    // What RT keeps beside the fields, under names that no custom field has.
    for (key, value) in [(DUE_KEY, due.as_str()), (SLA_KEY, &row.sla.0), (QUEUE_KEY, &product), (OWNER_KEY, owner)] {
        if !value.is_empty() {
            custom_fields.insert(key.to_owned(), value.to_owned());
        }
    }
    let created_at = instant(&row.created).unwrap_or(UtcMs(0));
    ObservedTicket {
        remote_id: row.id.0.clone(),
        subject: row.subject.0.clone(),
        status: words::status(&row.status.0),
        status_raw: row.status.0.clone(),
        priority: words::priority(&row.priority.0),
        priority_raw: row.priority.0.clone(),
        product,
        customer: ObservedCustomer {
            remote_id: customer.map(|person| person.key().to_owned()).unwrap_or_default(),
            name: customer.map(name).unwrap_or_default(),
            ..ObservedCustomer::default()
        },
        requester: customer.map(|person| person.key().to_owned()).unwrap_or_default(),
        assignee: owner.to_owned(),
        tags: tag_field(row).map(|field| field.set_values().into_iter().map(str::to_owned).collect()).unwrap_or_default(),
        custom_fields,
        created_at,
        updated_at: instant(&row.last_updated).unwrap_or(created_at),
        version: row.last_updated.0.clone(),
        fate,
        evaluation: None,
    }
}

/// The custom field that holds the ticket's tags, where its queue has one.
pub(super) fn tag_field(row: &TicketRow) -> Option<&CustomFieldRow> {
    row.custom_fields.0.iter().find(|field| TAG_FIELDS.contains(&field.name.0.as_str()))
}

/// The ticket that a merge led to; RT writes it on both tickets, with the survivor's URI.
pub(super) fn merged_into(row: &TransactionRow) -> Option<u64> {
    (row.kind.0 == "AddLink" && row.field.0 == "MergedInto").then(|| row.new_value.0.rsplit('/').next()?.parse().ok()).flatten()
}

pub(super) fn marker_of(row: &TransactionRow) -> Option<String> {
    let field = row.custom_fields.0.iter().find(|field| field.name.0 == MARKER_FIELD)?;
    field.values.0.first().map(|value| value.0.clone()).filter(|marker| !marker.is_empty())
}

pub(super) fn is_note(row: &TransactionRow) -> bool {
    matches!(row.kind.0.as_str(), "Create" | "Correspond" | "Comment")
}

/// The plain text where there is one, else the HTML; parts of one kind follow each other.
pub(super) fn body_of(bodies: &BTreeMap<u64, Vec<AttachmentRow>>, transaction: u64) -> (String, BodyFormat) {
    let parts = bodies.get(&transaction).map(Vec::as_slice).unwrap_or_default();
    let join = |html: bool| {
        let chosen =
            parts.iter().filter(|part| (part.content_type.0 == "text/html") == html && !part.content.0.trim().is_empty());
        chosen.map(|part| part.content.0.as_str()).collect::<Vec<_>>().join("\n")
    };
    let plain = join(false);
    if !plain.is_empty() {
        return (plain, BodyFormat::Text);
    }
    let html = join(true);
    let format = if html.is_empty() { BodyFormat::Text } else { BodyFormat::Html };
    (html, format)
}

fn event_of(row: &TransactionRow, role: Role, ticket: u64) -> Option<TicketEventKind> {
    match row.kind.0.as_str() {
        "Create" => Some(TicketEventKind::Created),
        "Correspond" => Some(TicketEventKind::Replied { by: role }),
        "Status" => Some(TicketEventKind::StatusChanged { to: words::status(&row.new_value.0) }),
        "Set" if row.field.0 == "Priority" => Some(TicketEventKind::PriorityChanged { to: words::priority(&row.new_value.0) }),
        "AddLink" => merged_into(row)
            .filter(|survivor| *survivor != ticket)
            .map(|survivor| TicketEventKind::Merged { into_remote_id: survivor.to_string() }),
        _ => None,
    }
}

fn attachment_of(row: &AttachmentRow) -> ObservedAttachment {
    ObservedAttachment {
        remote_id: row.id.0.clone(),
        name: file_name(row),
        mime: row.content_type.0.clone(),
        size_bytes: row.content_length.number().unwrap_or(0),
        url: String::new(),
    }
}

/// A picture within a text has no name of its own.
fn file_name(row: &AttachmentRow) -> String {
    if !row.filename.0.is_empty() {
        return row.filename.0.clone();
    }
    let kind = row.content_type.0.rsplit('/').next().unwrap_or_default();
    let ending = if kind.bytes().all(|byte| byte.is_ascii_alphanumeric()) { kind } else { "img" };
    format!("image-{}.{ending}", row.id.0)
}

fn group(found: &mut BTreeMap<u64, Vec<AttachmentRow>>, rows: Vec<AttachmentRow>) {
    for row in rows {
        if let Some(transaction) = row.transaction_id.number() {
            found.entry(transaction).or_default().push(row);
        }
    }
}
