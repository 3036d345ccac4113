//! When service is open.
