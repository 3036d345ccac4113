//! Who shows notifications on this session bus: asked when it is there, forgotten when it goes.
//!
//! Invariant: what is known of one service is never taken for another's. A service is its unique name on the bus;
//! the well-known name may change hands, or have nobody.

use std::time::Duration;

use deskbell_domain::Code;
use deskbell_engine::ports::{Clock as _, NotificationSupport};
use deskbell_engine::system::SystemClock;
use tokio::sync::{Mutex, Notify, watch};
use zbus::export::futures_core::Stream;
use zbus::{Connection, fdo};

const NAME: &str = "org.freedesktop.Notifications";
const PATH: &str = "/org/freedesktop/Notifications";
/// Longest wait for a service to say what it can do.
const ANSWER_MAX: Duration = Duration::from_secs(3);
/// A service that said nothing is not asked again for so long: each question holds the bell up.
const SILENCE_MS: i64 = 20_000;
/// A bus that was not there is looked for again after so long.
const RECONNECT_AFTER: Duration = Duration::from_secs(30);

/// The service as it was last seen.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Seen {
    /// Its unique name on the bus; `None` where nobody has the well-known one.
    pub(super) owner: Option<String>,
    /// `None` before it was asked.
    pub(super) support: Option<NotificationSupport>,
}

/// Keeps what is known of the service true.
pub(super) struct Daemon {
    seen: watch::Sender<Seen>,
    asking: Mutex<()>,
}

impl Default for Daemon {
    fn default() -> Self {
        Self { seen: watch::channel(Seen::default()).0, asking: Mutex::default() }
    }
}

impl Daemon {
    /// What the service of this moment can do. Asks it unless that is known; a first question may start it.
    pub(super) async fn seen(&self) -> (Option<String>, NotificationSupport) {
        if let Some(known) = self.known() {
            return known;
        }
        let _one_at_a_time = self.asking.lock().await;
        if let Some(known) = self.known() {
            return known;
        }
        let seen = match tokio::time::timeout(ANSWER_MAX, ask()).await {
            Ok(Ok((owner, support))) => Seen { owner: Some(owner), support: Some(support) },
            Ok(Err(code)) => absent(code),
            Err(_) => absent(Code::NotificationServiceSilent),
        };
        self.seen.send_replace(seen.clone());
        let support = seen.support.unwrap_or_else(|| NotificationSupport::none(Code::Internal, SystemClock.now()));
        (seen.owner, support)
    }

    fn known(&self) -> Option<(Option<String>, NotificationSupport)> {
        let seen = self.seen.borrow().clone();
        let support = seen.support?;
        still_true(&support, SystemClock.now()).then_some((seen.owner, support))
    }

    /// It refused what it was sent: ask again before the next one.
    pub(super) fn doubt(&self) {
        self.seen.send_modify(|seen| seen.support = None);
    }

    /// Ends once this owner no longer has the name.
    pub(super) async fn gone(&self, owner: &str) {
        let mut seen = self.seen.subscribe();
        let _sender_lives_as_long_as_self = seen.wait_for(|seen| seen.owner.as_deref() != Some(owner)).await;
    }

    /// Follows the name from owner to owner for as long as the program runs, and tells of each change.
    pub(super) async fn watch(&self, changed: &Notify) {
        loop {
            if let Err(error) = self.follow(changed).await {
                tracing::info!(%error, "No session bus to hear of a notification service from.");
            }
            if self.seen.borrow().owner.is_some() {
                self.seen.send_replace(absent(Code::NotificationBusMissing));
                changed.notify_one();
            }
            tokio::time::sleep(RECONNECT_AFTER).await;
        }
    }

    async fn follow(&self, changed: &Notify) -> zbus::Result<()> {
        let bus = Connection::session().await?;
        let names = fdo::DBusProxy::new(&bus).await?;
        let mut owners = names.receive_name_owner_changed_with_args(&[(0, NAME)]).await?;
        while let Some(signal) = next(&mut owners).await {
            let args = signal.args()?;
            let (old, new) =
                (args.old_owner().as_ref().map(ToString::to_string), args.new_owner().as_ref().map(ToString::to_string));
            let before = self.seen.borrow().owner.clone();
            match after_change(before.as_deref(), old.as_deref(), new.as_deref()) {
                Change::None => {}
                Change::Gone => {
                    tracing::warn!("The notification service is gone; alerts ring in the app.");
                    self.seen.send_replace(absent(Code::NotificationServiceMissing));
                }
                Change::Came => {
                    tracing::info!("A notification service is there; asking what it can do.");
                    self.seen.send_replace(Seen { owner: new, support: None });
                    self.seen().await;
                }
            }
            changed.notify_one();
        }
        Ok(())
    }
}

/// What a change of the name's owner means to what was known.
#[derive(Debug, PartialEq, Eq)]
enum Change {
    /// Known already, or about an owner that was replaced since.
    None,
    Gone,
    Came,
}

/// A question asked in between may have seen the new owner before its signal was read.
fn after_change(known: Option<&str>, old: Option<&str>, new: Option<&str>) -> Change {
    match (known, new) {
        (Some(known), Some(new)) if known == new => Change::None,
        (_, Some(_)) => Change::Came,
        (Some(known), None) if old != Some(known) => Change::None,
        (_, None) => Change::Gone,
    }
}

/// A service that answered stays as it is until its name changes hands; one that was silent is left alone for a while;
/// one that was missing is looked for every time.
fn still_true(support: &NotificationSupport, now: deskbell_domain::UtcMs) -> bool {
    let silent = support.reason == Some(Code::NotificationServiceSilent);
    support.available || (silent && now.ms_since(support.checked_at).unsigned_abs() < SILENCE_MS.unsigned_abs())
}

fn absent(reason: Code) -> Seen {
    Seen { owner: None, support: Some(NotificationSupport::none(reason, SystemClock.now())) }
}

async fn ask() -> Result<(String, NotificationSupport), Code> {
    let bus = Connection::session().await.map_err(|_| Code::NotificationBusMissing)?;
    let call = async |method: &'static str| {
        bus.call_method(Some(NAME), PATH, Some(NAME), method, &()).await.map_err(|error| why(&error))
    };
    let information = call("GetServerInformation").await?;
    let (name, _vendor, version, _specification): (String, String, String, String) =
        information.body().deserialize().map_err(|_| Code::NotificationServiceSilent)?;
    let capabilities = call("GetCapabilities").await?;
    let capabilities: Vec<String> = capabilities.body().deserialize().map_err(|_| Code::NotificationServiceSilent)?;
    // The answer's own sender: the name may have changed hands since.
    let owner = information.header().sender().map(ToString::to_string).ok_or(Code::NotificationServiceSilent)?;
    Ok((owner, described(&format!("{name} {version}"), &capabilities)))
}

fn described(server: &str, capabilities: &[String]) -> NotificationSupport {
    let can = |name: &str| capabilities.iter().any(|capability| capability == name);
    NotificationSupport {
        available: true,
        server: server.trim().to_owned(),
        actions: can("actions"),
        body_markup: can("body-markup"),
        persistence: can("persistence"),
        sound: can("sound"),
        checked_at: SystemClock.now(),
        reason: None,
    }
}

/// Names of errors: <https://dbus.freedesktop.org/doc/api/html/group__DBusProtocol.html>.
fn why(error: &zbus::Error) -> Code {
    let name = match error {
        zbus::Error::MethodError(name, _, _) => name.as_str(),
        zbus::Error::FDO(error) => return fdo_reason(error),
        _ => return Code::NotificationServiceSilent,
    };
    let missing = ["ServiceUnknown", "NameHasNoOwner"].iter().any(|end| name.ends_with(end)) || name.contains(".Spawn.");
    if missing { Code::NotificationServiceMissing } else { Code::NotificationServiceSilent }
}

fn fdo_reason(error: &fdo::Error) -> Code {
    match error {
        fdo::Error::ServiceUnknown(_) | fdo::Error::NameHasNoOwner(_) => Code::NotificationServiceMissing,
        _ => Code::NotificationServiceSilent,
    }
}

async fn next<S: Stream + Unpin>(stream: &mut S) -> Option<S::Item> {
    std::future::poll_fn(|context| std::pin::Pin::new(&mut *stream).poll_next(context)).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use deskbell_domain::UtcMs;

    #[test]
    fn a_signal_that_was_overtaken_by_a_question_changes_nothing() {
        assert_eq!(after_change(None, None, Some(":1.7")), Change::Came);
        assert_eq!(after_change(Some(":1.7"), Some(":1.7"), None), Change::Gone);
        assert_eq!(after_change(Some(":1.7"), Some(":1.7"), Some(":1.9")), Change::Came, "it changed hands at once");
        assert_eq!(after_change(Some(":1.9"), Some(":1.7"), None), Change::None, "the one before it");
        assert_eq!(after_change(Some(":1.9"), None, Some(":1.9")), Change::None, "known already");
        assert_eq!(after_change(None, Some(":1.7"), None), Change::Gone);
    }

    #[test]
    fn capabilities_are_read_by_name() {
        let list = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
        let plain = described("plain ", &list(&["body", "actions-icons"]));
        assert!(plain.available && !plain.actions && !plain.body_markup && !plain.persistence && !plain.sound);
        assert_eq!(plain.server, "plain");
        let rich = described("gnome-shell 45", &list(&["actions", "body", "body-markup", "persistence", "sound"]));
        assert!(rich.actions && rich.body_markup && rich.persistence && rich.sound);
    }

    #[test]
    fn a_silent_service_is_left_alone_for_a_while_and_a_missing_one_is_looked_for_again() {
        let at = UtcMs(1_000_000);
        let absent = |reason| NotificationSupport::none(reason, at);
        assert!(still_true(&absent(Code::NotificationServiceSilent), at.plus_ms(SILENCE_MS - 1)));
        assert!(!still_true(&absent(Code::NotificationServiceSilent), at.plus_ms(SILENCE_MS)));
        assert!(!still_true(&absent(Code::NotificationServiceSilent), at.plus_ms(-3_600_000)), "the clock was set back");
        assert!(!still_true(&absent(Code::NotificationServiceMissing), at));
        assert!(still_true(&described("dunst 1.9", &[]), at.plus_ms(3_600_000)));
    }

    #[test]
    fn an_owner_that_goes_ends_the_waits_for_it_alone() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let daemon = Daemon::default();
            daemon.seen.send_replace(Seen { owner: Some(":1.7".to_owned()), support: None });
            let waits = async { tokio::time::timeout(Duration::from_millis(50), daemon.gone(":1.7")).await };
            assert!(waits.await.is_err(), "still there");
            daemon.seen.send_replace(Seen { owner: Some(":1.9".to_owned()), support: None });
            daemon.gone(":1.7").await;
            assert!(tokio::time::timeout(Duration::from_millis(50), daemon.gone(":1.9")).await.is_err());
            daemon.seen.send_replace(absent(Code::NotificationServiceMissing));
            daemon.gone(":1.9").await;
        });
    }
}
