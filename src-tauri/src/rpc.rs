//! The one way in, and the sign that something is on the screen.

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

/// The page's content is on the screen; `ms` after its own start, for the trace.
#[tauri::command]
pub(crate) fn painted(app: AppHandle<Wry>, desk: State<'_, Arc<Desk>>, ms: u64) {
    window::painted(&app, ms);
    desk.shown();
}
