//! Visits on site: what a person sees of them, asks for, and changes.
//!
//! Owns the view of a visit (the server's, with what waits laid over it, its clock, and what can be done now), the slots to
//! choose from, and the queueing of requests and changes. Must not know how a server gives slots away. Invariants: what a
//! person typed is in the outbox or in a draft until the server has it; a visit is asked for once however often it is sent.

pub mod carrier;
mod change;
mod drafts;
mod find;
mod overlay;
mod request;
mod slots;
mod view;

pub use drafts::VISIT_DRAFT_BYTES_MAX;
pub use request::VisitCheck;
pub use slots::{CentreSlots, SLOT_CENTRES_MAX, SlotSource, SlotWish, SlotsFound};
pub use view::{KnownSite, VisitList, VisitView};
