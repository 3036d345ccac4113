//! RT's statuses and priorities in our words, and back.

use deskbell_domain::ticket::{Priority, Status};

/// RT's own scale (`%PriorityAsString`) is Low 0, Medium 50, High 100; a number in between belongs
/// to the nearer name.
pub(super) const URGENT_FROM: i64 = 75;
pub(super) const IMPORTANT_FROM: i64 = 25;
const URGENT_NUMBER: u32 = 100;
const IMPORTANT_NUMBER: u32 = 50;
const ROUTINE_NUMBER: u32 = 0;

/// The canonical status; a status of a lifecycle we do not know counts as open work.
pub(super) fn status(raw: &str) -> Status {
    match raw.to_ascii_lowercase().as_str() {
        "new" => Status::New,
        "stalled" => Status::WaitingCustomer,
        "resolved" => Status::Resolved,
        "rejected" | "deleted" => Status::Closed,
        _ => Status::Open,
    }
}

/// RT's status for ours; `None` where its default lifecycle has none.
pub(super) const fn raw_status(status: Status) -> Option<&'static str> {
    match status {
        Status::New => Some("new"),
        Status::Open => Some("open"),
        Status::WaitingCustomer => Some("stalled"),
        Status::WaitingVendor => None,
        Status::Resolved => Some("resolved"),
        Status::Closed => Some("rejected"),
    }
}

/// Reads a number, or the name RT shows for it.
pub(super) fn priority(raw: &str) -> Priority {
    match raw.trim().parse::<i64>() {
        Ok(number) if number >= URGENT_FROM => Priority::Urgent,
        Ok(number) if number >= IMPORTANT_FROM => Priority::Important,
        Ok(_) => Priority::Routine,
        Err(_) => match raw.trim().to_ascii_lowercase().as_str() {
            "high" => Priority::Urgent,
            "medium" => Priority::Important,
            _ => Priority::Routine,
        },
    }
}

pub(super) const fn priority_number(priority: Priority) -> u32 {
    match priority {
        Priority::Urgent => URGENT_NUMBER,
        Priority::Important => IMPORTANT_NUMBER,
        Priority::Routine => ROUTINE_NUMBER,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_we_write_reads_back_as_what_we_meant() {
        for &priority_meant in Priority::ALL {
            assert_eq!(priority(&priority_number(priority_meant).to_string()), priority_meant);
        }
        for &status_meant in Status::ALL {
            if let Some(raw) = raw_status(status_meant) {
                assert_eq!(status(raw), status_meant, "{raw}");
            }
        }
    }

    #[test]
    fn numbers_belong_to_the_nearer_name() {
        let table =
            [("0", Priority::Routine), ("24", Priority::Routine), ("25", Priority::Important), ("74", Priority::Important)];
        for (raw, expected) in
            table.into_iter().chain([("75", Priority::Urgent), ("High", Priority::Urgent), ("", Priority::Routine)])
        {
            assert_eq!(priority(raw), expected, "{raw}");
        }
    }
}
