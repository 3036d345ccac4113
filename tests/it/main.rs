//! Integration tests: one binary.

mod arrows;
mod bell;
mod hidden_troubles;
mod offline_edits;
mod support;
mod trust;
