use deskbell_domain::filter::TicketFilter;

use super::*;
use crate::{SearchAnswer, SnippetPart};

fn desk() -> Desk {
    let desk = Desk::new();
    let mut table = Vec::new();
    let mut notes = Vec::new();
    for (at, (remote, subject, customer, body)) in (0_i64..).zip([
        ("0005PYGCW", "华东支付网关 502 间歇", "某银行", "网关偶发 Bad Gateway，请求 id 7f3a-99"),
        ("A-2", "云服务器宕机", "蓝天科技", "实例 i-bp67f0abc 无法连接，报错 ERR_CONNECTION_RESET"),
        ("A-3", "续费失败", "重庆物流", "服务 务器 说明，不是那个词"),
        ("A-4", "CDN cache stale", "Orion Ltd", "Purge returns InvalidParameter for ｅｘａｍｐｌｅ.com"),
    ]) {
        table.push(ObservedTicket {
            subject: subject.into(),
            customer: ObservedCustomer { remote_id: customer.into(), name: customer.into(), ..ObservedCustomer::default() },
            updated_at: NOW.plus_ms(at),
            ..ticket(remote)
        });
        notes.push(note(remote, &format!("n-{remote}"), body));
    }
    desk.apply(&Observations { tickets: table, notes, events: vec![] });
    desk
}

fn search(desk: &Desk, query: &str) -> SearchAnswer {
    desk.store.search(query, &TicketFilter::default(), 50).unwrap()
}

fn found(desk: &Desk, query: &str) -> Vec<String> {
    let answer = search(desk, query);
    assert!(answer.exact, "{query}");
    assert_eq!(answer.total, answer.tickets.len() as u64, "{query}");
    answer.tickets.into_iter().map(|hit| hit.remote_id).collect()
}

#[test]
fn two_character_chinese_is_found() {
    let desk = desk();
    assert_eq!(found(&desk, "宕机"), ["A-2"]);
    assert_eq!(found(&desk, "网关"), ["0005PYGCW"]);
}

#[test]
fn words_are_found_as_people_type_them() {
    let desk = desk();
    for (why, query, expected) in [
        ("one character", "宕", vec!["A-2"]),
        ("the last character of a run", "机", vec!["A-2"]),
        ("three characters stand together", "服务器", vec!["A-2"]),
        ("their pairs apart are no match", "务器说", vec![]),
        ("a number", "502", vec!["0005PYGCW"]),
        ("an error code", "err_connection_reset", vec!["A-2"]),
        ("a beginning, as one types", "inval", vec!["A-4"]),
        ("two letters", "in", vec!["A-4"]),
        ("an instance id", "i-bp67f0", vec!["A-2"]),
        ("a remote id", "0005pyg", vec!["0005PYGCW"]),
        ("full width in the text", "example.com", vec!["A-4"]),
        ("full width in the query", "ＣＤＮ", vec!["A-4"]),
        ("a customer", "蓝天", vec!["A-2"]),
        ("two pieces, two places", "网关 某银行", vec!["0005PYGCW"]),
        ("two pieces, one missing", "网关 宕机", vec![]),
        ("initials", "fwq", vec!["A-2"]),
        ("full pinyin", "fuwuqi", vec!["A-2"]),
        ("full pinyin, unfinished", "fuwuq", vec!["A-2"]),
        ("a second reading", "yinhang", vec!["0005PYGCW"]),
        ("a second reading, initials", "cqwl", vec!["A-3"]),
        ("two initials", "xf", vec!["A-3"]),
        ("newest first", "a", vec!["A-4", "A-3", "A-2"]),
    ] {
        assert_eq!(found(&desk, query), expected, "{why}: {query}");
    }
}

#[test]
fn no_query_is_an_error() {
    let desk = desk();
    let long = "服务器 error ".repeat(1_000);
    for query in [
        "",
        " ",
        "\"",
        "\"\"\"",
        "*",
        "a*",
        "AND",
        "OR NOT",
        "NEAR(a b)",
        "%",
        "_",
        "'; DROP TABLE ticket; --",
        "^a",
        "terms:x",
        "-x",
        "(",
        ")",
        "{}",
        "\\",
        "\0",
        "😀",
        "👨‍👩‍👧",
        "e\u{301}",
        "\u{E000}fw",
        "\u{E001}",
        "a\u{200B}b",
        "ﷺ",
        "İ",
        &long,
        &"字".repeat(10_000),
        &"x".repeat(10_000),
        &"zhuang".repeat(5),
        &"a ".repeat(5_000),
    ] {
        let answer = search(&desk, query);
        assert!(answer.total < 5, "{query}");
    }
}

#[test]
fn hits_are_marked_in_subject_and_text() {
    let desk = desk();
    let hit = |query: &str| search(&desk, query).tickets.remove(0);
    let part = |text: &str, hit| SnippetPart { text: text.into(), hit };
    assert_eq!(hit("宕机").subject_parts, [part("云服务器", false), part("宕机", true)]);
    assert!(hit("宕机").snippet.is_empty());
    assert_eq!(hit("fwq").subject_parts, [part("云", false), part("服务器", true), part("宕机", false)]);
    assert_eq!(
        hit("bad 网关").snippet,
        [part("网关", true), part("偶发 ", false), part("Bad", true), part(" Gateway，请求 id 7f3a-99", false)]
    );
}

#[test]
fn filters_and_limits_hold_for_searches_too() {
    let desk = desk();
    let id = desk.ticket("A-3");
    desk.enqueue(id, OperationKind::SetStatus { from: Status::Open, to: Status::Closed }, "s");
    let closed = TicketFilter { statuses: vec![Status::Closed], ..TicketFilter::default() };
    let answer = desk.store.search("a", &closed, 50).unwrap();
    assert_eq!((answer.total, answer.tickets[0].id, answer.tickets[0].status), (1, id, Status::Closed));
    let answer = desk.store.search("a", &TicketFilter::default(), 1).unwrap();
    assert_eq!((answer.total, answer.exact, answer.tickets.len()), (3, true, 1));
}

#[test]
fn the_index_follows_the_mirror() {
    let desk = desk();
    let page = Observations {
        tickets: vec![ObservedTicket { subject: "已恢复".into(), ..ticket("A-2") }],
        notes: vec![note("A-2", "n-A-2", "改过的内容")],
        events: vec![],
    };
    desk.store.apply_page(desk.account, &page, &[], "c", false, NOW).unwrap();
    desk.store.settle_search().unwrap();
    assert!(found(&desk, "宕机").is_empty() && found(&desk, "i-bp67").is_empty());
    assert_eq!(found(&desk, "改过"), ["A-2"]);
    assert_eq!(found(&desk, "yhf"), ["A-2"]);
    desk.store.remove_account(desk.account, true).unwrap();
    assert!(found(&desk, "网关").is_empty());
}

#[test]
fn while_pages_come_a_search_waits_for_no_document_and_later_finds_them() {
    let desk = desk();
    let hold = desk.store.clone();
    let (held, release) = (std::sync::mpsc::channel(), std::sync::mpsc::channel::<()>());
    let page = Observations { tickets: vec![ticket("B-1")], notes: vec![note("B-1", "b", "全新的事")], events: vec![] };
    desk.store.apply_page(desk.account, &page, &[], "c", false, NOW).unwrap();
    desk.store.warm_columns().unwrap();
    // The writer is busy for as long as we like.
    let writing = std::thread::spawn(move || {
        hold.write(crate::writer::Durability::Mirror, move |_, _| {
            held.0.send(()).unwrap();
            release.1.recv().unwrap();
            Ok(())
        })
    });
    held.1.recv().unwrap();
    assert_eq!(found(&desk, "网关").len(), 1);
    release.0.send(()).unwrap();
    writing.join().unwrap().unwrap();
    // Without anybody asking, and after a restart too.
    let started = std::time::Instant::now();
    while found(&desk, "全新").is_empty() {
        assert!(started.elapsed().as_secs() < 30, "the documents are not caught up with");
        std::thread::yield_now();
    }
    desk.store
        .apply_page(desk.account, &Observations { notes: vec![note("B-1", "b2", "另一件")], ..page }, &[], "c", false, NOW)
        .unwrap();
    assert_eq!(found(&desk.reopened(), "另一"), ["B-1"]);
}

#[test]
fn own_reply_is_found_once_it_is_sent() {
    use deskbell_domain::sync::op::{OperationState, Receipt};
    let desk = desk();
    let operation = desk.enqueue(desk.ticket("A-3"), reply("折扣码已补发"), "m");
    assert!(found(&desk, "折扣").is_empty());
    desk.store.claim_next(NOW, &[desk.account]).unwrap().unwrap();
    let next = deskbell_domain::sync::plan::NextState {
        state: OperationState::Sent,
        not_before: NOW,
        imposed: false,
        code: None,
        detail: String::new(),
    };
    desk.store.finish_attempt(operation, &next, Some(&Receipt::default()), NOW).unwrap();
    assert_eq!(found(&desk, "折扣"), ["A-3"]);
}

#[test]
fn a_beginning_of_very_many_words_finds_them_all() {
    let desk = Desk::new();
    let body: Vec<String> = (0..3_000).map(|at| format!("zz{at:04}")).collect();
    desk.apply(&Observations { tickets: vec![ticket("T1")], notes: vec![note("T1", "n", &body.join(" "))], events: vec![] });
    assert_eq!(found(&desk, "zz"), ["T1"]);
    assert_eq!(found(&desk, "zz2999"), ["T1"]);
}

#[test]
fn a_total_too_large_to_check_says_so() {
    let desk = Desk::new();
    let tickets: Vec<_> = (0..700).map(|at| ticket(&format!("T{at}"))).collect();
    // Half of them have the pairs without the word.
    let notes =
        (0..700).map(|at| note(&format!("T{at}"), &format!("n{at}"), if at % 2 == 0 { "服务器" } else { "服务 务器" })).collect();
    desk.apply(&Observations { tickets, notes, events: vec![] });
    let answer = search(&desk, "服务器");
    assert_eq!((answer.exact, answer.tickets.len()), (false, 50));
    assert_eq!(answer.total, 250 + 200, "half of the 500 checked, and the 200 that were not");
    assert_eq!(search(&desk, "服务").total, 700);
    assert!(search(&desk, "服务").exact);
}

#[test]
fn what_is_found_is_shown_as_it_was_written() {
    let desk = Desk::new();
    let mut wide = ticket("T1");
    wide.subject = "ＥＣＳ①号 cafe\u{301} ㎡".into();
    desk.apply(&Observations { tickets: vec![wide.clone()], ..Observations::default() });
    for (query, hit) in [("ecs", "ＥＣＳ"), ("CAFÉ", "cafe\u{301}"), ("m2", "㎡")] {
        let answer = desk.store.search(query, &Default::default(), 10).unwrap();
        let parts = &answer.tickets[0].subject_parts;
        assert_eq!(parts.iter().map(|part| part.text.as_str()).collect::<String>(), wide.subject, "{query}");
        assert_eq!(parts.iter().find(|part| part.hit).map(|part| part.text.as_str()), Some(hit), "{query}");
    }
}
