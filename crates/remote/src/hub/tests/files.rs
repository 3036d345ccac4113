//! Files both ways.

use std::collections::HashMap;
use std::sync::Mutex;

use deskbell_domain::observation::ObservedAttachment;
use sha2::{Digest, Sha256};

use super::*;

#[derive(Default)]
struct Shelf {
    files: HashMap<String, Vec<u8>>,
    /// Bytes handed out.
    read: Mutex<u64>,
    /// Position from which nothing can be read.
    breaks_at: Mutex<Option<u64>>,
}

#[async_trait]
impl FileSource for Shelf {
    async fn read(&self, sha256: &str, from: u64, bytes_max: usize) -> Result<Vec<u8>, RemoteError> {
        if self.breaks_at.lock().unwrap().is_some_and(|at| from >= at) {
            return Err(RemoteError::new(Code::FileUnreadable, "broken"));
        }
        let file = self.files.get(sha256).ok_or_else(|| RemoteError::new(Code::FileMissing, "not here"))?;
        let from = usize::try_from(from).unwrap().min(file.len());
        let bytes = file[from..(from + bytes_max).min(file.len())].to_vec();
        *self.read.lock().unwrap() += bytes.len() as u64;
        Ok(bytes)
    }
}

#[derive(Default)]
struct Told(Mutex<Vec<(u64, String)>>);

impl UploadProgress for Told {
    fn sent(&self, bytes: u64, resume: &str) {
        self.0.lock().unwrap().push((bytes, resume.to_owned()));
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

fn bytes_of(size: usize, seed: u8) -> Vec<u8> {
    (0..size).map(|at| (at % 251) as u8 ^ seed).collect()
}

struct Desk {
    bench: Bench,
    shelf: Arc<Shelf>,
    file: FileRef,
    bytes: Vec<u8>,
}

/// A desk that has one file.
async fn desk(size: usize) -> Desk {
    let mut bench = Bench::start().await;
    let bytes = bytes_of(size, 7);
    let sha256: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    let file =
        FileRef {
            sha256: sha256.clone(), name: "截图 01.png".to_owned(), mime: "image/png".to_owned(), size_bytes: size as u64
        };
    let shelf = Arc::new(Shelf { files: HashMap::from([(sha256, bytes.clone())]), ..Shelf::default() });
    bench.api = bench.api.with_files(shelf.clone());
    Desk { bench, shelf, file, bytes }
}

impl Desk {
    fn attach(&self, marker: &str, ticket: &str, upload: &str) -> OutboundOperation {
        let kind = OperationKind::Attach { file: self.file.clone(), visibility: Visibility::Public };
        let mut attach = operation(marker, ticket, kind);
        attach.uploaded.insert(self.file.sha256.clone(), upload.to_owned());
        attach
    }

    async fn attachment_of(&self, ticket: &str, marker: &str) -> (String, ObservedAttachment) {
        let seen = self.bench.api.ticket(ticket).await.unwrap();
        let note = seen.notes.into_iter().find(|note| note.marker.as_deref() == Some(marker)).unwrap();
        (note.remote_id, note.attachments.into_iter().next().unwrap())
    }
}

#[tokio::test]
async fn file_goes_up_in_pieces_and_comes_back_byte_for_byte() {
    let desk = desk(2 * 1024 * 1024 + 77).await;
    let told = Told::default();
    let id = desk.bench.api.upload(&desk.file, None, &told).await.unwrap();
    let told = told.0.into_inner().unwrap();
    let piece = 1024 * 1024;
    assert_eq!(told.iter().map(|(at, _)| *at).collect::<Vec<_>>(), vec![0, piece, 2 * piece, 2 * piece + 77]);
    assert!(told.iter().all(|(_, resume)| *resume == id));
    let (ticket, _) = desk.bench.ticket_with(Status::Open).await;
    assert!(matches!(desk.bench.api.send(&desk.attach("at", &ticket, &id)).await, Outcome::Sent(_)));
    let (note_remote_id, attachment) = desk.attachment_of(&ticket, "at").await;
    assert_eq!(
        (attachment.name.as_str(), attachment.mime.as_str(), attachment.size_bytes),
        ("截图 01.png", "image/png", desk.file.size_bytes)
    );
    let remote = RemoteFile { ticket_remote_id: ticket.clone(), note_remote_id, attachment };
    let tray = Tray::default();
    desk.bench.api.download(&remote, &tray).await.unwrap();
    assert!(tray.0.into_inner().unwrap() == desk.bytes);
    let gone = RemoteFile { attachment: ObservedAttachment { remote_id: "987654".to_owned(), ..remote.attachment }, ..remote };
    let error = desk.bench.api.download(&gone, &Tray::default()).await.unwrap_err();
    assert_eq!(error.code, Code::FileMissing);
}

#[tokio::test]
async fn upload_goes_on_where_it_broke_off() {
    let desk = desk(3 * 1024 * 1024).await;
    *desk.shelf.breaks_at.lock().unwrap() = Some(2 * 1024 * 1024);
    let told = Told::default();
    assert_eq!(desk.bench.api.upload(&desk.file, None, &told).await.unwrap_err().code, Code::FileUnreadable);
    let (at, resume) = told.0.into_inner().unwrap().pop().unwrap();
    assert_eq!(at, 2 * 1024 * 1024);
    *desk.shelf.breaks_at.lock().unwrap() = None;
    *desk.shelf.read.lock().unwrap() = 0;
    // A fresh client, as after a kill.
    let fresh = client(&desk.bench.hub.url(), "token-1", 10_000).with_files(desk.shelf.clone());
    assert_eq!(fresh.upload(&desk.file, Some(&resume), &Told::default()).await.unwrap(), resume);
    assert_eq!(*desk.shelf.read.lock().unwrap(), 1024 * 1024, "only the last piece was read and sent");
    // An upload that the server has forgotten begins anew.
    let anew = fresh.upload(&desk.file, Some("987654"), &Told::default()).await.unwrap();
    assert_ne!(anew, resume);
}

#[tokio::test]
async fn piece_whose_answer_was_lost_is_not_sent_twice() {
    let desk = desk(2 * 1024 * 1024).await;
    let told = Told::default();
    desk.bench.faults.order("PATCH", "/uploads", Fault::AnswerLost);
    let error = desk.bench.api.upload(&desk.file, None, &told).await.unwrap_err();
    assert_eq!(error.code, Code::ConnectionLost);
    let (_, resume) = told.0.into_inner().unwrap().pop().unwrap();
    *desk.shelf.read.lock().unwrap() = 0;
    desk.bench.api.upload(&desk.file, Some(&resume), &Told::default()).await.unwrap();
    assert_eq!(*desk.shelf.read.lock().unwrap(), 1024 * 1024);
}

#[tokio::test]
async fn files_that_cannot_go_are_refused_by_name() {
    let desk = desk(10).await;
    let (ticket, _) = desk.bench.ticket_with(Status::Open).await;
    let mut unsent = desk.attach("u", &ticket, "");
    unsent.uploaded.clear();
    for (why, operation) in [("never uploaded", unsent), ("forgotten", desk.attach("f", &ticket, "987654"))] {
        let outcome = desk.bench.api.send(&operation).await;
        assert!(matches!(&outcome, Outcome::Rejected { code: Code::FileMissing, .. }), "{why}: {outcome:?}");
    }
    let large = FileRef { size_bytes: FILE_BYTES_MAX + 1, ..desk.file.clone() };
    let error = desk.bench.api.upload(&large, None, &Told::default()).await.unwrap_err();
    assert_eq!(error.code, Code::FileTooLarge);
    let lying = FileRef { sha256: "0".repeat(64), ..desk.file.clone() };
    let error = desk.bench.api.upload(&lying, None, &Told::default()).await.unwrap_err();
    assert_eq!(error.code, Code::FileMissing, "the source has no such file");
}
