//! How far two places are apart.

use geographiclib_rs::{Geodesic, InverseGeodesic};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A point on the Earth (WGS 84), in degrees north and east.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, TS)]
pub struct Place {
    pub latitude: f64,
    pub longitude: f64,
}

/// True for degrees that a place can have. Zero and zero is what an empty form says, not a customer at sea.
#[must_use]
pub fn is_place(place: Place) -> bool {
    let Place { latitude, longitude } = place;
    let in_range = (-90.0..=90.0).contains(&latitude) && (-180.0..=180.0).contains(&longitude);
    in_range && (latitude != 0.0 || longitude != 0.0)
}

/// Length of the shortest way over the ellipsoid, in kilometres; not a number where a place is none.
#[must_use]
pub fn distance_km(a: Place, b: Place) -> f64 {
    let metres: f64 = Geodesic::wgs84().inverse(a.latitude, a.longitude, b.latitude, b.longitude);
    metres / 1_000.0
}
