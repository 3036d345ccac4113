//! Every vector, byte for byte.

use super::*;
use crate::aliyun::sign::{Unsigned, sha256_hex};

const VECTORS: &str = include_str!("../../../fixtures/aliyun/aliyun_acs3.json");

fn vectors() -> Value {
    serde_json::from_str(VECTORS).unwrap()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

fn pairs(value: &Value) -> Vec<(String, String)> {
    match value {
        Value::Array(rows) => rows.iter().map(|row| (text(&row[0]), text(&row[1]))).collect(),
        Value::Object(fields) => fields.iter().map(|(name, value)| (name.clone(), text(value))).collect(),
        other => panic!("{other}"),
    }
}

fn key_of(vector: &Value) -> Credentials {
    Credentials::new(&text(&vector["access_key_id"]), &SecretString::from(text(&vector["access_key_secret"])))
}

#[test]
fn requests_of_the_official_sdk_are_signed_byte_for_byte() {
    let all = vectors();
    let list = all["vectors"].as_array().unwrap();
    assert_eq!(list.len(), 7);
    for vector in list {
        let name = text(&vector["name"]);
        let signed: Vec<String> = vector["signed_headers"].as_array().unwrap().iter().map(text).collect();
        let headers: Vec<(String, String)> = pairs(&vector["headers"])
            .into_iter()
            .map(|(name, value)| (name.to_lowercase(), value))
            .filter(|(name, _)| signed.contains(name))
            .collect();
        let (method, path, query) = (text(&vector["method"]), text(&vector["uri"]), pairs(&vector["query"]));
        let hash = sha256_hex(text(&vector["body"]).as_bytes());
        let unsigned = Unsigned { method: &method, path: &path, query: &query, headers: &headers, content_sha256: &hash };
        assert_eq!(unsigned.canonical_request(), text(&vector["canonical_request"]), "{name}");
        assert_eq!(unsigned.string_to_sign(), text(&vector["string_to_sign"]), "{name}");
        assert_eq!(unsigned.authorization(&key_of(vector)).unwrap(), text(&vector["expected_authorization"]), "{name}");
    }
}

#[test]
fn requests_with_the_documented_minimum_of_headers_are_signed_byte_for_byte() {
    let all = vectors();
    let list = all["minimal_header_vectors"].as_array().unwrap();
    assert_eq!(list.len(), 3);
    for vector in list {
        let name = text(&vector["name"]);
        let (query, headers) = (pairs(&vector["query"]), pairs(&vector["headers"]));
        let hash = sha256_hex(text(&vector["body"]).as_bytes());
        assert_eq!(hash, text(&vector["headers"]["x-acs-content-sha256"]), "{name}");
        let unsigned = Unsigned { method: "POST", path: "/", query: &query, headers: &headers, content_sha256: &hash };
        assert_eq!(unsigned.authorization(&key_of(vector)).unwrap(), text(&vector["expected_authorization"]), "{name}");
    }
}

/// The same requests as our own calls make them: these headers, this form, this order.
#[test]
fn our_own_calls_are_the_requests_of_the_vectors() {
    let all = vectors();
    let calls = [
        Call::list_tickets(&Listing { page: 1, page_size: 100, statuses: &["dealing", "wait_feedback"], ..Listing::default() }),
        Call::create_ticket(&call::Creation {
            category: "53812",
            description: "ecs备份失败 a+b&c=d ~*",
            severity: "1",
            ..call::Creation::default()
        }),
        Call::list_ticket_notes("0005PYGCW"),
    ];
    for (vector, call) in all["minimal_header_vectors"].as_array().unwrap().iter().zip(calls) {
        let nonce = text(&vector["headers"]["x-acs-signature-nonce"]);
        let at = UtcMs::parse_rfc3339(&text(&vector["headers"]["x-acs-date"])).unwrap();
        let signed = sign_call(&call, "workorder.aliyuncs.com", "/", &key_of(vector), at, &nonce).unwrap();
        // The vector's body is spelled in another order or encoding than ours may be; ours is the canonical one.
        assert_eq!(signed.body, text(&vector["body"]), "{}", call.action);
        assert_eq!(signed.authorization, text(&vector["expected_authorization"]), "{}", call.action);
    }
}

#[test]
fn the_worked_example_of_the_documentation_holds() {
    let all = vectors();
    let vector = &all["official_doc_vector"];
    let (query, headers) = (pairs(&vector["query"]), pairs(&vector["headers"]));
    let hash = sha256_hex(b"");
    let unsigned = Unsigned { method: "POST", path: "/", query: &query, headers: &headers, content_sha256: &hash };
    assert_eq!(sha256_hex(unsigned.canonical_request().as_bytes()), text(&vector["hashed_canonical_request"]));
    let authorization = unsigned.authorization(&key_of(vector)).unwrap();
    assert!(authorization.ends_with(&format!("Signature={}", text(&vector["expected_signature"]))), "{authorization}");
}

#[test]
fn a_temporary_key_signs_its_token_too() {
    let credentials = Credentials::new("STS.id", &SecretString::from("secret\n token-1 \n"));
    let signed = sign_call(&Call::get_ticket("T"), "host", "/", &credentials, UtcMs(0), "n").unwrap();
    assert!(signed.headers.contains(&("x-acs-security-token".to_owned(), "token-1".to_owned())));
    assert!(signed.authorization.contains("x-acs-accesskey-id;") && signed.authorization.contains(";x-acs-security-token;"));
    assert_eq!(signed.headers.iter().find(|(name, _)| name == "x-acs-date").unwrap().1, "1970-01-01T00:00:00Z");
    let plain = Credentials::new("id", &SecretString::from("secret\n"));
    assert_eq!((plain.token(), plain.access_key_id.as_str()), (None, "id"));
}

#[test]
fn endpoints_by_region() {
    let table = [
        ("", "https://workorder.aliyuncs.com/"),
        ("cn-hangzhou", "https://workorder.aliyuncs.com/"),
        (" eu-central-1 ", "https://workorder.aliyuncs.com/"),
        ("ap-southeast-1", "https://workorder.ap-southeast-1.aliyuncs.com/"),
        ("AP-northeast-1", "https://workorder.ap-northeast-1.aliyuncs.com/"),
        ("workorder.aliyuncs.com", "https://workorder.aliyuncs.com/"),
        ("http://127.0.0.1:9/", "http://127.0.0.1:9/"),
        ("服务台", "服务台"),
    ];
    for (given, expected) in table {
        assert_eq!(endpoint_of(given), expected, "{given:?}");
    }
    assert!(HttpClient::new(&endpoint_of("服务台")).is_err());
}
