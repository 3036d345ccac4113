//! `deskctl calendar`, and files of visits.

use std::io::Read as _;
use std::path::Path;

use deskbell_domain::time::DAY_MS;
use deskbell_domain::{Code, UtcMs};
use deskbell_engine::calendars::export::CalendarFile;
use deskbell_engine::calendars::{CaldavDraft, CaldavView, FoundCalendar, LiveSession, Subscription, SubscriptionDraft};
use deskbell_engine::{Engine, EngineError};
use serde_json::json;

use crate::args::{Arguments, CalendarCommand, SetCalendar};
use crate::output::Output;
use crate::session;

/// Longest password, in bytes.
const PASSWORD_BYTES_MAX: u64 = 4_096;

pub(crate) async fn run(arguments: &Arguments, command: &CalendarCommand, output: &Output) -> Result<(), EngineError> {
    let engine = session::open(arguments)?;
    match command {
        CalendarCommand::Check { url, user } => {
            let found = engine.check_caldav(url, user, password().await?).await?;
            output.answer(&found, || found.calendars.iter().map(|one| format!("{}  {}", one.href, one.name)).collect());
        }
        CalendarCommand::Set(wanted) => set(&engine, wanted, output).await?,
        CalendarCommand::Push => {
            let report = engine.push_calendar_now().await?;
            output.answer(&report, || vec![format!("{} sent, {} taken out.", report.pushed, report.removed)]);
        }
        CalendarCommand::List => {
            let (view, items) = (engine.caldav().await?, engine.calendar_contents().await?);
            output.answer(&json!({ "calendar": view, "items": items }), || {
                let head = view.as_ref().map_or_else(|| "No calendar is set.".to_owned(), calendar_line);
                std::iter::once(head).chain(items.iter().map(|one| format!("{}  {}  {}", one.state, one.uid, one.href))).collect()
            });
        }
        CalendarCommand::Remove => {
            engine.remove_caldav().await?;
            output.answer(&json!({ "removed": true }), || vec!["The calendar is forgotten.".to_owned()]);
        }
        CalendarCommand::Subscriptions => {
            let list = engine.subscriptions().await?;
            output.answer(&list, || list.iter().map(subscription_line).collect());
        }
        CalendarCommand::Subscribe { what, name, remind } => {
            let kept = subscribe(&engine, what, name, remind).await?;
            output.answer(&kept, || vec![subscription_line(&kept)]);
        }
        CalendarCommand::Subscription { id, what } => subscription(&engine, *id, what, output).await?,
        CalendarCommand::Sessions { days, from } => {
            let from = match from {
                Some(text) => UtcMs::parse_rfc3339(text)
                    .map_err(|error| EngineError::with_detail(Code::InputInvalid, error.to_string()).arg("field", "from"))?,
                None => engine.now(),
            };
            let list = engine.live_sessions(from, from.plus_ms(i64::from(*days) * DAY_MS)).await?;
            output.answer(&list, || list.iter().map(session_line).collect());
        }
    }
    Ok(())
}

/// Writes a file and says where.
pub(crate) async fn save(engine: &Engine, file: CalendarFile, path: &Path, output: &Output) -> Result<(), EngineError> {
    let (shown, bytes) = (path.display().to_string(), file.text.len());
    engine.write_calendar(path.to_path_buf(), file).await?;
    output.answer(&json!({ "file": shown, "bytes": bytes }), || vec![format!("Written to {shown}.")]);
    Ok(())
}

async fn set(engine: &Engine, wanted: &SetCalendar, output: &Output) -> Result<(), EngineError> {
    let password = password().await?;
    let found = engine.check_caldav(&wanted.url, &wanted.user, password.clone()).await?;
    let calendar = choose(found.calendars, wanted.calendar.as_deref())?;
    let draft = CaldavDraft {
        url: wanted.url.clone(),
        user: wanted.user.clone(),
        password,
        calendar_href: calendar.href,
        calendar_name: calendar.name,
        enabled: !wanted.off,
    };
    let view = engine.put_caldav(draft).await?;
    output.answer(&view, || vec![calendar_line(&view)]);
    Ok(())
}

fn choose(calendars: Vec<FoundCalendar>, wanted: Option<&str>) -> Result<FoundCalendar, EngineError> {
    let names = calendars.iter().map(|one| one.href.clone()).collect::<Vec<_>>().join(" ");
    let mut fitting: Vec<FoundCalendar> = match wanted {
        Some(wanted) => calendars
            .into_iter()
            .filter(|one| one.name == wanted || one.href.trim_end_matches('/') == wanted.trim_end_matches('/'))
            .collect(),
        None => calendars,
    };
    match (fitting.pop(), fitting.is_empty()) {
        (Some(one), true) => Ok(one),
        _ => Err(EngineError::with_detail(Code::InputInvalid, names).arg("field", "calendar")),
    }
}

async fn subscribe(engine: &Engine, what: &str, name: &str, remind: &[u32]) -> Result<Subscription, EngineError> {
    if what.contains("://") {
        let draft = SubscriptionDraft {
            id: None,
            name: name.to_owned(),
            url: what.to_owned(),
            enabled: true,
            reminders: remind.to_vec(),
        };
        return engine.put_subscription(draft).await;
    }
    let kept = engine.subscribe_to_file(what.into()).await?;
    let draft = SubscriptionDraft { name: name.to_owned(), reminders: remind.to_vec(), ..draft_of(&kept) };
    engine.put_subscription(draft).await
}

async fn subscription(engine: &Engine, id: i64, what: &str, output: &Output) -> Result<(), EngineError> {
    let known = engine.subscriptions().await?.into_iter().find(|one| one.id == id);
    let known = known.ok_or_else(|| EngineError::new(Code::SubscriptionUnknown))?;
    let kept = match what {
        "remove" => {
            engine.remove_subscription(id).await?;
            output.answer(&json!({ "removed": id }), || vec![format!("Removed {}.", known.name)]);
            return Ok(());
        }
        "refresh" => engine.refresh_subscription(id).await?,
        _ => engine.put_subscription(SubscriptionDraft { enabled: what == "on", ..draft_of(&known) }).await?,
    };
    output.answer(&kept, || vec![subscription_line(&kept)]);
    Ok(())
}

fn draft_of(known: &Subscription) -> SubscriptionDraft {
    SubscriptionDraft {
        id: Some(known.id),
        name: String::new(),
        url: known.url.clone(),
        enabled: known.enabled,
        reminders: known.reminders.clone(),
    }
}

/// `None` where nothing was given.
async fn password() -> Result<Option<String>, EngineError> {
    let read = || {
        let mut text = String::new();
        std::io::stdin().take(PASSWORD_BYTES_MAX).read_to_string(&mut text).map(|_| text)
    };
    let text = tokio::task::spawn_blocking(read)
        .await?
        .map_err(|error| EngineError::with_detail(Code::InputInvalid, error.to_string()).arg("field", "password"))?;
    let line = text.lines().next().unwrap_or_default().to_owned();
    Ok((!line.is_empty()).then_some(line))
}

fn calendar_line(view: &CaldavView) -> String {
    let code = view.code.map(|code| format!("  [{code}]")).unwrap_or_default();
    format!("{} {} ({}): {} waiting{code}", view.url, view.calendar_href, view.user, view.waiting)
}

fn subscription_line(one: &Subscription) -> String {
    let next = one.next_at.map_or_else(String::new, |at| format!("  next {}", at.to_rfc3339()));
    let code = one.code.map(|code| format!("  [{code}]")).unwrap_or_default();
    format!("{:>3}  {}  {}{next}{code}", one.id, if one.enabled { "on " } else { "off" }, one.name)
}

fn session_line(one: &LiveSession) -> String {
    format!("{}  {}  {}", one.start.to_rfc3339(), one.title, one.url)
}
