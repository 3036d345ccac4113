//! Deliberate faults of the engine, for the tests that have to notice them. Without the feature `sabotage`, which no shipped
//! program enables, there is no way to switch one on.

/// What a broken engine does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sabotage {
    /// Sends again what may have landed, without reading back.
    ResendOnUnknown,
    /// Sends an edit over what somebody else made of the field, without noticing.
    ForgetBase,
    /// Says on disk that an operation was sent before the server has committed it.
    AcknowledgeBeforeCommit,
    /// Shows an alert first and writes down afterwards that it was shown.
    MarkAfterShowing,
    /// Keeps no thresholds of a ticket to which anything happened after its creation: a moved deadline does not ring.
    ForgetMoved,
}

/// Which fault is switched on; none, unless a test did it.
#[derive(Debug, Default)]
pub(crate) struct Saboteur {
    #[cfg(feature = "sabotage")]
    fault: std::sync::Mutex<Option<Sabotage>>,
}

impl Saboteur {
    #[cfg(feature = "sabotage")]
    pub(crate) fn does(&self, fault: Sabotage) -> bool {
        *crate::engine::guard(&self.fault) == Some(fault)
    }

    #[cfg(not(feature = "sabotage"))]
    #[expect(clippy::unused_self, reason = "without the feature there is nothing to ask")]
    pub(crate) const fn does(&self, _fault: Sabotage) -> bool {
        false
    }
}

#[cfg(feature = "sabotage")]
impl crate::Engine {
    /// Breaks the engine in one way, or mends it.
    pub fn sabotage(&self, fault: Option<Sabotage>) {
        *crate::engine::guard(&self.saboteur.fault) = fault;
    }
}
