//! Links that lead out of the desk, and what someone is writing about its people.

use deskbell_domain::Code;
use deskbell_domain::link::WebLink;
use deskbell_engine::EngineError;

use super::Answer;
use crate::commands as list;
use crate::desk::Desk;

pub(crate) async fn link_open(desk: &Desk, args: list::link_open::Args) -> Answer<()> {
    let link = WebLink::new(&args.url).ok_or_else(|| EngineError::new(Code::EndpointInvalid))?;
    desk.file_host().browse(&link).await.map_err(EngineError::new)
}

pub(crate) async fn care_draft(desk: &Desk, _args: list::care_draft::Args) -> Answer<Option<String>> {
    desk.engine()?.care_draft().await
}

pub(crate) async fn care_draft_put(desk: &Desk, args: list::care_draft_put::Args) -> Answer<()> {
    desk.engine()?.put_care_draft(args.draft).await
}
