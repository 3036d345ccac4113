use chrono::NaiveDate;
use deskbell_domain::directory::{ChecklistItem, Contact, Engineer, IvrStep, LineContract, SlotRules};
use deskbell_domain::sla::calendar::{CalendarSpec, CnHolidays, WeeklyHours};
use proptest::prelude::*;

use super::super::sources::Standing;
use super::super::{EntryOrigin, shipped};
use super::*;

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 21).unwrap()
}

fn office() -> CalendarSpec {
    let day = [["09:00".to_owned(), "12:00".to_owned()], ["13:30".to_owned(), "18:00".to_owned()]];
    CnHolidays::embedded().unwrap().calendar("Asia/Shanghai", WeeklyHours::weekdays(&day), &day).unwrap().into()
}

fn line(number: &str) -> PhoneLine {
    PhoneLine {
        remote_id: format!("id-{number}"),
        tier: 1,
        name_zh: "自有热线".to_owned(),
        number: number.to_owned(),
        hours: "7x24".to_owned(),
        source: "the contract".to_owned(),
        verified_on: "2026-11-01".to_owned(),
        ..PhoneLine::default()
    }
}

fn own<T: Item>(key: &str, entry: T) -> Standing<T> {
    Standing {
        key: key.to_owned(),
        origin: EntryOrigin::Own,
        account: None,
        entry,
        source: None,
        row: None,
        hidden: false,
        provider_changed: false,
        provider_gone: false,
        conflicts: Vec::new(),
    }
}

/// What a file says of an empty desk.
fn planned<T: Item + Table>(bytes: &[u8], standing: &[Standing<T>]) -> Result<ImportPlan, Code> {
    let rows = read_rows::<T>(bytes).map_err(|error| error.code)?;
    let looked = LookedInto { token: "t".into(), kind: T::KIND, file_name: "f".into(), bytes: Vec::new() };
    Ok(plan::plan(rows, standing, today()).shown(&looked))
}

/// The entries that a file makes on an empty desk.
fn made<T: Item + Table>(bytes: &[u8]) -> Vec<T> {
    let rows = read_rows::<T>(bytes).unwrap();
    let planned = plan::plan::<T>(rows, &[], today());
    assert_eq!(planned.first_refused(), None);
    let writes = planned.writes(|| "own-new".to_owned()).unwrap();
    writes.iter().map(|write| serde_json::from_str(&write.payload).unwrap()).collect()
}

fn codes(plan: &ImportPlan) -> Vec<(u32, String, Code)> {
    let of = |row: &ImportRow| row.problems.iter().map(|one| (row.line_number, one.field.clone(), one.code)).collect::<Vec<_>>();
    plan.rows.iter().flat_map(of).collect()
}

fn rich_line() -> PhoneLine {
    PhoneLine {
        number: "+86 10 8888 8888".to_owned(),
        name_zh: "=HYPERLINK(\"http://evil\")".to_owned(),
        name_en: "'=already quoted".to_owned(),
        purpose_zh: "含“引号”、,逗号\n和换行".to_owned(),
        purpose_en: " @spaces ".to_owned(),
        languages: vec!["zh-CN".to_owned(), "en".to_owned()],
        dialects: vec!["yue".to_owned()],
        calendar: Some(office()),
        hours: String::new(),
        ivr_path: vec![
            IvrStep { key: "1".into(), label_zh: "服务器".into(), label_en: "Servers".into() },
            IvrStep { key: String::new(), label_zh: "a | b".into(), label_en: String::new() },
        ],
        checklist: vec![ChecklistItem { text_zh: "- 准备账号".into(), text_en: "Have it ready".into() }],
        contract: LineContract::Enterprise,
        for_outage: true,
        ..line("1")
    }
}

fn rich_centre() -> ServiceCentre {
    ServiceCentre {
        remote_id: "c1".into(),
        city_zh: "杭州".into(),
        city_en: "Hangzhou".into(),
        latitude: 30.293_65,
        longitude: -120.161_42,
        services: vec!["hardware_inspection".into(), "security_hardening".into()],
        source: "GeoNames".into(),
        verified_on: "2026-11-01".into(),
        calendar: Some(office()),
        address: "-1 楼".into(),
        country: "CN".into(),
        contacts: vec![Contact {
            name: "值班台".into(),
            role: "duty".into(),
            phone: "+86 571 1234567".into(),
            email: "a@b.cn".into(),
        }],
        engineers: vec![Engineer {
            id: "e1".into(),
            name: "沈一凡".into(),
            skills: vec!["hardware_inspection".into()],
            languages: vec!["zh-CN".into(), "en".into()],
        }],
        rules: SlotRules { capacity: 3, ..SlotRules::default() },
        ..ServiceCentre::default()
    }
}

#[test]
fn both_files_of_both_directories_read_back_as_they_were() {
    let lines = vec![("own:1".to_owned(), rich_line()), ("own:2".to_owned(), line("95187"))];
    let centres = vec![("own:1".to_owned(), rich_centre())];
    for bytes in [csv_file::write(&lines).unwrap(), json_file::write(&lines).unwrap()] {
        assert_eq!(made::<PhoneLine>(&bytes), [rich_line(), line("95187")]);
        let standing = [own("own:1", rich_line()), own("own:2", line("95187"))];
        let plan = planned(&bytes, &standing).unwrap();
        assert_eq!((plan.same, plan.added, plan.changed, plan.refused), (2, 0, 0, 0));
    }
    for bytes in [csv_file::write(&centres).unwrap(), json_file::write(&centres).unwrap()] {
        assert_eq!(made::<ServiceCentre>(&bytes), [rich_centre()]);
    }
    let shipped: Vec<_> = shipped::centres(deskbell_domain::UtcMs(1_795_000_000_000)).unwrap();
    let keyed: Vec<_> = shipped.iter().map(|one| (format!("shipped:{}", one.remote_id), one.clone())).collect();
    assert_eq!(made::<ServiceCentre>(&csv_file::write(&keyed).unwrap()), shipped);
}

#[test]
fn a_spreadsheet_finds_no_formula_in_an_export() {
    let bytes = csv_file::write(&[("own:1".to_owned(), rich_line())]).unwrap();
    assert!(bytes.starts_with("\u{feff}key,id,tier,".as_bytes()), "a byte order mark, so that spreadsheets see UTF-8");
    let text = String::from_utf8(bytes).unwrap();
    assert!(text.contains("\r\n"), "RFC 4180");
    let mut reader = csv::ReaderBuilder::new().from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    for record in reader.records() {
        for cell in &record.unwrap() {
            assert!(!cell.trim_start().starts_with(['=', '+', '-', '@', '\t', '\r', '＝']), "{cell}");
        }
    }
}

#[test]
fn what_is_wrong_with_a_file_is_said_and_nothing_of_it_read() {
    let gbk = [b"name_zh,number\r\n".as_slice(), &[0xb1, 0xea, 0xd7, 0xbc], b",95187\r\n"].concat();
    let utf16: Vec<u8> = "\u{feff}number\r\n1".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let table: Vec<(&str, Vec<u8>, Code)> = vec![
        ("GBK", gbk, Code::ImportEncoding),
        ("UTF-16", utf16, Code::ImportEncoding),
        ("zero bytes", b"number\n1\x002\n".to_vec(), Code::ImportUnreadable),
        ("nothing", Vec::new(), Code::ImportColumns),
        ("only a head", b"number,name_zh\r\n".to_vec(), Code::ImportUnreadable),
        ("a column by another name", b"number,phone\r\n1,2\r\n".to_vec(), Code::ImportColumns),
        ("a column twice", b"number,number\r\n1,2\r\n".to_vec(), Code::ImportColumns),
        ("nothing that names a row", b"name_en\r\nA\r\n".to_vec(), Code::ImportColumns),
        ("days without a zone", b"number,mon\r\n1,09:00-18:00\r\n".to_vec(), Code::ImportColumns),
        ("half a JSON file", b"{\"format\":\"deskbell-directory\"".to_vec(), Code::ImportUnreadable),
        ("another program's JSON", b"{\"lines\":[]}".to_vec(), Code::ImportUnreadable),
        (
            "a newer version",
            br#"{"format":"deskbell-directory","version":2,"kind":"line","entries":[]}"#.to_vec(),
            Code::ImportUnreadable,
        ),
        (
            "the other directory",
            br#"{"format":"deskbell-directory","version":1,"kind":"centre","entries":[]}"#.to_vec(),
            Code::ImportUnreadable,
        ),
        ("no object", b"[1]".to_vec(), Code::ImportUnreadable),
        ("too large", vec![b'a'; 5 * 1024 * 1024 + 1], Code::ImportTooLarge),
        ("too many rows", format!("number\n{}", "95187\n".repeat(2_001)).into_bytes(), Code::ImportTooLarge),
        ("deep JSON", "[".repeat(200_000).into_bytes(), Code::ImportUnreadable),
    ];
    for (why, bytes, code) in table {
        assert_eq!(planned::<PhoneLine>(&bytes, &[]).unwrap_err(), code, "{why}");
    }
}

#[test]
fn every_problem_has_its_line_and_column() {
    let csv = "number,tier,name_zh,hours,source,verified_on,languages,time_zone,mon\r\n\
        95187,1,好,7x24,合同,2026-11-01,zh-CN,,\r\n\
        400-CALL-ME,9,,,,tomorrow,Chinese,,\r\n\
        \"9518\n8\",one,好,7x24,合同,2026-11-01,zh-CN,,\r\n\
        95189,1,好,7x24\r\n\
        95190,1,好,,合同,2026-11-01,,Asia/Shanghai,09:00-12:00; 11:00-18:00\r\n\
        95191,1,好,,合同,2026-11-01,,Asia/Shanghai,nine to five\r\n\
        951 87,1,好,7x24,合同,2026-11-01,zh-CN,,\r\n";
    let plan = planned::<PhoneLine>(csv.as_bytes(), &[]).unwrap();
    assert_eq!((plan.added, plan.refused), (1, 6));
    let found = codes(&plan);
    let of = |line: u32| found.iter().filter(|one| one.0 == line).map(|one| (one.1.as_str(), one.2)).collect::<Vec<_>>();
    assert_eq!(
        of(3),
        [
            ("tier", Code::TierInvalid),
            ("number", Code::PhoneNumberInvalid),
            ("name_zh", Code::ValueMissing),
            ("hours", Code::HoursMissing),
            ("source", Code::SourceMissing),
            ("verified_on", Code::DateInvalid),
            ("languages[0]", Code::LanguageInvalid),
        ]
    );
    assert_eq!(of(4)[0], ("tier", Code::CellInvalid), "the row begins on line 4 and has a line break in it");
    assert_eq!(of(6), [("", Code::RowLength)]);
    assert_eq!(of(7), [("calendar", Code::HoursInvalid)]);
    assert_eq!(of(8), [("mon", Code::CellInvalid)]);
    assert_eq!(of(9), [("number", Code::ValueTwice)], "written otherwise, the same number");
    let json = br#"[{"number":"95187","name_zh":"a","hours":"7x24","source":"s","verified_on":"2026-11-01"},
        {"number":95188,"nmae_zh":"typo","tier":1}]"#;
    let plan = planned::<PhoneLine>(json, &[]).unwrap();
    assert_eq!(plan.rows[0].what, ImportWhat::Added);
    let found = codes(&plan);
    assert!(
        found.contains(&(2, "number".into(), Code::CellInvalid)) && found.contains(&(2, "nmae_zh".into(), Code::CellInvalid)),
        "{found:?}"
    );
}

#[test]
fn a_row_is_the_entry_that_it_names_and_columns_that_are_not_there_stay() {
    let before = rich_line();
    let standing = [own("own:7", before.clone()), own("own:8", line("95187"))];
    let plan = planned(b"key,purpose_en\r\nown:7,New words\r\n", &standing).unwrap();
    assert_eq!((plan.changed, plan.refused, plan.rows[0].name.as_str()), (1, 0, before.name_zh.as_str()));
    let rows = read_rows::<PhoneLine>(b"key,purpose_en\r\nown:7,New words\r\n").unwrap();
    let writes = plan::plan(rows, &standing, today()).writes(String::new).unwrap();
    let after: PhoneLine = serde_json::from_str(&writes[0].payload).unwrap();
    assert_eq!(after, PhoneLine { purpose_en: "New words".to_owned(), ..before });

    // A key of another desk names nothing here: the id tells, then the number.
    let plan = planned(b"key,id,number,purpose_en\r\nown:7,id-95187,95187,x\r\n", &standing).unwrap();
    assert_eq!((plan.changed, plan.added), (1, 0));
    let plan = planned(b"number,purpose_en\r\n951-87,x\r\n", &standing).unwrap();
    assert_eq!((plan.changed, plan.added), (1, 0));
    let twice = "key,purpose_en\r\nown:8,a\r\nown:8,b\r\n";
    let plan = planned(twice.as_bytes(), &standing).unwrap();
    assert_eq!((plan.rows[1].what, plan.rows[1].problems[0].args["line"].as_str()), (ImportWhat::Refused, "2"));
}

#[test]
fn a_hand_written_table_makes_a_line() {
    let csv = "name_zh;number\r\n";
    assert_eq!(planned::<PhoneLine>(csv.as_bytes(), &[]).unwrap_err(), Code::ImportColumns);
    let csv = "name_zh,number,time_zone,mon,tue,source,verified_on,checklist,ivr_path,for_outage\n\
        夜班,021-5555 0000,Asia/Shanghai,09:00-12:00; 13:30-18:00,09:00–18:00,电话确认,2026-11-20,\"工单号 | Ticket number\n账号\",1 | 服务器,是\n";
    let made = made::<PhoneLine>(csv.as_bytes());
    let line = &made[0];
    assert_eq!((line.tier, line.remote_id.as_str(), line.for_outage), (1, "own-new", true));
    let hours = &line.calendar.as_ref().unwrap().hours;
    assert_eq!((hours.mon.len(), hours.tue.len(), hours.wed.len()), (2, 1, 0));
    assert_eq!((line.checklist[0].text_en.as_str(), line.checklist[1].text_zh.as_str()), ("Ticket number", "账号"));
    assert_eq!((line.ivr_path[0].key.as_str(), line.ivr_path[0].label_zh.as_str()), ("1", "服务器"));
}

proptest! {
    #[test]
    fn any_bytes_are_planned_or_refused_and_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _lines = planned::<PhoneLine>(&bytes, &[]);
        let _centres = planned::<ServiceCentre>(&bytes, &[]);
    }

    #[test]
    fn any_table_is_planned_or_refused(head in "(key|id|number|tier|name_zh|mon|time_zone|latitude|city_zh)(,(languages|calendar_rest|checklist|hours|city_en|capacity|engineers)){0,4}",
        rows in proptest::collection::vec("[\\PC\",\n|;=\\[{]{0,60}", 0..6)) {
        let text = format!("{head}\n{}", rows.join("\n"));
        for (plan, problems) in [planned::<PhoneLine>(text.as_bytes(), &[]), planned::<ServiceCentre>(text.as_bytes(), &[])].into_iter().flatten().map(|plan| {
            let with_problems = plan.rows.iter().filter(|row| !row.problems.is_empty()).count();
            (plan, with_problems)
        }) {
            prop_assert_eq!(plan.refused as usize, problems);
            prop_assert_eq!((plan.added + plan.changed + plan.same + plan.refused) as usize, plan.rows.len());
        }
    }

    #[test]
    fn any_text_survives_a_table(name in "\\PC{1,40}", purpose in "[\\PC\n\t'=+@-]{0,60}", item in "[\\PC|;\\[]{1,30}", vendor in "['=@+ -]{0,6}") {
        let one = PhoneLine {
            name_zh: format!("n{name}"),
            purpose_zh: purpose,
            vendor,
            checklist: vec![ChecklistItem { text_zh: format!("c{item}"), text_en: item }],
            ..line("95187")
        };
        let bytes = csv_file::write(&[("own:1".to_owned(), one.clone())]).unwrap();
        prop_assert_eq!(made::<PhoneLine>(&bytes), vec![one]);
    }

    #[test]
    fn neutral_is_undone_by_original_and_begins_no_formula(text in "['= +\\-@\t\r\n＝ＡA]{0,8}") {
        let written = cell::neutral(&text);
        prop_assert_eq!(cell::original(&written), text.as_str());
        let begins = written.trim_start_matches([' ', '　']).starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝']);
        prop_assert!(!begins, "a formula: {written:?}");
    }
}
