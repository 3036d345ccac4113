//! What can go wrong with the server itself.

/// Why the server or its database failed.
#[derive(Debug, thiserror::Error)]
pub enum HubError {
    #[error("the database failed: {0}")]
    Database(#[from] rusqlite::Error),
    #[error("stored or embedded data cannot be read: {0}")]
    Stored(#[from] serde_json::Error),
    #[error("the address cannot be bound: {0}")]
    Bind(std::io::Error),
    #[error("the data directory cannot be written: {0}")]
    Directory(std::io::Error),
    /// Servers without TLS stay on this machine.
    #[error("only a loopback address can be bound")]
    NotLoopback,
    #[error("a background task ended early")]
    TaskEnded,
    #[error("the embedded demo data is wrong: {0}")]
    DemoData(String),
}
