//! Notifications name whoever answers for the customer.

use deskbell_domain::observation::{Fate, Observations, ObservedCustomer, ObservedTicket};
use deskbell_domain::sla::policy::{Metric, Threshold};
use deskbell_domain::ticket::{AccountId, Priority, ProviderKind, Status};
use deskbell_domain::time::MINUTE_MS;
use deskbell_engine::alerts::raise_due;
use deskbell_engine::state::{Language, Settings};
use deskbell_store::NewAccount;
use deskbell_store::records::ClockRow;
use deskbell_testkit::FakeClock;

use super::*;

/// A Wednesday afternoon in Shanghai.
const NOW: UtcMs = UtcMs(1_795_586_400_000);

struct Bell {
    clock: Arc<FakeClock>,
    machine: Machine,
    engine: Arc<Engine>,
    account: AccountId,
    _dir: tempfile::TempDir,
}

impl Bell {
    async fn new(language: Language) -> Self {
        let clock = FakeClock::at(NOW);
        let machine = Machine::new(clock.clone());
        let dir = tempfile::tempdir().unwrap();
        let engine = machine.open(dir.path()).unwrap();
        engine.put_settings(Settings { language, ..engine.settings() }).await.unwrap();
        let new = NewAccount {
            kind: ProviderKind::Hub,
            name: "hub".to_owned(),
            endpoint: "http://127.0.0.1:1/".to_owned(),
            user: "demo".to_owned(),
            demo: false,
        };
        let account = engine.store().add_account(&new, NOW).unwrap();
        raise_due(&engine).await.unwrap();
        Self { clock, machine, engine, account, _dir: dir }
    }

    /// A ticket of a customer of that manager and deputy, whose first response is due in so many minutes.
    fn ticket(&self, number: usize, manager: &str, deputy: &str, due_min: i64) {
        let remote_id = format!("T{number}");
        let customer = ObservedCustomer {
            remote_id: format!("c{number}"),
            name: format!("客户{number}"),
            service_manager: manager.to_owned(),
            deputy: deputy.to_owned(),
            ..ObservedCustomer::default()
        };
        let ticket = ObservedTicket {
            subject: format!("subject {number}"),
            status: Status::Open,
            priority: Priority::Important,
            customer,
            created_at: NOW,
            updated_at: NOW,
            version: "1".to_owned(),
            fate: Fate::Live,
            ..ObservedTicket::gone(&remote_id, NOW)
        };
        let page = Observations { tickets: vec![ticket], ..Observations::default() };
        let store = self.engine.store();
        store.apply_page(self.account, &page, &[], "next", true, self.engine.now()).unwrap();
        let id = store.ticket_id(self.account, &remote_id).unwrap().unwrap();
        let deadline = NOW.plus_ms(due_min * MINUTE_MS);
        let clock = ClockRow {
            metric: Metric::FirstResponse,
            instance: 1,
            started_at: NOW.plus_ms(-HOUR_MS),
            deadline_at: Some(deadline),
            stopped_at: None,
            paused_since: None,
            provisional: false,
            cancelled: false,
            uncertainty_ms: 0,
            dues: vec![(Threshold::TimeLeft { seconds: 300 }, deadline.plus_ms(-5 * MINUTE_MS)), (Threshold::Breach, deadline)],
            policy_id: "test".to_owned(),
        };
        store.clock_inputs(&[id]).unwrap();
        store.put_clocks(&[(id, vec![clock])]).unwrap();
    }

    /// What is shown of one customer at a look.
    async fn told_of(&self, number: usize, min: i64) -> String {
        let bodies = self.look_at(min).await;
        let name = format!("客户{number} ");
        bodies.iter().find(|body| body.contains(&name)).unwrap_or_else(|| panic!("{name}: {bodies:?}")).clone()
    }

    async fn deal_with_all(&self) {
        for alert in self.engine.read(|store| store.alerts(100)).await.unwrap() {
            self.engine.acknowledge_alert(alert.id).await.unwrap();
        }
    }

    /// The bodies shown at a look so many minutes after the begin.
    async fn look_at(&self, min: i64) -> Vec<String> {
        let before = self.machine.notifier.shown_count();
        self.clock.advance_ms(NOW.plus_ms(min * MINUTE_MS).ms_since(self.clock.now()));
        raise_due(&self.engine).await.unwrap();
        self.machine.notifier.shown().split_off(before).into_iter().map(|shown| shown.body).collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notification_names_the_manager_or_the_deputy_while_the_manager_is_away() {
    let bell = Bell::new(Language::ZhCn).await;
    bell.ticket(1, "林夏", "陈默", 10);
    let body = bell.told_of(1, 5).await;
    assert!(body.ends_with(" · 服务经理 林夏"), "{body}");
    let absence = Absence { from: NOW, to: NOW.plus_ms(DAY_MS), ..Absence::default() };
    let lin = Person { name: "林夏".to_owned(), absences: vec![absence], ..Person::default() };
    bell.engine.put_person(lin).await.unwrap();
    let body = bell.told_of(1, 10).await;
    assert!(body.contains("客户1") && body.ends_with(" · 陈默（代 林夏）"), "{body}");

    // Nobody is known of one customer; the other has nobody but a deputy, and a third nobody who is there.
    bell.ticket(2, "", "", 20);
    let body = bell.told_of(2, 15).await;
    assert!(body.contains("客户2") && !body.contains("经理"), "{body}");
    bell.look_at(20).await;
    bell.ticket(3, "", "周舟", 30);
    assert!(bell.told_of(3, 25).await.ends_with(" · 副经理 周舟"));
    bell.look_at(30).await;
    bell.ticket(4, "林夏", "", 40);
    assert!(bell.told_of(4, 35).await.ends_with(" · 服务经理 林夏（缺勤）"));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_told_of_themselves_and_a_digest_names_whose_ticket_it_names() {
    let bell = Bell::new(Language::En).await;
    let settings = Settings { display_name: "Lin Xia".to_owned(), ..bell.engine.settings() };
    bell.engine.put_settings(settings).await.unwrap();
    bell.ticket(1, "lin xia", "Chen Mo", 10);
    let body = bell.told_of(1, 5).await;
    assert!(body.contains("客户1") && !body.to_lowercase().contains("lin xia"), "{body}");
    bell.look_at(10).await;
    bell.deal_with_all().await;
    // Many at once: the nearest is named, with whoever answers for it.
    for number in 2..=9 {
        bell.ticket(number, &format!("Manager {number}"), "", 100 + i64::try_from(number).unwrap());
    }
    let bodies = bell.look_at(107).await;
    assert_eq!(bodies.len(), 1, "{bodies:?}");
    assert!(bodies[0].contains("subject 2") && bodies[0].ends_with(" · service manager Manager 2"), "{bodies:?}");
}
