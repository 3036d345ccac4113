//! Wires desk, window, tray, notifications and power together, and decides what closing means.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use deskbell_api::{Desk, DeskOptions, DeskPorts, FileHost};
use deskbell_desktop::KeyringSecrets;
use deskbell_domain::ticket::TicketId;
use deskbell_engine::catalogue::{Catalogue, TextArgs};
use deskbell_engine::events::DeskEvent;
use deskbell_engine::ports::{Notification, NotificationKind, Notifier};
use deskbell_engine::system::{SystemClock, SystemRng};
use tauri::{AppHandle, Manager, RunEvent, WindowEvent, Wry};
use tauri_plugin_window_state::StateFlags;
use tokio::sync::Notify;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

use crate::files::{self, ShellFiles};
use crate::notify::DesktopNotifier;
use crate::tray::TrayMemory;
use crate::window::WindowMemory;
use crate::{links, power, rpc, tray, window};

/// Runs until the person quits.
///
/// # Errors
/// When the window system or the webview is not there.
pub(crate) fn run(data_dir: PathBuf, arguments: &[String], started: Instant) -> tauri::Result<()> {
    let notifier = Arc::new(DesktopNotifier::default());
    let files = Arc::new(ShellFiles::default());
    let options = DeskOptions { data_dir: data_dir.clone(), version: env!("CARGO_PKG_VERSION").to_owned(), demo_life: true };
    let ports = DeskPorts {
        clock: Arc::new(SystemClock),
        rng: Arc::new(SystemRng),
        notifier: Arc::clone(&notifier) as Arc<dyn Notifier>,
        secrets: Arc::new(KeyringSecrets::from_environment()),
        files: Arc::clone(&files) as Arc<dyn FileHost>,
    };
    let link = links::ticket_in(arguments);
    let window_state = data_dir.join("window-state.json").to_string_lossy().into_owned();
    tauri::Builder::default()
        // First, so that a second start ends before it touches anything.
        .plugin(tauri_plugin_single_instance::init(|app, arguments, _directory| again(app, &arguments)))
        .plugin(
            tauri_plugin_window_state::Builder::new()
                .with_filename(window_state)
                .with_state_flags(StateFlags::SIZE | StateFlags::POSITION | StateFlags::MAXIMIZED | StateFlags::FULLSCREEN)
                .build(),
        )
        .plugin(tauri_plugin_opener::init())
        .invoke_handler(tauri::generate_handler![rpc::rpc, rpc::framed, rpc::listening, rpc::shown, rpc::stored])
        .setup(move |app| {
            let handle = app.handle().clone();
            let desk = tauri::async_runtime::block_on(async { Desk::start(options, ports) });
            app.manage(Arc::clone(&desk));
            app.manage(WindowMemory::new(&data_dir, started));
            app.manage(TrayMemory::default());
            app.manage(Arc::clone(&notifier));
            files.ready(handle.clone());
            tauri::async_runtime::spawn(forward(handle.clone(), desk.subscribe()));
            tauri::async_runtime::spawn(tray::keep_current(handle.clone(), Arc::clone(&desk)));
            tauri::async_runtime::spawn(follow_notifier(notifier, Arc::clone(&desk)));
            tauri::async_runtime::spawn(power::watch(desk));
            tauri::async_runtime::spawn(quit_on_signal(handle.clone()));
            match link {
                Some(id) => window::open_ticket(&handle, DeskEvent::OpenTicket { id: TicketId(id) }),
                None => window::create(&handle)?,
            }
            tauri::async_runtime::spawn(async move { tray::ensure(&handle).await });
            Ok(())
        })
        .on_window_event(|window, event| match event {
            WindowEvent::CloseRequested { api, .. } => {
                api.prevent_close();
                tauri::async_runtime::spawn(close(window.app_handle().clone()));
            }
            WindowEvent::DragDrop(event) => files::dragged(window.app_handle(), event),
            _ => {}
        })
        .build(tauri::generate_context!())?
        .run(|app, event| match event {
            // The last window is gone; the desk keeps ringing.
            RunEvent::ExitRequested { api, code: None, .. } => api.prevent_exit(),
            RunEvent::Exit => {
                let desk = Arc::clone(&app.state::<Arc<Desk>>());
                tauri::async_runtime::block_on(async move { desk.shutdown().await });
            }
            _ => {}
        });
    Ok(())
}

/// The program was started once more: come forward, and follow a link if there is one.
fn again(app: &AppHandle<Wry>, arguments: &[String]) {
    match links::ticket_in(arguments) {
        Some(id) => window::open_ticket(app, DeskEvent::OpenTicket { id: TicketId(id) }),
        None => window::show(app),
    }
}

/// Into the tray where there is one. Elsewhere closing is quitting, and says that nothing will ring.
async fn close(app: AppHandle<Wry>) {
    window::store_typed(&app).await;
    if tray::ensure(&app).await {
        if let Some(window) = app.get_webview_window(window::MAIN)
            && let Err(error) = window.destroy()
        {
            tracing::warn!(%error, "The window could not be closed.");
        }
        return;
    }
    let desk = Arc::clone(&app.state::<Arc<Desk>>());
    let settings = desk.engine().map(|engine| engine.settings()).unwrap_or_default();
    let text = |key: &str| Catalogue::of(settings.language).text(key, &TextArgs::new());
    let notice = Notification {
        key: "no-tray".to_owned(),
        kind: NotificationKind::Single,
        alert_ids: Vec::new(),
        reminder_ids: Vec::new(),
        ticket_id: None,
        visit: None,
        title: text("notify-no-tray-title"),
        body: text("notify-no-tray-body"),
        as_of: None,
        urgent: false,
        sound: false,
        label_open: text("action-open"),
        label_acknowledge: text("action-acknowledge"),
        label_snooze: text("action-snooze"),
        without_actions: String::new(),
    };
    // Without a notification service either, there is nobody to tell.
    let _ = app.state::<Arc<DesktopNotifier>>().show(&notice).await;
    app.exit(0);
}

/// Every event goes to the page; some concern the shell itself.
async fn forward(app: AppHandle<Wry>, mut events: Receiver<DeskEvent>) {
    loop {
        let event = match events.recv().await {
            Ok(event) => event,
            // Whatever was missed, asking for everything again is right.
            Err(RecvError::Lagged(_)) => DeskEvent::TicketsChanged { ids: Vec::new(), many: true },
            Err(RecvError::Closed) => return,
        };
        match &event {
            DeskEvent::OpenTicket { .. } | DeskEvent::OpenVisit { .. } => {
                window::open_ticket(&app, event);
                continue;
            }
            DeskEvent::StateChanged { state } => window::remember_look(&app, state),
            _ => {}
        }
        tray::changed(&app);
        window::emit(&app, &event);
    }
}

/// A notification service that comes shows what the one before it did not take.
async fn follow_notifier(notifier: Arc<DesktopNotifier>, desk: Arc<Desk>) {
    let changed = Notify::new();
    let tell = async {
        loop {
            changed.notified().await;
            desk.notifier_changed().await;
        }
    };
    tokio::join!(notifier.watch(&changed), tell);
}

/// Ends the program, after the page has stored what was being typed.
pub(crate) async fn quit(app: AppHandle<Wry>) {
    window::store_typed(&app).await;
    app.exit(0);
}

/// A polite kill is a quit: the desk is shut down first.
async fn quit_on_signal(app: AppHandle<Wry>) {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
            quit(app).await;
        }
    }
    #[cfg(not(unix))]
    if tokio::signal::ctrl_c().await.is_ok() {
        quit(app).await;
    }
}
