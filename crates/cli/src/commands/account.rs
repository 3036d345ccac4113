//! `deskctl account`.

use std::io::Read as _;

use deskbell_domain::Code;
use deskbell_domain::ticket::{AccountOptions, ProviderKind};
use deskbell_engine::EngineError;
use deskbell_engine::accounts::AccountDetails;
use deskbell_engine::events::Account;
use deskbell_engine::records::AccountRecord;
use secrecy::SecretString;

use crate::args::{AccountCommand, AddAccount, Arguments, OptionArgs};
use crate::output::Output;
use crate::session;

/// Longest password or token, in bytes.
const SECRET_BYTES_MAX: u64 = 8_192;

pub(crate) async fn run(arguments: &Arguments, command: &AccountCommand, output: &Output) -> Result<(), EngineError> {
    match command {
        AccountCommand::Add(new) => add(arguments, new, output).await,
        AccountCommand::List => list(arguments, output).await,
        AccountCommand::Catalogue { account } => catalogue(arguments, account, output).await,
        AccountCommand::Options { account, options } => put_options(arguments, account, options, output).await,
        AccountCommand::Pause { account } => pause(arguments, account, true, output).await,
        AccountCommand::Resume { account } => pause(arguments, account, false, output).await,
        AccountCommand::Remove { account, force } => {
            let engine = session::open(arguments)?;
            let record = session::find_account(&engine, account).await?;
            engine.remove_account(record.id, *force).await?;
            output.answer(&serde_json::json!({ "removed": record.id }), || vec![format!("Removed {}.", record.name)]);
            Ok(())
        }
    }
}

async fn add(arguments: &Arguments, new: &AddAccount, output: &Output) -> Result<(), EngineError> {
    let kind = ProviderKind::from_text(&new.kind).ok_or_else(|| EngineError::new(Code::InputInvalid).arg("field", "kind"))?;
    let details = AccountDetails {
        kind,
        name: new.name.clone(),
        endpoint: new.endpoint.clone(),
        user: new.user.clone(),
        secret: read_secret(kind)?,
        demo: false,
        options: options(&new.options),
    };
    let engine = session::open(arguments)?;
    let identity = engine.check_account(&details).await?;
    let account = engine.keep_account(details).await?;
    output.answer(&account, || vec![format!("Added {} ({}) as {}.", account.name, identity.server, identity.display_name)]);
    Ok(())
}

fn options(given: &OptionArgs) -> AccountOptions {
    AccountOptions {
        requests_per_minute: given.requests_per_minute,
        connections_max: given.connections_max,
        poll_s: given.poll_s,
        visit_category: given.visit_category.clone().unwrap_or_default(),
    }
}

async fn put_options(arguments: &Arguments, account: &str, given: &OptionArgs, output: &Output) -> Result<(), EngineError> {
    let engine = session::open(arguments)?;
    let record = session::find_account(&engine, account).await?;
    let account = engine.put_account_options(record.id, options(given)).await?;
    output.answer(&account, || vec![format!("Kept the options of {}.", account.name)]);
    Ok(())
}

async fn pause(arguments: &Arguments, account: &str, paused: bool, output: &Output) -> Result<(), EngineError> {
    let engine = session::open(arguments)?;
    let record = session::find_account(&engine, account).await?;
    engine.pause_pull(record.id, paused).await?;
    let done = if paused { "Nothing is fetched from" } else { "Fetching again from" };
    output.answer(&serde_json::json!({ "account": record.id, "paused": paused }), || vec![format!("{done} {}.", record.name)]);
    Ok(())
}

async fn catalogue(arguments: &Arguments, account: &str, output: &Output) -> Result<(), EngineError> {
    let (engine, demo) = session::open_to_ask(arguments).await?;
    let record = session::find_account(&engine, account).await?;
    let found = engine.account_catalogue(record.id).await;
    if let Some(demo) = demo {
        demo.stop().await;
    }
    let found = found?;
    output.answer(&found, || {
        let categories = found.categories.iter().map(|one| format!("category\t{}\t{}\t{}", one.id, one.name, one.product));
        let fields = found.custom_fields.iter().map(|one| format!("field\t{}\t{}", one.name, one.values.join(", ")));
        let assignees = found.assignees.iter().map(|one| format!("assignee\t{one}"));
        let customers = found.customers.iter().map(|one| format!("customer\t{}\t{}", one.id, one.name));
        categories.chain(fields).chain(assignees).chain(customers).collect()
    });
    Ok(())
}

async fn list(arguments: &Arguments, output: &Output) -> Result<(), EngineError> {
    let engine = session::open(arguments)?;
    let counts = engine.read(deskbell_engine::records::Store::ticket_counts).await?;
    let with_count = |record: AccountRecord| {
        let tickets = counts.get(&record.id).copied().unwrap_or(0);
        engine.account_view(record, tickets)
    };
    let accounts: Vec<Account> = engine.accounts().await?.into_iter().map(with_count).collect();
    output.answer(&accounts, || {
        accounts
            .iter()
            .map(|account| {
                let synced = account.last_synced_at.map_or_else(|| "never".to_owned(), deskbell_domain::UtcMs::to_rfc3339);
                format!(
                    "{}\t{}\t{}\t{}\t{} tickets\tsynced {synced}",
                    account.id.0,
                    account.kind.as_str(),
                    account.name,
                    account.endpoint,
                    account.ticket_count
                )
            })
            .collect()
    });
    Ok(())
}

/// All of standard input without its last line end: one line, and for Workorder the STS token on a second.
fn read_secret(kind: ProviderKind) -> Result<SecretString, EngineError> {
    let mut text = String::new();
    let read = std::io::stdin().take(SECRET_BYTES_MAX).read_to_string(&mut text);
    read.map_err(|error| EngineError::with_detail(Code::InputInvalid, error.to_string()).arg("field", "secret"))?;
    let invalid = |detail: &str| EngineError::with_detail(Code::InputInvalid, detail).arg("field", "secret");
    let lines: Vec<&str> = text.trim_end_matches(['\r', '\n']).lines().collect();
    match lines.as_slice() {
        [] | [""] => Err(invalid("the password or token is read from standard input, and it was empty")),
        [secret] => Ok(SecretString::from(*secret)),
        [secret, token] if kind == ProviderKind::Aliyun => Ok(SecretString::from(format!("{secret}\n{token}"))),
        _ => Err(invalid("standard input has more lines than a password or token")),
    }
}
