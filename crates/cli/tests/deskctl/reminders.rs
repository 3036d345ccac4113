//! `deskctl reminders`: what comes, what rang, seen and snoozed.

use deskbell_domain::UtcMs;
use deskbell_domain::time::HOUR_MS;
use deskbell_engine::ports::Clock as _;
use deskbell_engine::reminders;
use deskbell_engine::system::SystemClock;
use serde_json::{Value, json};

use crate::support::Desk;

/// A desk with a session in three hours, of which a day and an hour before are told; the first of them has rung.
async fn desk_that_rang() -> (Desk, UtcMs) {
    let desk = Desk::with_ticket();
    let start = UtcMs((SystemClock.now().0 + 3 * HOUR_MS) / 1_000 * 1_000);
    let at = start.to_rfc3339();
    let plan =
        ["diagnosis", "plan", "--ticket", "1", "--title", "云医生会诊", "--with", "林夏", "--remind", "1440", "--remind", "60"];
    desk.json(&[plan.as_slice(), &["--start", &at]].concat());
    assert_eq!(desk.json(&["reminders", "list"]), json!([]), "nothing rang yet");
    let engine = desk.engine();
    assert_eq!(reminders::look(&engine).await.unwrap(), 1);
    (desk, start)
}

fn ids(list: &Value) -> Vec<i64> {
    list.as_array().unwrap().iter().map(|one| one["id"].as_i64().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_and_what_rang_are_told_apart() {
    let (desk, start) = desk_that_rang().await;
    let coming = desk.json(&["reminders", "coming"]);
    assert_eq!(coming.as_array().unwrap().len(), 1, "{coming}");
    let one = &coming[0];
    assert_eq!(
        (one["kind"].as_str(), one["lead_min"].as_i64(), one["start_at"].as_i64()),
        (Some("diagnosis"), Some(60), Some(start.0))
    );
    assert_eq!((one["due_at"].as_i64(), one["ticket_id"].as_i64()), (Some(start.0 - HOUR_MS), Some(1)));
    let rang = desk.json(&["reminders", "list", "--open"]);
    assert_eq!(rang.as_array().unwrap().len(), 1, "{rang}");
    let one = &rang[0];
    assert_eq!(
        (one["lead_min"].as_i64(), one["open"].as_bool(), one["about"]["who"].as_str()),
        (Some(1_440), Some(true), Some("林夏"))
    );
    let (coming, rang) = (desk.text(&["reminders", "coming"]), desk.text(&["reminders", "list"]));
    assert!(coming.contains("1 h before") && coming.contains("云医生会诊 · 林夏"), "{coming}");
    assert!(rang.contains("1 d before") && rang.contains("\topen\t"), "{rang}");
    assert_eq!(desk.json(&["reminders", "coming", "--days", "1"]).as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reminder_is_snoozed_and_seen_and_of_a_wrong_id_nothing_is_done() {
    let (desk, start) = desk_that_rang().await;
    let id = ids(&desk.json(&["reminders", "list"]))[0].to_string();
    let before = SystemClock.now();
    let snoozed = desk.json(&["reminders", "snooze", &id, "--minutes", "30"]);
    let until = snoozed[0]["snoozed_until"].as_i64().unwrap();
    assert!((before.0 + HOUR_MS / 2..start.0).contains(&until), "{until}");
    // Never past the start.
    let snoozed = desk.json(&["reminders", "snooze", &id, "--minutes", "600"]);
    assert_eq!(snoozed[0]["snoozed_until"].as_i64(), Some(start.0));
    for wrong in [["reminders", "ack", &id, "99"], ["reminders", "snooze", &id, "99"]] {
        let failure = desk.failure(&wrong);
        assert_eq!(
            (failure["code"].as_str(), failure["args"]["field"].as_str()),
            (Some("input_invalid"), Some("reminder")),
            "{failure}"
        );
        let one = &desk.json(&["reminders", "list"])[0];
        assert_eq!((one["acknowledged_at"].as_i64(), one["snoozed_until"].as_i64()), (None, Some(start.0)));
    }
    assert_eq!(desk.json(&["reminders", "ack", &id]), json!({ "reminders": [id.parse::<i64>().unwrap()] }));
    assert_eq!(desk.json(&["reminders", "list", "--open"]), json!([]));
    let one = &desk.json(&["reminders", "list"])[0];
    assert!(one["acknowledged_at"].is_i64() && one["snoozed_until"].is_null() && one["open"] == false, "{one}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_called_off_is_not_snoozed() {
    let (desk, _) = desk_that_rang().await;
    desk.json(&["diagnosis", "cancel", "1", "--reason", "客户改期"]);
    assert_eq!(desk.json(&["reminders", "coming"]), json!([]));
    reminders::look(&desk.engine()).await.unwrap();
    let id = ids(&desk.json(&["reminders", "list"]))[0].to_string();
    let failure = desk.failure(&["reminders", "snooze", &id]);
    assert!(failure["args"]["detail"].as_str().unwrap().contains("called off"), "{failure}");
    assert!(desk.text(&["reminders", "list"]).contains("\tover\t"));
    assert_eq!(desk.run(&["reminders", "snooze", &id, "--minutes", "0"]).status.code(), Some(2));
}
