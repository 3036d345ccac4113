//! Reminders of appointments, and visits that travel as tickets.

use deskbell_domain::scheduling::block::VisitAnswer;
use deskbell_engine::reminders::ReminderView;
use deskbell_engine::visits::carrier::Carried;

use super::Answer;
use crate::commands as list;
use crate::desk::Desk;

pub(crate) async fn reminders(desk: &Desk, args: list::reminders::Args) -> Answer<Vec<ReminderView>> {
    desk.engine()?.reminders(args.open_only).await
}

pub(crate) async fn reminder_acknowledge(desk: &Desk, args: list::reminder_acknowledge::Args) -> Answer<()> {
    desk.engine()?.acknowledge_reminder(args.id).await
}

pub(crate) async fn reminder_snooze(desk: &Desk, args: list::reminder_snooze::Args) -> Answer<()> {
    desk.engine()?.snooze_reminder(args.id, args.minutes).await
}

pub(crate) async fn visit_carried(desk: &Desk, args: list::visit_carried::Args) -> Answer<Option<Carried>> {
    desk.engine()?.carried(&args.key).await
}

pub(crate) async fn visit_settle(desk: &Desk, args: list::visit_settle::Args) -> Answer<()> {
    let list::visit_settle::Args { key, state, start, end, engineer } = args;
    desk.engine()?.settle_visit(&key, VisitAnswer { state, start, end, engineer, reason: String::new() }).await
}
