//! One function a command.

mod accounts;
mod bell;
mod calendars;
mod diagnosis;
mod directory;
mod edits;
mod files;
mod links;
mod notification;
mod paper;
mod people;
mod reminders;
mod replay;
mod robots;
mod rules;
mod visits;

use std::time::Duration;

use deskbell_domain::ticket::BodyFormat;
use deskbell_engine::EngineError;
use deskbell_engine::events::SyncStatus;
use deskbell_engine::records::{Facets, OperationRecord, SearchAnswer, Store, TicketPage};
use deskbell_engine::state::{AppState, Settings};
use deskbell_engine::view::ticket::TicketDetail;
use deskbell_engine::view::watch::Watch;

pub(crate) use accounts::*;
pub(crate) use bell::*;
pub(crate) use calendars::*;
pub(crate) use diagnosis::*;
pub(crate) use directory::*;
pub(crate) use edits::*;
pub(crate) use files::*;
pub(crate) use links::*;
pub(crate) use notification::*;
pub(crate) use paper::*;
pub(crate) use people::*;
pub(crate) use reminders::*;
pub(crate) use replay::*;
pub(crate) use robots::*;
pub(crate) use rules::*;
pub(crate) use visits::*;

use crate::commands as list;
use crate::desk::Desk;

/// Longest list a window asks for at once.
const ROWS_MAX: u32 = 500;
/// Longest wait for a conversation that has not come yet; the mirror is shown meanwhile.
const REFRESH_WAIT: Duration = Duration::from_secs(4);

pub(crate) type Answer<T> = Result<T, EngineError>;

pub(crate) async fn app_state(desk: &Desk, _args: list::app_state::Args) -> Answer<AppState> {
    desk.state().await
}

pub(crate) async fn vault_create(desk: &Desk, args: list::vault_create::Args) -> Answer<AppState> {
    desk.create_vault(args.passphrase).await?;
    desk.state().await
}

pub(crate) async fn vault_unlock(desk: &Desk, args: list::vault_unlock::Args) -> Answer<AppState> {
    desk.unlock_vault(args.passphrase).await?;
    desk.state().await
}

pub(crate) async fn settings_put(desk: &Desk, args: list::settings_put::Args) -> Answer<Settings> {
    let kept = desk.engine()?.put_settings(args.settings).await?;
    // The tray sets them too, and follows what the window sets.
    desk.emit_state().await;
    Ok(kept)
}

pub(crate) async fn sync_status(desk: &Desk, _args: list::sync_status::Args) -> Answer<SyncStatus> {
    desk.engine()?.sync_status().await
}

pub(crate) async fn sync_now(desk: &Desk, args: list::sync_now::Args) -> Answer<()> {
    desk.engine()?.sync_now(args.account).await
}

pub(crate) async fn ticket_rows(desk: &Desk, args: list::ticket_rows::Args) -> Answer<TicketPage> {
    let limit = args.limit.min(ROWS_MAX);
    desk.engine()?.read(move |store| store.ticket_rows(&args.filter, args.order, u64::from(args.start), limit)).await
}

pub(crate) async fn ticket_position(desk: &Desk, args: list::ticket_position::Args) -> Answer<Option<u64>> {
    desk.engine()?.read(move |store| store.position(&args.filter, args.order, args.id)).await
}

pub(crate) async fn ticket_facets(desk: &Desk, args: list::ticket_facets::Args) -> Answer<Facets> {
    desk.engine()?.read(move |store| store.facets(&args.filter)).await
}

pub(crate) async fn ticket_get(desk: &Desk, args: list::ticket_get::Args) -> Answer<TicketDetail> {
    let engine = desk.engine()?;
    let mut detail = engine.ticket_detail(args.id).await?;
    if !detail.notes_complete && !engine.settings().work_offline {
        let refreshed = tokio::time::timeout(REFRESH_WAIT, engine.refresh_ticket(args.id)).await;
        if matches!(refreshed, Ok(Ok(()))) {
            detail = engine.ticket_detail(args.id).await?;
        }
    }
    for note in &mut detail.notes {
        if note.format == BodyFormat::Html {
            note.body = ammonia::clean(&note.body);
        }
    }
    Ok(detail)
}

pub(crate) async fn draft_put(desk: &Desk, args: list::draft_put::Args) -> Answer<()> {
    desk.engine()?.put_draft(args.id, args.body, args.visibility).await
}

pub(crate) async fn search(desk: &Desk, args: list::search::Args) -> Answer<SearchAnswer> {
    let limit = args.limit.min(ROWS_MAX);
    desk.engine()?.read(move |store| store.search(&args.query, &args.filter, limit)).await
}

pub(crate) async fn watch(desk: &Desk, _args: list::watch::Args) -> Answer<Watch> {
    desk.engine()?.watch().await
}

pub(crate) async fn outbox(desk: &Desk, _args: list::outbox::Args) -> Answer<Vec<OperationRecord>> {
    desk.engine()?.read(Store::outbox).await
}
