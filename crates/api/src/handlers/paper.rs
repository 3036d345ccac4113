//! Briefs and reports, on the screen and on paper.

use deskbell_domain::Code;
use deskbell_engine::EngineError;
use deskbell_engine::handover::{Handover, HandoverQuestion};
use deskbell_engine::paper::Paper;

use super::Answer;
use crate::commands as list;
use crate::desk::Desk;

pub(crate) async fn handover(desk: &Desk, args: list::handover::Args) -> Answer<Handover> {
    let list::handover::Args { manager, account, customer, from, to } = args;
    desk.engine()?.handover(HandoverQuestion { manager, account, customer, from, to }).await
}

pub(crate) async fn handover_pdf(desk: &Desk, args: list::handover_pdf::Args) -> Answer<Option<String>> {
    let list::handover_pdf::Args { manager, account, customer, from, to } = args;
    let question = HandoverQuestion { manager, account, customer, from, to };
    save(desk, desk.engine()?.handover_paper(question).await?).await
}

pub(crate) async fn visit_report_pdf(desk: &Desk, args: list::visit_report_pdf::Args) -> Answer<Option<String>> {
    save(desk, desk.engine()?.visit_report_paper(&args.key).await?).await
}

/// Sets it first: where there is no font nobody is asked for a place.
async fn save(desk: &Desk, paper: Paper) -> Answer<Option<String>> {
    let Paper { document, file_name } = paper;
    let bytes = tokio::task::spawn_blocking(move || deskbell_paper::set(&document)).await?;
    let bytes = bytes.map_err(|error| EngineError::with_detail(error.code(), error.to_string()))?;
    let Some(path) = desk.file_host().save_as(&file_name).await else { return Ok(None) };
    let shown = path.display().to_string();
    let written = tokio::task::spawn_blocking(move || std::fs::write(path, bytes)).await?;
    written.map_err(|error| EngineError::with_detail(Code::FileUnwritable, error.to_string()))?;
    Ok(Some(shown))
}
