//! Starting and stopping.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::Router;
use sha2::{Digest, Sha256};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::api::{self, RateLimit, RateWindow};
use crate::catalogue::Known;
use crate::centres::Centres;
use crate::clock;
use crate::error::HubError;
use crate::faults::Faults;
use crate::life::{DemoLife, Life};
use crate::store::{Actor, NoteDraft, Store, write};
use crate::wire::{Role, Visibility};
use crate::workorder::{self, WorkorderConfig};

/// How long requests in flight may take to end at shutdown.
const SHUTDOWN_WAIT: Duration = Duration::from_secs(3);

/// Answers that an overtaken one can miss before it goes out itself.
const ANSWERS_KEPT: usize = 16;

/// What a server needs.
#[derive(Debug, Clone)]
pub struct HubConfig {
    /// Loopback; port 0 takes a free one.
    pub bind: SocketAddr,
    /// A file, made if absent, or `:memory:`.
    pub database: PathBuf,
    /// The bearer token that is let in.
    pub token: String,
    /// Who the token belongs to.
    pub user: String,
    /// The name under which that user's notes appear.
    pub display_name: String,
    /// `None` counts nothing.
    pub rate_limit: Option<RateLimit>,
    /// Failures on order, for tests.
    pub faults: Faults,
    /// Customers that answer; `None` in tests.
    pub life: Option<DemoLife>,
    /// The same tickets once more, in the shape of Alibaba Cloud Workorder.
    pub workorder: Option<WorkorderConfig>,
    /// Service centres as a JSON list in the shape of the domain's; `None` has the shipped ones.
    pub centres: Option<String>,
}

impl HubConfig {
    /// A server on a free loopback port, without rate limit, faults or life.
    #[must_use]
    pub fn new(database: impl Into<PathBuf>, token: impl Into<String>) -> Self {
        Self {
            bind: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            database: database.into(),
            token: token.into(),
            user: "demo".to_owned(),
            display_name: "林晓 Lin Xiao".to_owned(),
            rate_limit: None,
            faults: Faults::default(),
            life: None,
            workorder: None,
            centres: None,
        }
    }
}

/// What all requests share.
#[derive(Clone)]
pub(crate) struct Shared {
    pub(crate) store: Store,
    pub(crate) token_hash: [u8; 32],
    pub(crate) user: String,
    pub(crate) display_name: String,
    pub(crate) rate_limit: Option<RateLimit>,
    pub(crate) rate_window: Arc<RateWindow>,
    pub(crate) faults: Faults,
    pub(crate) life: Life,
    pub(crate) catalogue: Arc<Known>,
    pub(crate) centres: Arc<Centres>,
    /// Told of every answer that goes out.
    pub(crate) answers: tokio::sync::broadcast::Sender<()>,
    /// Bytes of uploads that came in since the start.
    pub(crate) upload_bytes: Arc<AtomicU64>,
}

/// The server before it runs.
pub struct HubServer;

impl HubServer {
    /// Opens the database, binds the address and serves until [`RunningHub::shutdown`] or drop.
    ///
    /// # Errors
    /// [`HubError::NotLoopback`], [`HubError::Bind`], [`HubError::Database`].
    pub async fn start(config: HubConfig) -> Result<RunningHub, HubError> {
        let binds = [Some(config.bind), config.workorder.as_ref().map(|workorder| workorder.bind)];
        if binds.iter().flatten().any(|bind| !bind.ip().is_loopback()) {
            return Err(HubError::NotLoopback);
        }
        let path = config.database.clone();
        let store = tokio::task::spawn_blocking(move || Store::open(&path)).await.map_err(|_| HubError::TaskEnded)??;
        let listener = TcpListener::bind(config.bind).await.map_err(HubError::Bind)?;
        let address = listener.local_addr().map_err(HubError::Bind)?;
        let (stop, stopped) = watch::channel(false);
        let upload_bytes = Arc::new(AtomicU64::new(0));
        let shared = Shared {
            upload_bytes: upload_bytes.clone(),
            answers: tokio::sync::broadcast::channel(ANSWERS_KEPT).0,
            life: Life::start(config.life, store.clone(), stopped.clone()),
            store: store.clone(),
            token_hash: Sha256::digest(config.token.as_bytes()).into(),
            user: config.user,
            catalogue: Arc::new(Known::read(&config.display_name)?),
            centres: Arc::new(Centres::read(config.centres.as_deref(), clock::now())?),
            display_name: config.display_name,
            rate_limit: config.rate_limit,
            rate_window: Arc::new(RateWindow::default()),
            faults: config.faults,
        };
        let (workorder, second) = match config.workorder {
            Some(workorder) => {
                let listener = TcpListener::bind(workorder.bind).await.map_err(HubError::Bind)?;
                let address = listener.local_addr().map_err(HubError::Bind)?;
                let router = workorder::router(shared.clone(), workorder);
                (Some(address), Some(tokio::spawn(serve(listener, router, stopped.clone()))))
            }
            None => (None, None),
        };
        let task = tokio::spawn(serve(listener, api::router(shared), stopped));
        tracing::info!(%address, "The hub serves.");
        let tasks = std::iter::once(task).chain(second).collect();
        Ok(RunningHub { address, workorder, store, upload_bytes, stop, tasks })
    }
}

async fn serve(listener: TcpListener, router: Router, stopped: watch::Receiver<bool>) {
    let mut force = stopped.clone();
    let graceful = axum::serve(listener, router).with_graceful_shutdown(wait_for_stop(stopped));
    let forced = async {
        wait_for_stop(force.clone()).await;
        force.mark_unchanged();
        tokio::time::sleep(SHUTDOWN_WAIT).await;
    };
    tokio::select! {
        result = graceful => if let Err(error) = result {
            tracing::error!(%error, "The hub stopped serving.");
        },
        () = forced => tracing::warn!("Requests in flight were cut off at shutdown."),
    }
}

/// Returns when the server is told to stop or its handle is gone.
pub(crate) async fn wait_for_stop(mut stopped: watch::Receiver<bool>) {
    // An error means the handle was dropped.
    let _ = stopped.wait_for(|stop| *stop).await;
}

/// A server that runs; it stops when this is dropped.
pub struct RunningHub {
    address: SocketAddr,
    workorder: Option<SocketAddr>,
    store: Store,
    upload_bytes: Arc<AtomicU64>,
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
}

impl RunningHub {
    /// Base address for clients, as `http://127.0.0.1:43121/`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// Where the Workorder endpoint is, when it was asked for.
    #[must_use]
    pub fn workorder_url(&self) -> Option<String> {
        self.workorder.map(|address| format!("http://{address}/"))
    }

    /// Bytes of uploads that came in since the start, those of broken requests too.
    #[must_use]
    pub fn upload_bytes(&self) -> u64 {
        self.upload_bytes.load(Ordering::Relaxed)
    }

    /// A customer writes into a ticket, as through the vendor's own site. Returns the note's id.
    ///
    /// # Errors
    /// [`HubError::Database`]; `Ok(None)` when there is no such ticket.
    pub async fn customer_replies(&self, ticket_id: &str, author: &str, body: &str) -> Result<Option<String>, HubError> {
        let Ok(id) = ticket_id.parse::<i64>() else { return Ok(None) };
        let actor = Actor { name: author.to_owned(), role: Role::Customer };
        let draft = NoteDraft { body: body.to_owned(), visibility: Visibility::Public, marker: None, uploads: Vec::new() };
        let written = self.store.run(move |tx| write::add_note(tx, id, &actor, &draft, clock::now())).await?;
        Ok(written.map(|id| id.to_string()))
    }

    /// Stops listening, lets requests in flight end for a few seconds, then cuts them off.
    pub async fn shutdown(self) {
        self.stop.send_replace(true);
        for task in self.tasks {
            if let Err(error) = task.await {
                tracing::error!(%error, "The hub's task ended badly.");
            }
        }
    }
}
