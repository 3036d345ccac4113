//! How fast a full pull from Request Tracker is, as a share of what a bare HTTP client does that fetches the same
//! pages with the same session and throws them away.
//!
//! The pages are learnt by one pull through a recording wire. Then the bare client and the provider take turns, the bare
//! one with as many requests in flight as the provider may have. `DESKBELL_RT_URL` names a seeded server.

#![expect(clippy::print_stdout, reason = "a benchmark prints")]

use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant};

use deskbell_domain::ticket::ProviderKind;
use deskbell_remote::connect::{ConnectOptions, connect};

#[path = "rt_bare.rs"]
mod bare;

use bare::{Recording, fetch, log_in, record};

type Fault = Box<dyn Error + Send + Sync>;

/// Rounds, unless `DESKBELL_RT_ROUNDS` says otherwise.
const ROUNDS: usize = 3;
fn setting(name: &str, default: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| default.to_owned())
}

#[tokio::main]
async fn main() -> Result<(), Fault> {
    let endpoint = std::env::var("DESKBELL_RT_URL").map_err(|_| "DESKBELL_RT_URL names the server")?;
    let (user, secret) = (setting("DESKBELL_RT_USER", "alice"), setting("DESKBELL_RT_SECRET", "secret-alice"));

    let recording = Arc::new(Recording::default());
    let wire = record(endpoint.trim_start_matches("http://").to_owned(), Arc::clone(&recording)).await?;
    let (tickets, _) = pull(&wire, &user, &secret).await?;
    let requests = recording.take();

    let client = bare::client()?;
    let cookie = log_in(&client, &endpoint, &user, &secret).await?;
    let rounds = setting("DESKBELL_RT_ROUNDS", "").parse().unwrap_or(ROUNDS);
    let mut ratios = Vec::new();
    for round in 1..=rounds {
        let (bytes, bare_took) = fetch(&client, &endpoint, &cookie, &requests).await?;
        let (again, ours_took) = pull(&endpoint, &user, &secret).await?;
        if again != tickets {
            return Err(format!("{again} tickets instead of {tickets}: the server changed").into());
        }
        println!(
            "round {round}: {} requests, {:.1} MB; bare {:.2} s, provider {:.2} s",
            requests.len(),
            f64::from(u32::try_from(bytes / 1_000)?) / 1_000.0,
            bare_took.as_secs_f64(),
            ours_took.as_secs_f64()
        );
        ratios.push(bare_took.as_secs_f64() / ours_took.as_secs_f64());
    }
    ratios.sort_by(f64::total_cmp);
    // The middle one: a round in which the machine was busy with something else says nothing.
    let middle = ratios.get(rounds / 2).ok_or("no rounds")?;
    println!("{tickets} tickets, ratios of {rounds} rounds {ratios:.3?}");
    println!("pull_rt ratio {middle:.3}");
    Ok(())
}

/// The whole first pull; answers the tickets seen and the time. The login is part of neither side.
async fn pull(endpoint: &str, user: &str, secret: &str) -> Result<(usize, Duration), Fault> {
    let options = ConnectOptions::new(ProviderKind::Rt, endpoint, user, secret.to_owned().into());
    let api = connect(&options)?;
    api.check().await?;
    let began = Instant::now();
    let mut tickets = 0;
    let mut cursor: Option<String> = None;
    loop {
        let page = api.pull(cursor.as_deref()).await?;
        if !page.progress.full {
            return Err("the full pull ended before it was counted".into());
        }
        tickets += page.observations.tickets.len();
        let finished = page.observations.tickets.is_empty();
        std::hint::black_box(page.observations);
        if finished {
            return Ok((tickets, began.elapsed()));
        }
        cursor = Some(page.next_cursor);
    }
}
