//! When a job is due: cron patterns on the wall clock of a time zone, mapped to instants by one rule.
//!
//! A pattern that names hours means the wall clock: a time that does not exist (spring) is due at the first instant after
//! the gap, one that exists twice (autumn) is due once, the first time. A pattern whose hour field begins with `*` means an
//! interval: it is due whenever a clock on the wall shows it, so that an hour that comes twice is due twice.

mod field;
mod pattern;
mod wall;

use crate::Error;
use jiff::{Timestamp, tz::TimeZone};
use pattern::Pattern;
use std::iter;
use wall::Wall;

/// When a job is due.
#[derive(Debug, Clone)]
pub struct Schedule {
    pattern: Pattern,
    zone: TimeZone,
}

impl Schedule {
    /// Read a pattern of five fields, of six (seconds first), or a name such as `@daily`.
    pub fn new(pattern: &str, zone: TimeZone) -> Result<Schedule, Error> {
        Ok(Schedule { pattern: Pattern::read(pattern)?, zone })
    }

    /// The time zone of the wall.
    pub(super) fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// The due times after a moment, in order.
    pub fn after(&self, moment: Timestamp) -> impl Iterator<Item = Timestamp> + '_ {
        let wall = Wall::new(&self.pattern, &self.zone);
        let mut last = moment;
        iter::from_fn(move || {
            last = wall.next(last)?;
            Some(last)
        })
    }

    /// The first due time after a moment.
    pub fn next(&self, moment: Timestamp) -> Option<Timestamp> {
        self.after(moment).next()
    }
}
