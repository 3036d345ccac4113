//! The twelve operations.

use axum::body::Bytes;
use axum::extract::{Extension, State};
use axum::http::{HeaderMap, Uri};
use axum::response::{IntoResponse, Response};
use rusqlite::Transaction;
use serde_json::{Value, json};

use super::Desk;
use super::answer::{Fault, success};
use super::gate::{Signed, header};
use super::list;
use super::objects;
use super::parameters::{Parameters, boolean, integer, joined, ticket_id, ticket_number};
use crate::clock;
use crate::store::{Actor, Include, NoteDraft, lifecycle, read, write};
use crate::wire::{Event, EventKind, NewEvaluation, NewTicket, Note, Priority, Role, Status, Ticket, Visibility};

/// Longest text of a note or description, in characters. Not published; large enough for any.
const CONTENT_CHARS_MAX: usize = 20_000;
const TITLE_CHARS_MAX: usize = 200;
/// Characters of a description that stand for a title that was not given.
const TITLE_MADE_CHARS: usize = 40;

pub(super) async fn dispatch(
    State(desk): State<Desk>,
    Extension(signed): Extension<Signed>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let told = Parameters::read(uri.query().unwrap_or_default(), &body);
    let done = match signed.action.as_str() {
        "CreateTicket" => desk.create_ticket(told).await,
        "ListTickets" => desk.list_tickets(told).await,
        "GetTicket" => desk.get_ticket(told).await,
        "ListTicketNotes" => desk.list_ticket_notes(told, header(&headers, "host")).await,
        "ReplyTicket" => desk.reply_ticket(told).await,
        "ReopenTicket" => desk.reopen_ticket(told).await,
        "CloseTicket" => desk.close_ticket(told).await,
        "EvaluateTicket" => desk.evaluate_ticket(told).await,
        "ListProducts" => desk.list_products(&told),
        "ListCategories" => desk.list_categories(&told),
        "GetAttachmentUploadUrl" => desk.attachment_upload_url(told, header(&headers, "host")).await,
        "GetMqConsumerTag" => Ok(success(200, "success", Some(json!(format!("workorder-{}", desk.config.uid))))),
        _ => Err(Fault::gateway(404, "InvalidAction.NotFound", "Specified api is not found, please check your url and method.")),
    };
    done.unwrap_or_else(IntoResponse::into_response)
}

type Done = Result<Response, Fault>;

/// Status as number, word and label.
pub(super) fn status_json(number: u8) -> Value {
    let label = match number {
        1 => "待响应",
        2 => "处理中",
        3 => "待反馈",
        4 => "已反馈",
        5 => "待确认",
        _ => "已完成",
    };
    json!({ "Label": label, "Value": number.to_string() })
}

/// The documented status of a ticket. "Feedback" is an open ticket on which the customer spoke last, after an answer.
pub(super) fn status_number(status: Status, is_answered: bool, customer_spoke_last: bool) -> u8 {
    match status {
        Status::New => 1,
        Status::Open if is_answered && customer_spoke_last => 4,
        Status::Open | Status::WaitingVendor => 2,
        Status::WaitingCustomer => 3,
        Status::Resolved => 5,
        Status::Closed => 6,
    }
}

fn number_of(ticket: &Ticket) -> u8 {
    let spoken = || ticket.notes.iter().flatten().filter(|note| note.visibility == Visibility::Public);
    let is_answered = spoken().any(|note| note.role == Role::Agent);
    status_number(ticket.status, is_answered, spoken().next_back().is_some_and(|note| note.role == Role::Customer))
}

fn content(text: &str) -> Result<String, Fault> {
    if text.trim().is_empty() || text.chars().count() > CONTENT_CHARS_MAX {
        return Err(Fault::illegal(format!("a text has 1 to {CONTENT_CHARS_MAX} characters")));
    }
    Ok(text.to_owned())
}

/// The ticket with its notes and events; ids that were never given out are illegal.
fn the_ticket(tx: &Transaction<'_>, id: &str) -> Result<(i64, Ticket), Fault> {
    let unknown = || Fault::illegal(format!("ticket {id} does not exist"));
    let number = ticket_number(id).ok_or_else(unknown)?;
    let found = read::ticket(tx, number, Include { notes: true, events: true })?;
    Ok((number, found.ok_or_else(unknown)?))
}

impl Desk {
    fn customer(&self) -> Actor {
        Actor { name: self.config.user_name.clone(), role: Role::Customer }
    }

    /// `Uid` names an account of the customer; there is the one.
    pub(super) fn check_uid(&self, uid: Option<&str>) -> Result<(), Fault> {
        match uid {
            Some(uid) if uid != self.config.uid => Err(Fault::gateway(401, "illegal.auth", "没有权限访问该用户的工单")),
            _ => Ok(()),
        }
    }

    async fn create_ticket(&self, told: Parameters) -> Done {
        let description = content(told.needed_in_body("Description")?)?;
        let category = told.needed_in_body("CategoryId")?.to_owned();
        let product = self
            .shared
            .catalogue
            .product_of(&category)
            .ok_or_else(|| Fault::illegal("CategoryId is not one of ListCategories"))?;
        let priority = match told.needed_in_body("Severity")? {
            "1" => Priority::Routine,
            "2" => Priority::Urgent,
            _ => return Err(Fault::illegal("Severity is 1 or 2")),
        };
        self.check_uid(told.in_body("CreatorId"))?;
        let made = || description.chars().take_while(|character| *character != '\n').take(TITLE_MADE_CHARS).collect();
        let subject: String = told.in_body("Title").map_or_else(made, str::to_owned);
        if subject.chars().count() > TITLE_CHARS_MAX {
            return Err(Fault::illegal(format!("Title has at most {TITLE_CHARS_MAX} characters")));
        }
        let secret = told.in_query("SecretInfo").map(secret_text).transpose()?;
        let new = NewTicket {
            subject,
            body: description,
            priority,
            product: product.name.clone(),
            customer_id: None,
            requester: self.config.user_name.clone(),
            tags: Vec::new(),
            custom_fields: told.in_body("Email").map(|email| ("email".to_owned(), email.to_owned())).into_iter().collect(),
            category,
            upload_ids: Vec::new(),
        };
        let run = move |tx: &Transaction<'_>| {
            let uploads = objects::named(tx, &joined(told.in_body("FileNameList")))?;
            let now = clock::now();
            let (id, _) = write::create_ticket(tx, &new, None, uploads, now).map_err(|_| Fault::internal())?;
            if let Some(body) = secret {
                // Seen by those who work on the ticket, and given back to nobody.
                let system = Actor { name: "SecretInfo".to_owned(), role: Role::System };
                let draft = NoteDraft { body, visibility: Visibility::Internal, marker: None, uploads: Vec::new() };
                write::add_note(tx, id, &system, &draft, now)?;
            }
            Ok::<_, Fault>(id)
        };
        let id = self.shared.store.run(run).await?;
        Ok(success(0, "success", Some(json!(ticket_id(id)))))
    }

    async fn get_ticket(&self, told: Parameters) -> Done {
        self.check_uid(told.in_body("Uid"))?;
        let id = told.needed_in_body("TicketId")?.to_owned();
        let (number, ticket) = self.shared.store.run(move |tx| the_ticket(tx, &id)).await?;
        let severity = if ticket.priority == Priority::Urgent { ("紧急问题", "2") } else { ("一般问题", "1") };
        let description = ticket.notes.iter().flatten().next().map(|note| note.body.as_str()).unwrap_or_default();
        let data = json!({ "TicketId": ticket_id(number), "Title": ticket.subject, "Description": description,
            "CreateTime": ticket.created_at, "CreatorId": self.config.uid, "CreatorName": ticket.requester,
            "CategoryId": ticket.category, "Status": status_json(number_of(&ticket)),
            "Severity": { "Label": severity.0, "Value": severity.1 } });
        Ok(success(0, "success", Some(data)))
    }

    async fn list_ticket_notes(&self, told: Parameters, host: String) -> Done {
        self.check_uid(told.in_query("Uid"))?;
        let id = told.needed_in_query("TicketId")?.to_owned();
        let (_, ticket) = self.shared.store.run(move |tx| the_ticket(tx, &id)).await?;
        let notes = ticket.notes.iter().flatten().filter(|note| note.visibility == Visibility::Public);
        let rows: Vec<Value> = notes.map(|note| self.note_json(&ticket, note, &host)).collect();
        Ok(success(0, "入参非法", Some(Value::Array(rows))))
    }

    fn note_json(&self, ticket: &Ticket, note: &Note, host: &str) -> Value {
        let attachments: Vec<Value> = note
            .attachments
            .iter()
            .map(|attachment| json!({ "Name": attachment.name, "Url": self.file_url(host, attachment) }))
            .collect();
        let role = if note.role == Role::Customer { 3 } else { 2 };
        // Undocumented and read by nobody whom we know: the status that the ticket had.
        let status = status_then(ticket, note.created_at);
        json!({ "Type": 2, "Status": status, "Tip": Value::Null, "DialogId": note.id.parse::<i64>().unwrap_or_default(),
            "CreateTime": note.created_at, "Dialog": { "Schema": Value::Null, "Content": note.body },
            "User": { "Role": role, "Name": note.author }, "Attachments": attachments })
    }

    async fn reply_ticket(&self, told: Parameters) -> Done {
        self.check_uid(told.in_body("Uid"))?;
        let (id, body) = (told.needed_in_body("TicketId")?.to_owned(), content(told.needed_in_body("Content")?)?);
        boolean(told.needed_in_body("Encrypt")?)?;
        let actor = self.customer();
        let run = move |tx: &Transaction<'_>| {
            let (number, ticket) = the_ticket(tx, &id)?;
            if ticket.status == Status::Closed {
                return Err(Fault::declined("工单已关闭，请先重新打开"));
            }
            let uploads = objects::named(tx, &joined(told.in_query("FileNameList")))?;
            let draft = NoteDraft { body, visibility: Visibility::Public, marker: None, uploads };
            write::add_note(tx, number, &actor, &draft, clock::now())?.ok_or_else(Fault::internal)
        };
        let note = self.shared.store.run(run).await?;
        Ok(success(0, "非法的入参", Some(json!(note.to_string()))))
    }

    async fn reopen_ticket(&self, told: Parameters) -> Done {
        self.check_uid(told.in_body("Uid"))?;
        let (id, body) = (told.needed_in_body("TicketId")?.to_owned(), content(told.needed_in_body("Content")?)?);
        let actor = self.customer();
        let run = move |tx: &Transaction<'_>| {
            let (number, ticket) = the_ticket(tx, &id)?;
            let draft = NoteDraft { body, visibility: Visibility::Public, marker: None, uploads: Vec::new() };
            lifecycle::reopen(tx, number, &ticket, &actor, Some(draft), clock::now())
                .map_err(|_| Fault::declined("只有已完成或待确认的工单可以重新打开"))?;
            Ok::<_, Fault>(number)
        };
        let number = self.shared.store.run(run).await?;
        Ok(success(0, "success", Some(json!(ticket_id(number)))))
    }

    async fn close_ticket(&self, told: Parameters) -> Done {
        self.check_uid(told.in_body("Uid"))?;
        let id = told.needed_in_body("TicketId")?.to_owned();
        let actor = self.customer();
        let run = move |tx: &Transaction<'_>| {
            let (number, ticket) = the_ticket(tx, &id)?;
            if ticket.status == Status::Closed {
                return Err(Fault::declined("工单已关闭"));
            }
            Ok(lifecycle::close(tx, number, &ticket, &actor.name, clock::now())?)
        };
        self.shared.store.run(run).await?;
        Ok(success(200, "success", None))
    }

    /// A verdict can be changed; the same one again changes nothing.
    async fn evaluate_ticket(&self, told: Parameters) -> Done {
        self.check_uid(told.in_body("Uid"))?;
        let id = told.needed_in_body("TicketId")?.to_owned();
        let solved = boolean(told.needed_in_body("Solved")?)?;
        let score = integer(told.needed_in_body("Score")?, "Score")?;
        let score = u8::try_from(score).ok().filter(|score| (1..=5).contains(score));
        let score = score.ok_or_else(|| Fault::illegal("Score goes from 1 to 5"))?;
        let verdict = NewEvaluation { solved, score, comment: told.in_body("Content").unwrap_or_default().to_owned() };
        let run = move |tx: &Transaction<'_>| {
            let (number, mut ticket) = the_ticket(tx, &id)?;
            let is_same = ticket.evaluation.take().is_some_and(|given| {
                (given.solved, given.score, &given.comment) == (verdict.solved, verdict.score, &verdict.comment)
            });
            if is_same {
                return Ok(());
            }
            lifecycle::evaluate(tx, number, &ticket, &verdict, clock::now())
                .map_err(|_| Fault::declined("只有已完成或待确认的工单可以评价"))
        };
        self.shared.store.run(run).await?;
        Ok(success(200, "successful", None))
    }

    async fn list_tickets(&self, told: Parameters) -> Done {
        self.check_uid(told.in_body("Uid"))?;
        let asked = list::Asked::read(&told)?;
        let body = self.shared.store.run(move |tx| list::tickets(tx, &asked)).await?;
        Ok(axum::Json(body).into_response())
    }

    fn list_products(&self, told: &Parameters) -> Done {
        let language = language(told)?;
        let name = told.in_query("Name").unwrap_or_default().to_lowercase();
        let mut directories: Vec<(String, Vec<Value>)> = Vec::new();
        for product in self.shared.catalogue.products.iter().filter(|product| product.name.to_lowercase().contains(&name)) {
            let row = json!({ "ProductId": product.id.parse::<i64>().unwrap_or_default(), "ProductName": product.name });
            match directories.iter_mut().find(|(directory, _)| *directory == product.directory) {
                Some((_, rows)) => rows.push(row),
                None => directories.push((product.directory.clone(), vec![row])),
            }
        }
        let data: Vec<Value> = directories.into_iter().zip(1..).map(|((name, products), number)| {
            json!({ "DirectoryId": number, "DirectoryName": in_language(&name, language), "ProductList": products })
        }).collect();
        Ok(success(0, "入参非法", Some(Value::Array(data))))
    }

    fn list_categories(&self, told: &Parameters) -> Done {
        let language = language(told)?;
        let id = integer(told.needed_in_body("ProductId")?, "ProductId")?.to_string();
        let name = told.in_body("Name").unwrap_or_default().to_lowercase();
        let product = self.shared.catalogue.products.iter().find(|product| product.id == id);
        let rows: Vec<Value> = product.iter().flat_map(|product| &product.categories)
            .filter(|category| category.name.to_lowercase().contains(&name))
            .map(|category| json!({ "CategoryId": category.id.parse::<i64>().unwrap_or_default(), "CategoryName": in_language(&category.name, language) }))
            .collect();
        Ok(success(200, "success", Some(Value::Array(rows))))
    }
}

/// What is to be known to those who work on the ticket only.
fn secret_text(text: &str) -> Result<String, Fault> {
    let parsed: Value = serde_json::from_str(text).map_err(|_| Fault::illegal("SecretInfo is not JSON"))?;
    let content = parsed.get("Content").and_then(Value::as_str).unwrap_or_default();
    Ok(content.to_owned())
}

fn language(told: &Parameters) -> Result<&str, Fault> {
    match told.in_query("Language").unwrap_or("zh") {
        known @ ("zh" | "en" | "jp") => Ok(known),
        _ => Err(Fault::illegal("Language is zh, en or jp")),
    }
}

/// The catalogue has its names in both languages, Chinese first.
fn in_language<'a>(name: &'a str, language: &str) -> &'a str {
    match (name.split_once(' '), language) {
        (Some((chinese, _)), "zh") => chinese,
        (Some((_, english)), _) => english,
        (None, _) => name,
    }
}

fn status_then(ticket: &Ticket, at: i64) -> u8 {
    let (mut status, mut answered, mut customer_last) = (Status::New, false, true);
    let before = |event: &&Event| event.at <= at;
    for event in ticket.events.iter().flatten().filter(before) {
        match &event.kind {
            EventKind::StatusChanged { to } => status = *to,
            EventKind::Replied { by } => {
                answered |= *by == Role::Agent;
                customer_last = *by == Role::Customer;
            }
            _ => {}
        }
    }
    status_number(status, answered, customer_last)
}
