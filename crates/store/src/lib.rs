//! The encrypted local store.

pub mod error;
pub mod records;

pub use error::{Result, StoreError};
pub use records::*;
