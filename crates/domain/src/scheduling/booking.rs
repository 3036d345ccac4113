//! Time that is taken.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::time::UtcMs;

/// A visit, or a hold for one, as far as it keeps others from its time. The way there and back is not part of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Booking {
    pub centre_id: String,
    pub start: UtcMs,
    pub end: UtcMs,
    /// `None`: somebody will go, and it is not known who.
    pub engineer_id: Option<String>,
}

/// Bookings of several centres, each centre's together and by their start.
#[derive(Debug, Clone, Default)]
pub struct Bookings {
    by_centre: HashMap<String, Vec<Booking>>,
}

impl Bookings {
    /// Puts bookings in order, so that each centre's are found at once.
    #[must_use]
    pub fn new(bookings: impl IntoIterator<Item = Booking>) -> Self {
        let mut by_centre: HashMap<String, Vec<Booking>> = HashMap::new();
        for booking in bookings {
            match by_centre.get_mut(&booking.centre_id) {
                Some(known) => known.push(booking),
                None => {
                    by_centre.insert(booking.centre_id.clone(), vec![booking]);
                }
            }
        }
        by_centre.values_mut().for_each(|bookings| bookings.sort_by_key(|booking| booking.start));
        Self { by_centre }
    }

    /// The bookings of one centre, by their start.
    #[must_use]
    pub fn of(&self, centre_id: &str) -> &[Booking] {
        self.by_centre.get(centre_id).map_or(&[], Vec::as_slice)
    }
}
