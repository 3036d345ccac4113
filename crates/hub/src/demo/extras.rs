//! What some tickets carry besides words: files, more fields, the customer's verdict.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use rand::{Rng, rngs::StdRng};

use super::chart;
use super::slots::{pick, rng_for};
use super::timeline::{DemoTicket, Happening};
use crate::catalogue::Known;
use crate::wire::{Evaluation, Status};

/// Lines of a log excerpt.
const LOG_LINES: usize = 60;
const COMMENTS: &[(u8, &str, &str)] = &[
    (5, "响应很快，问题一次解决。", "Quick and clear, solved in one go."),
    (5, "讲得很清楚，复盘材料也给了。", "The explanation for our post-mortem helped a lot."),
    (4, "解决了，但希望能更早告知影响范围。", "Solved. We would have liked to know the impact earlier."),
    (3, "解决了，来回确认的次数有点多。", "Solved, after more questions than needed."),
    (2, "等待时间太长。", "The wait was too long."),
];

/// A file as it goes into the database.
pub(super) struct DemoFile {
    pub(super) name: String,
    pub(super) mime: &'static str,
    pub(super) bytes: Vec<u8>,
}

/// Files of the ticket's opening: a chart, a log, both or, mostly, none.
pub(super) fn files(id: i64, ticket: &DemoTicket) -> Vec<DemoFile> {
    let mut rng = rng_for(id.unsigned_abs(), "files");
    let mut files = Vec::new();
    if rng.random_ratio(1, 6) {
        let bytes = chart::latency_png(&mut rng);
        files.push(DemoFile { name: format!("latency-{id}.png"), mime: "image/png", bytes });
    }
    if rng.random_ratio(1, 5) {
        let bytes = log(&mut rng, ticket).into_bytes();
        files.push(DemoFile { name: format!("{}-{id}.log", file_word(&ticket.product)), mime: "text/plain", bytes });
    }
    files
}

fn file_word(product: &str) -> String {
    let word: String = product.chars().filter(char::is_ascii_alphanumeric).collect();
    if word.is_empty() { "service".to_owned() } else { word.to_lowercase() }
}

fn log(rng: &mut StdRng, ticket: &DemoTicket) -> String {
    let mut text = String::new();
    let mut at = ticket.created_at.plus_ms(-15 * 60 * 1_000);
    for _ in 0..LOG_LINES {
        at = at.plus_ms(rng.random_range(2_000..28_000));
        let (level, words) = match rng.random_range(0..6) {
            0 => ("ERROR", "upstream timed out (110: Connection timed out) while reading response header"),
            1 => ("WARN", "slow request, retrying on the next peer"),
            2 => ("INFO", "health check passed"),
            3 => ("INFO", "request completed"),
            4 => ("WARN", "connection pool is 90% in use / 连接池使用率过高"),
            _ => ("INFO", "configuration reloaded"),
        };
        let took_ms = rng.random_range(3..9_000);
        let _infallible =
            writeln!(text, "{} {level:<5} req={:08x} took={took_ms}ms {words}", at.to_rfc3339(), rng.random::<u32>());
    }
    text
}

/// Id of the category that the ticket is filed under.
pub(super) fn category(id: i64, ticket: &DemoTicket, known: &Known) -> String {
    let product = known.products.iter().find(|product| product.name == ticket.product);
    let chosen = product.and_then(|product| pick(&mut rng_for(id.unsigned_abs(), "category"), &product.categories));
    chosen.map(|category| category.id.clone()).unwrap_or_default()
}

/// The ticket's fields with what agents add while they work.
pub(super) fn custom_fields(id: i64, ticket: &DemoTicket, known: &Known) -> BTreeMap<String, String> {
    let mut rng = rng_for(id.unsigned_abs(), "fields");
    let mut fields = ticket.custom_fields.clone();
    let mut fill = |name: &str, rng: &mut StdRng| {
        let values = known.custom_fields.iter().find(|field| field.name == name).map(|field| field.values.as_slice());
        if let Some(value) = pick(rng, values.unwrap_or_default()) {
            fields.insert(name.to_owned(), value.clone());
        }
    };
    if rng.random_ratio(1, 2) {
        fill("environment", &mut rng);
    }
    if !ticket.is_unfinished() {
        fill("root_cause", &mut rng);
    }
    fields
}

/// What the customer thought of it, for most closed tickets.
pub(super) fn evaluation(id: i64, ticket: &DemoTicket) -> Option<Evaluation> {
    let mut rng = rng_for(id.unsigned_abs(), "evaluation");
    if ticket.status != Status::Closed || rng.random_ratio(1, 3) {
        return None;
    }
    let (score, zh, en) = pick(&mut rng, COMMENTS)?;
    let comment = if !rng.random_ratio(2, 3) {
        ""
    } else if ticket.subject.is_ascii() {
        en
    } else {
        zh
    };
    let at = ticket.happenings.last().map_or(ticket.created_at, Happening::at);
    Some(Evaluation { solved: *score > 2, score: *score, comment: comment.to_owned(), at: at.0 })
}
