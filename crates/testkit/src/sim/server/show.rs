//! What the server shows: pages of the full pull and of the feed.

use deskbell_domain::observation::{Fate, Observations, ObservedCustomer, ObservedNote, ObservedTicket};
use deskbell_domain::scheduling::Visit;
use deskbell_domain::ticket::{BodyFormat, Role};

use super::{Change, Server, ServerTicket};

/// Tickets on one page of the full pull, and changes on one page of the feed.
const PAGE_LENGTH: usize = 3;

impl Server {
    /// The position behind the newest change.
    #[must_use]
    pub fn head(&self) -> u64 {
        self.feed.last().map_or(0, |change| change.seq)
    }

    /// A page of the full pull, newest first: tickets before `before`, and where to go on.
    #[must_use]
    pub fn full_page(&self, before: usize) -> (Observations, Vec<Visit>, Option<usize>) {
        let end = before.min(self.tickets.len());
        let start = end.saturating_sub(PAGE_LENGTH);
        let (mut page, mut visits) = (Observations::default(), Vec::new());
        for place in (start..end).rev() {
            self.show(place, None, &mut page);
            visits.extend(self.visits_shown(place, None));
        }
        (page, visits, (start > 0).then_some(start))
    }

    /// Changes after `after`, oldest first, and the position of the last of them.
    #[must_use]
    pub fn feed_page(&self, after: u64) -> (Observations, Vec<Visit>, u64, bool) {
        let changes: Vec<Change> = self.feed.iter().filter(|change| change.seq > after).take(PAGE_LENGTH).copied().collect();
        let (mut page, mut visits) = (Observations::default(), Vec::new());
        for change in &changes {
            self.show(change.ticket, Some(change.seq), &mut page);
            visits.extend(self.visits_shown(change.ticket, Some(change.seq)));
        }
        let next = changes.last().map_or(after, |change| change.seq);
        (page, visits, next, next == self.head() || changes.is_empty())
    }

    /// One ticket whole.
    #[must_use]
    pub fn whole(&self, remote_id: &str) -> Option<Observations> {
        let mut page = Observations::default();
        self.show(self.place(remote_id)?, None, &mut page);
        Some(page)
    }

    fn show(&self, place: usize, only_seq: Option<u64>, page: &mut Observations) {
        let ticket = &self.tickets[place];
        page.tickets.push(self.observed(ticket));
        let wanted = |seq: u64| only_seq.is_none_or(|only| only == seq);
        for note in ticket.notes.iter().filter(|note| wanted(note.seq)) {
            page.notes.push(ObservedNote {
                ticket_remote_id: ticket.remote_id.clone(),
                remote_id: note.remote_id.clone(),
                author: note.author.clone(),
                role: if note.author == "customer" { Role::Customer } else { Role::Agent },
                visibility: note.visibility,
                body: note.body.clone(),
                format: BodyFormat::Text,
                created_at: note.at,
                marker: note.marker.clone().filter(|_| self.manner.markers),
                attachments: Vec::new(),
            });
        }
        let events = ticket.events.iter().zip(&ticket.event_seqs).filter(|(_, seq)| wanted(**seq));
        page.events.extend(events.map(|(event, _)| event.clone()));
    }

    fn observed(&self, ticket: &ServerTicket) -> ObservedTicket {
        ObservedTicket {
            remote_id: ticket.remote_id.clone(),
            subject: ticket.subject.clone(),
            status: ticket.status,
            status_raw: ticket.status.as_str().to_owned(),
            priority: ticket.priority,
            priority_raw: ticket.priority.as_str().to_owned(),
            product: "ECS".to_owned(),
            customer: ObservedCustomer::default(),
            requester: "customer".to_owned(),
            assignee: ticket.assignee.clone(),
            tags: ticket.tags.clone(),
            custom_fields: ticket.custom_fields.clone(),
            created_at: ticket.created_at,
            updated_at: ticket.updated_at,
            version: ticket.version.to_string(),
            fate: match &ticket.merged_into {
                Some(into) => Fate::Merged { into_remote_id: into.clone() },
                None if ticket.gone => Fate::Deleted,
                None => Fate::Live,
            },
            evaluation: None,
        }
    }
}
