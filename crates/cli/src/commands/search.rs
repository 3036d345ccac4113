//! `deskctl search`.

use deskbell_engine::EngineError;
use serde::Serialize;

use crate::args::Arguments;
use crate::commands::filter;
use crate::output::Output;
use crate::session;

/// The documented answer: snippets as plain text, instants as RFC 3339.
#[derive(Serialize)]
struct Answer {
    total: u64,
    exact: bool,
    tickets: Vec<Hit>,
}

#[derive(Serialize)]
struct Hit {
    id: i64,
    remote_id: String,
    subject: String,
    status: &'static str,
    priority: &'static str,
    customer: String,
    updated_at: String,
    snippet: String,
}

pub(crate) async fn run(
    arguments: &Arguments,
    query: &str,
    limit: u32,
    pairs: &[String],
    output: &Output,
) -> Result<(), EngineError> {
    let engine = session::open(arguments)?;
    let filter = filter::parse(&engine, pairs).await?;
    let query = query.to_owned();
    let found = engine.read(move |store| store.search(&query, &filter, limit)).await?;
    let answer = Answer {
        total: found.total,
        exact: found.exact,
        tickets: found
            .tickets
            .into_iter()
            .map(|hit| Hit {
                id: hit.id.0,
                remote_id: hit.remote_id,
                subject: hit.subject,
                status: hit.status.as_str(),
                priority: hit.priority.as_str(),
                customer: hit.customer,
                updated_at: hit.updated_at.to_rfc3339(),
                snippet: hit.snippet.into_iter().map(|part| part.text).collect(),
            })
            .collect(),
    };
    output.answer(&answer, || {
        let hits = answer
            .tickets
            .iter()
            .map(|hit| format!("{}\t{}\t{}\t{}\n\t{}", hit.id, hit.remote_id, hit.customer, hit.subject, hit.snippet));
        let about = if answer.exact { "" } else { "about " };
        hits.chain([format!("{} of {about}{}", answer.tickets.len(), answer.total)]).collect()
    });
    Ok(())
}
