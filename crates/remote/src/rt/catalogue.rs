//! What a new ticket can be filed under, and who can take it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::Ordering;

use deskbell_domain::observation::{Catalogue, Category, CustomField};
use futures::{StreamExt, TryStreamExt, stream};

use super::conversation::NOBODY;
use super::shape::{CustomFieldRow, QueueRow};
use super::{Inner, PAGE_ROWS, TAG_FIELDS, TICKET_MARKER_FIELD};
use crate::RemoteError;

/// Most queues that are looked into.
const QUEUES_MAX: usize = 500;
/// Queues, fields or people asked about at once; the connections are the real limit.
const ASKED_AT_ONCE: usize = 4;
/// Pages of users looked through for people who work in RT: customers are users too, and may be thousands.
const USER_PAGES_MAX: usize = 5;
/// Users whose own record is read to tell an agent from a customer.
const USERS_ASKED_MAX: usize = 100;
/// RT's own hands, which own no tickets.
const NOT_PEOPLE: [&str; 2] = [NOBODY, "RT_System"];

impl Inner {
    pub(super) async fn catalogue(&self) -> Result<Catalogue, RemoteError> {
        let queues = self.open_queues().await?;
        let mut fields: BTreeMap<String, CustomFieldRow> = BTreeMap::new();
        for field in queues.iter().flat_map(|queue| &queue.ticket_custom_fields.0) {
            fields.entry(field.name.0.clone()).or_insert_with(|| field.clone());
        }
        let has_tags = fields.keys().any(|name| TAG_FIELDS.contains(&name.as_str()));
        self.lacks_tags.store(!has_tags && !queues.is_empty(), Ordering::Relaxed);
        let told = stream::iter(fields.into_values().filter(is_shown)).map(|field| async move {
            let definition = self.definition(&field).await?;
            let values = definition.map(|known| known.choices().into_iter().map(str::to_owned).collect()).unwrap_or_default();
            Ok::<_, RemoteError>(CustomField { name: field.name.0, values })
        });
        let custom_fields = told.buffered(ASKED_AT_ONCE).try_collect().await?;
        let categories =
            queues.into_iter().map(|queue| Category { id: queue.id.0, name: queue.name.0, product: String::new() }).collect();
        Ok(Catalogue { categories, custom_fields, assignees: self.owners().await?, customers: Vec::new() })
    }

    /// Queues that this agent may open tickets in.
    async fn open_queues(&self) -> Result<Vec<QueueRow>, RemoteError> {
        let mut ids = Vec::new();
        for page in 1..=QUEUES_MAX / PAGE_ROWS {
            let rows = self.queue_ids(page).await?;
            if rows.is_empty() {
                break;
            }
            ids.extend(rows.into_iter().filter(|row| row.disabled.0 != "1").map(|row| row.id.0));
        }
        let asked = stream::iter(ids).map(|id| async move { self.queue(&id).await });
        let queues: Vec<QueueRow> = asked.buffered(ASKED_AT_ONCE).try_collect().await?;
        Ok(queues.into_iter().filter(QueueRow::may_create).collect())
    }

    /// RT tells nobody who may own tickets of a queue. So: who owns some of the newest tickets, who is staff among the users
    /// that we may look at, and we ourselves. A name that is not in it can still be typed; RT says whether it will do.
    async fn owners(&self) -> Result<Vec<String>, RemoteError> {
        let mut owners = BTreeSet::from([self.session.user().to_owned()]);
        for row in self.tickets("Owner != 'Nobody'", 1).await?.items {
            owners.insert(row.owner.0.key().to_owned());
        }
        let mut others = Vec::new();
        for page in 1..=USER_PAGES_MAX {
            let users = self.users(page).await?;
            if users.is_empty() {
                break;
            }
            let names = users.into_iter().map(|user| user.key().to_owned());
            // People who only ever wrote mail go by their address.
            others.extend(names.filter(|name| !name.contains('@') && !owners.contains(name)));
        }
        others.truncate(USERS_ASKED_MAX);
        let asked = stream::iter(others).map(|name| async move { Ok::<_, RemoteError>((self.is_staff(&name).await?, name)) });
        let known: Vec<(Option<bool>, String)> = asked.buffered(ASKED_AT_ONCE).try_collect().await?;
        owners.extend(known.into_iter().filter(|(is_staff, _)| *is_staff == Some(true)).map(|(_, name)| name));
        Ok(owners.into_iter().filter(|name| !name.is_empty() && !NOT_PEOPLE.contains(&name.as_str())).collect())
    }
}

fn is_shown(field: &CustomFieldRow) -> bool {
    let name = field.name.0.as_str();
    name != TICKET_MARKER_FIELD && !TAG_FIELDS.contains(&name)
}
