//! `deskctl account`.

use std::io::Read as _;

use deskbell_domain::Code;
use deskbell_domain::ticket::{AccountOptions, ProviderKind};
use deskbell_engine::EngineError;
use deskbell_engine::accounts::AccountDetails;
use deskbell_engine::events::Account;
use deskbell_engine::records::AccountRecord;
use secrecy::SecretString;

use crate::args::{AccountCommand, AddAccount, Arguments};
use crate::output::Output;
use crate::session;

/// Longest password or token, in bytes.
const SECRET_BYTES_MAX: u64 = 8_192;

pub(crate) async fn run(arguments: &Arguments, command: &AccountCommand, output: &Output) -> Result<(), EngineError> {
    match command {
        AccountCommand::Add(new) => add(arguments, new, output).await,
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

async fn add(arguments: &Arguments, new: &AddAccount, output: &Output) -> Result<(), EngineError> {
    let kind = ProviderKind::from_text(&new.kind).ok_or_else(|| EngineError::new(Code::InputInvalid).arg("field", "kind"))?;
    let details = AccountDetails {
        kind,
        name: new.name.clone(),
        endpoint: new.endpoint.clone(),
        user: new.user.clone(),
        secret: read_secret(kind)?,
        demo: false,
        options: AccountOptions {
            requests_per_minute: new.requests_per_minute,
            connections_max: new.connections_max,
            poll_s: new.poll_s,
        },
    };
    let engine = session::open(arguments)?;
    let identity = engine.check_account(&details).await?;
    let account = engine.keep_account(details).await?;
    output.answer(&account, || vec![format!("Added {} ({}) as {}.", account.name, identity.server, identity.display_name)]);
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
