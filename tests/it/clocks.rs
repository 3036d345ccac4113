//! One ticket's life on the hub: its detail tells its clocks and why, and Watch agrees with it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use deskbell_domain::filter::{TicketFilter, TicketOrder};
use deskbell_domain::sla::clock::{ClockState, StopReason};
use deskbell_domain::sla::policy::{Metric, Target, TargetUnit};
use deskbell_domain::sync::op::NewTicket;
use deskbell_domain::ticket::{AccountId, Priority, Status, TicketId, Visibility};
use deskbell_domain::time::MINUTE_MS;
use deskbell_engine::Engine;
use deskbell_engine::edits::Undo;
use deskbell_engine::ports::Clock;
use deskbell_engine::sla_watch::recompute_stale;
use deskbell_engine::system::SystemClock;
use deskbell_engine::view::clock::{ClockView, MatchKind};
use deskbell_engine::view::ticket::TicketDetail;
use deskbell_engine::view::watch::{Lane, Watch};
use deskbell_testkit::Machine;

use crate::support::{Server, desk};

/// Between two events: a length that milliseconds show.
const WHILE: Duration = Duration::from_millis(30);

struct Life {
    server: Server,
    engine: Arc<Engine>,
    account: AccountId,
    ticket: TicketId,
    before: Watch,
    /// Keeps the desk's directory.
    _dir: tempfile::TempDir,
}

impl Life {
    /// A ticket of a VIP customer, routine for now, beside those of the demo.
    async fn new() -> Self {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let server = Server::start(&clock).await;
        let (machine, dir) = (Machine::new(clock), tempfile::tempdir().unwrap());
        let (engine, account) = desk(&machine, dir.path(), &server).await;
        engine.sync_account_once(account).await.unwrap();
        recompute_stale(&engine).await.unwrap();
        let page = engine.read(|store| store.ticket_rows(&vip(), TicketOrder::Updated, 0, 1)).await.unwrap();
        let customer = server.observed(&page.rows[0].remote_id).await.tickets[0].customer.remote_id.clone();
        let before = engine.watch().await.unwrap();
        let new = NewTicket {
            subject: "网关 502".to_owned(),
            body: "全部请求失败".to_owned(),
            priority: Some(Priority::Routine),
            requester: "赵敏".to_owned(),
            customer,
            ..NewTicket::default()
        };
        let (ticket, _) = engine.create_ticket(account, new, None, Undo::Never).await.unwrap();
        let life = Self { server, engine, account, ticket, before, _dir: dir };
        life.pulled().await;
        life
    }

    /// What waits goes out, what came comes in, and the clocks follow.
    async fn pulled(&self) -> TicketDetail {
        tokio::time::sleep(WHILE).await;
        self.engine.sync_account_once(self.account).await.unwrap();
        self.engine.sync_account_once(self.account).await.unwrap();
        recompute_stale(&self.engine).await.unwrap();
        self.engine.ticket_detail(self.ticket).await.unwrap()
    }

    /// The ticket's deadlines by lane, as Watch shows them; its clocks that stand still and those that were counted.
    async fn watched(&self) -> (Vec<(Lane, Metric)>, u64, BTreeMap<Metric, u64>) {
        let watch = self.engine.watch().await.unwrap();
        let cards = watch.lanes.iter().flat_map(|lane| lane.cards.iter().map(move |card| (lane.lane, card)));
        let mine: Vec<_> =
            cards.filter(|(_, card)| card.ticket_id == self.ticket).map(|(lane, card)| (lane, card.metric)).collect();
        // Every running clock stands in one lane.
        let lanes = |watch: &Watch| watch.lanes.iter().map(|lane| lane.total).sum::<u64>();
        assert_eq!(lanes(&watch), lanes(&self.before) + mine.len() as u64);
        let was = counted(&self.before);
        let more = counted(&watch).into_iter().map(|(metric, n)| (metric, n - was.get(&metric).copied().unwrap_or(0)));
        (mine, watch.paused - self.before.paused, more.filter(|(_, n)| *n > 0).collect())
    }
}

fn vip() -> TicketFilter {
    TicketFilter { vip: Some(true), ..Default::default() }
}

fn counted(watch: &Watch) -> BTreeMap<Metric, u64> {
    watch.figures.measured.iter().map(|figure| (figure.metric, figure.n)).collect()
}

fn of(detail: &TicketDetail, metric: Metric) -> &ClockView {
    detail.clocks.iter().find(|clock| clock.metric == metric).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_tells_its_clocks_from_opening_to_the_end_and_watch_agrees() {
    let life = Life::new().await;
    let engine = &life.engine;
    let target = |value, unit| Target { value, unit };

    engine.set_priority(life.ticket, Priority::Urgent, None).await.unwrap();
    let raised = life.pulled().await;
    let resolution = of(&raised, Metric::Resolution);
    assert_eq!((resolution.why.policy_id.as_str(), resolution.why.calendar_id.as_str()), ("vip", "always"));
    assert_eq!(resolution.matched.iter().map(|one| one.kind).collect::<Vec<_>>(), [MatchKind::Vip]);
    assert_eq!(resolution.target, target(2, TargetUnit::Hour));
    assert_eq!(resolution.deadline_at, Some(raised.created_at.plus_ms(120 * MINUTE_MS)), "from the creation");
    let earlier: Vec<_> = resolution.why.superseded.iter().map(|one| one.target).collect();
    assert_eq!(earlier, [target(24, TargetUnit::Hour)], "what the routine ticket was promised");
    let (lanes, paused, counted) = life.watched().await;
    assert_eq!(lanes[0], (Lane::Minutes, Metric::FirstResponse), "fifteen minutes, less what has passed");
    assert_eq!((lanes.len(), lanes[1].1, paused, counted), (2, Metric::Resolution, 0, BTreeMap::new()));

    engine.reply(life.ticket, "已在处理", Visibility::Public, None).await.unwrap();
    life.pulled().await;
    engine.set_status(life.ticket, Status::WaitingCustomer, None).await.unwrap();
    let waits = life.pulled().await;
    let first = of(&waits, Metric::FirstResponse);
    let agent = first.stopped_who.clone();
    assert_eq!((first.state, first.stopped_by), (ClockState::Achieved, Some(StopReason::Replied)));
    assert!(!agent.is_empty() && waits.notes.last().is_some_and(|note| note.author == agent), "{agent:?} answered");
    assert_eq!(of(&waits, Metric::Resolution).state, ClockState::Paused);
    assert!(of(&waits, Metric::Resolution).marks.iter().all(|mark| mark.at.is_none()));
    let answered = BTreeMap::from([(Metric::FirstResponse, 1)]);
    assert_eq!(life.watched().await, (vec![], 1, answered), "what stands still is in no lane");

    life.server.customer_replies(&waits.remote_id, "赵敏", "还是 502").await;
    let goes_on = life.pulled().await;
    let [pause] = of(&goes_on, Metric::Resolution).why.pauses[..] else { panic!("one pause") };
    assert!(pause.to.is_some_and(|to| to > pause.from), "{pause:?}");
    let resolution = of(&goes_on, Metric::Resolution);
    let put_off = resolution.deadline_at.unwrap().ms_since(goes_on.created_at.plus_ms(120 * MINUTE_MS));
    assert_eq!((put_off, resolution.state), (pause.open_ms, ClockState::Running), "by what the pause took");
    let counted: i64 = resolution.why.counted.iter().map(|open| open.length_ms()).sum();
    assert_eq!(Some(counted), resolution.why.target_ms);
    let (lanes, paused, _) = life.watched().await;
    assert_eq!(lanes, [(Lane::Hour, Metric::NextResponse), (lanes[1].0, Metric::Resolution)]);
    assert_eq!(paused, 0);

    engine.reply(life.ticket, "已恢复", Visibility::Public, None).await.unwrap();
    life.pulled().await;
    engine.set_status(life.ticket, Status::Resolved, None).await.unwrap();
    let done = life.pulled().await;
    for (metric, reason) in [(Metric::NextResponse, StopReason::Replied), (Metric::Resolution, StopReason::Resolved)] {
        let clock = of(&done, metric);
        assert_eq!((clock.state, clock.stopped_by, &clock.stopped_who), (ClockState::Achieved, Some(reason), &agent));
    }
    let all = BTreeMap::from([(Metric::FirstResponse, 1), (Metric::NextResponse, 1), (Metric::Resolution, 1)]);
    assert_eq!(life.watched().await, (vec![], 0, all), "the ticket has left the lanes and stands in the figures");
}
