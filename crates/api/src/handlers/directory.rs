//! Phone lines, service centres and calls.

use deskbell_domain::Code;
use deskbell_domain::directory::{Problem, TelUri};
use deskbell_engine::EngineError;
use deskbell_engine::directory::{
    Call, CentreEntry, Directory, FoundPlace, ImportPlan, LineEntry, Recommended, find_places, qr_svg,
};
use deskbell_engine::records::CallWords;

use super::Answer;
use crate::commands as list;
use crate::desk::Desk;

pub(crate) async fn directory(desk: &Desk, _args: list::directory::Args) -> Answer<Directory> {
    desk.engine()?.directory().await
}

pub(crate) async fn line_check(desk: &Desk, args: list::line_check::Args) -> Answer<Vec<Problem>> {
    Ok(desk.engine()?.check_line(&args.line))
}

pub(crate) async fn centre_check(desk: &Desk, args: list::centre_check::Args) -> Answer<Vec<Problem>> {
    Ok(desk.engine()?.check_centre(&args.centre))
}

pub(crate) async fn line_put(desk: &Desk, args: list::line_put::Args) -> Answer<LineEntry> {
    desk.engine()?.put_line(args.key, args.line).await
}

pub(crate) async fn centre_put(desk: &Desk, args: list::centre_put::Args) -> Answer<CentreEntry> {
    desk.engine()?.put_centre(args.key, args.centre).await
}

pub(crate) async fn directory_draft(desk: &Desk, _args: list::directory_draft::Args) -> Answer<Option<String>> {
    desk.engine()?.directory_draft().await
}

pub(crate) async fn directory_draft_put(desk: &Desk, args: list::directory_draft_put::Args) -> Answer<()> {
    desk.engine()?.put_directory_draft(args.draft).await
}

pub(crate) async fn entry_remove(desk: &Desk, args: list::entry_remove::Args) -> Answer<()> {
    desk.engine()?.remove_entry(args.kind, &args.key).await
}

pub(crate) async fn entry_restore(desk: &Desk, args: list::entry_restore::Args) -> Answer<()> {
    desk.engine()?.restore_entry(args.kind, &args.key).await
}

pub(crate) async fn entry_verified(desk: &Desk, args: list::entry_verified::Args) -> Answer<()> {
    desk.engine()?.verify_entry(args.kind, &args.key).await
}

pub(crate) async fn directory_export(desk: &Desk, args: list::directory_export::Args) -> Answer<Option<String>> {
    let engine = desk.engine()?;
    let name = format!("deskbell-{}s.{}", args.kind.as_str(), args.format.ending());
    let Some(path) = desk.file_host().save_as(&name).await else { return Ok(None) };
    let shown = path.display().to_string();
    engine.export_directory_to(args.kind, args.format, path).await?;
    Ok(Some(shown))
}

pub(crate) async fn directory_import_pick(desk: &Desk, args: list::directory_import_pick::Args) -> Answer<Option<ImportPlan>> {
    let engine = desk.engine()?;
    match desk.file_host().pick().await.into_iter().next() {
        Some(path) => Ok(Some(engine.look_into_directory(args.kind, path).await?)),
        None => Ok(None),
    }
}

pub(crate) async fn directory_import_apply(desk: &Desk, args: list::directory_import_apply::Args) -> Answer<u32> {
    desk.engine()?.apply_directory(&args.token).await
}

pub(crate) async fn recommend(desk: &Desk, args: list::recommend::Args) -> Answer<Recommended> {
    desk.engine()?.recommend(args.ticket, args.facts).await
}

pub(crate) async fn call_start(desk: &Desk, args: list::call_start::Args) -> Answer<Call> {
    desk.engine()?.start_call(args.ticket, args.line_key, args.ticked).await
}

pub(crate) async fn call_put(desk: &Desk, args: list::call_put::Args) -> Answer<Call> {
    let words = CallWords { agent: args.agent, case_number: args.case_number, note: args.note, ticked: args.ticked };
    desk.engine()?.put_call(args.id, words).await
}

pub(crate) async fn call_end(desk: &Desk, args: list::call_end::Args) -> Answer<Call> {
    desk.engine()?.end_call(args.id, args.outcome, args.to_ticket, Some(&args.marker)).await
}

pub(crate) async fn calls(desk: &Desk, args: list::calls::Args) -> Answer<Vec<Call>> {
    desk.engine()?.calls(args.ticket, args.limit).await
}

pub(crate) async fn dial(desk: &Desk, args: list::dial::Args) -> Answer<()> {
    let number = TelUri::new(&args.number);
    let number = number.ok_or_else(|| EngineError::new(Code::PhoneNumberInvalid).arg("number", args.number))?;
    desk.file_host().dial(&number).await.map_err(EngineError::new)
}

pub(crate) async fn qr(_desk: &Desk, args: list::qr::Args) -> Answer<String> {
    qr_svg(&args.text)
}

pub(crate) async fn place_find(_desk: &Desk, args: list::place_find::Args) -> Answer<Vec<FoundPlace>> {
    Ok(find_places(&args.text))
}
