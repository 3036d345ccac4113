//! The person's own, changed and hidden centres, where visits travel as tickets: their list is what counts.

use chrono::Timelike as _;
use deskbell_domain::directory::{DirectoryKind, ServiceCentre, SlotRules};
use deskbell_domain::paper::{Block, Cell};
use deskbell_domain::sla::calendar::{CalendarSpec, WeeklyHours};
use deskbell_engine::directory::{CentreEntry, EntryOrigin};
use deskbell_engine::visits::{SlotSource, SlotWish, SlotsFound};

use super::*;

/// Of the person's own, never closed, in a city where no other is.
fn own_centre() -> ServiceCentre {
    ServiceCentre {
        city_zh: "拉萨".to_owned(),
        city_en: "Lhasa".to_owned(),
        latitude: 29.65,
        longitude: 91.1,
        hours: "7x24".to_owned(),
        services: vec![Service::HardwareInspection.as_str().to_owned()],
        address: "北京中路 1 号".to_owned(),
        contacts: vec![Contact { name: "值班台".to_owned(), phone: "0891-5550000".to_owned(), ..Contact::default() }],
        country: "CN".to_owned(),
        source: "合同".to_owned(),
        verified_on: "2026-11-01".to_owned(),
        rules: SlotRules { buffer_before_min: 0, buffer_after_min: 0, ..SlotRules::default() },
        ..ServiceCentre::default()
    }
}

fn at_lhasa(now: UtcMs) -> VisitRequest {
    let site = Site { city: "拉萨".to_owned(), latitude: Some(29.66), longitude: Some(91.12), ..request(now).site };
    VisitRequest { site, ..request(now) }
}

async fn free(engine: &Engine, ticket: TicketId, site: Site) -> SlotsFound {
    let now = engine.now();
    let (service, to) = (Service::HardwareInspection, now.plus_ms(14 * DAY_MS));
    engine
        .visit_slots(ticket, SlotWish { service, from: now, to, site: Some(site), languages: Vec::new(), centre: None })
        .await
        .unwrap()
}

/// Starts at one centre by its own clock.
fn hours_of(found: &SlotsFound, centre: &str) -> Vec<u32> {
    let found = found.centres.iter().find(|one| one.centre.remote_id == centre).unwrap();
    let zone = chrono::FixedOffset::east_opt(8 * 3_600).unwrap();
    found.answer.slots.iter().map(|slot| slot.start.to_datetime().unwrap().with_timezone(&zone).hour()).collect()
}

fn weekly(centre: &ServiceCentre, from: &str, to: &str, zone: &str) -> ServiceCentre {
    let hours = WeeklyHours::every_day(&[[from.to_owned(), to.to_owned()]]);
    ServiceCentre { hours: format!("{from}-{to}"), calendar: Some(CalendarSpec::weekly(zone, hours)), ..centre.clone() }
}

/// Asked for at the first free moment of the centre, and on its way to the server.
async fn asked_at(engine: &Arc<Engine>, account: AccountId, ticket: TicketId, centre: &CentreEntry) -> (VisitView, UtcMs) {
    let now = engine.now();
    let found = free(engine, ticket, at_lhasa(now).site).await;
    let id = &centre.centre.remote_id;
    let start = found.centres.iter().find(|one| one.centre.remote_id == *id).unwrap().answer.slots[3].start;
    let asked = VisitRequest { centre: Some(id.clone()), ..at_lhasa(now) };
    let booking = VisitBooking { start: Some(start), ..VisitBooking::default() };
    let key = engine.request_visit(ticket, None, asked, booking, None).await.unwrap();
    engine.sync_account_once(account).await.unwrap();
    (visit(engine, &key).await, start)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_own_centre_is_offered_and_carried_in_the_ticket_and_its_visit_goes_by_it() {
    let world = world().await;
    let (engine, account, ticket) = ready(&world).await;
    let site = at_lhasa(engine.now()).site;
    let before = free(&engine, ticket, site.clone()).await;
    assert!(before.centres.iter().all(|one| one.centre.city_zh != "拉萨"));
    let own = engine.put_centre(None, weekly(&own_centre(), "00:00", "24:00", "Asia/Urumqi")).await.unwrap();
    let found = free(&engine, ticket, site).await;
    assert_eq!(found.source, SlotSource::Estimate);
    let nearest = &found.centres[0];
    assert_eq!(nearest.centre.remote_id, own.centre.remote_id, "it is the nearest");
    assert!(nearest.km.unwrap() < 10.0 && !nearest.answer.slots.is_empty(), "{:?}", nearest.answer.why_none);
    assert!(nearest.answer.slots.iter().all(|slot| slot.engineer_ids.is_empty()), "nobody is invented");

    let (view, start) = asked_at(&engine, account, ticket, &own).await;
    let remote_id = engine.ticket_detail(view.carrier.unwrap()).await.unwrap().remote_id;
    let ours = opening(&world, &remote_id).await;
    assert!(ours.contains("服务中心: 拉萨 · 北京中路 1 号 · 值班台 · 0891-5550000"), "people can read it: {ours}");
    assert!(ours.contains("\"centre\":\"拉萨"), "machines, too: {ours}");
    assert!(ours.contains("Asia/Urumqi"), "times are by the centre's clock: {ours}");

    world.agent_replies(&remote_id, 1, "状态: 已确认").await;
    engine.sync_account_once(account).await.unwrap();
    let view = visit(&engine, &view.key).await;
    assert_eq!((view.visit.state, view.visit.slot.as_ref().map(|slot| slot.start)), (VisitState::Confirmed, Some(start)));
    assert_eq!(view.centre.as_ref().unwrap().contacts[0].phone, "0891-5550000");
    assert_eq!(view.cutoff_at, Some(start.plus_ms(-4 * HOUR_MS)), "the person wrote those rules");
    let taken = free(&engine, ticket, at_lhasa(engine.now()).site).await;
    assert!(taken.centres[0].answer.slots.iter().all(|slot| slot.start != start), "one visit at a time");

    // What the person corrects is in everything that is made of the visit.
    let moved = ServiceCentre { address: "八一路 2 号".to_owned(), ..own.centre.clone() };
    engine.put_centre(Some(own.key.clone()), moved).await.unwrap();
    let file = engine.visit_calendar(&view.key).await.unwrap();
    assert!(file.text.contains("TZID=Asia/Urumqi"), "{}", file.text);
    let paper = engine.visit_report_paper(&view.key).await.unwrap();
    let told = |cell: &Cell| format!("{cell:?}").contains("八一路 2 号");
    let is_told = |block: &Block| matches!(block, Block::Facts { rows } if rows.iter().any(|(_, cell)| told(cell)));
    assert!(paper.document.blocks.iter().any(is_told), "{:?}", paper.document.blocks);
}

#[tokio::test(flavor = "multi_thread")]
async fn changed_opening_hours_change_what_is_offered() {
    let world = world().await;
    let (engine, _, ticket) = ready(&world).await;
    let site = request(engine.now()).site;
    let shipped = engine.directory().await.unwrap().centres.into_iter().find(|one| one.centre.city_zh == "杭州").unwrap();
    let id = shipped.centre.remote_id.clone();
    let before = hours_of(&free(&engine, ticket, site.clone()).await, &id);
    assert!(!before.is_empty() && before.iter().any(|hour| *hour != 20), "office hours: {before:?}");
    let mut late = weekly(&shipped.centre, "20:00", "22:00", "Asia/Shanghai");
    late.rules = SlotRules { buffer_before_min: 0, buffer_after_min: 0, ..late.rules };
    let changed = engine.put_centre(Some(shipped.key), late).await.unwrap();
    assert_eq!(changed.origin, EntryOrigin::Changed);
    let after = hours_of(&free(&engine, ticket, site).await, &id);
    assert!(after.len() > 5 && after.iter().all(|hour| *hour == 20), "{after:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hidden_centre_is_not_offered_and_a_visit_that_is_at_it_keeps_its_name() {
    let world = world().await;
    let (engine, account, ticket) = ready(&world).await;
    let own = engine.put_centre(None, own_centre()).await.unwrap();
    let (old, _) = asked_at(&engine, account, ticket, &own).await;
    let id = own.centre.remote_id.clone();
    engine.remove_entry(DirectoryKind::Centre, &own.key).await.unwrap();
    let found = free(&engine, ticket, at_lhasa(engine.now()).site).await;
    assert!(found.centres.iter().all(|one| one.centre.remote_id != id), "it is not offered");
    let asked = VisitRequest { centre: Some(id.clone()), ..at_lhasa(engine.now()) };
    let refused = engine.request_visit(ticket, None, asked, VisitBooking::default(), None).await.unwrap_err();
    assert_eq!((refused.code, refused.args["field"].as_str()), (Code::CentreUnknown, "centre"));
    let kept = visit(&engine, &old.key).await;
    assert_eq!(kept.centre.unwrap().city_zh, "拉萨", "a visit that is there stays readable");

    // Another desk's provider entry is not needed for it: one that nobody visits is gone for good.
    let lone = engine.put_centre(None, ServiceCentre { city_zh: "那曲".to_owned(), ..own_centre() }).await.unwrap();
    engine.remove_entry(DirectoryKind::Centre, &lone.key).await.unwrap();
    let entries = engine.directory().await.unwrap().centres;
    assert!(entries.iter().all(|one| one.key != lone.key));
    assert!(entries.iter().any(|one| one.key == own.key && one.hidden));
    engine.restore_entry(DirectoryKind::Centre, &own.key).await.unwrap();
    let found = free(&engine, ticket, at_lhasa(engine.now()).site).await;
    assert_eq!(found.centres[0].centre.remote_id, id, "shown again, it is offered again");

    // A shipped one, hidden.
    let hangzhou = engine.directory().await.unwrap().centres.into_iter().find(|one| one.centre.city_zh == "杭州").unwrap();
    engine.remove_entry(DirectoryKind::Centre, &hangzhou.key).await.unwrap();
    let found = free(&engine, ticket, request(engine.now()).site).await;
    assert!(found.centres.iter().all(|one| one.centre.city_zh != "杭州"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_product_assumes_of_a_centre_forbids_nothing() {
    let world = world().await;
    let (engine, account, ticket) = ready(&world).await;
    let hangzhou = engine.directory().await.unwrap().centres.into_iter().find(|one| one.centre.city_zh == "杭州").unwrap();
    let far = VisitRequest { centre: Some(hangzhou.centre.remote_id.clone()), ..at_lhasa(engine.now()) };
    let checked = engine.check_visit(ticket, far.clone(), &VisitBooking::default()).await.unwrap();
    assert_eq!(checked.problems, [], "nobody said how far they go");
    let key = engine.request_visit(ticket, None, far.clone(), VisitBooking::default(), None).await.unwrap();
    engine.sync_account_once(account).await.unwrap();
    let start = UtcMs((engine.now().plus_ms(2 * HOUR_MS)).0 / HOUR_MS * HOUR_MS);
    let soon = VisitAnswer {
        state: VisitState::Confirmed,
        start: Some(start),
        end: None,
        engineer: String::new(),
        reason: String::new(),
    };
    engine.settle_visit(&key, soon).await.unwrap();
    let view = visit(&engine, &key).await;
    assert!(view.can.contains(&VisitAction::Cancel), "nor how late it can be called off: {:?}", view.can);

    // A person's own rule does.
    let mut strict = hangzhou.centre.clone();
    (strict.rules.travel_radius_km, strict.rules.cancel_cutoff_min) = (50, 24 * 60);
    engine.put_centre(Some(hangzhou.key), strict).await.unwrap();
    let checked = engine.check_visit(ticket, far, &VisitBooking::default()).await.unwrap();
    assert!(checked.problems.iter().any(|problem| problem.code == Code::SiteTooFar), "{:?}", checked.problems);
    assert!(!visit(&engine, &key).await.can.contains(&VisitAction::Cancel));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_accounts_that_know_a_centre_what_was_done_to_the_entry_on_the_screen_counts_for_both() {
    let world = world().await;
    let (engine, _, ticket) = ready(&world).await;
    let details = AccountDetails {
        kind: ProviderKind::Hub,
        name: "hub".to_owned(),
        endpoint: world.hub.url(),
        user: "demo".to_owned(),
        secret: SecretString::from(TOKEN),
        demo: false,
        options: options(""),
    };
    let hub = engine.keep_account(details).await.unwrap().id;
    engine.connect_accounts().await.unwrap();
    engine.sync_account_once(hub).await.unwrap();
    let site = request(engine.now()).site;
    let shown: Vec<CentreEntry> = engine.directory().await.unwrap().centres;
    let hangzhou: Vec<&CentreEntry> = shown.iter().filter(|one| one.centre.city_zh == "杭州").collect();
    assert_eq!((hangzhou.len(), hangzhou[0].account), (1, Some(hub)), "one entry, the server's");
    let id = hangzhou[0].centre.remote_id.clone();
    let before = free(&engine, ticket, site.clone()).await;
    assert!(!hours_of(&before, &id).is_empty());
    let carried = before.centres.iter().find(|one| one.centre.remote_id == id).unwrap();
    assert!(carried.centre.engineers.is_empty(), "another server's engineers go on none of these visits");

    let mut late = weekly(&hangzhou[0].centre, "20:00", "22:00", "Asia/Shanghai");
    late.rules = SlotRules { slot_minutes: 120, buffer_before_min: 0, buffer_after_min: 0, ..late.rules };
    engine.put_centre(Some(hangzhou[0].key.clone()), late).await.unwrap();
    let after = free(&engine, ticket, site.clone()).await;
    assert!(hours_of(&after, &id).iter().all(|hour| *hour == 20) && !hours_of(&after, &id).is_empty());
    engine.remove_entry(DirectoryKind::Centre, &hangzhou[0].key).await.unwrap();
    let hidden = free(&engine, ticket, site).await;
    assert!(hidden.centres.iter().all(|one| one.centre.remote_id != id));
}
