//! The clocks in memory: kept ticket by ticket they are those of the file.

use deskbell_domain::filter::{TicketFilter, TicketOrder};
use deskbell_domain::sla::policy::Metric;
use deskbell_domain::time::{DAY_MS, HOUR_MS, MINUTE_MS};
use proptest::prelude::*;

use super::alerts::clock;
use super::*;
use crate::columns::Columns;
use crate::standing::RunningClock;
use crate::{ClockRow, MEASURED_MS_MAX, Measured};

/// Everything that Watch and the lists read of the columns.
#[derive(Debug, PartialEq)]
struct Picture {
    running: Vec<RunningClock>,
    paused: u64,
    measured: Vec<(Metric, i64, bool)>,
    unfinished: u64,
    by_deadline: Vec<u32>,
    breached: Vec<u32>,
}

fn picture(columns: &Columns, now: UtcMs) -> Picture {
    let sorted = |measured: Vec<Measured>| {
        let mut lengths: Vec<_> = measured.into_iter().map(|one| (one.metric, one.took_ms, one.met)).collect();
        lengths.sort_unstable();
        lengths
    };
    let all = TicketFilter::default();
    Picture {
        running: columns.clocks().running().iter().copied().collect(),
        paused: columns.clocks().paused(),
        measured: sorted(columns.clocks().measured(now.plus_ms(-MEASURED_MS_MAX))),
        unfinished: columns.unfinished(),
        by_deadline: columns.ordered(&all, TicketOrder::Deadline, now),
        breached: columns.ordered(&TicketFilter { breached: true, ..all }, TicketOrder::Deadline, now),
    }
}

impl Desk {
    fn kept(&self, now: UtcMs) -> Picture {
        self.store.with_columns(|columns| picture(columns, now)).unwrap()
    }

    /// Loaded from the file, on the writer's own connection.
    fn fresh(&self, now: UtcMs) -> Picture {
        self.store.inner.writer.run(move |desk| Ok(picture(&Columns::load(desk.connection(), now)?, now))).unwrap()
    }

    fn gone(&self, remote_id: &str) {
        let fate = Fate::Deleted;
        self.apply(&Observations { tickets: vec![ObservedTicket { fate, ..ticket(remote_id) }], ..Observations::default() });
    }
}

fn of_instance(instance: u32, minutes: i64) -> ClockRow {
    ClockRow { metric: Metric::Resolution, instance, ..clock(NOW.plus_ms(minutes * MINUTE_MS)) }
}

fn paused(instance: u32) -> ClockRow {
    ClockRow { paused_since: Some(NOW), deadline_at: None, dues: Vec::new(), ..of_instance(instance, 0) }
}

/// A stop `before` minutes ago of a clock whose deadline was `left` minutes later.
fn stopped(instance: u32, before: i64, left: i64) -> ClockRow {
    let stopped_at = NOW.plus_ms(-before * MINUTE_MS);
    ClockRow {
        started_at: stopped_at.plus_ms(-HOUR_MS),
        deadline_at: Some(stopped_at.plus_ms(left * MINUTE_MS)),
        stopped_at: Some(stopped_at),
        dues: Vec::new(),
        ..of_instance(instance, 0)
    }
}

#[test]
fn clocks_leave_what_is_counted_with_a_stop_a_cancellation_and_their_ticket() {
    let (desk, id) = Desk::with_ticket("T1");
    assert_eq!(desk.kept(NOW).running, []);
    let put = |clocks: Vec<ClockRow>| {
        desk.store.put_clocks(&[(id, clocks)]).unwrap();
        let kept = desk.kept(NOW);
        assert_eq!(kept, desk.fresh(NOW));
        (kept.running.len(), kept.paused, kept.measured, kept.breached.len())
    };
    let hour = |met| (Metric::Resolution, HOUR_MS, met);
    assert_eq!(put(vec![of_instance(1, -1), of_instance(2, 5), paused(3)]), (2, 1, vec![], 1));
    assert_eq!(put(vec![stopped(1, 1, 1), stopped(2, 1, -1)]), (0, 0, vec![hour(false), hour(true)], 0));
    let on_time = stopped(1, 1, 0);
    let cancelled = ClockRow { cancelled: true, ..stopped(2, 1, 1) };
    assert_eq!(put(vec![on_time, cancelled, paused(3)]), (0, 1, vec![hour(true)], 0), "cancelled is neither met nor missed");
    let month = MEASURED_MS_MAX / MINUTE_MS;
    assert_eq!(put(vec![stopped(1, month, 1), stopped(2, month + 1, 1)]), (0, 0, vec![hour(true)], 0), "thirty days back");
    // Stopped counts, however the stop found it.
    let stopped_in_pause = ClockRow { paused_since: Some(NOW.plus_ms(-HOUR_MS)), ..stopped(1, 1, 1) };
    assert_eq!(put(vec![stopped_in_pause]), (0, 0, vec![hour(true)], 0));

    put(vec![of_instance(1, -1), paused(2)]);
    desk.gone("T1");
    desk.store.put_clocks(&[(id, Vec::new())]).unwrap();
    let kept = desk.kept(NOW);
    assert_eq!((kept.running.len(), kept.paused, kept.unfinished), (0, 0, 0), "a tombstone has no clocks");
    assert_eq!(kept, desk.fresh(NOW));

    desk.apply(&Observations { tickets: vec![ticket("T2")], ..Observations::default() });
    desk.store.put_clocks(&[(desk.ticket("T2"), vec![of_instance(1, -1), paused(2)])]).unwrap();
    assert_eq!(desk.kept(NOW).paused, 1);
    desk.store.remove_account(desk.account, true).unwrap();
    let kept = desk.kept(NOW);
    assert_eq!((kept.running.len(), kept.paused, kept.unfinished), (0, 0, 0), "its account is gone");
    assert_eq!(kept, desk.fresh(NOW));
}

#[test]
fn spans_ticks_and_totals_are_those_of_the_file_after_a_restart() {
    let (desk, id) = Desk::with_ticket("T1");
    let minute = |minutes: i64| NOW.plus_ms(minutes * MINUTE_MS);
    let clocks = (0..10_i64).map(|n| of_instance(u32::try_from(n).unwrap(), n - 2)).chain([paused(20), stopped(21, 5, 0)]);
    desk.store.put_clocks(&[(id, clocks.collect())]).unwrap();
    let asked = |desk: &Desk| {
        let bounds = [UtcMs(i64::MIN), NOW, minute(5), UtcMs(i64::MAX)];
        let spans = desk.store.clock_spans(NOW, &bounds, 2).unwrap();
        let ticks = desk.store.deadline_ticks(NOW, minute(100), 5, 1).unwrap();
        (spans, ticks, desk.store.clock_totals(NOW).unwrap(), desk.store.measured(minute(-30 * 24 * 60)).unwrap())
    };
    let (spans, ticks, totals, measured) = asked(&desk);
    assert_eq!(spans.iter().map(|span| (span.total, span.cards.len())).collect::<Vec<_>>(), [(2, 2), (5, 2), (3, 2)]);
    assert!(spans[1].cards.iter().all(|card| card.ticket_id == id && card.customer == "华东支付"));
    assert_eq!(spans[1].cards.iter().map(|card| card.deadline_at).collect::<Vec<_>>(), [NOW, minute(1)], "soonest first");
    // More than five deadlines: five slices of twenty minutes, of which the first holds all.
    assert_eq!(ticks.len(), 1);
    let held = (ticks[0].from, ticks[0].to, ticks[0].by_priority[&Priority::Important], ticks[0].clocks.len());
    assert_eq!(held, (NOW, minute(7), 8, 1));
    assert_eq!((totals.next_deadline, totals.paused, totals.unfinished, measured.len()), (Some(NOW), 1, 1, 1));
    let again = asked(&desk.reopened());
    assert_eq!(again, (spans, ticks, totals, measured));
}

#[derive(Debug, Clone)]
enum Step {
    Put { ticket: usize, clocks: Vec<ClockRow> },
    Gone { ticket: usize },
    Seen { ticket: usize, status: Status },
    Later { hours: i64 },
    Restart,
}

const TICKETS: [&str; 4] = ["T1", "T2", "T3", "T4"];

fn row() -> impl Strategy<Value = ClockRow> {
    let metric = prop::sample::select(vec![Metric::FirstResponse, Metric::NextResponse, Metric::Resolution, Metric::Visit]);
    let deadline = prop::option::weighted(0.8, -3_i64..200);
    // Up to forty days ago: some are older than what is measured.
    let stop = prop::option::weighted(0.5, prop_oneof![0_i64..50, 0_i64..60_000]);
    (metric, 1_u32..4, deadline, stop, any::<bool>(), any::<bool>()).prop_map(
        |(metric, instance, deadline, stop, waits, cancelled)| {
            let stopped_at = stop.map(|ago| NOW.plus_ms(-ago * MINUTE_MS));
            ClockRow {
                metric,
                instance,
                started_at: NOW.plus_ms(-60 * DAY_MS),
                deadline_at: deadline.map(|minutes| stopped_at.unwrap_or(NOW).plus_ms(minutes * MINUTE_MS)),
                stopped_at,
                paused_since: waits.then_some(NOW),
                cancelled: cancelled && stopped_at.is_some(),
                dues: Vec::new(),
                ..clock(NOW)
            }
        },
    )
}

fn step() -> impl Strategy<Value = Step> {
    let status = prop::sample::select(vec![Status::Open, Status::WaitingCustomer, Status::Resolved]);
    let one = 0..TICKETS.len();
    prop_oneof![
        6 => (one.clone(), prop::collection::vec(row(), 0..5)).prop_map(|(ticket, clocks)| Step::Put { ticket, clocks }),
        1 => one.clone().prop_map(|ticket| Step::Gone { ticket }),
        2 => (one, status).prop_map(|(ticket, status)| Step::Seen { ticket, status }),
        1 => (0_i64..300).prop_map(|hours| Step::Later { hours }),
        1 => Just(Step::Restart),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    /// Whatever is put, seen, deleted and waited for: what was kept in step is what a start would read.
    #[test]
    fn clocks_kept_ticket_by_ticket_are_those_loaded_from_the_file(steps in prop::collection::vec(step(), 1..40)) {
        let mut desk = Desk::new();
        desk.apply(&Observations { tickets: TICKETS.map(ticket).into(), ..Observations::default() });
        let mut now = NOW;
        desk.kept(now);
        for step in steps {
            match step {
                Step::Put { ticket, clocks } => desk.store.put_clocks(&[(desk.ticket(TICKETS[ticket]), clocks)]).unwrap(),
                Step::Gone { ticket } => desk.gone(TICKETS[ticket]),
                Step::Seen { ticket: seen, status } => {
                    let seen = ObservedTicket { status, ..ticket(TICKETS[seen]) };
                    desk.apply(&Observations { tickets: vec![seen], ..Observations::default() });
                }
                Step::Later { hours } => now = now.plus_ms(hours * HOUR_MS),
                Step::Restart => desk = desk.reopened(),
            }
            desk.store.tell_time(now);
            prop_assert_eq!(desk.kept(now), desk.fresh(now));
        }
    }
}
