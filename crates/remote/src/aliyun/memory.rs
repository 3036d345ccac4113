//! What is remembered of a pull while we run, and what a cycle makes of a list.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use deskbell_domain::UtcMs;
use deskbell_domain::observation::Observations;

use super::cursor::{Cursor, Known};
use super::observe::gone;
use super::plan::{Candidate, plan_notes};
use super::pull::SWEEP_CYCLES;
use super::words::is_confirmed;

/// The pull as it stands; thrown away whenever the engine asks for another cursor.
pub(super) struct Memory {
    /// The cursor that this stands for.
    pub(super) text: String,
    pub(super) cursor: Cursor,
    pub(super) queue: VecDeque<Look>,
    /// A cycle has listed and its queue is being worked off.
    pub(super) in_cycle: bool,
    /// The page of the first pull was listed.
    pub(super) listed: bool,
    pub(super) watched: HashMap<String, Watched>,
    pub(super) cycle: u64,
    pub(super) cycle_began: Option<UtcMs>,
    pub(super) compared_at: Option<UtcMs>,
    /// The list by status left out a ticket that has one of them: all are listed from now on.
    pub(super) is_filter_broken: bool,
    pub(super) total: Option<u64>,
    pub(super) asked_for_names: bool,
}

/// A ticket that is not confirmed, as far as it only matters while we run.
#[derive(Debug, Clone, Default)]
pub(super) struct Watched {
    pub(super) looked_in: u64,
    pub(super) active_at: Option<i64>,
    pub(super) told: Option<BTreeSet<String>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Look {
    pub(super) id: String,
    pub(super) why: Why,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Why {
    /// New to us, or its status is another.
    Changed,
    /// Its turn.
    Notes,
    /// It was expected in the list and is not there.
    Missing { is_stable: bool },
}

/// What a look found.
pub(super) enum Found {
    Ticket {
        seen: Box<Observations>,
        known: Known,
        told: BTreeSet<String>,
        active_at: i64,
    },
    Same {
        told: BTreeSet<String>,
        active_at: Option<i64>,
    },
    /// In the list and yet refused: looked at again in the next cycle.
    Refused,
    Gone,
}

impl Memory {
    pub(super) fn of(text: Option<&str>) -> Self {
        let cursor = text.and_then(|text| {
            let cursor = Cursor::from_text(text);
            if cursor.is_none() {
                tracing::warn!("A cursor of another form was kept: pulling everything again.");
            }
            cursor
        });
        Self {
            text: text.unwrap_or_default().to_owned(),
            cursor: cursor.unwrap_or_else(Cursor::start),
            queue: VecDeque::new(),
            in_cycle: false,
            listed: false,
            watched: HashMap::new(),
            // Whoever was never looked at has waited long enough; and the first cycle lists all tickets.
            cycle: SWEEP_CYCLES,
            cycle_began: None,
            compared_at: None,
            is_filter_broken: false,
            total: None,
            asked_for_names: false,
        }
    }

    pub(super) fn stands_for(&self, text: Option<&str>) -> bool {
        text == Some(self.text.as_str())
    }

    pub(super) fn is_sweep(&self) -> bool {
        self.is_filter_broken || self.cycle.is_multiple_of(SWEEP_CYCLES)
    }

    /// What the list says against what we know.
    pub(super) fn compare(&mut self, listed: &Listed, is_sweep: bool) {
        let tickets = &self.cursor.tickets;
        let looks = listed.rows.iter().filter(|(id, raw)| tickets.get(*id).is_none_or(|known| known.status_raw != **raw));
        let mut queue: VecDeque<Look> = looks.map(|(id, _)| Look { id: id.clone(), why: Why::Changed }).collect();
        let expected =
            tickets.iter().filter(|(id, known)| (is_sweep || !is_confirmed(&known.status_raw)) && !listed.rows.contains_key(*id));
        let why = Why::Missing { is_stable: listed.is_stable };
        queue.extend(expected.map(|(id, _)| Look { id: id.clone(), why }));
        self.queue = queue;
    }

    /// Adds those whose turn it is to have their notes listed.
    pub(super) fn plan(&mut self, at: UtcMs, budget: usize) {
        let taken: BTreeSet<&str> = self.queue.iter().map(|look| look.id.as_str()).collect();
        let open: Vec<&String> = self
            .cursor
            .tickets
            .iter()
            .filter(|(id, known)| !is_confirmed(&known.status_raw) && !taken.contains(id.as_str()))
            .map(|(id, _)| id)
            .collect();
        let candidates: Vec<Candidate> = open.iter().map(|id| self.candidate(id, at)).collect();
        let looks: Vec<Look> = plan_notes(&candidates, budget)
            .into_iter()
            .filter_map(|place| open.get(place).map(|id| Look { id: (*id).clone(), why: Why::Notes }))
            .collect();
        self.queue.extend(looks);
    }

    fn candidate(&self, id: &str, at: UtcMs) -> Candidate {
        let watched = self.watched.get(id);
        let looked_in = watched.map_or(0, |watched| watched.looked_in);
        let idle_ms = watched.and_then(|watched| watched.active_at).map(|active| at.0.saturating_sub(active).max(0));
        Candidate { waited_cycles: self.cycle.saturating_sub(looked_in), idle_ms }
    }

    /// Writes down what a look found, and adds what of it is to be told.
    pub(super) fn take(&mut self, look: &Look, found: Found, at: UtcMs, observations: &mut Observations) {
        let watch = |told, active_at| Watched { looked_in: self.cycle, active_at, told: Some(told) };
        match found {
            Found::Ticket { seen, known, told, active_at } => {
                if is_confirmed(&known.status_raw) {
                    self.watched.remove(&look.id);
                } else {
                    self.watched.insert(look.id.clone(), watch(told, Some(active_at)));
                }
                if let Why::Missing { is_stable: true } = look.why
                    && !is_confirmed(&known.status_raw)
                    && !self.is_filter_broken
                {
                    tracing::warn!("The list by status leaves tickets out: all tickets are listed from now on.");
                    self.is_filter_broken = true;
                }
                self.cursor.tickets.insert(look.id.clone(), known);
                observations.tickets.extend(seen.tickets);
                observations.notes.extend(seen.notes);
                observations.events.extend(seen.events);
            }
            Found::Same { told, active_at } => {
                self.watched.insert(look.id.clone(), watch(told, active_at));
            }
            Found::Refused => {}
            Found::Gone => {
                self.watched.remove(&look.id);
                self.cursor.tickets.remove(&look.id);
                let tombstone = gone(&look.id, at);
                observations.tickets.extend(tombstone.tickets);
                observations.events.extend(tombstone.events);
            }
        }
    }
}

/// A list that was read to its end.
pub(super) struct Listed {
    /// Status by id.
    pub(super) rows: BTreeMap<String, String>,
    /// Nothing came or went while it was read.
    pub(super) is_stable: bool,
    pub(super) pages: u64,
}
