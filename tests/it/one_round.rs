//! One round of syncing, as deskctl does it: everything that can leave has left when it ends.

use std::sync::Arc;

use deskbell_domain::ticket::Visibility;
use deskbell_engine::edits::{Edit, Undo};
use deskbell_engine::ports::Clock;
use deskbell_engine::system::SystemClock;
use deskbell_testkit::Machine;

use crate::support::{Server, desk, some_ticket};

#[tokio::test(flavor = "multi_thread")]
async fn files_that_wait_behind_each_other_on_one_ticket_all_leave_in_one_round() {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let server = Server::start(&clock).await;
    let dir = tempfile::tempdir().unwrap();
    let (engine, account) = desk(&Machine::new(clock), dir.path(), &server).await;
    engine.sync_account_once(account).await.unwrap();
    let (ticket, remote_id) = some_ticket(&engine).await.unwrap();
    for name in ["one.txt", "two.txt", "three.txt"] {
        let path = dir.path().join(name);
        std::fs::write(&path, name).unwrap();
        let file = engine.add_file(&path).await.unwrap();
        engine.edit(ticket, Edit::Attach { file, visibility: Visibility::Internal }, None, Undo::Never).await.unwrap();
    }
    let report = engine.sync_account_once(account).await.unwrap();
    assert_eq!((report.push.sent, report.push.rejected, report.push.waiting), (3, 0, 0));
    let notes = server.observed(&remote_id).await.notes;
    let names: Vec<&str> = notes.iter().flat_map(|note| &note.attachments).map(|file| file.name.as_str()).collect();
    for name in ["one.txt", "two.txt", "three.txt"] {
        assert_eq!(names.iter().filter(|known| **known == name).count(), 1, "{names:?}");
    }
}
