//! Signatures byte for byte, messages, addresses, and what answers mean.

use axum::Router;
use axum::http::StatusCode;
use axum::routing::any;
use serde_json::json;

use super::*;

fn secret(text: &str) -> SecretString {
    SecretString::from(text)
}

fn vectors() -> Value {
    serde_json::from_str(include_str!("../../fixtures/robots/chat_robot_signatures.json")).unwrap()
}

#[test]
fn dingtalk_signatures_match_the_vectors_and_go_out_encoded_so() {
    let vectors = vectors();
    let all = vectors["dingtalk"].as_array().unwrap();
    assert_eq!(all.len(), 3);
    for vector in all {
        let at = UtcMs(vector["timestamp_ms"].as_i64().unwrap());
        let key = secret(vector["secret"].as_str().unwrap());
        assert_eq!(dingtalk::signature(at.0, &key), vector["sign_b64"].as_str().unwrap());
        let client =
            RobotClient::new(RobotKind::Dingtalk, &secret("http://127.0.0.1:1/robot/send?access_token=t"), None).unwrap();
        let request = client.http.request(Method::POST, &client.address.path()).unwrap();
        let built = request.query(&dingtalk::signed(&key, at)).build().unwrap();
        let expected = format!("timestamp={}&sign={}", at.0, vector["sign_urlencoded"].as_str().unwrap());
        assert_eq!(built.url().query(), Some(expected.as_str()));
    }
}

#[test]
fn feishu_signatures_match_the_vectors_and_go_into_the_body() {
    let vectors = vectors();
    let all = vectors["feishu"].as_array().unwrap();
    assert_eq!(all.len(), 2);
    for vector in all {
        let at_s = vector["timestamp_s"].as_i64().unwrap();
        let key = secret(vector["secret"].as_str().unwrap());
        let mut body = Map::new();
        feishu::sign(&mut body, &key, UtcMs(at_s * 1_000 + 999));
        assert_eq!(body["timestamp"], json!(at_s.to_string()));
        assert_eq!(body["sign"], vector["sign_b64"]);
    }
}

#[test]
fn only_addresses_of_the_platform_are_taken_and_no_text_repeats_them() {
    let good = [
        (RobotKind::Dingtalk, "https://oapi.dingtalk.com/robot/send?access_token=abc123def456", "oapi.dingtalk.com …f456"),
        (
            RobotKind::Wecom,
            " https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=693a91f6-7a0c-4bc4\n",
            "qyapi.weixin.qq.com …4bc4",
        ),
        (RobotKind::Feishu, "https://open.feishu.cn/open-apis/bot/v2/hook/0a1b2c3d-xyz9", "open.feishu.cn …xyz9"),
        (RobotKind::Feishu, "https://open.larksuite.com/open-apis/bot/v2/hook/abcdef", "open.larksuite.com …ef"),
        (RobotKind::Wecom, "http://127.0.0.1:8080/cgi-bin/webhook/send?key=k12", "127.0.0.1:8080 …2"),
    ];
    for (kind, address, hint) in good {
        assert_eq!(address_hint(kind, &secret(address)).unwrap(), hint, "{address}");
    }
    for (kind, address) in [
        (RobotKind::Dingtalk, "http://oapi.dingtalk.com/robot/send?access_token=t0ken"),
        (RobotKind::Dingtalk, "https://oapi.dingtalk.com.evil.example/robot/send?access_token=t0ken"),
        (RobotKind::Dingtalk, "https://oapi.dingtalk.com:8443/robot/send?access_token=t0ken"),
        (RobotKind::Dingtalk, "https://oapi.dingtalk.com@evil.example/robot/send?access_token=t0ken"),
        (RobotKind::Dingtalk, "https://oapi.dingtalk.com/robot/send"),
        (RobotKind::Dingtalk, "https://oapi.dingtalk.com/robot/send?access_token="),
        (RobotKind::Dingtalk, "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=t0ken"),
        (RobotKind::Feishu, "https://open.feishu.cn/open-apis/bot/v2/hook/"),
        (RobotKind::Feishu, "https://open.feishu.cn/open-apis/bot/v2/hook/t0ken/../../x"),
        (RobotKind::Wecom, "t0ken"),
        (RobotKind::Wecom, ""),
    ] {
        let error = address_hint(kind, &secret(address)).unwrap_err();
        assert_eq!(error.code, Code::RobotAddressInvalid, "{address}");
        assert!(!error.detail.contains("t0ken") && !error.detail.contains("evil"), "{error}");
    }
}

fn message(mention: &[&str]) -> RobotMessage {
    RobotMessage {
        title: "Deskbell · 1 alert".to_owned(),
        lines: vec![RobotLine {
            label: "#0005P".to_owned(),
            link: "deskbell://ticket/42".to_owned(),
            text: "<@all> [x](http://y) *华东* @13800000000".to_owned(),
        }],
        closing: vec!["2 more".to_owned()],
        mention: mention.iter().map(|text| (*text).to_owned()).collect(),
    }
}

#[test]
fn messages_name_who_is_named_and_a_customers_words_name_nobody() {
    let dingtalk = Value::Object(write(RobotKind::Dingtalk, &message(&["13912345678", "zhang", "all"])));
    assert_eq!(dingtalk["at"], json!({ "atMobiles": ["13912345678"], "atUserIds": ["zhang"], "isAtAll": true }));
    let text = dingtalk["markdown"]["text"].as_str().unwrap();
    assert!(text.contains("[#0005P](deskbell://ticket/42)") && text.contains("@13912345678 @zhang"), "{text}");
    assert!(!text.contains("@13800000000") && !text.contains("<@all>") && !text.contains("[x]("), "{text}");

    let markdown = Value::Object(write(RobotKind::Wecom, &message(&["zhang"])));
    let text = markdown["markdown"]["content"].as_str().unwrap();
    assert!(text.ends_with("<@zhang>") && !text.contains("<@all>"), "{text}");
    let plain = Value::Object(write(RobotKind::Wecom, &message(&["all", "13912345678", "zhang"])));
    assert_eq!(plain["text"]["mentioned_list"], json!(["zhang", "@all"]));
    assert_eq!(plain["text"]["mentioned_mobile_list"], json!(["13912345678", "@all"]));

    let feishu = Value::Object(write(RobotKind::Feishu, &message(&["all", "ou_1"])));
    let rows = feishu["content"]["post"]["zh_cn"]["content"].as_array().unwrap();
    assert_eq!(rows[0][0], json!({ "tag": "a", "text": "#0005P", "href": "deskbell://ticket/42" }));
    assert_eq!(rows[2], json!([{ "tag": "at", "user_id": "all" }, { "tag": "at", "user_id": "ou_1" }]));
    assert!(
        check_mention(RobotKind::Feishu, "13912345678").is_err() && check_mention(RobotKind::Dingtalk, "13912345678").is_ok()
    );
    assert!(check_mention(RobotKind::Wecom, "a b").is_err() && check_mention(RobotKind::Wecom, "<@x>").is_err());
}

#[test]
fn length_limits_are_those_of_the_platform_in_bytes() {
    let mut long = message(&["zhang"]);
    long.lines = vec![RobotLine { label: "#1".to_owned(), link: "deskbell://ticket/1".to_owned(), text: "华".repeat(40) }; 20];
    // 20 lines of about 150 bytes: above WeCom's text, below its Markdown.
    assert!(!is_oversize(RobotKind::Wecom, &long));
    long.mention = vec!["all".to_owned()];
    assert!(is_oversize(RobotKind::Wecom, &long));
    assert!(!is_oversize(RobotKind::Dingtalk, &long) && !is_oversize(RobotKind::Feishu, &long));
    long.lines = std::iter::repeat_n(long.lines[0].clone(), 200).collect();
    assert!(is_oversize(RobotKind::Dingtalk, &long) && is_oversize(RobotKind::Feishu, &long));
}

async fn answered(kind: RobotKind, status: u16, headers: &[(&'static str, &'static str)], body: &str) -> RobotAnswer {
    let (body, headers) = (body.to_owned(), headers.to_vec());
    let router = Router::new().fallback(any(move || {
        let (body, headers) = (body.clone(), headers.clone());
        async move {
            let mut response = axum::response::Response::new(axum::body::Body::from(body));
            *response.status_mut() = StatusCode::from_u16(status).unwrap();
            for (name, value) in headers {
                response.headers_mut().insert(name, axum::http::HeaderValue::from_static(value));
            }
            response
        }
    }));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = tokio::spawn(async move { axum::serve(listener, router).await });
    let path = match kind {
        RobotKind::Dingtalk => "robot/send?access_token=t0ken",
        RobotKind::Wecom => "cgi-bin/webhook/send?key=t0ken",
        RobotKind::Feishu => "open-apis/bot/v2/hook/t0ken",
    };
    let client = RobotClient::new(kind, &secret(&format!("http://127.0.0.1:{port}/{path}")), Some(secret("s3cret"))).unwrap();
    let answer = client.send(&message(&[]), UtcMs(1_700_000_000_000)).await;
    server.abort();
    assert!(!answer.said.contains("t0ken") && !answer.said.contains("s3cret"), "{}", answer.said);
    answer
}

#[tokio::test]
async fn every_answer_of_a_platform_means_one_thing() {
    use RobotKind::{Dingtalk, Feishu, Wecom};
    let sent = Outcome::Sent(Receipt::default());
    let later = |after_s: Option<u64>, code| Outcome::Retry { after_ms: after_s.map(|seconds| seconds * 1_000), code };
    let cases: Vec<(RobotKind, u16, &str, Result<Outcome, Code>)> = vec![
        (Dingtalk, 200, r#"{"errcode":0,"errmsg":"ok"}"#, Ok(sent.clone())),
        (Dingtalk, 200, r#"{"errcode":-1,"errmsg":"系统繁忙"}"#, Ok(later(None, Code::ServerFailed))),
        (
            Dingtalk,
            200,
            r#"{"errcode":130101,"errmsg":"send too fast, exceed 20 times per minute"}"#,
            Ok(later(Some(600), Code::RateLimited)),
        ),
        (Dingtalk, 200, r#"{"errcode":410100,"errmsg":"发送速度太快而限流"}"#, Ok(later(Some(600), Code::RateLimited))),
        (Dingtalk, 200, r#"{"errcode":310000,"errmsg":"keywords not in content"}"#, Err(Code::RobotKeywordMissing)),
        (Dingtalk, 200, r#"{"errcode":310000,"errmsg":"sign not match"}"#, Err(Code::RobotSignMismatch)),
        (Dingtalk, 200, r#"{"errcode":310000,"errmsg":"invalid timestamp"}"#, Err(Code::RobotSignMismatch)),
        (Dingtalk, 200, r#"{"errcode":310000,"errmsg":"ip 1.2.3.4 not in whitelist"}"#, Err(Code::RobotIpRefused)),
        (Dingtalk, 200, r#"{"errcode":300001,"errmsg":"token is not exist"}"#, Err(Code::RobotGone)),
        (Dingtalk, 200, r#"{"errcode":40035,"errmsg":"缺少参数 json"}"#, Err(Code::RobotMessageRefused)),
        (Wecom, 200, r#"{"errcode":0,"errmsg":"ok"}"#, Ok(sent.clone())),
        (Wecom, 200, r#"{"errcode":45009,"errmsg":"api freq out of limit"}"#, Ok(later(Some(60), Code::RateLimited))),
        (Wecom, 200, r#"{"errcode":93000,"errmsg":"invalid webhook url"}"#, Err(Code::RobotGone)),
        (Wecom, 200, r#"{"errcode":40058,"errmsg":"markdown.content exceed max length 4096"}"#, Err(Code::RobotMessageRefused)),
        (Feishu, 200, r#"{"code":0,"msg":"success","StatusCode":0}"#, Ok(sent.clone())),
        (Feishu, 200, r#"{"StatusCode":0,"StatusMessage":"success"}"#, Ok(sent)),
        (Feishu, 400, r#"{"code":9499,"msg":"Bad Request","data":{}}"#, Err(Code::RobotMessageRefused)),
        (Feishu, 429, r#"{"code":9499,"msg":"too many request"}"#, Ok(later(Some(60), Code::RateLimited))),
        (
            Feishu,
            200,
            r#"{"code":19021,"msg":"sign match fail or timestamp is not within one hour from current time"}"#,
            Err(Code::RobotSignMismatch),
        ),
        (Feishu, 200, r#"{"code":19022,"msg":"Ip Not Allowed"}"#, Err(Code::RobotIpRefused)),
        (Feishu, 200, r#"{"code":19024,"msg":"Key Words Not Found"}"#, Err(Code::RobotKeywordMissing)),
        (Feishu, 200, r#"{"code":11232,"msg":"frequency limited"}"#, Ok(later(Some(60), Code::RateLimited))),
        (Feishu, 400, r#"{"code":19001,"msg":"param invalid: incoming webhook access token invalid"}"#, Err(Code::RobotGone)),
        (Wecom, 503, "busy", Ok(later(None, Code::ServerFailed))),
        (Wecom, 429, "slow down", Ok(later(Some(60), Code::RateLimited))),
        (Wecom, 404, "nothing", Err(Code::RobotGone)),
        (Wecom, 502, "<html>", Ok(Outcome::Unknown { code: Code::ServerFailed })),
        (Dingtalk, 200, "<html>portal</html>", Ok(Outcome::Unknown { code: Code::AnswerNotJson })),
        (Feishu, 200, r#"{"code":0,"#, Ok(Outcome::Unknown { code: Code::AnswerTruncated })),
        (Feishu, 200, r#"{"hello":1}"#, Ok(Outcome::Unknown { code: Code::AnswerUnexpected })),
        (Dingtalk, 302, "", Ok(Outcome::Unknown { code: Code::AnswerUnexpected })),
    ];
    for (kind, status, body, expect) in cases {
        let answer = answered(kind, status, &[], body).await;
        match (expect, answer.outcome) {
            (Ok(expected), found) => assert_eq!(found, expected, "{kind:?} {status} {body}"),
            (Err(expected), Outcome::Rejected { code, .. }) => assert_eq!(code, expected, "{kind:?} {status} {body}"),
            (Err(expected), found) => panic!("{kind:?} {body}: {expected} expected, {found:?}"),
        }
    }
    let waited = answered(Feishu, 429, &[("retry-after", "120")], r#"{"code":11232,"msg":"frequency limited"}"#).await;
    assert_eq!(waited.outcome, later(Some(120), Code::RateLimited));
}

#[tokio::test]
async fn what_did_not_leave_is_tried_later() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let client =
        RobotClient::new(RobotKind::Wecom, &secret(&format!("http://127.0.0.1:{port}/cgi-bin/webhook/send?key=k")), None)
            .unwrap();
    let answer = client.send(&message(&[]), UtcMs(0)).await;
    assert_eq!(answer.outcome, Outcome::Retry { after_ms: None, code: Code::HostUnreachable });
}
