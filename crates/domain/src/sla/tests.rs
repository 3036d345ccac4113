//! The clocks held to published cases, to a second hand that only counts, and to tables.

mod vectors;
