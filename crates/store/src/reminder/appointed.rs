//! Confirmed visits, as reminders look at them.

use deskbell_domain::UtcMs;
use deskbell_domain::reminder::About;
use deskbell_domain::scheduling::{Visit, VisitEventKind};
use deskbell_domain::ticket::TicketId;
use rusqlite::Row;

use crate::Store;
use crate::error::Result;
use crate::visit::VISIT_MS_MAX;

/// A confirmed visit, as reminders look at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppointedVisit {
    pub key: String,
    pub ticket: Option<TicketId>,
    pub start: UtcMs,
    pub end: UtcMs,
    /// When it was given a slot after it had waited for one; `None` where it was confirmed at once.
    pub given_at: Option<UtcMs>,
    pub about: About,
}

pub(crate) const APPOINTED: &str = "
    SELECT visit.key, visit.ticket_id, visit.start_at, visit.end_at, visit.payload, coalesce(ticket.subject, ''),
           coalesce(customer.name, ''),
           coalesce((SELECT engineer.value ->> 'name' FROM service_centre, json_each(service_centre.payload, '$.engineers') AS engineer
                     WHERE service_centre.account_id = visit.account_id AND service_centre.payload ->> 'id' = visit.centre_id
                         AND engineer.value ->> 'id' = visit.engineer_id LIMIT 1), visit.engineer_id),
           visit.carrier_ticket_id IS NOT NULL
    FROM visit LEFT JOIN ticket ON ticket.id = visit.ticket_id LEFT JOIN customer ON customer.id = ticket.customer_id
    WHERE visit.start_at > ?3 AND visit.start_at < ?2 AND visit.end_at > ?1 AND visit.state = 'confirmed'
    ORDER BY visit.start_at, visit.id LIMIT 2000";

impl Store {
    /// Confirmed visits that are not over at `now` and begin before `until`, by their start; at most 2,000.
    ///
    /// # Errors
    /// Codes of the storage.
    pub fn appointed_visits(&self, now: UtcMs, until: UtcMs) -> Result<Vec<AppointedVisit>> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(APPOINTED)?;
            let mut rows = statement.query([now.0, until.0, now.plus_ms(-VISIT_MS_MAX).0])?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                found.push(appointed(row)?);
            }
            Ok(found)
        })
    }
}

fn appointed(row: &Row<'_>) -> Result<AppointedVisit> {
    let visit: Visit = serde_json::from_str(row.get_ref(4)?.as_str().map_err(rusqlite::Error::from)?)?;
    let is_carried: bool = row.get(8)?;
    let start = UtcMs(row.get(2)?);
    let waited = visit.history.iter().any(|event| event.kind == VisitEventKind::Waitlisted) || is_carried;
    let given = |kinds: &[VisitEventKind]| {
        visit.history.iter().rev().find(|event| kinds.contains(&event.kind) && event.start == Some(start)).map(|event| event.at)
    };
    let kinds: &[VisitEventKind] =
        if is_carried { &[VisitEventKind::Confirmed, VisitEventKind::Rescheduled] } else { &[VisitEventKind::Confirmed] };
    let place = [visit.site.name.as_str(), visit.site.city.as_str(), visit.site.address.as_str()];
    let place: Vec<&str> = place.into_iter().filter(|text| !text.trim().is_empty()).take(2).collect();
    Ok(AppointedVisit {
        key: row.get(0)?,
        ticket: row.get::<_, Option<i64>>(1)?.map(TicketId),
        start,
        end: UtcMs(row.get(3)?),
        given_at: if waited { given(kinds) } else { None },
        about: About {
            title: row.get(5)?,
            customer: row.get(6)?,
            ticket: visit.ticket_remote_id.clone(),
            service: visit.service.as_str().to_owned(),
            place: place.join(" · "),
            who: row.get(7)?,
            url: String::new(),
        },
    })
}
