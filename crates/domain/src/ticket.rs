//! The ticket as every provider's tickets are understood: canonical status, priority, roles.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A row of the local store. Never shown to a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(transparent)]
#[ts(type = "number")]
pub struct AccountId(pub i64);

/// A row of the local store; the provider's own id is `remote_id`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(transparent)]
#[ts(type = "number")]
pub struct TicketId(pub i64);

/// Which support API an account speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ProviderKind {
    /// Deskbell's own open support API.
    Hub,
    /// Request Tracker 5 over REST 2.0.
    Rt,
    /// Alibaba Cloud Workorder 2021-06-10.
    Aliyun,
}

/// How an account is reached, beyond address and password; every field has a default.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct AccountOptions {
    /// Most requests a minute, all purposes together; `None` leaves it to the provider.
    pub requests_per_minute: Option<u32>,
    /// Most connections held at once; `None` leaves it to the provider.
    pub connections_max: Option<u32>,
    /// Seconds between looks for changes; `None` leaves it to the provider.
    pub poll_s: Option<u32>,
    /// Where visits on site travel as tickets: the category's id (Workorder) or the queue (Request Tracker). Empty: nowhere.
    pub visit_category: String,
}

/// 紧急 / 重要 / 常规.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    Urgent,
    Important,
    Routine,
}

/// The canonical status; the provider's own is kept beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    New,
    Open,
    WaitingCustomer,
    WaitingVendor,
    Resolved,
    Closed,
}

impl Status {
    /// True while somebody still owes work on the ticket.
    #[must_use]
    pub const fn is_unfinished(self) -> bool {
        !matches!(self, Self::Resolved | Self::Closed)
    }
}

/// Who wrote a note.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Customer,
    Agent,
    /// A line the provider wrote itself.
    System,
}

/// Who may read a note.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    Public,
    Internal,
}

/// How a note's body is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum BodyFormat {
    Text,
    Html,
}

macro_rules! text_enum {
    ($name:ident { $($variant:ident = $text:literal),+ $(,)? }) => {
        impl $name {
            /// Every value, in declaration order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The stable text used in SQL, JSON and the command line.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }

            /// The inverse of [`Self::as_str`]; `None` for an unknown text.
            #[must_use]
            pub fn from_text(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}
pub(crate) use text_enum;

text_enum!(ProviderKind { Hub = "hub", Rt = "rt", Aliyun = "aliyun" });
text_enum!(Priority { Urgent = "urgent", Important = "important", Routine = "routine" });
text_enum!(Status {
    New = "new",
    Open = "open",
    WaitingCustomer = "waiting_customer",
    WaitingVendor = "waiting_vendor",
    Resolved = "resolved",
    Closed = "closed",
});
text_enum!(Role { Customer = "customer", Agent = "agent", System = "system" });
text_enum!(Visibility { Public = "public", Internal = "internal" });
text_enum!(BodyFormat { Text = "text", Html = "html" });
