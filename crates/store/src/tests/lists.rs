use deskbell_domain::filter::{TicketFilter, TicketOrder};
use deskbell_domain::sla::policy::Metric;

use super::*;
use crate::ClockRow;

/// Tickets T0…T29 of three products, two customers, statuses and priorities in turn.
fn thirty() -> Desk {
    let desk = Desk::new();
    let tickets = (0..30)
        .map(|at: i64| {
            let mut seen = ticket(&format!("T{at}"));
            let turn = usize::try_from(at).unwrap();
            seen.status = Status::ALL[turn % 6];
            seen.priority = Priority::ALL[turn % 3];
            seen.product = ["ECS", "OSS", "CDN"][turn % 3].into();
            seen.customer = ObservedCustomer {
                remote_id: format!("c{}", at % 2),
                name: ["甲", "乙"][turn % 2].into(),
                vip: at % 2 == 0,
                ..ObservedCustomer::default()
            };
            seen.updated_at = NOW.plus_ms((at * 7) % 30);
            seen.created_at = NOW.plus_ms((at * 11) % 30 - 1_000);
            seen
        })
        .collect();
    desk.apply(&Observations { tickets, ..Observations::default() });
    desk
}

fn ids(desk: &Desk, filter: &TicketFilter, order: TicketOrder) -> Vec<i64> {
    let page = desk.store.ticket_rows(filter, order, 0, 500).unwrap();
    assert_eq!(page.total, page.rows.len() as u64);
    page.rows.into_iter().map(|row| row.id.0).collect()
}

#[test]
fn every_order_is_total_and_any_slice_of_it_is_the_same_list() {
    let desk = thirty();
    for order in [TicketOrder::Deadline, TicketOrder::Updated, TicketOrder::Created, TicketOrder::Priority] {
        let all = ids(&desk, &TicketFilter::default(), order);
        assert_eq!(all.len(), 30);
        for start in [0, 7, 29, 30, 1_000] {
            let slice = desk.store.ticket_rows(&TicketFilter::default(), order, start, 5).unwrap();
            let slice: Vec<_> = slice.rows.into_iter().map(|row| row.id.0).collect();
            assert_eq!(slice, all.iter().skip(start as usize).take(5).copied().collect::<Vec<_>>());
        }
        for (at, id) in all.iter().enumerate() {
            assert_eq!(desk.store.position(&TicketFilter::default(), order, TicketId(*id)).unwrap(), Some(at as u64));
        }
    }
    let rows = desk.store.ticket_rows(&TicketFilter::default(), TicketOrder::Updated, 0, 500).unwrap().rows;
    assert!(rows.windows(2).all(|pair| pair[0].updated_at >= pair[1].updated_at));
    let rows = desk.store.ticket_rows(&TicketFilter::default(), TicketOrder::Priority, 0, 500).unwrap().rows;
    assert!(rows.windows(2).all(|pair| (pair[0].priority, -pair[0].id.0) < (pair[1].priority, -pair[1].id.0)));
    assert_eq!(desk.store.position(&TicketFilter::default(), TicketOrder::Updated, TicketId(99)).unwrap(), None);
}

#[test]
fn filters_narrow_as_a_plain_look_at_the_rows_does() {
    let desk = thirty();
    let all = desk.store.ticket_rows(&TicketFilter::default(), TicketOrder::Created, 0, 500).unwrap().rows;
    let none = TicketFilter::default();
    let table = [
        TicketFilter { statuses: vec![Status::Open, Status::Closed], ..none.clone() },
        TicketFilter { priorities: vec![Priority::Urgent], vip: Some(true), ..none.clone() },
        TicketFilter { products: vec!["OSS".into(), "nothing".into()], ..none.clone() },
        TicketFilter { products: vec!["nothing".into()], ..none.clone() },
        TicketFilter { customers: vec!["乙".into()], unfinished: true, ..none.clone() },
        TicketFilter { accounts: vec![desk.account], ..none.clone() },
        TicketFilter { accounts: vec![AccountId(99)], ..none },
    ];
    for filter in table {
        let expected: Vec<_> = all
            .iter()
            .filter(|row| {
                (filter.statuses.is_empty() || filter.statuses.contains(&row.status))
                    && (filter.priorities.is_empty() || filter.priorities.contains(&row.priority))
                    && (filter.products.is_empty() || filter.products.contains(&row.product))
                    && (filter.customers.is_empty() || filter.customers.contains(&row.customer))
                    && (filter.accounts.is_empty() || filter.accounts.contains(&row.account_id))
                    && filter.vip.is_none_or(|vip| vip == row.vip)
                    && (!filter.unfinished || row.status.is_unfinished())
            })
            .map(|row| row.id.0)
            .collect();
        assert_eq!(ids(&desk, &filter, TicketOrder::Created), expected, "{filter:?}");
        assert_eq!(desk.store.facets(&filter).unwrap().total, expected.len() as u64);
    }
}

#[test]
fn facets_count_what_the_lists_hold() {
    let desk = thirty();
    let facets = desk.store.facets(&TicketFilter::default()).unwrap();
    assert_eq!((facets.total, facets.unfinished, facets.vip, facets.breached), (30, 20, 15, 0));
    assert_eq!(facets.by_status, Status::ALL.iter().map(|status| (*status, 5)).collect::<Vec<_>>());
    assert_eq!(facets.by_product, [("CDN".to_owned(), 10), ("ECS".to_owned(), 10), ("OSS".to_owned(), 10)]);
    assert_eq!(facets.by_account, [(desk.account, 30)]);
}

#[test]
fn a_pending_edit_shows_in_lists_and_goes_when_it_is_refused() {
    let (desk, id) = Desk::with_ticket("T1");
    let row = |desk: &Desk| desk.store.ticket_rows(&TicketFilter::default(), TicketOrder::Updated, 0, 1).unwrap().rows.remove(0);
    assert_eq!((row(&desk).status, row(&desk).pending), (Status::Open, 0));
    desk.enqueue(id, OperationKind::SetPriority { from: Priority::Important, to: Priority::Urgent }, "p");
    let operation = desk.enqueue(id, OperationKind::SetStatus { from: Status::Open, to: Status::Closed }, "s");
    assert_eq!((row(&desk).status, row(&desk).priority, row(&desk).pending), (Status::Closed, Priority::Urgent, 2));
    let closed = TicketFilter { statuses: vec![Status::Closed], ..TicketFilter::default() };
    assert_eq!(ids(&desk, &closed, TicketOrder::Updated), [id.0]);
    // Loaded anew, the same.
    let desk = desk.reopened();
    assert_eq!(ids(&desk, &closed, TicketOrder::Updated), [id.0]);
    desk.store.discard_operation(operation).unwrap();
    assert_eq!((row(&desk).status, row(&desk).priority, row(&desk).pending), (Status::Open, Priority::Urgent, 1));
    assert_eq!(desk.store.ticket(id).unwrap().unwrap().priority, Priority::Important, "the mirror is what was observed");
}

#[test]
fn breached_follows_the_time_that_is_told() {
    let (desk, id) = Desk::with_ticket("T1");
    let clock = ClockRow {
        metric: Metric::Resolution,
        instance: 0,
        started_at: NOW,
        deadline_at: Some(NOW.plus_ms(60_000)),
        stopped_at: None,
        paused_since: None,
        provisional: true,
        cancelled: false,
        uncertainty_ms: 0,
        dues: vec![],
        policy_id: String::new(),
    };
    desk.store.put_clocks(&[(id, vec![clock])]).unwrap();
    let breached = TicketFilter { breached: true, ..TicketFilter::default() };
    assert!(ids(&desk, &breached, TicketOrder::Deadline).is_empty());
    desk.store.tell_time(NOW.plus_ms(60_000));
    assert_eq!(ids(&desk, &breached, TicketOrder::Deadline), [id.0]);
    assert_eq!(desk.store.facets(&TicketFilter::default()).unwrap().breached, 1);
}

#[test]
fn columns_kept_in_step_equal_columns_loaded_anew() {
    let desk = thirty();
    desk.store.warm_columns().unwrap();
    let mut moved = ticket("T3");
    moved.status = Status::WaitingVendor;
    moved.product = "SLB".into();
    moved.updated_at = NOW.plus_ms(99);
    desk.apply(&Observations { tickets: vec![moved, ticket("T30"), ticket("T31")], ..Observations::default() });
    desk.enqueue(desk.ticket("T5"), OperationKind::SetStatus { from: Status::Closed, to: Status::Open }, "s");
    let kept: Vec<_> =
        [TicketOrder::Updated, TicketOrder::Priority].map(|order| ids(&desk, &TicketFilter::default(), order)).into();
    let facets = desk.store.facets(&TicketFilter::default()).unwrap();
    let desk = desk.reopened();
    let anew: Vec<_> =
        [TicketOrder::Updated, TicketOrder::Priority].map(|order| ids(&desk, &TicketFilter::default(), order)).into();
    assert_eq!((kept, facets), (anew, desk.store.facets(&TicketFilter::default()).unwrap()));
}
