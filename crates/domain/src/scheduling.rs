//! Visits on site: what is asked for, when an engineer is free, and what may become of a visit.
//!
//! Owns the rules of slots and of a visit's life. Must not know who enforces them: the hub does in one transaction, the desk
//! shows them. Invariants: a slot lies wholly in open hours with the ways there and back; no engineer is in two places; never
//! more visits at one time than the centre's capacity.

pub mod block;
mod booking;
pub mod carried;
mod conflict;
mod request;
mod service;
mod slot;
mod taken;
mod visit;
mod wall;
mod wish;

pub use booking::{Booking, Bookings};
pub use conflict::{is_our_doing, merge_visit, visit_conflict, visit_started_from};
pub use request::{Site, VisitRequest, WINDOW_DAYS_MAX, Window, check_request};
pub use service::{CheckItem, Language, Service, checklist};
pub use slot::{
    Asked, NoSlot, NoSlotCode, ReadyCentre, SLOTS_MAX, Slot, SlotAnswer, SlotQuestion, alternatives, plan_slots,
    plan_slots_ready, take_slot,
};
pub use visit::{
    CHECK_ITEMS_MAX, DRAWING_CHARS_MAX, FINDINGS_CHARS_MAX, SignOff, Timing, Visit, VisitAction, VisitEvent, VisitEventKind,
    VisitProblem, VisitState, plan_visit,
};
pub use wall::{WallTime, wall_time, wall_time_of};
pub use wish::{VisitBooking, VisitChange, VisitKey, VisitRefusal, VisitSeen};

#[cfg(test)]
mod tests;
