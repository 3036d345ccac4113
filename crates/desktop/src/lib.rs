//! What the window and the command line share of the desktop they run on.
//!
//! Owns the keyring adapter of the `Secrets` port. Knows no window, database or network. The invariant
//! that matters: a secret is in the operating system's keyring or nowhere; there is no file to fall back to.

mod keyring_secrets;

pub use keyring_secrets::KeyringSecrets;
