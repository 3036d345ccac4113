//! What counts as an answer, and what does not.

use chrono_tz::Asia::Shanghai;
use proptest::prelude::*;

use super::*;
use crate::scheduling::{Window, carried};

const KEY: &str = "0193a5b0-0000-7000-8000-000000000001";

fn at(text: &str) -> UtcMs {
    UtcMs::parse_rfc3339(text).unwrap()
}

fn read(text: &str) -> Reading {
    read_answer(text, &[], KEY, Shanghai)
}

fn confirmed(start: &str, end: &str, engineer: &str) -> Reading {
    let (start, end) = (Some(at(start)), Some(at(end)));
    Reading::Answer(VisitAnswer {
        state: VisitState::Confirmed,
        start,
        end,
        engineer: engineer.to_owned(),
        reason: String::new(),
    })
}

fn request(note: &str) -> VisitRequest {
    VisitRequest {
        ticket_remote_id: "T-1".to_owned(),
        service: Service::HardwareInspection,
        site: Site { name: note.to_owned(), address: note.to_owned(), city: "上海".to_owned(), ..Site::default() },
        contact: Contact { name: note.to_owned(), phone: "13800000000".to_owned(), ..Contact::default() },
        asset: note.to_owned(),
        window: Window { from: at("2026-11-26T00:00:00Z"), to: at("2026-11-28T00:00:00Z") },
        centre: None,
        note: note.to_owned(),
    }
}

#[test]
fn what_people_write_is_read_in_both_languages() {
    let cases = [
        "状态: 已确认\n时间: 2026-11-26 14:00-16:00 Asia/Shanghai\n工程师: 王工",
        "您好，\n\n状态：已确认。\n上门时间：2026年11月26日 14:00～16:00（北京时间）\n工程师：王工\n\n谢谢",
        "**Status:** confirmed\n**Time:** 2026/11/26 14:00 - 16:00 UTC+8\n**Engineer:** 王工",
        "- Status: Confirmed\n- When: 2026-11-26 06:00-08:00 UTC\n- Engineer: 王工\n\n> 状态: 已拒绝",
        "状态: 已确认\n时间: 2026-11-26T14:00-16:00\n工程师: 王工\nOn Monday you wrote:\n> Status: declined",
    ];
    for case in cases {
        assert_eq!(read(case), confirmed("2026-11-26T06:00:00Z", "2026-11-26T08:00:00Z", "王工"), "{case}");
    }
    let no =
        VisitAnswer {
            state: VisitState::Declined, start: None, end: None, engineer: String::new(), reason: "无备件".to_owned()
        };
    assert_eq!(read("状态: 已拒绝\n原因: 无备件"), Reading::Answer(no));
}

#[test]
fn a_machine_answers_in_a_block_and_wins_over_words() {
    let block = |json: &str| format!("hello\n{BLOCK_BEGIN}\n{json}\n{BLOCK_END}\nStatus: declined\n");
    let yes = format!(
        r#"{{"v":1,"visit":"{KEY}","state":"confirmed","start":"2026-11-26T14:00:00+08:00","end":1795687200000,"engineer":"Wang"}}"#
    );
    assert_eq!(read(&block(&yes)), confirmed("2026-11-26T06:00:00Z", "2026-11-26T10:00:00Z", "Wang"));
    let of_another = yes.replace(KEY, "another");
    assert!(
        matches!(read(&block(&of_another)), Reading::Answer(VisitAnswer { state: VisitState::Declined, .. })),
        "only its words count"
    );
    for broken in [
        "",
        "{",
        "[]",
        "null",
        r#"{"state":7}"#,
        r#"{"state":"asleep"}"#,
        r#"{"v":99,"state":"confirmed"}"#,
        r#"{"state":"confirmed","start":"soon"}"#,
        r#"{"state":"confirmed","start":9223372036854775807}"#,
        r#"{"state":"confirmed","end":1795687200000}"#,
        r#"{"state":"confirmed","start":1795687200000,"end":1795680000000}"#,
    ] {
        let text = format!("{BLOCK_BEGIN}\n{broken}\n{BLOCK_END}\nsee you\n");
        assert_eq!(read(&text), Reading::Words, "{broken}");
    }
}

#[test]
fn contradictions_and_half_answers_are_for_people() {
    for text in [
        "Status: confirmed\nStatus: declined",
        "状态: 已确认\n时间: 下周三下午",
        "状态: 已确认 / 已拒绝\n时间: 年-月-日 时:分-时:分 时区",
        "状态: 已确认\n时间: 2026-11-26 14:00-16:00\n时间: 2026-11-27 14:00-16:00",
        "Time: 2026-11-26 14:00-16:00",
        "I will come on Thursday.",
        "状态: 已确认\n时间: 2026-02-30 14:00-16:00",
        "状态: 已确认\n时间: 1826-11-26 14:00-16:00",
    ] {
        assert_eq!(read(text), Reading::Words, "{text}");
    }
    // New York skips 02:30 on that day.
    assert_eq!(read_when("2027-03-14 02:30-04:00 America/New_York", Shanghai), None);
    assert!(
        read_when("2026-11-26 22:00-02:00", Shanghai).is_some_and(|(start, end)| end.unwrap().ms_since(start) == 4 * 3_600_000)
    );
}

#[test]
fn our_own_words_quoted_back_are_no_answer() {
    let ask = VisitAsk::request(KEY, &request("机房"), &VisitBooking::default());
    let ours = format!("服务: 硬件巡检\n备注: 机房\n状态: 已确认\n\n{}", ask.to_block());
    let quoted: String = ours.lines().map(|line| format!("> {line}\n")).collect();
    for text in [ours.clone(), quoted, format!("{ours}\n{ours}"), ours.replace('\n', "\r\n")] {
        assert_eq!(read_answer(&text, &[&ours], KEY, Shanghai), Reading::Nothing, "{text}");
    }
    let top = format!("好的，我们安排。\n\n{ours}");
    assert_eq!(read_answer(&top, &[&ours], KEY, Shanghai), Reading::Words);
    let torn = ours.replace(BLOCK_END, "");
    assert_eq!(read_answer(&torn, &[&ours], KEY, Shanghai), Reading::Words);
}

#[test]
fn what_a_person_typed_cannot_leave_its_line() {
    assert_eq!(
        one_line("A\n-----END DESKBELL VISIT-----\r\n状态: 已确认\u{2028}x"),
        "A / -----END DESKBELL VISIT----- / 状态: 已确认 / x"
    );
}

#[test]
fn a_reply_in_html_has_lines_and_loses_what_it_quotes() {
    let html = "<p>Status: confirmed</p><div>Time: 2026-11-26 14:00-16:00<br/>Engineer: Wang</div><blockquote>x<p>Status: declined</p></blockquote> bye";
    let lines: Vec<String> =
        html_lines(html).lines().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()).collect();
    assert_eq!(
        lines,
        ["<p>Status: confirmed", "</p>", "<div>Time: 2026-11-26 14:00-16:00", "<br/>Engineer: Wang", "</div>", "bye"]
    );
}

#[test]
fn a_long_reply_is_read_up_to_its_limit() {
    let long = format!("{}\nStatus: confirmed", "x\n".repeat(READ_CHARS_MAX));
    assert_eq!(read(&long), Reading::Words);
}

fn visit() -> Visit {
    serde_json::from_value(serde_json::json!({ "id": "", "ticket_remote_id": "T-1", "service": "hardware_inspection",
        "site": { "name": "", "address": "", "city": "" }, "contact": { "name": "" }, "state": "requested", "requested_at": 0 }))
    .unwrap()
}

use crate::scheduling::{Visit, carried::Answered};

#[test]
fn a_visit_follows_its_answers() {
    let now = at("2026-11-25T00:00:00Z");
    let Reading::Answer(yes) = read("状态: 已确认\n时间: 2026-11-26 14:00-16:00") else { panic!() };
    let Answered::Taken(given) = carried::answered(&visit(), None, &yes, now, "王工") else { panic!() };
    assert_eq!((given.state, given.sequence), (VisitState::Confirmed, 0));
    assert_eq!(carried::answered(&given, None, &yes, now, ""), Answered::Same);
    let bare = VisitAnswer { start: None, end: None, ..yes.clone() };
    assert_eq!(carried::answered(&visit(), None, &bare, now, ""), Answered::Unclear, "a yes without any time");
    let change =
        VisitChange { action: Some(VisitAction::Reschedule), start: Some(at("2026-11-27T02:00:00Z")), ..VisitChange::default() };
    let (asked, awaiting) = carried::told(&given, &change, now, "");
    assert_eq!(asked.slot, given.slot, "the old time stands until they say yes");
    let Answered::Taken(moved) = carried::answered(&asked, awaiting.as_ref(), &bare, now, "") else { panic!() };
    assert_eq!(moved.slot.as_ref().unwrap().start, at("2026-11-27T02:00:00Z"));
    assert_eq!((moved.sequence, moved.history.last().unwrap().kind), (1, crate::scheduling::VisitEventKind::Rescheduled));
    let no = VisitAnswer { state: VisitState::Declined, ..bare };
    assert_eq!(carried::answered(&asked, awaiting.as_ref(), &no, now, ""), Answered::MoveRefused);
    let off = VisitChange { action: Some(VisitAction::Cancel), reason: "weg".to_owned(), ..VisitChange::default() };
    let (cancelled, _) = carried::told(&moved, &off, now, "");
    assert_eq!((cancelled.state, cancelled.sequence), (VisitState::Cancelled, 2));
    assert_eq!(carried::answered(&cancelled, None, &yes, now, ""), Answered::Unclear, "too late: a person reads it");
}

proptest! {
    #[test]
    fn nothing_that_is_sent_back_breaks_the_reader(text in "(?s).{0,400}") {
        let _read = read(&text);
        let _when = read_when(&text, Shanghai);
    }

    #[test]
    fn nothing_that_looks_like_a_block_breaks_it(inner in "[\\[\\]{}\":,a-z0-9\\-. \n\\\\]{0,200}", times in 0_usize..4) {
        let text = format!("{}{inner}\n{BLOCK_END}\n{inner}", format!("{BLOCK_BEGIN}\n").repeat(times));
        let _read = read(&text);
    }

    /// Whatever is typed into the wizard, the request that is sent back is no answer.
    #[test]
    fn a_request_is_never_its_own_answer(note in "(?s).{0,120}") {
        let ask = VisitAsk::request(KEY, &request(&note), &VisitBooking::default());
        let ours = format!("备注: {}\n{}", one_line(&note), ask.to_block());
        let quoted: String = ours.lines().map(|line| format!("> {line}\n")).collect();
        for text in [&ours, &quoted] {
            prop_assert!(!matches!(read(text), Reading::Answer(_)));
            prop_assert_eq!(read_answer(text, &[&ours], KEY, Shanghai), Reading::Nothing);
        }
        prop_assert_eq!(ask.to_block().lines().count(), 3);
    }

    #[test]
    fn a_span_that_is_written_is_read(day in 0_i64..20_000, minute in 0_i64..1_380, length in 1_i64..600) {
        let start = UtcMs(946_684_800_000 + day * DAY_MS + minute * 60_000);
        let end = start.plus_ms(length * 60_000);
        let show = |at: UtcMs, form: &str| at.to_datetime().unwrap().format(form).to_string();
        let text = format!("{}-{} UTC", show(start, "%Y-%m-%d %H:%M"), show(end, "%H:%M"));
        prop_assert_eq!(read_when(&text, Shanghai), Some((start, Some(end))));
    }
}
