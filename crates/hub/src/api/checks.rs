//! What a request may say.

use std::collections::BTreeMap;

use rusqlite::{Connection, Transaction};

use crate::catalogue::Known;
use crate::problem::Problem;
use crate::wire::NewTicket;

/// Longest subject.
pub const SUBJECT_CHARS_MAX: usize = 500;
/// Most tags on a ticket.
pub const TAGS_MAX: usize = 50;
/// Longest tag.
pub const TAG_CHARS_MAX: usize = 100;
/// Longest value of a custom field.
pub const FIELD_CHARS_MAX: usize = 1_000;
/// Longest comment of an evaluation.
pub const COMMENT_CHARS_MAX: usize = 2_000;

pub(super) fn subject(subject: Option<&str>) -> Result<(), Problem> {
    match subject {
        Some(subject) if subject.trim().is_empty() || subject.chars().count() > SUBJECT_CHARS_MAX => {
            Err(Problem::invalid(format!("a subject has 1 to {SUBJECT_CHARS_MAX} characters")))
        }
        _ => Ok(()),
    }
}

pub(super) fn tags(tags: &[String]) -> Result<(), Problem> {
    if tags.len() > TAGS_MAX {
        return Err(Problem::invalid(format!("at most {TAGS_MAX} tags")));
    }
    if tags.iter().any(|tag| tag.trim().is_empty() || tag.chars().count() > TAG_CHARS_MAX) {
        return Err(Problem::invalid(format!("a tag has 1 to {TAG_CHARS_MAX} characters")));
    }
    Ok(())
}

pub(super) fn upload_ids(ids: &[String]) -> Result<(), Problem> {
    let most = deskbell_domain::sync::op::FILES_MAX;
    if ids.len() > most { Err(Problem::invalid(format!("at most {most} files go with one note"))) } else { Ok(()) }
}

pub(super) fn comment(comment: &str) -> Result<(), Problem> {
    if comment.chars().count() > COMMENT_CHARS_MAX {
        return Err(Problem::invalid(format!("a comment has at most {COMMENT_CHARS_MAX} characters")));
    }
    Ok(())
}

/// Names of the catalogue, and such as tickets carry already.
pub(super) fn assignee(connection: &Connection, known: &Known, name: Option<&str>) -> Result<(), Problem> {
    let Some(name) = name.filter(|name| !name.is_empty()) else { return Ok(()) };
    if known.assignees.iter().any(|assignee| assignee == name) {
        return Ok(());
    }
    let works_here = connection.prepare_cached("SELECT 1 FROM tickets WHERE assignee = ?1 LIMIT 1")?.exists([name])?;
    if works_here { Ok(()) } else { Err(Problem::AssigneeUnknown) }
}

/// Fields of the catalogue, and such as the ticket carries already.
pub(super) fn custom_fields<'a>(
    known: &Known,
    fields: impl Iterator<Item = (&'a String, &'a String)>,
    carried: &BTreeMap<String, String>,
) -> Result<(), Problem> {
    for (name, value) in fields {
        let field = known.custom_fields.iter().find(|field| field.name == *name);
        if field.is_none() && !carried.contains_key(name) {
            return Err(Problem::CustomFieldUnknown(name.clone()));
        }
        let is_offered = field.is_none_or(|field| field.values.is_empty() || value.is_empty() || field.values.contains(value));
        if !is_offered || value.chars().count() > FIELD_CHARS_MAX {
            return Err(Problem::CustomFieldValueUnknown(name.clone()));
        }
    }
    Ok(())
}

/// What a new ticket names exists; the category gives the product where none is said.
pub(super) fn new_ticket(tx: &Transaction<'_>, known: &Known, new: &mut NewTicket) -> Result<(), Problem> {
    // An empty id is what a form sends that was left alone.
    new.customer_id = new.customer_id.take().filter(|id| !id.is_empty());
    if let Some(id) = &new.customer_id
        && !tx.prepare_cached("SELECT 1 FROM customers WHERE id = ?1")?.exists([id])?
    {
        return Err(Problem::CustomerUnknown);
    }
    custom_fields(known, new.custom_fields.iter(), &BTreeMap::new())?;
    new.custom_fields.retain(|_, value| !value.is_empty());
    if !new.category.is_empty() {
        let product = known.product_of(&new.category).ok_or(Problem::CategoryUnknown)?;
        if new.product.is_empty() {
            new.product.clone_from(&product.name);
        }
    }
    Ok(())
}
