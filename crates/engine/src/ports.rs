//! What the engine needs from the machine it runs on. Each port has a real adapter (shell, command
//! line) and a double (testkit).

use std::sync::Arc;

use async_trait::async_trait;
use deskbell_domain::ticket::TicketId;
use deskbell_domain::{Code, UtcMs};
use deskbell_remote::connect::ConnectOptions;
use deskbell_remote::{RemoteError, SupportApi};
use secrecy::SecretString;
use serde::Serialize;
use ts_rs::TS;

/// The time. Only its adapter reads the machine's clock.
pub trait Clock: Send + Sync {
    fn now(&self) -> UtcMs;
}

/// Randomness for jitter and markers.
pub trait Rng: Send + Sync {
    /// In 0.0..1.0.
    fn jitter(&self) -> f64;

    /// Any value, each as likely; markers are made of it, so it must not come again in a lifetime.
    fn bits(&self) -> u64;
}

/// Builds the client of an account; nothing is sent by building it.
pub trait Connector: Send + Sync {
    /// # Errors
    /// `endpoint_invalid`, `plain_http_refused`.
    fn connect(&self, options: &ConnectOptions) -> Result<Arc<dyn SupportApi>, RemoteError>;
}

/// Why a secret cannot be read or kept. `code` is `keyring_locked` or `keyring_missing`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {detail}")]
pub struct SecretsError {
    pub code: Code,
    pub detail: String,
}

/// Where passwords, tokens and the database key live. Blocking: called off the async threads.
pub trait Secrets: Send + Sync {
    /// `None` where no secret has that name.
    ///
    /// # Errors
    /// When the keyring is locked or missing.
    fn get(&self, name: &str) -> Result<Option<SecretString>, SecretsError>;

    /// # Errors
    /// When the keyring is locked or missing.
    fn set(&self, name: &str, value: &SecretString) -> Result<(), SecretsError>;

    /// Deleting what is not there succeeds.
    ///
    /// # Errors
    /// When the keyring is locked or missing.
    fn delete(&self, name: &str) -> Result<(), SecretsError>;
}

/// What the desktop's notification service can do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct NotificationSupport {
    pub available: bool,
    /// Name and version as the service gives them.
    pub server: String,
    /// Buttons can be pressed on it.
    pub actions: bool,
    /// It reads markup in the body.
    pub body_markup: bool,
    /// What was not seen stays in a list of its own.
    pub persistence: bool,
    /// It plays the sound that a notification names.
    pub sound: bool,
    /// When it was asked.
    pub checked_at: UtcMs,
    /// Why not, when not available.
    pub reason: Option<Code>,
}

impl NotificationSupport {
    /// There is no service.
    #[must_use]
    pub const fn none(reason: Code, checked_at: UtcMs) -> Self {
        Self {
            available: false,
            server: String::new(),
            actions: false,
            body_markup: false,
            persistence: false,
            sound: false,
            checked_at,
            reason: Some(reason),
        }
    }
}

/// What a notification stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotificationKind {
    /// One alert.
    Single,
    /// Many at once.
    Digest,
    /// What was kept back through quiet hours or do-not-disturb, and is still true.
    Held,
}

/// A notification ready to be shown: every text is already in the person's language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notification {
    /// The clock it stands for; a later notification with the same key replaces it.
    pub key: String,
    pub kind: NotificationKind,
    pub alert_ids: Vec<i64>,
    /// Reminders that it stands for; a notification is of alerts or of reminders.
    pub reminder_ids: Vec<i64>,
    pub ticket_id: Option<TicketId>,
    /// Key of the visit that it is about.
    pub visit: Option<String>,
    pub title: String,
    pub body: String,
    /// The ticket was last in step with its server then, when that is long ago; the body says so, too.
    pub as_of: Option<UtcMs>,
    pub urgent: bool,
    pub sound: bool,
    pub label_open: String,
    pub label_acknowledge: String,
    pub label_snooze: String,
    /// What to do instead, for a service without buttons; may be empty.
    pub without_actions: String,
}

/// What a person did with a notification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotificationAction {
    Open,
    Acknowledge,
    Snooze,
}

/// An action on a shown notification, sent back by the notifier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotificationResponse {
    pub notification: Notification,
    pub action: NotificationAction,
}

/// Shows notifications.
#[async_trait]
pub trait Notifier: Send + Sync {
    async fn support(&self) -> NotificationSupport;

    /// Returns once the service has taken it.
    ///
    /// # Errors
    /// A code when there is no service or it refused; the alert is then shown in the app only.
    async fn show(&self, notification: &Notification) -> Result<(), Code>;

    /// Where actions are sent. Called once, before the first `show`.
    fn respond_to(&self, responses: tokio::sync::mpsc::Sender<NotificationResponse>);
}
