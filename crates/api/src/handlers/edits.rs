//! What people do to tickets, and to what waits in the outbox.

use deskbell_domain::sync::op::OperationId;
use deskbell_domain::ticket::TicketId;
use deskbell_engine::edits::{Edit, Undo};
use deskbell_engine::new_drafts::NewTicketDraft;

use super::Answer;
use crate::commands::{self as list, CreatedTicket};
use crate::desk::Desk;

async fn queue(desk: &Desk, id: TicketId, edit: Edit, marker: &str) -> Answer<OperationId> {
    desk.engine()?.edit(id, edit, Some(marker), Undo::AsSet).await
}

pub(crate) async fn ticket_create(desk: &Desk, args: list::ticket_create::Args) -> Answer<CreatedTicket> {
    let engine = desk.engine()?;
    let (ticket, operation) = engine.create_ticket(args.account, args.ticket, Some(&args.marker), Undo::AsSet).await?;
    Ok(CreatedTicket { ticket, operation })
}

pub(crate) async fn ticket_reply(desk: &Desk, args: list::ticket_reply::Args) -> Answer<OperationId> {
    let edit = Edit::Reply { body: args.body, visibility: args.visibility, files: args.files, seen_notes: args.seen_notes };
    queue(desk, args.id, edit, &args.marker).await
}

pub(crate) async fn ticket_set_status(desk: &Desk, args: list::ticket_set_status::Args) -> Answer<OperationId> {
    queue(desk, args.id, Edit::SetStatus(args.to), &args.marker).await
}

pub(crate) async fn ticket_set_priority(desk: &Desk, args: list::ticket_set_priority::Args) -> Answer<OperationId> {
    queue(desk, args.id, Edit::SetPriority(args.to), &args.marker).await
}

pub(crate) async fn ticket_set_assignee(desk: &Desk, args: list::ticket_set_assignee::Args) -> Answer<OperationId> {
    queue(desk, args.id, Edit::SetAssignee(args.to), &args.marker).await
}

pub(crate) async fn ticket_set_tags(desk: &Desk, args: list::ticket_set_tags::Args) -> Answer<OperationId> {
    queue(desk, args.id, Edit::SetTags(args.to), &args.marker).await
}

pub(crate) async fn ticket_set_custom_field(desk: &Desk, args: list::ticket_set_custom_field::Args) -> Answer<OperationId> {
    queue(desk, args.id, Edit::SetCustomField { field: args.field, to: args.to }, &args.marker).await
}

pub(crate) async fn ticket_close(desk: &Desk, args: list::ticket_close::Args) -> Answer<OperationId> {
    queue(desk, args.id, Edit::Close, &args.marker).await
}

pub(crate) async fn ticket_reopen(desk: &Desk, args: list::ticket_reopen::Args) -> Answer<OperationId> {
    queue(desk, args.id, Edit::Reopen { body: args.body }, &args.marker).await
}

pub(crate) async fn ticket_evaluate(desk: &Desk, args: list::ticket_evaluate::Args) -> Answer<OperationId> {
    let edit = Edit::Evaluate { solved: args.solved, score: args.score, comment: args.comment };
    queue(desk, args.id, edit, &args.marker).await
}

pub(crate) async fn ticket_attach(desk: &Desk, args: list::ticket_attach::Args) -> Answer<OperationId> {
    let edit = Edit::Attach { file: args.file, visibility: args.visibility };
    queue(desk, args.id, edit, &args.marker).await
}

pub(crate) async fn outbox_retry(desk: &Desk, args: list::outbox_retry::Args) -> Answer<()> {
    desk.engine()?.retry_operation(args.id).await
}

pub(crate) async fn outbox_discard(desk: &Desk, args: list::outbox_discard::Args) -> Answer<()> {
    desk.engine()?.discard_operation(args.id).await.map(|_discarded| ())
}

pub(crate) async fn outbox_resolve(desk: &Desk, args: list::outbox_resolve::Args) -> Answer<()> {
    desk.engine()?.resolve_operation(args.id, args.keep).await
}

pub(crate) async fn new_ticket_drafts(desk: &Desk, _args: list::new_ticket_drafts::Args) -> Answer<Vec<NewTicketDraft>> {
    desk.engine()?.new_ticket_drafts().await
}

pub(crate) async fn new_ticket_drafts_put(desk: &Desk, args: list::new_ticket_drafts_put::Args) -> Answer<()> {
    desk.engine()?.put_new_ticket_drafts(&args.drafts).await
}
