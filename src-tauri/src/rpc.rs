//! The one way in, and the signs of how far the page is.

use std::sync::Arc;

use deskbell_api::Desk;
use deskbell_engine::EngineError;
use serde_json::Value;
use tauri::{AppHandle, State, Wry};

use crate::window;

/// Forwards a command of `deskbell-api` by its name.
///
/// # Errors
/// As the command: a code and its arguments.
#[tauri::command]
pub(crate) async fn rpc(desk: State<'_, Arc<Desk>>, name: String, args: Value) -> Result<Value, EngineError> {
    desk.call(&name, args).await
}

/// The frame is on the screen; `ms` after the page's own start, for the trace.
#[tauri::command]
pub(crate) fn framed(app: AppHandle<Wry>, ms: u64) {
    window::framed(&app, ms);
}

/// The page takes events.
#[tauri::command]
pub(crate) fn listening(app: AppHandle<Wry>) {
    window::listening(&app);
}

/// What was typed is with the desk; asked for before the window closes.
#[tauri::command]
pub(crate) fn stored(app: AppHandle<Wry>) {
    window::stored(&app);
}

/// The desk's own content is on the screen; `ms` after the page's own start, for the trace.
#[tauri::command]
pub(crate) fn shown(app: AppHandle<Wry>, desk: State<'_, Arc<Desk>>, ms: u64) {
    window::shown(&app, ms);
    desk.shown();
}
