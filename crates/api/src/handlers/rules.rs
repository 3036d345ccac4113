//! Policies and calendars.

use deskbell_domain::Code;
use deskbell_domain::sla::calendar::{ImportedHolidays, MonthPreview, month_preview, read_notice};
use deskbell_domain::sla::rules::RuleProblem;
use deskbell_engine::EngineError;
use deskbell_engine::rules::{DryRun, RulesView};

use super::Answer;
use crate::commands as list;
use crate::desk::Desk;

pub(crate) async fn rules_get(desk: &Desk, _args: list::rules_get::Args) -> Answer<RulesView> {
    desk.engine()?.rules_view().await
}

pub(crate) async fn rules_check(_desk: &Desk, args: list::rules_check::Args) -> Answer<Vec<RuleProblem>> {
    Ok(args.set.problems())
}

pub(crate) async fn rules_dry_run(desk: &Desk, args: list::rules_dry_run::Args) -> Answer<DryRun> {
    desk.engine()?.dry_run(args.set, args.from, args.backwards).await
}

pub(crate) async fn rules_put(desk: &Desk, args: list::rules_put::Args) -> Answer<RulesView> {
    desk.engine()?.put_rules(args.set, args.from, args.backwards).await
}

pub(crate) async fn calendar_preview(_desk: &Desk, args: list::calendar_preview::Args) -> Answer<MonthPreview> {
    Ok(month_preview(&args.calendar, args.year, args.month))
}

pub(crate) async fn holidays_import(_desk: &Desk, args: list::holidays_import::Args) -> Answer<ImportedHolidays> {
    read_notice(&args.text).map_err(|error| EngineError::with_detail(Code::HolidaysUnreadable, error.to_string()))
}

pub(crate) async fn rules_draft(desk: &Desk, _args: list::rules_draft::Args) -> Answer<Option<String>> {
    desk.engine()?.rules_draft().await
}

pub(crate) async fn rules_draft_put(desk: &Desk, args: list::rules_draft_put::Args) -> Answer<()> {
    desk.engine()?.put_rules_draft(args.draft).await
}
