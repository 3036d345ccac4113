//! How far a pull is, as text that survives a restart.

use deskbell_domain::error::Code;
use serde::{Deserialize, Serialize};

use crate::RemoteError;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Cursor {
    Full(FullPosition),
    Feed(FeedPosition),
}

/// The full pull goes from the newest ticket down, below the id of the oldest one seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct FullPosition {
    /// `None` before the first page.
    pub(super) below: Option<u64>,
    pub(super) done: u64,
    pub(super) total: Option<u64>,
    /// Where the feed starts after the last page: taken before the first page, so that nothing falls between.
    pub(super) feed: FeedPosition,
}

/// The feed's newest transaction, and which of the ones just below it have been seen.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct FeedPosition {
    pub(super) head: u64,
    pub(super) seen: Vec<u64>,
}

impl Cursor {
    pub(super) fn parse(text: &str) -> Result<Self, RemoteError> {
        serde_json::from_str(text).map_err(|_| RemoteError::new(Code::Internal, "a cursor that is not ours"))
    }

    pub(super) fn to_text(&self) -> Result<String, RemoteError> {
        serde_json::to_string(self).map_err(|_| RemoteError::new(Code::Internal, "a cursor could not be written"))
    }
}

impl FeedPosition {
    /// Transactions up to here are not asked for again.
    pub(super) fn floor(&self) -> u64 {
        self.head.saturating_sub(super::FEED_OVERLAP_IDS)
    }

    /// After `ids` were handed on.
    pub(super) fn advanced(&self, ids: impl Iterator<Item = u64>) -> Self {
        let mut seen: Vec<u64> = self.seen.iter().copied().chain(ids).collect();
        seen.sort_unstable();
        seen.dedup();
        let head = seen.last().copied().unwrap_or(0).max(self.head);
        let mut next = Self { head, seen: Vec::new() };
        next.seen = seen.into_iter().filter(|id| *id > next.floor()).collect();
        next
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_survive_the_store() {
        let feed = FeedPosition { head: 90, seen: vec![88, 90] };
        let full = Cursor::Full(FullPosition { below: Some(7), done: 100, total: None, feed: feed.clone() });
        assert_eq!(full.to_text().unwrap(), r#"{"full":{"below":7,"done":100,"total":null,"feed":{"head":90,"seen":[88,90]}}}"#);
        for cursor in [full, Cursor::Feed(feed)] {
            assert_eq!(Cursor::parse(&cursor.to_text().unwrap()).unwrap(), cursor);
        }
        assert_eq!(Cursor::parse("hub:7").unwrap_err().code, Code::Internal);
    }

    #[test]
    fn a_late_commit_within_the_overlap_is_still_new() {
        let position = FeedPosition::default().advanced([100, 102].into_iter());
        assert_eq!(position, FeedPosition { head: 102, seen: vec![100, 102] });
        assert!(position.floor() < 101 && !position.seen.contains(&101));
        let next = position.advanced([101, 160].into_iter());
        assert_eq!(next, FeedPosition { head: 160, seen: vec![160] });
    }
}
