//! Reminders of appointments: which ring now, and which are over.
//!
//! Pure. A reminder rings once for each (appointment, its start, lead): the rows that were written down say so, whatever the
//! clock does. What moved or was called off ends; a later lead speaks for the earlier ones.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::ticket::{TicketId, text_enum};
use crate::time::{MINUTE_MS, UtcMs};

/// Longest lead, in minutes: four weeks.
pub const LEAD_MIN_MAX: u32 = 28 * 24 * 60;
/// Most leads of one kind of appointment.
pub const LEADS_MAX: usize = 5;

/// What a reminder is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ReminderKind {
    /// An engineer comes.
    Visit,
    /// A diagnosis session on a ticket.
    Diagnosis,
    /// A session of a calendar that is subscribed to.
    Live,
}

text_enum!(ReminderKind { Visit = "visit", Diagnosis = "diagnosis", Live = "live" });

/// What people read of an appointment; every field may be empty.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct About {
    /// The ticket's subject, or the session's name.
    pub title: String,
    pub customer: String,
    /// Remote id of the ticket.
    pub ticket: String,
    /// Stable word of the service, of a visit.
    pub service: String,
    /// Site and city.
    pub place: String,
    /// Engineer, participants.
    pub who: String,
    /// Where to join.
    pub url: String,
}

/// When a reminder is due. A lead of 0 tells news: the appointment was just given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment {
    pub due: UtcMs,
    pub lead_min: u32,
}

/// An appointment that stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    pub kind: ReminderKind,
    /// Key of the visit, uid of the session.
    pub key: String,
    pub ticket: Option<TicketId>,
    pub start: UtcMs,
    pub end: UtcMs,
    pub moments: Vec<Moment>,
    pub about: About,
}

impl Subject {
    /// The moments of these leads before the start.
    #[must_use]
    pub fn moments_of(start: UtcMs, leads_min: &[u32]) -> Vec<Moment> {
        let moment = |lead_min: &u32| Moment { due: start.plus_ms(-i64::from(*lead_min) * MINUTE_MS), lead_min: *lead_min };
        leads_min.iter().filter(|lead| **lead > 0 && **lead <= LEAD_MIN_MAX).map(moment).collect()
    }

    /// Still of use: it is not over.
    const fn lasts(&self, now: UtcMs) -> bool {
        now.0 < self.end.0
    }
}

/// A reminder that was written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    pub id: i64,
    pub kind: ReminderKind,
    pub key: String,
    pub start: UtcMs,
    pub lead_min: u32,
    pub is_shown: bool,
    pub is_acknowledged: bool,
    pub has_ended: bool,
}

impl Known {
    const fn is_open(&self) -> bool {
        !self.is_acknowledged && !self.has_ended
    }

    fn is_of(&self, subject: &Subject) -> bool {
        (self.kind, self.start, self.key.as_str()) == (subject.kind, subject.start, subject.key.as_str())
    }
}

/// What a look does.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Plan {
    /// Rings now: position of the subject, and the moment.
    pub raise: Vec<(usize, Moment)>,
    /// Written down as passed over: a later one of the same appointment speaks for it.
    pub pass: Vec<(usize, Moment)>,
    /// Open ones that are over.
    pub end: Vec<i64>,
    /// Over before anybody saw them: as if they had never been, so that they ring when the appointment comes back.
    pub withdraw: Vec<i64>,
    /// Seen once, ended, and true again: back in the list without ringing.
    pub stand: Vec<i64>,
}

impl Plan {
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Compares the appointments with what was written down. `subjects` are all that stand and could be due; `known` are the rows
/// that are open and those of these subjects.
#[must_use]
pub fn plan(subjects: &[Subject], known: &[Known], now: UtcMs) -> Plan {
    let mut plan = Plan::default();
    for (at, subject) in subjects.iter().enumerate().filter(|(_, subject)| subject.lasts(now)) {
        let rows: Vec<&Known> = known.iter().filter(|row| row.is_of(subject)).collect();
        let mut due: Vec<Moment> = subject.moments.iter().copied().filter(|moment| moment.due <= now).collect();
        due.sort_unstable();
        due.dedup();
        let Some(latest) = due.pop() else { continue };
        let row_of = |lead_min: u32| rows.iter().find(|row| row.lead_min == lead_min);
        plan.pass.extend(due.iter().filter(|moment| row_of(moment.lead_min).is_none()).map(|moment| (at, *moment)));
        match row_of(latest.lead_min) {
            None => plan.raise.push((at, latest)),
            Some(row) if row.has_ended && row.is_shown && !row.is_acknowledged => plan.stand.push(row.id),
            Some(_) => {}
        }
        let superseded = rows.iter().filter(|row| row.lead_min != latest.lead_min && row.is_open());
        plan.end.extend(superseded.filter(|row| due.iter().any(|moment| moment.lead_min == row.lead_min)).map(|row| row.id));
    }
    for row in known.iter().filter(|row| row.is_open()) {
        if !subjects.iter().any(|subject| row.is_of(subject)) {
            if row.is_shown { plan.end.push(row.id) } else { plan.withdraw.push(row.id) }
        } else if !subjects.iter().any(|subject| row.is_of(subject) && subject.lasts(now)) {
            plan.end.push(row.id);
        }
    }
    plan.end.sort_unstable();
    plan.end.dedup();
    plan
}

/// When something comes due next after `now`.
#[must_use]
pub fn next_due(subjects: &[Subject], now: UtcMs) -> Option<UtcMs> {
    let ahead =
        |subject: &Subject| subject.moments.iter().map(|moment| moment.due).chain([subject.end]).filter(|due| *due > now).min();
    subjects.iter().filter_map(ahead).min()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::{DAY_MS, HOUR_MS};

    const START: UtcMs = UtcMs(1_800_000_000_000);

    fn visit(start: UtcMs) -> Subject {
        Subject {
            kind: ReminderKind::Visit,
            key: "v".to_owned(),
            ticket: None,
            start,
            end: start.plus_ms(2 * HOUR_MS),
            moments: Subject::moments_of(start, &[24 * 60, 120]),
            about: About::default(),
        }
    }

    fn row(id: i64, start: UtcMs, lead_min: u32) -> Known {
        Known {
            id,
            kind: ReminderKind::Visit,
            key: "v".to_owned(),
            start,
            lead_min,
            is_shown: true,
            is_acknowledged: false,
            has_ended: false,
        }
    }

    fn leads(moments: &[(usize, Moment)]) -> Vec<u32> {
        moments.iter().map(|(_, moment)| moment.lead_min).collect()
    }

    #[test]
    fn each_lead_rings_when_it_is_due_and_not_before() {
        let subjects = [visit(START)];
        assert!(plan(&subjects, &[], START.plus_ms(-DAY_MS - 1)).is_empty());
        assert_eq!(leads(&plan(&subjects, &[], START.plus_ms(-DAY_MS)).raise), [1_440]);
        let told = [row(1, START, 1_440)];
        assert!(plan(&subjects, &told, START.plus_ms(-3 * HOUR_MS)).is_empty());
        let second = plan(&subjects, &told, START.plus_ms(-2 * HOUR_MS));
        assert_eq!((leads(&second.raise), second.end), (vec![120], vec![1]), "the later speaks for the earlier");
        assert_eq!(next_due(&subjects, START.plus_ms(-DAY_MS)), Some(START.plus_ms(-2 * HOUR_MS)));
    }

    #[test]
    fn after_a_sleep_over_both_only_the_later_rings() {
        let woken = plan(&[visit(START)], &[], START.plus_ms(-HOUR_MS));
        assert_eq!((leads(&woken.raise), leads(&woken.pass)), (vec![120], vec![1_440]));
        assert!(plan(&[visit(START)], &[], START.plus_ms(2 * HOUR_MS)).is_empty(), "it is over: nothing rings");
        assert_eq!(
            leads(&plan(&[visit(START)], &[], START.plus_ms(HOUR_MS)).raise),
            [120],
            "under way: it rings late rather than never"
        );
    }

    #[test]
    fn a_clock_put_back_rings_nothing_again() {
        let told = [row(1, START, 1_440), Known { is_acknowledged: true, ..row(2, START, 120) }];
        assert!(plan(&[visit(START)], &told[..1], START.plus_ms(-DAY_MS)).is_empty());
        let again = plan(&[visit(START)], &told, START.plus_ms(-HOUR_MS));
        assert!(again.raise.is_empty() && again.pass.is_empty());
    }

    #[test]
    fn what_moved_or_was_called_off_ends_and_the_new_time_rings_on_its_own() {
        let moved = START.plus_ms(DAY_MS);
        let told = [row(1, START, 1_440), Known { is_shown: false, ..row(2, START, 120) }];
        let gone = plan(&[], &told, START.plus_ms(-HOUR_MS));
        assert_eq!((gone.end, gone.withdraw), (vec![1], vec![2]));
        let elsewhere = plan(&[visit(moved)], &told[..1], START.plus_ms(-HOUR_MS));
        assert_eq!(elsewhere.end, [1]);
        assert!(elsewhere.raise.is_empty(), "25 hours before the new time nothing is due");
        assert_eq!(leads(&plan(&[visit(moved)], &[], START).raise), [1_440]);
    }

    #[test]
    fn back_at_the_old_time_a_reminder_that_was_seen_stands_again_without_ringing() {
        let told = [Known { has_ended: true, ..row(1, START, 1_440) }];
        let back = plan(&[visit(START)], &told, START.plus_ms(-3 * HOUR_MS));
        assert_eq!((back.stand, back.raise), (vec![1], vec![]));
    }

    #[test]
    fn what_is_over_ends() {
        let told = [row(1, START, 120)];
        assert_eq!(plan(&[visit(START)], &told, START.plus_ms(2 * HOUR_MS)).end, [1]);
    }
}
