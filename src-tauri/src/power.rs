//! Waking up: resume from sleep and the network coming back, so that the desk pulls at once.
//!
//! logind and NetworkManager say it where they run. Everywhere, a wall clock that ran ahead of this program
//! means that it slept. Whatever is missing is left out without a word: the pullers have their own timers.

use std::sync::Arc;
use std::time::{Duration, Instant};

use deskbell_api::Desk;
use deskbell_engine::ports::Clock;
use deskbell_engine::system::SystemClock;

/// How often the clocks are compared.
const TICK: Duration = Duration::from_secs(60);
/// The wall clock this far ahead of the running time means a sleep.
const SLEEP_MS_MIN: i64 = 20_000;

/// Watches until the program ends.
pub(crate) async fn watch(desk: Arc<Desk>) {
    #[cfg(target_os = "linux")]
    tokio::spawn({
        let desk = Arc::clone(&desk);
        async move {
            if let Err(error) = bus::watch(&desk).await {
                tracing::info!(%error, "No system bus to hear of sleep and network from.");
            }
        }
    });
    let mut last = (SystemClock.now().0, Instant::now());
    loop {
        tokio::time::sleep(TICK).await;
        let now = (SystemClock.now().0, Instant::now());
        if slept(now.0.saturating_sub(last.0), now.1.saturating_duration_since(last.1)) {
            tracing::info!("The machine was asleep; looking for news.");
            desk.resumed().await;
        }
        last = now;
    }
}

/// `running` leaves out a sleep on Linux and macOS; on Windows it does not, but then the tick itself was late.
fn slept(wall_ms: i64, running: Duration) -> bool {
    let running_ms = i64::try_from(running.min(TICK).as_millis()).unwrap_or(i64::MAX);
    wall_ms.saturating_sub(running_ms) >= SLEEP_MS_MIN
}

#[cfg(target_os = "linux")]
mod bus {
    use std::sync::Arc;

    use deskbell_api::Desk;
    use tokio::select;
    use zbus::export::futures_core::Stream;
    use zbus::{Connection, MatchRule, MessageStream, message::Type};

    /// `NM_STATE_CONNECTED_SITE`; 70 is `NM_STATE_CONNECTED_GLOBAL`.
    const CONNECTED_STATE_MIN: u32 = 60;

    async fn signals(connection: &Connection, interface: &str, member: &str) -> zbus::Result<MessageStream> {
        let rule = MatchRule::builder().msg_type(Type::Signal).interface(interface)?.member(member)?.build();
        MessageStream::for_match_rule(rule, connection, None).await
    }

    async fn next(stream: &mut MessageStream) -> Option<zbus::Result<zbus::Message>> {
        std::future::poll_fn(|context| std::pin::Pin::new(&mut *stream).poll_next(context)).await
    }

    pub(super) async fn watch(desk: &Arc<Desk>) -> zbus::Result<()> {
        let connection = Connection::system().await?;
        let mut sleep = signals(&connection, "org.freedesktop.login1.Manager", "PrepareForSleep").await?;
        let mut network = signals(&connection, "org.freedesktop.NetworkManager", "StateChanged").await?;
        loop {
            let woke = select! {
                message = next(&mut sleep) => match message {
                    Some(message) => !message?.body().deserialize::<bool>()?,
                    None => return Ok(()),
                },
                message = next(&mut network) => match message {
                    Some(message) => message?.body().deserialize::<u32>()? >= CONNECTED_STATE_MIN,
                    None => return Ok(()),
                },
            };
            if woke {
                tracing::info!("Awake, or on a network again; looking for news.");
                desk.resumed().await;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wall_clock_far_ahead_is_a_sleep_and_a_busy_machine_is_not() {
        assert!(!slept(30_010, Duration::from_millis(30_005)));
        assert!(!slept(45_000, Duration::from_secs(30)));
        assert!(slept(600_000, Duration::from_secs(30)));
        assert!(slept(600_000, Duration::from_secs(600)), "a running clock that counted the sleep");
        assert!(!slept(-3_600_000, Duration::from_secs(30)), "set back");
    }
}
