//! What the host asks first: which screen to show, and the person's settings.

use deskbell_domain::Code;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::error::EngineError;

/// The locale that this process was started with, as POSIX looks it up; an empty variable counts as unset.
#[must_use]
pub fn locale() -> Option<String> {
    ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
}

/// The languages of the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
pub enum Language {
    #[default]
    #[serde(rename = "zh-CN")]
    ZhCn,
    #[serde(rename = "en")]
    En,
}

impl Language {
    /// From a POSIX locale or BCP 47 tag: Chinese for `zh*`, English for any other, Chinese when silent.
    #[must_use]
    pub fn from_locale(locale: Option<&str>) -> Self {
        match locale.map(str::trim) {
            Some(tag) if tag.to_ascii_lowercase().starts_with("zh") => Self::ZhCn,
            None | Some("" | "C" | "POSIX" | "C.UTF-8" | "C.utf8") => Self::ZhCn,
            Some(_) => Self::En,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    #[default]
    System,
    Light,
    Dark,
}

/// Longest time to take an operation back, in seconds.
pub const UNDO_S_MAX: u32 = 30;
const UNDO_S_DEFAULT: u32 = 5;

/// What a person can set. Kept in the store as JSON; a field missing there takes its default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct Settings {
    pub language: Language,
    pub theme: Theme,
    pub work_offline: bool,
    pub sound: bool,
    /// How the person signs on this desk; empty means the account's user.
    pub display_name: String,
    /// Seconds that replies, notes, files, new tickets, verdicts and reopenings can be taken back before they leave;
    /// at most [`UNDO_S_MAX`].
    pub undo_s: u32,
    /// Hold a reply back and ask when newer public replies of others came while it waited.
    pub hold_stale_replies: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            language: Language::default(),
            theme: Theme::System,
            work_offline: false,
            sound: true,
            display_name: String::new(),
            undo_s: UNDO_S_DEFAULT,
            hold_stale_replies: false,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// The vault needs a passphrase, or has to be made.
    Locked,
    /// Open, and no account yet.
    Welcome,
    Ready,
    Failed,
}

/// Where the database key lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum KeyKeeper {
    Keyring,
    Vault,
    /// No keyring here and no vault yet: a passphrase is to be chosen.
    VaultNeeded,
}

/// A damaged database was moved aside and what people typed was carried over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Salvage {
    pub moved_to: String,
    pub operations: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct AppState {
    pub phase: Phase,
    pub failure: Option<EngineError>,
    pub keyring: KeyKeeper,
    pub keyring_reason: Option<Code>,
    pub data_dir: String,
    pub version: String,
    pub settings: Settings,
    pub salvage: Option<Salvage>,
}
