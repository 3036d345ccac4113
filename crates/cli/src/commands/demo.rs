//! `deskctl demo`.

use deskbell_engine::EngineError;
use deskbell_engine::accounts::AccountDetails;
use deskbell_engine::ports::Clock as _;
use deskbell_engine::system::SystemClock;
use deskbell_hub::demo_desk::DemoDesk;
use secrecy::ExposeSecret as _;

use crate::args::{Arguments, DemoCommand};
use crate::output::Output;
use crate::session;

pub(crate) async fn run(arguments: &Arguments, command: Option<&DemoCommand>, output: &Output) -> Result<(), EngineError> {
    match command {
        None => connect(arguments, output).await,
        Some(DemoCommand::Generate { tickets, seed }) => {
            deskbell_hub::demo::generate_ndjson(*tickets, SystemClock.now(), *seed, |line| output.line(line))
                .map_err(session::demo_error)
        }
        Some(DemoCommand::Serve { port }) => serve(*port, output).await,
    }
}

/// Adds the demo account unless it is there, and syncs it.
async fn connect(arguments: &Arguments, output: &Output) -> Result<(), EngineError> {
    let engine = session::open(arguments)?;
    engine.acquire_lock().await?;
    let demo = session::start_demo(&engine).await?;
    let known = engine.accounts().await?.into_iter().find(|account| account.demo).map(|account| account.id);
    let account = match known {
        Some(account) => account,
        None => engine.keep_account(AccountDetails::demo(DemoDesk::NAME, DemoDesk::USER, demo.token())).await?.id,
    };
    engine.connect_accounts().await?;
    let report = engine.sync_account_once(account).await?;
    output.answer(&report, || {
        vec![format!("Demo desk: {} tickets changed, {} new notes.", report.pull.tickets_changed, report.pull.notes_new)]
    });
    engine.shutdown().await;
    demo.stop().await;
    Ok(())
}

async fn serve(port: u16, output: &Output) -> Result<(), EngineError> {
    let dir = std::env::temp_dir().join(format!("deskbell-demo-{}", std::process::id()));
    let demo = DemoDesk::start_on(&dir, SystemClock.now(), true, port, true).await.map_err(session::demo_error)?;
    // The one place that shows them: another client needs them, and they are worthless once this ends.
    let token = demo.token().expose_secret().to_owned();
    let workorder = demo
        .workorder()
        .map(|key| (key.url.clone(), key.access_key_id.clone(), key.access_key_secret.expose_secret().to_owned()));
    let (workorder_url, access_key_id, access_key_secret) = workorder.unwrap_or_default();
    let answer = serde_json::json!({ "url": demo.url(), "user": DemoDesk::USER, "token": token,
        "workorder": { "url": workorder_url, "access_key_id": access_key_id, "access_key_secret": access_key_secret } });
    output.answer(&answer, || {
        vec![
            format!("Serving {} (user {}, token {token}).", demo.url(), DemoDesk::USER),
            format!("In the shape of Alibaba Cloud Workorder: {workorder_url} (AccessKey {access_key_id}, secret {access_key_secret})."),
            "Interrupt to stop.".to_owned(),
        ]
    });
    let _interrupted = tokio::signal::ctrl_c().await;
    demo.stop().await;
    let _best_effort = std::fs::remove_dir_all(&dir);
    Ok(())
}
