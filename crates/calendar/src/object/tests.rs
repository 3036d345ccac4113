//! What is written, line by line.

use chrono_tz::Tz;

use super::*;
use crate::Calendar;

fn appointment() -> Appointment {
    Appointment {
        uid: "visit-1@deskbell".into(),
        sequence: 2,
        standing: Standing::Confirmed,
        title: "上门 · 硬件检测".into(),
        description: "请带备用电源模块；机房在三层。".repeat(12) + "\r\n第二行, with; commas\\ and 🛠️",
        place: "华东支付机房".into(),
        geo: Some((31.2304, 121.4737)),
        url: String::new(),
        start: UtcMs::parse_rfc3339("2026-11-26T06:00:00Z").unwrap(),
        end: UtcMs::parse_rfc3339("2026-11-26T08:00:00Z").unwrap(),
        zone: Tz::Asia__Shanghai,
        organizer: Person { name: "林夏".into(), email: String::new() },
        attendees: vec![Person { name: "周\"启明".into(), email: "zhou@example.com".into() }],
        alarms_min: vec![1_440, 120],
        category: String::new(),
        stamp: UtcMs::parse_rfc3339("2026-11-21T10:00:00Z").unwrap(),
    }
}

#[test]
fn lines_end_with_crlf_and_are_folded_between_characters_at_75_octets() {
    let text = write_object(&appointment(), Some(Method::Request));
    assert!(text.ends_with("END:VCALENDAR\r\n") && !text.replace("\r\n", "").contains(['\r', '\n']));
    assert!(text.lines().all(|line| line.len() <= 75), "{text}");
    assert!(text.lines().filter(|line| line.starts_with(' ')).count() > 5);
}

#[test]
fn an_invitation_says_what_a_calendar_has_to_know() {
    let text = write_object(&appointment(), Some(Method::Request)).replace("\r\n ", "");
    for line in [
        "METHOD:REQUEST",
        "UID:visit-1@deskbell",
        "SEQUENCE:2",
        "DTSTAMP:20261121T100000Z",
        "DTSTART;TZID=Asia/Shanghai:20261126T140000",
        "DTEND;TZID=Asia/Shanghai:20261126T160000",
        "STATUS:CONFIRMED",
        "TZID:Asia/Shanghai",
        "TZOFFSETTO:+0800",
        "TRIGGER:-PT1440M",
        "GEO:31.2304;121.4737",
    ] {
        assert!(text.lines().any(|one| one == line), "{line} is missing in\n{text}");
    }
    assert!(text.contains("\\n第二行\\, with\\; commas\\\\ and 🛠️"), "{text}");
    assert!(!text.contains("周\"启明"), "a quote would end the name");
}

#[test]
fn an_own_calendar_gets_no_method_and_no_guests() {
    let text = write_object(&appointment(), None);
    assert!(!["METHOD", "ORGANIZER", "ATTENDEE"].iter().any(|name| text.contains(name)), "{text}");
}

#[test]
fn what_is_called_off_rings_no_more() {
    let off = Appointment { standing: Standing::Cancelled, ..appointment() };
    let text = write_object(&off, Some(Method::Cancel));
    assert!(text.contains("METHOD:CANCEL\r\n") && text.contains("STATUS:CANCELLED\r\n") && !text.contains("VALARM"), "{text}");
}

#[test]
fn the_stamp_alone_is_no_change() {
    let later = Appointment { stamp: UtcMs(0), ..appointment() };
    assert_eq!(fingerprint(&later), fingerprint(&appointment()));
    let moved = Appointment { end: UtcMs(appointment().end.0 + 1_000), ..appointment() };
    assert_ne!(fingerprint(&moved), fingerprint(&appointment()));
}

#[test]
fn what_is_written_is_read_as_it_was_meant_in_zones_with_and_without_a_change_of_clocks() {
    for zone in [Tz::Asia__Shanghai, Tz::Europe__Berlin, Tz::America__New_York, Tz::Australia__Lord_Howe, Tz::UTC] {
        for month in 1..=12 {
            let start = UtcMs::parse_rfc3339(&format!("2027-{month:02}-11T09:30:00Z")).unwrap();
            let one = Appointment { zone, start, end: start.plus_ms(5_400_000), ..appointment() };
            let read = Calendar::read(write_object(&one, None).as_bytes()).unwrap();
            let found = read.sessions(start.plus_ms(-1), start.plus_ms(1), Tz::UTC).list;
            assert_eq!((found[0].start, found[0].end), (one.start, one.end), "{zone} {month}");
            assert_eq!(found[0].title, one.title);
        }
    }
}
