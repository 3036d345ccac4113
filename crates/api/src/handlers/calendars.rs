//! Calendars: files that leave, the person's CalDAV calendar, and calendars that are read.

use std::path::PathBuf;

use deskbell_engine::calendars::export::CalendarFile;
use deskbell_engine::calendars::{CaldavView, CheckedCalendars, LiveSession, Subscription};

use super::Answer;
use crate::commands as list;
use crate::desk::Desk;

pub(crate) async fn visit_ics(desk: &Desk, args: list::visit_ics::Args) -> Answer<Option<String>> {
    let file = desk.engine()?.visit_calendar(&args.key).await?;
    save(desk, file).await
}

pub(crate) async fn diagnosis_ics(desk: &Desk, args: list::diagnosis_ics::Args) -> Answer<Option<String>> {
    let file = desk.engine()?.diagnosis_calendar(args.id).await?;
    save(desk, file).await
}

async fn save(desk: &Desk, file: CalendarFile) -> Answer<Option<String>> {
    let Some(path) = desk.file_host().save_as(&file.name).await else { return Ok(None) };
    let shown = path.display().to_string();
    desk.engine()?.write_calendar(path, file).await?;
    Ok(Some(shown))
}

pub(crate) async fn caldav_get(desk: &Desk, _args: list::caldav_get::Args) -> Answer<Option<CaldavView>> {
    desk.engine()?.caldav().await
}

pub(crate) async fn caldav_check(desk: &Desk, args: list::caldav_check::Args) -> Answer<CheckedCalendars> {
    desk.engine()?.check_caldav(&args.url, &args.user, args.password).await
}

pub(crate) async fn caldav_put(desk: &Desk, args: list::caldav_put::Args) -> Answer<CaldavView> {
    desk.engine()?.put_caldav(args.caldav).await
}

pub(crate) async fn caldav_remove(desk: &Desk, _args: list::caldav_remove::Args) -> Answer<()> {
    desk.engine()?.remove_caldav().await
}

pub(crate) async fn caldav_push_now(desk: &Desk, _args: list::caldav_push_now::Args) -> Answer<()> {
    desk.engine()?.push_calendar_now().await.map(|_| ())
}

pub(crate) async fn subscriptions(desk: &Desk, _args: list::subscriptions::Args) -> Answer<Vec<Subscription>> {
    desk.engine()?.subscriptions().await
}

pub(crate) async fn subscription_put(desk: &Desk, args: list::subscription_put::Args) -> Answer<Subscription> {
    desk.engine()?.put_subscription(args.subscription).await
}

pub(crate) async fn subscription_pick(desk: &Desk, _args: list::subscription_pick::Args) -> Answer<Option<Subscription>> {
    let engine = desk.engine()?;
    let picked: Option<PathBuf> = desk.file_host().pick().await.into_iter().next();
    match picked {
        Some(path) => Ok(Some(engine.subscribe_to_file(path).await?)),
        None => Ok(None),
    }
}

pub(crate) async fn subscription_remove(desk: &Desk, args: list::subscription_remove::Args) -> Answer<()> {
    desk.engine()?.remove_subscription(args.id).await
}

pub(crate) async fn subscription_refresh(desk: &Desk, args: list::subscription_refresh::Args) -> Answer<Subscription> {
    desk.engine()?.refresh_subscription(args.id).await
}

pub(crate) async fn live_sessions(desk: &Desk, args: list::live_sessions::Args) -> Answer<Vec<LiveSession>> {
    desk.engine()?.live_sessions(args.from, args.to).await
}
