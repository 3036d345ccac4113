//! Who acts, as a table of situations.

use super::*;
use crate::time::HOUR_MS;

const NOW: UtcMs = UtcMs(1_800_000_000_000);

fn away(from_h: i64, to_h: i64, deputy: &str) -> Absence {
    Absence { from: NOW.plus_ms(from_h * HOUR_MS), to: NOW.plus_ms(to_h * HOUR_MS), deputy: deputy.into(), note: String::new() }
}

fn person(id: i64, name: &str, absences: Vec<Absence>) -> Person {
    Person { id, name: name.into(), absences, ..Person::default() }
}

fn care(manager: &str, deputy: &str) -> Care {
    Care { manager: manager.into(), deputy: deputy.into() }
}

/// Why, the customer's care, the people, who acts, why so, until when.
type Case = (&'static str, Care, Vec<Person>, &'static str, ActingWhy, Option<i64>);

#[test]
fn who_acts() {
    let lin = |absences| person(1, "林夏", absences);
    let chen = |absences| person(2, "陈默", absences);
    let cases: Vec<Case> = vec![
        ("no card: the manager is taken to be there", care("林夏", "陈默"), vec![], "林夏", ActingWhy::Manager, None),
        ("there", care("林夏", "陈默"), vec![lin(vec![away(1, 2, "周")])], "林夏", ActingWhy::Manager, None),
        (
            "came back at this very instant",
            care("林夏", "陈默"),
            vec![lin(vec![away(-5, 0, "")])],
            "林夏",
            ActingWhy::Manager,
            None,
        ),
        (
            "leaves at this very instant",
            care("林夏", "陈默"),
            vec![lin(vec![away(0, 3, "")])],
            "陈默",
            ActingWhy::CustomerDeputy,
            Some(3),
        ),
        (
            "the absence names somebody",
            care("林夏", "陈默"),
            vec![lin(vec![away(-1, 3, "周")])],
            "周",
            ActingWhy::AbsenceDeputy,
            Some(3),
        ),
        (
            "two absences in a row are one",
            care("林夏", "陈默"),
            vec![lin(vec![away(-1, 3, ""), away(3, 9, "")])],
            "陈默",
            ActingWhy::CustomerDeputy,
            Some(9),
        ),
        (
            "whom the absence names is away too: the customer's deputy",
            care("林夏", "陈默"),
            vec![lin(vec![away(-1, 3, "周")]), person(3, "周", vec![away(-1, 1, "")])],
            "陈默",
            ActingWhy::CustomerDeputy,
            Some(3),
        ),
        (
            "both away: whom the deputy's absence names",
            care("林夏", "陈默"),
            vec![lin(vec![away(-1, 3, "")]), chen(vec![away(-1, 1, "吴")])],
            "吴",
            ActingWhy::FurtherDeputy,
            Some(3),
        ),
        (
            "they stand in for each other and are both away",
            care("林夏", "陈默"),
            vec![lin(vec![away(-1, 3, "陈默")]), chen(vec![away(-1, 1, "林夏")])],
            "林夏",
            ActingWhy::NobodyThere,
            Some(3),
        ),
        ("nobody was named", care("林夏", ""), vec![lin(vec![away(-1, 3, "")])], "林夏", ActingWhy::NobodyThere, Some(3)),
        ("a deputy and no manager", care("", "陈默"), vec![], "陈默", ActingWhy::NoManager, None),
        ("nobody is known", care(" ", ""), vec![], "", ActingWhy::Unknown, None),
        (
            "case and spaces are no other person",
            care(" Lin Xia ", "Chen"),
            vec![person(1, "lin xia", vec![away(-1, 1, "")])],
            "Chen",
            ActingWhy::CustomerDeputy,
            Some(1),
        ),
    ];
    for (why, care, people, name, reason, hours) in cases {
        let found = acting(&care, &people, NOW);
        let until = hours.map(|hours| NOW.plus_ms(hours * HOUR_MS));
        assert_eq!((found.name.as_str(), found.why, found.until), (name, reason, until), "{why}");
    }
}

#[test]
fn what_is_wrong_with_a_card_is_said_by_field() {
    let others = [person(1, "林夏", vec![])];
    let card = Person {
        id: 2,
        name: " 林夏 ".into(),
        phone: "call me".into(),
        email: "nowhere".into(),
        languages: vec!["zh-CN".into(), "中文".into()],
        absences: vec![away(0, 5, "陈默"), away(4, 8, ""), away(9, 9, "林夏")],
        ..Person::default()
    };
    let found: Vec<(String, Code)> = check_person(&card, &others).into_iter().map(|one| (one.field, one.code)).collect();
    let expected = [
        ("phone", Code::PhoneNumberInvalid),
        ("email", Code::MailAddressInvalid),
        ("name", Code::ValueTwice),
        ("languages[1]", Code::LanguageInvalid),
        ("absences[1].from", Code::AbsencesOverlap),
        ("absences[2].to", Code::WindowReversed),
        ("absences[2].deputy", Code::DeputyIsSelf),
    ];
    assert_eq!(found, expected.map(|(field, code)| (field.to_owned(), code)));
    assert_eq!(check_person(&others[0], &others), vec![], "a card is not its own double");
    assert_eq!(check_person(&person(3, " ", vec![]), &others)[0].field, "name");
}

#[test]
fn a_deputy_is_somebody_else() {
    assert_eq!(check_care(&care("林夏", "林夏"))[0].code, Code::DeputyIsSelf);
    assert!(check_care(&care("", "")).is_empty() && check_care(&care("林夏", "陈默")).is_empty());
}

#[test]
fn only_a_mobile_number_names_somebody_in_a_group() {
    for (phone, expect) in [
        ("13912345678", Some("13912345678")),
        ("+86 139-1234-5678", Some("13912345678")),
        ("0086 139 1234 5678", Some("13912345678")),
        (" 86-13912345678 ", Some("13912345678")),
        ("139 1234 5678,12", Some("13912345678")),
        ("010-88888888", None),
        ("400-6455-577", None),
        ("+1 391 234 5678 9", None),
        ("+13912345678", None),
        ("+852 9123 4567", None),
        ("12012345678", None),
        ("1391234567", None),
        ("", None),
    ] {
        assert_eq!(mainland_mobile(phone).as_deref(), expect, "{phone}");
    }
}
