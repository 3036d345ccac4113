//! A change of a visit against the visit as it is by now.

use crate::directory::Contact;
use crate::scheduling::{
    Service, Site, Slot, Visit, VisitAction, VisitChange, VisitSeen, VisitState, is_our_doing, merge_visit, visit_conflict,
    visit_started_from,
};
use crate::sync::merge::Merge;
use crate::sync::op::OperationKind;
use crate::time::{HOUR_MS, UtcMs};

const TUESDAY: UtcMs = UtcMs(1_795_485_600_000);

fn visit(state: VisitState, start: Option<UtcMs>) -> Visit {
    let slot = |start: UtcMs| Slot {
        centre_id: "c1".into(),
        start,
        end: start.plus_ms(2 * HOUR_MS),
        engineer_ids: vec!["e1".into()],
        free: 0,
    };
    Visit {
        id: "7".into(),
        ticket_remote_id: "T".into(),
        service: Service::HardwareInspection,
        site: Site::default(),
        contact: Contact::default(),
        asset: String::new(),
        note: String::new(),
        window: None,
        centre_id: "c1".into(),
        slot: start.map(slot),
        engineer_id: Some("e1".into()),
        state,
        requested_at: TUESDAY,
        history: Vec::new(),
        checklist: Vec::new(),
        findings: String::new(),
        sign_off: None,
        sequence: 0,
        version: "3".into(),
    }
}

fn change(change: VisitChange, seen: &Visit) -> OperationKind {
    OperationKind::ChangeVisit { visit: "k".into(), change: Box::new(change), seen: Some(VisitSeen::of(seen)) }
}

fn action(action: VisitAction, start: Option<UtcMs>) -> VisitChange {
    VisitChange { action: Some(action), start, ..VisitChange::default() }
}

#[test]
fn words_go_out_on_whatever_the_visit_is_and_actions_only_on_what_was_seen() {
    use VisitAction::{Cancel, Complete, Edit, Reschedule};
    use VisitState::{Cancelled, Confirmed, Done, Waitlisted};
    let wednesday = TUESDAY.plus_ms(24 * HOUR_MS);
    let seen = visit(Confirmed, Some(TUESDAY));
    let findings = VisitChange { findings: Some("ok".into()), ..VisitChange::default() };
    let done_with = |findings: &str| VisitChange { findings: Some(findings.into()), ..action(Complete, None) };
    let asked = |start| VisitChange { action: Some(Reschedule), start: Some(start), ..VisitChange::default() };
    let send = "send";
    let table = [
        ("nothing moved", action(Cancel, None), visit(Confirmed, Some(TUESDAY)), send),
        ("words on a visit that moved", findings.clone(), visit(Confirmed, Some(wednesday)), send),
        ("words on one that is done", VisitChange { action: Some(Edit), ..findings }, visit(Done, Some(TUESDAY)), send),
        ("called off there too", action(Cancel, None), visit(Cancelled, Some(TUESDAY)), "so"),
        ("moved to the same time there too", asked(wednesday), visit(Confirmed, Some(wednesday)), "so"),
        ("done there too, and findings", done_with("ok"), visit(Done, Some(TUESDAY)), "words"),
        ("it was moved elsewhere", action(Cancel, None), visit(Confirmed, Some(wednesday)), "ask"),
        ("it was called off", asked(wednesday), visit(Cancelled, Some(TUESDAY)), "ask"),
        ("it fell back to the list", action(Complete, None), visit(Waitlisted, None), "ask"),
    ];
    for (why, wanted, remote, expect) in table {
        let kind = change(wanted, &seen);
        let got = match merge_visit(&kind, &remote) {
            Merge::Send(sent) if sent == kind => send,
            Merge::Send(OperationKind::ChangeVisit { change, .. }) if change.action.is_none() && change.findings.is_some() => {
                "words"
            }
            Merge::Send(other) => panic!("{why}: {other:?}"),
            Merge::AlreadySo => "so",
            Merge::Conflict(_) => "ask",
        };
        assert_eq!(got, expect, "{why}");
    }
}

#[test]
fn a_conflict_tells_all_three_and_mine_starts_from_theirs() {
    let wednesday = TUESDAY.plus_ms(24 * HOUR_MS);
    let (seen, remote) = (visit(VisitState::Confirmed, Some(TUESDAY)), visit(VisitState::Confirmed, Some(wednesday)));
    let kind = change(action(VisitAction::Cancel, None), &seen);
    let told = visit_conflict(&kind, &remote).unwrap();
    assert_eq!(told.field, "visit");
    assert_eq!(told.base, format!("confirmed {}", TUESDAY.to_rfc3339()));
    assert_eq!(told.mine, format!("cancelled {}", TUESDAY.to_rfc3339()));
    assert_eq!(told.theirs, format!("confirmed {}", wednesday.to_rfc3339()));
    assert_eq!(merge_visit(&visit_started_from(&kind, &remote), &remote), Merge::Send(visit_started_from(&kind, &remote)));
}

#[test]
fn an_operation_of_an_older_version_leaves_it_to_the_server() {
    let change = Box::new(action(VisitAction::Cancel, None));
    let kind: OperationKind =
        serde_json::from_str(r#"{"kind":"change_visit","visit":"k","change":{"action":"cancel"}}"#).unwrap();
    assert_eq!(kind, OperationKind::ChangeVisit { visit: "k".into(), change, seen: None });
    assert_eq!(merge_visit(&kind, &visit(VisitState::Waitlisted, None)), Merge::Send(kind.clone()));
}

#[test]
fn what_waits_behind_starts_anew_from_our_own_doing_only() {
    let wednesday = TUESDAY.plus_ms(24 * HOUR_MS);
    let seen = visit(VisitState::Confirmed, Some(TUESDAY));
    let moved = change(action(VisitAction::Reschedule, Some(wednesday)), &seen);
    let words = change(VisitChange { note: Some("n".into()), ..VisitChange::default() }, &seen);
    let there = |start| visit(VisitState::Confirmed, Some(start));
    for (why, kind, after, expect) in [
        ("moved as we wanted", &moved, there(wednesday), true),
        ("moved on by somebody else since", &moved, there(TUESDAY.plus_ms(HOUR_MS)), false),
        ("our words came upon a visit that somebody else moved", &words, there(wednesday), false),
    ] {
        assert_eq!(is_our_doing(kind, &after), expect, "{why}");
    }
}
