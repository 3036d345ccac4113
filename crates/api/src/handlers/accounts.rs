//! Accounts: checking, adding, their options and catalogues.

use deskbell_domain::observation::Catalogue;
use deskbell_engine::accounts::AccountDetails;
use deskbell_engine::events::Account;
use deskbell_engine::records::Store;
use secrecy::SecretString;

use super::Answer;
use crate::commands::{self as list, CheckedAccount};
use crate::demo::DemoDesk;
use crate::desk::Desk;

pub(crate) async fn account_check(desk: &Desk, args: list::account_check::Args) -> Answer<CheckedAccount> {
    let details = AccountDetails {
        kind: args.kind,
        name: String::new(),
        endpoint: args.endpoint,
        user: args.user,
        secret: SecretString::from(args.secret),
        demo: false,
        options: args.options,
    };
    let identity = desk.engine()?.check_account(&details).await?;
    Ok(CheckedAccount { display_name: identity.display_name, server: identity.server })
}

pub(crate) async fn account_add(desk: &Desk, args: list::account_add::Args) -> Answer<Account> {
    let details = AccountDetails {
        kind: args.kind,
        name: args.name,
        endpoint: args.endpoint,
        user: args.user,
        secret: SecretString::from(args.secret),
        demo: false,
        options: args.options,
    };
    let engine = desk.engine()?;
    engine.check_account(&details).await?;
    let account = engine.add_account(details).await?;
    desk.emit_state().await;
    Ok(account)
}

pub(crate) async fn account_options_put(desk: &Desk, args: list::account_options_put::Args) -> Answer<Account> {
    desk.engine()?.put_account_options(args.id, args.options).await
}

pub(crate) async fn account_catalogue(desk: &Desk, args: list::account_catalogue::Args) -> Answer<Catalogue> {
    desk.engine()?.account_catalogue(args.account).await
}

pub(crate) async fn pull_pause(desk: &Desk, args: list::pull_pause::Args) -> Answer<()> {
    desk.engine()?.pause_pull(args.account, args.paused).await
}

pub(crate) async fn account_remove(desk: &Desk, args: list::account_remove::Args) -> Answer<()> {
    desk.engine()?.remove_account(args.id, args.force).await?;
    desk.emit_state().await;
    Ok(())
}

pub(crate) async fn demo_start(desk: &Desk, _args: list::demo_start::Args) -> Answer<Account> {
    let engine = desk.engine()?;
    let mut running = desk.demo.lock().await;
    if let Some(account) = engine.accounts().await?.into_iter().find(|account| account.demo) {
        let tickets = engine.read(Store::ticket_counts).await?.get(&account.id).copied().unwrap_or(0);
        return Ok(engine.account_view(account, tickets));
    }
    let demo = match running.take() {
        Some(demo) => demo,
        None => DemoDesk::start(desk.options(), engine.now()).await?,
    };
    engine.set_demo_endpoint(&demo.url(), demo.token());
    let details = AccountDetails::demo(DemoDesk::NAME, DemoDesk::USER, demo.token());
    *running = Some(demo);
    let account = engine.add_account(details).await?;
    drop(running);
    desk.emit_state().await;
    Ok(account)
}
