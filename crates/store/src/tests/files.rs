//! Files: what lies on the disk, what is kept once, what may go, and what waits for its server.

use deskbell_domain::Code;
use deskbell_domain::observation::{Observations, ObservedAttachment, ObservedNote};
use deskbell_domain::sync::op::{FileRef, OperationKind, OperationState, Receipt};
use deskbell_domain::sync::plan::NextState;
use deskbell_domain::ticket::{TicketId, Visibility};

use super::{Desk, NOW, note, ticket};
use crate::{AttachmentRecord, AttachmentState, PreviewKind, Store};

const PLAIN: &[u8] = b"the customer's secret log, in words that can be searched for";

pub(super) fn keep(store: &Store, name: &str, bytes: &[u8]) -> FileRef {
    let mut writer = store.create_file().unwrap();
    // In uneven pieces, as a network brings them.
    for piece in bytes.chunks(7_919) {
        writer.write(piece).unwrap();
    }
    store.keep_file(writer, name.into(), "text/plain".into(), PreviewKind::Text, NOW).unwrap()
}

fn read(store: &Store, sha256: &str) -> Vec<u8> {
    let mut reader = store.open_file(sha256).unwrap();
    let size = usize::try_from(reader.size_bytes()).unwrap();
    reader.read_at(0, size + 1).unwrap()
}

fn bytes(length: usize) -> Vec<u8> {
    (0..length).map(|at| u8::try_from((at * 31 + at / 251) % 256).unwrap()).collect()
}

fn on_disk(store: &Store) -> Vec<(String, Vec<u8>)> {
    let entries: Vec<_> = std::fs::read_dir(store.files_dir()).map(|entries| entries.flatten().collect()).unwrap_or_default();
    entries.iter().map(|file| (file.file_name().to_string_lossy().into_owned(), std::fs::read(file.path()).unwrap())).collect()
}

fn only_file(store: &Store) -> std::path::PathBuf {
    let files: Vec<_> = std::fs::read_dir(store.files_dir()).unwrap().flatten().collect();
    assert_eq!(files.len(), 1);
    files[0].path()
}

fn reply(files: &[FileRef]) -> OperationKind {
    OperationKind::Reply { body: "see the file".into(), visibility: Visibility::Public, files: files.to_vec(), seen_notes: None }
}

fn with_file(observed: &[ObservedAttachment]) -> ObservedNote {
    ObservedNote { attachments: observed.to_vec(), ..note("7", "n2", "with a file") }
}

fn observed(remote_id: &str, name: &str, size_bytes: u64, url: &str) -> ObservedAttachment {
    ObservedAttachment { remote_id: remote_id.into(), name: name.into(), mime: String::new(), size_bytes, url: url.into() }
}

fn attachments(desk: &Desk, ticket: TicketId) -> Vec<AttachmentRecord> {
    desk.store.notes(ticket).unwrap().into_iter().flat_map(|note| note.attachments).collect()
}

#[test]
fn neither_the_bytes_nor_their_hash_nor_their_name_lie_on_the_disk_in_the_clear() {
    let desk = Desk::new();
    let file = keep(&desk.store, "geheim.log", PLAIN);
    assert_eq!(read(&desk.store, &file.sha256), PLAIN);
    for (name, content) in on_disk(&desk.store) {
        assert!(!name.contains(&file.sha256[..12]) && !name.contains("geheim"), "{name}");
        assert!(!content.windows(10).any(|window| PLAIN.windows(10).any(|plain| plain == window)));
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(only_file(&desk.store).metadata().unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(desk.store.files_dir().metadata().unwrap().permissions().mode() & 0o777, 0o700);
    }
    let desk = desk.reopened();
    assert_eq!(read(&desk.store, &file.sha256), PLAIN, "and a restart finds them again");
}

#[test]
fn every_length_comes_back_from_every_place() {
    let desk = Desk::new();
    for length in [0, 1, 65_535, 65_536, 65_537, 131_072, 200_000] {
        let plain = bytes(length);
        let file = keep(&desk.store, "x", &plain);
        assert_eq!((file.size_bytes, read(&desk.store, &file.sha256)), (length as u64, plain.clone()), "{length}");
        let mut reader = desk.store.open_file(&file.sha256).unwrap();
        for from in [0, 1, 65_535, 65_536, 131_071, length] {
            let part = reader.read_at(from as u64, 70_000).unwrap();
            assert_eq!(part, plain.get(from..plain.len().min(from + 70_000)).unwrap_or_default(), "{length} from {from}");
        }
    }
}

#[test]
fn the_same_bytes_are_kept_once() {
    let desk = Desk::new();
    let (first, second) = (keep(&desk.store, "a.log", PLAIN), keep(&desk.store, "b.log", PLAIN));
    assert_eq!(first.sha256, second.sha256);
    assert_eq!(on_disk(&desk.store).len(), 1);
}

#[test]
fn damage_a_cut_and_a_swap_are_noticed_and_never_given_out() {
    let plain = bytes(200_000);
    type Spoil = fn(&mut Vec<u8>);
    let spoils: [(&str, Spoil); 5] = [
        ("one bit", |content| content[70_000] ^= 1),
        ("the last byte gone", |content| content.truncate(content.len() - 1)),
        ("the last piece gone", |content| content.truncate(40 + 3 * 65_552)),
        ("two pieces swapped", |content| {
            let (first, second) = content[40..].split_at_mut(65_552);
            first.swap_with_slice(&mut second[..65_552]);
        }),
        ("another salt", |content| content[20] ^= 1),
    ];
    for (why, spoil) in spoils {
        let desk = Desk::new();
        let file = keep(&desk.store, "x.bin", &plain);
        let path = only_file(&desk.store);
        let mut content = std::fs::read(&path).unwrap();
        spoil(&mut content);
        std::fs::write(&path, content).unwrap();
        let checked = desk.store.open_file(&file.sha256).and_then(|mut reader| reader.check());
        assert_eq!(checked.unwrap_err().code, Code::FileUnreadable, "{why}");
    }
    let desk = Desk::new();
    assert_eq!(desk.store.open_file(&"0".repeat(64)).err().unwrap().code, Code::FileMissing);
}

#[test]
fn a_writer_that_is_given_up_leaves_nothing() {
    let desk = Desk::new();
    let mut writer = desk.store.create_file().unwrap();
    writer.write(PLAIN).unwrap();
    drop(writer);
    assert_eq!(on_disk(&desk.store).len(), 0);
    // A killed one leaves a file without a name, which is swept when it is old.
    std::fs::write(desk.store.files_dir().join("deadbeef.part"), b"x").unwrap();
    let now = deskbell_domain::UtcMs(i64::try_from(since_epoch_ms()).unwrap());
    assert_eq!(desk.store.sweep_files(now).unwrap(), 0, "it may still have its writer");
    assert_eq!(desk.store.sweep_files(now.plus_ms(2 * 60 * 60 * 1000)).unwrap(), 1);
}

fn since_epoch_ms() -> u128 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_millis()
}

#[test]
fn the_sweep_spares_what_something_typed_hangs_on() {
    let (desk, id) = Desk::with_ticket("7");
    let (queued, unnamed) = (keep(&desk.store, "q", b"queued"), keep(&desk.store, "u", b"unnamed"));
    desk.enqueue(id, reply(std::slice::from_ref(&queued)), "m1");
    desk.store.write(crate::writer::Durability::Full, |transaction, _| Ok(transaction.execute("DELETE FROM blob", [])?)).unwrap();
    let later = deskbell_domain::UtcMs(i64::try_from(since_epoch_ms()).unwrap()).plus_ms(2 * 60 * 60 * 1000);
    assert_eq!(desk.store.sweep_files(later).unwrap(), 1);
    assert!(desk.store.has_file(&queued.sha256) && !desk.store.has_file(&unnamed.sha256));
}

#[test]
fn the_cache_lets_go_of_the_oldest_that_can_be_fetched_again_and_of_nothing_else() {
    let (desk, id) = Desk::with_ticket("7");
    let files: Vec<FileRef> = (0..4_u8).map(|n| keep(&desk.store, &format!("f{n}"), &[n; 1_000])).collect();
    let seen: Vec<_> = files.iter().map(|file| observed(&file.name, &file.name, 1_000, "")).collect();
    desk.apply(&Observations { notes: vec![with_file(&seen)], ..Observations::default() });
    for (shown, file) in attachments(&desk, id).iter().zip(&files) {
        desk.store.attachment_fetched(shown.id, file).unwrap();
    }
    let waiting = keep(&desk.store, "waits.bin", &[9; 1_000]);
    desk.enqueue(id, reply(std::slice::from_ref(&waiting)), "m1");
    let picked = keep(&desk.store, "picked.bin", &[8; 1_000]);
    desk.store.file_used(&files[0].sha256, NOW.plus_ms(5)).unwrap();

    assert_eq!(desk.store.evict_files(2_000, NOW).unwrap(), 2);
    let here: Vec<bool> = attachments(&desk, id).iter().map(|file| file.state == AttachmentState::Here).collect();
    assert_eq!(here, [true, false, false, true], "the one used last stays");
    assert_eq!(desk.store.evict_files(0, NOW).unwrap(), 2);
    assert_eq!(read(&desk.store, &waiting.sha256), [9; 1_000]);
    assert_eq!(read(&desk.store, &picked.sha256), [8; 1_000], "somebody may be about to attach it");
    assert_eq!(desk.store.evict_files(0, NOW.plus_ms(crate::FILE_UNNAMED_KEPT_MS + 1)).unwrap(), 1, "or not, after a week");
    assert_eq!(read(&desk.store, &waiting.sha256), [9; 1_000]);
}

#[test]
fn an_operation_is_handed_out_only_when_its_files_have_arrived() {
    let (desk, id) = Desk::with_ticket("7");
    let files = [keep(&desk.store, "a.txt", b"one"), keep(&desk.store, "b.txt", b"two")];
    let operation = desk.enqueue(id, reply(&files), "m1");
    let online = [desk.account];
    assert!(desk.store.claim_next(NOW, &online).unwrap().is_none());

    let first = desk.store.next_upload(NOW, &online, &[]).unwrap().unwrap();
    assert!(desk.store.note_upload(operation, &first.file.sha256, 2, "token-7").unwrap());
    let desk = desk.reopened();
    let again = desk.store.next_upload(NOW, &online, &[]).unwrap().unwrap();
    assert_eq!(
        (again.file.name.as_str(), again.done_bytes, again.resume.as_deref()),
        (first.file.name.as_str(), 2, Some("token-7"))
    );
    assert!(desk.store.next_upload(NOW, &online, &[operation]).unwrap().is_none(), "one of an operation at a time");
    assert!(desk.store.next_upload(NOW, &[], &[]).unwrap().is_none());

    desk.store.upload_failed(operation, &again.file.sha256, Code::ConnectionLost, "gone", Some(NOW.plus_ms(500))).unwrap();
    assert!(desk.store.next_upload(NOW, &online, &[]).unwrap().is_none());
    assert_eq!(desk.store.next_upload_due(NOW).unwrap(), Some(NOW.plus_ms(500)));
    let later = NOW.plus_ms(500);
    for number in 0..2 {
        let next = desk.store.next_upload(later, &online, &[]).unwrap().unwrap();
        desk.store.upload_arrived(operation, &next.file, &format!("remote-{number}")).unwrap();
    }
    let claimed = desk.store.claim_next(later, &online).unwrap().unwrap();
    assert_eq!(claimed.outbound.uploaded.len(), 2);

    desk.store.forget_uploads(operation).unwrap();
    desk.store
        .finish_attempt(operation, &NextState { state: OperationState::Queued, not_before: later, ..sent() }, None, later)
        .unwrap();
    assert!(desk.store.claim_next(later, &online).unwrap().is_none(), "the server forgot the files: they go first again");
}

fn sent() -> NextState {
    NextState { state: OperationState::Sent, not_before: NOW, imposed: false, code: None, detail: String::new() }
}

#[test]
fn an_upload_refused_for_good_refuses_its_operation_and_one_taken_back_ends() {
    let (desk, id) = Desk::with_ticket("7");
    let file = keep(&desk.store, "a.txt", b"one");
    let operation = desk.enqueue(id, reply(std::slice::from_ref(&file)), "m1");
    desk.store.upload_failed(operation, &file.sha256, Code::FileTooLarge, "413", None).unwrap();
    let record = desk.store.pending_operations(id).unwrap().remove(0);
    assert_eq!((record.state, record.code), (OperationState::Rejected, Some(Code::FileTooLarge)));
    desk.store.retry_operation(operation, NOW).unwrap();
    assert!(desk.store.next_upload(NOW, &[desk.account], &[]).unwrap().is_some(), "a person may try again");
    desk.store.discard_operation(operation).unwrap();
    assert!(!desk.store.note_upload(operation, &file.sha256, 1, "").unwrap());
    assert!(desk.store.next_upload(NOW, &[desk.account], &[]).unwrap().is_none());
}

#[test]
fn a_file_that_is_not_here_cannot_be_queued() {
    let (desk, id) = Desk::with_ticket("7");
    let file = FileRef { sha256: "0".repeat(64), name: "a".into(), mime: String::new(), size_bytes: 1 };
    let new = crate::NewOperation { ticket_id: id, kind: reply(&[file]), marker: "m1".into() };
    assert_eq!(desk.store.enqueue(&new, NOW).unwrap_err().code, Code::FileMissing);
}

#[test]
fn our_own_file_is_shown_when_its_note_lands_and_is_the_servers_when_that_is_seen() {
    let (desk, id) = Desk::with_ticket("7");
    let file = keep(&desk.store, "拓扑图.txt", PLAIN);
    let operation = desk.enqueue(id, reply(std::slice::from_ref(&file)), "m1");
    desk.store.upload_arrived(operation, &file, "up-1").unwrap();
    desk.store.claim_next(NOW, &[desk.account]).unwrap().unwrap();
    let receipt = Receipt { note_remote_id: Some("n9".into()), ..Receipt::default() };
    desk.store.finish_attempt(operation, &sent(), Some(&receipt), NOW).unwrap();
    let shown = attachments(&desk, id);
    assert_eq!((shown.len(), shown[0].state, shown[0].name.as_str()), (1, AttachmentState::Here, "拓扑图.txt"));

    let copy = ObservedNote {
        remote_id: "n9".into(),
        marker: Some("m1".into()),
        ..with_file(&[observed("a5", "拓扑图.txt", file.size_bytes, "")])
    };
    desk.apply(&Observations { notes: vec![copy], ..Observations::default() });
    let seen = attachments(&desk, id);
    assert_eq!((seen.len(), seen[0].id, seen[0].state), (1, shown[0].id, AttachmentState::Here), "nothing to fetch");
    assert_eq!(desk.store.attachment(seen[0].id).unwrap().observed.remote_id, "a5");
}

#[test]
fn an_address_that_expires_is_kept_fresh_without_making_the_note_a_new_one() {
    let (desk, id) = Desk::with_ticket("7");
    desk.apply(&Observations {
        notes: vec![with_file(&[observed("a1", "../x\u{202e}gpj.exe", 5, "https://old")])],
        ..Observations::default()
    });
    let file = attachments(&desk, id).remove(0);
    assert_eq!((file.name.as_str(), file.state), ("xgpj.exe", AttachmentState::Remote));
    assert_eq!(desk.store.expiring_attachments(10).unwrap().len(), 1);
    desk.store.attachment_failed(file.id, Some(Code::NotFound)).unwrap();
    assert_eq!(attachments(&desk, id)[0].state, AttachmentState::Failed);
    assert!(desk.store.expiring_attachments(10).unwrap().is_empty());

    let page = Observations {
        notes: vec![with_file(&[observed("a1", "../x\u{202e}gpj.exe", 5, "https://new")])],
        ..Observations::default()
    };
    assert!(desk.apply(&page).changed.is_empty(), "a new address is no change of the ticket");
    let again = desk.store.expiring_attachments(10).unwrap().remove(0);
    assert_eq!((again.id, again.observed.url.as_str()), (file.id, "https://new"));

    let kept = keep(&desk.store, "x", b"12345");
    desk.store.attachment_fetched(file.id, &kept).unwrap();
    assert!(desk.store.expiring_attachments(10).unwrap().is_empty());
    desk.apply(&Observations { notes: vec![with_file(&[])], ..Observations::default() });
    assert!(attachments(&desk, id).is_empty(), "the server took it off the note");
}

#[test]
fn files_of_notes_from_an_older_version_are_there_after_the_upgrade() {
    let desk = Desk::new();
    desk.apply(&Observations {
        tickets: vec![ticket("7")],
        notes: vec![with_file(&[observed("a1", "alt.txt", 3, "")])],
        ..Observations::default()
    });
    let sql = include_str!("../../migrations/0003_attachments.sql");
    let at = sql.find("INSERT INTO attachment").unwrap();
    let end = sql[at..].find(';').unwrap();
    let insert = sql[at..=at + end].to_owned();
    desk.store
        .write(crate::writer::Durability::Full, move |transaction, _| {
            transaction.execute("DELETE FROM attachment", [])?;
            Ok(transaction.execute_batch(&insert)?)
        })
        .unwrap();
    let id = desk.ticket("7");
    let shown = attachments(&desk, id);
    assert_eq!((shown.len(), shown[0].name.as_str(), shown[0].size_bytes), (1, "alt.txt", 3));
    assert_eq!(desk.store.attachment(shown[0].id).unwrap().observed.remote_id, "a1");
}

#[test]
fn what_is_asked_often_goes_by_an_index() {
    let desk = Desk::new();
    let upload = crate::transfer::next_upload_sql();
    let expiring = crate::attachment::expiring_sql();
    for (why, sql, expected) in [
        ("next upload", upload.as_str(), vec!["upload USING INDEX upload_open", "SEARCH operation USING INTEGER PRIMARY KEY"]),
        ("when the next is due", crate::transfer::NEXT_UPLOAD_DUE, vec!["upload USING COVERING INDEX upload_open"]),
        (
            "files of a ticket",
            crate::attachment::OF_TICKET,
            vec!["attachment USING INDEX attachment_by_note", "SEARCH blob USING PRIMARY KEY"],
        ),
        ("what expires", expiring.as_str(), vec!["attachment USING INDEX attachment_expiring"]),
    ] {
        let sql = format!("EXPLAIN QUERY PLAN {sql}");
        let steps = desk.store.read(|connection| {
            let mut statement = connection.prepare(&sql)?;
            let places = statement.parameter_count();
            let rows = statement.query_map(rusqlite::params_from_iter(vec![0; places]), |row| row.get::<_, String>(3))?;
            Ok(rows.collect::<rusqlite::Result<Vec<_>>>()?.join("\n"))
        });
        let steps = steps.unwrap();
        assert!(expected.iter().all(|step| steps.contains(step)), "{why}:\n{steps}");
    }
}
