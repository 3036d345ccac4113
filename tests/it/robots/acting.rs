//! Robots name whoever answers for the customer, and mention them where the platform can.

use deskbell_domain::people::{Absence, Care, Person};
use deskbell_domain::time::DAY_MS;

use super::*;

/// The customer of the first alert is answered for by 林夏, who is away, and by 陈默, whose card has a mobile number.
async fn answered_for(scene: &Scene) -> AlertRecord {
    let alert = scene.alerts[0].clone();
    let card = scene.engine.customer_of_ticket(alert.ticket_id).await.unwrap().unwrap();
    let care = Care { manager: "林夏".to_owned(), deputy: "陈默".to_owned() };
    scene.engine.put_care(card.account, card.remote_id, care).await.unwrap();
    let now = scene.clock.now();
    let absence = Absence { from: now.plus_ms(-HOUR_MS), to: now.plus_ms(DAY_MS), ..Absence::default() };
    let person = |name: &str, phone: &str, absences| Person {
        name: name.to_owned(),
        phone: phone.to_owned(),
        absences,
        ..Person::default()
    };
    scene.engine.put_person(person("林夏", "13800000001", vec![absence])).await.unwrap();
    scene.engine.put_person(person("陈默", "+86 139-1234-5678", Vec::new())).await.unwrap();
    alert
}

#[tokio::test(flavor = "multi_thread")]
async fn the_deputy_is_named_and_mentioned_where_the_platform_names_mobile_numbers() {
    let scene = Scene::new(Some(SECRET)).await;
    let alert = answered_for(&scene).await;
    let named = RobotRule { mention: vec!["user007".to_owned()], ..rule() };
    for kind in [RobotKind::Dingtalk, RobotKind::Wecom, RobotKind::Feishu] {
        let fake = FakeRobots::start(scene.clock.clone(), Some(SECRET)).await.unwrap();
        let robot = scene.engine.put_robot(draft(kind, &fake.address(kind), vec![named.clone()])).await.unwrap().id;
        on_raised(&scene.engine, std::slice::from_ref(&alert)).await;
        assert_eq!(scene.run(robot, MINUTE_MS).await, [DeliveryState::Sent], "{kind:?}");
        let body = fake.arrived().remove(0).body;
        assert!(text(&body).contains("陈默（代 林夏）"), "{kind:?}: {body}");
        assert!(!text(&body).contains("13800000001"), "{kind:?}: who is away is not called: {body}");
        let mobiles = match kind {
            RobotKind::Dingtalk => {
                assert!(body["markdown"]["text"].as_str().unwrap().contains("@13912345678"), "or it names nobody: {body}");
                assert_eq!(body["at"]["atUserIds"], serde_json::json!(["user007"]), "whom the rule names is named still");
                &body["at"]["atMobiles"]
            }
            RobotKind::Wecom => {
                assert_eq!(body["text"]["mentioned_list"], serde_json::json!(["user007"]));
                &body["text"]["mentioned_mobile_list"]
            }
            RobotKind::Feishu => {
                assert!(!text(&body).contains("13912345678"), "its robots cannot name mobile numbers: {body}");
                assert!(text(&body).contains("\"user_id\":\"user007\""), "{body}");
                continue;
            }
        };
        assert_eq!(*mobiles, serde_json::json!(["13912345678"]), "{kind:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_acts_is_told_as_of_when_the_message_goes_and_nobody_is_mentioned_by_a_landline() {
    let scene = Scene::new(Some(SECRET)).await;
    let robot = scene.robot(RobotKind::Dingtalk, vec![rule()]).await;
    let alert = answered_for(&scene).await;
    on_raised(&scene.engine, std::slice::from_ref(&alert)).await;
    let waiting = scene.log().await.remove(0);
    assert!(waiting.body.contains("陈默（代 林夏）"), "{}", waiting.body);
    // The manager is back before the message goes, and has a landline now.
    let lin = scene.engine.people().await.unwrap().into_iter().find(|person| person.name == "林夏").unwrap();
    let back = Person { absences: Vec::new(), phone: "0571-88880000".to_owned(), ..lin };
    scene.engine.put_person(back).await.unwrap();
    assert_eq!(scene.run(robot, MINUTE_MS).await, [DeliveryState::Sent]);
    let body = scene.fake.arrived().remove(0).body;
    assert!(text(&body).contains("服务经理 林夏") && !text(&body).contains("陈默"), "{body}");
    assert_eq!(body["at"]["atMobiles"], serde_json::json!([]), "{body}");
}
