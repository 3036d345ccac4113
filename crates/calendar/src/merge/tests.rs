//! Tables of three versions.

use super::*;

fn event(title: &str, words: &str, more: &str) -> String {
    format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:u\r\nDTSTAMP:20260101T000000Z\r\nSEQUENCE:1\r\n\
         DTSTART:20260101T080000Z\r\nSUMMARY:{title}\r\nDESCRIPTION:{words}\r\nSTATUS:CONFIRMED\r\n{more}END:VEVENT\r\nEND:VCALENDAR\r\n"
    )
}

fn alarm(minutes: u32) -> String {
    format!("BEGIN:VALARM\r\nACTION:DISPLAY\r\nDESCRIPTION:x\r\nTRIGGER:-PT{minutes}M\r\nEND:VALARM\r\n")
}

#[test]
fn ours_where_it_is_ours_and_theirs_where_they_added_something() {
    let (base, ours) = (event("old", "a", &alarm(60)), event("new", "b", &alarm(60)));
    let table = [
        ("nobody touched it", event("old", "a", &alarm(60)), event("new", "b", &alarm(60))),
        ("their title gives way", event("theirs", "a", &alarm(60)), event("new", "b", &alarm(60))),
        ("their words stand beneath", event("old", "a\\n\\ncoffee", &alarm(60)), event("new", "b\\n\\ncoffee", &alarm(60))),
        ("their alarm stays", event("old", "a", &alarm(5)), event("new", "b", &alarm(5))),
        ("their having none stays", event("old", "a", ""), event("new", "b", "")),
        (
            "their colour stays",
            event("old", "a", &format!("COLOR:tomato\r\n{}", alarm(60))),
            event("new", "b", &format!("COLOR:tomato\r\n{}", alarm(60))),
        ),
        ("a day is 1,440 minutes", event("old", "a", &alarm(60).replace("PT60M", "PT1H")), event("new", "b", &alarm(60))),
        ("the answer to our own try was lost", ours.clone(), ours.clone()),
    ];
    for (why, theirs, expect) in table {
        let made = merged(&theirs, &[&base], &ours);
        assert!(same_event(&made, &expect), "{why}:\n{made}");
        assert!(same_event(&merged(&made, &[&base, &ours], &ours), &expect), "{why}, once more");
    }
}

#[test]
fn words_that_were_kept_once_are_not_doubled_by_a_lost_answer() {
    let (first, tried, ours) = (event("t", "a", ""), event("t", "b", ""), event("t", "c", ""));
    let theirs = event("t", "b\\n\\ncoffee", "");
    let made = merged(&theirs, &[&first, &tried], &ours);
    assert!(same_event(&made, &event("t", "c\\n\\ncoffee", "")), "{made}");
}

#[test]
fn called_off_keeps_what_was_written_and_rings_no_more() {
    let theirs = event("t", "a\\n\\ncoffee", &alarm(5));
    assert!(has_added_words(&theirs, &[&event("t", "a", "")]));
    assert!(!has_added_words(&event("t", "a", &alarm(5)), &[&event("t", "a", "")]));
    let off = called_off(&theirs).unwrap();
    assert!(
        off.contains("STATUS:CANCELLED") && off.contains("SEQUENCE:2") && off.contains("coffee") && !off.contains("VALARM"),
        "{off}"
    );
}

#[test]
fn whose_object_it_is() {
    assert_eq!(uid_of(&event("t", "a", "")).as_deref(), Some("u"));
    assert_eq!(uid_of("no calendar"), None);
    assert!(!same_event("no calendar", "no calendar"));
}
