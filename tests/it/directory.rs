//! The two directories and the call log, as a person uses them over a hub.

use std::sync::Arc;
use std::time::Duration;

use deskbell_domain::directory::{CallFacts, CallOutcome, DirectoryKind, LineContract, OpenState, PhoneLine, ReasonCode};
use deskbell_domain::sync::op::OperationKind;
use deskbell_domain::ticket::{ProviderKind, Visibility};
use deskbell_domain::{Code, UtcMs};
use deskbell_engine::Engine;
use deskbell_engine::directory::{EntryOrigin, FileFormat, LineEntry};
use deskbell_engine::ports::Clock;
use deskbell_engine::pusher::push_once;
use deskbell_engine::records::{CallWords, NewAccount, Store};
use deskbell_engine::system::{SystemClock, SystemRng};
use deskbell_testkit::{FakeClock, Machine};

use crate::support::{Server, desk, some_ticket};

/// Noon in Shanghai on a Saturday, soon after the shipped entries were put together.
const NOW: &str = "2026-11-21T12:00:00+08:00";
/// Longest wait of a push for what may not leave yet.
const PATIENCE: Duration = Duration::from_secs(10);

fn machine(clock: &Arc<dyn Clock>) -> Machine {
    Machine::new(Arc::clone(clock)).with_rng(Arc::new(SystemRng))
}

fn own_line(number: &str) -> PhoneLine {
    PhoneLine {
        tier: 1,
        name_zh: "自有热线".to_owned(),
        number: number.to_owned(),
        hours: "7x24".to_owned(),
        source: "合同".to_owned(),
        verified_on: "2026-01-05".to_owned(),
        ..PhoneLine::default()
    }
}

async fn lines(engine: &Arc<Engine>) -> Vec<LineEntry> {
    engine.directory().await.unwrap().lines
}

async fn line(engine: &Arc<Engine>, key: &str) -> LineEntry {
    lines(engine).await.into_iter().find(|line| line.key == key).unwrap_or_else(|| panic!("no line {key}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_lie_over_a_providers_line_and_say_when_the_provider_moved_on() {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let server = Server::start(&clock).await;
    let dir = tempfile::tempdir().unwrap();
    let machine = machine(&clock);
    let (engine, account) = desk(&machine, dir.path(), &server).await;
    engine.sync_account_once(account).await.unwrap();
    let key = format!("{}:line-expert", account.0);
    let carried = line(&engine, &key).await;
    assert_eq!((carried.origin, carried.account, carried.opening), (EntryOrigin::Provider, Some(account), OpenState::Open));
    assert_eq!(lines(&engine).await.len(), 3, "an account that carries lines gets none of the shipped ones");

    let mine = PhoneLine { purpose_zh: "先打这条".to_owned(), ..carried.line.clone() };
    let changed = engine.put_line(Some(key.clone()), mine).await.unwrap();
    assert_eq!((changed.origin, changed.provider_changed), (EntryOrigin::Changed, false));
    assert_eq!(changed.provider.unwrap(), carried.line);

    // The provider moves another field, then the same one.
    let move_on = |change: fn(&mut PhoneLine)| {
        let engine = Arc::clone(&engine);
        async move {
            let told = engine.read(move |store| {
                let mut lines: Vec<PhoneLine> = store.phone_lines()?;
                lines.iter_mut().filter(|line| line.remote_id == "line-expert").for_each(change);
                let centres = store.service_centres()?;
                store.replace_directory(account, &lines, &centres)
            });
            assert!(told.await.unwrap(), "the store says that something is different");
        }
    };
    move_on(|line| line.number = "400-6455-579".to_owned()).await;
    let moved = line(&engine, &key).await;
    assert_eq!((moved.line.number.as_str(), moved.line.purpose_zh.as_str()), ("400-6455-579", "先打这条"));
    assert!(moved.provider_changed && moved.conflicts.is_empty(), "{moved:?}");
    move_on(|line| line.purpose_zh = "供应商的新说明".to_owned()).await;
    let moved = line(&engine, &key).await;
    assert_eq!((moved.conflicts.as_slice(), moved.line.purpose_zh.as_str()), (["purpose_zh".to_owned()].as_slice(), "先打这条"));

    // A restart changes nothing; saving what is shown settles it.
    engine.shutdown().await;
    drop(engine);
    let (engine, _) = desk(&machine, dir.path(), &server).await;
    let kept = line(&engine, &key).await;
    assert_eq!(kept.conflicts, ["purpose_zh"]);
    let settled = engine.put_line(Some(key.clone()), kept.line).await.unwrap();
    assert!(!settled.provider_changed && settled.conflicts.is_empty() && settled.origin == EntryOrigin::Changed);

    // Hidden with its change, shown with it, and back to the provider's.
    engine.remove_entry(DirectoryKind::Line, &key).await.unwrap();
    assert!(line(&engine, &key).await.hidden);
    let shown = engine.recommend(None, None).await.unwrap();
    assert!(shown.recommendations.iter().all(|one| one.entry.key != key), "a hidden line is not recommended");
    engine.restore_entry(DirectoryKind::Line, &key).await.unwrap();
    let back = line(&engine, &key).await;
    assert_eq!((back.hidden, back.origin), (false, EntryOrigin::Changed));
    engine.restore_entry(DirectoryKind::Line, &key).await.unwrap();
    let plain = line(&engine, &key).await;
    assert_eq!((plain.origin, plain.line.purpose_zh.as_str()), (EntryOrigin::Provider, "供应商的新说明"));

    // What the provider no longer carries keeps the person's words, and says so.
    let mine = PhoneLine { purpose_zh: "我的话".to_owned(), ..plain.line };
    engine.put_line(Some(key.clone()), mine).await.unwrap();
    engine
        .read(move |store| {
            let lines: Vec<PhoneLine> = store.phone_lines()?.into_iter().filter(|line| line.remote_id != "line-expert").collect();
            let centres = store.service_centres()?;
            store.replace_directory(account, &lines, &centres)
        })
        .await
        .unwrap();
    let gone = line(&engine, &key).await;
    assert!(gone.provider_gone && gone.line.purpose_zh == "我的话", "{gone:?}");
    let unknown = engine.remove_entry(DirectoryKind::Line, "7:nowhere").await.unwrap_err();
    assert_eq!(unknown.code, Code::EntryUnknown);
}

#[tokio::test(flavor = "multi_thread")]
async fn own_entries_are_checked_where_typed_kept_and_verified_again() {
    let clock: Arc<dyn Clock> = FakeClock::at(UtcMs::parse_rfc3339(NOW).unwrap());
    let dir = tempfile::tempdir().unwrap();
    let machine = machine(&clock);
    let engine = machine.open(dir.path()).unwrap();
    let shipped = engine.directory().await.unwrap();
    assert_eq!((shipped.lines.len(), shipped.centres.len()), (3, 28), "a desk without an account has what ships");
    assert!(shipped.lines.iter().all(|line| line.origin == EntryOrigin::Shipped && line.problems.is_empty()));
    assert!(shipped.centres.iter().all(|centre| centre.problems.is_empty() && centre.open_days.len() == 14));
    assert!(shipped.attribution.contains("GeoNames") && shipped.attribution.contains("CC BY"));
    let chongqing = shipped.centres.iter().find(|centre| centre.centre.city_zh == "重庆").unwrap();
    assert_eq!((chongqing.pinyin.as_str(), chongqing.initials.as_str()), ("chongqing", "cq"));
    assert!(chongqing.centre.engineers.is_empty(), "nobody is invented outside the demo");

    for (why, bad, field, code) in [
        ("letters", PhoneLine { number: "400-CALL".into(), ..own_line("1") }, "number", Code::PhoneNumberInvalid),
        ("no hours", PhoneLine { hours: String::new(), ..own_line("95187") }, "hours", Code::HoursMissing),
    ] {
        let refused = engine.put_line(None, bad).await.unwrap_err();
        assert_eq!((refused.code, refused.args["field"].as_str()), (code, field), "{why}");
    }
    let mut nowhere = chongqing.centre.clone();
    (nowhere.latitude, nowhere.longitude) = (0.0, 0.0);
    assert_eq!(engine.put_centre(None, nowhere).await.unwrap_err().code, Code::CoordinatesMissing);
    assert_eq!(engine.directory().await.unwrap().lines.len(), 3, "nothing is half saved");

    let kept = engine.put_line(None, own_line("021-5555 0000")).await.unwrap();
    assert_eq!((kept.key.as_str(), kept.origin, kept.stale), ("own:1", EntryOrigin::Own, true));
    assert!(kept.line.remote_id.starts_with("own-"));
    let stale = engine.directory().await.unwrap().stale;
    engine.verify_entry(DirectoryKind::Line, &kept.key).await.unwrap();
    assert_eq!(engine.directory().await.unwrap().stale, stale - 1);
    let centre = engine.put_centre(
        Some(chongqing.key.clone()),
        deskbell_domain::directory::ServiceCentre { address: "渝中区".to_owned(), ..chongqing.centre.clone() },
    );
    assert_eq!(centre.await.unwrap().origin, EntryOrigin::Changed);

    engine.remove_entry(DirectoryKind::Line, &kept.key).await.unwrap();
    engine.remove_entry(DirectoryKind::Line, "shipped:line-standard").await.unwrap();
    engine.shutdown().await;
    drop(engine);
    let engine = machine.open(dir.path()).unwrap();
    let again = engine.directory().await.unwrap();
    assert_eq!(again.lines.len(), 3);
    assert!(again.lines.iter().any(|line| line.key == "shipped:line-standard" && line.hidden));
    let undone = engine.put_line(Some(kept.key), kept.line.clone()).await.unwrap();
    assert_eq!((undone.line, undone.origin), (kept.line, EntryOrigin::Own));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_taken_whole_or_not_at_all() {
    let clock: Arc<dyn Clock> = FakeClock::at(UtcMs::parse_rfc3339(NOW).unwrap());
    let dir = tempfile::tempdir().unwrap();
    let engine = machine(&clock).open(&dir.path().join("desk")).unwrap();
    engine.put_line(None, own_line("021-5555 0000")).await.unwrap();
    for (kind, format) in [
        (DirectoryKind::Line, FileFormat::Csv),
        (DirectoryKind::Line, FileFormat::Json),
        (DirectoryKind::Centre, FileFormat::Csv),
        (DirectoryKind::Centre, FileFormat::Json),
    ] {
        let path = dir.path().join(format!("{}.{}", kind.as_str(), format.ending()));
        engine.export_directory_to(kind, format, path.clone()).await.unwrap();
        let plan = engine.look_into_directory(kind, path.clone()).await.unwrap();
        let whole = if kind == DirectoryKind::Line { 4 } else { 28 };
        assert_eq!((plan.same, plan.added, plan.changed, plan.refused), (whole, 0, 0, 0), "{kind:?} {format:?}");
        assert_eq!(engine.apply_directory(&plan.token).await.unwrap(), 0);
        assert_eq!(engine.apply_directory(&plan.token).await.unwrap_err().code, Code::ImportGone);
    }
    let good = "name_zh,number,hours,source,verified_on\r\n一,95181,7x24,合同,2026-11-01\r\n二,95182,7x24,合同,2026-11-01\r\n";
    let half = good.replace("95182", "九五");
    let before = lines(&engine).await;
    let look = |text: String| engine.look_into_bytes(DirectoryKind::Line, "new.csv".to_owned(), text.into_bytes());
    let plan = look(half).await.unwrap();
    assert_eq!((plan.added, plan.refused, plan.rows[1].line_number), (1, 1, 3));
    let refused = engine.apply_directory(&plan.token).await.unwrap_err();
    assert_eq!((refused.code, refused.args["line"].as_str()), (Code::ImportRefused, "3"));
    assert_eq!(lines(&engine).await, before, "nothing is half saved");

    let plan = look(good.to_owned()).await.unwrap();
    assert_eq!(engine.apply_directory(&plan.token).await.unwrap(), 2);
    assert_eq!(lines(&engine).await.len(), before.len() + 2);
    let plan = look(good.replace("二", "贰")).await.unwrap();
    assert_eq!((plan.same, plan.changed), (1, 1));
    // Another desk of the same colleague's.
    let file = engine.export_directory(DirectoryKind::Line, FileFormat::Csv).await.unwrap();
    let other = machine(&clock).open(&dir.path().join("other")).unwrap();
    let plan = other.look_into_bytes(DirectoryKind::Line, String::new(), file).await.unwrap();
    assert_eq!((plan.same, plan.added, plan.refused), (3, 3, 0), "what ships is there already");
    other.apply_directory(&plan.token).await.unwrap();
    assert_eq!(lines(&other).await.iter().map(|one| one.line.clone()).collect::<Vec<_>>(), {
        lines(&engine).await.iter().map(|one| one.line.clone()).collect::<Vec<_>>()
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_survives_a_restart_and_its_note_goes_to_the_ticket_beside_the_draft() {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let server = Server::start(&clock).await;
    let dir = tempfile::tempdir().unwrap();
    let machine = machine(&clock);
    let (engine, account) = desk(&machine, dir.path(), &server).await;
    engine.sync_account_once(account).await.unwrap();
    let (ticket, remote_id) = some_ticket(&engine).await.unwrap();
    engine.put_draft(ticket, "half a reply".to_owned(), Visibility::Public).await.unwrap();

    let key = format!("{}:line-enterprise", account.0);
    let ticked = vec!["准备好账户信息".to_owned()];
    let call = engine.start_call(Some(ticket), key.clone(), ticked.clone()).await.unwrap();
    assert_eq!((call.number.as_str(), call.ended_at, call.ticket_remote_id.as_str()), ("400-6455-588", None, remote_id.as_str()));
    let second = engine.start_call(None, key.clone(), Vec::new()).await.unwrap_err();
    assert_eq!(second.code, Code::CallUnderWay);
    let words = CallWords {
        agent: "工程师 小周".into(), case_number: "C-77".into(), note: "健康检查改为 60 秒".into(), ticked
    };
    engine.put_call(call.id, words.clone()).await.unwrap();

    engine.shutdown().await;
    drop(engine);
    let (engine, _) = desk(&machine, dir.path(), &server).await;
    let running = engine.calls(None, 10).await.unwrap();
    assert_eq!((running[0].id, running[0].ended_at, running[0].note.as_str()), (call.id, None, words.note.as_str()));

    let marker = "0192f0c1-2345-7abc-8def-0123456789ab";
    let ended = engine.end_call(call.id, CallOutcome::Reached, true, Some(marker)).await.unwrap();
    assert_eq!((ended.outcome, ended.operation.is_some()), (Some(CallOutcome::Reached), true));
    assert!(ended.ended_at.unwrap() >= ended.started_at);
    let again = engine.end_call(call.id, CallOutcome::Reached, true, Some(marker)).await.unwrap();
    assert_eq!(again, ended, "ended twice is ended once");
    let otherwise = engine.end_call(call.id, CallOutcome::Busy, false, None).await.unwrap_err();
    assert_eq!(otherwise.code, Code::CallFinished);

    let outbox = engine.read(Store::outbox).await.unwrap();
    assert_eq!(outbox.len(), 1);
    let OperationKind::Reply { body, visibility, .. } = &outbox[0].kind else { panic!("{:?}", outbox[0].kind) };
    assert_eq!(*visibility, Visibility::Internal);
    for told in ["400-6455-588", "工程师 小周", "C-77", "健康检查改为 60 秒", "准备好账户信息"] {
        assert!(body.contains(told), "{told} in {body}");
    }
    let detail = engine.ticket_detail(ticket).await.unwrap();
    assert_eq!(detail.draft.unwrap().body, "half a reply", "the reply that is being written stays");
    let body = body.clone();
    engine.retry_operation(outbox[0].id).await.unwrap();
    push_once(&engine, PATIENCE).await.unwrap();
    assert_eq!(server.count_notes(&remote_id, &body).await, 1);
    assert_eq!(engine.calls(Some(ticket), 10).await.unwrap().len(), 1);
    let alone = engine.start_call(None, key, Vec::new()).await.unwrap();
    let refused = engine.end_call(alone.id, CallOutcome::NoAnswer, true, None).await.unwrap_err();
    assert_eq!(refused.code, Code::TicketUnknown, "there is no ticket to write to");
    assert_eq!(engine.end_call(alone.id, CallOutcome::NoAnswer, false, None).await.unwrap().operation, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_gets_its_own_vendors_lines_with_a_sheet() {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let server = Server::start(&clock).await;
    let dir = tempfile::tempdir().unwrap();
    let (engine, account) = desk(&machine(&clock), dir.path(), &server).await;
    engine.sync_account_once(account).await.unwrap();
    let other = NewAccount {
        kind: ProviderKind::Rt,
        name: "rt".into(),
        endpoint: "https://rt.example".into(),
        user: "me".into(),
        demo: false,
    };
    let now = clock.now();
    let other = engine.read(move |store| store.add_account(&other, now)).await.unwrap();
    let keys = |lines: Vec<LineEntry>| lines.into_iter().map(|line| line.key).collect::<Vec<_>>();
    let of_other = keys(engine.lines_of(Some(other)).await.unwrap());
    assert_eq!(of_other, ["shipped:line-standard", "shipped:line-expert", "shipped:line-enterprise"], "RT carries none");
    assert_eq!(keys(engine.lines_of(None).await.unwrap()).len(), 3, "and nothing is there twice");
    let shipped = engine.start_call(None, "shipped:line-expert".to_owned(), Vec::new()).await.unwrap();
    engine.end_call(shipped.id, CallOutcome::Busy, false, None).await.unwrap();

    let (ticket, remote_id) = some_ticket(&engine).await.unwrap();
    let marker = None;
    let body = "健康检查失败：实例 i-bp1abcdef2345678 与 lb-bp67890abcdef12 ，i-am-not-one。账号ID：1234567890123456";
    engine.reply(ticket, body, Visibility::Public, marker).await.unwrap();
    push_once(&engine, PATIENCE).await.unwrap();
    engine.sync_account_once(account).await.unwrap();
    engine.refresh_ticket(ticket).await.unwrap();
    let facts = CallFacts { outage: true, contract: Some(LineContract::Any), ..CallFacts::default() };
    let told = engine.recommend(Some(ticket), Some(facts)).await.unwrap();
    assert_eq!(told.recommendations[0].entry.key, format!("{}:line-expert", account.0));
    assert_eq!(told.recommendations[0].reasons[0].code, ReasonCode::Outage);
    let sheet = told.sheet.unwrap();
    assert_eq!(sheet.ticket_remote_id, remote_id);
    assert!(
        ["i-bp1abcdef2345678", "lb-bp67890abcdef12"].iter().all(|id| sheet.instance_ids.iter().any(|one| one == id)),
        "{sheet:?}"
    );
    assert!(!sheet.instance_ids.iter().any(|id| id == "i-am-not-one"));
    let digits = sheet.account_id.chars().all(|c| c.is_ascii_digit()) && sheet.account_id.len() == 16;
    assert!(digits, "the customer's number with the vendor, not our login: {}", sheet.account_id);
    let facts = CallFacts { contract: Some(LineContract::Enterprise), ..CallFacts::default() };
    let told = engine.recommend(Some(ticket), Some(facts)).await.unwrap();
    assert_eq!(told.recommendations[0].entry.line.tier, 3);
}
