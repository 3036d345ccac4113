//! What stands on paper, in both languages.

use std::collections::BTreeMap;

use chrono_tz::Asia::Shanghai;
use deskbell_domain::directory::Contact;
use deskbell_domain::people::{Absence, ActingWhy, Person};
use deskbell_domain::scheduling::{CheckItem, Service, SignOff, Site, Slot, Visit, VisitEvent, VisitEventKind, VisitState};
use deskbell_domain::sla::clock::ClockState;
use deskbell_domain::sla::policy::Metric;
use deskbell_domain::sync::op::FileRef;
use deskbell_domain::ticket::{AccountId, Priority, Role, Status, TicketId};

use super::*;
use crate::handover::{Handover, HandoverClock, HandoverCustomer, HandoverNote, HandoverPromise, HandoverTicket};
use crate::people::CustomerCard;
use crate::visits::VisitView;

fn at(text: &str) -> UtcMs {
    UtcMs::parse_rfc3339(text).unwrap()
}

/// Every text of a document in its order.
fn texts(document: &PaperDocument) -> Vec<String> {
    fn walk(value: &serde_json::Value, found: &mut Vec<String>) {
        match value {
            serde_json::Value::String(text) => found.push(text.clone()),
            serde_json::Value::Array(items) => items.iter().for_each(|item| walk(item, found)),
            serde_json::Value::Object(fields) => fields.values().for_each(|field| walk(field, found)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    walk(&serde_json::to_value(document).unwrap(), &mut found);
    found
}

/// A key without a text stands for itself; an argument without a value stays in braces.
fn has_no_gaps(document: &PaperDocument) {
    for text in texts(document) {
        let is_key = [
            "paper-",
            "brief-",
            "acting-",
            "metric-",
            "status-",
            "priority-",
            "service-",
            "visit-",
            "call-outcome-",
            "handover-",
        ]
        .iter()
        .any(|head| text.starts_with(head) && !text.contains(' '));
        assert!(!is_key && !text.contains("{$") && !text.contains("{ $"), "{text}");
    }
}

fn view() -> VisitView {
    let start = at("2026-11-26T06:00:00Z");
    let visit = Visit {
        id: "v1".into(),
        ticket_remote_id: "T/1".into(),
        service: Service::HardwareInspection,
        site: Site { name: "滨江机房".into(), address: "网商路 699 号".into(), city: "杭州".into(), ..Site::default() },
        contact: Contact { name: "李雷".into(), phone: "138 0000 0000".into(), ..Contact::default() },
        asset: "SN-1".into(),
        note: String::new(),
        window: None,
        centre_id: "c1".into(),
        slot: Some(Slot { centre_id: "c1".into(), start, end: at("2026-11-26T08:00:00Z"), engineer_ids: Vec::new(), free: 0 }),
        engineer_id: Some("e1".into()),
        state: VisitState::Done,
        requested_at: start,
        history: vec![VisitEvent {
            at: start,
            kind: VisitEventKind::Confirmed,
            actor: "杭州".into(),
            detail: String::new(),
            start: Some(start),
        }],
        checklist: vec![
            CheckItem { text: "电源".into(), done: true, finding: String::new() },
            CheckItem { text: "磁盘".into(), done: false, finding: "第 3 块告警".into() },
        ],
        findings: "已更换".into(),
        sign_off: Some(SignOff { name: "李雷".into(), at: at("2026-11-26T07:50:00Z"), drawing: Some("M0 0 L 9 9".into()) }),
        sequence: 1,
        version: "1".into(),
    };
    let photo = |name: &str| FileRef { sha256: "0".repeat(64), name: name.into(), mime: "image/jpeg".into(), size_bytes: 3 };
    VisitView {
        key: "k1".into(),
        account: AccountId(1),
        ticket: Some(TicketId(1)),
        ticket_remote_id: "T/1".into(),
        ticket_subject: "502 间歇".into(),
        customer: "华东支付".into(),
        visit,
        pending: Vec::new(),
        refusal: None,
        centre: None,
        engineer_name: "王工".into(),
        clock: None,
        carrier: None,
        photos: vec![photo("a.jpg"), photo("b.jpg")],
        can: Vec::new(),
        cutoff_at: None,
    }
}

#[test]
fn the_report_says_where_when_in_which_zone_what_was_found_and_who_signed() {
    for (language, head, missing) in [
        (Language::ZhCn, "上门服务报告", "b.jpg（这台电脑上没有这张照片）"),
        (Language::En, "Visit report", "b.jpg (not on this computer)"),
    ] {
        let paper =
            visit::report(&Words::new(language), &view(), vec![Some(vec![1, 2, 3]), None], at("2026-11-26T09:00:00Z"), Shanghai);
        has_no_gaps(&paper.document);
        let all = texts(&paper.document);
        let says = |wanted: &str| all.iter().any(|text| text == wanted);
        assert!(says(head) && says(missing) && says("已更换") && says("M0 0 L 9 9") && says("第 3 块告警"), "{all:?}");
        assert!(says("2026-11-26 14:00 – 16:00 (Asia/Shanghai, UTC+08:00)"), "{all:?}");
        assert!(says("2026-11-26 15:50 (Asia/Shanghai, UTC+08:00)"), "{all:?}");
        assert_eq!(paper.document.pictures, [vec![1, 2, 3], Vec::new()]);
        assert_eq!(paper.file_name, format!("{head}-T_1-2026-11-26.pdf"));
    }
    // Nobody signed, nothing was found: it is said.
    let mut bare = view();
    (bare.visit.sign_off, bare.visit.findings) = (None, String::new());
    let paper = visit::report(&Words::new(Language::En), &bare, Vec::new(), at("2026-11-26T09:00:00Z"), Shanghai);
    let all = texts(&paper.document);
    assert!(all.iter().any(|text| text == "Not signed yet.") && all.iter().any(|text| text == "No findings were written down."));
}

fn handover() -> Handover {
    let now = at("2026-11-25T02:30:00Z");
    let promise = |text: &str, due: Option<UtcMs>| HandoverPromise {
        text: text.into(),
        at: now.plus_ms(-1),
        author: "林夏".into(),
        note: "n1".into(),
        due,
    };
    let ticket = HandoverTicket {
        id: TicketId(1),
        remote_id: "0005PYGCW".into(),
        subject: "502 间歇".into(),
        status: Status::WaitingVendor,
        priority: Priority::Urgent,
        product: "SLB".into(),
        assignee: String::new(),
        created_at: now,
        clocks: vec![
            HandoverClock {
                metric: Metric::Resolution,
                instance: 1,
                state: ClockState::Breached,
                deadline_at: Some(now),
                paused_since: None,
                provisional: true,
            },
            HandoverClock {
                metric: Metric::NextResponse,
                instance: 1,
                state: ClockState::Running,
                deadline_at: None,
                paused_since: Some(now),
                provisional: false,
            },
        ],
        last_note: Some(HandoverNote { author: "客户".into(), role: Role::Customer, at: now, text: "还没好".into() }),
        promises: vec![promise("今天18:00前恢复。", Some(at("2026-11-25T10:00:00Z"))), promise("本周内完成。", None)],
        pending: 2,
    };
    let card = CustomerCard {
        account: AccountId(1),
        account_name: "hub".into(),
        remote_id: "c1".into(),
        name: "华东支付".into(),
        vip: true,
        city: "杭州".into(),
        languages: vec!["zh-CN".into()],
        manager: "林夏".into(),
        deputy: "陈默".into(),
        provider_manager: "林夏".into(),
        provider_deputy: "陈默".into(),
        overridden: false,
        acting: "陈默".into(),
        acting_why: ActingWhy::CustomerDeputy,
        acting_until: Some(at("2026-11-28T00:00:00Z")),
        acting_person: None,
        tickets: 3,
        open_tickets: 1,
        breached: 1,
        next_deadline: None,
    };
    let away = Absence { from: now, to: at("2026-11-28T00:00:00Z"), deputy: "陈默".into(), note: "年假".into() };
    let people = vec![Person { name: "林夏".into(), absences: vec![away], ..Person::default() }];
    let customer = HandoverCustomer { card, tickets: vec![ticket], tickets_more: 4, visits: Vec::new(), calls: Vec::new() };
    Handover {
        title: "T".into(),
        made_at: now,
        from: now,
        to: now.plus_ms(86_400_000),
        tz: "Asia/Shanghai".into(),
        people,
        customers: vec![customer],
        quiet: 3,
        more: 2,
    }
}

#[test]
fn the_brief_has_the_words_of_both_languages_and_every_promise_as_it_was_written() {
    for language in [Language::ZhCn, Language::En] {
        let paper = handover::paper(&Words::new(language), &handover());
        has_no_gaps(&paper.document);
        let quotes: Vec<&str> = paper
            .document
            .blocks
            .iter()
            .filter_map(|block| if let Block::Quote { text, .. } = block { Some(text.as_str()) } else { None })
            .collect();
        assert_eq!(quotes, ["今天18:00前恢复。", "本周内完成。"]);
        let all = texts(&paper.document).join("\n");
        for wanted in ["2026-11-25 18:00", "陈默", "还没好", "#0005PYGCW 502 间歇", "(Asia/Shanghai, UTC+08:00)"] {
            assert!(all.contains(wanted), "{wanted}: {all}");
        }
    }
}

#[test]
fn every_reason_for_acting_has_its_words() {
    let keys: BTreeMap<&str, String> =
        ActingWhy::ALL.iter().map(|why| (why.as_str(), format!("acting-{}", why.as_str()))).collect();
    for language in [Language::ZhCn, Language::En] {
        for key in keys.values() {
            assert_ne!(Words::new(language).text(key), *key, "{language:?}");
        }
    }
}

#[test]
fn names_of_files_stay_in_their_folder() {
    assert_eq!(file_name(&["交接简报", "../../etc/passwd", ""]), "交接简报-.._.._etc_passwd.pdf");
    assert_eq!(file_name(&["..", "a\u{0}b"]), "-a_b.pdf");
    assert!(file_name(&[&"长".repeat(500)]).chars().count() <= 104);
}
