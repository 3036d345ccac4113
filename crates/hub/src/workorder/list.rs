//! ListTickets: pages by their number, newest first. Rows carry no time of change, as documented.

use rusqlite::{Connection, params};
use serde_json::{Value, json};

use super::answer::{Fault, request_id};
use super::operations::{status_json, status_number};
use super::parameters::{Parameters, integer, joined, ticket_id, ticket_number};
use crate::error::HubError;

const PAGE_SIZES: std::ops::RangeInclusive<i64> = 10..=100;
const STATUSES_MAX: usize = 11;

/// What is looked for.
pub(super) struct Asked {
    page_number: i64,
    page_size: i64,
    from: i64,
    to: i64,
    keyword: String,
    /// `None` for any.
    ids: Option<Vec<i64>>,
    statuses: Vec<u8>,
}

fn status_of(text: &str) -> Option<u8> {
    // One page spells wait-feedback.
    Some(match text.replace('-', "_").as_str() {
        "1" | "assigned" => 1,
        "2" | "dealing" => 2,
        "3" | "wait_feedback" => 3,
        "4" | "feedback" => 4,
        "5" | "wait_confirm" => 5,
        "6" | "confirmed" => 6,
        _ => return None,
    })
}

impl Asked {
    pub(super) fn read(told: &Parameters) -> Result<Self, Fault> {
        let page_number = integer(told.needed_in_query("PageNumber")?, "PageNumber")?;
        let page_size = integer(told.needed_in_query("PageSize")?, "PageSize")?;
        if page_number < 1 || !PAGE_SIZES.contains(&page_size) {
            return Err(Fault::illegal("PageNumber begins with 1, PageSize goes from 10 to 100"));
        }
        let words = told.list_in_body("StatusList");
        let statuses: Vec<u8> = words.iter().filter_map(|word| status_of(word)).collect();
        if words.len() > STATUSES_MAX || statuses.len() != words.len() {
            return Err(Fault::illegal(format!("StatusList has at most {STATUSES_MAX} known statuses")));
        }
        let instant = |name: &str, default| told.in_body(name).map_or(Ok(default), |text| integer(text, name));
        let mut asked: Vec<&str> = joined(told.in_body("TicketIdList"));
        asked.extend(told.in_body("TicketId"));
        // An id that was never given out is found nowhere.
        let ids = asked.iter().map(|id| ticket_number(id).unwrap_or(-1)).collect();
        Ok(Self {
            page_number,
            page_size,
            from: instant("StartDate", i64::MIN)?,
            to: instant("EndDate", i64::MAX)?,
            keyword: told.in_body("Keyword").unwrap_or_default().to_lowercase(),
            ids: if asked.is_empty() { None } else { Some(ids) },
            statuses,
        })
    }
}

struct Row {
    id: i64,
    subject: String,
    description: String,
    status: u8,
}

fn rows(connection: &Connection, asked: &Asked) -> Result<Vec<Row>, HubError> {
    let mut statement = connection.prepare_cached(
        "SELECT t.id, t.subject, t.status, \
         coalesce((SELECT body FROM notes n WHERE n.ticket_id = t.id ORDER BY n.id LIMIT 1), ''), \
         EXISTS (SELECT 1 FROM notes n WHERE n.ticket_id = t.id AND n.visibility = 'public' AND n.role = 'agent'), \
         coalesce((SELECT role FROM notes n WHERE n.ticket_id = t.id AND n.visibility = 'public' ORDER BY n.id DESC LIMIT 1), '') \
         FROM tickets t WHERE t.created_at BETWEEN ?1 AND ?2 ORDER BY t.id DESC",
    )?;
    let found = statement.query_map(params![asked.from, asked.to], |row| {
        let texts: (String, String) = (row.get(2)?, row.get(5)?);
        Ok((row.get(0)?, row.get(1)?, row.get(3)?, texts, row.get::<_, bool>(4)?))
    })?;
    let mut rows = Vec::new();
    for row in found {
        let (id, subject, description, (status, last), is_answered) = row?;
        let status = serde_json::from_value(Value::String(status))?;
        rows.push(Row { id, subject, description, status: status_number(status, is_answered, last == "customer") });
    }
    Ok(rows)
}

pub(super) fn tickets(connection: &Connection, asked: &Asked) -> Result<Value, Fault> {
    let contains = |row: &Row| {
        asked.keyword.is_empty()
            || row.subject.to_lowercase().contains(&asked.keyword)
            || row.description.to_lowercase().contains(&asked.keyword)
    };
    let mut found = rows(connection, asked)?;
    found.retain(|row| {
        asked.ids.as_ref().is_none_or(|ids| ids.contains(&row.id))
            && (asked.statuses.is_empty() || asked.statuses.contains(&row.status))
            && contains(row)
    });
    let skipped = usize::try_from((asked.page_number - 1).saturating_mul(asked.page_size)).unwrap_or(usize::MAX);
    let size = usize::try_from(asked.page_size).unwrap_or(0);
    let page: Vec<Value> = found
        .iter()
        .skip(skipped)
        .take(size)
        .map(|row| json!({ "TicketId": ticket_id(row.id), "Title": row.subject, "Status": status_json(row.status) }))
        .collect();
    Ok(json!({ "RequestId": request_id(), "Success": true, "Code": 0, "Message": "入参解析失败", "PageNumber": asked.page_number,
        "PageSize": asked.page_size, "TotalCount": found.len(), "Data": page }))
}
