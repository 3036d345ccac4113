use serde_json::{Value, json};

use crate::sla::cases::evaluate_file;

#[test]
fn a_case_that_cannot_be_read_keeps_no_other_from_its_answer() {
    let deadline = |id: &str, key: &str, value: Value| {
        let mut case = json!({
            "id": id, "kind": "deadline", "calendar": "week", "start": "2026-01-05T10:00:00Z",
            "target": { "value": 1, "unit": "hour" }, "pauses": []
        });
        case[key] = value;
        case
    };
    let table = [
        (deadline("a", "start", json!("yesterday")), "instant_invalid"),
        (deadline("b", "start", json!(17)), "field_invalid"),
        (deadline("c", "target", json!({ "value": -1, "unit": "hour" })), "target_invalid"),
        (deadline("d", "target", json!({ "value": 1, "unit": "fortnight" })), "target_invalid"),
        (deadline("e", "calendar", json!("unheard of")), "calendar_unknown"),
        (deadline("f", "calendar", json!("broken")), "time_zone_unknown"),
        (deadline("g", "kind", json!("divine")), "kind_unknown"),
        (deadline("h", "pauses", json!([["2026-01-05T10:00:00Z"]])), "pauses_invalid"),
        (deadline("i", "pauses", json!([["2026-01-05T10:00:00Z", "2026-01-05T09:00:00Z"]])), "pauses_invalid"),
        (deadline("j", "pauses", json!([["2026-01-05T10:00:00Z", null]])), "never_due"),
        (json!({ "id": "k", "calendar": "week" }), "field_missing"),
        (json!("l"), "case_invalid"),
        (
            json!({ "id": "m", "kind": "periods", "calendar": "week", "start": "2026-01-05T10:00:00Z", "take": -1 }),
            "field_invalid",
        ),
        (json!({ "id": "n", "kind": "workday", "calendar": "week", "date": "2026-13-01" }), "date_invalid"),
        (json!({ "id": "o", "kind": "local_to_utc", "calendar": "week", "local": "noon" }), "local_time_invalid"),
    ];
    let mut cases: Vec<Value> = table.iter().map(|(case, _)| case.clone()).collect();
    cases.push(deadline("good", "note", json!("")));
    let answer = evaluate_file(&json!({
        "calendars": { "week": { "tz": "UTC", "hours": { "mon": [["09:00", "17:00"]] } }, "broken": { "tz": "X", "hours": {} } },
        "cases": cases
    }));
    let results = answer["results"].as_array().expect("results");
    assert_eq!(results.len(), table.len() + 1);
    for ((case, code), result) in table.iter().zip(results) {
        assert_eq!(result["error"]["code"], *code, "{result}");
        assert_eq!(Some(&result["id"]), case.get("id").or(Some(&Value::Null)));
    }
    assert_eq!(results[table.len()], json!({ "id": "good", "deadline_utc": "2026-01-05T11:00:00Z" }));
}

#[test]
fn a_file_that_is_none_says_so() {
    for file in [json!(null), json!([]), json!({ "cases": {} })] {
        let answer = evaluate_file(&file);
        assert_eq!((&answer["results"], &answer["error"]["code"]), (&json!([]), &json!("not_a_case_file")));
    }
}
