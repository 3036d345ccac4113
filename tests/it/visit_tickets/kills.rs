//! Killed between what a pull brings and the reading of the answers in it.

use deskbell_domain::scheduling::VisitEventKind;
use deskbell_store::failpoint::Moment;

use super::*;

/// More commits than one look at the server makes.
const COMMITS: u64 = 9;

fn marker(count: u32) -> String {
    format!("019a0000-0000-7000-8000-{count:012}")
}

/// Whether the answer lies in the mirror and nobody has read it.
async fn is_unread(engine: &Engine, key: &str, answer: &str) -> bool {
    let view = visit(engine, key).await;
    let carrier = view.carrier.unwrap();
    let notes = engine.read(move |store| store.notes(carrier)).await.unwrap();
    notes.iter().any(|note| note.body == answer) && view.visit.state == VisitState::Requested
}

/// How often the visit was confirmed by an answer.
async fn confirmed(engine: &Engine, key: &str) -> (VisitState, usize, u32) {
    let visit = visit(engine, key).await.visit;
    let times = visit.history.iter().filter(|event| event.kind == VisitEventKind::Confirmed).count();
    (visit.state, times, visit.sequence)
}

/// The window reads what was left before it has asked any server.
async fn read_at_the_start(world: &World, engine: Arc<Engine>, key: &str) -> Arc<Engine> {
    let offline = |work_offline| deskbell_engine::state::Settings { work_offline, ..engine.settings() };
    engine.put_settings(offline(true)).await.unwrap();
    engine.start().await.unwrap();
    while visit(&engine, key).await.visit.state == VisitState::Requested {
        tokio::task::yield_now().await;
    }
    engine.put_settings(offline(false)).await.unwrap();
    engine.shutdown().await;
    drop(engine);
    world.desk().await.0
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_came_before_a_kill_is_read_once_after_it() {
    let world = world().await;
    let (engine, account, ticket) = ready(&world).await;
    engine.shutdown().await;
    drop(engine);
    let (mut count, mut between) = (0, 0);
    for commit in 1..=COMMITS {
        for moment in [Moment::BeforeCommit, Moment::AfterCommit] {
            count += 1;
            let (engine, _) = world.desk().await;
            let key = engine
                .request_visit(ticket, None, request(engine.now()), VisitBooking::default(), Some(&marker(count)))
                .await
                .unwrap();
            engine.sync_account_once(account).await.unwrap();
            let carrier = visit(&engine, &key).await.carrier.unwrap();
            let remote_id = engine.ticket_detail(carrier).await.unwrap().remote_id;
            let (start, time) = written(engine.now().plus_ms(2 * DAY_MS), 2);
            let answer = format!("状态: 已确认\n时间: {time}");
            world.agent_replies(&remote_id, count, &answer).await;
            engine.store().die_at_commit(commit, moment);
            let _killed = engine.sync_account_once(account).await;
            engine.shutdown().await;
            drop(engine);

            let (mut engine, _) = world.desk().await;
            let was_between = is_unread(&engine, &key, &answer).await;
            between += u32::from(was_between);
            if was_between && between % 2 == 1 {
                engine = read_at_the_start(&world, engine, &key).await;
            } else {
                engine.sync_account_once(account).await.unwrap();
            }
            assert_eq!(confirmed(&engine, &key).await, (VisitState::Confirmed, 1, 0), "{commit} {moment:?}");
            let again = engine.sync_account_once(account).await;
            assert_eq!(confirmed(&engine, &key).await, (VisitState::Confirmed, 1, 0), "{commit} {moment:?} {again:?}");
            assert_eq!(visit(&engine, &key).await.visit.slot.unwrap().start, start);
            assert_eq!(engine.carried(&key).await.unwrap().unwrap().unread, None);
            engine.shutdown().await;
        }
    }
    assert!(between >= 2, "some kills fell between the page and its reading: {between} of {count}");
}
