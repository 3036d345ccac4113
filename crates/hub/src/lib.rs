//! The reference support API server.
