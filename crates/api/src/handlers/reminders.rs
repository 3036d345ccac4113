//! Reminders of appointments.

use deskbell_engine::reminders::ReminderView;

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
