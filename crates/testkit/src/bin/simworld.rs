//! Runs worlds: `simworld [--seeds N] [--from SEED] [--threads N]`, or one again: `simworld --seed SEED [--keep 1,4,9]`.
//! With `--sabotage resend|forget|acknowledge` the engine is broken on purpose, and the worlds have to notice.
//!
//! Ends with 1 when a promise was broken, after shrinking the run and printing the command that shows it again.

#![expect(clippy::print_stdout, reason = "its output is what it is for")]

use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use deskbell_engine::sabotage::Sabotage;
use deskbell_testkit::sim::{self, Plan, Stats, Violation};

/// Seeds that a run without arguments takes.
const SEEDS: u64 = 300;

#[derive(Debug, Clone)]
struct Asked {
    from: u64,
    seeds: u64,
    threads: usize,
    one: Option<u64>,
    keep: Option<Vec<usize>>,
    sabotage: Option<Sabotage>,
}

impl Asked {
    /// As `make sim` takes it.
    const fn spoiled(&self) -> &'static str {
        match self.sabotage {
            None => "",
            Some(Sabotage::ResendOnUnknown) => " SABOTAGE=resend",
            Some(Sabotage::ForgetBase) => " SABOTAGE=forget",
            Some(Sabotage::AcknowledgeBeforeCommit) => " SABOTAGE=acknowledge",
            Some(Sabotage::MarkAfterShowing | Sabotage::ForgetMoved) => " (a fault of the bell, for its own test)",
        }
    }

    fn plan(&self, seed: u64) -> Plan {
        Plan { sabotage: self.sabotage, ..Plan::draw(seed) }
    }
}

fn main() -> ExitCode {
    let asked = match read_arguments(std::env::args().skip(1)) {
        Ok(asked) => asked,
        Err(message) => {
            println!(
                "{message}\nusage: simworld [--seeds N] [--from SEED] [--threads N] | --seed SEED [--keep 1,4,9]; both: [--sabotage resend|forget|acknowledge]"
            );
            return ExitCode::from(2);
        }
    };
    match asked.one {
        Some(seed) => replay(&asked.plan(seed), asked.keep.as_deref()),
        None => many(&asked),
    }
}

fn read_arguments(mut arguments: impl Iterator<Item = String>) -> Result<Asked, String> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let mut asked = Asked { from: 1, seeds: SEEDS, threads: cores, one: None, keep: None, sabotage: None };
    while let Some(name) = arguments.next() {
        let value = arguments.next().ok_or_else(|| format!("{name} wants a value"))?;
        let number = || value.parse::<u64>().map_err(|_| format!("{name}: {value} is no number"));
        match name.as_str() {
            "--seeds" => asked.seeds = number()?,
            "--from" => asked.from = number()?,
            "--threads" => asked.threads = usize::try_from(number()?.max(1)).unwrap_or(1),
            "--seed" => asked.one = Some(number()?),
            "--keep" => {
                let places = value.split(',').filter(|part| !part.is_empty()).map(str::parse).collect::<Result<_, _>>();
                asked.keep = Some(places.map_err(|_| format!("--keep: {value} is no list of places"))?);
            }
            "--sabotage" => {
                asked.sabotage = Some(match value.as_str() {
                    "resend" => Sabotage::ResendOnUnknown,
                    "forget" => Sabotage::ForgetBase,
                    "acknowledge" => Sabotage::AcknowledgeBeforeCommit,
                    _ => return Err(format!("--sabotage: {value} is not known")),
                });
            }
            _ => return Err(format!("{name} is not known")),
        }
    }
    Ok(asked)
}

/// One world to a thread: nothing in it depends on how threads are scheduled.
fn in_a_world<T>(work: impl Future<Output = T>) -> Result<T, std::io::Error> {
    Ok(tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(work))
}

fn replay(whole: &Plan, keep: Option<&[usize]>) -> ExitCode {
    let plan = keep.map_or_else(|| whole.clone(), |keep| whole.keeping(keep));
    println!(
        "seed {}: {:?}, upgrade {}, {} tickets, {} steps",
        plan.seed,
        plan.manner,
        plan.upgrade,
        plan.tickets,
        plan.steps.len()
    );
    for (place, step) in plan.steps.iter().enumerate() {
        println!("{place:4} {step:?}");
    }
    match in_a_world(sim::run(&plan)) {
        Ok((_, None)) => {
            println!("every promise held");
            ExitCode::SUCCESS
        }
        Ok((_, Some(violation))) => {
            println!("broken after step {}: {}", violation.step, violation.what);
            ExitCode::FAILURE
        }
        Err(error) => {
            println!("no runtime: {error}");
            ExitCode::FAILURE
        }
    }
}

fn many(asked: &Asked) -> ExitCode {
    let began = Instant::now();
    let next = AtomicU64::new(0);
    let stop = AtomicBool::new(false);
    let done: Mutex<(u64, Stats)> = Mutex::default();
    let broken: Mutex<Option<(u64, Violation)>> = Mutex::default();
    std::thread::scope(|scope| {
        for _ in 0..asked.threads {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= asked.seeds {
                        return;
                    }
                    let seed = asked.from + number;
                    let Ok((stats, violation)) = in_a_world(sim::run(&asked.plan(seed))) else { return };
                    let mut done = done.lock().unwrap_or_else(PoisonError::into_inner);
                    done.0 += 1;
                    done.1.add(&stats);
                    if let Some(violation) = violation {
                        stop.store(true, Ordering::Relaxed);
                        broken.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert((seed, violation));
                    }
                }
            });
        }
    });
    let (runs, stats) = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    report(runs, &stats, began.elapsed().as_secs_f64());
    match broken.into_inner().unwrap_or_else(PoisonError::into_inner) {
        None if runs == asked.seeds => ExitCode::SUCCESS,
        None => {
            println!("only {runs} of {} seeds were run", asked.seeds);
            ExitCode::FAILURE
        }
        Some((seed, violation)) => {
            println!("\nseed {seed} breaks a promise after step {}: {}", violation.step, violation.what);
            if let Ok(kept) = in_a_world(sim::shrink(&asked.plan(seed))) {
                let places: Vec<String> = kept.iter().map(usize::to_string).collect();
                println!(
                    "shrunk to {} steps; again: make sim SEED={seed} KEEP={}{}",
                    kept.len(),
                    places.join(","),
                    asked.spoiled()
                );
            }
            ExitCode::FAILURE
        }
    }
}

fn report(runs: u64, stats: &Stats, seconds: f64) {
    #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
    let rate = runs as f64 / seconds.max(0.001);
    println!(
        "{runs} seeds in {seconds:.1} s, {rate:.1} seeds/s; {} steps, {} restarts, {} tickets merged, rules saved {} times, {} visits",
        stats.steps, stats.restarts, stats.merged, stats.rules, stats.visits
    );
    println!(
        "operations: {} made, {} sent, {} rejected, {} taken back; checked {} times",
        stats.operations, stats.sent, stats.rejected, stats.taken_back, stats.checks
    );
    for (name, times) in &stats.faults.0 {
        println!("{times:8}  {name}");
    }
}
