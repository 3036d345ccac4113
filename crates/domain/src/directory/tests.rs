use chrono::NaiveDate;

use super::*;
use crate::error::Code;
use crate::sla::calendar::{CnHolidays, WeeklyHours};
use crate::ticket::Priority;
use crate::time::UtcMs;

fn texts(list: &[&str]) -> Vec<String> {
    list.iter().map(|text| (*text).to_owned()).collect()
}

/// 2026-11-20 is a Friday; Shanghai is eight hours ahead.
const FRIDAY_10: &str = "2026-11-20T10:00:00+08:00";
const FRIDAY_20: &str = "2026-11-20T20:00:00+08:00";

fn at(text: &str) -> UtcMs {
    UtcMs::parse_rfc3339(text).unwrap()
}

fn line(tier: u8, number: &str) -> PhoneLine {
    PhoneLine {
        remote_id: format!("line-{tier}"),
        tier,
        name_zh: format!("第{tier}级"),
        name_en: format!("tier {tier}"),
        number: number.to_owned(),
        languages: texts(&["zh-CN", "en"]),
        hours: HOURS_ALWAYS.to_owned(),
        source: "the contract".to_owned(),
        verified_on: "2026-11-01".to_owned(),
        contract: if tier == 3 { LineContract::Enterprise } else { LineContract::Any },
        for_outage: tier == 2,
        ..PhoneLine::default()
    }
}

fn office() -> CalendarSpec {
    let day = [["09:00".to_owned(), "18:00".to_owned()]];
    CnHolidays::embedded().unwrap().calendar("Asia/Shanghai", WeeklyHours::weekdays(&day), &day).unwrap().into()
}

/// Standard, experts, enterprise; by name what is other than usual.
fn lines(change: &str) -> Vec<PhoneLine> {
    let mut lines = vec![line(1, "566"), line(2, "577"), line(3, "588")];
    for change in change.split_whitespace() {
        match change {
            "experts-office" => lines[1].calendar = Some(office()),
            "all-office" => lines.iter_mut().for_each(|line| line.calendar = Some(office())),
            "experts-unknown" => lines[1].hours = "ask".to_owned(),
            "enterprise-dialects" => lines[2].dialects = texts(&["yue", "nan"]),
            "standard-yue" => lines[0].dialects = texts(&["zh-yue"]),
            "second-standard-ecs" => {
                lines.push(PhoneLine {
                    purpose_en: "Questions about ECS".to_owned(),
                    remote_id: "ecs".to_owned(),
                    ..line(1, "599")
                });
            }
            "experts-broken" => lines[1].calendar = Some(CalendarSpec::weekly("Nowhere/Land", WeeklyHours::default())),
            other => panic!("no such change: {other}"),
        }
    }
    lines
}

/// Why, lines, facts, now, lines in order, reasons of the first.
type Call<'a> = (&'a str, &'a str, CallFacts, &'a str, Vec<usize>, Vec<ReasonCode>);

#[test]
fn recommended_lines_come_in_order_with_their_reasons() {
    use ReasonCode as R;
    let facts = CallFacts::default();
    let enterprise = CallFacts { contract: Some(LineContract::Enterprise), ..facts.clone() };
    let speaking = |languages: &[&str]| CallFacts { languages: texts(languages), ..facts.clone() };
    let table: Vec<Call<'_>> = vec![
        ("an ordinary question", "", facts.clone(), FRIDAY_10, vec![0, 1, 2], vec![R::Standard]),
        (
            "an outage goes to the experts",
            "",
            CallFacts { outage: true, ..facts.clone() },
            FRIDAY_10,
            vec![1, 0, 2],
            vec![R::Outage],
        ),
        (
            "urgent goes to the experts",
            "",
            CallFacts { priority: Priority::Urgent, ..facts.clone() },
            FRIDAY_10,
            vec![1, 0, 2],
            vec![R::Urgent],
        ),
        ("an enterprise contract", "", enterprise.clone(), FRIDAY_10, vec![2, 0, 1], vec![R::EnterpriseContract]),
        (
            "a VIP of whom no contract is known",
            "",
            CallFacts { vip: true, ..facts.clone() },
            FRIDAY_10,
            vec![2, 0, 1],
            vec![R::Vip],
        ),
        (
            "a VIP without an enterprise contract",
            "",
            CallFacts { vip: true, contract: Some(LineContract::Any), ..facts.clone() },
            FRIDAY_10,
            vec![0, 1, 2],
            vec![R::Standard],
        ),
        (
            "an outage of an enterprise customer: experts, then its own line",
            "",
            CallFacts { outage: true, ..enterprise.clone() },
            FRIDAY_10,
            vec![1, 2, 0],
            vec![R::Outage],
        ),
        (
            "the experts are closed: an open line before them",
            "experts-office",
            CallFacts { outage: true, ..facts.clone() },
            FRIDAY_20,
            vec![0, 1, 2],
            vec![R::OpenAlternative, R::Standard],
        ),
        (
            "open again in the morning",
            "experts-office",
            CallFacts { outage: true, ..facts.clone() },
            FRIDAY_10,
            vec![1, 0, 2],
            vec![R::Outage],
        ),
        (
            "all closed: the best one all the same",
            "all-office",
            CallFacts { outage: true, ..facts.clone() },
            FRIDAY_20,
            vec![1, 0, 2],
            vec![R::Outage, R::Closed],
        ),
        (
            "nobody knows the experts' hours: a line that is open first",
            "experts-unknown",
            CallFacts { outage: true, ..facts.clone() },
            FRIDAY_10,
            vec![0, 1, 2],
            vec![R::OpenAlternative, R::Standard],
        ),
        (
            "hours that cannot be read are unknown",
            "experts-broken",
            CallFacts { outage: true, ..facts.clone() },
            FRIDAY_10,
            vec![0, 1, 2],
            vec![R::OpenAlternative, R::Standard],
        ),
        ("English is spoken", "", speaking(&["en-GB"]), FRIDAY_10, vec![0, 1, 2], vec![R::Standard, R::Language]),
        (
            "Cantonese is needed, and the enterprise line has it",
            "enterprise-dialects",
            CallFacts { languages: texts(&["yue"]), ..enterprise.clone() },
            FRIDAY_10,
            vec![2, 0, 1],
            vec![R::EnterpriseContract, R::Dialect],
        ),
        (
            "Cantonese is needed by a customer without that contract: a tag of the older kind fits too",
            "enterprise-dialects standard-yue",
            speaking(&["yue"]),
            FRIDAY_10,
            vec![0, 1, 2],
            vec![R::Standard, R::Dialect],
        ),
        (
            "nothing fits: the standard line, and why",
            "enterprise-dialects",
            speaking(&["yue"]),
            FRIDAY_10,
            vec![0, 1, 2],
            vec![R::NothingFits, R::Standard, R::LanguageMissing],
        ),
        (
            "the line that names the product",
            "second-standard-ecs",
            CallFacts { product: "ecs".to_owned(), ..facts.clone() },
            FRIDAY_10,
            vec![3, 0, 1, 2],
            vec![R::Standard, R::Product],
        ),
    ];
    for (why, change, facts, now, order, reasons) in table {
        let lines = lines(change);
        let found = recommend(&lines, &facts, at(now));
        assert_eq!(found.iter().map(|one| one.line).collect::<Vec<_>>(), order, "{why}");
        assert_eq!(found[0].reasons.iter().map(|reason| reason.code).collect::<Vec<_>>(), reasons, "{why}");
    }
}

#[test]
fn a_closed_line_says_when_it_opens_also_over_a_holiday_and_a_make_up_workday() {
    let opens =
        |now: &str| recommend(&lines("experts-office"), &CallFacts { outage: true, ..CallFacts::default() }, at(now))[1].clone();
    let friday = opens(FRIDAY_20);
    assert_eq!((friday.line, friday.open, friday.opens_at), (1, Some(false), Some(at("2026-11-23T09:00:00+08:00"))));
    // National Day 2026 is off from 1 to 7 October; 2026-09-20 and 2026-10-10 are worked (State Council notice).
    assert_eq!(opens("2026-09-30T18:00:00+08:00").opens_at, Some(at("2026-10-08T09:00:00+08:00")));
    assert_eq!(opens("2026-10-09T18:00:00+08:00").opens_at, Some(at("2026-10-10T09:00:00+08:00")), "a Saturday that is worked");
    assert!(recommend(&[], &CallFacts::default(), at(FRIDAY_10)).is_empty());
}

#[test]
fn what_is_wrong_with_a_line_is_named_by_field() {
    let today = NaiveDate::from_ymd_opt(2026, 11, 21).unwrap();
    let good = line(1, "400-6455-566");
    assert_eq!(check_line(&good, today), []);
    let overlapping = {
        let mut spec = office();
        spec.hours.mon = vec![["09:00".into(), "12:00".into()], ["11:00".into(), "18:00".into()]];
        Some(spec)
    };
    let table: Vec<(&str, PhoneLine, &str, Code)> = vec![
        ("letters in the number", PhoneLine { number: "400-CALL-ME".into(), ..good.clone() }, "number", Code::PhoneNumberInvalid),
        ("too few digits", PhoneLine { number: "12".into(), ..good.clone() }, "number", Code::PhoneNumberInvalid),
        ("no number", PhoneLine { number: " ".into(), ..good.clone() }, "number", Code::ValueMissing),
        ("no hours", PhoneLine { hours: String::new(), ..good.clone() }, "hours", Code::HoursMissing),
        (
            "hours without an interval",
            PhoneLine { calendar: Some(CalendarSpec::weekly("Asia/Shanghai", WeeklyHours::default())), ..good.clone() },
            "hours",
            Code::HoursMissing,
        ),
        ("overlapping intervals", PhoneLine { calendar: overlapping, ..good.clone() }, "calendar", Code::HoursInvalid),
        ("no source", PhoneLine { source: String::new(), ..good.clone() }, "source", Code::SourceMissing),
        ("verified tomorrow", PhoneLine { verified_on: "2026-11-22".into(), ..good.clone() }, "verified_on", Code::DateInFuture),
        ("verified on no day", PhoneLine { verified_on: "2026-02-30".into(), ..good.clone() }, "verified_on", Code::DateInvalid),
        ("tier 0", PhoneLine { tier: 0, ..good.clone() }, "tier", Code::TierInvalid),
        ("tier 4", PhoneLine { tier: 4, ..good.clone() }, "tier", Code::TierInvalid),
        (
            "no name in any language",
            PhoneLine { name_zh: String::new(), name_en: String::new(), ..good.clone() },
            "name_zh",
            Code::ValueMissing,
        ),
        (
            "a language by name",
            PhoneLine { languages: texts(&["Chinese"]), ..good.clone() },
            "languages[0]",
            Code::LanguageInvalid,
        ),
        (
            "a step without words",
            PhoneLine { ivr_path: vec![IvrStep::default()], ..good.clone() },
            "ivr_path[0].label",
            Code::ValueMissing,
        ),
        (
            "an item without words",
            PhoneLine { checklist: vec![ChecklistItem::default()], ..good.clone() },
            "checklist[0].text",
            Code::ValueMissing,
        ),
    ];
    for (why, line, field, code) in table {
        let found = check_line(&line, today);
        assert_eq!(found.iter().map(|one| (one.field.as_str(), one.code)).collect::<Vec<_>>(), [(field, code)], "{why}");
    }
    assert_eq!(check_line(&PhoneLine::default(), today).len(), 6, "every problem is named, not the first");
    for number in ["400-6455-577", "+86 (0)10 8888 8888", "95187", "110", "+1.415.555.2671,,123#"] {
        assert!(is_phone_number(number), "{number}");
    }
    for number in ["", "+", "12", "4OO-6455", "1-800-FLOWERS", "400+6455", "１２３４"] {
        assert!(!is_phone_number(number), "{number}");
    }
}

#[test]
fn what_is_wrong_with_a_centre_is_named_by_field() {
    let today = NaiveDate::from_ymd_opt(2026, 11, 21).unwrap();
    let engineer = |id: &str| Engineer {
        id: id.into(),
        name: "沈一凡".into(),
        skills: texts(&["security_hardening"]),
        languages: texts(&["zh-CN"]),
    };
    let good = ServiceCentre {
        city_zh: "北京".into(),
        latitude: 39.9,
        longitude: 116.4,
        services: texts(&["security_hardening"]),
        source: "GeoNames".into(),
        verified_on: "2026-11-21".into(),
        calendar: Some(office()),
        country: "CN".into(),
        engineers: vec![engineer("a")],
        ..ServiceCentre::default()
    };
    assert_eq!(check_centre(&good, today), []);
    let rules = SlotRules { slot_minutes: 5, ..SlotRules::default() };
    let contact = Contact { name: "值班台".into(), phone: "call us".into(), ..Contact::default() };
    let table: Vec<(&str, ServiceCentre, &str, Code)> = vec![
        ("no coordinates", ServiceCentre { latitude: 0.0, longitude: 0.0, ..good.clone() }, "latitude", Code::CoordinatesMissing),
        ("beyond the pole", ServiceCentre { latitude: 91.0, ..good.clone() }, "latitude", Code::CoordinatesMissing),
        ("not a number", ServiceCentre { longitude: f64::NAN, ..good.clone() }, "latitude", Code::CoordinatesMissing),
        ("no hours", ServiceCentre { calendar: None, ..good.clone() }, "hours", Code::HoursMissing),
        (
            "a service of another kind",
            ServiceCentre { services: texts(&["massage"]), ..good.clone() },
            "services[0]",
            Code::ServiceUnknown,
        ),
        (
            "two engineers of one id",
            ServiceCentre { engineers: vec![engineer("a"), engineer("a")], ..good.clone() },
            "engineers[1].id",
            Code::ValueTwice,
        ),
        ("slots of five minutes", ServiceCentre { rules, ..good.clone() }, "rules.slot_minutes", Code::NumberOutOfRange),
        (
            "a contact with words for a number",
            ServiceCentre { contacts: vec![contact], ..good.clone() },
            "contacts[0].phone",
            Code::PhoneNumberInvalid,
        ),
        ("a country by name", ServiceCentre { country: "China".into(), ..good.clone() }, "country", Code::CountryInvalid),
    ];
    for (why, centre, field, code) in table {
        let found = check_centre(&centre, today);
        assert_eq!(found.iter().map(|one| (one.field.as_str(), one.code)).collect::<Vec<_>>(), [(field, code)], "{why}");
    }
}

#[test]
fn an_entry_is_stale_on_the_ninety_first_day() {
    let verified = NaiveDate::from_ymd_opt(2026, 8, 1).unwrap();
    let on = |days: u64| is_stale("2026-08-01", verified.checked_add_days(chrono::Days::new(days)).unwrap());
    assert_eq!((on(0), on(90), on(91)), (false, false, true));
    assert!(is_stale("", verified) && is_stale("last week", verified));
}

#[test]
fn distances_are_those_of_the_ellipsoid() {
    let place = |latitude, longitude| Place { latitude, longitude };
    // The example of GeographicLib's own GeodSolve page: JFK to London Heathrow, 5551759.400 m.
    let km = distance_km(place(40.6, -73.8), place(51.6, -0.5));
    assert!((km - 5_551.759_400).abs() < 1e-6, "{km}");
    // One degree of latitude at the equator and of longitude at it (WGS 84 by definition).
    assert!((distance_km(place(0.0, 10.0), place(1.0, 10.0)) - 110.574).abs() < 0.001);
    assert!((distance_km(place(0.0, 10.0), place(0.0, 11.0)) - 111.319).abs() < 0.001);
    assert!(distance_km(place(30.0, 120.0), place(30.0, 120.0)).abs() < 1e-9);
    assert!(distance_km(place(0.5, 179.9), place(0.5, -179.9)) < 23.0, "over the date line the short way");
}
