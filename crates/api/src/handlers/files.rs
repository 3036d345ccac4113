//! Files: picked, pasted, dropped, fetched, shown, saved, opened.

use std::path::PathBuf;

use deskbell_domain::sync::op::FileRef;
use deskbell_engine::EngineError;
use deskbell_engine::events::DeskEvent;
use deskbell_engine::transfer::give::Preview;

use super::Answer;
use crate::commands::{self as list, OpenedFile, PickedFiles};
use crate::desk::Desk;

pub(crate) async fn draft_files_put(desk: &Desk, args: list::draft_files_put::Args) -> Answer<()> {
    desk.engine()?.put_draft_files(args.id, args.files).await
}

pub(crate) async fn file_pick(desk: &Desk, _args: list::file_pick::Args) -> Answer<PickedFiles> {
    let engine = desk.engine()?;
    let (files, problems) = engine.take_files(desk.file_host().pick().await).await;
    Ok(PickedFiles { files, problems })
}

pub(crate) async fn file_paste(desk: &Desk, args: list::file_paste::Args) -> Answer<FileRef> {
    desk.engine()?.take_pasted(&args.name, &args.base64).await
}

pub(crate) async fn attachment_fetch(desk: &Desk, args: list::attachment_fetch::Args) -> Answer<()> {
    desk.engine()?.fetch_attachment(args.id).await
}

pub(crate) async fn attachment_cancel(desk: &Desk, args: list::attachment_cancel::Args) -> Answer<()> {
    desk.engine()?.cancel_fetch(args.id).await
}

pub(crate) async fn attachment_preview(desk: &Desk, args: list::attachment_preview::Args) -> Answer<Preview> {
    desk.engine()?.preview(args.id).await
}

pub(crate) async fn attachment_save_as(desk: &Desk, args: list::attachment_save_as::Args) -> Answer<Option<String>> {
    let engine = desk.engine()?;
    let name = engine.name_to_save(args.id).await?;
    let Some(path) = desk.file_host().save_as(&name).await else { return Ok(None) };
    let shown = path.display().to_string();
    engine.save_to(args.id, path).await?;
    Ok(Some(shown))
}

pub(crate) async fn attachment_open(desk: &Desk, args: list::attachment_open::Args) -> Answer<OpenedFile> {
    let engine = desk.engine()?;
    let warn = engine.open_warning(args.id).await?;
    if warn.is_some() && !args.sure {
        return Ok(OpenedFile { opened: false, warn });
    }
    let path = engine.lay_out(args.id).await?;
    desk.file_host().open(&path).await.map_err(EngineError::new)?;
    Ok(OpenedFile { opened: true, warn: None })
}

impl Desk {
    /// Files hang over the window, or no longer.
    pub fn files_hover(&self, over: bool) {
        self.tell(DeskEvent::FilesHover { over });
    }

    /// Files were dropped on the window: they are taken in, and the page is told which.
    pub async fn files_dropped(&self, paths: Vec<PathBuf>) {
        let Ok(engine) = self.engine() else { return };
        let (files, problems) = engine.take_files(paths).await;
        self.tell(DeskEvent::FilesDropped { files, problems });
    }
}
