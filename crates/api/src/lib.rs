//! The command list, declared once: a Rust router and TypeScript types.
//!
//! Owns: which commands exist, how their arguments are read, how a failure crosses (`{code, args}`),
//! and the phases a host goes through before there is an engine. Must not know: windows, SQL, HTTP.
//! Invariant: a command without a handler, or with one of another type, does not compile.

pub mod commands;
mod demo;
pub mod desk;
mod handlers;
pub mod host;
pub mod typescript;

pub use desk::{Desk, DeskOptions, DeskPorts};
pub use host::{FileHost, NoFileHost};
