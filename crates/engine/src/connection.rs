//! One account's connection while the engine runs: what it is doing, and what it waits for.

use std::sync::Arc;

use deskbell_domain::ticket::AccountId;
use deskbell_domain::{Code, UtcMs};
use deskbell_remote::SupportApi;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use crate::engine::{Engine, guard};
use crate::error::EngineError;
use crate::events::{AccountActivity, Progress};

pub(crate) struct Connection {
    pub(crate) api: Result<Arc<dyn SupportApi>, EngineError>,
    pub(crate) activity: AccountActivity,
    pub(crate) progress: Option<Progress>,
    pub(crate) retry_at: Option<UtcMs>,
    pub(crate) error: Option<EngineError>,
    pub(crate) wake: Arc<Notify>,
    pub(crate) task: Option<JoinHandle<()>>,
    /// The server answered in this run, and since the person last worked offline.
    pub(crate) contacted: bool,
    /// The puller has looked once: edits that waited do not overtake what the server has to say about their tickets.
    pub(crate) looked: bool,
    /// The server asked to be left alone until then, and why.
    pub(crate) held: Option<(UtcMs, Code)>,
    /// Operations that landed in this run: a page fetched before the last one may be older than what we know.
    pub(crate) landings: u64,
}

impl Connection {
    pub(crate) fn new(api: Result<Arc<dyn SupportApi>, EngineError>) -> Self {
        let error = api.as_ref().err().cloned();
        let activity = if error.is_some() { AccountActivity::Failed } else { AccountActivity::Idle };
        Self {
            api,
            activity,
            progress: None,
            retry_at: None,
            error,
            wake: Arc::new(Notify::new()),
            task: None,
            contacted: false,
            looked: false,
            held: None,
            landings: 0,
        }
    }

    /// Until when the server wants to be left alone.
    pub(crate) fn held_at(&self, now: UtcMs) -> Option<(UtcMs, Code)> {
        self.held.filter(|(until, _)| *until > now)
    }

    /// Without a puller nobody looks, and nothing waits for it.
    pub(crate) fn can_send(&self, now: UtcMs) -> bool {
        self.api.is_ok() && self.held_at(now).is_none() && (self.looked || self.task.is_none())
    }
}

impl Engine {
    /// Leaves an account alone until then, because its server asked for it.
    pub(crate) fn hold(&self, id: AccountId, until: UtcMs, code: Option<Code>) {
        if let Some(connection) = guard(&self.connections).get_mut(&id) {
            let longer = connection.held.is_none_or(|(held, _)| held < until);
            if longer {
                connection.held = Some((until, code.unwrap_or(Code::RateLimited)));
            }
        }
    }

    pub(crate) fn held(&self, id: AccountId) -> Option<(UtcMs, Code)> {
        guard(&self.connections).get(&id)?.held_at(self.now())
    }

    /// When the first wait that a server imposed ends.
    pub(crate) fn next_release(&self) -> Option<UtcMs> {
        let now = self.now();
        guard(&self.connections).values().filter_map(|connection| connection.held_at(now)).map(|(until, _)| until).min()
    }

    /// The server answered.
    pub(crate) fn note_contact(&self, id: AccountId) {
        self.note_look(id, true);
    }

    /// The puller has looked, and the server answered or not.
    pub(crate) fn note_look(&self, id: AccountId, answered: bool) {
        let first = guard(&self.connections).get_mut(&id).is_some_and(|connection| {
            connection.contacted |= answered;
            !std::mem::replace(&mut connection.looked, true)
        });
        if first {
            self.pusher_wake.notify_one();
        }
    }

    pub(crate) fn note_landing(&self, id: AccountId) {
        if let Some(connection) = guard(&self.connections).get_mut(&id) {
            connection.landings += 1;
        }
    }

    pub(crate) fn landings(&self, id: AccountId) -> u64 {
        guard(&self.connections).get(&id).map_or(0, |connection| connection.landings)
    }

    /// After offline work or sleep every server is to be asked before anything is sent to it.
    pub(crate) fn forget_looks(&self, contacts_too: bool) {
        for connection in guard(&self.connections).values_mut() {
            connection.looked = false;
            connection.contacted &= !contacts_too;
        }
    }

    pub(crate) fn wake_account(&self, id: AccountId) {
        if let Some(connection) = guard(&self.connections).get(&id) {
            connection.wake.notify_one();
        }
    }
}
