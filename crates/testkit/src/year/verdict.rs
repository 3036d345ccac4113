//! What rang, against what had to.

use std::collections::{BTreeMap, BTreeSet};

use deskbell_engine::ports::{Notification, NotificationKind};

use super::Report;
use super::oracle::{Moment, expect};
use super::play::Played;

/// By clock (ticket, metric, instance) and look: moments that came at once, and what was made of them.
type AtOnce<'a> = BTreeMap<(usize, &'a str, u32, usize), Vec<(Moment, String)>>;

pub(super) fn judge(played: &Played, mut report: Report) -> Report {
    let written = match played.engine.store().written_alerts() {
        Ok(written) => written,
        Err(error) => {
            report.fault(format!("the alerts cannot be read: {error}"));
            return report;
        }
    };
    let mut expected: BTreeMap<Moment, usize> = BTreeMap::new();
    for versions in &played.versions {
        expected.extend(expect(&played.looks, versions));
    }
    report.expected = expected.len();
    report.raised = written.len();
    let mut shown_ids = BTreeSet::new();
    let mut seen = BTreeSet::new();
    let mut at_once: AtOnce<'_> = BTreeMap::new();
    for alert in &written {
        let Some(number) = played.ids.get(&alert.ticket_id).copied() else {
            report.fault(format!("alert {} of a ticket that nobody knows", alert.id));
            continue;
        };
        let moment = Moment {
            ticket: number,
            metric: alert.metric.as_str(),
            instance: alert.instance,
            threshold: alert.threshold.clone(),
            due_at: alert.due_at,
        };
        match expected.get(&moment) {
            None => report.fault(format!("rang and should not have: {moment:?}")),
            Some(look) => {
                at_once
                    .entry((number, moment.metric, moment.instance, *look))
                    .or_default()
                    .push((moment.clone(), alert.state.clone()));
            }
        }
        if !seen.insert(moment.clone()) {
            report.fault(format!("rang twice: {moment:?}"));
        }
        match alert.state.as_str() {
            "to_show" => {
                report.shown += 1;
                shown_ids.insert(alert.id);
                if alert.shown_at.is_none() {
                    report.fault(format!("to be shown, and never was: {moment:?}"));
                }
            }
            "superseded" => report.superseded += 1,
            other => report.fault(format!("{other}: {moment:?}")),
        }
    }
    for missing in expected.keys().filter(|moment| !seen.contains(*moment)) {
        report.fault(format!("should have rung and did not: {missing:?}"));
    }
    for rung in at_once.values() {
        let latest = rung.iter().map(|(moment, _)| moment.due_at).max();
        let shown: Vec<&Moment> = rung.iter().filter(|(_, state)| state == "to_show").map(|(moment, _)| moment).collect();
        if shown.len() != 1 || shown.first().map(|moment| moment.due_at) != latest {
            report.fault(format!("of those that came at once not just the latest is shown: {rung:?}"));
        }
    }
    count_notifications(played, &shown_ids, &mut report);
    report
}

/// Each alert is in one notification; a digest that is brought up to date stays one.
fn count_notifications(played: &Played, shown_ids: &BTreeSet<i64>, report: &mut Report) {
    let shown = played.machine.notifier.shown();
    report.notifications = shown.len();
    let mut digest: Option<&Notification> = None;
    let mut notified: BTreeSet<i64> = BTreeSet::new();
    for (place, notification) in shown.iter().enumerate() {
        let is_new_run = played.runs.contains(&place);
        if is_new_run {
            digest = None;
        }
        let mut known: BTreeSet<i64> = BTreeSet::new();
        if notification.key == "digest" || notification.kind == NotificationKind::Digest {
            report.digests += 1;
            // What fell out of it was overtaken or answered; what is in it still is the same notification.
            known.extend(digest.iter().flat_map(|before| before.alert_ids.iter().copied()));
            digest = Some(notification);
        }
        for id in &notification.alert_ids {
            if !notified.insert(*id) && !known.contains(id) {
                report.fault(format!("alert {id} was shown again by notification {place}"));
            }
            if !shown_ids.contains(id) {
                report.fault(format!("alert {id} was shown and gave way to another"));
            }
        }
    }
    report.in_app_only = shown_ids.difference(&notified).count();
}
