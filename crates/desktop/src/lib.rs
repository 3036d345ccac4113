//! What the window and the command line share of the desktop they run on.
//!
//! Owns the keyring adapter of the `Secrets` port, and where data lives. Knows no window, database or network. The invariant
//! that matters: a secret is in the operating system's keyring or nowhere; there is no file to fall back to.

mod data_dir;
mod keyring_secrets;

pub use data_dir::data_dir;
pub use keyring_secrets::KeyringSecrets;
