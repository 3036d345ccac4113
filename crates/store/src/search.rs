//! Search of the mirror: subjects, customers, remote ids and conversations. Replies that still wait in the outbox are not
//! searched.
//!
//! One document a ticket in FTS5 (contentless, detail=none). The terms are cut here, not by FTS5: Han text into
//! overlapping pairs of characters, other words whole, subjects and customers also into pinyin. FTS5 sees them separated
//! by spaces and its own `ascii` tokenizer splits them again, so no foreign-function code is needed. detail=none knows
//! which terms a document has and not where: candidates are checked against the text before they are shown.

pub(crate) mod index;
pub(crate) mod pinyin;
pub(crate) mod terms;
pub(crate) mod text;
