//! Customers that answer, so that a person who tries the demo sees change arrive.

use std::time::Duration;

use rand::{Rng, SeedableRng, rngs::SmallRng};
use rusqlite::OptionalExtension;
use tokio::sync::{mpsc, watch};

use crate::clock;
use crate::error::HubError;
use crate::server::wait_for_stop;
use crate::store::{Actor, Include, NoteDraft, Store, read, write};
use crate::wire::{Role, Visibility};

/// Answers under way at once; replies beyond that stay without one.
pub const LIFE_PENDING_MAX: usize = 32;
/// How often a simulated customer answers in one ticket.
const ANSWERS_PER_TICKET_MAX: i64 = 1;

const ANSWERS_ZH: &[&str] = &[
    "收到，我们按您说的步骤试一下，稍后反馈结果。",
    "试过了，现在已经正常，麻烦再帮忙确认一下根因，我们内部要写复盘。",
    "好的，谢谢。请问这个操作对线上业务有影响吗？我们想安排在今晚低峰期执行。",
    "刚刚又出现了一次，我把最新的报错时间点记下来了，请继续帮忙看一下。",
    "感谢这么快回复！我同步给研发同事，有进展马上更新工单。",
];
const ANSWERS_EN: &[&str] = &[
    "Thanks, we are trying this now and will get back to you shortly.",
    "That did it, everything looks normal again. Could you confirm the root cause for our post-mortem?",
    "Understood. Does this affect live traffic? We would rather do it in tonight's low-traffic window.",
    "It just happened once more. I have noted the exact time, please keep looking.",
    "Thank you for the quick answer! I have passed it on to our developers and will update the ticket.",
];

/// When simulated customers answer after an agent's public reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DemoLife {
    pub wait_min: Duration,
    pub wait_max: Duration,
}

impl Default for DemoLife {
    fn default() -> Self {
        Self { wait_min: Duration::from_secs(20), wait_max: Duration::from_secs(40) }
    }
}

/// Where replies are announced; does nothing when there is no life.
#[derive(Clone)]
pub(crate) struct Life(Option<mpsc::Sender<i64>>);

impl Life {
    pub(crate) fn start(config: Option<DemoLife>, store: Store, stopped: watch::Receiver<bool>) -> Self {
        let Some(config) = config else { return Self(None) };
        let (sender, receiver) = mpsc::channel(LIFE_PENDING_MAX);
        tokio::spawn(async move {
            tokio::select! {
                () = live(config, store, receiver) => {}
                () = wait_for_stop(stopped) => {}
            }
        });
        Self(Some(sender))
    }

    pub(crate) fn agent_replied(&self, ticket_id: i64) {
        if let Some(sender) = &self.0
            && sender.try_send(ticket_id).is_err()
        {
            tracing::debug!(ticket_id, "No customer is free to answer.");
        }
    }
}

async fn live(config: DemoLife, store: Store, mut receiver: mpsc::Receiver<i64>) {
    let mut rng = SmallRng::seed_from_u64(clock::now().0.unsigned_abs());
    let mut waiting = tokio::task::JoinSet::new();
    loop {
        tokio::select! {
            next = receiver.recv(), if waiting.len() < LIFE_PENDING_MAX => {
                let Some(ticket_id) = next else { return };
                let wait = config.wait_min + config.wait_max.saturating_sub(config.wait_min).mul_f64(rng.random::<f64>());
                let (store, choice) = (store.clone(), rng.random::<u32>());
                waiting.spawn(async move {
                    tokio::time::sleep(wait).await;
                    if let Err(error) = store.run(move |tx| answer(tx, ticket_id, choice)).await {
                        tracing::warn!(ticket_id, %error, "A simulated customer could not answer.");
                    }
                });
            }
            Some(_) = waiting.join_next() => {}
        }
    }
}

fn answer(tx: &rusqlite::Transaction<'_>, ticket_id: i64, choice: u32) -> Result<(), HubError> {
    let Some(ticket) = read::ticket(tx, ticket_id, Include::default())? else { return Ok(()) };
    let marker = format!("demo-life:{ticket_id}");
    let answered: Option<i64> =
        tx.query_row("SELECT count(*) FROM notes WHERE marker = ?1", [&marker], |row| row.get(0)).optional()?;
    if answered.unwrap_or(0) >= ANSWERS_PER_TICKET_MAX {
        return Ok(());
    }
    let answers = if ticket.subject.is_ascii() { ANSWERS_EN } else { ANSWERS_ZH };
    let Some(body) = answers.get(choice as usize % answers.len()) else { return Ok(()) };
    let actor = Actor { name: ticket.requester, role: Role::Customer };
    let draft = NoteDraft { body: (*body).to_owned(), visibility: Visibility::Public, marker: Some(marker), uploads: Vec::new() };
    write::add_note(tx, ticket_id, &actor, &draft, clock::now())?;
    Ok(())
}
