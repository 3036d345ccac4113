//! `deskctl import`.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::sync::Arc;

use deskbell_domain::Code;
use deskbell_domain::ticket::{AccountId, ProviderKind};
use deskbell_engine::import::{IMPORT_ENDPOINT, read_batches};
use deskbell_engine::records::NewAccount;
use deskbell_engine::{Engine, EngineError};

use crate::args::{Arguments, ImportCommand};
use crate::output::Output;
use crate::session;

pub(crate) async fn run(arguments: &Arguments, command: &ImportCommand, output: &Output) -> Result<(), EngineError> {
    let ImportCommand::Tickets { file, account } = command;
    let engine = session::open(arguments)?;
    let account = match account {
        Some(name) => session::find_account(&engine, name).await?.id,
        None => import_account(&engine).await?,
    };
    let (path, importing) = (file.clone(), Arc::clone(&engine));
    let tickets = tokio::task::spawn_blocking(move || import(&importing, account, &path)).await??;
    deskbell_engine::sla_watch::recompute_stale(&engine).await?;
    output
        .answer(&serde_json::json!({ "tickets": tickets, "account": account }), || vec![format!("{tickets} tickets imported.")]);
    Ok(())
}

fn import(engine: &Engine, account: AccountId, path: &Path) -> Result<u64, EngineError> {
    let source: Box<dyn BufRead> = if path == Path::new("-") {
        Box::new(BufReader::new(std::io::stdin()))
    } else {
        let opened = File::open(path).map_err(|error| {
            EngineError::with_detail(Code::InputInvalid, format!("{}: {error}", path.display())).arg("field", "file")
        })?;
        Box::new(BufReader::new(opened))
    };
    read_batches(source, |batch| {
        engine.store().import_tickets(account, &batch, engine.now())?;
        Ok(())
    })
}

async fn import_account(engine: &Arc<Engine>) -> Result<AccountId, EngineError> {
    if let Some(found) = engine.accounts().await?.into_iter().find(|account| account.endpoint == IMPORT_ENDPOINT) {
        return Ok(found.id);
    }
    let new = NewAccount {
        kind: ProviderKind::Hub,
        name: "import".to_owned(),
        endpoint: IMPORT_ENDPOINT.to_owned(),
        user: String::new(),
        demo: false,
    };
    let now = engine.now();
    engine.read(move |store| store.add_account(&new, now)).await
}
