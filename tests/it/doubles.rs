//! Servers and connections that misbehave on order, put behind a desk through its connector.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use deskbell_domain::observation::{Catalogue, Fate, Observations, ObservedCustomer, ObservedTicket};
use deskbell_domain::sync::op::{FileRef, OperationKind, OperationName, OutboundOperation, Outcome, ReadBack};
use deskbell_domain::ticket::{Priority, Status};
use deskbell_domain::{Code, UtcMs};
use deskbell_engine::ports::Connector;
use deskbell_remote::connect::{ConnectOptions, connect};
use deskbell_remote::{
    Capabilities, FileSink, Identity, PullPage, PullProgress, RemoteError, RemoteFile, SupportApi, UploadProgress,
};

/// What passed between desks and servers.
#[derive(Default)]
pub(crate) struct Log {
    pub(crate) pulls: Mutex<Vec<Option<String>>>,
    pub(crate) sends: Mutex<Vec<OperationKind>>,
    /// So many of the next creations are refused before they reach the server.
    pub(crate) refuse_creations: AtomicU32,
    /// Tickets that the server no longer shows, of which its feed says nothing.
    pub(crate) hidden: Mutex<Vec<String>>,
}

impl Log {
    pub(crate) fn count_sends(&self, name: OperationName) -> usize {
        self.sends.lock().unwrap().iter().filter(|kind| kind.name() == name).count()
    }
}

/// Real connections, written down.
pub(crate) struct Watched(pub(crate) Arc<Log>);

impl Connector for Watched {
    fn connect(&self, options: &ConnectOptions) -> Result<Arc<dyn SupportApi>, RemoteError> {
        if options.endpoint.starts_with(HANGING) {
            return Ok(Arc::new(Hanging));
        }
        Ok(Arc::new(WatchedApi { inner: connect(options)?, log: Arc::clone(&self.0) }))
    }
}

struct WatchedApi {
    inner: Arc<dyn SupportApi>,
    log: Arc<Log>,
}

#[async_trait]
impl SupportApi for WatchedApi {
    fn capabilities(&self) -> Capabilities {
        self.inner.capabilities()
    }

    async fn check(&self) -> Result<Identity, RemoteError> {
        self.inner.check().await
    }

    async fn pull(&self, cursor: Option<&str>) -> Result<PullPage, RemoteError> {
        self.log.pulls.lock().unwrap().push(cursor.map(str::to_owned));
        self.inner.pull(cursor).await
    }

    async fn ticket(&self, remote_id: &str) -> Result<Observations, RemoteError> {
        self.inner.ticket(remote_id).await
    }

    async fn send(&self, operation: &OutboundOperation) -> Outcome {
        self.log.sends.lock().unwrap().push(operation.kind.clone());
        let is_creation = operation.kind.name() == OperationName::CreateTicket;
        let refuses = |left: u32| left.checked_sub(1);
        if is_creation && self.log.refuse_creations.fetch_update(Ordering::SeqCst, Ordering::SeqCst, refuses).is_ok() {
            return Outcome::Rejected { code: Code::Refused, detail: "not today".to_owned() };
        }
        self.inner.send(operation).await
    }

    async fn read_back(&self, operation: &OutboundOperation) -> Result<ReadBack, RemoteError> {
        self.inner.read_back(operation).await
    }

    async fn upload(&self, file: &FileRef, resume: Option<&str>, progress: &dyn UploadProgress) -> Result<String, RemoteError> {
        self.inner.upload(file, resume, progress).await
    }

    async fn download(&self, file: &RemoteFile, sink: &dyn FileSink) -> Result<(), RemoteError> {
        self.inner.download(file, sink).await
    }

    async fn catalogue(&self) -> Result<Catalogue, RemoteError> {
        self.inner.catalogue().await
    }

    async fn vanished(&self, remote_ids: &[String]) -> Result<Vec<String>, RemoteError> {
        let hidden = self.log.hidden.lock().unwrap().clone();
        Ok(remote_ids.iter().filter(|id| hidden.contains(id)).cloned().collect())
    }
}

/// Address of a server that shows a few tickets once and then never answers again.
pub(crate) const HANGING: &str = "http://127.0.0.1:9/";
/// Tickets of it.
pub(crate) const HANGING_TICKETS: u32 = 8;

struct Hanging;

#[async_trait]
impl SupportApi for Hanging {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            operations: &[OperationName::Reply],
            statuses: Status::ALL,
            change_feed: true,
            connections_max: 4,
            ..Capabilities::default()
        }
    }

    async fn check(&self) -> Result<Identity, RemoteError> {
        std::future::pending().await
    }

    async fn pull(&self, cursor: Option<&str>) -> Result<PullPage, RemoteError> {
        if cursor.is_some() {
            return std::future::pending().await;
        }
        let tickets = (0..HANGING_TICKETS).map(|n| ticket(&format!("slow-{n}"))).collect();
        Ok(PullPage {
            observations: Observations { tickets, ..Observations::default() },
            visits: Vec::new(),
            next_cursor: "1".to_owned(),
            progress: PullProgress::default(),
            caught_up: true,
        })
    }

    async fn ticket(&self, _remote_id: &str) -> Result<Observations, RemoteError> {
        std::future::pending().await
    }

    async fn send(&self, _operation: &OutboundOperation) -> Outcome {
        std::future::pending().await
    }

    async fn read_back(&self, _operation: &OutboundOperation) -> Result<ReadBack, RemoteError> {
        std::future::pending().await
    }
}

fn ticket(remote_id: &str) -> ObservedTicket {
    ObservedTicket {
        remote_id: remote_id.to_owned(),
        subject: format!("slow ticket {remote_id}"),
        status: Status::Open,
        status_raw: "open".to_owned(),
        priority: Priority::Routine,
        priority_raw: String::new(),
        product: String::new(),
        customer: ObservedCustomer::default(),
        requester: String::new(),
        assignee: String::new(),
        tags: Vec::new(),
        custom_fields: std::collections::BTreeMap::new(),
        created_at: UtcMs(1_700_000_000_000),
        updated_at: UtcMs(1_700_000_000_000),
        version: "1".to_owned(),
        fate: Fate::Live,
        evaluation: None,
    }
}
