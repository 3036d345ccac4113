//! What a person sees: the mirror with the pending operations laid over it. Pure over store records.

pub mod clock;
pub mod history;
pub mod overlay;
pub mod ticket;
pub mod watch;
