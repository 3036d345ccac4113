//! The kill that tests make by themselves.

use super::*;
use crate::failpoint::Moment;

fn queued(desk: &Desk) -> usize {
    desk.store.outbox().unwrap().len()
}

#[test]
fn from_the_chosen_commit_on_nothing_is_written_and_every_call_fails() {
    for (moment, survivors) in [(Moment::BeforeCommit, 1), (Moment::AfterCommit, 2)] {
        let (desk, id) = Desk::with_ticket("T1");
        let enqueue = |desk: &Desk, marker: &str| {
            desk.store.enqueue(&NewOperation { ticket_id: id, kind: reply(marker), marker: marker.into() }, NOW)
        };
        desk.store.die_at_commit(2, moment);
        enqueue(&desk, "m1").unwrap();
        assert!(!desk.store.is_dead());
        assert!(enqueue(&desk, "m2").is_err());
        assert!(desk.store.is_dead() && desk.store.outbox().is_err() && desk.store.claim_next(NOW, &[desk.account]).is_err());
        assert!(enqueue(&desk, "m3").is_err());
        assert!(desk.store.search("宕机", &Default::default(), 1).is_err() && desk.store.warm_columns().is_err());
        let desk = desk.reopened();
        assert_eq!(queued(&desk), survivors, "{moment:?}");
        assert_eq!(desk.store.commits(), 0);
    }
}

#[test]
fn a_store_that_is_told_to_dies_at_once() {
    let (desk, id) = Desk::with_ticket("T1");
    desk.store.die();
    assert!(desk.store.ticket(id).is_err());
    assert!(desk.reopened().store.ticket(id).unwrap().is_some());
}
