//! What the last window looked like, so that the next one is right from its first frame: the database, which knows
//! better, is still closed then.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use deskbell_engine::state::{AppState, Language, Phase, Theme, locale};
use serde::{Deserialize, Serialize};

/// Which frame `ui/index.html` shows until the desk has answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Frame {
    /// The mark alone: welcome, locked or failed may follow.
    #[default]
    Gate,
    Desk,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Look {
    pub(crate) theme: Theme,
    pub(crate) language: Language,
    pub(crate) frame: Frame,
}

impl Look {
    fn first() -> Self {
        Self { theme: Theme::System, language: Language::from_locale(locale().as_deref()), frame: Frame::Gate }
    }

    fn of(state: &AppState) -> Self {
        let frame = if state.phase == Phase::Ready { Frame::Desk } else { Frame::Gate };
        Self { theme: state.settings.theme, language: state.settings.language, frame }
    }

    /// The theme of the window itself; `None` follows the system.
    pub(crate) fn native_theme(self) -> Option<tauri::Theme> {
        match self.theme {
            Theme::System => None,
            Theme::Light => Some(tauri::Theme::Light),
            Theme::Dark => Some(tauri::Theme::Dark),
        }
    }

    /// The page's address; `ui/src/first.ts` reads what follows the question mark.
    pub(crate) fn address(self) -> String {
        let theme = match self.theme {
            Theme::System => "system",
            Theme::Light => "light",
            Theme::Dark => "dark",
        };
        let language = match self.language {
            Language::ZhCn => "zh-CN",
            Language::En => "en",
        };
        let frame = match self.frame {
            Frame::Gate => "gate",
            Frame::Desk => "desk",
        };
        format!("index.html?theme={theme}&language={language}&frame={frame}")
    }
}

/// The look, in the data directory and in memory.
pub(crate) struct LookMemory {
    file: PathBuf,
    known: Mutex<Option<Look>>,
}

impl LookMemory {
    pub(crate) fn read(data_dir: &Path) -> Self {
        let file = data_dir.join("look.json");
        let known = std::fs::read(&file).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
        Self { file, known: Mutex::new(known) }
    }

    pub(crate) fn now(&self) -> Look {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).unwrap_or_else(Look::first)
    }

    /// Whether the theme is another one than before.
    pub(crate) fn remember(&self, state: &AppState) -> bool {
        let look = Look::of(state);
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if *known == Some(look) {
            return false;
        }
        let new_theme = known.map(|before| before.theme) != Some(look.theme);
        *known = Some(look);
        // Not kept on a read-only disk: the next window then starts in the system's theme.
        let _ = serde_json::to_vec(&look).map(|bytes| std::fs::write(&self.file, bytes));
        new_theme
    }
}

#[cfg(test)]
mod tests {
    use deskbell_engine::state::{KeyKeeper, Settings};

    use super::*;

    fn state(phase: Phase, theme: Theme, language: Language) -> AppState {
        AppState {
            phase,
            failure: None,
            keyring: KeyKeeper::Keyring,
            keyring_reason: None,
            data_dir: String::new(),
            version: String::new(),
            settings: Settings { theme, language, ..Settings::default() },
            salvage: None,
        }
    }

    #[test]
    fn the_next_window_starts_as_the_last_one_looked() {
        let folder = tempfile::tempdir().expect("a folder");
        let memory = LookMemory::read(folder.path());
        assert_eq!(memory.now().frame, Frame::Gate, "nothing is known of the first window");
        assert!(memory.remember(&state(Phase::Ready, Theme::Dark, Language::En)));
        assert!(!memory.remember(&state(Phase::Ready, Theme::Dark, Language::ZhCn)), "the theme stayed");
        let next = LookMemory::read(folder.path()).now();
        assert_eq!(next.address(), "index.html?theme=dark&language=zh-CN&frame=desk");
        assert_eq!(next.native_theme(), Some(tauri::Theme::Dark));
    }

    #[test]
    fn a_file_that_is_no_look_is_not_one() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("look.json"), "{\"theme\":\"purple\"}").expect("a file");
        assert_eq!(LookMemory::read(folder.path()).now(), Look::first());
    }
}
