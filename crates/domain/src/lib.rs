//! What Deskbell is about: tickets, notes, customers, operations, SLA clocks.
//!
//! Owns the words of the product and every rule that can be decided from values alone. Knows no
//! database, network, clock or random source: instants arrive as arguments. The invariant that
//! matters: the same inputs give the same answer on every machine.

pub mod diagnosis;
pub mod directory;
pub mod error;
pub mod file_name;
pub mod filter;
pub mod link;
pub mod observation;
pub mod paper;
pub mod people;
pub mod promise;
pub mod quiet;
pub mod reminder;
pub mod robot;
pub mod scheduling;
pub mod sla;
pub mod sync;
pub mod ticket;
pub mod time;

pub use error::Code;
pub use time::UtcMs;
