//! Files that leave: one visit or one session as an invitation, or as its calling off.

/// An iCalendar object and what it is called until the person calls it something else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarFile {
    pub name: String,
    pub text: String,
}
