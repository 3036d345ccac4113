//! Files end to end, against a real hub: exactly once, from where they broke off, byte for byte.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use deskbell_domain::Code;
use deskbell_domain::sync::op::{FILE_BYTES_MAX, OperationState};
use deskbell_domain::ticket::{AccountId, TicketId, Visibility};
use deskbell_engine::edits::{Edit, Undo};
use deskbell_engine::ports::Clock;
use deskbell_engine::records::{AttachmentId, AttachmentRecord, AttachmentState, PreviewKind, Store};
use deskbell_engine::system::SystemClock;
use deskbell_engine::transfer::give::{OpenWarning, Preview};
use deskbell_engine::{Engine, EngineError};
use deskbell_hub::Fault;
use deskbell_testkit::Machine;
use tempfile::TempDir;

use crate::support::{Server, desk, some_ticket};

/// More than a few pieces of any provider.
const LARGE_BYTES: usize = 5 * 1024 * 1024 + 17;

struct World {
    server: Server,
    machine: Machine,
    dir: TempDir,
    /// Where the person has files.
    home: TempDir,
    engine: Arc<Engine>,
    account: AccountId,
    ticket: TicketId,
    remote_id: String,
}

impl World {
    async fn new() -> Self {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let server = Server::start(&clock).await;
        let (machine, dir, home) = (Machine::new(clock), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (engine, account) = desk(&machine, dir.path(), &server).await;
        engine.sync_account_once(account).await.unwrap();
        let (ticket, remote_id) = some_ticket(&engine).await.unwrap();
        Self { server, machine, dir, home, engine, account, ticket, remote_id }
    }

    fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.home.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    async fn reply_with(&self, body: &str, paths: &[PathBuf]) {
        let (files, problems) = self.engine.take_files(paths.to_vec()).await;
        assert!(problems.is_empty(), "{problems:?}");
        let edit = Edit::Reply { body: body.into(), visibility: Visibility::Public, files, seen_notes: None };
        self.engine.edit(self.ticket, edit, None, Undo::Never).await.unwrap();
    }

    async fn files_of(&self, body: &str) -> Vec<AttachmentRecord> {
        let detail = self.engine.ticket_detail(self.ticket).await.unwrap();
        detail.notes.into_iter().filter(|note| note.body == body).flat_map(|note| note.attachments).collect()
    }

    /// A second person's desk on the same server, with the ticket's id there.
    async fn second_desk(&self) -> (Machine, TempDir, Arc<Engine>, TicketId) {
        let (machine, dir) = (Machine::new(Arc::new(SystemClock)), tempfile::tempdir().unwrap());
        let (engine, account) = desk(&machine, dir.path(), &self.server).await;
        engine.sync_account_once(account).await.unwrap();
        let remote_id = self.remote_id.clone();
        let ticket = engine.read(move |store| store.ticket_id(account, &remote_id)).await.unwrap().unwrap();
        (machine, dir, engine, ticket)
    }

    async fn sync(&self) {
        self.engine.sync_account_once(self.account).await.unwrap();
    }
}

async fn file_there(engine: &Arc<Engine>, ticket: TicketId, name: &str) -> AttachmentRecord {
    let detail = engine.ticket_detail(ticket).await.unwrap();
    detail.notes.into_iter().flat_map(|note| note.attachments).find(|file| file.name == name).unwrap()
}

/// Fetches and gives out, as "save as" does.
async fn saved(engine: &Arc<Engine>, id: AttachmentId, dir: &Path) -> Result<Vec<u8>, EngineError> {
    let path = dir.join("saved");
    engine.save_to(id, path.clone()).await?;
    Ok(std::fs::read(path).unwrap())
}

fn large() -> Vec<u8> {
    (0..LARGE_BYTES).map(|at| u8::try_from((at * 131 + at / 977) % 256).unwrap()).collect()
}

async fn until<T>(what: &str, mut question: impl AsyncFnMut() -> Option<T>) -> T {
    for _ in 0..400 {
        if let Some(answer) = question().await {
            return answer;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("waited for {what}");
}

#[tokio::test(flavor = "multi_thread")]
async fn files_attached_offline_arrive_with_their_reply_and_come_back_byte_for_byte_on_another_desk() {
    let mut world = World::new().await;
    world.server.cut().await;
    let (log, shot) = (world.file("错误 日志.log", "连接超时\n".repeat(9_000).as_bytes()), world.file("shot.png", PNG));
    world.reply_with("两个附件", &[log.clone(), shot]).await;
    let waiting = world.files_of("两个附件").await;
    assert_eq!(waiting.iter().map(|file| file.state).collect::<Vec<_>>(), [AttachmentState::Queued; 2]);

    // The original may go: it was taken in when it was attached.
    std::fs::remove_file(&log).unwrap();
    world.server.reconnect().await;
    world.sync().await;
    assert_eq!(world.server.count_notes(&world.remote_id, "两个附件").await, 1);
    let here = world.files_of("两个附件").await;
    assert!(here.iter().all(|file| file.id.0 > 0 && file.state == AttachmentState::Here), "not fetched again: {here:?}");

    let (_machine, dir, second, ticket) = world.second_desk().await;
    let log = file_there(&second, ticket, "错误 日志.log").await;
    assert_eq!((log.state, log.preview), (AttachmentState::Remote, PreviewKind::Text));
    assert_eq!(saved(&second, log.id, dir.path()).await.unwrap(), "连接超时\n".repeat(9_000).as_bytes());
    let Preview::Text { text, truncated } = second.preview(log.id).await.unwrap() else { panic!("a log is a text") };
    assert!(truncated && text.starts_with("连接超时\n") && text.len() <= 64 * 1024);
    let shot = file_there(&second, ticket, "shot.png").await;
    let preview = second.preview(shot.id).await.unwrap();
    assert!(matches!(preview, Preview::Image { ref mime, .. } if mime == "image/png"), "{preview:?}");
}

/// One red pixel.
const PNG: &[u8] = &[
    0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d, b'I', b'H', b'D', b'R', 0, 0, 0, 1, 0, 0, 0, 1, 8, 2, 0, 0, 0,
    0x90, 0x77, 0x53, 0xde, 0, 0, 0, 0x0c, b'I', b'D', b'A', b'T', 0x08, 0xd7, 0x63, 0xf8, 0xcf, 0xc0, 0, 0, 3, 1, 1, 0, 0xc9,
    0xfe, 0x92, 0xef, 0, 0, 0, 0, b'I', b'E', b'N', b'D', 0xae, 0x42, 0x60, 0x82,
];

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_was_killed_in_its_middle_goes_on_where_it_was() {
    let world = World::new().await;
    let plain = large();
    let path = world.file("core.bin", &plain);
    world.reply_with("gross", std::slice::from_ref(&path)).await;
    // The third piece hangs; then the desk dies.
    for _ in 0..2 {
        world.server.faults.order("PATCH", "/uploads/", Fault::Delayed(Duration::ZERO));
    }
    world.server.faults.order("PATCH", "/uploads/", Fault::HeldBack(Duration::from_secs(600)));
    world.engine.start().await.unwrap();
    until("two pieces on the server", async || (world.server.upload_bytes() >= 2 * 1024 * 1024).then_some(())).await;
    until("the third piece to hang", async || (world.server.faults.waiting() == 0).then_some(())).await;
    until("how far it is on disk", async || {
        let ticket = world.ticket;
        let known = world.engine.read(move |store| store.uploads(ticket)).await.unwrap();
        known.first().filter(|upload| upload.done_bytes >= 2 * 1024 * 1024).map(|_| ())
    })
    .await;
    world.engine.shutdown().await;
    assert_eq!(world.server.count_notes(&world.remote_id, "gross").await, 0, "the note waits for its file");
    let before = world.server.upload_bytes();
    drop(world.engine);

    let (engine, account) = desk(&world.machine, world.dir.path(), &world.server).await;
    engine.sync_account_once(account).await.unwrap();
    let after = world.server.upload_bytes() - before;
    let left = engine.read(Store::outbox).await.unwrap();
    assert_eq!(world.server.count_notes(&world.remote_id, "gross").await, 1, "{left:?}");
    assert!(after <= (LARGE_BYTES - 2 * 1024 * 1024) as u64, "{after} bytes went after the restart, of {LARGE_BYTES}");
    let observed = world.server.observed(&world.remote_id).await;
    assert_eq!(observed.notes.iter().flat_map(|note| &note.attachments).filter(|file| file.name == "core.bin").count(), 1);
    let file = file_there(&engine, world.ticket, "core.bin").await;
    assert_eq!(saved(&engine, file.id, world.home.path()).await.unwrap(), plain);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_with_a_file_whose_answer_is_lost_is_there_once_with_one_file() {
    let world = World::new().await;
    let path = world.file("a.txt", b"once");
    world.server.faults.order("PATCH", "/uploads/", Fault::AnswerLost);
    world.server.faults.order("POST", "/uploads", Fault::AnswerLost);
    world.server.faults.order("POST", "/notes", Fault::AnswerLost);
    world.reply_with("einmal", &[path]).await;
    for _ in 0..6 {
        let _may_fail = world.engine.sync_account_once(world.account).await;
        world.engine.resumed().await;
    }
    let observed = world.server.observed(&world.remote_id).await;
    let notes: Vec<_> = observed.notes.iter().filter(|note| note.body == "einmal").collect();
    assert_eq!((notes.len(), notes[0].attachments.len()), (1, 1));
    let left = world.engine.read(Store::outbox_counts).await.unwrap();
    assert_eq!((left.waiting, left.rejected), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_taken_back_while_its_file_goes_out_never_arrives_and_gives_the_file_back() {
    let world = World::new().await;
    let path = world.file("big.bin", &large());
    world.reply_with("zurück", &[path]).await;
    world.server.faults.order("PATCH", "/uploads/", Fault::Delayed(Duration::ZERO));
    world.server.faults.order("PATCH", "/uploads/", Fault::HeldBack(Duration::from_secs(20)));
    world.engine.start().await.unwrap();
    let sending = until("the upload under way", async || {
        let files = world.files_of("zurück").await;
        files.into_iter().find(|file| file.state == AttachmentState::Sending && file.done_bytes > 0)
    })
    .await;
    assert!(sending.id.0 < 0 && sending.done_bytes < sending.size_bytes);
    let pending = world.engine.read(Store::outbox).await.unwrap();
    let operation = pending.iter().find(|operation| operation.state == OperationState::Queued).unwrap().id;
    world.engine.discard_operation(operation).await.unwrap();
    until("the upload to end", async || world.engine.uploads_under_way().eq(&0).then_some(())).await;
    assert_eq!(world.server.count_notes(&world.remote_id, "zurück").await, 0);
    let draft = world.engine.ticket_detail(world.ticket).await.unwrap().draft.unwrap();
    assert_eq!((draft.body.as_str(), draft.files.len()), ("zurück", 1));
    world.engine.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_forgot_the_upload_gets_it_anew() {
    let mut world = World::new().await;
    world.server.back_up().await;
    let path = world.file("a.txt", b"bytes that are forgotten");
    world.reply_with("vergessen", &[path]).await;
    world.engine.upload_once().await.unwrap();
    world.server.restore().await;
    for _ in 0..4 {
        world.engine.resumed().await;
        world.sync().await;
    }
    assert_eq!(world.server.count_notes(&world.remote_id, "vergessen").await, 1);
    let observed = world.server.observed(&world.remote_id).await;
    assert!(observed.notes.iter().any(|note| note.body == "vergessen" && note.attachments.len() == 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_attached_is_refused_with_its_reason_and_the_rest_is_taken() {
    let world = World::new().await;
    let home = world.home.path();
    let sparse = |name: &str, length: u64| {
        let file = std::fs::File::create(home.join(name)).unwrap();
        file.set_len(length).unwrap();
        home.join(name)
    };
    std::fs::create_dir(home.join("folder")).unwrap();
    let good = world.file("good.txt", b"good");
    let paths = vec![
        sparse("too-large.bin", FILE_BYTES_MAX + 1),
        home.join("gone.txt"),
        home.join("folder"),
        PathBuf::from("/dev/zero"),
        good,
        world.file("empty.txt", b""),
    ];
    let (files, problems) = world.engine.take_files(paths).await;
    assert_eq!(
        files.iter().map(|file| (file.name.as_str(), file.size_bytes)).collect::<Vec<_>>(),
        [("good.txt", 4), ("empty.txt", 0)]
    );
    let told: Vec<_> = problems.iter().map(|problem| (problem.name.as_str(), problem.error.code)).collect();
    let unreadable = Code::FileUnreadable;
    assert_eq!(
        told,
        [("too-large.bin", Code::FileTooLarge), ("gone.txt", unreadable), ("folder", unreadable), ("zero", unreadable)]
    );
    // Nothing of the large one was read.
    let kept: u64 =
        std::fs::read_dir(world.engine.store().files_dir()).unwrap().flatten().map(|file| file.metadata().unwrap().len()).sum();
    assert!(kept < 1_000, "{kept}");

    let limit = world.engine.add_file(&sparse("just-fits.bin", FILE_BYTES_MAX)).await.unwrap();
    assert_eq!(limit.size_bytes, FILE_BYTES_MAX);
    let too_long = "A".repeat(usize::try_from(FILE_BYTES_MAX / 3 * 4).unwrap() + 8);
    assert_eq!(world.engine.take_pasted("x.bin", &too_long).await.unwrap_err().code, Code::FileTooLarge);
    let pasted = world.engine.take_pasted("", &base64_of(PNG)).await.unwrap();
    assert!(pasted.name.starts_with("screenshot-") && pasted.name.ends_with(".png") && pasted.mime == "image/png", "{pasted:?}");
}

fn base64_of(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let number = three.iter().fold(0_u32, |number, byte| (number << 8) | u32::from(*byte)) << (8 * (3 - three.len()));
        for place in 0..4 {
            let letter = LETTERS[usize::try_from((number >> (18 - 6 * place)) & 63).unwrap()];
            text.push(if place <= three.len() { char::from(letter) } else { '=' });
        }
    }
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_is_opened_only_when_sure_and_lies_there_without_the_right_to_run() {
    let world = World::new().await;
    let path = world.file("rechnung.pdf.sh", b"#!/bin/sh\necho owned\n");
    world.reply_with("programm", &[path, world.file("harmlos.txt", b"text")]).await;
    world.sync().await;
    let (program, text) = (
        file_there(&world.engine, world.ticket, "rechnung.pdf.sh").await,
        file_there(&world.engine, world.ticket, "harmlos.txt").await,
    );
    assert_eq!(world.engine.open_warning(program.id).await.unwrap(), Some(OpenWarning::Executable));
    assert_eq!(world.engine.open_warning(text.id).await.unwrap(), None);
    let laid = world.engine.lay_out(program.id).await.unwrap();
    assert_eq!(laid.file_name().unwrap(), "rechnung.pdf.sh");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&laid), mode(laid.parent().unwrap())), (0o600, 0o700));
    }
    world.engine.shutdown().await;
    assert!(!laid.exists(), "nothing lies about in the clear when the desk has ended");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fetch_that_fails_says_why_and_can_be_tried_again() {
    let world = World::new().await;
    world.reply_with("holen", &[world.file("x.bin", &large())]).await;
    world.sync().await;
    let (_machine, dir, second, ticket) = world.second_desk().await;
    let file = file_there(&second, ticket, "x.bin").await;
    world.server.faults.order("GET", "/attachments/", Fault::Truncated);
    assert!(saved(&second, file.id, dir.path()).await.is_err());
    let failed = file_there(&second, ticket, "x.bin").await;
    assert_eq!(failed.state, AttachmentState::Failed);
    assert!(failed.code.is_some());
    assert!(std::fs::read_dir(second.store().files_dir()).unwrap().flatten().next().is_none(), "half a file is no file");
    assert_eq!(saved(&second, file.id, dir.path()).await.unwrap(), large());
    assert_eq!(file_there(&second, ticket, "x.bin").await.state, AttachmentState::Here);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fetch_can_be_called_off() {
    let world = World::new().await;
    world.reply_with("abbrechen", &[world.file("x.bin", &large())]).await;
    world.sync().await;
    let (_machine, _dir, second, ticket) = world.second_desk().await;
    let file = file_there(&second, ticket, "x.bin").await;
    world.server.faults.order("GET", "/attachments/", Fault::HeldBack(Duration::from_secs(60)));
    second.fetch_attachment(file.id).await.unwrap();
    until("the fetch", async || (file_there(&second, ticket, "x.bin").await.state == AttachmentState::Fetching).then_some(()))
        .await;
    second.cancel_fetch(file.id).await.unwrap();
    let called_off = file_there(&second, ticket, "x.bin").await;
    assert_eq!((called_off.state, called_off.code), (AttachmentState::Remote, None));
}
