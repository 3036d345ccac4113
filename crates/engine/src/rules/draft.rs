//! Rules that someone is editing: whatever the window holds, as JSON of its own making. The window goes when it is closed to
//! the tray; what was typed stays.

use deskbell_domain::Code;
use serde::de::IgnoredAny;

use crate::engine::Engine;
use crate::error::EngineError;

/// Largest text, in bytes: a hundred policies and fifty calendars of nine years take a tenth of it.
pub const RULES_DRAFT_BYTES_MAX: usize = 8 * 1024 * 1024;
const KEY: &str = "rules_draft";

impl Engine {
    /// As it was kept; `None` when nobody is editing.
    ///
    /// # Errors
    /// The store's.
    pub async fn rules_draft(&self) -> Result<Option<String>, EngineError> {
        self.read(|store| Ok(store.setting(KEY)?.filter(|text| !text.is_empty()))).await
    }

    /// Keeps it instead of the one before; `None` forgets that.
    ///
    /// # Errors
    /// `input_invalid` when it is longer than [`RULES_DRAFT_BYTES_MAX`] or not JSON: the window could not read it again. The
    /// one before stays. The store's.
    pub async fn put_rules_draft(&self, draft: Option<String>) -> Result<(), EngineError> {
        self.put_window_draft(KEY, draft).await
    }

    /// Keeps what the window holds of an editor under a key of the settings, as [`Engine::put_rules_draft`].
    pub(crate) async fn put_window_draft(&self, key: &'static str, draft: Option<String>) -> Result<(), EngineError> {
        let text = draft.unwrap_or_default();
        let refused = |detail: String| EngineError::with_detail(Code::InputInvalid, detail).arg("field", "draft");
        if text.len() > RULES_DRAFT_BYTES_MAX {
            return Err(refused(format!("{} bytes, {RULES_DRAFT_BYTES_MAX} at most", text.len())));
        }
        if !text.is_empty() {
            serde_json::from_str::<IgnoredAny>(&text).map_err(|error| refused(error.to_string()))?;
        }
        self.read(move |store| store.put_setting(key, &text)).await
    }
}
