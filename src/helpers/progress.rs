//! How far a long deed has come.

use std::time::Duration;

/// How often is told how far a deed has come.
pub const BEAT: Duration = Duration::from_millis(100);

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Bytes of files.
    Bytes,
    /// Rows, calls, chapters.
    Items,
}

/// How far a deed has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// What is being done.
    pub what: String,
    /// How much of it is done.
    pub done: u64,
    /// How much of that was done before, and says nothing of the pace.
    pub before: u64,
    /// All of it; 0 while that is not known.
    pub total: u64,
    /// What these numbers count.
    pub unit: Unit,
}

impl Progress {
    /// So many of these items are done.
    pub fn of_items(what: &str, done: usize, total: usize) -> Progress {
        Progress { what: what.to_owned(), done: done as u64, before: 0, total: total as u64, unit: Unit::Items }
    }
}
