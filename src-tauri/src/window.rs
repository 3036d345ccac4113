//! The one window: made on demand, destroyed when closed, so that no web page ages in the background.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use deskbell_engine::events::DeskEvent;
use deskbell_engine::state::AppState;
use tauri::utils::config::Color;
use tauri::{AppHandle, Emitter, Manager, WebviewUrl, WebviewWindowBuilder, Wry};
use tokio::sync::oneshot;

use crate::graphics;
use crate::look::LookMemory;
use crate::startup::Startup;

/// The label that the capability names.
pub(crate) const MAIN: &str = "main";
/// The channel of every event.
pub(crate) const CHANNEL: &str = "desk";

/// The channel on which the page is asked to store what is being typed.
const CLOSING: &str = "closing";
/// The page gets this long for it: one that hangs, or was ended with everything else, holds nobody up.
const STORED_WITHIN: Duration = Duration::from_millis(1500);

/// Width and height, logical pixels.
const SIZE: (f64, f64) = (1280.0, 800.0);
const SIZE_MIN: (f64, f64) = (960.0, 600.0);
/// `--bg` of both themes in ui/src/styles/tokens.css.
const BACKGROUND_LIGHT: Color = Color(0xf6, 0xf4, 0xef, 0xff);
const BACKGROUND_DARK: Color = Color(0x15, 0x14, 0x12, 0xff);

/// What outlives the window.
pub(crate) struct WindowMemory {
    data_dir: PathBuf,
    startup: Startup,
    listening: AtomicBool,
    /// The ticket to open once the page listens.
    to_open: Mutex<Option<DeskEvent>>,
    look: LookMemory,
    /// Who waits until the page has stored what was typed.
    storing: Mutex<Option<oneshot::Sender<()>>>,
}

impl WindowMemory {
    pub(crate) fn new(data_dir: &Path, started: Instant) -> Self {
        Self {
            data_dir: data_dir.to_path_buf(),
            startup: Startup::new(started),
            listening: AtomicBool::new(false),
            to_open: Mutex::new(None),
            look: LookMemory::read(data_dir),
            storing: Mutex::new(None),
        }
    }
}

/// Remembers what the next window's first frame needs, and dresses this one's.
pub(crate) fn remember_look(app: &AppHandle<Wry>, state: &AppState) {
    let look = &app.state::<WindowMemory>().look;
    if look.remember(state) {
        app.set_theme(look.now().native_theme());
    }
}

/// Brings the window to the front, making it where there is none.
pub(crate) fn show(app: &AppHandle<Wry>) {
    if let Some(window) = app.get_webview_window(MAIN) {
        let outcome = window.show().and_then(|()| window.unminimize()).and_then(|()| window.set_focus());
        if let Err(error) = outcome {
            tracing::warn!(%error, "The window could not be brought to the front.");
        }
    } else if let Err(error) = create(app) {
        tracing::error!(%error, "The window could not be made.");
    }
}

/// Shows the window and then the ticket: now, or once the page is there to listen.
pub(crate) fn open_ticket(app: &AppHandle<Wry>, event: DeskEvent) {
    let memory = app.state::<WindowMemory>();
    if app.get_webview_window(MAIN).is_some() && memory.listening.load(Ordering::Acquire) {
        emit(app, &event);
    } else {
        *memory.to_open.lock().unwrap_or_else(PoisonError::into_inner) = Some(event);
    }
    let handle = app.clone();
    if let Err(error) = app.run_on_main_thread(move || show(&handle)) {
        tracing::warn!(%error, "The window could not be reached.");
    }
}

/// Sends an event to the page, if there is one.
pub(crate) fn emit(app: &AppHandle<Wry>, event: &DeskEvent) {
    if let Err(error) = app.emit_to(MAIN, CHANNEL, event) {
        tracing::warn!(%error, "An event did not reach the window.");
    }
}

/// Has the page hand over what is still being typed, before it goes.
pub(crate) async fn store_typed(app: &AppHandle<Wry>) {
    let memory = app.state::<WindowMemory>();
    if app.get_webview_window(MAIN).is_none() || !memory.listening.load(Ordering::Acquire) {
        return;
    }
    let (done, stored) = oneshot::channel();
    *memory.storing.lock().unwrap_or_else(PoisonError::into_inner) = Some(done);
    if let Err(error) = app.emit_to(MAIN, CLOSING, ()) {
        tracing::warn!(%error, "The page could not be asked for what was typed.");
        return;
    }
    if tokio::time::timeout(STORED_WITHIN, stored).await.is_err() {
        tracing::warn!("The page did not say that what was typed is stored.");
    }
}

/// The page has handed everything over.
pub(crate) fn stored(app: &AppHandle<Wry>) {
    let memory = app.state::<WindowMemory>();
    if let Some(done) = memory.storing.lock().unwrap_or_else(PoisonError::into_inner).take() {
        // Nobody waits any longer: it took too long.
        let _ = done.send(());
    }
}

/// The page's first frame is on the screen, `page_ms` after the page's own start.
pub(crate) fn framed(app: &AppHandle<Wry>, page_ms: u64) {
    let memory = app.state::<WindowMemory>();
    graphics::painted(&memory.data_dir);
    memory.startup.reached("first-paint", Some(page_ms));
}

/// The page takes events from now on.
pub(crate) fn listening(app: &AppHandle<Wry>) {
    let memory = app.state::<WindowMemory>();
    memory.listening.store(true, Ordering::Release);
    if let Some(event) = memory.to_open.lock().unwrap_or_else(PoisonError::into_inner).take() {
        emit(app, &event);
    }
}

/// What the desk answered is on the screen, `page_ms` after the page's own start.
pub(crate) fn shown(app: &AppHandle<Wry>, page_ms: u64) {
    app.state::<WindowMemory>().startup.reached("first-content", Some(page_ms));
}

/// # Errors
/// When the webview cannot be made.
pub(crate) fn create(app: &AppHandle<Wry>) -> tauri::Result<()> {
    let memory = app.state::<WindowMemory>();
    memory.listening.store(false, Ordering::Release);
    let look = memory.look.now();
    let native = look.native_theme();
    // Hidden until it has its colour: no flash of the other theme.
    let window = WebviewWindowBuilder::new(app, MAIN, WebviewUrl::App(look.address().into()))
        .title("Deskbell 服务铃")
        .inner_size(SIZE.0, SIZE.1)
        .min_inner_size(SIZE_MIN.0, SIZE_MIN.1)
        .theme(native)
        .background_color(BACKGROUND_LIGHT)
        .visible(false)
        .on_navigation(|url| matches!(url.scheme(), "tauri" | "about") || is_own(url))
        .build()?;
    if native == Some(tauri::Theme::Dark) || (native.is_none() && window.theme()? == tauri::Theme::Dark) {
        window.set_background_color(Some(BACKGROUND_DARK))?;
    }
    window.show()?;
    memory.startup.reached("window", None);
    Ok(())
}

/// The page's own origin on platforms without a custom scheme, and Vite's in development.
fn is_own(url: &tauri::Url) -> bool {
    let host = url.host_str().unwrap_or("");
    host == "tauri.localhost" || (cfg!(debug_assertions) && host == "127.0.0.1" && url.port() == Some(5173))
}
