//! The command list.
