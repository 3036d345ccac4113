//! Integration tests: one binary.

#[cfg(test)]
mod arrows;
#[cfg(test)]
mod bell;
#[cfg(test)]
mod bell_rules;
#[cfg(test)]
mod beside_a_draft;
#[cfg(test)]
mod clocks;
#[cfg(test)]
mod conflicts;
#[cfg(test)]
mod directory;
#[cfg(test)]
mod doubles;
#[cfg(test)]
mod files;
#[cfg(test)]
mod hidden_troubles;
#[cfg(test)]
mod offline_edits;
#[cfg(test)]
mod one_round;
#[cfg(test)]
mod people;
#[cfg(test)]
mod reminders;
#[cfg(test)]
mod robots;
#[cfg(test)]
mod rt_double;
#[cfg(test)]
mod rt_without_markers;
#[cfg(test)]
mod rules;
#[cfg(test)]
mod support;
#[cfg(test)]
mod trust;
#[cfg(test)]
mod visit_tickets;
#[cfg(test)]
mod visits;
#[cfg(test)]
mod waits;
