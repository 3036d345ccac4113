//! Worlds that CI runs, and that they are worth running.

use deskbell_engine::sabotage::Sabotage;
use deskbell_testkit::sim::{self, Plan, SLOT_TAKEN, Stats};
use runtime::in_a_world;

/// Worlds of every run of the tests; `make sim SEEDS=10000` runs more.
const SEEDS: u64 = 300;
/// Seeds that broke a promise once.
const KEPT: &[u64] = &[4, 21, 51, 54, 105, 256, 293, 1385];
/// A broken engine has to be noticed within so many worlds.
const NOTICED_WITHIN: u64 = 60;

#[cfg(test)]
mod runtime {
    /// One world to a thread: nothing in it depends on how threads are scheduled.
    pub(crate) fn in_a_world<T>(work: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
    }
}

fn hold(seeds: impl Iterator<Item = u64>) {
    let mut all = Stats::default();
    for seed in seeds {
        let (stats, violation) = in_a_world(sim::run(&Plan::draw(seed)));
        assert_eq!(violation, None, "seed {seed}; see it again with: make sim SEED={seed}");
        all.add(&stats);
    }
    assert!(all.merged > 0 && all.rules > 0, "no world merged a ticket or saved rules: {all:?}");
    let raced = all.faults.0.get(SLOT_TAKEN).copied().unwrap_or(0);
    assert!(all.visits > 0 && raced > 0, "no world had visits, or none that wanted one slot: {all:?}");
}

// In parts, so that cores share them.
#[test]
fn every_promise_holds_in_the_first_worlds() {
    hold((1..=SEEDS).filter(|seed| seed % 3 == 0));
}

#[test]
fn every_promise_holds_in_further_worlds() {
    hold((1..=SEEDS).filter(|seed| seed % 3 == 1));
}

#[test]
fn every_promise_holds_in_still_more_worlds() {
    hold((1..=SEEDS).filter(|seed| seed % 3 == 2));
}

#[test]
fn seeds_that_broke_a_promise_once_hold_now() {
    hold(KEPT.iter().copied());
}

#[test]
fn a_seed_is_the_same_run_every_time() {
    for seed in [7, 8, 9] {
        let one = in_a_world(sim::run(&Plan::draw(seed)));
        let other = in_a_world(sim::run(&Plan::draw(seed)));
        assert_eq!(one, other, "seed {seed}");
        assert!(one.0.operations > 0 && one.0.checks > 0, "seed {seed} did nothing");
    }
}

/// The seed, the violation, and the length of the run that still shows it.
fn noticed(fault: Sabotage) -> Option<(u64, String, usize)> {
    (1..=NOTICED_WITHIN).find_map(|seed| {
        let plan = Plan { sabotage: Some(fault), ..Plan::draw(seed) };
        let violation = in_a_world(sim::run(&plan)).1?;
        let shrunk = in_a_world(sim::shrink(&plan));
        Some((seed, violation.what, shrunk.len()))
    })
}

#[test]
fn an_engine_that_sends_again_without_reading_back_is_noticed() {
    let (seed, what, steps) = noticed(Sabotage::ResendOnUnknown).unwrap();
    assert!(what.contains("took effect"), "seed {seed}: {what}");
    assert!(steps <= 12, "seed {seed}: {what} is shown by {steps} steps");
}

#[test]
fn an_engine_that_forgets_the_base_of_a_merge_is_noticed() {
    let (seed, what, steps) = noticed(Sabotage::ForgetBase).unwrap();
    assert!(what.contains("wrote over"), "seed {seed}: {what}");
    assert!(steps <= 12, "seed {seed}: {what} is shown by {steps} steps");
}

#[test]
fn an_engine_that_acknowledges_before_the_commit_is_noticed() {
    let (seed, what, steps) = noticed(Sabotage::AcknowledgeBeforeCommit).unwrap();
    assert!(what.contains("never took effect") || what.contains("differ"), "seed {seed}: {what}");
    assert!(steps <= 12, "seed {seed}: {what} is shown by {steps} steps");
}
