//! How fast changed notes land in the store, as a share of what a bare HTTP client does that fetches the same pages of the
//! same feed and throws them away.
//!
//! A desk has caught up with a hub of its own; then somebody else writes 10,000 notes. Bare client and desk take turns over
//! the same pages, the desk each time from a copy of the caught-up directory. Pages follow one another in both: the next
//! address is told by the page before. The hub lives in this process, on a thread of its own.
//!
//! With `DESKBELL_RT_URL` it is a seeded Request Tracker instead: a bare client and a desk fetch the pages of the same first
//! pull in turns.

#![expect(clippy::print_stdout, reason = "a benchmark prints")]

use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use deskbell_domain::sync::op::{NewTicket, OperationKind, OutboundOperation, Outcome};
use deskbell_domain::ticket::{AccountId, AccountOptions, ProviderKind, Visibility};
use deskbell_engine::Engine;
use deskbell_engine::accounts::AccountDetails;
use deskbell_engine::ports::Clock;
use deskbell_engine::puller::pull_once;
use deskbell_engine::system::SystemClock;
use deskbell_hub::{HubConfig, HubServer, seed_demo};
use deskbell_remote::SupportApi;
use deskbell_remote::connect::{ConnectOptions, connect};
use deskbell_testkit::Machine;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

#[path = "rt_bare.rs"]
mod bare;

type Fault = Box<dyn Error + Send + Sync>;

const TOKEN: &str = "land-notes-4c1d";
const SEED: u64 = 20_261_121;
const TICKETS: usize = 2_000;
const NOTES: u64 = 10_000;
const ROUNDS: usize = 5;
const RT_ROUNDS: usize = 3;
/// As the desk asks for them.
const CHANGES_A_PAGE: u32 = 200;
const SENT_AT_ONCE: usize = 8;

#[tokio::main]
async fn main() -> Result<(), Fault> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    if let Ok(url) = std::env::var("DESKBELL_RT_URL") {
        return from_rt(&url, clock).await;
    }
    let home = tempfile::tempdir()?;
    let database = home.path().join("hub.db");
    seed_demo(&database, clock.now(), SEED)?;
    let url = serve(database)?;
    let api = connect(&ConnectOptions::new(ProviderKind::Hub, &url, "demo", TOKEN.to_owned().into()))?;
    let remote_ids = fill(&api, &clock).await?;

    let machine = Machine::new(Arc::clone(&clock));
    // The key of a database goes by its directory, so the desk stays where it is and what it had is put back.
    let (here, kept) = (home.path().join("desk"), home.path().join("kept"));
    std::fs::create_dir(&here)?;
    let (engine, account) = desk(&machine, &here, Some((ProviderKind::Hub, &url, "demo", TOKEN))).await?;
    pull_once(&engine, account).await?;
    let after = feed_position(&engine, account).await?;
    engine.shutdown().await;
    drop(engine);
    copy_directory(&here, &kept)?;

    write_notes(&api, &clock, &remote_ids).await?;
    let mut ratios = Vec::new();
    for round in 1..=ROUNDS {
        let (pages, bytes, bare_took) = fetch(&url, after).await?;
        std::fs::remove_dir_all(&here)?;
        copy_directory(&kept, &here)?;
        let (engine, account) = desk(&machine, &here, None).await?;
        let began = Instant::now();
        let report = pull_once(&engine, account).await?;
        let took = began.elapsed();
        engine.shutdown().await;
        if report.notes_new != NOTES {
            return Err(format!("{} notes landed instead of {NOTES}", report.notes_new).into());
        }
        println!(
            "round {round}: {NOTES} notes of {} tickets, {pages} pages, {bytes} bytes; bare {:.0} notes/s, landed {:.0} notes/s",
            report.tickets_changed,
            rate(bare_took),
            rate(took),
        );
        ratios.push(bare_took.as_secs_f64() / took.as_secs_f64());
    }
    ratios.sort_by(f64::total_cmp);
    let middle = ratios.get(ROUNDS / 2).ok_or("no rounds")?;
    println!("land_notes ratios of {ROUNDS} rounds {ratios:.3?}, middle {middle:.3}");
    Ok(())
}

fn rate(took: Duration) -> f64 {
    per_second(NOTES, took)
}

#[expect(clippy::cast_precision_loss, reason = "a rate for people")]
fn per_second(notes: u64, took: Duration) -> f64 {
    notes as f64 / took.as_secs_f64()
}

/// Rounds in which a bare client and a desk fetch the same pages; `DESKBELL_RT_ROUNDS` says how many.
async fn from_rt(url: &str, clock: Arc<dyn Clock>) -> Result<(), Fault> {
    let rounds: usize = std::env::var("DESKBELL_RT_ROUNDS").map_or(Ok(RT_ROUNDS), |text| text.parse())?;
    let (user, secret) = ("alice", "secret-alice");
    let recording = Arc::new(bare::Recording::default());
    let wire = bare::record(url.trim_start_matches("http://").to_owned(), Arc::clone(&recording)).await?;
    let (notes, _) = land_rt(&wire, &clock).await?;
    let requests = recording.take();
    let client = bare::client()?;
    let cookie = bare::log_in(&client, url, user, secret).await?;
    let mut ratios = Vec::new();
    for round in 1..=rounds {
        let (bytes, bare_took) = bare::fetch(&client, url, &cookie, &requests).await?;
        let (landed, took) = land_rt(url, &clock).await?;
        if landed != notes {
            return Err(format!("{landed} notes instead of {notes}: the server changed").into());
        }
        println!(
            "round {round}: {} requests, {bytes} bytes, {notes} notes; bare {:.1} notes/s, landed {:.1} notes/s",
            requests.len(),
            per_second(notes, bare_took),
            per_second(notes, took),
        );
        ratios.push(bare_took.as_secs_f64() / took.as_secs_f64());
    }
    ratios.sort_by(f64::total_cmp);
    let middle = ratios.get(rounds / 2).ok_or("no rounds")?;
    println!("land_rt ratios of {rounds} rounds {ratios:.3?}, middle {middle:.3}");
    Ok(())
}

/// A whole first pull into a new store; answers the notes that landed and the time, the login in it.
async fn land_rt(url: &str, clock: &Arc<dyn Clock>) -> Result<(u64, Duration), Fault> {
    let home = tempfile::tempdir()?;
    let machine = Machine::new(Arc::clone(clock));
    let (engine, account) = desk(&machine, home.path(), Some((ProviderKind::Rt, url, "alice", "secret-alice"))).await?;
    let began = Instant::now();
    let report = pull_once(&engine, account).await?;
    let took = began.elapsed();
    engine.shutdown().await;
    Ok((report.notes_new, took))
}

/// On a thread of its own until the program ends; answers its address.
fn serve(database: std::path::PathBuf) -> Result<String, Fault> {
    let (told, heard) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async move {
            let hub = HubServer::start(HubConfig::new(database, TOKEN)).await?;
            told.send(hub.url())?;
            std::future::pending::<()>().await;
            drop(hub);
            Ok::<(), Fault>(())
        })
    });
    Ok(heard.recv()?)
}

fn operation(clock: &Arc<dyn Clock>, marker: String, ticket: &str, kind: OperationKind) -> OutboundOperation {
    OutboundOperation {
        marker,
        ticket_remote_id: ticket.to_owned(),
        kind,
        base_version: String::new(),
        created_at: clock.now(),
        uploaded: std::collections::BTreeMap::new(),
        opened_by_others: Vec::new(),
        visit_remote_id: String::new(),
        visit_version: String::new(),
    }
}

async fn send_all(api: &Arc<dyn SupportApi>, operations: Vec<OutboundOperation>) -> Result<(), Fault> {
    for some in operations.chunks(SENT_AT_ONCE) {
        for outcome in futures::future::join_all(some.iter().map(|operation| api.send(operation))).await {
            if !matches!(outcome, Outcome::Sent(_)) {
                return Err(format!("the hub did not take an operation: {outcome:?}").into());
            }
        }
    }
    Ok(())
}

/// Opens tickets until there are enough; answers the ids of all.
async fn fill(api: &Arc<dyn SupportApi>, clock: &Arc<dyn Clock>) -> Result<Vec<String>, Fault> {
    let known = all_ids(api).await?.len();
    let ticket = |number: usize| NewTicket {
        subject: format!("华东节点 {number} 响应缓慢"),
        body: format!("第 {number} 号实例自今晨起响应缓慢，请协助排查 slow response since this morning"),
        ..NewTicket::default()
    };
    let created = (known..TICKETS)
        .map(|number| operation(clock, format!("create-{number}"), "", OperationKind::CreateTicket { ticket: ticket(number) }));
    send_all(api, created.collect()).await?;
    all_ids(api).await
}

async fn all_ids(api: &Arc<dyn SupportApi>) -> Result<Vec<String>, Fault> {
    let (mut ids, mut cursor) = (Vec::new(), None::<String>);
    loop {
        let page = api.pull(cursor.as_deref()).await?;
        if !page.progress.full || page.observations.tickets.is_empty() {
            return Ok(ids);
        }
        ids.extend(page.observations.tickets.into_iter().map(|ticket| ticket.remote_id));
        cursor = Some(page.next_cursor);
    }
}

async fn write_notes(api: &Arc<dyn SupportApi>, clock: &Arc<dyn Clock>, remote_ids: &[String]) -> Result<(), Fault> {
    let ids = remote_ids.iter().cycle();
    let notes = (0..NOTES).zip(ids).map(|(number, id)| {
        let body = format!("第 {number} 次检查：后端连接数恢复正常，错误率 0.{number}%，继续观察 connection pool recovered");
        operation(clock, format!("note-{number}"), id, OperationKind::reply(body, Visibility::Public))
    });
    send_all(api, notes.collect()).await
}

/// A desk on a server; kind, address, user and secret to add the account, `None` where it has it.
async fn desk(
    machine: &Machine,
    dir: &Path,
    server: Option<(ProviderKind, &str, &str, &str)>,
) -> Result<(Arc<Engine>, AccountId), Fault> {
    let engine = machine.open(dir)?;
    engine.acquire_lock().await?;
    if let Some((kind, url, user, secret)) = server {
        let details = AccountDetails {
            kind,
            name: "measured".to_owned(),
            endpoint: url.to_owned(),
            user: user.to_owned(),
            secret: secret.to_owned().into(),
            demo: false,
            options: AccountOptions::default(),
        };
        engine.keep_account(details).await?;
    }
    engine.connect_accounts().await?;
    let account = engine.accounts().await?.first().ok_or("no account")?.id;
    Ok((engine, account))
}

/// Where the feed goes on for a desk that has caught up.
async fn feed_position(engine: &Arc<Engine>, account: AccountId) -> Result<i64, Fault> {
    let record = engine.read(move |store| store.account(account)).await?.ok_or("no account")?;
    let cursor = record.cursor.ok_or("no cursor")?;
    let digits: String = cursor.chars().filter(char::is_ascii_digit).collect();
    Ok(digits.parse()?)
}

/// Every page of the feed over one connection, its bytes counted and dropped.
async fn fetch(url: &str, mut after: i64) -> Result<(u32, usize, Duration), Fault> {
    let host = url.trim_start_matches("http://").trim_end_matches('/');
    let mut wire = BufReader::new(TcpStream::connect(host).await?);
    let began = Instant::now();
    let (mut pages, mut bytes) = (0, 0);
    loop {
        let target = format!("/api/v1/changes?after={after}&limit={CHANGES_A_PAGE}");
        let request = format!("GET {target} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {TOKEN}\r\n\r\n");
        wire.get_mut().write_all(request.as_bytes()).await?;
        let page = answer(&mut wire).await?;
        pages += 1;
        bytes += page.len();
        // The two values that lead on; the changes themselves are not looked at.
        let (next, more) = where_next(&page)?;
        if !more {
            return Ok((pages, bytes, began.elapsed()));
        }
        after = next;
    }
}

/// The content of one answer that says its length.
async fn answer(wire: &mut BufReader<TcpStream>) -> Result<Vec<u8>, Fault> {
    let (mut line, mut length) = (String::new(), None);
    wire.read_line(&mut line).await?;
    if !line.starts_with("HTTP/1.1 200") {
        return Err(format!("the hub answered {line}").into());
    }
    loop {
        line.clear();
        wire.read_line(&mut line).await?;
        match line.trim_end().split_once(':') {
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => length = Some(value.trim().parse()?),
            Some(_) => {}
            None => break,
        }
    }
    let mut content = vec![0; length.ok_or("an answer without a length")?];
    wire.read_exact(&mut content).await?;
    Ok(content)
}

fn where_next(page: &[u8]) -> Result<(i64, bool), Fault> {
    #[derive(serde::Deserialize)]
    struct Head {
        next_after: i64,
        more: bool,
        #[serde(rename = "changes")]
        _changes: serde::de::IgnoredAny,
    }
    let head: Head = serde_json::from_slice(page)?;
    Ok((head.next_after, head.more))
}

fn copy_directory(from: &Path, to: &Path) -> Result<(), Fault> {
    std::fs::create_dir(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_directory(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
