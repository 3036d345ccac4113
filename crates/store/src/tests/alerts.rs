use deskbell_domain::sla::policy::{Metric, Threshold};

use super::*;
use crate::Measured;
use crate::{ClockRow, Verdict};

const MINUTE: i64 = 60_000;
pub(super) const LEFT: Threshold = Threshold::TimeLeft { seconds: 300 };
pub(super) const HALF: Threshold = Threshold::Share { percent: 50 };

/// A running clock that is due half way, five minutes before, and at its deadline.
pub(super) fn clock(deadline: UtcMs) -> ClockRow {
    ClockRow {
        metric: Metric::FirstResponse,
        instance: 0,
        started_at: NOW,
        deadline_at: Some(deadline),
        stopped_at: None,
        paused_since: None,
        provisional: false,
        cancelled: false,
        uncertainty_ms: 0,
        dues: vec![(HALF, UtcMs((NOW.0 + deadline.0) / 2)), (LEFT, deadline.plus_ms(-5 * MINUTE)), (Threshold::Breach, deadline)],
        policy_id: String::new(),
    }
}

pub(super) fn in_minutes(minutes: i64) -> UtcMs {
    NOW.plus_ms(minutes * MINUTE)
}

pub(super) fn with_clock(minutes: i64) -> (Desk, TicketId) {
    let (desk, id) = Desk::with_ticket("T1");
    desk.store.put_clocks(&[(id, vec![clock(in_minutes(minutes))])]).unwrap();
    (desk, id)
}

fn raised(desk: &Desk, now: UtcMs) -> Vec<(i64, Threshold)> {
    desk.store
        .raise_due_alerts(now, 100, |_| Verdict::RING)
        .unwrap()
        .alerts
        .into_iter()
        .map(|alert| (alert.id, alert.threshold))
        .collect()
}

#[test]
fn alert_rings_once_for_ever() {
    let (desk, id) = with_clock(60);
    assert_eq!(desk.store.next_alert_due().unwrap(), Some(in_minutes(30)));
    assert!(raised(&desk, in_minutes(29)).is_empty());
    let first = raised(&desk, in_minutes(30));
    assert_eq!(first.len(), 1);
    assert_eq!(first[0].1, HALF);
    assert!(raised(&desk, in_minutes(30)).is_empty());
    // Computed again, and after a restart: still once.
    desk.store.put_clocks(&[(id, vec![clock(in_minutes(60))])]).unwrap();
    let desk = desk.reopened();
    desk.store.put_clocks(&[(id, vec![clock(in_minutes(60))])]).unwrap();
    assert!(raised(&desk, in_minutes(54)).is_empty());
    assert_eq!(desk.store.next_alert_due().unwrap(), Some(in_minutes(55)));
    assert_eq!(desk.store.alerts(10).unwrap().len(), 1);
}

#[test]
fn alert_raised_and_not_shown_is_found_after_a_kill() {
    let (desk, _) = with_clock(60);
    let alert = raised(&desk, in_minutes(30))[0].0;
    let desk = desk.reopened();
    let unshown = desk.store.unshown_alerts().unwrap();
    assert_eq!((unshown.len(), unshown[0].id, unshown[0].subject.as_str()), (1, alert, "subject T1"));
    desk.store.mark_shown(&[alert], in_minutes(31)).unwrap();
    assert!(desk.store.unshown_alerts().unwrap().is_empty());
    assert_eq!(desk.store.alerts(10).unwrap()[0].shown_at, Some(in_minutes(31)));
}

#[test]
fn after_a_long_sleep_only_the_worst_of_a_clock_rings() {
    let (desk, _) = with_clock(60);
    let rung: Vec<_> = raised(&desk, in_minutes(600)).into_iter().map(|(_, threshold)| threshold).collect();
    assert_eq!(rung, [Threshold::Breach]);
    assert_eq!(desk.store.unshown_alerts().unwrap().len(), 1);
    assert_eq!(desk.store.alerts(10).unwrap().len(), 1);
    assert_eq!(desk.store.next_alert_due().unwrap(), None);
}

#[test]
fn an_alert_not_shown_yet_gives_way_to_a_worse_one() {
    let (desk, _) = with_clock(60);
    raised(&desk, in_minutes(30));
    raised(&desk, in_minutes(55));
    let unshown: Vec<_> = desk.store.unshown_alerts().unwrap().into_iter().map(|alert| alert.threshold).collect();
    assert_eq!(unshown, [LEFT]);
}

#[test]
fn a_moved_deadline_arms_the_bell_anew_and_withdraws_what_was_not_shown() {
    let (desk, id) = with_clock(60);
    raised(&desk, in_minutes(30));
    desk.store.put_clocks(&[(id, vec![clock(in_minutes(120))])]).unwrap();
    assert!(desk.store.unshown_alerts().unwrap().is_empty());
    assert_eq!(desk.store.next_alert_due().unwrap(), Some(in_minutes(60)));
    assert_eq!(raised(&desk, in_minutes(60)).len(), 1);
}

#[test]
fn an_answered_ticket_rings_no_more() {
    let (desk, id) = with_clock(60);
    let alert = raised(&desk, in_minutes(55))[0].0;
    desk.store.mark_shown(&[alert], in_minutes(55)).unwrap();
    desk.store.snooze_alert(alert, in_minutes(58), in_minutes(55)).unwrap();
    let stopped = ClockRow { stopped_at: Some(in_minutes(56)), dues: Vec::new(), ..clock(in_minutes(60)) };
    desk.store.put_clocks(&[(id, vec![stopped])]).unwrap();
    assert_eq!(desk.store.next_alert_due().unwrap(), None);
    assert!(raised(&desk, in_minutes(90)).is_empty());
    assert_eq!(
        desk.store.measured(in_minutes(50)).unwrap(),
        [Measured { metric: Metric::FirstResponse, took_ms: 56 * MINUTE, met: true }]
    );
    assert!(desk.store.measured(in_minutes(57)).unwrap().is_empty());
}

#[test]
fn snooze_rings_again_and_never_past_the_deadline() {
    let (desk, _) = with_clock(60);
    let alert = raised(&desk, in_minutes(30))[0].0;
    desk.store.mark_shown(&[alert], in_minutes(30)).unwrap();
    desk.store.snooze_alert(alert, in_minutes(40), in_minutes(30)).unwrap();
    assert_eq!(desk.store.next_alert_due().unwrap(), Some(in_minutes(40)));
    assert!(raised(&desk, in_minutes(39)).is_empty());
    assert_eq!(raised(&desk, in_minutes(40)), [(alert, HALF)]);
    assert_eq!(desk.store.unshown_alerts().unwrap().len(), 1, "shown again if we die now");
    desk.store.snooze_alert(alert, in_minutes(400), in_minutes(40)).unwrap();
    assert_eq!(desk.store.alerts(10).unwrap()[0].snoozed_until, Some(in_minutes(60)));
    // At the deadline the breach speaks, not the snoozed half-way mark.
    assert_eq!(raised(&desk, in_minutes(60)).into_iter().map(|(_, t)| t).collect::<Vec<_>>(), [Threshold::Breach]);
    assert!(raised(&desk, in_minutes(700)).is_empty());
}

#[test]
fn acknowledged_is_silent() {
    let (desk, _) = with_clock(60);
    let alert = raised(&desk, in_minutes(30))[0].0;
    desk.store.snooze_alert(alert, in_minutes(35), in_minutes(30)).unwrap();
    desk.store.acknowledge_alert(alert, in_minutes(31)).unwrap();
    assert!(raised(&desk, in_minutes(40)).is_empty());
    assert_eq!(desk.store.alerts(1).unwrap()[0].acknowledged_at, Some(in_minutes(31)));
    assert!(desk.store.acknowledge_alert(99, NOW).is_err() && desk.store.snooze_alert(99, NOW, NOW).is_err());
}

#[test]
fn a_ticket_marked_while_its_clocks_were_computed_stays_stale() {
    let (desk, id) = Desk::with_ticket("T1");
    assert_eq!(desk.store.stale_clock_tickets(10).unwrap(), [id]);
    let inputs = desk.store.clock_inputs(&[id, TicketId(99)]).unwrap();
    assert_eq!((inputs.len(), inputs[0].events.len(), inputs[0].traits.priority), (1, 1, Priority::Important));
    let event = ObservedEvent { remote_id: "e2".into(), kind: TicketEventKind::Replied { by: Role::Agent }, ..created("T1") };
    desk.apply(&Observations { events: vec![event], ..Observations::default() });
    desk.store.put_clocks(&[(id, vec![])]).unwrap();
    assert_eq!(desk.store.stale_clock_tickets(10).unwrap(), [id], "the mark of meanwhile is kept");
    desk.store.clock_inputs(&[id]).unwrap();
    desk.store.put_clocks(&[(id, vec![])]).unwrap();
    assert!(desk.store.stale_clock_tickets(10).unwrap().is_empty());
    desk.store.mark_all_clocks_stale().unwrap();
    assert_eq!(desk.store.stale_clock_tickets(10).unwrap(), [id]);
}

#[test]
fn running_clocks_are_listed_by_time_left() {
    let (desk, first) = with_clock(60);
    desk.apply(&Observations { tickets: vec![ticket("T2"), ticket("T3")], ..Observations::default() });
    let (second, third) = (desk.ticket("T2"), desk.ticket("T3"));
    let paused = ClockRow { paused_since: Some(NOW), deadline_at: None, dues: vec![], ..clock(in_minutes(1)) };
    desk.store.put_clocks(&[(second, vec![clock(in_minutes(10))]), (third, vec![paused])]).unwrap();
    let open: Vec<_> = desk.store.open_clocks(None, 10).unwrap().into_iter().map(|clock| clock.ticket_id).collect();
    assert_eq!(open, [second, first]);
    assert_eq!(desk.store.open_clocks(Some(in_minutes(10)), 10).unwrap().len(), 1);
    let bounds = [UtcMs(i64::MIN), NOW, in_minutes(10), in_minutes(11), in_minutes(61)];
    let spans = desk.store.clock_spans(NOW, &bounds, 10).unwrap();
    assert_eq!(spans.iter().map(|span| span.total).collect::<Vec<_>>(), [0, 0, 1, 1]);
    let ticks = desk.store.deadline_ticks(in_minutes(10), in_minutes(60), 10, 3).unwrap();
    assert_eq!(ticks.iter().map(|tick| tick.from).collect::<Vec<_>>(), [in_minutes(10)]);
    let rows = desk.store.ticket_rows(&Default::default(), Default::default(), 0, 10).unwrap().rows;
    let shown: Vec<_> = rows.iter().map(|row| (row.id, row.clock.as_ref().map(|clock| clock.paused))).collect();
    assert_eq!(shown, [(second, Some(false)), (first, Some(false)), (third, Some(true))]);
}
