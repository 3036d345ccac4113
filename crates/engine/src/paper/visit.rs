//! The report of a visit: whose, where, when, what was done and found, and who signed.

use chrono_tz::Tz;
use deskbell_domain::UtcMs;
use deskbell_domain::paper::{Block, Cell, CheckLine, Figure, PaperDocument, Tone};
use deskbell_domain::scheduling::{VisitEvent, VisitState};
use deskbell_domain::sync::op::FileRef;
use deskbell_store::Store;

use super::{Paper, Words, fact, file_name, heading, joined, minute, stretch, tz_or, zone};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::visits::VisitView;

/// Most photos of one report.
pub(super) const REPORT_PHOTOS_MAX: usize = 24;
/// A photo above this is named and not shown.
const PHOTO_BYTES_MAX: u64 = 30 * 1024 * 1024;

impl Engine {
    /// The report of a visit in the desk's language, as it stands now with what waits in the outbox.
    ///
    /// # Errors
    /// `visit_unknown`; the store's. A photo that is not on this machine is named without its picture.
    pub async fn visit_report_paper(&self, key: &str) -> Result<Paper, EngineError> {
        let view = self.visit(key).await?;
        let words = Words::new(self.settings().language);
        let now = self.now();
        self.read(move |store| {
            let photos = view.photos.iter().take(REPORT_PHOTOS_MAX).map(|file| bytes_of(store, file)).collect();
            Ok(report(&words, &view, photos, now, crate::system::time_zone()))
        })
        .await
    }
}

/// `None` for bytes that are not here, not whole, or too many.
fn bytes_of(store: &Store, file: &FileRef) -> Option<Vec<u8>> {
    let mut reader = store.open_file(&file.sha256).ok()?;
    let size = Some(reader.size_bytes()).filter(|size| *size <= PHOTO_BYTES_MAX)?;
    reader.read_at(0, usize::try_from(size).ok()?).ok()
}

pub(super) fn report(words: &Words, view: &VisitView, photos: Vec<Option<Vec<u8>>>, now: UtcMs, desk_tz: Tz) -> Paper {
    let visit = &view.visit;
    let tz =
        view.centre.as_ref().and_then(|centre| centre.calendar.as_ref()).map_or(desk_tz, |calendar| tz_or(&calendar.tz, desk_tz));
    let mut blocks = vec![Block::Facts { rows: facts(words, view, tz) }];
    if !visit.note.trim().is_empty() {
        blocks.push(heading(2, words.text("paper-note"), ""));
        blocks.push(Block::Text { text: visit.note.clone(), tone: Tone::Plain });
    }
    checklist(words, view, &mut blocks);
    blocks.push(heading(1, words.text("paper-findings"), ""));
    let (text, tone) = if visit.findings.trim().is_empty() {
        (words.text("paper-findings-none"), Tone::Quiet)
    } else {
        (visit.findings.trim().to_owned(), Tone::Plain)
    };
    blocks.push(Block::Text { text, tone });
    let pictures = figures(words, view, photos, &mut blocks);
    signature(words, view, tz, &mut blocks);
    history(words, &visit.history, tz, &mut blocks);
    let title = words.text("paper-visit-title");
    let subject = joined(&[&view.customer, &view.ticket_subject], " · ");
    let footer = words.catalogue.text(
        "paper-made",
        &crate::catalogue::TextArgs::new().text("time", &minute(now, desk_tz)).text("zone", &zone(now, desk_tz)),
    );
    let name = file_name(&[
        &title,
        &view.ticket_remote_id,
        &visit.slot.as_ref().map(|slot| super::day(slot.start, tz)).unwrap_or_default(),
    ]);
    let document = PaperDocument { language: words.paper_language(), title, subtitle: subject, footer, blocks, pictures };
    Paper { document, file_name: name }
}

fn facts(words: &Words, view: &VisitView, tz: Tz) -> Vec<(String, Cell)> {
    let visit = &view.visit;
    let mut rows = Vec::new();
    let number = if view.ticket_remote_id.is_empty() { String::new() } else { format!("#{}", view.ticket_remote_id) };
    fact(&mut rows, words.text("paper-ticket"), joined(&[&number, &view.ticket_subject], " "));
    fact(&mut rows, words.text("paper-customer"), view.customer.as_str());
    fact(&mut rows, words.text("paper-service"), words.text(&format!("service-{}", visit.service.as_str())));
    let state = words.text(&format!("visit-state-{}", visit.state.as_str()));
    let tone = match visit.state {
        VisitState::Done | VisitState::Confirmed => Tone::Good,
        VisitState::Declined | VisitState::Cancelled => Tone::Late,
        VisitState::Requested | VisitState::Waitlisted => Tone::Soon,
    };
    let state = if view.pending.is_empty() { state } else { words.with("paper-state-pending", "state", &state) };
    rows.push((words.text("paper-state"), Cell::toned(state, tone)));
    if let Some(slot) = &visit.slot {
        fact(&mut rows, words.text("paper-time"), stretch(slot.start, slot.end, tz));
    } else if let Some(window) = &visit.window {
        fact(&mut rows, words.text("paper-window"), stretch(window.from, window.to, tz));
    }
    let site = &visit.site;
    fact(&mut rows, words.text("paper-site"), joined(&[&site.name, &site.address, &site.city], "\n"));
    let contact = &visit.contact;
    fact(&mut rows, words.text("paper-contact"), joined(&[&contact.name, &contact.role, &contact.phone, &contact.email], " · "));
    fact(&mut rows, words.text("paper-asset"), visit.asset.as_str());
    if let Some(centre) = &view.centre {
        let city = words.either(&centre.city_zh, &centre.city_en);
        fact(&mut rows, words.text("paper-centre"), joined(&[city, &centre.address], " · "));
    }
    fact(&mut rows, words.text("paper-engineer"), view.engineer_name.as_str());
    rows
}

fn checklist(words: &Words, view: &VisitView, blocks: &mut Vec<Block>) {
    let items = &view.visit.checklist;
    if items.is_empty() {
        return;
    }
    let done = items.iter().filter(|item| item.done).count();
    blocks.push(heading(1, words.text("paper-checklist"), format!("{done} / {}", items.len())));
    let line = |item: &deskbell_domain::scheduling::CheckItem| CheckLine {
        done: item.done,
        text: item.text.clone(),
        finding: item.finding.trim().to_owned(),
    };
    blocks.push(Block::Checklist { lines: items.iter().map(line).collect() });
}

/// The bytes of the photos that are here; the others are named.
fn figures(words: &Words, view: &VisitView, photos: Vec<Option<Vec<u8>>>, blocks: &mut Vec<Block>) -> Vec<Vec<u8>> {
    let mut pictures = Vec::new();
    let mut figures = Vec::new();
    for (file, bytes) in view.photos.iter().zip(photos) {
        let caption = if bytes.is_some() { file.name.clone() } else { words.with("paper-photo-missing", "name", &file.name) };
        figures.push(Figure { picture: pictures.len(), caption });
        // Bytes that are no picture leave an empty frame, as missing ones do.
        pictures.push(bytes.unwrap_or_default());
    }
    if !figures.is_empty() {
        blocks.push(heading(1, words.text("paper-photos"), view.photos.len().to_string()));
        blocks.push(Block::Figures { figures });
    }
    pictures
}

fn signature(words: &Words, view: &VisitView, tz: Tz, blocks: &mut Vec<Block>) {
    blocks.push(heading(1, words.text("paper-sign-off"), ""));
    match &view.visit.sign_off {
        Some(sign_off) => blocks.push(Block::Signature {
            drawing: sign_off.drawing.clone(),
            name: sign_off.name.clone(),
            beneath: format!("{} ({})", minute(sign_off.at, tz), zone(sign_off.at, tz)),
        }),
        None => blocks.push(Block::Text { text: words.text("paper-sign-off-none"), tone: Tone::Quiet }),
    }
}

fn history(words: &Words, events: &[VisitEvent], tz: Tz, blocks: &mut Vec<Block>) {
    if events.is_empty() {
        return;
    }
    blocks.push(heading(1, words.text("paper-history"), tz.name()));
    let row = |event: &VisitEvent| {
        let what = words.text(&format!("visit-event-{}", event.kind.as_str()));
        let start = event.start.map(|start| minute(start, tz)).unwrap_or_default();
        let what = joined(&[&what, &start], " → ");
        vec![
            Cell::toned(minute(event.at, tz), Tone::Quiet),
            Cell::plain(what),
            Cell::plain(joined(&[&event.actor, &event.detail], " · ")),
        ]
    };
    let head = ["paper-when", "paper-what", "paper-who"].map(|key| words.text(key)).to_vec();
    blocks.push(Block::Table { head, widths: vec![3, 4, 6], rows: events.iter().map(row).collect() });
}
