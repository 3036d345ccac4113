//! Visits between the moment they are asked for and the server's word.

use deskbell_domain::Code;
use deskbell_domain::directory::Contact;
use deskbell_domain::scheduling::{
    CheckItem, Service, SignOff, Site, Slot, Visit, VisitAction, VisitBooking, VisitChange, VisitRefusal, VisitRequest,
    VisitSeen, VisitState, Window,
};
use deskbell_domain::sync::merge::Merge;
use deskbell_domain::sync::op::{FileRef, OperationState, Receipt};
use deskbell_domain::sync::plan::NextState;
use deskbell_domain::time::{DAY_MS, HOUR_MS};

use super::*;
use crate::VisitRecord;
use crate::records::Keep;

fn request(asset: &str) -> VisitRequest {
    VisitRequest {
        ticket_remote_id: "T1".into(),
        service: Service::HardwareInspection,
        site: Site { name: "一号机房".into(), city: "杭州".into(), ..Site::default() },
        contact: Contact { name: "王建国".into(), phone: "0571 0000".into(), ..Contact::default() },
        asset: asset.into(),
        window: Window { from: NOW, to: NOW.plus_ms(3 * DAY_MS) },
        centre: None,
        note: "带备件".into(),
    }
}

fn asks(key: &str, asset: &str) -> OperationKind {
    OperationKind::RequestVisit { visit: key.into(), request: Box::new(request(asset)), booking: VisitBooking::default() }
}

fn at_noon(hours: i64) -> Slot {
    let start = NOW.plus_ms(hours * HOUR_MS);
    Slot { centre_id: "c-hz".into(), start, end: start.plus_ms(2 * HOUR_MS), engineer_ids: vec!["e1".into()], free: 0 }
}

/// As the server has the request above.
fn on_server(id: &str, asset: &str, state: VisitState, hours: i64, version: &str) -> Visit {
    let request = request(asset);
    Visit {
        id: id.into(),
        ticket_remote_id: "T1".into(),
        service: request.service,
        site: request.site,
        contact: request.contact,
        asset: request.asset,
        note: request.note,
        window: Some(request.window),
        centre_id: "c-hz".into(),
        slot: Some(at_noon(hours)),
        engineer_id: Some("e1".into()),
        state,
        requested_at: NOW,
        history: Vec::new(),
        checklist: Vec::new(),
        findings: String::new(),
        sign_off: None,
        sequence: 0,
        version: version.into(),
    }
}

fn refusal() -> VisitRefusal {
    VisitRefusal {
        code: Code::SlotTaken,
        detail: String::new(),
        args: BTreeMap::new(),
        reasons: Vec::new(),
        alternatives: vec![at_noon(30)],
    }
}

fn next(state: OperationState) -> NextState {
    NextState { state, not_before: NOW, imposed: false, code: None, detail: String::new() }
}

impl Desk {
    pub(super) fn asks_for(&self, ticket: TicketId, key: &str, marker: &str) -> OperationId {
        let new = NewOperation { ticket_id: ticket, kind: asks(key, "SN-1"), marker: marker.into() };
        self.store.request_visit(&new, r#"{"site":"一号机房"}"#, key != marker, NOW, NOW).unwrap()
    }

    fn changes(&self, ticket: TicketId, key: &str, change: VisitChange, marker: &str) -> OperationId {
        let seen = Some(VisitSeen::of(&self.seen(key).visit));
        self.enqueue(ticket, OperationKind::ChangeVisit { visit: key.into(), change: Box::new(change), seen }, marker)
    }

    fn seen(&self, key: &str) -> VisitRecord {
        self.store.visit(key).unwrap().unwrap()
    }

    fn claims(&self, expected: OperationId) -> crate::records::ClaimedOperation {
        let claimed = self.store.claim_next(NOW, &[self.account]).unwrap().unwrap();
        assert_eq!(claimed.id, expected);
        claimed
    }

    fn visit_lands(&self, operation: OperationId, visit: Visit) {
        self.claims(operation);
        let receipt = Receipt { visit: Some(Box::new(visit)), ..Receipt::default() };
        self.store.finish_attempt(operation, &next(OperationState::Sent), Some(&receipt), NOW).unwrap();
    }

    fn is_refused(&self, operation: OperationId) {
        self.claims(operation);
        let receipt = Receipt { refusal: Some(Box::new(refusal())), ..Receipt::default() };
        let ended = NextState { code: Some(Code::SlotTaken), ..next(OperationState::Rejected) };
        self.store.finish_attempt(operation, &ended, Some(&receipt), NOW).unwrap();
    }

    fn pulls(&self, visits: &[Visit]) {
        self.store.apply_page(self.account, &Observations::default(), visits, "later", true, NOW).unwrap();
    }

    fn keys(&self) -> Vec<String> {
        self.store.visits().unwrap().into_iter().map(|visit| visit.key).collect()
    }
}

#[test]
fn a_visit_is_there_from_the_moment_it_is_asked_for_and_keeps_its_name_when_the_server_gives_it_one() {
    let (desk, ticket) = Desk::with_ticket("T1");
    let asked = desk.asks_for(ticket, "m1", "m1");
    assert_eq!(desk.asks_for(ticket, "m1", "m1"), asked, "the same marker asks once");
    let desk = desk.reopened();
    let seen = desk.seen("m1");
    assert_eq!((seen.remote_id.as_str(), seen.visit.state, seen.ticket_id), ("", VisitState::Requested, Some(ticket)));
    desk.visit_lands(asked, on_server("77", "SN-1", VisitState::Confirmed, 5, "1"));
    let seen = desk.seen("m1");
    assert_eq!((seen.remote_id.as_str(), seen.visit.state), ("77", VisitState::Confirmed));
    desk.pulls(&[on_server("77", "SN-1", VisitState::Done, 5, "2")]);
    assert_eq!((desk.keys(), desk.seen("m1").visit.state), (vec!["m1".to_owned()], VisitState::Done));
}

#[test]
fn a_pull_that_overtakes_the_answer_shows_one_visit_and_what_was_done_to_it_meanwhile_is_kept() {
    let (desk, ticket) = Desk::with_ticket("T1");
    let asked = desk.asks_for(ticket, "m1", "m1");
    desk.claims(asked);
    let twin = format!("{}:77", desk.account.0);
    desk.pulls(&[on_server("77", "SN-1", VisitState::Confirmed, 5, "1")]);
    assert_eq!(desk.keys(), ["m1"], "the request's own row stands for it");
    // Two that were asked for elsewhere, one of them in other words, are theirs.
    desk.pulls(&[on_server("78", "SN-2", VisitState::Confirmed, 9, "1")]);
    assert_eq!(desk.keys().len(), 2);
    desk.store.release_claim(asked);
    let cancel = VisitChange { action: Some(VisitAction::Cancel), reason: "修好了".into(), ..VisitChange::default() };
    let later = desk.changes(ticket, &twin, cancel, "m2");
    let due = desk.store.next_outbox_due().unwrap().unwrap();
    assert_eq!(desk.store.claim_next(due, &[desk.account]).unwrap().unwrap().state_before, OperationState::Unknown);
    let receipt = Receipt { visit: Some(Box::new(on_server("77", "SN-1", VisitState::Confirmed, 5, "1"))), ..Receipt::default() };
    desk.store.finish_attempt(asked, &next(OperationState::Sent), Some(&receipt), NOW).unwrap();
    assert_eq!((desk.keys().len(), desk.store.visit(&twin).unwrap()), (2, None));
    assert_eq!(desk.store.visit_operations("m1").unwrap()[0].id, later);
    let claimed = desk.claims(later);
    assert_eq!((claimed.outbound.visit_remote_id.as_str(), claimed.outbound.visit_version.as_str()), ("77", "1"));
}

#[test]
fn after_a_no_it_is_asked_again_under_the_same_name_and_the_old_request_cannot_be_sent_any_more() {
    let (desk, ticket) = Desk::with_ticket("T1");
    let first = desk.asks_for(ticket, "m1", "m1");
    let behind = desk.changes(ticket, "m1", VisitChange { note: Some("改期".into()), ..VisitChange::default() }, "m2");
    desk.is_refused(first);
    assert_eq!(desk.seen("m1").refusal, Some(refusal()));
    let held = desk.store.visit_operations("m1").unwrap().into_iter().find(|one| one.id == behind).unwrap();
    assert_eq!((held.state, held.code), (OperationState::Rejected, Some(Code::DependsOnRejected)));
    let again = desk.asks_for(ticket, "m1", "m3");
    assert_eq!(desk.seen("m1").refusal, None);
    assert!(desk.store.retry_operation(first, NOW).is_err(), "it would ask twice");
    desk.visit_lands(again, on_server("77", "SN-1", VisitState::Confirmed, 30, "1"));
    let new = NewOperation { ticket_id: ticket, kind: asks("m1", "SN-1"), marker: "m4".into() };
    let refused = desk.store.request_visit(&new, "{}", true, NOW, NOW).unwrap_err();
    assert_eq!(refused.code, Code::VisitActionInvalid);
}

#[test]
fn what_is_taken_back_is_typed_again_nowhere() {
    let (desk, ticket) = Desk::with_ticket("T1");
    desk.store.put_visit_draft(ticket, Some(r#"{"step":2}"#), NOW).unwrap();
    let asked = desk.asks_for(ticket, "m1", "m1");
    desk.changes(ticket, "m1", VisitChange { findings: Some("风扇异响".into()), ..VisitChange::default() }, "m2");
    desk.store.discard_operation(asked).unwrap();
    let desk = desk.reopened();
    assert!(desk.keys().is_empty() && desk.store.pending_operations(ticket).unwrap().is_empty());
    let kept: serde_json::Value = serde_json::from_str(&desk.store.visit_draft(ticket).unwrap().unwrap()).unwrap();
    assert_eq!((kept["request"]["asset"].as_str(), kept["request"]["note"].as_str()), (Some("SN-1"), Some("带备件")));
    let draft = desk.store.draft(ticket).unwrap().unwrap();
    assert_eq!((draft.body.as_str(), draft.visibility), ("风扇异响", Visibility::Internal));
    desk.store.put_visit_draft(ticket, None, NOW).unwrap();
    assert_eq!(desk.store.visit_draft(ticket).unwrap().as_deref(), Some(r#"{"step":2}"#), "what was half typed is behind it");
}

#[test]
fn a_report_that_is_taken_back_is_half_written_again_with_its_ticks_and_drawing() {
    let (desk, ticket) = Desk::with_ticket("T1");
    desk.pulls(&[on_server("77", "SN-1", VisitState::Confirmed, 5, "1")]);
    let key = desk.keys().remove(0);
    desk.store.put_visit_draft(ticket, Some(&format!(r#"{{"step":2,"work {key}":{{"adding":"检查风道"}}}}"#)), NOW).unwrap();
    let report = |findings: &str| VisitChange {
        reason: "下午去".into(),
        checklist: Some(vec![CheckItem { text: "电源".into(), done: true, finding: String::new() }]),
        findings: Some(findings.into()),
        sign_off: Some(SignOff { name: "周启明".into(), at: NOW, drawing: Some("M1 1L9 9".into()) }),
        ..VisitChange::default()
    };
    let first = desk.changes(ticket, &key, report("已更换风扇"), "m1");
    desk.store.discard_operation(first).unwrap();
    let desk = desk.reopened();
    let kept: serde_json::Value = serde_json::from_str(&desk.store.visit_draft(ticket).unwrap().unwrap()).unwrap();
    let work = &kept[format!("work {key}")];
    assert_eq!(
        (work["findings"].as_str(), work["name"].as_str(), work["drawing"].as_str()),
        (Some("已更换风扇"), Some("周启明"), Some("M1 1L9 9"))
    );
    assert_eq!(
        (work["checklist"][0]["done"].as_bool(), work["adding"].as_str(), kept["step"].as_i64()),
        (Some(true), Some("检查风道"), Some(2))
    );
    assert_eq!(desk.store.draft(ticket).unwrap().unwrap().body, "下午去", "what has no place on the page lies beside the reply");

    // One that is being written already stands; the words of the other lie beside the reply as well.
    let second = desk.changes(ticket, &key, report("第二份"), "m2");
    desk.store.discard_operation(second).unwrap();
    let kept: serde_json::Value = serde_json::from_str(&desk.store.visit_draft(ticket).unwrap().unwrap()).unwrap();
    assert_eq!(kept[format!("work {key}")]["findings"].as_str(), Some("已更换风扇"));
    assert!(desk.store.draft(ticket).unwrap().unwrap().body.contains("第二份"));
}

#[test]
fn a_visit_that_moved_under_an_action_asks_and_mine_or_theirs_settles_it() {
    for keep in [Keep::Mine, Keep::Theirs] {
        let (desk, ticket) = Desk::with_ticket("T1");
        desk.pulls(&[on_server("77", "SN-1", VisitState::Confirmed, 5, "1")]);
        let key = desk.keys().remove(0);
        let cancel = || VisitChange { action: Some(VisitAction::Cancel), ..VisitChange::default() };
        let operation = desk.changes(ticket, &key, cancel(), "m1");
        desk.pulls(&[on_server("77", "SN-1", VisitState::Confirmed, 29, "2")]);
        assert!(matches!(desk.claims(operation).merge, Merge::Conflict(_)));
        desk.store.hold(operation, Code::ChangedMeanwhile, NOW).unwrap();
        let told = desk.store.visit_operations(&key).unwrap().remove(0).conflict.unwrap();
        assert!(told.mine.starts_with("cancelled") && told.theirs.contains(&NOW.plus_ms(29 * HOUR_MS).to_rfc3339()), "{told:?}");
        desk.store.resolve(operation, keep, NOW).unwrap();
        match keep {
            Keep::Mine => {
                let claimed = desk.claims(operation);
                assert!(matches!(claimed.merge, Merge::Send(_)));
                assert_eq!(claimed.outbound.visit_version, "2");
            }
            Keep::Theirs => assert!(desk.store.visit_operations(&key).unwrap().is_empty()),
        }
    }
}

#[test]
fn what_waits_behind_our_own_change_starts_from_what_came_of_it() {
    let (desk, ticket) = Desk::with_ticket("T1");
    let asked = desk.asks_for(ticket, "m1", "m1");
    let cancel = VisitChange { action: Some(VisitAction::Cancel), ..VisitChange::default() };
    let behind = desk.changes(ticket, "m1", cancel, "m2");
    desk.visit_lands(asked, on_server("77", "SN-1", VisitState::Confirmed, 5, "1"));
    assert!(matches!(desk.claims(behind).merge, Merge::Send(_)), "the slot is our own doing");
}

#[test]
fn lists_go_by_span_and_by_ticket_and_know_what_waits() {
    let (desk, ticket) = Desk::with_ticket("T1");
    let later = on_server("78", "SN-2", VisitState::Confirmed, 100, "1");
    let elsewhere = Visit { ticket_remote_id: "T9".into(), ..on_server("79", "SN-3", VisitState::Confirmed, 6, "1") };
    desk.pulls(&[on_server("77", "SN-1", VisitState::Confirmed, 5, "1"), later, elsewhere]);
    desk.asks_for(ticket, "m1", "m1");
    let names = |records: Vec<VisitRecord>| {
        let mut names: Vec<String> = records.into_iter().map(|one| format!("{}{}", one.remote_id, one.visit.asset)).collect();
        names.sort();
        names
    };
    let day =
        |from: i64, to: i64| names(desk.store.visits_between(NOW.plus_ms(from * HOUR_MS), NOW.plus_ms(to * HOUR_MS)).unwrap());
    assert_eq!(day(0, 24), ["77SN-1", "79SN-3", "SN-1"]);
    assert_eq!(day(6, 7), ["77SN-1", "79SN-3", "SN-1"], "it reaches into the hour");
    assert_eq!(day(90, 120), ["78SN-2", "SN-1"]);
    let move_it =
        VisitChange { action: Some(VisitAction::Reschedule), start: Some(NOW.plus_ms(95 * HOUR_MS)), ..VisitChange::default() };
    desk.changes(ticket, &format!("{}:77", desk.account.0), move_it, "m2");
    assert_eq!(day(90, 120), ["77SN-1", "78SN-2", "SN-1"], "it may come to lie there");
    assert_eq!(names(desk.store.visits_of_ticket(ticket).unwrap()), ["77SN-1", "78SN-2", "SN-1"]);
    // The ticket comes behind its visit.
    desk.apply(&Observations { tickets: vec![super::ticket("T9")], ..Observations::default() });
    assert_eq!(names(desk.store.visits_of_ticket(desk.ticket("T9")).unwrap()), ["79SN-3"]);
}

#[test]
fn sites_of_a_customer_are_remembered_whoever_typed_them() {
    let (desk, ticket) = Desk::with_ticket("T1");
    assert!(desk.store.known_sites(ticket, 9).unwrap().is_empty());
    desk.asks_for(ticket, "m1", "m1");
    desk.pulls(&[on_server("77", "SN-7", VisitState::Done, -50, "1")]);
    let known = desk.store.known_sites(ticket, 9).unwrap();
    assert!(known.iter().any(|text| text.contains("SN-7") && text.contains("王建国")), "{known:?}");
    assert!(known.iter().any(|text| text == r#"{"site":"一号机房"}"#), "{known:?}");
    assert_eq!(desk.store.known_sites(ticket, 1).unwrap().len(), 1);
}

#[test]
fn a_photo_is_a_file_of_the_ticket_and_listed_with_the_visit_both_or_neither() {
    let (desk, ticket) = Desk::with_ticket("T1");
    desk.pulls(&[on_server("77", "SN-1", VisitState::Done, -5, "1")]);
    let key = desk.keys().remove(0);
    let file = FileRef { sha256: "0".repeat(64), name: "机柜.jpg".into(), mime: "image/jpeg".into(), size_bytes: 3 };
    let attach = |file: &FileRef| OperationKind::Attach { file: file.clone(), visibility: Visibility::Public };
    let new = |marker: &str, file| NewOperation { ticket_id: ticket, kind: attach(file), marker: marker.into() };
    assert_eq!(desk.store.add_visit_photo(&key, &new("m1", &file), NOW, NOW).unwrap_err().code, Code::FileMissing);
    assert!(desk.seen(&key).photos.is_empty());
    let file = files::keep(&desk.store, "机柜.jpg", b"abc");
    let photo = desk.store.add_visit_photo(&key, &new("m2", &file), NOW, NOW).unwrap();
    assert_eq!(desk.store.add_visit_photo(&key, &new("m2", &file), NOW, NOW).unwrap(), photo);
    assert_eq!(desk.seen(&key).photos, std::slice::from_ref(&file));
    desk.pulls(&[on_server("77", "SN-1", VisitState::Done, -5, "2")]);
    assert_eq!(desk.seen(&key).photos, [file], "a pull leaves them");
    desk.store.discard_operation(photo).unwrap();
    assert!(desk.seen(&key).photos.is_empty());
    assert_eq!(desk.store.draft(ticket).unwrap().unwrap().files.len(), 1);
}

#[test]
fn an_account_goes_with_its_visits_and_a_ticket_never_sent_gives_its_words_back() {
    let (desk, ticket) = Desk::with_ticket("T1");
    desk.asks_for(ticket, "m1", "m1");
    desk.store.put_visit_draft(ticket, Some("{}"), NOW).unwrap();
    desk.store.remove_account(desk.account, true).unwrap();
    let rows = |table: &str| {
        desk.store
            .read(
                |connection| Ok(connection.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get::<_, i64>(0))?),
            )
            .unwrap()
    };
    assert_eq!([rows("visit"), rows("visit_draft"), rows("site")], [0, 0, 0]);
}

#[test]
fn a_damaged_database_gives_up_no_visit_that_was_asked_for() {
    let (desk, ticket) = Desk::with_ticket("T1");
    desk.asks_for(ticket, "m1", "m1");
    desk.pulls(&[on_server("77", "SN-1", VisitState::Confirmed, 5, "1")]);
    desk.apply(&Observations { tickets: vec![super::ticket("T2")], ..Observations::default() });
    let other = desk.ticket("T2");
    desk.store.put_visit_draft(other, Some(r#"{"step":1}"#), NOW).unwrap();
    let Desk { dir, key, store, account } = desk;
    drop(store);
    std::fs::write(dir.path().join("desk.damaged"), b"").unwrap();
    let store = Store::open(dir.path(), &key, NOW).unwrap();
    let desk = Desk { dir, key, store, account };
    assert_eq!(desk.seen("m1").ticket_id, Some(ticket));
    assert_eq!(desk.store.visit_operations("m1").unwrap().len(), 1);
    assert_eq!(desk.store.visit_draft(other).unwrap().as_deref(), Some(r#"{"step":1}"#));
    desk.pulls(&[on_server("77", "SN-1", VisitState::Confirmed, 5, "1")]);
    assert_eq!(desk.keys().len(), 2, "the pull finds its visit again");
}
