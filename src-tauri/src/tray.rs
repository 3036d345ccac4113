//! The tray: where the desk stays when its window is closed.
//!
//! On Linux a tray exists only where a StatusNotifierWatcher runs (GNOME has none by itself); without one
//! nothing may hide, because nobody could bring it back.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{Local, TimeZone};
use deskbell_api::Desk;
use deskbell_engine::EngineError;
use deskbell_engine::catalogue::{Catalogue, TextArgs};
use deskbell_engine::state::{Language, Settings};
use serde_json::{Value, json};
use tauri::image::Image;
use tauri::menu::{CheckMenuItem, Menu, MenuItem, PredefinedMenuItem};
use tauri::tray::{MouseButton, MouseButtonState, TrayIconBuilder, TrayIconEvent};
use tauri::{AppHandle, Manager, Wry};
use tokio::sync::Notify;

use crate::window;

const TRAY: &str = "deskbell";
/// The session bus is asked for a tray host; a bus that says nothing has none.
const HOST_ANSWER_MAX: Duration = Duration::from_millis(800);
/// Changes are gathered this long before the texts are computed again.
const REFRESH_AFTER: Duration = Duration::from_secs(2);
/// The next deadline is shown relative to the day, so it ages slowly.
const REFRESH_EVERY: Duration = Duration::from_secs(60);

const QUIET: Image<'_> = tauri::include_image!("../icons/tray.png");
const DUE: Image<'_> = tauri::include_image!("../icons/tray-due.png");
const BREACHED: Image<'_> = tauri::include_image!("../icons/tray-breached.png");

/// The worst that is open: it colours the bell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mood {
    Quiet,
    Due,
    Breached,
}

/// The parts whose texts change.
pub(crate) struct TrayItems {
    next: MenuItem<Wry>,
    open: MenuItem<Wry>,
    sync: MenuItem<Wry>,
    offline: CheckMenuItem<Wry>,
    quit: MenuItem<Wry>,
}

/// What the tray says; kept so that it can be made late, when a host appears.
#[derive(Default)]
pub(crate) struct TrayMemory {
    items: Mutex<Option<Arc<TrayItems>>>,
    changed: Notify,
}

/// Something that the texts depend on has changed.
pub(crate) fn changed(app: &AppHandle<Wry>) {
    app.state::<TrayMemory>().changed.notify_one();
}

/// Whether a tray host runs.
#[cfg(target_os = "linux")]
pub(crate) async fn host_exists() -> bool {
    let ask = async {
        let bus = zbus::Connection::session().await.ok()?;
        let names = zbus::fdo::DBusProxy::new(&bus).await.ok()?;
        names.name_has_owner("org.kde.StatusNotifierWatcher".try_into().ok()?).await.ok()
    };
    matches!(tokio::time::timeout(HOST_ANSWER_MAX, ask).await, Ok(Some(true)))
}

#[cfg(not(target_os = "linux"))]
pub(crate) async fn host_exists() -> bool {
    true
}

/// Makes the tray if a host runs and there is none yet. Says whether there is one to hide in.
pub(crate) async fn ensure(app: &AppHandle<Wry>) -> bool {
    if !host_exists().await {
        return false;
    }
    let (done, made) = tokio::sync::oneshot::channel();
    let handle = app.clone();
    let asked = app.run_on_main_thread(move || {
        let outcome = if handle.tray_by_id(TRAY).is_some() { Ok(()) } else { make(&handle) };
        let _ = done.send(outcome);
    });
    match (asked, made.await) {
        (Ok(()), Ok(Ok(()))) => true,
        (Ok(()), Ok(Err(error))) | (Err(error), _) => {
            tracing::warn!(%error, "The tray could not be made.");
            false
        }
        (Ok(()), Err(_)) => false,
    }
}

fn make(app: &AppHandle<Wry>) -> tauri::Result<()> {
    let text = |key: &str| Catalogue::of(Language::default()).text(key, &TextArgs::new());
    let items = TrayItems {
        next: MenuItem::with_id(app, "next", text("tray-tooltip-quiet"), false, None::<&str>)?,
        open: MenuItem::with_id(app, "open", text("tray-open"), true, None::<&str>)?,
        sync: MenuItem::with_id(app, "sync", text("tray-sync-now"), true, None::<&str>)?,
        offline: CheckMenuItem::with_id(app, "offline", text("tray-work-offline"), true, false, None::<&str>)?,
        quit: MenuItem::with_id(app, "quit", text("tray-quit"), true, None::<&str>)?,
    };
    let (above, below) = (PredefinedMenuItem::separator(app)?, PredefinedMenuItem::separator(app)?);
    let menu = Menu::with_items(app, &[&items.next, &above, &items.open, &items.sync, &items.offline, &below, &items.quit])?;
    let builder = TrayIconBuilder::with_id(TRAY).icon(QUIET).menu(&menu).show_menu_on_left_click(false).tooltip("Deskbell");
    builder
        .on_menu_event(|app, event| chosen(app, event.id().as_ref()))
        .on_tray_icon_event(|tray, event| {
            if let TrayIconEvent::Click { button: MouseButton::Left, button_state: MouseButtonState::Up, .. } = event {
                window::show(tray.app_handle());
            }
        })
        .build(app)?;
    let memory = app.state::<TrayMemory>();
    *memory.items.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(items));
    memory.changed.notify_one();
    Ok(())
}

fn chosen(app: &AppHandle<Wry>, item: &str) {
    let desk = Arc::clone(&app.state::<Arc<Desk>>());
    match item {
        "open" => window::show(app),
        "quit" => app.exit(0),
        "sync" => {
            tauri::async_runtime::spawn(async move { report(desk.call("sync_now", json!({ "account": null })).await) });
        }
        "offline" => {
            tauri::async_runtime::spawn(async move { report(toggle_offline(&desk).await) });
        }
        _ => {}
    }
}

fn report<T>(outcome: Result<T, EngineError>) {
    if let Err(error) = outcome {
        tracing::warn!(code = ?error.code, "A tray command failed.");
    }
}

async fn toggle_offline(desk: &Desk) -> Result<Value, EngineError> {
    let settings = desk.engine()?.settings();
    desk.call("settings_put", json!({ "settings": Settings { work_offline: !settings.work_offline, ..settings } })).await
}

/// Keeps the texts true, in the person's language, until the program ends.
pub(crate) async fn keep_current(app: AppHandle<Wry>, desk: Arc<Desk>) {
    loop {
        let memory = app.state::<TrayMemory>();
        let _ = tokio::time::timeout(REFRESH_EVERY, memory.changed.notified()).await;
        tokio::time::sleep(REFRESH_AFTER).await;
        let Some(items) = memory.items.lock().unwrap_or_else(PoisonError::into_inner).clone() else {
            continue;
        };
        let settings = desk.engine().map(|engine| engine.settings()).unwrap_or_default();
        let watch = desk.call("watch", json!({})).await.unwrap_or(Value::Null);
        let texts = Texts::of(&settings, &watch);
        let handle = app.clone();
        // Menus belong to the main thread. The program is ending where it cannot be reached.
        let _ = app.run_on_main_thread(move || {
            if let Err(error) = texts.apply(&handle, &items) {
                tracing::warn!(%error, "The tray's texts could not be changed.");
            }
        });
    }
}

/// Everything the tray says.
#[derive(Debug, PartialEq, Eq)]
struct Texts {
    mood: Mood,
    summary: String,
    next: String,
    open: String,
    sync: String,
    offline: String,
    quit: String,
    work_offline: bool,
}

impl Texts {
    fn of(settings: &Settings, watch: &Value) -> Self {
        let catalogue = Catalogue::of(settings.language);
        let plain = |key: &str| catalogue.text(key, &TextArgs::new());
        let counted = |key: &str, count: i64| catalogue.text(key, &TextArgs::new().number("count", count));
        let total = |lane: &str| {
            let lanes = watch["lanes"].as_array().into_iter().flatten();
            lanes.filter(|known| known["lane"] == lane).filter_map(|known| known["total"].as_i64()).sum::<i64>()
        };
        let (mood, summary) = match (total("breached"), total("minutes")) {
            (0, 0) => (Mood::Quiet, plain("tray-tooltip-quiet")),
            (0, soon) => (Mood::Due, counted("tray-tooltip-due", soon)),
            (breached, _) => (Mood::Breached, counted("tray-tooltip-breached", breached)),
        };
        let at = watch["next_deadline"].as_i64().and_then(|ms| Local.timestamp_millis_opt(ms).single());
        let next = match at.map(|at| at.format("%m-%d %H:%M").to_string()) {
            Some(time) => catalogue.text("tray-next-deadline", &TextArgs::new().text("time", &time)),
            None => plain("tray-tooltip-quiet"),
        };
        Self {
            mood,
            summary,
            next,
            open: plain("tray-open"),
            sync: plain("tray-sync-now"),
            offline: plain("tray-work-offline"),
            quit: plain("tray-quit"),
            work_offline: settings.work_offline,
        }
    }

    fn apply(&self, app: &AppHandle<Wry>, items: &TrayItems) -> tauri::Result<()> {
        items.next.set_text(&self.next)?;
        items.open.set_text(&self.open)?;
        items.sync.set_text(&self.sync)?;
        items.offline.set_text(&self.offline)?;
        items.offline.set_checked(self.work_offline)?;
        items.quit.set_text(&self.quit)?;
        let Some(tray) = app.tray_by_id(TRAY) else {
            return Ok(());
        };
        tray.set_tooltip(Some(&self.summary))?;
        tray.set_icon(Some(match self.mood {
            Mood::Quiet => QUIET,
            Mood::Due => DUE,
            Mood::Breached => BREACHED,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn watch(breached: i64, minutes: i64, next: Option<i64>) -> Value {
        json!({ "next_deadline": next, "lanes": [{ "lane": "breached", "total": breached }, { "lane": "minutes", "total": minutes }] })
    }

    #[test]
    fn the_worst_thing_is_said_first() {
        let english = Settings { language: Language::En, ..Settings::default() };
        let said = |value: &Value| {
            let texts = Texts::of(&english, value);
            (texts.mood, texts.summary)
        };
        assert_eq!(said(&Value::Null), (Mood::Quiet, "Deskbell · nothing due soon".to_owned()));
        assert_eq!(said(&watch(0, 3, None)), (Mood::Due, "Deskbell · 3 deadlines soon".to_owned()));
        assert_eq!(said(&watch(1, 3, None)), (Mood::Breached, "Deskbell · 1 deadline missed".to_owned()));
    }

    #[test]
    fn every_text_is_in_both_catalogues() {
        for language in [Language::ZhCn, Language::En] {
            let settings = Settings { language, ..Settings::default() };
            let texts = Texts::of(&settings, &watch(0, 0, Some(1_700_000_000_000)));
            for text in [&texts.summary, &texts.next, &texts.open, &texts.sync, &texts.offline, &texts.quit] {
                assert!(!text.starts_with("tray-"), "{language:?}: {text}");
            }
        }
    }
}
