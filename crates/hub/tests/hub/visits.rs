//! Slots, holds and visits: who gets the last one, what is told to the other, and what may become of it.

use std::sync::OnceLock;

use chrono::{DateTime, Datelike, Days, NaiveTime, TimeZone, Utc, Weekday};
use deskbell_domain::directory::{Engineer, ServiceCentre, SlotRules};
use deskbell_domain::scheduling::{SlotAnswer, Visit};
use deskbell_domain::sla::calendar::{CalendarSpec, WeeklyHours};
use deskbell_hub::wire::{SlotAnswerDoc, VisitDoc};
use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::desk::{Desk, problem};

const HOUR: i64 = 3_600_000;

fn now() -> i64 {
    Utc::now().timestamp_millis()
}

/// A centre that is never closed, with visits of one hour and nothing around them, and one that is like it 60 km away.
fn centres(engineers: usize, change: impl Fn(&mut ServiceCentre)) -> String {
    let engineer = |at: &str, index: usize| Engineer {
        id: format!("{at}-{index}"),
        name: format!("演示工程师 {index}"),
        skills: vec!["hardware_inspection".into()],
        languages: vec!["zh-CN".into()],
    };
    let all_day = WeeklyHours::every_day(&[["00:00".to_owned(), "24:00".to_owned()]]);
    let centre = |id: &str, latitude: f64| ServiceCentre {
        remote_id: id.into(),
        city_zh: id.into(),
        latitude,
        longitude: 116.4,
        services: vec!["hardware_inspection".into()],
        calendar: Some(CalendarSpec::weekly("UTC", all_day.clone())),
        country: "CN".into(),
        engineers: (0..engineers).map(|index| engineer(id, index)).collect(),
        rules: SlotRules {
            slot_minutes: 60,
            capacity: u32::try_from(engineers).unwrap(),
            buffer_before_min: 0,
            buffer_after_min: 0,
            notice_min: 0,
            horizon_days: 366,
            travel_radius_km: 100,
            cancel_cutoff_min: 60,
        },
        ..ServiceCentre::default()
    };
    let mut list = vec![centre("near", 39.9), centre("far", 40.44)];
    list.iter_mut().for_each(change);
    serde_json::to_string(&list).unwrap()
}

async fn desk(engineers: usize) -> (Desk, String) {
    let desk = Desk::start(|config| config.centres = Some(centres(engineers, |_| {}))).await;
    let ticket = desk.new_ticket("ticket").await["id"].as_str().unwrap().to_owned();
    (desk, ticket)
}

/// The start of an hour, so many hours from the next one; the same all through a test.
fn hour(later: i64) -> i64 {
    static NEXT: OnceLock<i64> = OnceLock::new();
    (NEXT.get_or_init(|| now() / HOUR + 1) + later) * HOUR
}

fn wanted(ticket: &str, start: i64) -> Value {
    json!({ "ticket_id": ticket, "service": "hardware_inspection", "centre_id": "near", "start": start,
        "site": { "name": "机房", "address": "中关村大街 1 号", "city": "北京", "latitude": 39.95, "longitude": 116.4, "country": "CN" },
        "contact": { "name": "王建国", "phone": "010-8888 8888" } })
}

async fn post(desk: &Desk, path: &str, key: &str, body: &Value) -> Response {
    desk.ask(Method::POST, path).header("Idempotency-Key", key).json(body).send().await.unwrap()
}

async fn patch(desk: &Desk, id: &str, key: &str, version: Option<&str>, body: &Value) -> Response {
    let mut request = desk.ask(Method::PATCH, &format!("visits/{id}")).header("Idempotency-Key", key).json(body);
    if let Some(version) = version {
        request = request.header("If-Match", format!("\"{version}\""));
    }
    request.send().await.unwrap()
}

async fn made(response: Response) -> Visit {
    let status = response.status();
    let text = response.text().await.unwrap();
    assert!(status.is_success(), "{status} {text}");
    // The document's shape and the domain's are one.
    let documented: VisitDoc = serde_json::from_str(&text).unwrap();
    let visit: Visit = serde_json::from_str(&text).unwrap();
    assert_eq!(serde_json::to_value(&documented).unwrap(), serde_json::to_value(&visit).unwrap());
    visit
}

async fn refused(response: Response) -> (u16, Value) {
    assert_eq!(response.headers()["content-type"], "application/problem+json");
    (response.status().as_u16(), response.json().await.unwrap())
}

#[tokio::test]
async fn two_desks_race_for_the_last_slot_a_thousand_times_and_one_wins_each_time() {
    let (desk, ticket) = desk(1).await;
    for round in 0..1_000_i64 {
        let body = wanted(&ticket, hour(2 + round));
        let (one, other) = (format!("one-{round}"), format!("other-{round}"));
        let (one, other) = tokio::join!(post(&desk, "visits", &one, &body), post(&desk, "visits", &other, &body));
        let (winner, loser) = if one.status() == 201 { (one, other) } else { (other, one) };
        assert_eq!((winner.status().as_u16(), loser.status().as_u16()), (201, 409), "round {round}");
        let told = loser.json::<Value>().await.unwrap();
        assert_eq!(told["code"], "slot_taken", "round {round}");
        let alternatives = told["alternatives"].as_array().unwrap();
        assert_eq!(alternatives.len(), 5, "round {round}");
        assert!(alternatives.iter().all(|slot| slot["centre_id"] != "near" || slot["start"] != body["start"]), "round {round}");
        // The nearest in time is that very hour, at the other centre.
        assert_eq!((&alternatives[0]["centre_id"], &alternatives[0]["start"]), (&json!("far"), &body["start"]), "round {round}");
    }
    let mut after = 0;
    let mut starts = Vec::new();
    loop {
        let page = desk.get(&format!("visits?after={after}&limit=300")).await;
        starts.extend(page["visits"].as_array().unwrap().iter().map(|visit| visit["slot"]["start"].as_i64().unwrap()));
        after = page["next_after"].as_i64().unwrap();
        if page["more"] == false {
            break;
        }
    }
    starts.sort_unstable();
    starts.dedup();
    assert_eq!(starts.len(), 1_000, "one visit a round, no hour twice");
}

#[tokio::test]
async fn twenty_at_once_on_three_engineers_are_three_visits_of_three_people() {
    let (desk, ticket) = desk(3).await;
    let body = wanted(&ticket, hour(3));
    let keys: Vec<String> = (0..20).map(|index| format!("key-{index}")).collect();
    let answers = futures::future::join_all(keys.iter().map(|key| post(&desk, "visits", key, &body))).await;
    let mut who = Vec::new();
    for answer in answers {
        if answer.status() == 201 {
            who.push(made(answer).await.engineer_id.unwrap());
        }
    }
    who.sort();
    assert_eq!(who, ["near-0", "near-1", "near-2"]);
}

#[tokio::test]
async fn one_key_has_one_answer_and_another_body_under_it_is_a_conflict() {
    let (desk, ticket) = desk(2).await;
    let body = wanted(&ticket, hour(2));
    let first = post(&desk, "visits", "key", &body).await.text().await.unwrap();
    let again = post(&desk, "visits", "key", &body).await;
    assert_eq!(again.headers()["idempotency-replayed"], "true");
    assert_eq!((again.status().as_u16(), again.text().await.unwrap()), (201, first));
    let other = post(&desk, "visits", "key", &wanted(&ticket, hour(3))).await;
    assert_eq!(problem(other).await, (409, "idempotency_key_reused".to_owned()));
    let operation = desk.get("operations/key").await;
    assert_eq!((&operation["ticket_id"], &operation["visit_id"]), (&json!(ticket), &json!("1")));
    let hold = json!({ "centre_id": "near", "service": "hardware_inspection", "start": hour(5) });
    let one = post(&desk, "holds", "hold", &hold).await.text().await.unwrap();
    assert_eq!(post(&desk, "holds", "hold", &hold).await.text().await.unwrap(), one);
    let hold = json!({ "centre_id": "near", "service": "hardware_inspection", "start": hour(6) });
    assert_eq!(problem(post(&desk, "holds", "hold", &hold).await).await.0, 409);
}

#[tokio::test]
async fn a_hold_keeps_its_slot_for_whoever_has_it() {
    let (desk, ticket) = desk(1).await;
    let start = hour(4);
    let hold = json!({ "centre_id": "near", "service": "hardware_inspection", "start": start });
    let hold: Value = post(&desk, "holds", "hold", &hold).await.json().await.unwrap();
    let left = hold["expires_at"].as_i64().unwrap() - now();
    assert!((290_000..=300_000).contains(&left), "five minutes, {left}");
    let (status, told) = refused(post(&desk, "visits", "other", &wanted(&ticket, start)).await).await;
    assert_eq!((status, &told["code"], &told["reasons"][0]["code"]), (409, &json!("slot_taken"), &json!("full")));
    let path = format!("centres/near/slots?service=hardware_inspection&from={start}&to={}", start + HOUR);
    assert_eq!(desk.get(&path).await["slots"], json!([]));
    let mut mine = wanted(&ticket, start);
    mine["hold_id"] = hold["id"].clone();
    mine.as_object_mut().unwrap().remove("start");
    mine.as_object_mut().unwrap().remove("centre_id");
    let visit = made(post(&desk, "visits", "mine", &mine).await).await;
    assert_eq!((visit.slot.unwrap().start.0, visit.engineer_id.as_deref()), (start, Some("near-0")));
    let (status, told) = refused(post(&desk, "visits", "again", &mine).await).await;
    assert_eq!((status, &told["code"]), (409, &json!("hold_unknown")), "a hold is used once");
    let other = json!({ "centre_id": "near", "service": "hardware_inspection", "start": start + HOUR });
    let other: Value = post(&desk, "holds", "other-hold", &other).await.json().await.unwrap();
    let release = || desk.ask(Method::DELETE, &format!("holds/{}", other["id"].as_str().unwrap())).send();
    assert_eq!((release().await.unwrap().status().as_u16(), release().await.unwrap().status().as_u16()), (204, 404));
    made(post(&desk, "visits", "after-release", &wanted(&ticket, start + HOUR)).await).await;
}

#[tokio::test]
async fn a_window_gets_its_first_slot_at_the_nearest_centre_and_then_at_the_next() {
    let (desk, ticket) = desk(1).await;
    let mut body = wanted(&ticket, 0);
    for name in ["start", "centre_id"] {
        body.as_object_mut().unwrap().remove(name);
    }
    body["window"] = json!({ "from": hour(1) + 60_000, "to": hour(3) });
    let mut got = Vec::new();
    for key in ["1", "2"] {
        let slot = made(post(&desk, "visits", key, &body).await).await.slot.unwrap();
        got.push((slot.centre_id, slot.start.0));
    }
    assert_eq!(got, [("near".to_owned(), hour(2)), ("far".to_owned(), hour(2))]);
    let (status, told) = refused(post(&desk, "visits", "3", &body).await).await;
    assert_eq!((status, &told["code"], told["alternatives"].as_array().unwrap().len()), (409, &json!("slot_taken"), 5));
}

#[tokio::test]
async fn who_waits_gets_what_comes_free_the_oldest_first() {
    let (desk, ticket) = desk(1).await;
    let start = hour(5);
    let first = made(post(&desk, "visits", "first", &wanted(&ticket, start)).await).await;
    let mut body = wanted(&ticket, start);
    body["waitlist"] = json!(true);
    body["window"] = json!({ "from": start, "to": start + HOUR });
    let one = made(post(&desk, "visits", "one", &body).await).await;
    let two = made(post(&desk, "visits", "two", &body).await).await;
    assert_eq!((one.state.as_str(), two.state.as_str(), one.slot), ("waitlisted", "waitlisted", None));
    made(patch(&desk, &first.id, "cancel", None, &json!({ "action": "cancel", "reason": "恢复了" })).await).await;
    let state = async |id: &str| desk.get(&format!("visits/{id}")).await["state"].clone();
    assert_eq!((state(&one.id).await, state(&two.id).await), (json!("confirmed"), json!("waitlisted")));
}

#[tokio::test]
async fn a_visit_moves_is_called_off_and_done_and_the_feed_tells_each() {
    let (desk, ticket) = desk(1).await;
    let head = desk.get("changes?after=0").await["head"].as_i64().unwrap();
    let visit = made(post(&desk, "visits", "ask", &wanted(&ticket, hour(4))).await).await;
    let moved = patch(&desk, &visit.id, "move", Some(&visit.version), &json!({ "action": "reschedule", "start": hour(6) })).await;
    let moved = made(moved).await;
    assert_eq!((moved.sequence, moved.state.as_str(), moved.slot.as_ref().unwrap().start.0), (1, "confirmed", hour(6)));
    let stale = patch(&desk, &visit.id, "stale", Some(&visit.version), &json!({ "action": "cancel" })).await;
    assert_eq!(problem(stale).await, (412, "precondition_failed".to_owned()));
    let early = patch(&desk, &visit.id, "early", None, &json!({ "action": "done" })).await;
    assert_eq!(problem(early).await, (409, "visit_not_begun".to_owned()));
    let gone = made(patch(&desk, &visit.id, "cancel", Some(&moved.version), &json!({ "action": "cancel" })).await).await;
    assert_eq!((gone.sequence, gone.state.as_str()), (2, "cancelled"));
    let kinds: Vec<&str> = gone.history.iter().map(|event| event.kind.as_str()).collect();
    assert_eq!(kinds, ["requested", "confirmed", "rescheduled", "cancelled"]);
    let twice = refused(patch(&desk, &visit.id, "twice", None, &json!({ "action": "reschedule", "start": hour(8) })).await).await;
    assert_eq!((twice.0, &twice.1["code"], &twice.1["args"]["state"]), (409, &json!("visit_finished"), &json!("cancelled")));
    let soon = made(post(&desk, "visits", "soon", &wanted(&ticket, hour(0))).await).await;
    let late = refused(patch(&desk, &soon.id, "late", None, &json!({ "action": "cancel" })).await).await;
    assert_eq!((late.0, &late.1["code"]), (409, &json!("visit_past_cutoff")));
    let feed = desk.get(&format!("changes?after={head}")).await;
    let mut told = Vec::new();
    for change in feed["changes"].as_array().unwrap() {
        for event in change["ticket"]["events"].as_array().unwrap() {
            told.push(format!("{} {}", event["event"].as_str().unwrap(), event["visit"].as_str().unwrap()));
        }
    }
    assert_eq!(told, ["visit_requested 1", "visit_cancelled 1", "visit_requested 2"]);
    let last = feed["changes"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|change| change["ticket"]["visits"][0]["id"] == "1")
        .collect::<Vec<_>>();
    assert_eq!((last.len(), &last[0]["ticket"]["visits"][0]["state"]), (1, &json!("cancelled")), "once, as it is now");
    let whole = desk.get(&format!("tickets/{ticket}?include=events")).await;
    assert_eq!(whole["visits"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn findings_and_a_signature_are_kept_with_the_visit() {
    let (desk, ticket) = desk(1).await;
    let visit = made(post(&desk, "visits", "ask", &wanted(&ticket, hour(3))).await).await;
    assert!(visit.checklist.len() >= 5 && visit.checklist.iter().all(|item| !item.done));
    let mut checklist = serde_json::to_value(&visit.checklist).unwrap();
    checklist[0]["done"] = json!(true);
    checklist[0]["finding"] = json!("序列号不符");
    let body = json!({ "checklist": checklist, "findings": "更换电源模块", "sign_off": { "name": "王建国", "at": now(), "drawing": "M0 0L10 10" } });
    let kept = made(patch(&desk, &visit.id, "words", Some(&visit.version), &body).await).await;
    assert_eq!((kept.checklist[0].finding.as_str(), kept.findings.as_str()), ("序列号不符", "更换电源模块"));
    assert_eq!((kept.sign_off.unwrap().name.as_str(), kept.state.as_str(), kept.sequence), ("王建国", "confirmed", 0));
    let unsigned = json!({ "sign_off": { "name": " ", "at": 0 } });
    let told = refused(patch(&desk, &visit.id, "nobody", None, &unsigned).await).await;
    assert_eq!((told.0, &told.1["problems"][0]["field"]), (400, &json!("sign_off.name")));
}

#[tokio::test]
async fn what_is_wrong_with_a_request_is_said_whole_and_nothing_is_saved() {
    let (desk, ticket) = desk(1).await;
    let wrong = async |change: &dyn Fn(&mut Value)| {
        let mut body = wanted(&ticket, hour(3));
        change(&mut body);
        let (status, told) = refused(post(&desk, "visits", "key", &body).await).await;
        (status, told["code"].as_str().unwrap().to_owned())
    };
    let code = |code: &str| (400, code.to_owned());
    assert_eq!(wrong(&|body| body["start"] = json!(now() - HOUR)).await, code("window_past"));
    assert_eq!(wrong(&|body| body["site"]["country"] = json!("SG")).await, code("site_abroad"));
    assert_eq!(wrong(&|body| body["site"]["latitude"] = json!(22.5)).await, code("site_too_far"));
    assert_eq!(wrong(&|body| body["contact"]["phone"] = json!("call me")).await, code("phone_number_invalid"));
    assert_eq!(wrong(&|body| body["centre_id"] = json!("atlantis")).await, code("centre_unknown"));
    assert_eq!(wrong(&|body| body["service"] = json!("network_stress_test")).await, code("service_not_offered"));
    assert_eq!(wrong(&|body| body["service"] = json!("massage")).await, code("invalid_request"));
    assert_eq!(wrong(&|body| body["start"] = Value::Null).await, code("value_missing"));
    let window = |from: i64, to: i64| json!({ "from": from, "to": to });
    assert_eq!(wrong(&|body| body["window"] = window(hour(3), hour(2))).await, code("window_reversed"));
    let off_grid = wrong(&|body| body["start"] = json!(hour(3) + 60_000)).await;
    assert_eq!(off_grid, (409, "slot_unavailable".to_owned()));
    let both = {
        let mut body = wanted(&ticket, hour(3));
        body["site"]["address"] = json!("");
        body["site"]["name"] = json!("");
        body["contact"] = json!({ "name": "", "phone": "x" });
        refused(post(&desk, "visits", "key", &body).await).await.1
    };
    let fields: Vec<&str> = both["problems"].as_array().unwrap().iter().map(|one| one["field"].as_str().unwrap()).collect();
    assert_eq!(fields, ["site.address", "contact.name", "contact.name", "contact.phone"]);
    let nobody = post(&desk, "visits", "key", &wanted("999999", hour(3))).await;
    assert_eq!(problem(nobody).await.0, 404);
    assert_eq!(desk.get("visits").await["visits"], json!([]));
    let slots = |query: String| desk.ask(Method::GET, &format!("centres/near/slots?{query}")).send();
    let base = format!("service=hardware_inspection&from={}", hour(0));
    let told = problem(slots(format!("{base}&to={}", hour(24 * 93))).await.unwrap()).await;
    assert_eq!(told, (400, "window_too_long".to_owned()));
    let told = problem(slots(format!("{base}&to={}&lat=91&lon=1", hour(3))).await.unwrap()).await;
    assert_eq!(told, (400, "coordinates_missing".to_owned()));
}

#[tokio::test]
async fn the_shipped_centres_keep_hours_with_holidays_and_answer_for_a_site() {
    let desk = Desk::start(|_| {}).await;
    let list = desk.get("centres").await;
    let list = list["centres"].as_array().unwrap();
    assert_eq!(list.len(), 28);
    for centre in list {
        assert!(centre["engineers"].as_array().unwrap().len() >= 6, "{}", centre["city_en"]);
        assert!(centre["engineers"].as_array().unwrap().iter().all(|one| one["name"].as_str().unwrap().ends_with("（演示）")));
        assert!(centre["calendar"]["shifts"].as_object().unwrap().values().all(|spans| spans[0] == json!(["09:00", "18:00"])));
    }
    let beijing = list[0]["id"].as_str().unwrap();
    let from = now();
    let path = |lat: f64, lon: f64| {
        format!(
            "centres/{beijing}/slots?service=security_hardening&from={from}&to={}&lat={lat}&lon={lon}&language=en,zh",
            from + 20 * 24 * HOUR
        )
    };
    let text = desk.get(&path(39.98, 116.31)).await;
    let answer: SlotAnswer = serde_json::from_value(text.clone()).unwrap();
    let documented: SlotAnswerDoc = serde_json::from_value(text.clone()).unwrap();
    assert_eq!(serde_json::to_value(documented).unwrap(), text);
    assert!(answer.slots.len() > 20, "{}", answer.slots.len());
    let shanghai = |at: i64| DateTime::<Utc>::from_timestamp_millis(at).unwrap().with_timezone(&chrono_tz::Asia::Shanghai);
    for slot in &answer.slots {
        let (start, end) = (shanghai(slot.start.0), shanghai(slot.end.0));
        let time = |hour, minute| NaiveTime::from_hms_opt(hour, minute, 0).unwrap();
        assert!(start.time() >= time(9, 30) && end.time() <= time(17, 30), "{start} {end}");
    }
    let far = desk.get(&path(31.2, 121.4)).await;
    assert_eq!((&far["slots"], &far["why_none"][0]["code"]), (&json!([]), &json!("too_far")));
    let lines = desk.get("directory").await["phone_lines"].clone();
    assert_eq!(
        (&lines[1]["for_outage"], &lines[2]["contract"], &lines[2]["dialects"]),
        (&json!(true), &json!("enterprise"), &json!(["yue", "nan"]))
    );
}

#[tokio::test]
async fn a_visit_outside_hours_is_unavailable_and_says_when_it_opens() {
    let day = WeeklyHours::weekdays(&[["09:00".to_owned(), "17:00".to_owned()]]);
    let hours = |centre: &mut ServiceCentre| centre.calendar = Some(CalendarSpec::weekly("UTC", day.clone()));
    let desk = Desk::start(|config| config.centres = Some(centres(1, hours))).await;
    let ticket = desk.new_ticket("ticket").await["id"].as_str().unwrap().to_owned();
    let mut sunday = Utc::now().date_naive() + Days::new(1);
    while sunday.weekday() != Weekday::Sun {
        sunday = sunday.succ_opt().unwrap();
    }
    let start = Utc.from_utc_datetime(&sunday.and_hms_opt(10, 0, 0).unwrap()).timestamp_millis();
    let (status, told) = refused(post(&desk, "visits", "sunday", &wanted(&ticket, start)).await).await;
    let monday = format!("{}T09:00:00Z", sunday.succ_opt().unwrap());
    assert_eq!((status, &told["code"]), (409, &json!("slot_unavailable")));
    assert_eq!((&told["reasons"][0]["code"], &told["reasons"][0]["args"]["opens_at"]), (&json!("closed"), &json!(monday)));
    assert_eq!(told["alternatives"].as_array().unwrap().len(), 5);
}
