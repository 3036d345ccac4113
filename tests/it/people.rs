//! Who acts for a customer, the handover brief and the report of a visit, on a desk with a hub.

use std::sync::Arc;

use deskbell_domain::paper::Block;
use deskbell_domain::people::{Absence, ActingWhy, Care, Person};
use deskbell_domain::ticket::{TicketId, Visibility};
use deskbell_domain::time::{DAY_MS, HOUR_MS};
use deskbell_domain::{Code, UtcMs};
use deskbell_engine::Engine;
use deskbell_engine::handover::{Handover, HandoverQuestion};
use deskbell_engine::people::CustomerCard;
use deskbell_engine::ports::Clock;
use deskbell_engine::system::SystemClock;
use deskbell_testkit::Machine;

use crate::support::{Server, desk};

mod alerts;

async fn synced(server: &Server, machine: &Machine, dir: &std::path::Path) -> Arc<Engine> {
    let (engine, account) = desk(machine, dir, server).await;
    engine.sync_account_once(account).await.unwrap();
    engine
}

/// Some customer with open tickets, answered for by 林夏, with 陈默 as deputy.
async fn customer(engine: &Engine) -> CustomerCard {
    let cards = engine.customers(String::new()).await.unwrap();
    let card = cards.into_iter().find(|card| card.open_tickets > 0).unwrap();
    let care = Care { manager: "林夏".to_owned(), deputy: "陈默".to_owned() };
    engine.put_care(card.account, card.remote_id, care).await.unwrap()
}

async fn brief(engine: &Engine, manager: &str, customer: Option<&CustomerCard>) -> Handover {
    let question = HandoverQuestion {
        manager: (!manager.is_empty()).then(|| manager.to_owned()),
        account: customer.map(|card| card.account),
        customer: customer.map(|card| card.remote_id.clone()),
        from: engine.now(),
        to: engine.now().plus_ms(7 * DAY_MS),
    };
    engine.handover(question).await.unwrap()
}

fn away(now: UtcMs, deputy: &str) -> Absence {
    Absence { from: now.plus_ms(-HOUR_MS), to: now.plus_ms(DAY_MS), deputy: deputy.to_owned(), note: "年假".to_owned() }
}

async fn first_open(engine: &Engine, card: &CustomerCard) -> TicketId {
    let (account, remote_id) = (card.account, card.remote_id.clone());
    engine.read(move |store| store.open_tickets_of(account, &remote_id)).await.unwrap()[0]
}

#[tokio::test]
async fn while_the_manager_is_away_the_deputy_acts_and_everything_follows() {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let (server, dir) = (Server::start(&clock).await, tempfile::tempdir().unwrap());
    let machine = Machine::new(clock);
    let engine = synced(&server, &machine, dir.path()).await;
    let card = customer(&engine).await;
    assert_eq!((card.acting.as_str(), card.acting_why, card.overridden), ("林夏", ActingWhy::Manager, true));
    let now = engine.now();
    let lin = Person { name: "林夏".to_owned(), absences: vec![away(now, "")], ..Person::default() };
    let lin = engine.put_person(lin).await.unwrap();
    let (account, remote_id) = (card.account, card.remote_id.clone());
    let card = engine.customer_card(account, remote_id.clone()).await.unwrap();
    assert_eq!((card.acting.as_str(), card.acting_why), ("陈默", ActingWhy::CustomerDeputy));
    assert_eq!(card.acting_until, Some(now.plus_ms(DAY_MS)));
    let of_ticket = engine.customer_of_ticket(first_open(&engine, &card).await).await.unwrap().unwrap();
    assert_eq!(of_ticket, card);
    // The absence names somebody of its own.
    let named = Person { absences: vec![away(now, "周舟")], ..lin.clone() };
    engine.put_person(named).await.unwrap();
    assert_eq!(engine.customer_card(account, remote_id.clone()).await.unwrap().acting, "周舟");
    assert!(engine.customers("周舟".to_owned()).await.unwrap().iter().any(|found| found.remote_id == remote_id));
    // What cannot be kept changes nothing.
    let wrong = Person { absences: vec![away(now, "林夏")], ..lin.clone() };
    let error = engine.put_person(wrong).await.unwrap_err();
    assert_eq!((error.code, error.args["field"].as_str()), (Code::DeputyIsSelf, "absences[0].deputy"));
    let same = Care { manager: "林夏".to_owned(), deputy: "林夏".to_owned() };
    assert_eq!(engine.put_care(account, remote_id.clone(), same).await.unwrap_err().code, Code::DeputyIsSelf);
    assert_eq!(engine.customer_card(account, remote_id.clone()).await.unwrap().acting, "周舟");
    // Saying what the provider says follows the provider again.
    let provider = Care { manager: card.provider_manager.clone(), deputy: card.provider_deputy.clone() };
    assert!(!engine.put_care(account, remote_id, provider).await.unwrap().overridden);
    engine.remove_person(lin.id).await.unwrap();
    assert_eq!(engine.people().await.unwrap(), []);
}

#[tokio::test]
async fn the_brief_quotes_what_we_promised_and_nothing_that_customers_said() {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let (server, dir) = (Server::start(&clock).await, tempfile::tempdir().unwrap());
    let machine = Machine::new(clock);
    let engine = synced(&server, &machine, dir.path()).await;
    let card = customer(&engine).await;
    let id = first_open(&engine, &card).await;
    let ours = "您好，已收到。我们将在2小时内给您初步结论。请您明天18:00前提供日志。";
    engine.reply(id, ours, Visibility::Public, None).await.unwrap();
    engine.reply(id, "内部：我们将在3小时内换人。", Visibility::Internal, None).await.unwrap();
    let brief_of_lin = brief(&engine, "林夏", None).await;
    assert_eq!(brief_of_lin.customers.len(), 1);
    let told = &brief_of_lin.customers[0];
    let ticket = told.tickets.iter().find(|ticket| ticket.id == id).unwrap();
    let fresh: Vec<_> = ticket.promises.iter().filter(|promise| promise.text.contains("2小时内")).collect();
    assert_eq!(fresh.len(), 1, "{:?}", ticket.promises);
    assert_eq!(fresh[0].text, "我们将在2小时内给您初步结论。");
    assert_eq!(fresh[0].due, Some(fresh[0].at.plus_ms(2 * HOUR_MS)));
    assert!(ticket.promises.iter().all(|promise| !promise.text.contains("日志") && !promise.text.contains("3小时")));
    assert!(ticket.pending >= 2, "what has not arrived is told");
    // Asked by the deputy's name, and by the customer, it is the same; nobody else has one.
    assert_eq!(brief(&engine, "陈默", None).await.customers.len(), 1);
    assert_eq!(brief(&engine, "", Some(&card)).await.customers[0].card.remote_id, card.remote_id);
    let nobody = brief(&engine, "查无此人", None).await;
    assert!(nobody.customers.is_empty());
    let now = engine.now();
    let backwards = HandoverQuestion { from: now, to: now, ..HandoverQuestion::default() };
    assert_eq!(engine.handover(backwards).await.unwrap_err().code, Code::WindowReversed);
    // On paper the words are the same.
    let question =
        HandoverQuestion {
            manager: Some("林夏".to_owned()), from: now, to: now.plus_ms(DAY_MS), ..HandoverQuestion::default()
        };
    let paper = engine.handover_paper(question).await.unwrap();
    let quoted = |block: &Block| matches!(block, Block::Quote { text, .. } if text == "我们将在2小时内给您初步结论。");
    assert!(paper.document.blocks.iter().any(quoted), "{:?}", paper.document.blocks);
    assert!(paper.file_name.ends_with(".pdf") && !paper.file_name.contains('/'));
}
