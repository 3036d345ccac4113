//! Visits on site.

use deskbell_domain::Code;
use deskbell_domain::directory::Problem;
use deskbell_domain::scheduling::{VisitKey, WallTime, wall_time_of};
use deskbell_domain::sync::op::OperationId;
use deskbell_engine::EngineError;
use deskbell_engine::visits::{KnownSite, SlotWish, SlotsFound, VisitList, VisitView};

use super::Answer;
use crate::commands as list;
use crate::desk::Desk;

pub(crate) async fn visits(desk: &Desk, args: list::visits::Args) -> Answer<VisitList> {
    desk.engine()?.visits(args.from, args.to).await
}

pub(crate) async fn visits_of_ticket(desk: &Desk, args: list::visits_of_ticket::Args) -> Answer<Vec<VisitView>> {
    desk.engine()?.visits_of_ticket(args.id).await
}

pub(crate) async fn visit_get(desk: &Desk, args: list::visit_get::Args) -> Answer<VisitView> {
    desk.engine()?.visit(&args.key).await
}

pub(crate) async fn visit_check(desk: &Desk, args: list::visit_check::Args) -> Answer<Vec<Problem>> {
    Ok(desk.engine()?.check_visit(args.id, args.request, &args.booking).await?.problems)
}

pub(crate) async fn visit_slots(desk: &Desk, args: list::visit_slots::Args) -> Answer<SlotsFound> {
    let wish = SlotWish {
        service: args.service,
        from: args.from,
        to: args.to,
        site: args.site,
        languages: args.languages,
        centre: args.centre,
    };
    desk.engine()?.visit_slots(args.id, wish).await
}

pub(crate) async fn visit_request(desk: &Desk, args: list::visit_request::Args) -> Answer<VisitKey> {
    desk.engine()?.request_visit(args.id, args.key, args.request, args.booking, Some(&args.marker)).await
}

pub(crate) async fn visit_change(desk: &Desk, args: list::visit_change::Args) -> Answer<OperationId> {
    desk.engine()?.change_visit(&args.key, args.change, Some(&args.marker)).await
}

pub(crate) async fn visit_photo_add(desk: &Desk, args: list::visit_photo_add::Args) -> Answer<VisitView> {
    desk.engine()?.add_visit_photo(&args.key, args.file, Some(&args.marker)).await
}

pub(crate) async fn visit_sites(desk: &Desk, args: list::visit_sites::Args) -> Answer<Vec<KnownSite>> {
    desk.engine()?.visit_sites(args.id).await
}

pub(crate) async fn visit_draft(desk: &Desk, args: list::visit_draft::Args) -> Answer<Option<String>> {
    desk.engine()?.visit_draft(args.id).await
}

pub(crate) async fn visit_draft_put(desk: &Desk, args: list::visit_draft_put::Args) -> Answer<()> {
    desk.engine()?.put_visit_draft(args.id, args.draft).await
}

pub(crate) async fn wall_time(_desk: &Desk, args: list::wall_time::Args) -> Answer<WallTime> {
    let invalid = |field: &str| EngineError::new(Code::InputInvalid).arg("field", field);
    wall_time_of(&args.tz, &args.date, args.minute).map_err(invalid)
}
