//! The ports that every host can share: the machine's clock, randomness, and no notifications.

use std::sync::Arc;

use async_trait::async_trait;
use deskbell_domain::{Code, UtcMs};
use deskbell_remote::connect::{ConnectOptions, connect};
use deskbell_remote::{RemoteError, SupportApi};

use crate::ports::{Clock, Connector, Notification, NotificationResponse, NotificationSupport, Notifier, Rng};

/// The machine's clock: the one place that reads it.
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> UtcMs {
        UtcMs::from(chrono::Utc::now())
    }
}

/// The zone that this machine's clock shows: `TZ` where it names one, else the system's, else that of the service centres.
#[must_use]
pub fn time_zone() -> chrono_tz::Tz {
    let named = std::env::var("TZ").ok().and_then(|name| name.trim_start_matches(':').parse().ok());
    let system = || iana_time_zone::get_timezone().ok().and_then(|name| name.parse().ok());
    named.or_else(system).unwrap_or(chrono_tz::Asia::Shanghai)
}

/// The operating system's generator.
pub struct SystemRng;

impl Rng for SystemRng {
    fn jitter(&self) -> f64 {
        // Without randomness waits are merely alike; 53 bits fill a float's fraction.
        let bits = getrandom::u64().unwrap_or(u64::MAX / 2) >> 11;
        #[expect(clippy::cast_precision_loss, reason = "53 bits fit exactly")]
        let share = bits as f64 / (1_u64 << 53) as f64;
        share
    }

    fn bits(&self) -> u64 {
        getrandom::u64().unwrap_or_else(|_| uuid::Uuid::now_v7().as_u64_pair().1)
    }
}

/// Real clients over the network.
pub struct SystemConnector;

impl Connector for SystemConnector {
    fn connect(&self, options: &ConnectOptions) -> Result<Arc<dyn SupportApi>, RemoteError> {
        connect(options)
    }
}

/// For hosts without a desktop: alerts stay in the store and on the command line.
pub struct SilentNotifier;

#[async_trait]
impl Notifier for SilentNotifier {
    async fn support(&self) -> NotificationSupport {
        NotificationSupport::none(Code::NotFound, SystemClock.now())
    }

    async fn show(&self, _notification: &Notification) -> Result<(), Code> {
        Err(Code::NotFound)
    }

    fn respond_to(&self, _responses: tokio::sync::mpsc::Sender<NotificationResponse>) {}
}
