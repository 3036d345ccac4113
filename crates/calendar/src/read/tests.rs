//! With objects that others wrote, or that nobody should have.

use chrono_tz::Tz;
use deskbell_domain::{Code, UtcMs};
use proptest::prelude::*;

use super::*;

fn calendar(events: &str) -> Calendar {
    let text = format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{}END:VCALENDAR\r\n", events.replace('\n', "\r\n"));
    Calendar::read(text.as_bytes()).unwrap()
}

fn event(lines: &str) -> Calendar {
    calendar(&format!("BEGIN:VEVENT\nUID:one\n{lines}\nEND:VEVENT\n"))
}

fn at(text: &str) -> UtcMs {
    UtcMs::parse_rfc3339(text).unwrap()
}

fn starts(calendar: &Calendar, from: &str, to: &str) -> Vec<String> {
    let found = calendar.sessions(at(from), at(to), Tz::Asia__Shanghai);
    found.list.iter().map(|session| session.start.to_rfc3339()).collect()
}

#[test]
fn live_questions_come_on_wednesdays_and_fridays_at_eight_in_the_evening() {
    let calendar = Calendar::read(crate::LIVE_QA.as_bytes()).unwrap();
    assert_eq!((calendar.name(), calendar.events()), ("专家直播答疑 Live Q&A", 1));
    let found = starts(&calendar, "2026-11-23T00:00:00Z", "2026-12-05T00:00:00Z");
    let expected = ["2026-11-25T12:00:00Z", "2026-11-27T12:00:00Z", "2026-12-02T12:00:00Z", "2026-12-04T12:00:00Z"];
    assert_eq!(found, expected);
}

#[test]
fn a_rule_stays_on_the_wall_clock_over_a_change_of_clocks() {
    let weekly = event("DTSTART;TZID=Europe/Berlin:20260318T200000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;COUNT=3");
    let found = starts(&weekly, "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z");
    assert_eq!(found, ["2026-03-18T19:00:00Z", "2026-03-25T19:00:00Z", "2026-04-01T18:00:00Z"]);
}

#[test]
fn a_time_that_the_clock_skips_is_read_with_the_offset_before_the_gap() {
    let gap = event("DTSTART;TZID=Europe/Berlin:20270328T023000\nDURATION:PT1H");
    assert_eq!(starts(&gap, "2027-03-01T00:00:00Z", "2027-04-01T00:00:00Z"), ["2027-03-28T01:30:00Z"]);
}

#[test]
fn exceptions_moves_and_ends_of_rules_hold() {
    let table = [
        ("the end of a rule in UTC", "DTSTART;TZID=Asia/Shanghai:20260101T200000\nRRULE:FREQ=DAILY;UNTIL=20260103T120000Z", 3),
        ("and one second earlier", "DTSTART;TZID=Asia/Shanghai:20260101T200000\nRRULE:FREQ=DAILY;UNTIL=20260103T115959Z", 2),
        ("a date as the end", "DTSTART;TZID=Asia/Shanghai:20260101T200000\nRRULE:FREQ=DAILY;UNTIL=20260103", 3),
        ("dates taken away", "DTSTART:20260101T120000Z\nRRULE:FREQ=DAILY;COUNT=4\nEXDATE:20260102T120000Z", 3),
        ("a day taken away", "DTSTART:20260101T120000Z\nRRULE:FREQ=DAILY;COUNT=4\nEXDATE;VALUE=DATE:20260102", 3),
        ("dates added", "DTSTART:20260101T120000Z\nRDATE:20260105T120000Z,20260106T120000Z", 3),
        ("whole days", "DTSTART;VALUE=DATE:20260101\nRRULE:FREQ=DAILY;COUNT=2", 2),
        ("called off", "DTSTART:20260101T120000Z\nSTATUS:CANCELLED", 0),
    ];
    for (why, lines, count) in table {
        assert_eq!(starts(&event(lines), "2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z").len(), count, "{why}");
    }
}

#[test]
fn one_occurrence_moved_is_not_there_twice() {
    let moved = calendar(
        "BEGIN:VEVENT\nUID:a\nDTSTART:20260101T120000Z\nRRULE:FREQ=WEEKLY;COUNT=2\nSUMMARY:old\nEND:VEVENT\n\
         BEGIN:VEVENT\nUID:a\nRECURRENCE-ID:20260108T120000Z\nDTSTART:20260109T150000Z\nSUMMARY:new\nEND:VEVENT\n",
    );
    let found = moved.sessions(at("2026-01-01T00:00:00Z"), at("2026-02-01T00:00:00Z"), Tz::UTC).list;
    let told: Vec<_> = found.iter().map(|one| (one.title.as_str(), one.start.to_rfc3339())).collect();
    assert_eq!(told, [("old", "2026-01-01T12:00:00Z".to_owned()), ("new", "2026-01-09T15:00:00Z".to_owned())]);
}

#[test]
fn what_is_no_calendar_is_refused_by_name() {
    let long = vec![b' '; CALENDAR_BYTES_MAX + 1];
    let vcard = b"BEGIN:VCARD\r\nVERSION:4.0\r\nEND:VCARD\r\n";
    let table: [(&[u8], Code); 8] = [
        (b"", Code::CalendarUnreadable),
        (b"<html>", Code::CalendarUnreadable),
        (b"BEGIN:VCALENDAR\r\nX:\xff\r\nEND:VCALENDAR\r\n", Code::CalendarUnreadable),
        (b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\n", Code::CalendarUnreadable),
        (b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nEND:VCALENDAR\r\n", Code::CalendarUnreadable),
        (b"BEGIN:VCALENDAR\r\nSUMMARY:a\0b\r\nEND:VCALENDAR\r\n", Code::CalendarUnreadable),
        (vcard, Code::CalendarUnreadable),
        (&long, Code::CalendarTooLarge),
    ];
    for (bytes, code) in table {
        let error = Calendar::read(bytes).unwrap_err();
        assert_eq!(error.code, code, "{:?}: {error}", String::from_utf8_lossy(&bytes[..bytes.len().min(60)]));
    }
}

#[test]
fn rules_without_an_end_and_rules_that_explode_end() {
    let never = event("DTSTART:19700101T000000Z\nRRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30");
    assert_eq!(starts(&never, "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z").len(), 0);
    let list = |most: u32| (0..most).map(|one| one.to_string()).collect::<Vec<_>>().join(",");
    let bomb =
        format!("DTSTART:20260101T000000Z\nRRULE:FREQ=YEARLY;BYHOUR={};BYMINUTE={};BYSECOND={}", list(24), list(60), list(60));
    for lines in [bomb.as_str(), "DTSTART:20260101T000000Z\nRRULE:FREQ=SECONDLY"] {
        let found = event(lines).sessions(at("2026-01-01T00:00:00Z"), at("2027-01-01T00:00:00Z"), Tz::UTC);
        assert_eq!((found.list.len(), found.skipped), (0, 1), "{lines}");
    }
    let hourly = event("DTSTART:19700101T000000Z\nRRULE:FREQ=HOURLY").sessions(
        at("2026-01-01T00:00:00Z"),
        at("2026-02-01T00:00:00Z"),
        Tz::UTC,
    );
    assert!(hourly.cut, "the budget ends before 56 years of hours do");
}

#[test]
fn zones_of_their_own_names_are_used_where_they_are_plain_and_left_out_where_not() {
    let zone = |observances: &str| {
        calendar(&format!(
            "BEGIN:VTIMEZONE\nTZID:Ours\n{observances}END:VTIMEZONE\nBEGIN:VEVENT\nUID:a\nDTSTART;TZID=Ours:20260601T100000\nEND:VEVENT\n"
        ))
    };
    let standard = "BEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETFROM:+0530\nTZOFFSETTO:+0530\nEND:STANDARD\n";
    let daylight = "BEGIN:DAYLIGHT\nDTSTART:19700301T000000\nTZOFFSETFROM:+0530\nTZOFFSETTO:+0630\nEND:DAYLIGHT\n";
    assert_eq!(starts(&zone(standard), "2026-06-01T00:00:00Z", "2026-06-02T00:00:00Z"), ["2026-06-01T04:30:00Z"]);
    let found = zone(&format!("{standard}{daylight}")).sessions(at("2026-06-01T00:00:00Z"), at("2026-06-02T00:00:00Z"), Tz::UTC);
    assert_eq!((found.list.len(), found.skipped), (0, 1));
}

#[test]
fn an_address_that_no_browser_should_be_sent_to_is_left_out() {
    for (url, kept) in [("https://a.example/x", true), ("javascript:alert(1)", false), ("http://a.example/", false)] {
        let one = event(&format!("DTSTART:20260101T120000Z\nURL:{url}"));
        let found = one.sessions(at("2026-01-01T00:00:00Z"), at("2026-01-02T00:00:00Z"), Tz::UTC).list;
        assert_eq!(!found[0].url.is_empty(), kept, "{url}");
    }
}

proptest! {
    #[test]
    fn hostile_lines_never_take_the_reader_down(
        lines in proptest::collection::vec(
            prop_oneof![
                Just("BEGIN:VEVENT".to_owned()), Just("END:VEVENT".to_owned()), Just("UID:a".to_owned()),
                Just("BEGIN:VTIMEZONE".to_owned()), Just("END:VTIMEZONE".to_owned()), Just("TZID:X".to_owned()),
                "DTSTART(;TZID=[A-Z/]{1,12})?:[0-9]{8}(T[0-9]{6}Z?)?",
                "DTEND:[0-9]{8}T[0-9]{6}Z?", "DURATION:-?P[0-9]{1,9}[DW]", "EXDATE:[0-9]{8}T[0-9]{6}(,[0-9]{8})?",
                "RRULE:FREQ=(YEARLY|MONTHLY|WEEKLY|DAILY|HOURLY);?(COUNT=[0-9]{1,9}|INTERVAL=[0-9]{1,5}|BYDAY=-?[0-9]?[A-Z]{2}|BYMONTHDAY=-?[0-9]{1,3}|BYSETPOS=-?[0-9]{1,3}|UNTIL=[0-9]{8}T[0-9]{6}Z?|BYWEEKNO=-?[0-9]{1,2}|BYYEARDAY=-?[0-9]{1,3})",
                "RECURRENCE-ID(;RANGE=THISANDFUTURE)?:[0-9]{8}T[0-9]{6}Z?", "[ -~]{0,40}", "\\PC{0,20}",
            ],
            0..30,
        )
    ) {
        let text = format!("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:z\r\n{}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n", lines.join("\r\n"));
        if let Ok(calendar) = Calendar::read(text.as_bytes()) {
            let found = calendar.sessions(at("2026-01-01T00:00:00Z"), at("2026-03-01T00:00:00Z"), Tz::Asia__Shanghai);
            prop_assert!(found.list.len() <= SESSIONS_MAX);
        }
    }
}
