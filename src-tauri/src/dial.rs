//! A number on its way to the system's telephone program.
//!
//! On Linux GIO is asked which program the person chose for `tel:` addresses, and starts it. `xdg-open` would not do: where
//! there is none it gives the address to a browser, and it fails so late that the number already counts as dialled.

use deskbell_domain::Code;
use deskbell_domain::directory::TelUri;
use tauri::{AppHandle, Wry};

/// Starts the program with the number.
///
/// # Errors
/// `DialerMissing`: no program dials telephone numbers, or it could not be started.
#[cfg(target_os = "linux")]
pub(crate) async fn hand_over(app: &AppHandle<Wry>, number: &TelUri) -> Result<(), Code> {
    let uri = number.as_str().to_owned();
    let (answer, answered) = tokio::sync::oneshot::channel();
    // Programs that are started over the bus answer to the main thread's loop.
    app.run_on_main_thread(move || {
        // Nobody waits any more: the window went.
        let _ = answer.send(start(&uri));
    })
    .inspect_err(|error| tracing::warn!(%error, "The telephone program could not be asked for."))
    .map_err(|_| Code::Internal)?;
    answered.await.map_err(|_| Code::Internal)?
}

#[cfg(target_os = "linux")]
fn start(uri: &str) -> Result<(), Code> {
    use gio::prelude::AppInfoExt;

    let Some(program) = gio::AppInfo::default_for_uri_scheme("tel") else {
        tracing::info!("The system has no program for telephone numbers.");
        return Err(Code::DialerMissing);
    };
    program.launch_uris(&[uri], None::<&gio::AppLaunchContext>).map_err(|error| {
        tracing::warn!(%error, "The program for telephone numbers could not be started.");
        Code::DialerMissing
    })
}

#[cfg(not(target_os = "linux"))]
#[expect(clippy::unused_async, reason = "as on Linux, where the main thread is waited for")]
pub(crate) async fn hand_over(app: &AppHandle<Wry>, number: &TelUri) -> Result<(), Code> {
    use tauri_plugin_opener::OpenerExt;

    app.opener().open_url(number.as_str(), None::<&str>).map_err(|error| {
        tracing::warn!(%error, "The system has no program for telephone numbers.");
        Code::DialerMissing
    })
}
