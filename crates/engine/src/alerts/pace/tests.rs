use deskbell_domain::sla::policy::{Metric, Threshold};
use deskbell_domain::ticket::Priority;
use deskbell_domain::ticket::TicketId;

use super::*;

fn at(seconds: i64) -> UtcMs {
    UtcMs(1_767_240_000_000 + seconds * SECOND_MS)
}

fn alerts(ids: std::ops::Range<i64>, now: UtcMs) -> Vec<AlertRecord> {
    ids.map(|id| AlertRecord {
        id,
        ticket_id: TicketId(id),
        remote_id: id.to_string(),
        subject: format!("deadline {id}"),
        customer: String::new(),
        priority: Priority::Routine,
        metric: Metric::FirstResponse,
        instance: 1,
        threshold: Threshold::Breach,
        due_at: now,
        deadline_at: now,
        raised_at: now,
        shown_at: None,
        acknowledged_at: None,
        snoozed_until: None,
        held_until: None,
        silent: false,
        sound: true,
        escalate_at: None,
        ended_at: None,
    })
    .collect()
}

#[test]
fn what_is_due_after_the_many_rings_for_itself() {
    let mut pace = Pace::default();
    assert!(matches!(pace.plan(&alerts(0..9, at(0)), at(0), true), Showing::Digest { rings: true, .. }));
    assert!(
        matches!(pace.plan(&alerts(9..11, at(3)), at(3), false), Showing::Digest { ids, .. } if ids.len() == 11),
        "a few seconds later two more belong to them"
    );
    assert_eq!(pace.plan(&alerts(11..12, at(40)), at(40), false), Showing::Singles);
    assert!(
        matches!(pace.plan(&alerts(12..16, at(45)), at(45), false), Showing::Digest { ids, .. } if ids.len() == 15),
        "many again, within the minute: the one digest counts on"
    );
}

#[test]
fn singles_stay_few_beside_a_digest() {
    let mut pace = Pace::default();
    assert!(matches!(pace.plan(&alerts(0..9, at(0)), at(0), false), Showing::Digest { .. }));
    let mut singles = 0;
    for step in 0..200_i64 {
        let now = at(12).plus_ms(step * SECOND_MS / 5);
        let id = 100 + step;
        if pace.plan(&alerts(id..id + 1, now), now, false) == Showing::Singles {
            singles += 1;
        }
    }
    assert!((1..=SINGLES_MAX).contains(&singles), "{singles} within {WINDOW_MS} ms");
}
