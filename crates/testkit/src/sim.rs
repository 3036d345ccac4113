//! SimWorld: desks with real files, one server, and everything that can go wrong between them, drawn from a seed.
//!
//! Owns: what happens, what has to hold, and the smallest run that shows it does not. Time stands still unless a step
//! moves it; nothing sleeps and nothing runs in the background, so a seed that fails fails again.
//!
//! Not covered: bytes that the disk loses after a commit (a dying store here loses nothing that it has committed).

#![expect(clippy::indexing_slicing, reason = "a world indexes its own lists; a slip stops the run, which is what it is for")]

mod api;
mod check;
mod desk;
pub mod fault;
pub mod server;
pub mod step;
mod world;

pub use api::SLOT_TAKEN;
pub use fault::FaultCounts;
pub use step::Plan;
pub use world::{Stats, Violation, World};

/// Runs a plan in a world of its own.
///
/// # Errors
/// The first promise that does not hold.
pub async fn run(plan: &Plan) -> (Stats, Option<Violation>) {
    let mut world = match World::start(plan).await {
        Ok(world) => world,
        Err(error) => return (Stats::default(), Some(Violation { step: 0, what: format!("no world: {error}") })),
    };
    let violation = world.run(plan).await.err();
    (std::mem::take(&mut world.stats), violation)
}

/// Leaves out of a failing run whatever it fails without: first large pieces, then single steps. Answers the places kept.
pub async fn shrink(plan: &Plan) -> Vec<usize> {
    let mut kept: Vec<usize> = (0..plan.steps.len()).collect();
    let mut piece = kept.len().div_ceil(2).max(1);
    loop {
        let mut start = 0;
        let mut shrank = false;
        while start < kept.len() {
            let end = (start + piece).min(kept.len());
            let without: Vec<usize> = kept[..start].iter().chain(&kept[end..]).copied().collect();
            if run(&plan.keeping(&without)).await.1.is_some() {
                kept = without;
                shrank = true;
            } else {
                start = end;
            }
        }
        if piece == 1 && !shrank {
            return kept;
        }
        piece = if piece == 1 { 1 } else { piece.div_ceil(2) };
    }
}
