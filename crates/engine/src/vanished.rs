//! Tickets that no feed tells of any more: deleted, or moved out of the account's sight. They are asked for now and then,
//! those on which work is owed, so that none stays on the desk as if it still stood.

use std::sync::Arc;

use deskbell_domain::UtcMs;
use deskbell_domain::filter::{TicketFilter, TicketOrder};
use deskbell_domain::observation::{Observations, ObservedEvent, ObservedTicket};
use deskbell_domain::sla::event::TicketEventKind;
use deskbell_domain::ticket::AccountId;
use deskbell_domain::time::MINUTE_MS;

use crate::engine::{Engine, guard};
use crate::error::EngineError;

/// Between two rounds of one account.
const ROUND_MS: i64 = 15 * MINUTE_MS;
/// Tickets asked for in one round; the next round goes on behind them.
const ROUND_TICKETS_MAX: u32 = 200;

/// When an account's last round was, and where the next begins in its list of unfinished tickets.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Round {
    at: Option<UtcMs>,
    next: u64,
}

/// One round, when its time has come. A failure waits for the next pull.
pub(crate) async fn look(engine: &Arc<Engine>, account: AccountId) {
    let now = engine.now();
    let round = guard(&engine.rounds).get(&account).copied().unwrap_or_default();
    // A clock that was set back begins anew.
    if round.at.is_some_and(|at| (0..ROUND_MS).contains(&now.ms_since(at))) {
        return;
    }
    match ask(engine, account, round.next).await {
        Ok(next) => {
            guard(&engine.rounds).insert(account, Round { at: Some(now), next });
        }
        Err(error) => {
            tracing::warn!(account = account.0, code = error.code.as_str(), "Vanished tickets could not be asked for.");
        }
    }
}

/// Asks for one window of the list; answers where the next begins.
async fn ask(engine: &Arc<Engine>, account: AccountId, start: u64) -> Result<u64, EngineError> {
    let api = engine.api(account)?;
    let filter = TicketFilter { accounts: vec![account], unfinished: true, ..TicketFilter::default() };
    let page = engine.read(move |store| store.ticket_rows(&filter, TicketOrder::Created, start, ROUND_TICKETS_MAX)).await?;
    let ids: Vec<String> = page.rows.iter().map(|row| row.remote_id.clone()).filter(|id| !id.is_empty()).collect();
    let next = start + page.rows.len() as u64;
    let next = if next >= page.total { 0 } else { next };
    if ids.is_empty() {
        return Ok(next);
    }
    let gone = api.vanished(&ids).await?;
    if !gone.is_empty() {
        tracing::info!(account = account.0, tickets = gone.len(), "Tickets are gone from their server, or out of sight there.");
        let now = engine.now();
        let observations = tombstones(&gone, now);
        let applied = engine.read(move |store| store.apply_ticket(account, &observations, now)).await?;
        engine.after_observing(account, applied).await;
    }
    Ok(next)
}

/// Only the id is known of them; the store keeps what it had.
fn tombstones(remote_ids: &[String], at: UtcMs) -> Observations {
    let event = |remote_id: &String| ObservedEvent {
        ticket_remote_id: remote_id.clone(),
        remote_id: format!("vanished-{remote_id}"),
        at,
        kind: TicketEventKind::Deleted,
        uncertainty_ms: u64::try_from(ROUND_MS).unwrap_or_default(),
        actor: String::new(),
    };
    Observations {
        tickets: remote_ids.iter().map(|id| ObservedTicket::gone(id, at)).collect(),
        notes: Vec::new(),
        events: remote_ids.iter().map(event).collect(),
    }
}
