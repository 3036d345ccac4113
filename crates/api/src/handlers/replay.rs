//! Replaying a history under candidate rules.

use std::sync::Arc;

use deskbell_engine::replay::{PickedHistory, ReplayAnswer};

use super::Answer;
use crate::commands as list;
use crate::desk::Desk;

/// What the export is called until the person calls it something else.
const EXPORT_NAME: &str = "deskbell-replay.csv";

pub(crate) async fn replay_pick(desk: &Desk, _args: list::replay_pick::Args) -> Answer<Option<PickedHistory>> {
    let engine = desk.engine()?;
    match desk.file_host().pick().await.into_iter().next() {
        Some(path) => Ok(Some(engine.pick_history(path).await?)),
        None => Ok(None),
    }
}

pub(crate) async fn replay_run(desk: &Desk, args: list::replay_run::Args) -> Answer<Arc<ReplayAnswer>> {
    desk.engine()?.replay(args.source, args.set).await
}

pub(crate) async fn replay_cancel(desk: &Desk, _args: list::replay_cancel::Args) -> Answer<()> {
    desk.engine()?.cancel_replay();
    Ok(())
}

pub(crate) async fn replay_export(desk: &Desk, _args: list::replay_export::Args) -> Answer<Option<String>> {
    let engine = desk.engine()?;
    let Some(path) = desk.file_host().save_as(EXPORT_NAME).await else { return Ok(None) };
    let shown = path.display().to_string();
    engine.export_replay(path).await?;
    Ok(Some(shown))
}
