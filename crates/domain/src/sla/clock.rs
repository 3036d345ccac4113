//! Running clocks of one ticket, computed from its events.
