//! The one window: made on demand, destroyed when closed, so that no web page ages in the background.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use deskbell_engine::events::DeskEvent;
use deskbell_engine::state::Theme;
use tauri::utils::config::Color;
use tauri::webview::PageLoadEvent;
use tauri::{AppHandle, Emitter, Manager, WebviewUrl, WebviewWindowBuilder, Wry};

use crate::graphics;

/// The label that the capability names.
pub(crate) const MAIN: &str = "main";
/// The channel of every event.
pub(crate) const CHANNEL: &str = "desk";

/// Width and height, logical pixels.
const SIZE: (f64, f64) = (1280.0, 800.0);
const SIZE_MIN: (f64, f64) = (960.0, 600.0);
/// `--bg` of both themes in ui/src/styles/tokens.css.
const BACKGROUND_LIGHT: Color = Color(0xf6, 0xf4, 0xef, 0xff);
const BACKGROUND_DARK: Color = Color(0x15, 0x14, 0x12, 0xff);
/// A page that never loads is shown after this long, rather than nothing at all.
const SHOWN_AFTER_MAX: Duration = Duration::from_secs(3);
/// Set to trace starts on stderr, for the benchmark.
const TRACE_VARIABLE: &str = "DESKBELL_TRACE_STARTUP";

/// What outlives the window.
pub(crate) struct WindowMemory {
    data_dir: PathBuf,
    started: Instant,
    traced: AtomicBool,
    painted: AtomicBool,
    /// The ticket to open once the page listens.
    to_open: Mutex<Option<DeskEvent>>,
    /// The theme a person chose, for the window's own colours before the page is there.
    theme: Mutex<Option<Theme>>,
}

impl WindowMemory {
    pub(crate) fn new(data_dir: PathBuf, started: Instant) -> Self {
        let theme = std::fs::read_to_string(theme_file(&data_dir)).ok().and_then(|word| theme_of(word.trim()));
        Self {
            data_dir,
            started,
            traced: AtomicBool::new(std::env::var_os(TRACE_VARIABLE).is_none()),
            painted: AtomicBool::new(false),
            to_open: Mutex::new(None),
            theme: Mutex::new(theme),
        }
    }
}

fn theme_file(data_dir: &Path) -> PathBuf {
    data_dir.join("theme")
}

fn theme_of(word: &str) -> Option<Theme> {
    match word {
        "light" => Some(Theme::Light),
        "dark" => Some(Theme::Dark),
        _ => None,
    }
}

/// Remembers the chosen theme where the window finds it before the database is open.
pub(crate) fn remember_theme(app: &AppHandle<Wry>, theme: Theme) {
    let memory = app.state::<WindowMemory>();
    let mut known = memory.theme.lock().unwrap_or_else(PoisonError::into_inner);
    if *known == Some(theme) {
        return;
    }
    *known = Some(theme);
    let (word, native) = match theme {
        Theme::System => ("system", None),
        Theme::Light => ("light", Some(tauri::Theme::Light)),
        Theme::Dark => ("dark", Some(tauri::Theme::Dark)),
    };
    // Not kept on a read-only disk: the next window then starts in the system's theme.
    let _ = std::fs::write(theme_file(&memory.data_dir), word);
    app.set_theme(native);
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
    if app.get_webview_window(MAIN).is_some() && memory.painted.load(Ordering::Acquire) {
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

/// The page has its content on the screen, `page_ms` after its own start.
pub(crate) fn painted(app: &AppHandle<Wry>, page_ms: u64) {
    let memory = app.state::<WindowMemory>();
    memory.painted.store(true, Ordering::Release);
    graphics::painted(&memory.data_dir);
    if !memory.traced.swap(true, Ordering::Relaxed) {
        use std::io::Write;
        let since_start = memory.started.elapsed().as_millis();
        let _ = writeln!(std::io::stderr(), "first-paint-ms={since_start} page-ms={page_ms}");
    }
    if let Some(event) = memory.to_open.lock().unwrap_or_else(PoisonError::into_inner).take() {
        emit(app, &event);
    }
}

/// # Errors
/// When the webview cannot be made.
pub(crate) fn create(app: &AppHandle<Wry>) -> tauri::Result<()> {
    let memory = app.state::<WindowMemory>();
    memory.painted.store(false, Ordering::Release);
    let theme = *memory.theme.lock().unwrap_or_else(PoisonError::into_inner);
    let native = match theme {
        Some(Theme::Light) => Some(tauri::Theme::Light),
        Some(Theme::Dark) => Some(tauri::Theme::Dark),
        Some(Theme::System) | None => None,
    };
    // Shown when its document has loaded: a page in a hidden window gets no animation frame to report.
    let window = WebviewWindowBuilder::new(app, MAIN, WebviewUrl::App("index.html".into()))
        .title("Deskbell 服务铃")
        .inner_size(SIZE.0, SIZE.1)
        .min_inner_size(SIZE_MIN.0, SIZE_MIN.1)
        .theme(native)
        .background_color(BACKGROUND_LIGHT)
        .visible(false)
        .disable_drag_drop_handler()
        .on_navigation(|url| matches!(url.scheme(), "tauri" | "about") || is_own(url))
        .on_page_load(|window, payload| {
            if payload.event() == PageLoadEvent::Finished {
                let _ = window.show();
            }
        })
        .build()?;
    if native == Some(tauri::Theme::Dark) || (native.is_none() && window.theme()? == tauri::Theme::Dark) {
        window.set_background_color(Some(BACKGROUND_DARK))?;
    }
    tauri::async_runtime::spawn(async move {
        tokio::time::sleep(SHOWN_AFTER_MAX).await;
        let _ = window.show();
    });
    Ok(())
}

/// The page's own origin on platforms without a custom scheme, and Vite's in development.
fn is_own(url: &tauri::Url) -> bool {
    let host = url.host_str().unwrap_or("");
    host == "tauri.localhost" || (cfg!(debug_assertions) && host == "127.0.0.1" && url.port() == Some(5173))
}
