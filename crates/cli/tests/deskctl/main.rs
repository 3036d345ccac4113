//! deskctl as a person or a script calls it: the program itself, on a data directory of its own.

#[cfg(test)]
mod db;
#[cfg(test)]
mod reminders;
#[cfg(test)]
mod support;
