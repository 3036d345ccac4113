//! What the tray says, in the person's language: pure, the time is passed in.

use chrono::{DateTime, Days, Local, NaiveTime, TimeZone, Timelike};
use deskbell_engine::catalogue::{Catalogue, TextArgs};
use deskbell_engine::state::Settings;
use serde_json::Value;

/// The short do-not-disturb.
pub(super) const DND_MINUTES: i64 = 60;
/// The long do-not-disturb ends at this hour.
const MORNING_HOUR: u32 = 8;
/// Characters of a subject in a menu or tooltip.
const SUBJECT_MAX: usize = 24;
/// Counts above it are shown as this and a plus.
const BADGE_MAX: i64 = 99;
const MINUTE_MS: i64 = 60_000;

/// The worst that is open: it colours the bell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mood {
    Quiet,
    Due,
    Breached,
}

/// Everything the tray says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Texts {
    pub(super) mood: Mood,
    /// Breached, and due within 15 minutes; `None` for none.
    pub(super) badge: Option<String>,
    pub(super) summary: String,
    pub(super) next: String,
    pub(super) held: Option<String>,
    pub(super) tooltip: String,
    pub(super) dnd: String,
    pub(super) dnd_hour: String,
    pub(super) dnd_morning: String,
    pub(super) dnd_off: String,
    pub(super) dnd_is_on: bool,
    pub(super) open: String,
    pub(super) sync: String,
    pub(super) offline: String,
    pub(super) quit: String,
    pub(super) work_offline: bool,
}

impl Texts {
    /// `watch` and `bell` are the answers of the commands of these names, or null while the desk is locked.
    pub(super) fn of(settings: &Settings, watch: &Value, bell: &Value, now: DateTime<Local>) -> Self {
        let catalogue = Catalogue::of(settings.language);
        let plain = |key: &str| catalogue.text(key, &TextArgs::new());
        let counted = |key: &str, count: i64| catalogue.text(key, &TextArgs::new().number("count", count));
        let (breached, soon) = (total(watch, "breached"), total(watch, "minutes"));
        let (mood, summary) = match (breached, soon) {
            (0, 0) => (Mood::Quiet, plain("tray-tooltip-quiet")),
            (0, soon) => (Mood::Due, counted("tray-tooltip-due", soon)),
            (breached, _) => (Mood::Breached, counted("tray-tooltip-breached", breached)),
        };
        let next = next_deadline(catalogue, watch, now).unwrap_or_else(|| plain("tray-next-none"));
        let held = bell["held"].as_i64().filter(|held| *held > 0).map(|held| counted("tray-held", held));
        let until = bell.pointer("/settings/dnd_until").and_then(Value::as_i64).and_then(local).filter(|until| *until > now);
        let dnd = match until {
            Some(until) => catalogue.text("tray-dnd-until", &TextArgs::new().text("time", &wall_time(until, now))),
            None if bell["quiet_now"] == true => plain("tray-dnd-quiet-hours"),
            None => plain("tray-dnd"),
        };
        let mut lines = vec![summary.as_str(), next.as_str()];
        lines.extend(held.as_deref());
        if until.is_some() {
            lines.push(&dnd);
        }
        let tooltip = lines.join("\n");
        let morning = if now.hour() < MORNING_HOUR { "tray-dnd-morning" } else { "tray-dnd-tomorrow" };
        Self {
            mood,
            badge: badge(breached.saturating_add(soon)),
            tooltip,
            summary,
            next,
            held,
            dnd,
            dnd_hour: plain("tray-dnd-hour"),
            dnd_morning: plain(morning),
            dnd_off: plain("tray-dnd-off"),
            dnd_is_on: until.is_some(),
            open: plain("tray-open"),
            sync: plain("tray-sync-now"),
            offline: plain("tray-work-offline"),
            quit: plain("tray-quit"),
            work_offline: settings.work_offline,
        }
    }
}

fn total(watch: &Value, lane: &str) -> i64 {
    let lanes = watch["lanes"].as_array().into_iter().flatten();
    lanes.filter(|known| known["lane"] == lane).filter_map(|known| known["total"].as_i64()).sum()
}

fn badge(count: i64) -> Option<String> {
    match count {
        ..=0 => None,
        1..=BADGE_MAX => Some(count.to_string()),
        _ => Some(format!("{BADGE_MAX}+")),
    }
}

/// Subject, time left and wall time of the deadline that comes next.
fn next_deadline(catalogue: &Catalogue, watch: &Value, now: DateTime<Local>) -> Option<String> {
    let cards = watch["lanes"].as_array()?.iter().filter_map(|lane| lane["cards"].as_array()).flatten();
    let ahead = cards.filter_map(|card| Some((card["deadline_at"].as_i64()?, card["subject"].as_str()?)));
    let (at, subject) = ahead.filter(|(at, _)| *at > now.timestamp_millis()).min_by_key(|(at, _)| *at)?;
    let left = time_left(catalogue, at.saturating_sub(now.timestamp_millis()));
    let (subject, time) = (shortened(subject), wall_time(local(at)?, now));
    let args = TextArgs::new().text("subject", &subject).text("left", &left).text("time", &time);
    Some(catalogue.text("tray-next", &args))
}

/// Whole minutes, the last one not yet over.
fn time_left(catalogue: &Catalogue, ms: i64) -> String {
    let minutes = ms.saturating_add(MINUTE_MS - 1) / MINUTE_MS;
    let args = TextArgs::new().number("hours", minutes / 60).number("minutes", minutes % 60);
    catalogue.text(if minutes < 60 { "notify-left-minutes" } else { "notify-left-hours" }, &args)
}

fn local(ms: i64) -> Option<DateTime<Local>> {
    Local.timestamp_millis_opt(ms).single()
}

fn wall_time(at: DateTime<Local>, now: DateTime<Local>) -> String {
    let form = if at.date_naive() == now.date_naive() { "%H:%M" } else { "%m-%d %H:%M" };
    at.format(form).to_string()
}

fn shortened(subject: &str) -> String {
    if subject.chars().count() <= SUBJECT_MAX {
        return subject.to_owned();
    }
    let kept: String = subject.chars().take(SUBJECT_MAX - 1).collect();
    format!("{}…", kept.trim_end())
}

/// Until the next 8:00, at least one.
pub(super) fn minutes_until_morning(now: DateTime<Local>) -> i64 {
    let days = if now.hour() < MORNING_HOUR { 0 } else { 1 };
    let date = now.date_naive().checked_add_days(Days::new(days));
    let morning = date.zip(NaiveTime::from_hms_opt(MORNING_HOUR, 0, 0)).map(|(date, time)| date.and_time(time));
    // An hour that the clock skips that night is taken as the hour after it.
    let at = morning.and_then(|morning| Local.from_local_datetime(&morning).earliest());
    let ms = at.map_or(DND_MINUTES * MINUTE_MS, |at| at.timestamp_millis().saturating_sub(now.timestamp_millis()));
    (ms.saturating_add(MINUTE_MS - 1) / MINUTE_MS).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use deskbell_engine::state::Language;
    use serde_json::json;

    fn at(text: &str) -> DateTime<Local> {
        let naive = chrono::NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").unwrap();
        Local.from_local_datetime(&naive).earliest().unwrap()
    }

    fn watch(breached: i64, minutes: i64, cards: &[(&str, DateTime<Local>)]) -> Value {
        let cards: Vec<Value> =
            cards.iter().map(|(subject, at)| json!({ "subject": subject, "deadline_at": at.timestamp_millis() })).collect();
        json!({ "lanes": [{ "lane": "breached", "total": breached, "cards": [] }, { "lane": "minutes", "total": minutes, "cards": cards }] })
    }

    fn english() -> Settings {
        Settings { language: Language::En, ..Settings::default() }
    }

    const NOW: &str = "2026-11-21 14:02:30";

    #[test]
    fn the_worst_thing_is_said_first_and_counted() {
        let said = |value: &Value| {
            let texts = Texts::of(&english(), value, &Value::Null, at(NOW));
            (texts.mood, texts.summary, texts.badge)
        };
        assert_eq!(said(&Value::Null), (Mood::Quiet, "Deskbell · nothing due soon".to_owned(), None));
        assert_eq!(said(&watch(0, 3, &[])), (Mood::Due, "Deskbell · 3 deadlines soon".to_owned(), Some("3".to_owned())));
        assert_eq!(said(&watch(1, 3, &[])), (Mood::Breached, "Deskbell · 1 deadline missed".to_owned(), Some("4".to_owned())));
        assert_eq!(said(&watch(90, 10, &[])).2, Some("99+".to_owned()));
    }

    #[test]
    fn the_next_deadline_is_named_with_time_left_and_wall_time() {
        let long = "Payment gateway in East China answers 502 now and then";
        let value = watch(
            1,
            2,
            &[("later", at("2026-11-21 15:00:00")), (long, at("2026-11-21 14:12:00")), ("past", at("2026-11-21 14:00:00"))],
        );
        let texts = Texts::of(&english(), &value, &Value::Null, at(NOW));
        assert_eq!(texts.next, "Next: Payment gateway in East… · 10 min left · 14:12");
        assert_eq!(texts.tooltip, format!("{}\n{}", texts.summary, texts.next));
        let tomorrow = watch(0, 1, &[("short", at("2026-11-22 09:30:00"))]);
        let texts = Texts::of(&english(), &tomorrow, &Value::Null, at(NOW));
        assert_eq!(texts.next, "Next: short · 19 h 28 min left · 11-22 09:30");
        assert_eq!(Texts::of(&english(), &watch(0, 0, &[]), &Value::Null, at(NOW)).next, "No deadline ahead");
    }

    #[test]
    fn do_not_disturb_says_until_when_and_what_waits() {
        let bell = |until: Option<DateTime<Local>>, quiet: bool, held: u32| json!({ "settings": { "dnd_until": until.map(|at| at.timestamp_millis()) }, "quiet_now": quiet, "held": held });
        let said = |bell: &Value| Texts::of(&english(), &watch(0, 0, &[]), bell, at(NOW));
        let on = said(&bell(Some(at("2026-11-21 15:02:30")), true, 2));
        assert!(on.dnd_is_on);
        assert_eq!(on.dnd, "Do not disturb: on until 15:02");
        assert_eq!(on.held.as_deref(), Some("2 alerts held back"));
        assert!(on.tooltip.ends_with("No deadline ahead\n2 alerts held back\nDo not disturb: on until 15:02"), "{}", on.tooltip);
        let over = said(&bell(Some(at("2026-11-21 14:00:00")), false, 0));
        assert_eq!((over.dnd_is_on, over.dnd.as_str(), over.held), (false, "Do not disturb", None));
        assert_eq!(said(&bell(None, true, 0)).dnd, "Do not disturb (quiet hours now)");
    }

    #[test]
    fn the_morning_is_the_one_that_comes_next() {
        assert_eq!(minutes_until_morning(at("2026-11-21 14:00:00")), 18 * 60);
        assert_eq!(minutes_until_morning(at("2026-11-21 02:00:00")), 6 * 60, "a night that is not over ends today");
        assert_eq!(minutes_until_morning(at("2026-11-21 08:00:00")), 24 * 60);
        assert_eq!(minutes_until_morning(at("2026-11-21 07:59:30")), 1);
        let texts = |now: &str| Texts::of(&english(), &Value::Null, &Value::Null, at(now)).dnd_morning;
        assert_ne!(texts("2026-11-21 02:00:00"), texts("2026-11-21 14:00:00"));
    }

    #[test]
    fn every_text_is_in_both_catalogues() {
        for language in [Language::ZhCn, Language::En] {
            let settings = Settings { language, ..Settings::default() };
            let bell = json!({ "held": 3, "quiet_now": true, "settings": { "dnd_until": at("2026-11-21 15:00:00").timestamp_millis() } });
            let full = Texts::of(&settings, &watch(2, 1, &[("x", at("2026-11-21 15:00:00"))]), &bell, at(NOW));
            let empty = Texts::of(&settings, &watch(0, 0, &[]), &json!({ "quiet_now": true }), at("2026-11-21 02:00:00"));
            for texts in [full, empty] {
                let held = texts.held.clone().unwrap_or_default();
                let all = [
                    &texts.tooltip,
                    &texts.dnd,
                    &texts.dnd_hour,
                    &texts.dnd_morning,
                    &texts.dnd_off,
                    &texts.open,
                    &texts.sync,
                    &texts.offline,
                    &texts.quit,
                    &held,
                ];
                for text in all {
                    assert!(!text.contains("tray-") && !text.contains("notify-"), "{language:?}: {text}");
                }
            }
        }
    }

    #[test]
    fn a_long_subject_is_cut_between_characters() {
        assert_eq!(shortened("华东支付网关 502 间歇"), "华东支付网关 502 间歇");
        assert_eq!(shortened(&"铃".repeat(30)), format!("{}…", "铃".repeat(23)));
    }
}
