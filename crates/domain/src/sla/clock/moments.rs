//! Deadline, warnings and thresholds of a clock.

use super::{BREACHING_LEFT_MS, Clock, IMMINENT_LEFT_MS, IMMINENT_PERCENT};
use crate::sla::calendar::Calendar;
use crate::sla::policy::{Policy, Threshold};
use crate::time::SECOND_MS;

/// Deadline, and for a running clock its warnings.
pub(super) fn set(clock: &mut Clock, policy: &Policy, calendar: &Calendar) {
    let pauses = clock.all_pauses();
    let start = clock.started_at;
    let deadline = calendar.deadline(start, clock.target, &pauses);
    clock.deadline = deadline.at;
    clock.provisional = deadline.provisional;
    let (Some(due), None, None) = (deadline.at, clock.stopped_at, clock.paused_since) else { return };
    let Some(target_ms) = calendar.target_ms(start, clock.target) else { return };
    let moment = |consumed_ms: i64| {
        if consumed_ms <= 0 { Some(start) } else { calendar.moment_at_elapsed(start, consumed_ms, &pauses) }
    };
    let imminent_ms = (target_ms.saturating_mul(IMMINENT_PERCENT) / 100).min(target_ms - IMMINENT_LEFT_MS);
    clock.imminent_at = moment(imminent_ms);
    clock.breaching_at = moment((target_ms - BREACHING_LEFT_MS).max(target_ms / 2));
    for threshold in &policy.thresholds {
        let consumed_ms = match threshold {
            Threshold::Share { percent } => target_ms.saturating_mul(i64::from(*percent)) / 100,
            Threshold::TimeLeft { seconds } => target_ms - i64::from(*seconds) * SECOND_MS,
            Threshold::Breach => continue,
        };
        if let Some(at) = moment(consumed_ms).filter(|at| *at > start) {
            clock.dues.push((*threshold, at));
        }
    }
    clock.dues.push((Threshold::Breach, due));
    clock.dues.sort_by_key(|(threshold, at)| (*at, *threshold));
    clock.dues.dedup();
}
