//! What goes wrong in the engine: a code and its arguments. Texts live in the catalogue.

use std::collections::BTreeMap;

use deskbell_domain::Code;
use deskbell_remote::RemoteError;
use deskbell_store::StoreError;
use serde::Serialize;
use ts_rs::TS;

use crate::ports::SecretsError;

/// A failure as it crosses to the UI and the command line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error, TS)]
#[ts(rename = "ApiError")]
#[error("{code}")]
pub struct EngineError {
    pub code: Code,
    pub args: BTreeMap<String, String>,
}

impl EngineError {
    #[must_use]
    pub fn new(code: Code) -> Self {
        Self { code, args: BTreeMap::new() }
    }

    /// With `detail`, the technical sentence shown small beneath the explanation.
    #[must_use]
    pub fn with_detail(code: Code, detail: impl Into<String>) -> Self {
        Self::new(code).arg("detail", detail)
    }

    #[must_use]
    pub fn arg(mut self, name: &str, value: impl Into<String>) -> Self {
        self.args.insert(name.to_owned(), value.into());
        self
    }
}

impl From<StoreError> for EngineError {
    fn from(error: StoreError) -> Self {
        Self::with_detail(error.code, error.detail)
    }
}

impl From<RemoteError> for EngineError {
    fn from(error: RemoteError) -> Self {
        Self::with_detail(error.code, error.detail)
    }
}

impl From<SecretsError> for EngineError {
    fn from(error: SecretsError) -> Self {
        Self::with_detail(error.code, error.detail)
    }
}

impl From<tokio::task::JoinError> for EngineError {
    fn from(error: tokio::task::JoinError) -> Self {
        Self::with_detail(Code::Internal, error.to_string())
    }
}
