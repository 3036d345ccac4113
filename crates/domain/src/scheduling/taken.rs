//! What keeps a slot from being free: engineers on their way, and visits that go on at the same moment.

use std::collections::HashMap;

use super::booking::Booking;
use crate::directory::{ServiceCentre, SlotRules};
use crate::time::{MINUTE_MS, UtcMs};

/// What is taken at a centre, for one question after the other.
pub(super) struct Taken<'a> {
    rules: &'a SlotRules,
    /// By start.
    bookings: &'a [Booking],
    /// The engineer of each booking as an index.
    who: Vec<Option<usize>>,
    longest_ms: i64,
    /// Who is away at the slot that was looked at last.
    away: Vec<bool>,
    /// Scratch: what goes on during it.
    at_once: Vec<&'a Booking>,
}

impl<'a> Taken<'a> {
    pub(super) fn new(centre: &'a ServiceCentre, bookings: &'a [Booking]) -> Self {
        let index_of: HashMap<&str, usize> =
            centre.engineers.iter().enumerate().map(|(index, engineer)| (engineer.id.as_str(), index)).collect();
        // Somebody who works here no more counts as unknown: the visit is still to be made.
        let who = bookings.iter().map(|booking| index_of.get(booking.engineer_id.as_deref()?).copied()).collect();
        let longest_ms = bookings.iter().map(|booking| booking.end.ms_since(booking.start)).max().unwrap_or(0);
        let away = vec![false; centre.engineers.len()];
        Self { rules: &centre.rules, bookings, who, longest_ms, away, at_once: Vec::new() }
    }

    /// How many visits fit into `[start, end)`; `None` when none does. [`Self::who`] tells who could make them.
    pub(super) fn free(&mut self, eligible: &[usize], start: UtcMs, end: UtcMs) -> Option<u32> {
        let way_ms = i64::from(self.rules.buffer_before_min + self.rules.buffer_after_min) * MINUTE_MS;
        self.away.fill(false);
        let mut unknown = 0_usize;
        self.at_once.clear();
        let first = self.bookings.partition_point(|booking| booking.start <= start.plus_ms(-way_ms - self.longest_ms));
        for (booking, who) in self.bookings.iter().zip(&self.who).skip(first) {
            // Ways there and back lie between two visits of one engineer: both count.
            if booking.start >= end.plus_ms(way_ms) {
                break;
            }
            if booking.end <= start.plus_ms(-way_ms) || booking.end <= booking.start {
                continue;
            }
            match who.and_then(|index| self.away.get_mut(index)) {
                Some(away) => *away = true,
                None => unknown += 1,
            }
            if booking.start < end && booking.end > start {
                self.at_once.push(booking);
            }
        }
        let places =
            (self.rules.capacity as usize).checked_sub(most_at_once(&self.at_once, start)).filter(|places| *places > 0)?;
        let here = eligible.iter().filter(|index| self.away.get(**index) == Some(&false)).count();
        let count = places.min(here.saturating_sub(unknown));
        (count > 0).then(|| u32::try_from(count).unwrap_or(u32::MAX))
    }

    /// The engineers who are not away, in the centre's order.
    pub(super) fn who(&self, centre: &ServiceCentre, eligible: &[usize]) -> Vec<String> {
        let mut ids = Vec::with_capacity(eligible.len());
        let here = eligible.iter().filter(|index| self.away.get(**index) == Some(&false));
        ids.extend(here.filter_map(|index| Some(centre.engineers.get(*index)?.id.clone())));
        ids
    }
}

/// Most of the bookings that go on at one moment from `start` on. It is reached where one of them begins.
fn most_at_once(bookings: &[&Booking], start: UtcMs) -> usize {
    let moments = bookings.iter().map(|booking| booking.start.max(start));
    let at = |moment: UtcMs| bookings.iter().filter(|booking| booking.start <= moment && moment < booking.end).count();
    moments.map(at).max().unwrap_or(0)
}
