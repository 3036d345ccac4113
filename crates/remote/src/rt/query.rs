//! The questions asked of RT.

use std::collections::{BTreeMap, BTreeSet};

use deskbell_domain::error::Code;
use reqwest::{Method, RequestBuilder};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::sync::Mutex;

use super::shape::{AttachmentRow, Collection, Entity, FieldRow, QueueRow, Text, TicketRow, TransactionRow};
use super::{Inner, PAGE_ROWS};
use crate::RemoteError;
use crate::http::HttpClient;

/// Names of queues that were asked for one by one.
pub(super) type QueueNames = Mutex<BTreeMap<String, String>>;

const TICKET_FIELDS: &str = "Subject,Status,Priority,Queue,Requestor,Owner,SLA,Due,Created,LastUpdated,CustomFields";
const TRANSACTION_FIELDS: &str = "Type,ObjectId,Creator,Created,Field,NewValue";
const TRANSACTION_FIELDS_WITH_MARKER: &str = "Type,ObjectId,Creator,Created,Field,NewValue,CustomFields";
/// What becomes a note or an event. Mail records would double every page.
pub(super) const CONVERSATION_TYPES: &str = "(Type = 'Create' OR Type = 'Correspond' OR Type = 'Comment' OR Type = 'Status' \
     OR (Type = 'Set' AND Field = 'Priority') OR (Type = 'AddLink' AND Field = 'MergedInto'))";
/// Both conditions together let RT check rights in SQL, so that pages are not thinned out afterwards.
pub(super) const TICKETS_ONLY: &str = "ObjectType = 'RT::Ticket' AND TicketType = 'ticket'";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    Ascending,
    Descending,
}

/// Whether transactions come with their custom fields, which triples their cost for RT.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Markers {
    Read,
    Skip,
}

/// RT's ticket ids are numbers; anything else would be put into a query as it is.
pub(super) fn ticket_id(remote_id: &str) -> Result<u64, RemoteError> {
    remote_id.parse().map_err(|_| RemoteError::new(Code::NotFound, "a ticket id of Request Tracker is a number"))
}

/// `field = 1 OR field = 2 …`: TransactionSQL and TicketSQL of 5.0 know no IN.
pub(super) fn any_of(field: &str, ids: &[u64]) -> String {
    let terms: Vec<String> = ids.iter().map(|id| format!("{field} = {id}")).collect();
    format!("({})", terms.join(" OR "))
}

impl Inner {
    pub(super) async fn version(&self) -> Result<String, RemoteError> {
        #[derive(serde::Deserialize)]
        struct About {
            #[serde(rename = "Version")]
            version: String,
        }
        let answer = self.session.read(|http| http.request(Method::GET, "REST/2.0/rt")).await?;
        let about: About = answer.success().map_err(no_such_server)?.json()?;
        Ok(about.version)
    }

    /// Queues that we may see, without the disabled ones; their fields come with [`Self::queue`].
    pub(super) async fn queue_ids(&self, page: usize) -> Result<Vec<QueueRow>, RemoteError> {
        let (rows, page) = (PAGE_ROWS.to_string(), page.to_string());
        let ask = |http: &HttpClient| {
            let request = http.request(Method::GET, "REST/2.0/queues/all")?;
            Ok(request.query(&[("per_page", rows.as_str()), ("page", page.as_str()), ("fields", "Name,Disabled")]))
        };
        Ok(self.collection(ask).await?.items)
    }

    /// A queue by id or name.
    pub(super) async fn queue(&self, id: &str) -> Result<QueueRow, RemoteError> {
        let path = format!("REST/2.0/queue/{}", path_segment(id));
        let answer = self.session.read(|http| http.request(Method::GET, &path)).await?;
        answer.success()?.json()
    }

    /// What a custom field takes; `None` where we may not look.
    pub(super) async fn field(&self, id: u64) -> Result<Option<FieldRow>, RemoteError> {
        let path = format!("REST/2.0/customfield/{id}");
        let answer = self.session.read(|http| http.request(Method::GET, &path)).await?;
        match answer.status.as_u16() {
            403 | 404 => Ok(None),
            _ => answer.success()?.json().map(Some),
        }
    }

    /// People with a name, customers among them; empty where we may not look at users.
    pub(super) async fn users(&self, page: usize) -> Result<Vec<Entity>, RemoteError> {
        let (rows, page) = (PAGE_ROWS.to_string(), page.to_string());
        let ask = |http: &HttpClient| {
            let request = http.request(Method::POST, "REST/2.0/users")?;
            let request = request.query(&[("per_page", rows.as_str()), ("page", page.as_str()), ("fields", "Name")]);
            Ok(request.json(&json!([{ "field": "id", "operator": ">", "value": 0 }])))
        };
        let answer = self.session.read(ask).await?;
        if answer.status.as_u16() == 403 {
            return Ok(Vec::new());
        }
        Ok(answer.success()?.json::<Collection<Entity>>()?.items)
    }

    /// Whether this is somebody who works in RT, rather than a customer; `None` where we may not look.
    pub(super) async fn is_staff(&self, user: &str) -> Result<Option<bool>, RemoteError> {
        #[derive(serde::Deserialize)]
        struct User {
            #[serde(rename = "Privileged", default)]
            privileged: Text,
            #[serde(rename = "Disabled", default)]
            disabled: Text,
        }
        let path = format!("REST/2.0/user/{}", path_segment(user));
        let answer = self.session.read(|http| http.request(Method::GET, &path)).await?;
        if !answer.status.is_success() {
            return Ok(None);
        }
        let user = answer.json::<User>()?;
        Ok(Some(user.privileged.0 == "1" && user.disabled.0 != "1"))
    }

    /// `None` where we may not look at users.
    pub(super) async fn real_name(&self, user: &str) -> Result<Option<String>, RemoteError> {
        #[derive(serde::Deserialize)]
        struct User {
            #[serde(rename = "RealName", default)]
            real_name: Text,
        }
        let path = format!("REST/2.0/user/{}", path_segment(user));
        let answer = self.session.read(|http| http.request(Method::GET, &path)).await?;
        if !answer.status.is_success() {
            return Ok(None);
        }
        let name = answer.json::<User>()?.real_name.0;
        Ok((!name.trim().is_empty()).then_some(name))
    }

    pub(super) async fn queue_name(&self, id: &str) -> Result<String, RemoteError> {
        let mut names = self.queue_names.lock().await;
        if let Some(name) = names.get(id) {
            return Ok(name.clone());
        }
        let name = match self.queue(id).await {
            Ok(queue) => queue.name.0,
            Err(error) if matches!(error.code, Code::Forbidden | Code::NotFound) => id.to_owned(),
            Err(error) => return Err(error),
        };
        names.insert(id.to_owned(), name.clone());
        Ok(name)
    }

    /// One page of the live tickets matching TicketSQL, newest first.
    pub(super) async fn tickets(&self, sql: &str, page: usize) -> Result<Collection<TicketRow>, RemoteError> {
        let ask = |http: &HttpClient| {
            Ok(http.request(Method::GET, "REST/2.0/tickets")?.query(&[
                ("query", sql),
                ("orderby", "id"),
                ("order", "DESC"),
                ("per_page", &PAGE_ROWS.to_string()),
                ("page", &page.to_string()),
                ("fields", TICKET_FIELDS),
                ("fields[Queue]", "Name"),
                ("fields[Owner]", "Name"),
                ("fields[Requestor]", "Name,RealName,EmailAddress"),
            ]))
        };
        self.collection(ask).await
    }

    /// The record itself: also deleted tickets, and for a merged one the ticket it became.
    pub(super) async fn ticket_record(&self, id: u64) -> Result<TicketRow, RemoteError> {
        Ok(self.ticket_record_tagged(id).await?.0)
    }

    /// As [`Self::ticket_record`], with the entity tag that a conditional write names.
    pub(super) async fn ticket_record_tagged(&self, id: u64) -> Result<(TicketRow, Option<String>), RemoteError> {
        let path = format!("REST/2.0/ticket/{id}");
        let answer = self.session.read(|http| http.request(Method::GET, &path)).await?.success()?;
        let tag = answer.header("etag").map(str::to_owned);
        Ok((answer.json()?, tag))
    }

    /// Ids among these that no search finds (any more): deleted, merged, or out of our sight.
    pub(super) async fn unlisted(&self, ids: &[u64]) -> Result<Vec<u64>, RemoteError> {
        let sql = any_of("id", ids);
        let rows = PAGE_ROWS.to_string();
        let ask = |http: &HttpClient| {
            let request = http.request(Method::GET, "REST/2.0/tickets")?;
            Ok(request.query(&[("query", sql.as_str()), ("orderby", "id"), ("per_page", &rows), ("fields", "Status")]))
        };
        let page: Collection<TicketRow> = self.collection(ask).await?;
        let listed: BTreeSet<u64> = page.items.iter().filter_map(|row| row.id.number()).collect();
        Ok(ids.iter().copied().filter(|id| !listed.contains(id)).collect())
    }

    /// What RT wrote down about files it would not keep, in this ticket after this transaction.
    pub(super) async fn file_losses(&self, ticket: u64, after: u64) -> Result<Vec<TransactionRow>, RemoteError> {
        let sql = format!(
            "ObjectType = 'RT::Ticket' AND ObjectId = {ticket} AND id > {after} AND (Type = 'AttachmentTruncate' \
             OR Type = 'AttachmentDrop' OR Type = 'AttachmentError')"
        );
        let ask = |http: &HttpClient| {
            let request = http.request(Method::GET, "REST/2.0/transactions")?;
            let fields = "Type,ObjectId,OldValue,NewValue,Data";
            Ok(request.query(&[("query", sql.as_str()), ("orderby", "id"), ("per_page", "100"), ("fields", fields)]))
        };
        Ok(self.collection(ask).await?.items)
    }

    /// One page of transactions matching TransactionSQL.
    pub(super) async fn transactions(
        &self,
        sql: &str,
        direction: Direction,
        markers: Markers,
        page: usize,
    ) -> Result<Vec<TransactionRow>, RemoteError> {
        let order = if direction == Direction::Ascending { "ASC" } else { "DESC" };
        let ask = |http: &HttpClient| {
            let request = http.request(Method::GET, "REST/2.0/transactions")?;
            let request = transaction_page(request.query(&[("query", sql)]), markers, page);
            Ok(request.query(&[("orderby", "id"), ("order", order)]))
        };
        Ok(self.collection(ask).await?.items)
    }

    /// One page of a ticket's transactions, with those of the tickets merged into it; empty after the last.
    pub(super) async fn history(&self, ticket: u64, page: usize) -> Result<Vec<TransactionRow>, RemoteError> {
        let path = format!("REST/2.0/ticket/{ticket}/history");
        let ask = |http: &HttpClient| Ok(transaction_page(http.request(Method::GET, &path)?, Markers::Read, page));
        Ok(self.collection(ask).await?.items)
    }

    /// The written parts of these transactions: text that is no file.
    pub(super) async fn bodies(&self, transactions: &[u64], above: u64) -> Result<Vec<AttachmentRow>, RemoteError> {
        let query = json!([
            { "field": "TransactionId", "operator": "IN", "value": transactions },
            { "field": "id", "operator": ">", "value": above },
            { "field": "ContentType", "operator": "STARTSWITH", "value": "text/" },
            { "field": "Filename", "operator": "IS", "value": "NULL" },
            { "field": "Filename", "operator": "=", "value": "", "entry_aggregator": "OR" },
        ]);
        self.attachments(&query, "TransactionId,ContentType,Content").await
    }

    /// The files of these transactions, without their content.
    pub(super) async fn files(&self, transactions: &[u64], above: u64) -> Result<Vec<AttachmentRow>, RemoteError> {
        let query = json!([
            { "field": "TransactionId", "operator": "IN", "value": transactions },
            { "field": "id", "operator": ">", "value": above },
            { "field": "Filename", "operator": "IS NOT", "value": "NULL" },
            { "field": "Filename", "operator": "!=", "value": "", "entry_aggregator": "AND" },
        ]);
        self.attachments(&query, "TransactionId,ContentType,Filename,ContentLength").await
    }

    /// Pictures within a text, that have no name; without their content.
    pub(super) async fn unnamed(&self, transactions: &[u64], above: u64) -> Result<Vec<AttachmentRow>, RemoteError> {
        let query = json!([
            { "field": "TransactionId", "operator": "IN", "value": transactions },
            { "field": "id", "operator": ">", "value": above },
            { "field": "ContentType", "operator": "STARTSWITH", "value": "image/" },
            { "field": "Filename", "operator": "IS", "value": "NULL" },
            { "field": "Filename", "operator": "=", "value": "", "entry_aggregator": "OR" },
        ]);
        self.attachments(&query, "TransactionId,ContentType,ContentLength").await
    }

    /// The first written part of a transaction with its subject.
    pub(super) async fn headed_bodies(&self, transactions: &[u64]) -> Result<Vec<AttachmentRow>, RemoteError> {
        let query = json!([{ "field": "TransactionId", "operator": "IN", "value": transactions }]);
        self.attachments(&query, "TransactionId,Subject,ContentType,Filename").await
    }

    async fn attachments(&self, query: &Value, fields: &str) -> Result<Vec<AttachmentRow>, RemoteError> {
        let ask = |http: &HttpClient| {
            let request = http.request(Method::POST, "REST/2.0/attachments")?;
            let rows = PAGE_ROWS.to_string();
            Ok(request.query(&[("orderby", "id"), ("per_page", &rows), ("fields", fields)]).json(query))
        };
        Ok(self.collection(ask).await?.items)
    }

    async fn collection<T, F>(&self, ask: F) -> Result<Collection<T>, RemoteError>
    where
        T: DeserializeOwned,
        F: Fn(&HttpClient) -> Result<RequestBuilder, RemoteError> + Sync,
    {
        self.session.read(ask).await?.success()?.json()
    }
}

fn transaction_page(request: RequestBuilder, markers: Markers, page: usize) -> RequestBuilder {
    let fields = if markers == Markers::Read { TRANSACTION_FIELDS_WITH_MARKER } else { TRANSACTION_FIELDS };
    request.query(&[
        ("per_page", PAGE_ROWS.to_string().as_str()),
        ("page", page.to_string().as_str()),
        ("fields", fields),
        ("fields[Creator]", "RealName"),
    ])
}

/// A server without REST 2.0 answers 404 to its first path.
fn no_such_server(mut error: RemoteError) -> RemoteError {
    if error.code == Code::NotFound {
        error.code = Code::NotSupportedServer;
    }
    error
}

/// Percent-encodes whatever could leave the segment (RFC 3986, 3.3).
pub(super) fn path_segment(text: &str) -> String {
    let keep = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.@".contains(&byte);
    let encoded: String =
        text.bytes().map(|byte| if keep(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect();
    if encoded.bytes().all(|byte| byte == b'.') { encoded.replace('.', "%2E") } else { encoded }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_leaves_its_place_in_a_query_or_path() {
        assert_eq!(ticket_id("1 OR id > 0").unwrap_err().code, Code::NotFound);
        assert_eq!(any_of("id", &[1, 22]), "(id = 1 OR id = 22)");
        assert_eq!(path_segment("../a/b?c"), "..%2Fa%2Fb%3Fc");
        assert_eq!(path_segment(".."), "%2E%2E");
        assert_eq!(path_segment("王@rt.test"), "%E7%8E%8B@rt.test");
    }
}
