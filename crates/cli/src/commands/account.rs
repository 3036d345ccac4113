//! `deskctl account`.

use std::io::Read as _;

use deskbell_domain::Code;
use deskbell_domain::ticket::ProviderKind;
use deskbell_engine::EngineError;
use deskbell_engine::accounts::{AccountDetails, check_account};
use deskbell_engine::events::Account;
use deskbell_engine::records::AccountRecord;
use secrecy::SecretString;

use crate::args::{AccountCommand, Arguments};
use crate::output::Output;
use crate::session;

/// Longest password or token, in bytes.
const SECRET_BYTES_MAX: u64 = 8_192;

pub(crate) async fn run(arguments: &Arguments, command: &AccountCommand, output: &Output) -> Result<(), EngineError> {
    match command {
        AccountCommand::Add { kind, name, endpoint, user } => add(arguments, kind, name, endpoint, user, output).await,
        AccountCommand::List => list(arguments, output).await,
        AccountCommand::Remove { account, force } => {
            let engine = session::open(arguments)?;
            let record = session::find_account(&engine, account).await?;
            engine.remove_account(record.id, *force).await?;
            output.answer(&serde_json::json!({ "removed": record.id }), || vec![format!("Removed {}.", record.name)]);
            Ok(())
        }
    }
}

async fn add(
    arguments: &Arguments,
    kind: &str,
    name: &str,
    endpoint: &str,
    user: &str,
    output: &Output,
) -> Result<(), EngineError> {
    let kind = ProviderKind::from_text(kind).ok_or_else(|| EngineError::new(Code::InputInvalid).arg("field", "kind"))?;
    let details = AccountDetails {
        kind,
        name: name.to_owned(),
        endpoint: endpoint.to_owned(),
        user: user.to_owned(),
        secret: read_secret()?,
        demo: false,
    };
    let identity = check_account(&details).await?;
    let engine = session::open(arguments)?;
    let account = engine.keep_account(details).await?;
    output.answer(&account, || vec![format!("Added {} ({}) as {}.", account.name, identity.server, identity.display_name)]);
    Ok(())
}

async fn list(arguments: &Arguments, output: &Output) -> Result<(), EngineError> {
    let engine = session::open(arguments)?;
    let counts = engine.read(deskbell_engine::records::Store::ticket_counts).await?;
    let with_count = |record: AccountRecord| {
        let tickets = counts.get(&record.id).copied().unwrap_or(0);
        Account::new(record, tickets)
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

/// One line of standard input, without its line end.
fn read_secret() -> Result<SecretString, EngineError> {
    let mut text = String::new();
    let read = std::io::stdin().take(SECRET_BYTES_MAX).read_to_string(&mut text);
    read.map_err(|error| EngineError::with_detail(Code::InputInvalid, error.to_string()).arg("field", "secret"))?;
    let secret = text.trim_end_matches(['\r', '\n']);
    if secret.is_empty() {
        return Err(EngineError::with_detail(
            Code::InputInvalid,
            "the password or token is read from standard input, and it was empty",
        )
        .arg("field", "secret"));
    }
    Ok(SecretString::from(secret))
}
