//! Briefs and reports, on the screen and on paper.

use deskbell_domain::Code;
use deskbell_engine::EngineError;
use deskbell_engine::handover::{Handover, HandoverQuestion};

use super::Answer;
use crate::commands as list;
use crate::desk::Desk;

pub(crate) async fn handover(desk: &Desk, args: list::handover::Args) -> Answer<Handover> {
    let list::handover::Args { manager, account, customer, from, to } = args;
    desk.engine()?.handover(HandoverQuestion { manager, account, customer, from, to }).await
}

pub(crate) async fn handover_pdf(_desk: &Desk, _args: list::handover_pdf::Args) -> Answer<Option<String>> {
    Err(EngineError::new(Code::PaperFailed))
}

pub(crate) async fn visit_report_pdf(_desk: &Desk, _args: list::visit_report_pdf::Args) -> Answer<Option<String>> {
    Err(EngineError::new(Code::PaperFailed))
}
