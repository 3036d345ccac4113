//! What a person says of a centre whose server gives the slots away: it is shown, and the server plans.

use deskbell_domain::directory::DirectoryKind;
use deskbell_domain::sla::calendar::{CalendarSpec, WeeklyHours};

use super::*;

/// Other words, shorter hours, room for nine, and nobody to call it off.
fn as_the_person_has_it() -> ServiceCentre {
    let hours = WeeklyHours::every_day(&[["03:00".to_owned(), "03:30".to_owned()]]);
    let rules = SlotRules { capacity: 9, notice_min: 0, cancel_cutoff_min: 0, ..centre().rules };
    ServiceCentre {
        address: "文三路 90 号".to_owned(),
        contacts: vec![Contact { name: "前台".to_owned(), phone: "0571-88880000".to_owned(), ..Contact::default() }],
        hours: "03:00-03:30".to_owned(),
        calendar: Some(CalendarSpec::weekly("Asia/Shanghai", hours)),
        rules,
        source: "电话核实".to_owned(),
        verified_on: "2026-11-01".to_owned(),
        ..centre()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_server_plans_a_persons_change_is_shown_and_books_nothing() {
    let mut world = world().await;
    let (engine, account, ticket) = synced(&world, world.dir.path()).await;
    let (_, before) = free(&engine, ticket).await;
    let key = format!("{}:c-hz", account.0);
    engine.put_centre(Some(key.clone()), as_the_person_has_it()).await.unwrap();
    let (source, slots) = free(&engine, ticket).await;
    assert_eq!(source, SlotSource::Server);
    assert!(slots.len().abs_diff(before.len()) <= 1 && slots.len() > 20, "{slots:?}");

    let wanted = slots[6];
    let first = engine.request_visit(ticket, None, request(engine.now()), at(wanted), None).await.unwrap();
    let second = engine.request_visit(ticket, None, request(engine.now()), at(wanted), None).await.unwrap();
    engine.sync_account_once(account).await.unwrap();
    let view = engine.visit(&first).await.unwrap();
    assert_eq!((view.visit.state, view.engineer_name.as_str()), (VisitState::Confirmed, "陈师傅"));
    let shown = view.centre.unwrap();
    assert_eq!((shown.address.as_str(), shown.contacts[0].phone.as_str()), ("文三路 90 号", "0571-88880000"));
    assert_eq!((shown.hours.as_str(), shown.rules), ("03:00-03:30", centre().rules));
    assert_eq!(view.cutoff_at, Some(wanted.plus_ms(-6 * HOUR_MS)), "the server says how late");
    let refused = engine.visit(&second).await.unwrap();
    assert_eq!(states(&refused), [(OperationState::Rejected, Some(Code::SlotTaken))], "room for nine is only here");

    // Offline the plan is the server's too, as it was seen last.
    world.server.cut().await;
    let (source, offline) = free(&engine, ticket).await;
    assert_eq!(source, SlotSource::Estimate);
    assert!(!offline.contains(&wanted) && offline.len() > 20, "{offline:?}");
    world.server.reconnect().await;
    assert!(engine.visit(&second).await.unwrap().refusal.is_some());

    // Hidden, it is offered to nobody; the visit that is there is read as before.
    engine.remove_entry(DirectoryKind::Centre, &key).await.unwrap();
    let wish = SlotWish { centre: Some("c-hz".to_owned()), ..wish(engine.now()) };
    assert_eq!(engine.visit_slots(ticket, wish).await.unwrap_err().code, Code::CentreUnknown);
    let asked = engine.request_visit(ticket, None, request(engine.now()), at(slots[9]), None).await.unwrap_err();
    assert_eq!(asked.code, Code::CentreUnknown);
    assert_eq!(engine.visit(&first).await.unwrap().centre.unwrap().address, "文三路 90 号");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_centre_that_the_server_does_not_know_is_not_offered_where_it_plans() {
    let world = world().await;
    let (engine, _, ticket) = synced(&world, world.dir.path()).await;
    let own = ServiceCentre { remote_id: String::new(), city_zh: "绍兴".to_owned(), ..as_the_person_has_it() };
    let own = engine.put_centre(None, own).await.unwrap();
    let found = engine.visit_slots(ticket, wish(engine.now())).await.unwrap();
    assert!(found.centres.iter().all(|one| one.centre.remote_id == "c-hz"), "{found:?}");
    let asked = VisitRequest { centre: Some(own.centre.remote_id.clone()), ..request(engine.now()) };
    let refused = engine.request_visit(ticket, None, asked, VisitBooking::default(), None).await.unwrap_err();
    assert_eq!((refused.code, refused.args["field"].as_str()), (Code::CentreUnknown, "centre"));
    assert!(engine.store().outbox().unwrap().is_empty(), "nothing that the server cannot book is queued");
}
