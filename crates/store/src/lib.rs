//! The encrypted local store.
