//! The tray: where the desk stays when its window is closed.
//!
//! On Linux a tray exists only where a StatusNotifierWatcher runs (GNOME has none by itself); without one
//! nothing may hide, because nobody could bring it back.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::Local;
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

use crate::{shell, window};

mod texts;
use texts::{Mood, Texts};

const TRAY: &str = "deskbell";
/// The session bus is asked for a tray host; a bus that says nothing has none.
const HOST_ANSWER_MAX: Duration = Duration::from_millis(800);
/// Changes are gathered this long before the texts are computed again.
const REFRESH_AFTER: Duration = Duration::from_secs(2);
/// The time left is shown in minutes.
const REFRESH_EVERY: Duration = Duration::from_secs(60);

/// Where in the menu the line of what is held back stands.
const HELD_AT: usize = 2;

const QUIET: Image<'_> = tauri::include_image!("../icons/tray.png");
const DUE: Image<'_> = tauri::include_image!("../icons/tray-due.png");
const BREACHED: Image<'_> = tauri::include_image!("../icons/tray-breached.png");

/// The parts whose texts change.
pub(crate) struct TrayItems {
    menu: Menu<Wry>,
    summary: MenuItem<Wry>,
    next: MenuItem<Wry>,
    /// In the menu only while something is held back.
    held: MenuItem<Wry>,
    held_is_in: AtomicBool,
    /// A heading that says how it stands: the text of a submenu does not change on Linux.
    dnd: MenuItem<Wry>,
    dnd_hour: MenuItem<Wry>,
    dnd_morning: MenuItem<Wry>,
    dnd_off: MenuItem<Wry>,
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
    let item = |id: &str, key: &str, enabled: bool| MenuItem::with_id(app, id, text(key), enabled, None::<&str>);
    let items = TrayItems {
        menu: Menu::new(app)?,
        summary: item("summary", "tray-tooltip-quiet", false)?,
        next: item("next", "tray-next-none", false)?,
        held: item("held", "tray-next-none", false)?,
        held_is_in: AtomicBool::new(false),
        dnd: item("dnd", "tray-dnd", false)?,
        dnd_hour: item("dnd-hour", "tray-dnd-hour", true)?,
        dnd_morning: item("dnd-morning", "tray-dnd-tomorrow", true)?,
        dnd_off: item("dnd-off", "tray-dnd-off", false)?,
        open: item("open", "tray-open", true)?,
        sync: item("sync", "tray-sync-now", true)?,
        offline: CheckMenuItem::with_id(app, "offline", text("tray-work-offline"), true, false, None::<&str>)?,
        quit: item("quit", "tray-quit", true)?,
    };
    let separator = || PredefinedMenuItem::separator(app);
    let (above, between, below) = (separator()?, separator()?, separator()?);
    items.menu.append_items(&[
        &items.summary,
        &items.next,
        &above,
        &items.open,
        &items.sync,
        &items.offline,
        &between,
        &items.dnd,
        &items.dnd_hour,
        &items.dnd_morning,
        &items.dnd_off,
        &below,
        &items.quit,
    ])?;
    let builder = TrayIconBuilder::with_id(TRAY).icon(QUIET).menu(&items.menu).show_menu_on_left_click(false).tooltip("Deskbell");
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
    let call = |name: &'static str, args: Value| {
        tauri::async_runtime::spawn(async move { report(desk.call(name, args).await) });
    };
    match item {
        "open" => window::show(app),
        "quit" => {
            tauri::async_runtime::spawn(shell::quit(app.clone()));
        }
        "sync" => call("sync_now", json!({ "account": null })),
        "dnd-hour" => call("dnd", json!({ "minutes": texts::DND_MINUTES })),
        "dnd-morning" => call("dnd", json!({ "minutes": texts::minutes_until_morning(Local::now()) })),
        "dnd-off" => call("dnd", json!({ "minutes": null })),
        "offline" => {
            let desk = Arc::clone(&app.state::<Arc<Desk>>());
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
        let there = memory.items.lock().unwrap_or_else(PoisonError::into_inner).is_some();
        let refresh = if there { REFRESH_EVERY } else { Duration::MAX };
        let _ = tokio::time::timeout(refresh, memory.changed.notified()).await;
        tokio::time::sleep(REFRESH_AFTER).await;
        let Some(items) = memory.items.lock().unwrap_or_else(PoisonError::into_inner).clone() else {
            continue;
        };
        let settings = desk.engine().map(|engine| engine.settings()).unwrap_or_default();
        let watch = desk.call("watch", json!({})).await.unwrap_or(Value::Null);
        let bell = desk.call("bell_get", json!({})).await.unwrap_or(Value::Null);
        let texts = Texts::of(&settings, &watch, &bell, Local::now());
        let handle = app.clone();
        // Menus belong to the main thread. The program is ending where it cannot be reached.
        let _ = app.run_on_main_thread(move || {
            if let Err(error) = apply(&texts, &handle, &items) {
                tracing::warn!(%error, "The tray's texts could not be changed.");
            }
        });
    }
}

fn apply(texts: &Texts, app: &AppHandle<Wry>, items: &TrayItems) -> tauri::Result<()> {
    for (item, text) in [
        (&items.summary, &texts.summary),
        (&items.next, &texts.next),
        (&items.dnd, &texts.dnd),
        (&items.dnd_hour, &texts.dnd_hour),
        (&items.dnd_morning, &texts.dnd_morning),
        (&items.dnd_off, &texts.dnd_off),
        (&items.open, &texts.open),
        (&items.sync, &texts.sync),
        (&items.quit, &texts.quit),
    ] {
        item.set_text(text)?;
    }
    items.dnd_off.set_enabled(texts.dnd_is_on)?;
    items.offline.set_text(&texts.offline)?;
    items.offline.set_checked(texts.work_offline)?;
    let was_in = items.held_is_in.swap(texts.held.is_some(), Ordering::Relaxed);
    match (&texts.held, was_in) {
        (Some(held), true) => items.held.set_text(held)?,
        (Some(held), false) => {
            items.held.set_text(held)?;
            items.menu.insert(&items.held, HELD_AT)?;
        }
        (None, true) => items.menu.remove(&items.held)?,
        (None, false) => {}
    }
    let Some(tray) = app.tray_by_id(TRAY) else {
        return Ok(());
    };
    // Linux shows the title where it shows no tooltip; macOS shows both.
    tray.set_title(texts.badge.as_deref())?;
    tray.set_tooltip(Some(&texts.tooltip))?;
    tray.set_icon(Some(match texts.mood {
        Mood::Quiet => QUIET,
        Mood::Due => DUE,
        Mood::Breached => BREACHED,
    }))
}
