//! Sessions and contact cards that someone is writing: whatever the window holds, as JSON of its own making.

use crate::engine::Engine;
use crate::error::EngineError;

const KEY: &str = "care_draft";

impl Engine {
    /// As it was kept; `None` when nobody is writing.
    ///
    /// # Errors
    /// The store's.
    pub async fn care_draft(&self) -> Result<Option<String>, EngineError> {
        self.read(|store| Ok(store.setting(KEY)?.filter(|text| !text.is_empty()))).await
    }

    /// Keeps it instead of the one before; `None` forgets that.
    ///
    /// # Errors
    /// `input_invalid` when it is too long or not JSON; the one before stays. The store's.
    pub async fn put_care_draft(&self, draft: Option<String>) -> Result<(), EngineError> {
        self.put_window_draft(KEY, draft).await
    }
}
