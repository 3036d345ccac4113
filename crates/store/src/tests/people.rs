//! Contact cards, who answers for a customer, and what is open of each, on disk.

use deskbell_domain::Code;
use deskbell_domain::people::{Absence, Care, Person};

use super::*;

pub(super) fn person(name: &str) -> Person {
    let away = Absence { from: NOW, to: NOW.plus_ms(1_000), deputy: "陈默".into(), note: "年假".into() };
    Person { name: name.into(), phone: "138 0000 0000".into(), absences: vec![away], ..Person::default() }
}

fn of_customer(remote_id: &str, customer: &str, name: &str, status: Status) -> ObservedTicket {
    let customer = ObservedCustomer { remote_id: customer.into(), name: name.into(), ..ObservedCustomer::default() };
    ObservedTicket { customer, status, ..ticket(remote_id) }
}

#[test]
fn a_card_is_added_changed_and_forgotten_and_its_name_is_its_own() {
    let desk = Desk::new();
    let lin = desk.store.put_person(&person(" 林夏 "), NOW).unwrap();
    assert_eq!(lin.name, "林夏");
    assert_eq!(desk.store.put_person(&person("林夏"), NOW).unwrap_err().code, Code::ValueTwice);
    let chen = desk.store.put_person(&person("陈默"), NOW).unwrap();
    assert_eq!(desk.store.put_person(&Person { name: "林夏".into(), ..chen.clone() }, NOW).unwrap_err().code, Code::ValueTwice);
    let lin = desk.store.put_person(&Person { im: "@lin".into(), ..lin }, NOW).unwrap();
    let desk = desk.reopened();
    assert_eq!(desk.store.people().unwrap(), [lin.clone(), chen.clone()]);
    desk.store.remove_person(lin.id).unwrap();
    assert_eq!(desk.store.remove_person(lin.id).unwrap_err().code, Code::PersonUnknown);
    assert_eq!(desk.store.put_person(&lin, NOW).unwrap_err().code, Code::PersonUnknown, "a card that is gone is not changed");
    assert_eq!(desk.store.people().unwrap(), [chen]);
}

#[test]
fn customers_are_counted_each_by_itself_even_under_one_name() {
    let desk = Desk::new();
    let tickets = vec![
        of_customer("T1", "c1", "华东支付", Status::Open),
        of_customer("T2", "c1", "华东支付", Status::Closed),
        of_customer("T3", "c2", "华东支付", Status::New),
        of_customer("T4", "c2", "华东支付", Status::Open),
        of_customer("T5", "c3", "Northwind", Status::Resolved),
        of_customer("T6", "", "", Status::Open),
    ];
    desk.apply(&Observations { tickets, ..Observations::default() });
    let found = desk.store.customers(NOW).unwrap();
    let sums: Vec<(&str, u64, u64)> = found.iter().map(|one| (one.remote_id.as_str(), one.sums.tickets, one.sums.open)).collect();
    assert_eq!(sums, [("c3", 1, 0), ("c1", 2, 1), ("c2", 2, 2)]);
    assert_eq!(desk.store.open_tickets_of(desk.account, "c2").unwrap(), [desk.ticket("T3"), desk.ticket("T4")]);
    let whose = desk.store.customer_of_ticket(desk.ticket("T3")).unwrap();
    assert_eq!(whose, Some((desk.account, "c2".to_owned())));
    assert_eq!(desk.store.customer_of_ticket(desk.ticket("T6")).unwrap(), None);
}

#[test]
fn what_a_person_said_of_a_customer_outlives_pulls_and_is_taken_back() {
    let (desk, _) = Desk::with_ticket("T1");
    let care = Care { manager: "林夏".into(), deputy: String::new() };
    assert_eq!(desk.store.put_care(desk.account, "c9", Some(&care), NOW).unwrap_err().code, Code::CustomerUnknown);
    desk.store.put_care(desk.account, "c1", Some(&care), NOW).unwrap();
    desk.apply(&Observations {
        tickets: vec![of_customer("T1", "c1", "华东支付（新）", Status::Open)],
        ..Observations::default()
    });
    let desk = desk.reopened();
    let customer = desk.store.customer(desk.account, "c1", NOW).unwrap();
    assert_eq!((customer.name.as_str(), customer.care), ("华东支付（新）", Some(care)));
    desk.store.put_care(desk.account, "c1", None, NOW).unwrap();
    assert_eq!(desk.store.customer(desk.account, "c1", NOW).unwrap().care, None);
    assert_eq!(desk.store.customer(desk.account, "c9", NOW).unwrap_err().code, Code::CustomerUnknown);
}
