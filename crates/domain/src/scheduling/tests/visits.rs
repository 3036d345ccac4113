//! The life of a visit, and what is wrong with a request.

use super::*;
use crate::directory::Contact;
use crate::error::Code;

const START: &str = "2026-11-20T10:00:00+08:00";

fn timing(now: &str) -> Timing {
    Timing { now: at(now), start: Some(at(START)), cancel_cutoff_min: 240 }
}

/// Why, state, action, now, the state after it or the code of why not.
type Step<'a> = (&'a str, VisitState, VisitAction, &'a str, Result<VisitState, Code>);

#[test]
fn what_may_become_of_a_visit() {
    use VisitAction as A;
    use VisitState as S;
    let before = "2026-11-20T06:00:00+08:00";
    let late = "2026-11-20T06:00:01+08:00";
    let during = "2026-11-20T10:00:00+08:00";
    let table: Vec<Step<'_>> = vec![
        ("the centre says yes", S::Requested, A::Confirm, before, Ok(S::Confirmed)),
        ("and no", S::Requested, A::Decline, before, Ok(S::Declined)),
        ("the customer thinks again", S::Requested, A::Cancel, late, Ok(S::Cancelled)),
        ("nothing is free", S::Requested, A::Waitlist, before, Ok(S::Waitlisted)),
        ("a slot came free", S::Waitlisted, A::Confirm, before, Ok(S::Confirmed)),
        ("another slot is taken instead of waiting", S::Waitlisted, A::Reschedule, before, Ok(S::Confirmed)),
        ("waiting twice", S::Waitlisted, A::Waitlist, before, Err(Code::VisitActionInvalid)),
        ("moved at the cut-off itself", S::Confirmed, A::Reschedule, before, Ok(S::Confirmed)),
        ("moved a second too late", S::Confirmed, A::Reschedule, late, Err(Code::VisitPastCutoff)),
        ("cancelled at the cut-off itself", S::Confirmed, A::Cancel, before, Ok(S::Cancelled)),
        ("cancelled a second too late", S::Confirmed, A::Cancel, late, Err(Code::VisitPastCutoff)),
        ("the centre can call it off until it begins", S::Confirmed, A::Decline, late, Ok(S::Declined)),
        ("and not when it has begun", S::Confirmed, A::Decline, during, Err(Code::VisitPastCutoff)),
        ("done before it began", S::Confirmed, A::Complete, late, Err(Code::VisitNotBegun)),
        ("done once it has begun", S::Confirmed, A::Complete, during, Ok(S::Done)),
        ("done without ever being confirmed", S::Requested, A::Complete, during, Err(Code::VisitActionInvalid)),
        ("confirmed twice", S::Confirmed, A::Confirm, before, Err(Code::VisitActionInvalid)),
        ("what is done stays", S::Done, A::Cancel, before, Err(Code::VisitFinished)),
        ("findings come later", S::Done, A::Edit, during, Ok(S::Done)),
        ("what is cancelled stays", S::Cancelled, A::Reschedule, before, Err(Code::VisitFinished)),
        ("what is cancelled has no more words", S::Cancelled, A::Edit, before, Err(Code::VisitFinished)),
        ("what is declined stays", S::Declined, A::Confirm, before, Err(Code::VisitFinished)),
    ];
    for (why, state, action, now, expect) in table {
        assert_eq!(plan_visit(state, action, &timing(now)).map_err(|problem| problem.code()), expect, "{why}");
    }
    for state in VisitState::ALL {
        for action in VisitAction::ALL {
            if let Ok(next) = plan_visit(*state, *action, &timing(before)) {
                assert!(!state.is_final() || next == *state, "{state:?} {action:?}: nothing leaves a final state");
            }
        }
    }
    let late = plan_visit(VisitState::Confirmed, VisitAction::Cancel, &timing(late)).unwrap_err();
    assert_eq!(late.args()["cutoff"], "2026-11-19T22:00:00Z");
}

fn request() -> VisitRequest {
    VisitRequest {
        ticket_remote_id: "T-1".into(),
        service: Service::HardwareInspection,
        site: Site {
            address: "中关村大街 1 号".into(),
            city: "北京".into(),
            country: "CN".into(),
            latitude: Some(39.98),
            longitude: Some(116.31),
            ..Site::default()
        },
        contact: Contact { name: "王建国".into(), phone: "010-8888 8888".into(), ..Contact::default() },
        asset: String::new(),
        window: Window { from: at("2026-11-20T00:00:00+08:00"), to: at("2026-11-22T00:00:00+08:00") },
        centre: Some("beijing".into()),
        note: String::new(),
    }
}

#[test]
fn what_is_wrong_with_a_request_is_named_by_field() {
    let now = at("2026-11-19T08:00:00+08:00");
    let centre = beijing();
    assert_eq!(check_request(&request(), Some(&centre), now), []);
    let change = |change: &dyn Fn(&mut VisitRequest)| {
        let mut request = request();
        change(&mut request);
        check_request(&request, Some(&centre), now).into_iter().map(|one| (one.field, one.code)).collect::<Vec<_>>()
    };
    let one = |field: &str, code| vec![(field.to_owned(), code)];
    assert_eq!(change(&|it| it.window.to = it.window.from), one("window", Code::WindowReversed));
    assert_eq!(change(&|it| it.window = Window { from: UtcMs(0), to: now }), one("window", Code::WindowPast));
    assert_eq!(change(&|it| it.window.to = it.window.from.plus_ms(93 * crate::time::DAY_MS)), one("window", Code::WindowTooLong));
    assert_eq!(change(&|it| it.site.country = "SG".into()), one("site.country", Code::SiteAbroad));
    assert_eq!(change(&|it| it.site.latitude = Some(31.2)), one("site", Code::SiteTooFar));
    assert_eq!(change(&|it| it.site.latitude = Some(131.2)), one("site.latitude", Code::CoordinatesMissing));
    assert_eq!(change(&|it| it.site.latitude = None), one("site.latitude", Code::CoordinatesMissing), "half a place is none");
    assert_eq!(change(&|it| it.site.address.clear()), one("site.address", Code::ValueMissing));
    assert_eq!(change(&|it| it.contact.phone = "ring twice".into()), one("contact.phone", Code::PhoneNumberInvalid));
    assert_eq!(change(&|it| it.contact.phone.clear()), one("contact.phone", Code::ValueMissing));
    assert_eq!(change(&|it| it.contact.email = "wang at example".into()), one("contact.email", Code::MailAddressInvalid));
    assert_eq!(change(&|it| it.service = Service::NetworkStressTest), one("service", Code::ServiceNotOffered));
    assert_eq!(change(&|it| it.note = "长".repeat(2_001)), one("note", Code::TextTooLong));
}

#[test]
fn every_service_has_its_checklist_in_both_languages() {
    for service in Service::ALL {
        let (zh, en) = (checklist(*service, Language::Zh), checklist(*service, Language::En));
        assert!(zh.len() >= 5 && zh.len() == en.len(), "{service:?}");
        assert!(zh.iter().chain(&en).all(|item| !item.text.is_empty() && !item.done));
    }
}

#[test]
fn a_visit_of_an_older_server_is_read() {
    let text = r#"{"id":"7","ticket_remote_id":"100001","service":"security_hardening","site":{"name":"","address":"x","city":"北京"},
        "contact":{"name":"王"},"state":"requested","requested_at":1}"#;
    let visit: Visit = serde_json::from_str(text).unwrap();
    assert_eq!((visit.state, visit.sequence, visit.slot), (VisitState::Requested, 0, None));
}
