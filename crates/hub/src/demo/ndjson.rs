//! The demo's tickets as text, one JSON object a line: any number of them, for imports and measurements.

use deskbell_domain::UtcMs;
use serde_json::{Value, json};

use super::people::People;
use super::timeline::{DemoTicket, Happening};
use super::{build, scenario};
use crate::error::HubError;
use crate::wire::{Role, Visibility};

/// Writes `tickets` lines, the same for the same (now, seed). The first few hundred are a whole demo
/// desk, with its unfinished tickets; the rest are finished ones of further years' worth of scripts.
///
/// # Errors
/// [`HubError::DemoData`] when the embedded scripts are wrong.
pub fn generate_ndjson(tickets: u32, now: UtcMs, seed: u64, mut line: impl FnMut(&str)) -> Result<(), HubError> {
    let people = People::read()?;
    let scenarios = scenario::read_all()?;
    let mut number: u32 = 0;
    let mut round: u64 = 0;
    while number < tickets {
        let built = build::build(&people, &scenarios, now, seed.wrapping_add(round))?;
        for ticket in built.iter().filter(|ticket| round == 0 || !ticket.is_unfinished()) {
            if number == tickets {
                break;
            }
            number += 1;
            line(&to_json(number, ticket, &people).to_string());
        }
        round += 1;
    }
    Ok(())
}

fn to_json(number: u32, ticket: &DemoTicket, people: &People) -> Value {
    let customer = people.customers.iter().find(|customer| customer.id == ticket.customer_id);
    let updated_at = ticket.happenings.last().map_or(ticket.created_at, Happening::at);
    let notes: Vec<Value> = ticket.happenings.iter().filter_map(note).collect();
    json!({
        "id": format!("T-{number}"),
        "subject": ticket.subject,
        "status": ticket.status,
        "priority": ticket.priority,
        "product": ticket.product,
        "customer": customer.map(|customer| customer.name.as_str()).unwrap_or_default(),
        "tags": ticket.tags,
        "requester": ticket.requester,
        "assignee": ticket.assignee,
        "created_at": ticket.created_at.to_rfc3339(),
        "updated_at": updated_at.to_rfc3339(),
        "notes": notes,
    })
}

fn note(happening: &Happening) -> Option<Value> {
    let Happening::Note { at, author, role, visibility, body } = happening else { return None };
    let role = match (role, visibility) {
        (_, Visibility::Internal) => "internal",
        (Role::Customer, Visibility::Public) => "customer",
        _ => "agent",
    };
    Some(json!({ "at": at.to_rfc3339(), "author": author, "role": role, "body": body }))
}
