//! Edits on their way to a server, and what the server said of them.

pub mod merge;
pub mod op;
pub mod plan;
