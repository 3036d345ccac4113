//! Whose notes are looked at in this cycle: pure, so that its promises are tests.
//!
//! ListTickets tells no time of change, so a new note shows only when a ticket's notes are listed. A ticket on which
//! something happened lately is looked at every cycle, a quiet one less often; when the budget does not reach for all that
//! are due, half goes to those that waited longest and half to the most recently active. So with `n` tickets, no one waits
//! longer than [`cycles_max`] cycles, and no cycle costs more than the budget.

/// Active since less than this: looked at every cycle.
pub const LIVELY_MS: i64 = 60 * 60 * 1_000;
/// Active since less than this: every [`CALM_CYCLES`]th cycle.
pub const CALM_MS: i64 = 24 * 60 * 60 * 1_000;
/// Cycles between looks at a ticket that was active today.
pub const CALM_CYCLES: u64 = 3;
/// Cycles between looks at any other.
pub const QUIET_CYCLES: u64 = 10;

/// A ticket that is not confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Candidate {
    /// Cycles since its notes were listed; one that never was counts from when it was first seen.
    pub waited_cycles: u64,
    /// Time since its newest note; `None` where not known.
    pub idle_ms: Option<i64>,
}

impl Candidate {
    fn is_due(&self) -> bool {
        let every = match self.idle_ms {
            Some(idle) if idle < LIVELY_MS => 1,
            Some(idle) if idle < CALM_MS => CALM_CYCLES,
            Some(_) => QUIET_CYCLES,
            None => 1,
        };
        self.waited_cycles >= every
    }
}

/// The places of the tickets to look at, at most `budget` of them.
#[must_use]
pub fn plan_notes(candidates: &[Candidate], budget: usize) -> Vec<usize> {
    let mut due: Vec<(usize, &Candidate)> = candidates.iter().enumerate().filter(|(_, one)| one.is_due()).collect();
    if due.len() > budget {
        due.sort_by_key(|(place, one)| (std::cmp::Reverse(one.waited_cycles), *place));
        let mut rest = due.split_off(fair_share(budget).min(due.len()));
        rest.sort_by_key(|(place, one)| (one.idle_ms.unwrap_or(i64::MAX), std::cmp::Reverse(one.waited_cycles), *place));
        rest.truncate(budget - due.len());
        due.append(&mut rest);
    }
    due.into_iter().map(|(place, _)| place).collect()
}

/// The part of the budget for those that waited longest.
fn fair_share(budget: usize) -> usize {
    budget.div_ceil(2)
}

/// Longest that one of `tickets` waits, in cycles, with a budget of at least one.
#[must_use]
pub fn cycles_max(tickets: usize, budget: usize) -> u64 {
    QUIET_CYCLES + tickets.div_ceil(fair_share(budget).max(1)) as u64
}

/// Looks at notes that a cycle may cost: three quarters of what the account may ask until the next one, less what the cycle
/// asked already. The rest is for people.
#[must_use]
pub fn looks_max(requests_per_minute: Option<u32>, poll_ms: u64, asked_already: u64) -> usize {
    let Some(per_minute) = requests_per_minute else { return LOOKS_MAX };
    let share = u64::from(per_minute).saturating_mul(poll_ms) / 60_000 * 3 / 4;
    usize::try_from(share.saturating_sub(asked_already)).unwrap_or(LOOKS_MAX).clamp(1, LOOKS_MAX)
}

/// Most looks a cycle, whatever the budget.
pub const LOOKS_MAX: usize = 500;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn candidate(waited_cycles: u64, idle_ms: i64) -> Candidate {
        Candidate { waited_cycles, idle_ms: Some(idle_ms) }
    }

    #[test]
    fn whoever_is_due_is_looked_at_and_the_budget_goes_half_and_half() {
        let lively = candidate(1, 0);
        let table: [(&str, Vec<Candidate>, usize, Vec<usize>); 6] = [
            ("nothing open", vec![], 5, vec![]),
            ("all lively", vec![lively, lively], 5, vec![0, 1]),
            ("quiet ones rest", vec![candidate(9, CALM_MS), lively, candidate(10, CALM_MS)], 5, vec![1, 2]),
            ("calm ones rest less", vec![candidate(2, LIVELY_MS), candidate(3, LIVELY_MS)], 5, vec![1]),
            ("unknown is looked at", vec![Candidate { waited_cycles: 1, idle_ms: None }], 1, vec![0]),
            (
                "the longest waiting, then the most active",
                vec![candidate(1, 500), candidate(30, CALM_MS), candidate(20, CALM_MS), candidate(1, 3), candidate(1, 400)],
                3,
                vec![1, 2, 3],
            ),
        ];
        for (why, candidates, budget, expect) in table {
            assert_eq!(plan_notes(&candidates, budget), expect, "{why}");
        }
    }

    proptest! {
        #[test]
        fn nothing_starves_and_the_budget_is_kept(
            mut idle in prop::collection::vec(prop::option::of(0..3 * CALM_MS), 1..80),
            budget in 1_usize..40,
            stirred in prop::collection::vec((0_usize..80, 0_i64..CALM_MS), 0..60),
        ) {
            let mut waited = vec![0_u64; idle.len()];
            let longest = cycles_max(idle.len(), budget);
            for cycle in 0..(longest * 3) {
                for (place, to) in stirred.iter().skip(usize::try_from(cycle).unwrap() % 7).step_by(7) {
                    if let Some(one) = idle.get_mut(*place) {
                        *one = Some(*to);
                    }
                }
                waited.iter_mut().for_each(|one| *one += 1);
                let candidates: Vec<Candidate> = waited.iter().zip(&idle)
                    .map(|(waited_cycles, idle_ms)| Candidate { waited_cycles: *waited_cycles, idle_ms: *idle_ms }).collect();
                let looks = plan_notes(&candidates, budget);
                prop_assert!(looks.len() <= budget);
                let distinct: std::collections::BTreeSet<usize> = looks.iter().copied().collect();
                prop_assert_eq!(distinct.len(), looks.len());
                looks.iter().for_each(|place| waited[*place] = 0);
                prop_assert!(waited.iter().all(|one| *one <= longest), "{:?}", waited);
            }
        }

        #[test]
        fn looks_stay_within_the_account(per_minute in 1_u32..10_000, poll_ms in 1_000_u64..600_000, asked in 0_u64..1_000) {
            let looks = looks_max(Some(per_minute), poll_ms, asked) as u64;
            let allowed = u64::from(per_minute) * poll_ms / 60_000;
            prop_assert!(looks <= LOOKS_MAX as u64 && (looks == 1 || looks + asked <= allowed));
        }
    }
}
