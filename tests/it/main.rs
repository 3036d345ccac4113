//! Integration tests: one binary.

mod arrows;
mod bell;
mod offline_edits;
mod support;
mod trust;
