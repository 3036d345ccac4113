//! Integration tests: one binary.

mod arrows;
