//! Which customers a query finds, and in which order they stand.

use deskbell_store::pinyin_matches;

use super::CustomerCard;

/// Longest query that is looked at, in characters.
const QUERY_CHARS_MAX: usize = 100;

/// Every word of the query is found in the card.
pub(super) fn is_found(card: &CustomerCard, query: &str) -> bool {
    let query: String = query.chars().take(QUERY_CHARS_MAX).collect::<String>().to_lowercase();
    query.split_whitespace().all(|word| {
        let plain = [&card.name, &card.city, &card.manager, &card.deputy, &card.acting, &card.remote_id];
        plain.iter().any(|text| text.to_lowercase().contains(word))
            || [&card.name, &card.city, &card.manager, &card.acting].iter().any(|text| pinyin_matches(text, word))
    })
}

/// Late ones first, then the nearest deadline, then those with most open; names settle the rest.
pub(crate) fn by_urgency(card: &CustomerCard) -> (std::cmp::Reverse<u64>, i64, std::cmp::Reverse<u64>, String) {
    let deadline = card.next_deadline.map_or(i64::MAX, |at| at.0);
    (std::cmp::Reverse(card.breached), deadline, std::cmp::Reverse(card.open_tickets), card.name.clone())
}
