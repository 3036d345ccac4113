//! The system's file dialogs, its programs, and what is dropped on the window. Paths stay on this side.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use deskbell_api::{Desk, FileHost};
use deskbell_domain::Code;
use deskbell_domain::directory::TelUri;
use deskbell_domain::link::WebLink;
use rfd::{AsyncFileDialog, FileHandle};
use tauri::{AppHandle, DragDropEvent, Manager, Wry};
use tauri_plugin_opener::OpenerExt;
use tokio::sync::oneshot;

use crate::{dial, window};

/// Dialogs over the one window; usable once the application runs.
#[derive(Default)]
pub(crate) struct ShellFiles {
    app: OnceLock<AppHandle<Wry>>,
}

impl ShellFiles {
    pub(crate) fn ready(&self, app: AppHandle<Wry>) {
        // Set once, when the application is set up.
        let _ = self.app.set(app);
    }

    /// Dialogs are made on the main thread, as GTK and Cocoa want it, and answered from wherever.
    async fn ask<T, F>(&self, show: impl FnOnce(AsyncFileDialog) -> F + Send + 'static) -> Option<T>
    where
        T: Send + 'static,
        F: Future<Output = Option<T>> + Send + 'static,
    {
        let app = self.app.get()?;
        let (answer, answered) = oneshot::channel();
        let handle = app.clone();
        app.run_on_main_thread(move || {
            let mut dialog = AsyncFileDialog::new();
            if let Some(window) = handle.get_webview_window(window::MAIN) {
                dialog = dialog.set_parent(&window);
            }
            let shown = show(dialog);
            tauri::async_runtime::spawn(async move { answer.send(shown.await) });
        })
        .inspect_err(|error| tracing::warn!(%error, "A file dialog could not be shown."))
        .ok()?;
        answered.await.ok().flatten()
    }
}

#[async_trait]
impl FileHost for ShellFiles {
    async fn pick(&self) -> Vec<PathBuf> {
        let picked = self.ask(AsyncFileDialog::pick_files).await.unwrap_or_default();
        picked.iter().map(|file| file.path().to_path_buf()).collect()
    }

    async fn save_as(&self, name: &str) -> Option<PathBuf> {
        let name = name.to_owned();
        let place: Option<FileHandle> = self.ask(move |dialog| dialog.set_file_name(name).save_file()).await;
        place.map(|file| file.path().to_path_buf())
    }

    async fn open(&self, path: &Path) -> Result<(), Code> {
        let app = self.app.get().ok_or(Code::Internal)?;
        app.opener().open_path(path.to_string_lossy(), None::<&str>).map_err(|error| {
            tracing::warn!(%error, "The system could not open a file.");
            Code::ProgramMissing
        })
    }

    async fn dial(&self, number: &TelUri) -> Result<(), Code> {
        dial::hand_over(self.app.get().ok_or(Code::Internal)?, number).await
    }

    async fn browse(&self, link: &WebLink) -> Result<(), Code> {
        let app = self.app.get().ok_or(Code::Internal)?;
        app.opener().open_url(link.as_str(), None::<&str>).map_err(|error| {
            tracing::warn!(%error, "The system could not open a link.");
            Code::ProgramMissing
        })
    }
}

/// What hangs over the window, or was dropped on it.
pub(crate) fn dragged(app: &AppHandle<Wry>, event: &DragDropEvent) {
    let desk = Arc::clone(&app.state::<Arc<Desk>>());
    match event {
        DragDropEvent::Enter { paths, .. } => desk.files_hover(!paths.is_empty()),
        DragDropEvent::Leave => desk.files_hover(false),
        DragDropEvent::Drop { paths, .. } => {
            desk.files_hover(false);
            let paths = paths.clone();
            tauri::async_runtime::spawn(async move { desk.files_dropped(paths).await });
        }
        _ => {}
    }
}
