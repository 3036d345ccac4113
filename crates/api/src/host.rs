//! What only a host with a screen can do with files, numbers and links. Paths stay on this side: a window never names one.

use std::path::{Path, PathBuf};

use async_trait::async_trait;
use deskbell_domain::Code;
use deskbell_domain::directory::TelUri;
use deskbell_domain::link::WebLink;

/// The system's dialogs, and its programs.
#[async_trait]
pub trait FileHost: Send + Sync {
    /// Asks which files; empty when the person thought better of it.
    async fn pick(&self) -> Vec<PathBuf>;

    /// Asks where to save a file of this name; `None` when the person thought better of it.
    async fn save_as(&self, name: &str) -> Option<PathBuf>;

    /// Opens a file with the program that the system has for it.
    ///
    /// # Errors
    /// A code when there is none.
    async fn open(&self, path: &Path) -> Result<(), Code>;

    /// Hands a number to the program that the system has for telephone numbers.
    ///
    /// # Errors
    /// A code when there is none.
    async fn dial(&self, number: &TelUri) -> Result<(), Code>;

    /// Opens a link with the system's browser.
    ///
    /// # Errors
    /// A code when there is none.
    async fn browse(&self, link: &WebLink) -> Result<(), Code>;
}

/// A host without a screen.
pub struct NoFileHost;

#[async_trait]
impl FileHost for NoFileHost {
    async fn pick(&self) -> Vec<PathBuf> {
        Vec::new()
    }

    async fn save_as(&self, _name: &str) -> Option<PathBuf> {
        None
    }

    async fn open(&self, _path: &Path) -> Result<(), Code> {
        Err(Code::OperationNotOffered)
    }

    async fn dial(&self, _number: &TelUri) -> Result<(), Code> {
        Err(Code::OperationNotOffered)
    }

    async fn browse(&self, _link: &WebLink) -> Result<(), Code> {
        Err(Code::OperationNotOffered)
    }
}
