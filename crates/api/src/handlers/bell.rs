//! The bell: its list, its settings.

use deskbell_domain::Code;
use deskbell_domain::time::MINUTE_MS;
use deskbell_engine::EngineError;
use deskbell_engine::alerts::BellView;
use deskbell_engine::ports::NotificationSupport;
use deskbell_engine::records::AlertRecord;

use super::{Answer, ROWS_MAX};
use crate::commands as list;
use crate::desk::Desk;

pub(crate) async fn notification_support(desk: &Desk, _args: list::notification_support::Args) -> Answer<NotificationSupport> {
    Ok(desk.notifier().support().await)
}

pub(crate) async fn alerts(desk: &Desk, args: list::alerts::Args) -> Answer<Vec<AlertRecord>> {
    let (limit, open_only) = (args.limit.min(ROWS_MAX), args.open_only.unwrap_or(false));
    desk.engine()?.read(move |store| if open_only { store.open_alerts(limit) } else { store.alerts(limit) }).await
}

pub(crate) async fn alert_acknowledge(desk: &Desk, args: list::alert_acknowledge::Args) -> Answer<()> {
    desk.engine()?.acknowledge_alert(args.id).await
}

pub(crate) async fn alerts_acknowledge(desk: &Desk, args: list::alerts_acknowledge::Args) -> Answer<u32> {
    let known = desk.engine()?.acknowledge_alerts(args.ids).await?;
    Ok(u32::try_from(known).unwrap_or(u32::MAX))
}

pub(crate) async fn alert_snooze(desk: &Desk, args: list::alert_snooze::Args) -> Answer<()> {
    if args.minutes == 0 {
        return Err(EngineError::new(Code::InputInvalid).arg("field", "minutes"));
    }
    desk.engine()?.snooze_alert(args.id, i64::from(args.minutes) * MINUTE_MS).await
}

pub(crate) async fn bell_get(desk: &Desk, _args: list::bell_get::Args) -> Answer<BellView> {
    desk.engine()?.bell().await
}

pub(crate) async fn bell_put(desk: &Desk, args: list::bell_put::Args) -> Answer<BellView> {
    desk.engine()?.put_bell(args.settings).await
}

pub(crate) async fn dnd(desk: &Desk, args: list::dnd::Args) -> Answer<BellView> {
    desk.engine()?.do_not_disturb(args.minutes).await
}
