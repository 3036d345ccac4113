//! Checking a ticket's text against a query, and cutting out what is shown of it.

use rusqlite::Connection;

use deskbell_domain::ticket::TicketId;

use super::index::{Head, each_body};
use super::query::Query;
use super::text::Folded;
use crate::error::Result;
use crate::records::SnippetPart;

/// Characters of a snippet, and how many of them stand before the first hit.
const SNIPPET_CHARS_MAX: usize = 140;
const SNIPPET_CHARS_BEFORE: usize = 24;

/// What is shown of a ticket that matches.
pub(crate) struct Hit {
    pub(crate) head: Head,
    pub(crate) subject_parts: Vec<SnippetPart>,
    /// Empty when only the head matches.
    pub(crate) snippet: Vec<SnippetPart>,
}

/// `None` when a piece of the query is nowhere in the ticket.
pub(crate) fn check(connection: &Connection, ticket: TicketId, query: &Query) -> Result<Option<Hit>> {
    let Some(head) = Head::load(connection, ticket)? else { return Ok(None) };
    let mut missing: Vec<bool> = vec![true; query.chunks.len()];
    let subject = Folded::new(&head.subject);
    let mut subject_hits = Vec::new();
    for (text, is_subject) in [(&subject, true), (&Folded::new(&head.customer), false), (&Folded::new(&head.remote_id), false)] {
        for (chunk, missing) in query.chunks.iter().zip(&mut missing) {
            let mut found = chunk.find_in(&text.lower);
            if found.is_empty() {
                found = chunk.find_read_in(&text.lower);
            }
            *missing &= found.is_empty();
            if is_subject {
                subject_hits.extend(found);
            }
        }
    }
    let mut snippet = Vec::new();
    each_body(connection, ticket, |body| {
        let body = Folded::new(body);
        let mut hits = Vec::new();
        for (chunk, missing) in query.chunks.iter().zip(&mut missing) {
            let found = chunk.find_in(&body.lower);
            *missing &= found.is_empty();
            hits.extend(found);
        }
        if snippet.is_empty() && !hits.is_empty() {
            snippet = cut_out(&body, hits);
        }
        snippet.is_empty() || missing.contains(&true)
    })?;
    if missing.contains(&true) {
        return Ok(None);
    }
    let whole = (0, subject.shown.len());
    Ok(Some(Hit { subject_parts: parts(&subject, shown_hits(&subject, subject_hits), whole), snippet, head }))
}

fn cut_out(text: &Folded, hits: Vec<(usize, usize)>) -> Vec<SnippetPart> {
    let hits = shown_hits(text, hits);
    let first = hits.first().map_or(0, |hit| hit.0);
    let from = first.saturating_sub(SNIPPET_CHARS_BEFORE);
    parts(text, hits, (from, (from + SNIPPET_CHARS_MAX).min(text.shown.len())))
}

/// Places in the shown text, in order, overlapping ones made one.
fn shown_hits(text: &Folded, hits: Vec<(usize, usize)>) -> Vec<(usize, usize)> {
    let mut places: Vec<_> =
        hits.into_iter().map(|(from, to)| (text.place(from).0, to.checked_sub(1).map_or(0, |last| text.place(last).1))).collect();
    places.sort_unstable();
    let mut merged: Vec<(usize, usize)> = Vec::new();
    for (from, to) in places {
        match merged.last_mut() {
            Some(last) if from <= last.1 => last.1 = last.1.max(to),
            _ => merged.push((from, to)),
        }
    }
    merged
}

/// The window `from..to` as alternating plain and highlighted runs; runs of blanks become one.
fn parts(text: &Folded, hits: Vec<(usize, usize)>, window: (usize, usize)) -> Vec<SnippetPart> {
    let mut found = Vec::new();
    let mut at = window.0;
    let mut push = |from: usize, to: usize, hit: bool| {
        let run: String = text.shown.get(from..to).unwrap_or_default().iter().collect();
        if !run.is_empty() {
            found.push(SnippetPart { text: one_line(&run), hit });
        }
    };
    for (from, to) in hits {
        let (from, to) = (from.clamp(at, window.1), to.clamp(at, window.1));
        push(at, from, false);
        push(from, to, true);
        at = to;
    }
    push(at, window.1, false);
    found
}

fn one_line(run: &str) -> String {
    let mut line = String::with_capacity(run.len());
    for c in run.chars() {
        if !c.is_whitespace() {
            line.push(c);
        } else if !line.ends_with(' ') {
            line.push(' ');
        }
    }
    line
}
