//! Files: how they come, and how a note names them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A file of a note. Its bytes are at `/attachments/{id}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Attachment {
    pub id: String,
    pub name: String,
    pub mime: String,
    pub size_bytes: u64,
    /// SHA-256 of the bytes, lower-case hexadecimal.
    pub sha256: String,
}

/// A file that is about to come.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewUpload {
    /// SHA-256 of the bytes, lower-case hexadecimal.
    pub sha256: String,
    /// At most 52,428,800 (50 MB).
    pub size_bytes: u64,
    /// Name without any path.
    pub name: String,
    #[serde(default)]
    pub mime: String,
}

/// How far an upload has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Upload {
    pub id: String,
    /// Bytes that are on the server for good: where to go on.
    pub offset: u64,
    pub size_bytes: u64,
    /// All bytes are here and have the promised hash: notes can name the upload.
    pub complete: bool,
}
