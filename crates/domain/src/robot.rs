//! Robots in group chats: which alerts they are told, and how often their platforms let them speak.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::filter::TicketFilter;
use crate::quiet::QuietHours;
use crate::sla::policy::Threshold;
use crate::ticket::text_enum;
use crate::time::{SECOND_MS, UtcMs};

/// Rules of one robot.
pub const RULES_MAX: usize = 20;
/// People named by one rule.
pub const MENTIONS_MAX: usize = 30;
/// Characters of a robot's or a rule's name.
pub const NAME_CHARS_MAX: usize = 60;
/// Everybody in the group, as a mention.
pub const EVERYBODY: &str = "all";

/// A row of the local store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(transparent)]
#[ts(type = "number")]
pub struct RobotId(pub i64);

/// Whose group chat it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum RobotKind {
    Dingtalk,
    Wecom,
    Feishu,
}

text_enum!(RobotKind { Dingtalk = "dingtalk", Wecom = "wecom", Feishu = "feishu" });

/// Why a message goes to a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryKind {
    /// A threshold was reached.
    Alert,
    /// Nobody acknowledged an alert in time.
    Escalation,
    /// A person tries the robot.
    Test,
}

text_enum!(DeliveryKind { Alert = "alert", Escalation = "escalation", Test = "test" });

/// Where a message stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// Waits: for its turn under the platform's limit, for the end of quiet hours, or for another try.
    Queued,
    Sending,
    Sent,
    /// It did not arrive, and will not without a person.
    Failed,
    /// It may have arrived; it is not sent again by itself.
    Unknown,
    /// Its content went along with another message.
    Merged,
    /// No longer true when its turn came: acknowledged, answered or finished.
    Withdrawn,
}

text_enum!(DeliveryState {
    Queued = "queued",
    Sending = "sending",
    Sent = "sent",
    Failed = "failed",
    Unknown = "unknown",
    Merged = "merged",
    Withdrawn = "withdrawn",
});

/// Which alerts a robot tells, and whom it names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RobotRule {
    pub id: String,
    pub name: String,
    #[serde(default)]
    pub filter: TicketFilter,
    /// Tells thresholds as they are reached.
    #[serde(default = "yes")]
    pub alerts: bool,
    /// Of those, only these; empty means every one.
    #[serde(default)]
    pub thresholds: Vec<Threshold>,
    /// Tells alerts that nobody acknowledged in time.
    #[serde(default)]
    pub escalations: bool,
    /// Mobile numbers, user ids of the platform, or [`EVERYBODY`].
    #[serde(default)]
    pub mention: Vec<String>,
    #[serde(default)]
    pub quiet: Option<QuietHours>,
    /// Urgent tickets are told in quiet hours too.
    #[serde(default = "yes")]
    pub quiet_urgent: bool,
}

const fn yes() -> bool {
    true
}

impl RobotRule {
    /// True when the rule tells such an alert of a ticket that its filter lets pass.
    #[must_use]
    pub fn wants(&self, kind: DeliveryKind, threshold: Threshold) -> bool {
        match kind {
            DeliveryKind::Alert => self.alerts && (self.thresholds.is_empty() || self.thresholds.contains(&threshold)),
            DeliveryKind::Escalation => self.escalations,
            DeliveryKind::Test => false,
        }
    }
}

/// At most `sends` messages begin within any `ms` milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateWindow {
    pub sends: usize,
    pub ms: i64,
}

/// DingTalk and WeCom: 20 messages a minute for each robot; DingTalk then refuses everything for ten minutes. The second
/// added to the minute is for what the way there takes more or less. The short window lets messages gather.
const TWENTY_A_MINUTE: &[RateWindow] =
    &[RateWindow { sends: 2, ms: 2 * SECOND_MS }, RateWindow { sends: 20, ms: 61 * SECOND_MS }];
/// Feishu: 100 messages a minute and 5 a second.
const HUNDRED_A_MINUTE: &[RateWindow] = &[RateWindow { sends: 5, ms: 1_200 }, RateWindow { sends: 100, ms: 61 * SECOND_MS }];
/// The longest of the windows.
pub const RATE_WINDOW_MS_MAX: i64 = 61 * SECOND_MS;

impl RobotKind {
    /// How often a robot of this platform may speak.
    #[must_use]
    pub const fn rate(self) -> &'static [RateWindow] {
        match self {
            Self::Dingtalk | Self::Wecom => TWENTY_A_MINUTE,
            Self::Feishu => HUNDRED_A_MINUTE,
        }
    }

    /// How long the platform refuses a robot that spoke too often, when it does not say.
    #[must_use]
    pub const fn penalty_ms(self) -> i64 {
        match self {
            Self::Dingtalk => 10 * 60 * SECOND_MS,
            Self::Wecom | Self::Feishu => 60 * SECOND_MS,
        }
    }
}

/// The earliest moment from `now` on at which one more message may begin. `begun` in any order; what lies ahead of `now`
/// (the clock was put back) counts as begun now.
#[must_use]
pub fn next_turn(rate: &[RateWindow], begun: &[UtcMs], now: UtcMs) -> UtcMs {
    let mut newest_first: Vec<UtcMs> = begun.iter().map(|at| (*at).min(now)).collect();
    newest_first.sort_unstable_by(|left, right| right.cmp(left));
    let turns = rate.iter().filter_map(|window| {
        let oldest_that_counts = newest_first.get(window.sends.saturating_sub(1))?;
        Some(oldest_that_counts.plus_ms(window.ms))
    });
    turns.max().map_or(now, |turn| turn.max(now))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_window_ever_holds_more_than_the_platform_allows() {
        for kind in RobotKind::ALL {
            let (mut now, mut begun) = (UtcMs(1_000_000), Vec::new());
            for step in 0..600_i64 {
                // Somebody always wants to speak, and looks at uneven moments.
                let turn = next_turn(kind.rate(), &begun, now);
                if turn <= now {
                    begun.push(now);
                    now = now.plus_ms(step % 7 * 13);
                } else {
                    now = turn;
                }
            }
            for window in kind.rate() {
                let fullest =
                    begun.iter().map(|from| begun.iter().filter(|at| **at >= *from && at.ms_since(*from) < window.ms).count());
                assert_eq!(fullest.max(), Some(window.sends), "{kind:?} {window:?}: used in full and never above");
            }
        }
    }

    #[test]
    fn a_clock_put_back_blocks_for_one_window_at_most() {
        let begun = [UtcMs(9_000_000); 20];
        let turn = next_turn(RobotKind::Wecom.rate(), &begun, UtcMs(0));
        assert_eq!(turn, UtcMs(61_000));
    }
}
