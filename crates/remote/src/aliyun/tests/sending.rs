//! Operations, lost answers, files.

use std::sync::Mutex;

use deskbell_domain::sync::op::NewTicket;
use deskbell_domain::ticket::Priority;
use sha2::{Digest as _, Sha256};

use super::endpoint::Bench;
use super::*;

fn is_rejected(outcome: &Outcome, expected: Code) -> bool {
    matches!(outcome, Outcome::Rejected { code, .. } if *code == expected)
}

#[tokio::test]
async fn reply_whose_answer_was_lost_is_read_back_and_there_once() {
    let bench = Bench::empty().await;
    let ticket = bench.new_ticket("丢包").await;
    for (number, fault) in [Fault::AnswerLost, Fault::FailsAfterCommit].into_iter().enumerate() {
        let words = format!("第 {number} 条\n  多行  ");
        let operation = reply(&ticket, &words);
        assert_eq!(bench.api.read_back(&operation).await.unwrap(), ReadBack::NotLanded);
        bench.faults.order("POST", "ReplyTicket", fault.clone());
        let outcome = bench.api.send(&operation).await;
        assert!(matches!(outcome, Outcome::Unknown { .. }), "{fault:?} {outcome:?}");
        let ReadBack::Landed(receipt) = bench.api.read_back(&operation).await.unwrap() else { panic!("{fault:?}: it landed") };
        assert!(receipt.note_remote_id.is_some());
        assert_eq!(bench.times(&ticket, &words).await, 1);
    }
    bench.faults.order("POST", "ReplyTicket", Fault::FailsBefore);
    let operation = reply(&ticket, "没有到");
    assert!(matches!(bench.api.send(&operation).await, Outcome::Unknown { .. }));
    assert_eq!(bench.api.read_back(&operation).await.unwrap(), ReadBack::NotLanded);
    assert!(bench.sent(&operation).await.note_remote_id.is_some());
}

#[tokio::test]
async fn answer_slower_than_the_limit_is_unknown_and_landed() {
    let bench = Bench::empty().await;
    let ticket = bench.new_ticket("慢").await;
    bench.faults.order("POST", "ReplyTicket", Fault::Delayed(Duration::from_secs(30)));
    let operation = reply(&ticket, "慢慢来");
    assert_eq!(bench.hasty(1_000).send(&operation).await, Outcome::Unknown { code: Code::TimedOut });
    assert!(matches!(bench.api.read_back(&operation).await.unwrap(), ReadBack::Landed(_)));
}

#[tokio::test]
async fn same_words_twice_are_two_notes_and_the_newest_is_told() {
    let bench = Bench::empty().await;
    let ticket = bench.new_ticket("重复").await;
    let first = bench.sent(&reply(&ticket, "收到")).await;
    let second = bench.sent(&reply(&ticket, "收到")).await;
    assert_ne!(first, second);
    assert_eq!(bench.api.read_back(&reply(&ticket, "收到")).await.unwrap(), ReadBack::Landed(second));
}

#[tokio::test]
async fn ticket_created_into_a_lost_answer_is_found_by_its_content() {
    let bench = Bench::empty().await;
    let category = bench.api.catalogue().await.unwrap().categories[1].id.clone();
    let new = NewTicket {
        subject: "实例无法启动".to_owned(),
        body: "报错 InternalError & <br>".to_owned(),
        priority: Some(Priority::Urgent),
        category,
        tags: vec!["甲".to_owned()],
        custom_fields: BTreeMap::from([("email".to_owned(), "a@example.com".to_owned()), ("机房".to_owned(), "B".to_owned())]),
        ..NewTicket::default()
    };
    let create = operation("c", "", OperationKind::CreateTicket { ticket: new.clone() });
    assert_eq!(bench.api.read_back(&create).await.unwrap(), ReadBack::NotLanded);
    let similar = NewTicket { priority: Some(Priority::Routine), ..new.clone() };
    bench.sent(&operation("s", "", OperationKind::CreateTicket { ticket: similar })).await;
    assert_eq!(bench.api.read_back(&create).await.unwrap(), ReadBack::NotLanded, "another severity");
    bench.faults.order("POST", "CreateTicket", Fault::AnswerLost);
    assert!(matches!(bench.api.send(&create).await, Outcome::Unknown { .. }));
    let ReadBack::Landed(receipt) = bench.api.read_back(&create).await.unwrap() else { panic!("it landed") };
    assert_eq!(receipt.left_out.len(), 2, "{:?}", receipt.left_out);
    let opened = receipt.ticket_remote_id.unwrap();
    let twin = OutboundOperation { opened_by_others: vec![opened.clone()], ..create.clone() };
    assert_eq!(bench.api.read_back(&twin).await.unwrap(), ReadBack::NotLanded, "that one is another operation's");
    let seen = bench.api.ticket(&opened).await.unwrap();
    let ticket = &seen.tickets[0];
    assert_eq!((ticket.subject.as_str(), ticket.priority, ticket.status), ("实例无法启动", Priority::Urgent, Status::New));
    assert_eq!((seen.notes.len(), seen.notes[0].body.as_str()), (1, new.body.as_str()));
    let unfiled = NewTicket { category: String::new(), ..new.clone() };
    let outcome = bench.api.send(&operation("u", "", OperationKind::CreateTicket { ticket: unfiled })).await;
    assert!(is_rejected(&outcome, Code::InputInvalid), "{outcome:?}");
    let misfiled = NewTicket { category: "1".to_owned(), ..new };
    let outcome = bench.api.send(&operation("m", "", OperationKind::CreateTicket { ticket: misfiled })).await;
    assert!(is_rejected(&outcome, Code::Refused), "{outcome:?}");
}

#[tokio::test]
async fn close_reopen_and_verdict() {
    let bench = Bench::empty().await;
    let ticket = bench.new_ticket("一生").await;
    let close = operation("c", &ticket, OperationKind::Close { from: Status::New });
    assert_eq!(bench.api.read_back(&close).await.unwrap(), ReadBack::NotLanded);
    bench.faults.order("POST", "CloseTicket", Fault::AnswerLost);
    assert!(matches!(bench.api.send(&close).await, Outcome::Unknown { .. }));
    assert!(matches!(bench.api.read_back(&close).await.unwrap(), ReadBack::Landed(_)));
    bench.sent(&close).await;
    let verdict = operation("e", &ticket, OperationKind::Evaluate { solved: true, score: 5, comment: "很满意".to_owned() });
    bench.sent(&verdict).await;
    assert_eq!(bench.api.read_back(&verdict).await.unwrap(), ReadBack::NotLanded, "verdicts are given again");
    bench.sent(&verdict).await;
    let late = bench.api.send(&reply(&ticket, "太晚")).await;
    assert!(is_rejected(&late, Code::Refused), "Success:false with HTTP 200: {late:?}");
    let reopen = operation("o", &ticket, OperationKind::Reopen { from: Status::Closed, body: String::new() });
    bench.faults.order("POST", "ReopenTicket", Fault::AnswerLost);
    assert!(matches!(bench.api.send(&reopen).await, Outcome::Unknown { .. }));
    let found = bench.api.read_back(&reopen).await.unwrap();
    assert!(matches!(&found, ReadBack::Landed(Receipt { note_remote_id: Some(_), .. })), "its note is named: {found:?}");
    assert_eq!(bench.times(&ticket, "重新打开工单。").await, 1);
    bench.sent(&operation("c2", &ticket, OperationKind::Close { from: Status::Open })).await;
    let again = operation("o2", &ticket, OperationKind::Reopen { from: Status::Closed, body: "又坏了".to_owned() });
    let outcome = bench.api.send(&again).await;
    assert!(matches!(&outcome, Outcome::Sent(Receipt { note_remote_id: Some(_), .. })), "{outcome:?}");
}

#[tokio::test]
async fn what_the_service_has_not_got_is_refused_before_anything_is_sent() {
    let nowhere = client_of("http://127.0.0.1:1/", "k", "s");
    let kinds = [
        OperationKind::SetPriority { from: Priority::Urgent, to: Priority::Routine },
        OperationKind::SetStatus { from: Status::Open, to: Status::Resolved },
        OperationKind::SetAssignee { from: String::new(), to: "x".to_owned() },
        OperationKind::SetTags { from: vec![], to: vec![] },
        OperationKind::SetCustomField { field: "f".to_owned(), from: String::new(), to: String::new() },
        OperationKind::reply("内部", Visibility::Internal),
    ];
    for kind in kinds {
        let name = kind.name();
        let offered = nowhere.capabilities().operations.contains(&name);
        assert_eq!(offered, name == OperationName::Reply);
        let outcome = nowhere.send(&operation("n", "T", kind)).await;
        assert!(is_rejected(&outcome, Code::OperationNotOffered), "{outcome:?}");
    }
    let outcome = nowhere.send(&reply("T", "到不了")).await;
    assert_eq!(outcome, Outcome::Retry { after_ms: None, code: Code::HostUnreachable });
}

struct OneFile(Vec<u8>);

#[async_trait]
impl FileSource for OneFile {
    async fn read(&self, _sha256: &str, from: u64, bytes_max: usize) -> Result<Vec<u8>, RemoteError> {
        let from = usize::try_from(from).unwrap().min(self.0.len());
        Ok(self.0[from..(from + bytes_max).min(self.0.len())].to_vec())
    }
}

#[derive(Default)]
struct Told(Mutex<Vec<u64>>);

impl UploadProgress for Told {
    fn sent(&self, bytes: u64, _resume: &str) {
        self.0.lock().unwrap().push(bytes);
    }
}

#[derive(Default)]
struct Tray(Mutex<Vec<u8>>);

#[async_trait]
impl FileSink for Tray {
    async fn write(&self, bytes: &[u8]) -> Result<(), RemoteError> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(())
    }
}

#[tokio::test]
async fn file_goes_through_the_signed_address_and_comes_back_after_its_address_expired() {
    let bench = Bench::start(false, |config| config.url_life = Duration::from_secs(2)).await;
    let ticket = bench.new_ticket("附件").await;
    let bytes: Vec<u8> = (0..(1024 * 1024 + 321)).map(|at| (at % 253) as u8).collect();
    let file = FileRef {
        sha256: Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect(),
        name: "日志 1.log".to_owned(),
        mime: "text/plain".to_owned(),
        size_bytes: bytes.len() as u64,
    };
    let api = bench.fresh().with_files(Arc::new(OneFile(bytes.clone())));
    let told = Told::default();
    let key = api.upload(&file, None, &told).await.unwrap();
    let told = told.0.into_inner().unwrap();
    assert!(told.is_sorted() && told.last() == Some(&file.size_bytes), "{told:?}");
    let mut attach = operation("a", &ticket, OperationKind::Attach { file: file.clone(), visibility: Visibility::Public });
    assert!(is_rejected(&api.send(&attach).await, Code::FileMissing));
    attach.uploaded.insert(file.sha256.clone(), key);
    bench.faults.order("POST", "ReplyTicket", Fault::AnswerLost);
    assert!(matches!(api.send(&attach).await, Outcome::Unknown { .. }));
    let ReadBack::Landed(receipt) = api.read_back(&attach).await.unwrap() else { panic!("it landed") };
    let seen = api.ticket(&ticket).await.unwrap();
    let note = seen.notes.iter().find(|note| !note.attachments.is_empty()).unwrap();
    assert_eq!(Some(&note.remote_id), receipt.note_remote_id.as_ref());
    let remote = RemoteFile {
        ticket_remote_id: ticket.clone(),
        note_remote_id: note.remote_id.clone(),
        attachment: note.attachments[0].clone(),
    };
    assert_eq!((remote.attachment.name.as_str(), remote.attachment.mime.as_str()), ("日志 1.log", "text/plain"));
    tokio::time::sleep(Duration::from_millis(3_100)).await;
    let tray = Tray::default();
    api.download(&remote, &tray).await.unwrap();
    assert!(tray.0.into_inner().unwrap() == bytes, "through a new address, once");
    let again = api.ticket(&ticket).await.unwrap();
    let same = again.notes.iter().find(|note| !note.attachments.is_empty()).unwrap();
    assert_eq!(same.attachments[0].remote_id, remote.attachment.remote_id, "the address is no identity");
    let mut lost = remote;
    lost.attachment.remote_id = "other".to_owned();
    lost.attachment.url = String::new();
    assert_eq!(api.download(&lost, &Tray::default()).await.unwrap_err().code, Code::FileMissing);
    let large = FileRef { size_bytes: FILE_BYTES_MAX + 1, ..file };
    assert_eq!(api.upload(&large, None, &Told::default()).await.unwrap_err().code, Code::FileTooLarge);
}

#[tokio::test]
async fn files_go_to_no_address_that_is_not_fit_for_them() {
    let api = client_of("http://127.0.0.1:1/", "k", "s");
    for address in
        ["http://files.example/x?s=1", "ftp://files.example/x", "https://user:pw@files.example/x", "file:///etc/passwd", "x", ""]
    {
        let error = api.client.http.at_signed_address(address).err().unwrap();
        assert_eq!(error.code, Code::AnswerUnexpected, "{address}");
        assert!(!error.detail.contains("files.example"), "{error}");
    }
    // The documented sample has a line break in it.
    let (_, url) =
        api.client.http.at_signed_address("https://bucket.oss-cn-beijing.aliyuncs.com\n/20220314/a.png?Expires=1").unwrap();
    assert_eq!(url.path(), "/20220314/a.png");
}
