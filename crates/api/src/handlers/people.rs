//! Contact cards, customers and who answers for them.

use deskbell_domain::directory::Problem;
use deskbell_domain::people::{Care, Person};
use deskbell_engine::handover::CustomerDetail;
use deskbell_engine::people::CustomerCard;

use super::Answer;
use crate::commands as list;
use crate::desk::Desk;

pub(crate) async fn people(desk: &Desk, _args: list::people::Args) -> Answer<Vec<Person>> {
    desk.engine()?.people().await
}

pub(crate) async fn person_check(desk: &Desk, args: list::person_check::Args) -> Answer<Vec<Problem>> {
    desk.engine()?.check_person(args.person).await
}

pub(crate) async fn person_put(desk: &Desk, args: list::person_put::Args) -> Answer<Person> {
    desk.engine()?.put_person(args.person).await
}

pub(crate) async fn person_remove(desk: &Desk, args: list::person_remove::Args) -> Answer<()> {
    desk.engine()?.remove_person(args.id).await
}

pub(crate) async fn customers(desk: &Desk, args: list::customers::Args) -> Answer<Vec<CustomerCard>> {
    desk.engine()?.customers(args.query).await
}

pub(crate) async fn customer_get(desk: &Desk, args: list::customer_get::Args) -> Answer<CustomerDetail> {
    desk.engine()?.customer_detail(args.account, args.remote_id).await
}

pub(crate) async fn customer_of_ticket(desk: &Desk, args: list::customer_of_ticket::Args) -> Answer<Option<CustomerCard>> {
    desk.engine()?.customer_of_ticket(args.id).await
}

pub(crate) async fn care_put(desk: &Desk, args: list::care_put::Args) -> Answer<CustomerCard> {
    let care = Care { manager: args.manager, deputy: args.deputy };
    desk.engine()?.put_care(args.account, args.remote_id, care).await
}
