//! How many notifications the desktop gets: few at once each for itself, many as one digest that replaces itself.
//!
//! Pure. A flood of thousands becomes one notification whose count is brought up to date every few seconds; the list in the
//! app is complete at every moment.

use std::collections::BTreeSet;

use deskbell_domain::UtcMs;
use deskbell_domain::time::{MINUTE_MS, SECOND_MS};
use deskbell_store::records::AlertRecord;

use super::SEPARATE_MAX;

/// Notifications of single alerts within [`WINDOW_MS`]; more become a digest.
const SINGLES_MAX: usize = 10;
const WINDOW_MS: i64 = MINUTE_MS;
/// A digest that got nothing new for this long is over; the next one rings anew.
const DIGEST_IDLE_MS: i64 = MINUTE_MS;
/// So does one that is this old.
const DIGEST_MS_MAX: i64 = 10 * MINUTE_MS;
/// What comes this long after the digest was last shown was not one of the many: few ring for themselves, as they would without it.
const APART_MS: i64 = 10 * SECOND_MS;
/// Least time between two showings of one digest: an alert waits for its notification well under a second …
const DIGEST_EVERY_MS: i64 = 700;
/// … until so many are in it that one more changes nothing for whoever reads it.
const DIGEST_FEW_MAX: usize = 60;
const DIGEST_MANY_EVERY_MS: i64 = 5 * SECOND_MS;
/// Alerts named by one digest, for its buttons.
const DIGEST_IDS_MAX: usize = 10_000;

/// What was shown lately.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    window_from: Option<UtcMs>,
    singles: usize,
    digest: Option<Digest>,
    next_at: Option<UtcMs>,
}

#[derive(Debug)]
struct Digest {
    since: UtcMs,
    shown_at: UtcMs,
    ids: BTreeSet<i64>,
    has_urgent: bool,
}

/// What to show now.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Showing {
    Nothing,
    Singles,
    /// One for all of these ids; `rings` when it makes a sound.
    Digest {
        ids: Vec<i64>,
        rings: bool,
    },
    /// Later, with what comes until then.
    Wait,
}

impl Pace {
    /// `owed` is what waits for its notification; after a gap two are many.
    pub(crate) fn plan(&mut self, owed: &[AlertRecord], now: UtcMs, is_gap: bool) -> Showing {
        self.next_at = None;
        if owed.is_empty() {
            return Showing::Nothing;
        }
        if self.window_from.is_none_or(|from| now.ms_since(from) > WINDOW_MS) {
            (self.window_from, self.singles) = (Some(now), 0);
        }
        self.digest
            .take_if(|digest| now.ms_since(digest.shown_at) > DIGEST_IDLE_MS || now.ms_since(digest.since) > DIGEST_MS_MAX);
        let is_many = owed.len() > SEPARATE_MAX || self.singles + owed.len() > SINGLES_MAX || (is_gap && owed.len() > 1);
        let is_apart = self.digest.as_ref().is_none_or(|digest| now.ms_since(digest.shown_at) >= APART_MS);
        if is_apart && !is_many {
            self.singles += owed.len();
            return Showing::Singles;
        }
        let has_urgent = owed.iter().any(|alert| alert.priority == deskbell_domain::ticket::Priority::Urgent);
        let Some(digest) = &mut self.digest else {
            let ids: BTreeSet<i64> = owed.iter().map(|alert| alert.id).collect();
            let named = ids.iter().copied().collect();
            self.digest = Some(Digest { since: now, shown_at: now, ids, has_urgent });
            return Showing::Digest { ids: named, rings: true };
        };
        let every_ms = if digest.ids.len() <= DIGEST_FEW_MAX { DIGEST_EVERY_MS } else { DIGEST_MANY_EVERY_MS };
        let next = digest.shown_at.plus_ms(every_ms);
        if next > now {
            self.next_at = Some(next);
            return Showing::Wait;
        }
        digest.ids.extend(owed.iter().map(|alert| alert.id));
        while digest.ids.len() > DIGEST_IDS_MAX {
            digest.ids.pop_first();
        }
        let rings = has_urgent && !digest.has_urgent;
        digest.has_urgent |= has_urgent;
        digest.shown_at = now;
        Showing::Digest { ids: digest.ids.iter().copied().collect(), rings }
    }

    /// When what waits is to be shown.
    pub(crate) const fn next_at(&self) -> Option<UtcMs> {
        self.next_at
    }

    /// Somebody dealt with the digest: the next alert begins anew.
    pub(crate) fn answered(&mut self) {
        *self = Self { window_from: self.window_from, singles: self.singles, ..Self::default() };
    }
}

#[cfg(test)]
mod tests;
