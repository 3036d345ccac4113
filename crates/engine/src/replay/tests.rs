use std::path::{Path, PathBuf};

use deskbell_domain::sla::policy::{Metric, PriorityTargets, Target, TargetUnit};
use deskbell_domain::sla::replay::Tally;
use deskbell_domain::ticket::Priority;

use super::*;
use crate::rules::shipped_set;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/replay").join(name)
}

/// One policy, around the clock: urgent 30 min / 8 h, important 1 h / 24 h, routine 2 h / 48 h; both waits pause.
fn set() -> RuleSet {
    let mut set = shipped_set().unwrap();
    let mut policy = set.policies.remove(0);
    policy.vip = None;
    policy.calendar_id = "always".to_owned();
    policy.pause_statuses =
        vec![deskbell_domain::ticket::Status::WaitingCustomer, deskbell_domain::ticket::Status::WaitingVendor];
    let targets = |priority, first: u32, resolution: u32| PriorityTargets {
        first_response: Some(Target { value: first, unit: TargetUnit::Minute }),
        resolution: Some(Target { value: resolution, unit: TargetUnit::Hour }),
        ..PriorityTargets::none(priority)
    };
    policy.targets =
        vec![targets(Priority::Urgent, 30, 8), targets(Priority::Important, 60, 24), targets(Priority::Routine, 120, 48)];
    set.policies = vec![policy];
    set
}

fn rules() -> ReplayRules {
    ReplayRules::new(Some(set()), RuleBook { sets: vec![shipped_set().unwrap()] }).unwrap()
}

fn run(path: &Path, options: &HistoryOptions) -> Result<ReplayAnswer, EngineError> {
    replay_file(path, options, &rules(), &mut |_, _| Ok(()))
}

fn in_zone(tz: &str) -> HistoryOptions {
    HistoryOptions { tz: Some(tz.to_owned()), dates: None }
}

fn row(answer: &ReplayAnswer, metric: Metric, priority: Priority) -> Tally {
    answer
        .candidate
        .rows
        .iter()
        .find(|row| (row.metric, row.priority) == (metric, priority))
        .map(|row| row.tally)
        .unwrap_or_default()
}

/// A file of this text, and the directory that keeps it.
fn file(name: &str, bytes: &[u8]) -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    (dir, path)
}

const HOUR: i64 = 3_600_000;

#[test]
fn an_incident_log_counted_by_hand() {
    let answer = run(&fixture("incident_events.csv"), &in_zone("UTC")).unwrap();
    let report = &answer.candidate;
    assert_eq!((report.tickets, report.without_policy, answer.problems_total), (5, 0, 0));
    // INC1001: answered after 20 min, resolved after 2 h. INC1002: answered after 60 min (30 late); 13.5 h less 4 h of waiting
    // for the caller are 9.5 h of 8.
    let (first, resolution) =
        (row(&answer, Metric::FirstResponse, Priority::Urgent), row(&answer, Metric::Resolution, Priority::Urgent));
    assert_eq!((first.met, first.breached, first.late_max_ms), (1, 1, Some(HOUR / 2)));
    assert_eq!((resolution.met, resolution.breached, resolution.late_max_ms), (1, 1, Some(HOUR * 3 / 2)));
    // INC1003, important in the end: first row is out of New, answered after 30 min as a routine one. 08:00 to 12:00 two days
    // later is 52 h, less 24 h for the vendor 28 h of 24: due at 08:00. Reopened and resolved for good a day later at 10:00.
    assert_eq!(row(&answer, Metric::FirstResponse, Priority::Important).met, 1);
    assert_eq!(row(&answer, Metric::Resolution, Priority::Important).late_max_ms, Some(26 * HOUR));
    // INC1004: closed by a job; the resolved column says two days earlier, within 48 h, and by whom. Its first response is
    // that row, days late. INC1005: answered after 40 min, still open when the history ends, 12:00 of the same day.
    let routine = row(&answer, Metric::Resolution, Priority::Routine);
    assert_eq!((routine.met, routine.breached, routine.still_open), (1, 0, 1));
    assert_eq!(row(&answer, Metric::FirstResponse, Priority::Routine).breached, 1);
    let months: Vec<(&str, u64)> = report.by_month.iter().map(|month| (month.month.as_str(), month.tally.clocks)).collect();
    // Shanghai is eight hours ahead: 23:50 on the 31st is in February there.
    assert_eq!(months, [("2024-01", 6), ("2024-02", 4)]);
    let has = |kind| answer.assumptions.iter().any(|note| note.kind == kind);
    assert!(has(ReplayNoteKind::TimeZone) && has(ReplayNoteKind::ResolvedColumn) && has(ReplayNoteKind::PriorityKept));
    assert!(answer.in_force.is_some() && !answer.comparison.is_empty());
}

#[test]
fn bad_rows_are_listed_with_their_lines_and_the_rest_counts() {
    let answer = run(&fixture("incident_events_bad_rows.csv"), &in_zone("UTC")).unwrap();
    assert_eq!(answer.candidate.tickets, 1);
    let told: Vec<(u64, ProblemKind)> = answer.problems.iter().map(|problem| (problem.line, problem.kind)).collect();
    use ProblemKind::{DateMissing, DateUnreadable, FieldCount, NumberMissing, PriorityUnknown, StateUnknown};
    assert_eq!(
        told,
        [(6, StateUnknown), (7, DateUnreadable), (8, NumberMissing), (9, PriorityUnknown), (10, DateMissing), (11, FieldCount)]
    );
    assert_eq!(answer.problems_total, 6);
}

#[test]
fn files_that_are_no_history_say_why() {
    let good = std::fs::read_to_string(fixture("incident_events.csv")).unwrap();
    let utf16: Vec<u8> = std::iter::once(0xFEFF).chain(good.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let header = good.lines().next().unwrap();
    for (bytes, code) in [
        (Vec::new(), Code::HistoryEmpty),
        (b" \n\n".to_vec(), Code::HistoryEmpty),
        (header.as_bytes().to_vec(), Code::HistoryEmpty),
        (b"name,colour\nBo,blue\n".to_vec(), Code::HistoryColumns),
        (utf16, Code::HistoryEncoding),
        (b"number,\xff\xff\xff\n".to_vec(), Code::HistoryEncoding),
        (b"\x89PNG\x00\x00".to_vec(), Code::HistoryEncoding),
    ] {
        let (_dir, path) = file("history.csv", &bytes);
        assert_eq!(run(&path, &in_zone("UTC")).unwrap_err().code, code, "{:?}", String::from_utf8_lossy(&bytes));
    }
    let (dir, path) = file("history.csv", good.as_bytes());
    assert_eq!(run(dir.path(), &in_zone("UTC")).unwrap_err().code, Code::FileUnreadable);
    assert_eq!(run(&dir.path().join("none.csv"), &in_zone("UTC")).unwrap_err().code, Code::FileUnreadable);
    assert_eq!(run(&path, &in_zone("Mars/Base")).unwrap_err().args.get("field").map(String::as_str), Some("tz"));
    let large = std::fs::File::create(dir.path().join("large.csv")).unwrap();
    large.set_len(FILE_BYTES_MAX + 1).unwrap();
    assert_eq!(run(&dir.path().join("large.csv"), &in_zone("UTC")).unwrap_err().code, Code::HistoryTooLarge);
}

#[test]
fn a_mark_semicolons_gbk_and_us_dates_are_read() {
    let good = std::fs::read_to_string(fixture("incident_events.csv")).unwrap();
    let plain = run(&fixture("incident_events.csv"), &in_zone("UTC")).unwrap().candidate;
    let (_one, marked) = file("marked.csv", format!("\u{FEFF}{good}").as_bytes());
    assert_eq!(run(&marked, &in_zone("UTC")).unwrap().candidate, plain);
    let (_two, semicolons) =
        file("semicolons.csv", good.replace(r#""Lindgren, ""North""""#, "Lindgren").replace(',', ";").as_bytes());
    assert_eq!(run(&semicolons, &in_zone("UTC")).unwrap().candidate, plain);
    let renamed = good.replace("Harbour Foods", "海港食品");
    let (gbk, _, _) = encoding_rs::GBK.encode(&renamed);
    let (_three, chinese) = file("gbk.csv", &gbk);
    let answer = run(&chinese, &in_zone("UTC")).unwrap();
    assert_eq!(answer.candidate, plain);
    assert!(answer.assumptions.iter().any(|note| note.kind == ReplayNoteKind::Gbk));
    let swapped: Vec<String> = good.split('\n').map(swap_day_and_month).collect();
    let (_four, us) = file("us.csv", swapped.join("\n").as_bytes());
    assert_eq!(run(&us, &in_zone("UTC")).unwrap().candidate, plain);
}

fn swap_day_and_month(line: &str) -> String {
    let swap = |field: &str| match field.split_once(' ').map(|(date, time)| (date.split('-').collect::<Vec<_>>(), time)) {
        Some((parts, time)) if parts.len() == 3 => format!("{}/{}/{} {time}", parts[1], parts[0], parts[2]),
        _ => field.to_owned(),
    };
    line.split(',').map(swap).collect::<Vec<_>>().join(",")
}

#[test]
fn dates_that_could_be_read_in_two_ways_are_asked_about() {
    let good = std::fs::read_to_string(fixture("incident_events.csv")).unwrap();
    let both: Vec<&str> = good.lines().filter(|line| line.starts_with("number") || line.starts_with("INC1005")).collect();
    let (_dir, path) = file("both.csv", both.join("\n").as_bytes());
    let error = run(&path, &in_zone("UTC")).unwrap_err();
    assert_eq!((error.code, error.args.get("sample").map(String::as_str)), (Code::HistoryDates, Some("05-02-2024 10:00")));
    let us = HistoryOptions { dates: Some(DateOrder::Mdy), ..in_zone("UTC") };
    assert_eq!(run(&path, &us).unwrap().candidate.by_month.first().map(|month| month.month.clone()).as_deref(), Some("2024-05"));
    let look = file::look(&path, "t".to_owned()).unwrap();
    assert!(look.dates_matter && look.dates.is_none() && look.needs_zone);
}

#[test]
fn our_own_format_is_streamed_past_bad_lines() {
    let good = r#"{"id":"T-1","subject":"续费失败","status":"resolved","priority":"urgent","created_at":"2026-01-05T02:00:00Z","updated_at":"2026-01-05T12:00:00Z","notes":[{"at":"2026-01-05T02:00:00Z","author":"周","role":"customer","body":"你好"},{"at":"2026-01-05T02:20:00Z","author":"林","role":"agent","body":"在看"}]}"#;
    let long = "x".repeat(crate::import::IMPORT_LINE_BYTES_MAX + 10);
    let (_dir, path) = file("tickets.ndjson", format!("{good}\nnonsense\n\n{long}\n{}\n", good.replace("T-1", "T-2")).as_bytes());
    let answer = run(&path, &HistoryOptions::default()).unwrap();
    assert_eq!(answer.candidate.tickets, 2);
    let told: Vec<(u64, ProblemKind)> = answer.problems.iter().map(|problem| (problem.line, problem.kind)).collect();
    assert_eq!(told, [(2, ProblemKind::NotATicket), (4, ProblemKind::LineTooLong)]);
    assert_eq!(row(&answer, Metric::FirstResponse, Priority::Urgent).met, 2);
    assert_eq!(row(&answer, Metric::Resolution, Priority::Urgent).late_max_ms, Some(2 * HOUR));
}

#[test]
fn a_run_ends_when_it_is_told_to() {
    let stop = || Err(EngineError::new(Code::ReplayCancelled));
    let long: String = std::fs::read_to_string(fixture("incident_events.csv")).unwrap();
    let (header, rest) = long.split_once('\n').unwrap();
    let many: String = (0..1_500).map(|n| rest.replace("INC1", &format!("INC{n}-1"))).collect();
    let (_dir, path) = file("many.csv", format!("{header}\n{many}").as_bytes());
    let error = replay_file(&path, &in_zone("UTC"), &rules(), &mut |_, _| stop()).unwrap_err();
    assert_eq!(error.code, Code::ReplayCancelled);
    // Told only once tickets are counted, not while the file is read.
    let late = replay_file(&path, &in_zone("UTC"), &rules(), &mut |done, _| if done > 0 { stop() } else { Ok(()) });
    assert_eq!(late.unwrap_err().code, Code::ReplayCancelled);
}

#[test]
fn a_candidate_with_something_wrong_is_refused() {
    let mut wrong = set();
    wrong.policies.iter_mut().for_each(|policy| policy.calendar_id = "nowhere".to_owned());
    let refused = ReplayRules::new(Some(wrong), RuleBook { sets: Vec::new() }).err().unwrap();
    assert_eq!(refused.code, Code::RulesInvalid);
}

#[test]
fn the_table_for_spreadsheets_is_whole_and_tame() {
    let mut answer = run(&fixture("incident_events.csv"), &in_zone("UTC")).unwrap();
    answer.candidate.worst[0].subject = "=1+1,\"x\"".to_owned();
    let table = export::table(&answer);
    assert!(table.starts_with("\u{FEFF}rules,section,"));
    let mut reader = csv::Reader::from_reader(table.trim_start_matches('\u{FEFF}').as_bytes());
    let records: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let total = records.iter().find(|record| &record[0] == "candidate" && &record[1] == "total").unwrap();
    assert_eq!(
        (&total[5], &total[7]),
        (answer.candidate.total.clocks.to_string().as_str(), answer.candidate.total.breached.to_string().as_str())
    );
    assert!(records.iter().any(|record| &record[20] == "'=1+1,\"x\""));
    assert_eq!(records.iter().filter(|record| &record[0] == "in_force" && &record[1] == "alerts_hour").count(), 7 * 24);
}
