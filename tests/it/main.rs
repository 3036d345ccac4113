//! Integration tests: one binary.

mod arrows;
mod bell;
mod hidden_troubles;
mod offline_edits;
mod rt_double;
mod rt_without_markers;
mod support;
mod trust;
