//! Versions of the rules on disk, and what merged tickets lend to the clocks of the one they became part of.

use deskbell_domain::sla::calendar::Calendar;
use deskbell_domain::sla::rules::{NamedCalendar, RuleSet};

use super::*;

fn set(from: Option<UtcMs>, name: &str) -> RuleSet {
    let calendar = NamedCalendar { name_zh: name.into(), name_en: String::new(), calendar: Calendar::business_cn() };
    RuleSet { from, policies: Vec::new(), calendars: BTreeMap::from([("cn".to_owned(), calendar)]) }
}

#[test]
fn versions_of_the_rules_come_back_in_their_order_after_a_restart() {
    let (desk, ticket) = Desk::with_ticket("T1");
    assert_eq!(desk.store.rule_sets().unwrap(), []);
    desk.store.put_clocks(&[(ticket, Vec::new())]).unwrap();
    assert_eq!(desk.store.stale_clock_tickets(9).unwrap(), []);
    let sets = [set(Some(NOW.plus_ms(5)), "later"), set(None, "first"), set(Some(NOW), "now")];
    desk.store.put_rule_sets(&sets, NOW, "r1").unwrap();
    assert_eq!(desk.store.stale_clock_tickets(9).unwrap(), [ticket], "all clocks are computed anew");
    let desk = desk.reopened();
    let [later, first, now] = sets;
    assert_eq!(desk.store.rule_sets().unwrap(), [first, now, later.clone()]);
    assert_eq!(desk.store.rules_revision().unwrap().as_deref(), Some("r1"));
    desk.store.put_rule_sets(std::slice::from_ref(&later), NOW, "r2").unwrap();
    assert_eq!(desk.store.rule_sets().unwrap(), [later]);
    let many = vec![set(None, "x"); crate::RULE_SETS_MAX + 1];
    assert_eq!(desk.store.put_rule_sets(&many, NOW, "r3").unwrap_err().code, deskbell_domain::Code::InputInvalid);
    assert_eq!(desk.store.rules_revision().unwrap().as_deref(), Some("r2"));
}

fn absorbed(desk: &Desk, ticket: TicketId) -> Vec<(UtcMs, UtcMs)> {
    let inputs = desk.store.clock_inputs(&[ticket]).unwrap();
    assert_eq!(desk.store.events(ticket).unwrap(), inputs[0].events, "the ticket's screen sees the same log");
    let events = inputs[0].events.iter();
    events
        .filter_map(|event| match event.kind {
            TicketEventKind::Absorbed { created_at } => Some((event.at, created_at)),
            _ => None,
        })
        .collect()
}

#[test]
fn a_merged_ticket_lends_its_start_and_makes_the_survivors_clocks_stale() {
    let desk = Desk::new();
    let born = |remote_id: &str, earlier_ms: i64| ObservedTicket { created_at: NOW.plus_ms(-earlier_ms), ..ticket(remote_id) };
    let merged =
        |ticket: ObservedTicket, into: &str| ObservedTicket { fate: Fate::Merged { into_remote_id: into.into() }, ..ticket };
    let tickets = |tickets: Vec<ObservedTicket>| Observations { tickets, notes: Vec::new(), events: Vec::new() };
    desk.apply(&tickets(vec![born("A", 100), born("B", 900), born("C", 5_000), born("D", 7_000)]));
    let [a, b, c] = ["A", "B", "C"].map(|name| desk.ticket(name));
    let settle = || {
        let stale = desk.store.stale_clock_tickets(9).unwrap();
        desk.store.clock_inputs(&stale).unwrap();
        desk.store.put_clocks(&stale.iter().map(|ticket| (*ticket, Vec::new())).collect::<Vec<_>>()).unwrap();
        stale
    };
    assert_eq!(settle().len(), 4);
    let event = ObservedEvent {
        remote_id: "merge".into(),
        at: NOW.plus_ms(-50),
        kind: TicketEventKind::Merged { into_remote_id: "A".into() },
        ..created("B")
    };
    desk.apply(&Observations { tickets: vec![merged(born("B", 900), "A")], notes: Vec::new(), events: vec![event] });
    assert_eq!(settle(), [a, b]);
    assert_eq!(absorbed(&desk, a), [(NOW.plus_ms(-50), NOW.plus_ms(-900))]);
    assert_eq!(absorbed(&desk, b), []);
    // A merge upon a merge, of which no log tells the instant.
    desk.apply(&tickets(vec![merged(born("C", 5_000), "B")]));
    assert_eq!(settle(), [a, b, c]);
    assert_eq!(absorbed(&desk, a), [(NOW.plus_ms(-50), NOW.plus_ms(-900)), (NOW, NOW.plus_ms(-5_000))]);
    // Taken apart again on the server.
    desk.apply(&tickets(vec![born("C", 5_000)]));
    assert_eq!(settle(), [a, b, c]);
    assert_eq!(absorbed(&desk, a).len(), 1);
}
