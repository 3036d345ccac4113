//! The reference support API server.
//!
//! Owns: the open support API (axum, OpenAPI 3.1 in `openapi.json`), an endpoint in the shape of Alibaba Cloud Workorder,
//! its own database, the demo desk and a little life in it. Must not know: the local store, the engine, any client. Invariants: an
//! effect, its line in the change feed and the answer kept for its idempotency key commit together;
//! whoever follows the feed misses nothing; it listens on loopback only, for it speaks no TLS.

mod api;
mod booking;
mod catalogue;
mod centres;
mod clock;
pub mod demo;
pub mod demo_desk;
mod directory;
mod error;
mod faults;
mod life;
mod problem;
mod server;
mod store;
pub mod wire;
mod workorder;

pub use api::{
    BODY_BYTES_MAX, CHANGE_PAGE_DEFAULT, COMMENT_CHARS_MAX, FIELD_CHARS_MAX, FILE_NAME_CHARS_MAX, HOLD_TTL_MS, HOLDS_MAX,
    KEY_CHARS_MAX, RateLimit, SUBJECT_CHARS_MAX, TAG_CHARS_MAX, TAGS_MAX, TICKET_PAGE_DEFAULT, VISIT_PAGE_MAX, openapi,
};
pub use booking::ALTERNATIVES_MAX;
pub use demo::{DemoReport, seed_demo};
pub use error::HubError;
pub use faults::{FAULTS_MAX, Fault, Faults};
pub use life::{DemoLife, LIFE_PENDING_MAX};
pub use server::{HubConfig, HubServer, RunningHub};
pub use store::{CHANGE_PAGE_MAX, TICKET_PAGE_MAX, UPLOADS_WAITING_MAX};
pub use workorder::{StsKey, WorkorderConfig};
