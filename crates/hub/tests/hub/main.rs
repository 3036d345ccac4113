//! The contract of the API, asked as any client would.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test crate: what is wrong fails the test")]

mod api;
mod desk;
mod files;
mod operations;
mod visits;
mod workorder;
