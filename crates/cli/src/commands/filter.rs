//! `--filter key=value` into a ticket filter.

use std::sync::Arc;

use deskbell_domain::Code;
use deskbell_domain::filter::TicketFilter;
use deskbell_domain::ticket::{Priority, Status};
use deskbell_engine::{Engine, EngineError};

use crate::session;

pub(crate) async fn parse(engine: &Arc<Engine>, pairs: &[String]) -> Result<TicketFilter, EngineError> {
    let mut filter = TicketFilter::default();
    for pair in pairs {
        let (key, value) = pair.split_once('=').ok_or_else(|| invalid(pair))?;
        match key {
            "status" => filter.statuses.push(Status::from_text(value).ok_or_else(|| invalid(pair))?),
            "priority" => filter.priorities.push(Priority::from_text(value).ok_or_else(|| invalid(pair))?),
            "product" => filter.products.push(value.to_owned()),
            "customer" => filter.customers.push(value.to_owned()),
            "account" => filter.accounts.push(session::find_account(engine, value).await?.id),
            "vip" => filter.vip = Some(truth(value).ok_or_else(|| invalid(pair))?),
            "unfinished" => filter.unfinished = truth(value).ok_or_else(|| invalid(pair))?,
            "breached" => filter.breached = truth(value).ok_or_else(|| invalid(pair))?,
            _ => return Err(invalid(pair)),
        }
    }
    Ok(filter)
}

fn truth(value: &str) -> Option<bool> {
    match value {
        "true" | "yes" | "1" => Some(true),
        "false" | "no" | "0" => Some(false),
        _ => None,
    }
}

fn invalid(pair: &str) -> EngineError {
    EngineError::with_detail(Code::InputInvalid, format!("--filter {pair}")).arg("field", "filter")
}
