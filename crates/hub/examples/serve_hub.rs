//! Serves a hub with generated tickets and its Workorder endpoint for proofs from outside, without simulated customers.
//! Prints one JSON object with the addresses and keys, and serves until its standard input ends.
//!
//! usage: serve_hub DATABASE   (made and filled when it is not there)
//!   WORKORDER_URL_SECONDS  how long signed addresses hold (default 3,600)

use std::error::Error;
use std::io::Write as _;
use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use deskbell_domain::UtcMs;
use deskbell_hub::{Fault, Faults, HubConfig, HubServer, StsKey, WorkorderConfig, seed_demo};

const TOKEN: &str = "hub-token-of-the-proof";
const SEED: u64 = 20_261_121;

fn main() -> Result<(), Box<dyn Error>> {
    let database = PathBuf::from(std::env::args_os().nth(1).ok_or("usage: serve_hub DATABASE")?);
    if !database.exists() {
        let now = UtcMs(i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis())?);
        seed_demo(&database, now, SEED)?;
    }
    let url_seconds = std::env::var("WORKORDER_URL_SECONDS").map_or(Ok(3_600), |text| text.parse())?;
    let mut workorder = WorkorderConfig::new("LTAI-proof", "secret-of-the-proof");
    workorder.url_life = Duration::from_secs(url_seconds);
    workorder.sts = Some(StsKey {
        access_key_id: "STS.proof".to_owned(),
        access_key_secret: "temporary-secret".to_owned(),
        security_token: "CAIS/temporary+token==".to_owned(),
        expires_at_ms: i64::MAX,
    });
    let faults = Faults::default();
    let mut config = HubConfig::new(database, TOKEN);
    config.workorder = Some(workorder);
    config.faults = faults.clone();
    let runtime = tokio::runtime::Runtime::new()?;
    let hub = runtime.block_on(HubServer::start(config))?;
    let answer = serde_json::json!({ "hub": hub.url(), "token": TOKEN, "workorder": hub.workorder_url(),
        "access_key_id": "LTAI-proof", "access_key_secret": "secret-of-the-proof", "sts_key_id": "STS.proof",
        "sts_secret": "temporary-secret", "sts_token": "CAIS/temporary+token==" });
    writeln!(std::io::stdout(), "{answer}")?;
    for line in std::io::stdin().lines() {
        order(&faults, &line?)?;
        writeln!(std::io::stdout(), "ordered")?;
    }
    runtime.block_on(hub.shutdown());
    Ok(())
}

/// `METHOD PATH_PART FAULT [ARGUMENT]`, for the next such request.
fn order(faults: &Faults, line: &str) -> Result<(), Box<dyn Error>> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let (method, path, fault, argument) = match words.as_slice() {
        [method, path, fault] => (method, path, *fault, ""),
        [method, path, fault, argument] => (method, path, *fault, *argument),
        _ => return Err("METHOD PATH_PART FAULT [ARGUMENT]".into()),
    };
    let fault = match fault {
        "answer_lost" => Fault::AnswerLost,
        "truncated" => Fault::Truncated,
        "duplicated" => Fault::Duplicated,
        "fails_before" => Fault::FailsBefore,
        "fails_after_commit" => Fault::FailsAfterCommit,
        "rate_limited" => Fault::RateLimited { retry_after: argument.to_owned() },
        "unavailable" => Fault::Unavailable { retry_after: argument.to_owned() },
        _ => return Err("no such fault".into()),
    };
    faults.order(method, path, fault);
    Ok(())
}
