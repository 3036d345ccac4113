use deskbell_domain::directory::{CallOutcome, PhoneLine, ReasonCode};
use deskbell_domain::scheduling::NoSlotCode;

use super::laid::lay;
use super::sheet::{account_number, instance_ids, says_outage};
use super::*;
use crate::catalogue::{Catalogue, TextArgs};
use crate::state::Language;

#[test]
fn every_reason_outcome_and_lack_of_a_slot_has_a_text_in_both_languages() {
    let names = ["line", "language", "languages", "product", "km", "most", "earliest", "latest"];
    let args = || names.into_iter().fold(TextArgs::new(), |args, name| args.text(name, "x"));
    let keys = ReasonCode::ALL
        .iter()
        .map(|code| format!("line-reason-{}", code.as_str()))
        .chain(NoSlotCode::ALL.iter().map(|code| format!("no-slot-{}", code.as_str())))
        .chain(CallOutcome::ALL.iter().map(|outcome| format!("call-outcome-{}", outcome.as_str())))
        .chain(["sla_engineer", "expert", "agent"].map(|name| format!("call-ask-{name}")));
    for key in keys {
        for language in [Language::ZhCn, Language::En] {
            let text = Catalogue::of(language).text(&key, &args());
            assert!(text != key && !text.contains("{$"), "{language:?} {key}: {text}");
        }
    }
}

#[test]
fn places_are_found_by_name_pinyin_and_initials() {
    for (typed, found) in [
        ("杭州", "杭州"),
        ("杭州市", "杭州"),
        ("hangzhou", "杭州"),
        ("Hang Zhou", "杭州"),
        ("hangz", "杭州"),
        ("cq", "重庆"),
        ("chongqing", "重庆"),
        ("xi'an", "西安"),
        ("xian", "西安"),
        ("harbin", "哈尔滨"),
        ("haerbin", "哈尔滨"),
        ("urumqi", "乌鲁木齐"),
        ("wlmq", "乌鲁木齐"),
        ("鲁木", "乌鲁木齐"),
    ] {
        assert_eq!(find_places(typed).first().map(|place| place.name_zh.as_str()), Some(found), "{typed}");
    }
    let several: Vec<_> = find_places("nan").into_iter().map(|place| place.name_zh).collect();
    assert_eq!(several, ["南京", "南宁"]);
    for nowhere in ["", "  ", "市", "atlantis", "zhongqing"] {
        assert!(find_places(nowhere).is_empty(), "{nowhere}");
    }
    assert_eq!(
        (places::pinyin_of("佛山", "Foshan"), places::initials_of("佛山市", "Foshan")),
        ("foshan".to_owned(), "fs".to_owned())
    );
    assert_eq!(places::pinyin_of("", "San José"), "sanjose", "of a place without characters");
}

#[test]
fn a_code_is_drawn_of_a_number_to_dial_and_of_nothing_too_long() {
    let svg = qr_svg("400-6455-577").unwrap();
    assert!(svg.starts_with("<?xml") && svg.contains("<svg") && !svg.contains("<script"), "{}", &svg[..80]);
    assert_eq!(svg, qr_svg("tel:4006455577").unwrap(), "a number becomes an address to dial");
    assert_ne!(svg, qr_svg("400-6455-578").unwrap());
    assert_eq!(qr_svg(" ").unwrap_err().code, deskbell_domain::Code::ValueMissing);
    assert_eq!(qr_svg(&"x".repeat(QR_BYTES_MAX + 1)).unwrap_err().code, deskbell_domain::Code::TextTooLong);
    assert!(qr_svg(&"服".repeat(QR_BYTES_MAX / 3)).is_ok(), "whatever fits in bytes fits in a code");
}

#[test]
fn a_tickets_text_says_what_will_be_asked_for() {
    let text = "实例i-bp1abcdef2345678重启；lb-bp67890abcdef12/rm-2zeabc1234567890x 见附件 i-bp1abcdef2345678, wi-fi-12345678 i-short1 pre-i-bp1abcdef2345678";
    assert_eq!(instance_ids([text].into_iter()), ["i-bp1abcdef2345678", "lb-bp67890abcdef12", "rm-2zeabc1234567890x"]);
    let many: Vec<String> = (0..40).map(|n| format!("i-bp1abcdef{n:05}")).collect();
    assert_eq!(instance_ids(many.iter().map(String::as_str)).len(), 20);

    let none = || std::iter::empty::<(&str, &str)>();
    assert_eq!(account_number(none(), ["UID：1234567890123456 的账单"].into_iter()).as_deref(), Some("1234567890123456"));
    assert_eq!(account_number(none(), ["账号ID 12345678"].into_iter()).as_deref(), Some("12345678"));
    assert_eq!(account_number(none(), ["账号有 3 个问题，电话 13800000000"].into_iter()), None);
    assert_eq!(account_number(none(), ["liquid 12345678"].into_iter()), None);
    assert_eq!(
        account_number([("UID", "42")].into_iter(), ["UID 123456789"].into_iter()).as_deref(),
        Some("42"),
        "the field is first"
    );
    assert_eq!(
        account_number(none(), ["İUID: 1234567"].into_iter()).as_deref(),
        Some("1234567"),
        "letters that grow when made small"
    );

    for outage in ["服务器宕机", "华东支付网关 502 间歇", "API is down since 9", "官网打不开", "503s"] {
        assert_eq!(says_outage(outage), outage != "503s", "{outage}");
    }
    for fine in ["续费发票", "订单 15020 查询", "upgrade to 5025"] {
        assert!(!says_outage(fine), "{fine}");
    }
}

#[test]
fn changes_are_laid_by_field() {
    let line = |number: &str, purpose: &str| PhoneLine {
        number: number.to_owned(),
        purpose_zh: purpose.to_owned(),
        ..PhoneLine::default()
    };
    // Mine, base, theirs; number, purpose, changed, provider changed, conflicts.
    for (why, mine, base, theirs, expect) in [
        ("nobody changed anything", ("1", "a"), ("1", "a"), ("1", "a"), ("1", "a", false, false, 0)),
        ("I did", ("2", "a"), ("1", "a"), ("1", "a"), ("2", "a", true, false, 0)),
        ("they did", ("1", "a"), ("1", "a"), ("2", "a"), ("2", "a", false, true, 0)),
        ("another field each", ("2", "a"), ("1", "a"), ("1", "b"), ("2", "b", true, true, 0)),
        ("the same field alike", ("2", "a"), ("1", "a"), ("2", "a"), ("2", "a", false, true, 0)),
        ("the same field differently", ("2", "a"), ("1", "a"), ("3", "a"), ("2", "a", true, true, 1)),
    ] {
        let laid = lay(&line(mine.0, mine.1), &line(base.0, base.1), &line(theirs.0, theirs.1)).unwrap();
        let found = (
            laid.entry.number.as_str(),
            laid.entry.purpose_zh.as_str(),
            laid.changed,
            laid.provider_changed,
            laid.conflicts.len(),
        );
        assert_eq!(found, expect, "{why}");
    }
}
