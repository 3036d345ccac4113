//! Links that lead out of the desk.

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
