//! Saving rules: what it counts beforehand, what it changes, and that it lasts.

use std::sync::Arc;

use deskbell_domain::Code;
use deskbell_domain::sla::policy::{Metric, Target, TargetUnit};
use deskbell_domain::sla::rules::RuleSetDraft;
use deskbell_engine::Engine;
use deskbell_engine::ports::Clock;
use deskbell_engine::rules::RULES_DRAFT_BYTES_MAX;
use deskbell_engine::sla_watch::recompute_stale;
use deskbell_engine::system::SystemClock;
use deskbell_testkit::Machine;

use crate::support::{Server, desk};

const CLOCKS_MAX: u32 = 5_000;

async fn deadlines(engine: &Arc<Engine>) -> Vec<(i64, Metric, u32, i64)> {
    recompute_stale(engine).await.unwrap();
    let clocks = engine.read(|store| store.open_clocks(None, CLOCKS_MAX)).await.unwrap();
    let mut found: Vec<_> =
        clocks.iter().map(|clock| (clock.ticket_id.0, clock.metric, clock.instance, clock.deadline_at.0)).collect();
    found.sort_unstable();
    found
}

/// Every resolution a minute.
async fn hasty(engine: &Arc<Engine>) -> RuleSetDraft {
    let view = engine.rules_view().await.unwrap();
    let mut draft = RuleSetDraft::from(view.sets[view.current as usize].clone());
    for policy in &mut draft.policies {
        for targets in &mut policy.targets {
            targets.resolution = Some(Target { value: 1, unit: TargetUnit::Minute });
        }
    }
    draft
}

#[tokio::test(flavor = "multi_thread")]
async fn saved_rules_count_for_clocks_that_start_later_unless_asked_and_last() {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let server = Server::start(&clock).await;
    let dir = tempfile::tempdir().unwrap();
    let machine = Machine::new(Arc::clone(&clock));
    let (engine, account) = desk(&machine, dir.path(), &server).await;
    engine.sync_account_once(account).await.unwrap();
    let before = deadlines(&engine).await;
    assert!(before.iter().any(|clock| clock.1 == Metric::NextResponse), "the demo has questions that wait");
    let draft = hasty(&engine).await;

    let run = engine.dry_run(draft.clone(), None, false).await.unwrap();
    assert!(run.looked_at > 0);
    assert_eq!((run.changed, run.newly_breached, run.truncated), (0, 0, false), "what runs was promised");
    let backwards = engine.dry_run(draft.clone(), None, true).await.unwrap();
    assert!(backwards.changed > 0 && backwards.newly_breached > 0, "{backwards:?}");
    assert!(!backwards.examples.is_empty() && backwards.examples.iter().all(|line| line.metric == Metric::Resolution));
    assert_eq!(deadlines(&engine).await, before, "counting keeps nothing");

    let mut broken = draft.clone();
    broken.policies[0].calendar_id = "nowhere".to_owned();
    let refused = engine.put_rules(broken, None, true).await.unwrap_err();
    assert_eq!((refused.code, refused.args["place"].as_str()), (Code::RulesInvalid, "policies[0].calendar_id"));
    assert!(engine.rules_view().await.unwrap().shipped);

    let view = engine.put_rules(draft.clone(), None, false).await.unwrap();
    assert_eq!((view.sets.len(), view.current, view.shipped), (2, 1, false));
    assert_eq!(engine.put_rules(draft.clone(), None, false).await.unwrap().sets.len(), 2, "saving twice makes no version");
    assert_eq!(deadlines(&engine).await, before);

    // A start of the program reads what was saved.
    engine.shutdown().await;
    drop(engine);
    let (engine, _) = desk(&machine, dir.path(), &server).await;
    let kept = engine.rules_view().await.unwrap();
    assert_eq!((kept.sets.len(), kept.current, kept.shipped), (2, 1, false));
    assert_eq!(deadlines(&engine).await, before);

    let view = engine.put_rules(draft, None, true).await.unwrap();
    assert_eq!((view.sets.len(), view.current), (1, 0));
    let after = deadlines(&engine).await;
    assert_ne!(after, before);
    let moved = after.iter().filter(|clock| !before.contains(clock)).count() as u64;
    // Clocks that stand still past their deadline are counted, and are in no list of running ones.
    assert!(moved > 0 && moved <= backwards.changed, "{moved} of {}", backwards.changed);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_of_rules_outlives_the_program_and_gives_way_only_to_json() {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let server = Server::start(&clock).await;
    let dir = tempfile::tempdir().unwrap();
    let machine = Machine::new(clock);
    let (engine, _) = desk(&machine, dir.path(), &server).await;
    assert_eq!(engine.rules_draft().await.unwrap(), None, "nobody is editing");
    let draft = r#"{ "version": 1, "draft": { "name": "半截的规则" } }"#;
    engine.put_rules_draft(Some(draft.to_owned())).await.unwrap();
    engine.shutdown().await;
    drop(engine);

    let (engine, _) = desk(&machine, dir.path(), &server).await;
    assert_eq!(engine.rules_draft().await.unwrap().as_deref(), Some(draft), "word for word");
    let too_long = format!("\"{}\"", "x".repeat(RULES_DRAFT_BYTES_MAX));
    for (why, refused) in [("cut off", draft[..20].to_owned()), ("no JSON", "rules".to_owned()), ("too long", too_long)] {
        let error = engine.put_rules_draft(Some(refused)).await.unwrap_err();
        assert_eq!((error.code, error.args["field"].as_str()), (Code::InputInvalid, "draft"), "{why}");
        assert!(!error.args["detail"].is_empty(), "{why}");
        assert_eq!(engine.rules_draft().await.unwrap().as_deref(), Some(draft), "{why}: the one before stays");
    }
    assert!(engine.rules_view().await.unwrap().shipped, "a draft counts for nothing");
    engine.put_rules_draft(None).await.unwrap();
    assert_eq!(engine.rules_draft().await.unwrap(), None);
}
