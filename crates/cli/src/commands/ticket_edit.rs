//! `deskctl ticket new|reply|set|close|reopen|evaluate|attach`: queues, and `sync` sends. Nothing waits to be taken back.

use std::io::Read as _;
use std::path::PathBuf;
use std::sync::Arc;

use deskbell_domain::Code;
use deskbell_domain::sync::op::{FileRef, NewTicket, OperationId};
use deskbell_domain::ticket::{Priority, Status, TicketId, Visibility};
use deskbell_engine::edits::{Edit, REPLY_BYTES_MAX, Undo};
use deskbell_engine::{Engine, EngineError};

use crate::args::{NewTicketArgs, SetArgs, TicketCommand};
use crate::output::Output;
use crate::session;

pub(crate) async fn run(engine: &Arc<Engine>, command: &TicketCommand, output: &Output) -> Result<(), EngineError> {
    let (id, edit) = match command {
        TicketCommand::New(new) => return open_ticket(engine, new, output).await,
        TicketCommand::Set(wanted) => return set(engine, wanted, output).await,
        TicketCommand::Attach { id, files, internal } => return attach(engine, *id, files, *internal, output).await,
        TicketCommand::List { .. } | TicketCommand::Show { .. } => return Ok(()),
        TicketCommand::Reply { id, text, internal, attach } => {
            let body = text.clone().map_or_else(|| read_body(attach.is_empty()), Ok)?;
            let files = add_files(engine, attach).await?;
            (id, Edit::Reply { body, visibility: visibility(*internal), files, seen_notes: None })
        }
        TicketCommand::Close { id } => (id, Edit::Close),
        TicketCommand::Reopen { id, reason } => (id, Edit::Reopen { body: reason.clone().unwrap_or_default() }),
        TicketCommand::Evaluate { id, score, unsolved, comment } => {
            (id, Edit::Evaluate { solved: !unsolved, score: *score, comment: comment.clone() })
        }
    };
    queued(engine.edit_beside(TicketId(*id), edit, None, Undo::Never).await?, output);
    Ok(())
}

async fn open_ticket(engine: &Arc<Engine>, new: &NewTicketArgs, output: &Output) -> Result<(), EngineError> {
    let account = match &new.account {
        Some(wanted) => session::find_account(engine, wanted).await?.id,
        None => only_account(engine).await?,
    };
    let ticket = NewTicket {
        subject: new.subject.clone(),
        body: new.text.clone().map_or_else(|| read_body(true), Ok)?,
        priority: parse(new.priority.as_deref(), Priority::from_text, "priority")?,
        product: new.product.clone(),
        category: new.category.clone(),
        customer: new.customer.clone(),
        requester: new.requester.clone(),
        tags: new.tag.clone(),
        custom_fields: new.field.iter().map(|pair| named(pair)).collect::<Result<_, _>>()?,
        files: add_files(engine, &new.attach).await?,
    };
    let (ticket, operation) = engine.create_ticket(account, ticket, None, Undo::Never).await?;
    output.answer(&serde_json::json!({ "ticket": ticket, "operation": operation, "state": "queued" }), || {
        vec![format!("Opened ticket {} as operation {}; `deskctl sync` sends it.", ticket.0, operation.0)]
    });
    Ok(())
}

async fn only_account(engine: &Arc<Engine>) -> Result<deskbell_domain::ticket::AccountId, EngineError> {
    let accounts = engine.accounts().await?;
    match accounts.as_slice() {
        [account] => Ok(account.id),
        _ => Err(EngineError::with_detail(Code::InputInvalid, "there is not exactly one account: give --account")
            .arg("field", "account")),
    }
}

async fn set(engine: &Arc<Engine>, wanted: &SetArgs, output: &Output) -> Result<(), EngineError> {
    let id = TicketId(wanted.id);
    let mut edits = Vec::new();
    edits.extend(parse(wanted.status.as_deref(), Status::from_text, "status")?.map(Edit::SetStatus));
    edits.extend(parse(wanted.priority.as_deref(), Priority::from_text, "priority")?.map(Edit::SetPriority));
    edits.extend(wanted.assignee.clone().map(Edit::SetAssignee));
    if !wanted.add_tag.is_empty() || !wanted.remove_tag.is_empty() {
        let mut tags = engine.ticket_detail(id).await?.tags.value;
        tags.retain(|tag| !wanted.remove_tag.contains(tag));
        tags.extend(wanted.add_tag.iter().cloned());
        edits.push(Edit::SetTags(tags));
    }
    for pair in &wanted.field {
        let (field, to) = named(pair)?;
        edits.push(Edit::SetCustomField { field, to });
    }
    if edits.is_empty() {
        return Err(EngineError::with_detail(Code::InputInvalid, "give something to set").arg("field", "status"));
    }
    for edit in edits {
        queued(engine.edit(id, edit, None, Undo::Never).await?, output);
    }
    Ok(())
}

async fn attach(engine: &Arc<Engine>, id: i64, paths: &[PathBuf], internal: bool, output: &Output) -> Result<(), EngineError> {
    for file in add_files(engine, paths).await? {
        let edit = Edit::Attach { file, visibility: visibility(internal) };
        queued(engine.edit(TicketId(id), edit, None, Undo::Never).await?, output);
    }
    Ok(())
}

async fn add_files(engine: &Arc<Engine>, paths: &[PathBuf]) -> Result<Vec<FileRef>, EngineError> {
    let mut files = Vec::with_capacity(paths.len());
    for path in paths {
        files.push(engine.add_file(path).await?);
    }
    Ok(files)
}

const fn visibility(internal: bool) -> Visibility {
    if internal { Visibility::Internal } else { Visibility::Public }
}

fn named(pair: &str) -> Result<(String, String), EngineError> {
    let (name, value) =
        pair.split_once('=').ok_or_else(|| EngineError::with_detail(Code::InputInvalid, pair).arg("field", "field"))?;
    Ok((name.to_owned(), value.to_owned()))
}

fn parse<T>(text: Option<&str>, read: impl Fn(&str) -> Option<T>, field: &str) -> Result<Option<T>, EngineError> {
    match text {
        None => Ok(None),
        Some(text) => read(text).map(Some).ok_or_else(|| EngineError::with_detail(Code::InputInvalid, text).arg("field", field)),
    }
}

fn queued(id: OperationId, output: &Output) {
    output.answer(&serde_json::json!({ "operation": id, "state": "queued" }), || {
        vec![format!("Queued as operation {}; `deskctl sync` sends it.", id.0)]
    });
}

/// Standard input, unless nothing has to be said because files say it.
fn read_body(needed: bool) -> Result<String, EngineError> {
    if !needed {
        return Ok(String::new());
    }
    let mut body = String::new();
    let limit = REPLY_BYTES_MAX as u64 + 1;
    std::io::stdin()
        .take(limit)
        .read_to_string(&mut body)
        .map_err(|error| EngineError::with_detail(Code::InputInvalid, error.to_string()).arg("field", "body"))?;
    Ok(body.trim_end_matches('\n').to_owned())
}
