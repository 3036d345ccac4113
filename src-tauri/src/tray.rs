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
    let mut builder = TrayIconBuilder::with_id(TRAY).menu(&menu).show_menu_on_left_click(false).tooltip("Deskbell");
    if let Some(icon) = app.default_window_icon() {
        builder = builder.icon(icon.clone());
    }
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
    let mut settings = desk.call("app_state", json!({})).await?["settings"].take();
    let offline = settings["work_offline"].as_bool().unwrap_or(false);
    settings["work_offline"] = json!(!offline);
    desk.call("settings_put", json!({ "settings": settings })).await
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
        let settings = match desk.call("app_state", json!({})).await {
            Ok(mut state) => serde_json::from_value(state["settings"].take()).unwrap_or_default(),
            Err(_) => Settings::default(),
        };
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
        let summary = match (total("breached"), total("minutes")) {
            (0, 0) => plain("tray-tooltip-quiet"),
            (0, soon) => counted("tray-tooltip-due", soon),
            (breached, _) => counted("tray-tooltip-breached", breached),
        };
        let at = watch["next_deadline"].as_i64().and_then(|ms| Local.timestamp_millis_opt(ms).single());
        let next = match at.map(|at| at.format("%m-%d %H:%M").to_string()) {
            Some(time) => catalogue.text("tray-next-deadline", &TextArgs::new().text("time", &time)),
            None => plain("tray-tooltip-quiet"),
        };
        Self {
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
        match app.tray_by_id(TRAY) {
            Some(tray) => tray.set_tooltip(Some(&self.summary)),
            None => Ok(()),
        }
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
        let summary = |value: &Value| Texts::of(&english, value).summary;
        assert_eq!(summary(&Value::Null), "Deskbell · nothing due soon");
        assert_eq!(summary(&watch(0, 3, None)), "Deskbell · 3 deadlines soon");
        assert_eq!(summary(&watch(1, 3, None)), "Deskbell · 1 deadline missed");
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
