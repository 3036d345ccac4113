//! Centres, slots, holds and visits, with lost answers and refusals.

use deskbell_domain::directory::Contact;
use deskbell_domain::scheduling::{
    Service, Site, SlotQuestion, VisitAction, VisitBooking, VisitChange, VisitRefusal, VisitRequest, VisitState, Window,
};
use deskbell_domain::sla::event::TicketEventKind;
use deskbell_domain::time::DAY_MS;

use super::*;
use crate::visits::{HoldRequest, NO_VISITS, VisitOutcome};

fn now() -> UtcMs {
    UtcMs(chrono::Utc::now().timestamp_millis())
}

fn question(from: UtcMs) -> SlotQuestion {
    let site = Site { latitude: Some(39.98), longitude: Some(116.31), country: "CN".into(), ..Site::default() };
    let languages = vec!["zh-CN".to_owned()];
    SlotQuestion {
        service: Service::HardwareInspection,
        from,
        to: from.plus_ms(20 * DAY_MS),
        site: Some(site),
        now: from,
        languages,
    }
}

fn request(ticket: &str, centre: &str) -> VisitRequest {
    VisitRequest {
        ticket_remote_id: ticket.to_owned(),
        service: Service::HardwareInspection,
        site: Site {
            name: "机房".into(),
            address: "中关村大街 1 号".into(),
            city: "北京".into(),
            ..question(now()).site.unwrap()
        },
        contact: Contact { name: "王建国".into(), phone: "010-8888 8888".into(), ..Contact::default() },
        asset: "SN-1".into(),
        window: Window { from: now(), to: now().plus_ms(20 * DAY_MS) },
        centre: Some(centre.to_owned()),
        note: "请走货运电梯".into(),
    }
}

fn refused<T: std::fmt::Debug>(outcome: VisitOutcome<T>) -> VisitRefusal {
    match outcome {
        VisitOutcome::Rejected(refusal) => *refusal,
        other => panic!("not refused: {other:?}"),
    }
}

fn sent<T: std::fmt::Debug>(outcome: VisitOutcome<T>) -> T {
    match outcome {
        VisitOutcome::Sent(made) => made,
        other => panic!("not sent: {other:?}"),
    }
}

impl Bench {
    /// Beijing, a ticket, and its free slots.
    async fn slots(&self) -> (String, String, Vec<deskbell_domain::scheduling::Slot>) {
        let centre = self.api.centres().await.unwrap().into_iter().find(|centre| centre.city_en == "Beijing").unwrap();
        let (ticket, _) = self.ticket_with(Status::Open).await;
        let answer = self.api.slots(&centre.remote_id, &question(now())).await.unwrap();
        assert!(answer.slots.len() > 20);
        (ticket, centre.remote_id, answer.slots)
    }
}

#[tokio::test]
async fn a_visit_is_held_asked_for_moved_and_seen_in_the_feed() {
    let bench = Bench::start().await;
    let (ticket, centre, slots) = bench.slots().await;
    let (_, cursor) = bench.pull_all(None).await;
    let hold = HoldRequest {
        centre_id: centre.clone(),
        service: Service::HardwareInspection,
        start: slots[3].start,
        engineer_id: None,
        languages: vec![],
    };
    let hold = sent(bench.api.hold(&hold, "hold-1").await);
    assert_eq!(hold.slot.start, slots[3].start);
    let booking = VisitBooking { hold_id: Some(hold.id.clone()), ..VisitBooking::default() };
    let visit = sent(bench.api.request_visit(&request(&ticket, &centre), &booking, "visit-1").await);
    assert_eq!((visit.state, visit.slot.as_ref().unwrap().start), (VisitState::Confirmed, slots[3].start));
    assert_eq!((visit.note.as_str(), visit.asset.as_str()), ("请走货运电梯", "SN-1"));
    bench.api.release(&hold.id).await.unwrap();
    let change = VisitChange { action: Some(VisitAction::Reschedule), start: Some(slots[6].start), ..VisitChange::default() };
    let moved = sent(bench.api.change_visit(&visit.id, &change, &visit.version, "move-1").await);
    assert_eq!((moved.sequence, moved.slot.as_ref().unwrap().start), (1, slots[6].start));
    let stale = refused(bench.api.change_visit(&visit.id, &change, &visit.version, "move-2").await);
    assert_eq!(stale.code, Code::ChangedMeanwhile);
    let cancel = VisitChange { action: Some(VisitAction::Cancel), reason: "已恢复".into(), ..VisitChange::default() };
    let gone = sent(bench.api.change_visit(&visit.id, &cancel, "", "cancel-1").await);
    assert_eq!(bench.api.visit(&visit.id).await.unwrap(), gone);
    let page = bench.api.pull(Some(&cursor)).await.unwrap();
    assert_eq!(page.visits, std::slice::from_ref(&gone), "once, as it is now");
    let kinds: Vec<&TicketEventKind> = page.observations.events.iter().map(|event| &event.kind).collect();
    let id = || visit.id.clone();
    assert_eq!(kinds, [&TicketEventKind::VisitRequested { visit: id() }, &TicketEventKind::VisitCancelled { visit: id() }]);
    // The demo has visits of its own.
    let listed = bench.api.visits(0).await.unwrap();
    let of_this: Vec<_> = listed.visits.into_iter().filter(|one| one.id == visit.id).collect();
    assert_eq!((of_this, listed.more), (vec![gone.clone()], false));
    let full = bench.api.pull(None).await.unwrap();
    assert!(full.visits.iter().filter(|one| one.id == visit.id).all(|one| *one == gone));
}

#[tokio::test]
async fn a_lost_answer_is_unknown_and_found_by_its_marker_and_sent_again_it_lands_once() {
    let bench = Bench::start().await;
    let (ticket, centre, slots) = bench.slots().await;
    let booking = VisitBooking { start: Some(slots[2].start), ..VisitBooking::default() };
    bench.faults.order("POST", "visits", Fault::AnswerLost);
    let lost = bench.api.request_visit(&request(&ticket, &centre), &booking, "visit-1").await;
    assert!(matches!(lost, VisitOutcome::Unknown { .. }), "{lost:?}");
    let found = bench.api.find_visit("visit-1").await.unwrap().unwrap();
    assert_eq!(found.state, VisitState::Confirmed);
    assert_eq!(bench.api.find_visit("visit-2").await.unwrap(), None);
    let again = request(&ticket, &centre);
    let again = VisitRequest { window: found.window.unwrap(), ..again };
    assert_eq!(sent(bench.api.request_visit(&again, &booking, "visit-1").await).id, found.id);
    let listed = bench.api.visits(0).await.unwrap().visits;
    assert_eq!(listed.iter().filter(|visit| visit.ticket_remote_id == ticket).count(), 1);
    bench.faults.order("POST", "visits", Fault::FailsAfterCommit);
    let booking = VisitBooking { start: Some(slots[8].start), ..VisitBooking::default() };
    let failed = bench.api.request_visit(&request(&ticket, &centre), &booking, "visit-3").await;
    assert_eq!(failed, VisitOutcome::Unknown { code: Code::ServerFailed });
    assert!(bench.api.find_visit("visit-3").await.unwrap().is_some());
}

#[tokio::test]
async fn answers_are_classified_by_what_happened() {
    let bench = Bench::start().await;
    let (ticket, centre, slots) = bench.slots().await;
    let asked = request(&ticket, &centre);
    let at = |start| VisitBooking { start: Some(start), ..VisitBooking::default() };
    bench.faults.order("POST", "visits", Fault::Unavailable { retry_after: "7".into() });
    let busy = bench.api.request_visit(&asked, &at(slots[2].start), "a").await;
    assert_eq!(busy, VisitOutcome::Retry { after_ms: Some(7_000), code: Code::ServerFailed });
    bench.faults.order("POST", "holds", Fault::RateLimited { retry_after: "3".into() });
    let hold = HoldRequest {
        centre_id: centre.clone(),
        service: Service::HardwareInspection,
        start: slots[2].start,
        engineer_id: None,
        languages: vec![],
    };
    assert_eq!(bench.api.hold(&hold, "h").await, VisitOutcome::Retry { after_ms: Some(3_000), code: Code::RateLimited });
    // Beijing's demo has four at one time; each is a visit of its own.
    let mut taken = 0;
    let told = loop {
        match bench.api.request_visit(&asked, &at(slots[2].start), &format!("full-{taken}")).await {
            VisitOutcome::Sent(_) if taken < 10 => taken += 1,
            other => break refused(other),
        }
    };
    assert_eq!((taken, told.code, told.alternatives.len()), (4, Code::SlotTaken, 5));
    assert_eq!(told.reasons[0].code.as_str(), "full");
    let past = VisitRequest { window: Window { from: UtcMs(0), to: UtcMs(1) }, ..asked.clone() };
    assert_eq!(refused(bench.api.request_visit(&past, &VisitBooking::default(), "past").await).code, Code::WindowPast);
    let nowhere = VisitRequest { centre: Some("atlantis".into()), ..asked.clone() };
    assert_eq!(refused(bench.api.request_visit(&nowhere, &VisitBooking::default(), "nowhere").await).code, Code::CentreUnknown);
    assert_eq!(bench.api.slots("atlantis", &question(now())).await.unwrap_err().code, Code::CentreUnknown);
    assert_eq!(bench.api.visit("999").await.unwrap_err().code, Code::VisitUnknown);
    let reused = VisitRequest { note: "another".into(), ..asked.clone() };
    assert_eq!(refused(bench.api.request_visit(&reused, &at(slots[2].start), "full-0").await).code, Code::Refused);
    let stranger = client(&bench.hub.url(), "wrong", 10_000);
    let locked = stranger.request_visit(&asked, &at(slots[4].start), "b").await;
    assert_eq!(locked, VisitOutcome::Retry { after_ms: None, code: Code::CredentialsWrong });
    let nobody = client("http://127.0.0.1:9/", "token-1", 2_000);
    let unreachable = nobody.request_visit(&asked, &at(slots[4].start), "c").await;
    assert!(matches!(unreachable, VisitOutcome::Retry { .. }), "{unreachable:?}");
}

#[tokio::test]
async fn a_provider_without_slots_says_so() {
    let api: &dyn VisitApi = &NO_VISITS;
    assert!(!api.offers_visits());
    assert_eq!(api.centres().await.unwrap_err().code, Code::OperationNotOffered);
    let outcome = api.request_visit(&request("1", "x"), &VisitBooking::default(), "m").await;
    assert_eq!(refused(outcome).code, Code::OperationNotOffered);
    let rt = crate::rt::RtApi::with_files(
        HttpClient::new("http://127.0.0.1:9/").unwrap(),
        "u".into(),
        SecretString::from("s"),
        Arc::new(NoFiles),
    );
    assert!(!SupportApi::visit_api(&rt).offers_visits());
    let bench = Bench::start().await;
    assert!(SupportApi::visit_api(&bench.api).offers_visits());
}

#[tokio::test]
async fn the_directory_comes_with_what_the_hub_knows_of_lines_and_centres() {
    let bench = Bench::start().await;
    let (lines, centres) = bench.api.directory().await.unwrap();
    assert_eq!((lines.len(), centres.len()), (3, 28));
    assert!(lines[1].for_outage && !lines[0].ivr_path.is_empty() && !lines[2].checklist.is_empty());
    assert_eq!(lines[2].contract, deskbell_domain::directory::LineContract::Enterprise);
    let today = chrono::Utc::now().date_naive().max(chrono::NaiveDate::from_ymd_opt(2026, 11, 21).unwrap());
    for line in &lines {
        assert_eq!(deskbell_domain::directory::check_line(line, today), [], "{}", line.remote_id);
    }
    for centre in &centres {
        assert_eq!(deskbell_domain::directory::check_centre(centre, today), [], "{}", centre.city_en);
    }
}
