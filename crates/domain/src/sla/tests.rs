//! The clocks held to published cases, to a second hand that only counts, and to tables.

mod calendars;
mod cases;
mod clocks;
mod metrics;
pub(crate) mod oracle;
mod properties;
mod rules;
mod vectors;
mod walker;
mod whole_clocks;
