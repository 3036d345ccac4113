//! Service-level clocks: pure functions of (events, policy, calendar), never a stored countdown.

pub mod calendar;
pub mod cases;
pub mod clock;
pub mod event;
pub mod policy;
pub mod replay;
pub mod rules;

#[cfg(test)]
pub(crate) mod tests;
