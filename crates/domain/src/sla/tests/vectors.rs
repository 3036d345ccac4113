use serde_json::Value;

use crate::sla::cases::evaluate_file;

const FILE: &str = include_str!("../../../../../tests/fixtures/sla/sla_cases.json");

#[test]
fn every_published_case_holds() {
    let file: Value = serde_json::from_str(FILE).expect("the fixture is JSON");
    let answer = evaluate_file(&file);
    let results = answer["results"].as_array().expect("a list of results");
    let cases = file["cases"].as_array().expect("a list of cases");
    assert_eq!((cases.len(), results.len()), (98, 98));
    let mut wrong = Vec::new();
    for (case, result) in cases.iter().zip(results) {
        assert_eq!(case["id"], result["id"]);
        let expect = case["expect"].as_object().expect("an expectation");
        let holds = expect.iter().filter(|(key, _)| !["alt", "tolerance_s"].contains(&key.as_str())).all(|(key, value)| {
            match (value.as_i64(), result[key].as_i64(), expect.get("tolerance_s").and_then(Value::as_i64)) {
                (Some(value), Some(found), Some(tolerance)) => (value - found).abs() <= tolerance,
                _ => result[key] == *value,
            }
        });
        if !holds {
            wrong.push(format!("{} expected {} found {result}", case["id"], case["expect"]));
        }
    }
    assert!(wrong.is_empty(), "{} of 98 do not hold:\n{}", wrong.len(), wrong.join("\n"));
}
