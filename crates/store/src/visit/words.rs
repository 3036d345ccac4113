//! What people typed about visits: half-asked requests, sites, and the words of what was taken back.

use deskbell_domain::UtcMs;
use deskbell_domain::scheduling::{VisitBooking, VisitChange, VisitRequest};
use deskbell_domain::sync::op::OperationKind;
use deskbell_domain::ticket::{TicketId, Visibility};
use rusqlite::{OptionalExtension as _, Transaction, params};
use serde_json::{Map, Value, json};

use crate::error::{Result, StoreError};
use crate::mirror::adopt;
use crate::records::OperationRecord;
use crate::writer::Durability;
use crate::{Store, draft};
use deskbell_domain::Code;

/// Drafts of one ticket; the oldest beyond it go.
const DRAFTS_MAX: u32 = 20;
/// Sites remembered of one customer; those used longest ago beyond it go.
const SITES_KEPT_MAX: u32 = 200;

pub(crate) const NEWEST: &str = "SELECT id FROM visit_draft WHERE ticket_id = ? ORDER BY id DESC LIMIT 1";

impl Store {
    /// The newest half-asked request of a ticket.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn visit_draft(&self, ticket: TicketId) -> Result<Option<String>> {
        self.read(|connection| {
            let ticket = adopt::current_id(connection, ticket)?;
            let mut statement = connection.prepare_cached(&format!("SELECT payload FROM visit_draft WHERE id = ({NEWEST})"))?;
            Ok(statement.query_row([ticket.0], |row| row.get(0)).optional()?)
        })
    }

    /// Keeps one instead of the newest; `None` forgets the newest, and the one before it shows again.
    ///
    /// # Errors
    /// `TicketUnknown`.
    pub fn put_visit_draft(&self, ticket: TicketId, payload: Option<&str>, now: UtcMs) -> Result<()> {
        let payload = payload.map(str::to_owned);
        self.write(Durability::Full, move |transaction, _| {
            let ticket = adopt::current_id(transaction, ticket)?;
            drop_newest(transaction, ticket)?;
            match payload {
                Some(payload) => push(transaction, ticket, &payload, now),
                None => Ok(()),
            }
        })
    }

    /// Sites of the customer of a ticket as JSON, the last used first: those typed here, and those of visits made elsewhere.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn known_sites(&self, ticket: TicketId, limit: usize) -> Result<Vec<String>> {
        self.read(|connection| {
            let ticket = adopt::current_id(connection, ticket)?;
            let mut statement = connection.prepare_cached(KNOWN_SITES)?;
            let rows = statement.query_map(params![ticket.0, i64::try_from(limit).unwrap_or(i64::MAX)], |row| row.get(0))?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }
}

pub(crate) const KNOWN_SITES: &str = "
    SELECT payload FROM (
        SELECT site.payload AS payload, site.used_at AS used_at
        FROM ticket JOIN customer ON customer.id = ticket.customer_id
            JOIN site ON site.account_id = customer.account_id AND site.customer_remote_id = customer.remote_id
        WHERE ticket.id = ?1
        UNION ALL
        SELECT json_object('site', json(visit.payload -> 'site'), 'contact', json(visit.payload -> 'contact'),
                           'asset', visit.payload ->> 'asset'), visit.payload ->> 'requested_at'
        FROM ticket JOIN ticket AS other ON other.customer_id = ticket.customer_id AND other.customer_id > 0
            JOIN visit ON visit.ticket_id = other.id
        WHERE ticket.id = ?1)
    GROUP BY payload ORDER BY max(used_at) DESC, payload LIMIT ?2";

pub(crate) const DROP_OLDER: &str = "
    DELETE FROM visit_draft WHERE ticket_id = ?1 AND id NOT IN (
        SELECT id FROM visit_draft WHERE ticket_id = ?1 ORDER BY id DESC LIMIT ?2)";

fn push(transaction: &Transaction<'_>, ticket: TicketId, payload: &str, now: UtcMs) -> Result<()> {
    let inserted = transaction.execute(
        "INSERT INTO visit_draft (ticket_id, account_id, ticket_remote_id, payload, updated_at)
         SELECT id, account_id, remote_id, ?2, ?3 FROM ticket WHERE id = ?1",
        params![ticket.0, payload, now.0],
    )?;
    if inserted == 0 {
        return Err(StoreError::new(Code::TicketUnknown, format!("ticket {}", ticket.0)));
    }
    transaction.execute(DROP_OLDER, params![ticket.0, DRAFTS_MAX])?;
    Ok(())
}

fn drop_newest(transaction: &Transaction<'_>, ticket: TicketId) -> Result<()> {
    let ticket = adopt::current_id(transaction, ticket)?;
    transaction.execute(&format!("DELETE FROM visit_draft WHERE id = ({NEWEST})"), [ticket.0])?;
    Ok(())
}

/// A request that was taken back is the wizard's newest draft.
pub(crate) fn keep_request(
    transaction: &Transaction<'_>,
    gone: &OperationRecord,
    request: &VisitRequest,
    booking: &VisitBooking,
    now: UtcMs,
) -> Result<()> {
    let payload = json!({ "request": request, "booking": booking }).to_string();
    push(transaction, gone.ticket_id, &payload, now)
}

/// The words of a change that was taken back lie beside the reply that is being written.
pub(super) fn keep_change(transaction: &Transaction<'_>, gone: &OperationRecord) -> Result<()> {
    let OperationKind::ChangeVisit { change, .. } = &gone.kind else { return Ok(()) };
    let text = text_of(change);
    if text.is_empty() { Ok(()) } else { draft::restore(transaction, gone, &text, Visibility::Internal, &[]) }
}

/// The report in a change that was taken back is half written again on the page of its visit, ticks and drawing as well; its other words
/// lie beside the reply.
pub(super) fn reopen_change(transaction: &Transaction<'_>, gone: &OperationRecord, now: UtcMs) -> Result<()> {
    let OperationKind::ChangeVisit { visit, change, .. } = &gone.kind else { return Ok(()) };
    if !reopen_report(transaction, gone.ticket_id, visit, change, now)? {
        return keep_change(transaction, gone);
    }
    let rest = VisitChange { checklist: None, findings: None, sign_off: None, ..VisitChange::clone(change) };
    let text = text_of(&rest);
    if text.is_empty() { Ok(()) } else { draft::restore(transaction, gone, &text, Visibility::Internal, &[]) }
}

/// False where no report is in the change, or another one of the visit is being written already.
fn reopen_report(transaction: &Transaction<'_>, ticket: TicketId, visit: &str, change: &VisitChange, now: UtcMs) -> Result<bool> {
    let (Some(checklist), Some(findings)) = (&change.checklist, &change.findings) else { return Ok(false) };
    let ticket = adopt::current_id(transaction, ticket)?;
    let newest = format!("SELECT payload FROM visit_draft WHERE id = ({NEWEST})");
    let kept: Option<String> = transaction.query_row(&newest, [ticket.0], |row| row.get(0)).optional()?;
    let mut parts = match kept.as_deref().map(serde_json::from_str::<Value>) {
        Some(Ok(Value::Object(parts))) => parts,
        Some(_) => return Ok(false),
        None => Map::new(),
    };
    let part = parts.entry(format!("work {visit}")).or_insert_with(|| Value::Object(Map::new()));
    let Some(words) = part.as_object_mut().filter(|words| !words.contains_key("checklist")) else { return Ok(false) };
    words.insert("checklist".to_owned(), json!(checklist));
    words.insert("findings".to_owned(), json!(findings));
    words.insert("name".to_owned(), json!(change.sign_off.as_ref().map_or("", |sign_off| &sign_off.name)));
    words.insert("drawing".to_owned(), json!(change.sign_off.as_ref().and_then(|sign_off| sign_off.drawing.as_deref())));
    drop_newest(transaction, ticket)?;
    push(transaction, ticket, &Value::Object(parts).to_string(), now)?;
    Ok(true)
}

pub(crate) fn text_of(change: &VisitChange) -> String {
    let mut lines: Vec<&str> = vec![&change.reason];
    lines.extend([&change.asset, &change.note, &change.findings].into_iter().flatten().map(String::as_str));
    for item in change.checklist.iter().flatten().filter(|item| !item.finding.trim().is_empty()) {
        lines.extend([item.text.as_str(), item.finding.as_str()]);
    }
    if let Some(contact) = &change.contact {
        lines.extend([contact.name.as_str(), contact.phone.as_str(), contact.email.as_str()]);
    }
    lines.extend(change.sign_off.iter().map(|sign_off| sign_off.name.as_str()));
    lines.retain(|line| !line.trim().is_empty());
    lines.join("\n")
}

/// A request as lines of text, where no draft of its own can hold it.
pub(crate) fn text_of_request(request: &VisitRequest) -> String {
    let site = &request.site;
    let contact = &request.contact;
    let mut lines = vec![
        request.service.as_str(),
        &site.name,
        &site.city,
        &site.address,
        &contact.name,
        &contact.phone,
        &contact.email,
        &request.asset,
        &request.note,
    ];
    lines.retain(|line| !line.trim().is_empty());
    lines.join("\n")
}

/// The drafts of a ticket as lines of text, the newest first: for a ticket that goes whole.
pub(crate) fn texts_of_drafts(transaction: &Transaction<'_>, ticket: TicketId) -> Result<Vec<String>> {
    let mut statement = transaction.prepare_cached(TEXTS_OF_DRAFTS)?;
    let rows = statement.query_map([ticket.0], |row| row.get::<_, Option<String>>(0))?;
    Ok(rows.collect::<rusqlite::Result<Vec<_>>>()?.into_iter().flatten().collect())
}

pub(crate) const TEXTS_OF_DRAFTS: &str = "
    SELECT (SELECT group_concat(word.atom, char(10)) FROM json_tree(visit_draft.payload) AS word WHERE word.type = 'text')
    FROM visit_draft WHERE ticket_id = ? ORDER BY id DESC";

/// Remembers where a customer's machines stand.
pub(crate) fn remember_site(transaction: &Transaction<'_>, ticket: TicketId, payload: &str, now: UtcMs) -> Result<()> {
    let ticket = adopt::current_id(transaction, ticket)?;
    let customer: Option<(i64, String)> = transaction
        .query_row(
            "SELECT customer.account_id, customer.remote_id FROM ticket JOIN customer ON customer.id = ticket.customer_id
             WHERE ticket.id = ?",
            [ticket.0],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .optional()?;
    let Some((account, customer)) = customer else { return Ok(()) };
    transaction.execute(
        "INSERT INTO site (account_id, customer_remote_id, payload, used_at) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (account_id, customer_remote_id, payload) DO UPDATE SET used_at = ?4",
        params![account, customer, payload, now.0],
    )?;
    transaction.execute(FORGET_SITES, params![account, customer, SITES_KEPT_MAX])?;
    Ok(())
}

pub(crate) const FORGET_SITES: &str = "
    DELETE FROM site WHERE account_id = ?1 AND customer_remote_id = ?2 AND id NOT IN (
        SELECT id FROM site WHERE account_id = ?1 AND customer_remote_id = ?2 ORDER BY used_at DESC, id DESC LIMIT ?3)";
