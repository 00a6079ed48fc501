//! How many due times lie in a long gap, without walking through all of them.
//!
//! While the offset of a zone stays, days on which the same schedules are due are alike, and so are their hours and their
//! minutes: what was counted for one holds for all.

use super::Times;
use crate::scheduler::schedule::Schedule;
use jiff::{
    Timestamp,
    tz::{Offset, TimeZone},
};
use std::collections::HashMap;

/// A day, an hour, a minute, in seconds.
const SLICES: [i64; 3] = [86_400, 3_600, 60];

/// How many due times are after one moment and not after another. All schedules of a job have one time zone.
pub(super) fn count(schedules: &[Schedule], after: Timestamp, until: Timestamp) -> u64 {
    let Some(zone) = schedules.first().map(Schedule::zone) else { return 0 };
    let end = until.as_second() + 1;
    let (mut from, mut total) = (after.as_second() + 1, 0);
    while from < end {
        let next = change_after(zone, from).map_or(end, |change| change.min(end));
        let mut piece = Piece { schedules, offset: offset_at(zone, from), known: HashMap::new() };
        // What falls into a gap is due at the change itself, so that this moment is like no other.
        total += piece.walk(from, from + 1) + piece.count(from + 1, next, 0);
        from = next;
    }
    total
}

/// When the offset of a zone changes next.
fn change_after(zone: &TimeZone, second: i64) -> Option<i64> {
    let change = zone.following(Timestamp::from_second(second).ok()?).next()?;
    Some(change.timestamp().as_second())
}

fn offset_at(zone: &TimeZone, second: i64) -> i64 {
    Timestamp::from_second(second).map_or(Offset::UTC, |moment| zone.to_offset(moment)).seconds().into()
}

/// A time in which the offset of the zone does not change. All spans are without their ends.
struct Piece<'a> {
    schedules: &'a [Schedule],
    offset: i64,
    /// By the size of the slice, and by which of the schedules are due in it.
    known: HashMap<(usize, Vec<bool>), u64>,
}

impl Piece<'_> {
    fn count(&mut self, from: i64, to: i64, size: usize) -> u64 {
        let Some(seconds) = SLICES.get(size) else { return self.walk(from, to) };
        let (mut start, mut total) = (from, 0);
        while start < to {
            let end = ((start + self.offset).div_euclid(*seconds) + 1) * seconds - self.offset;
            total += match end - start == *seconds && end <= to {
                true => self.whole(start, end, size),
                false => self.count(start, end.min(to), size + 1),
            };
            start = end;
        }
        total
    }

    /// The same as the first one in which the same schedules are due.
    fn whole(&mut self, start: i64, end: i64, size: usize) -> u64 {
        let is_due = |schedule: &Schedule| {
            let next = schedule.next(second_before(start));
            next.is_some_and(|due| due.as_second() < end)
        };
        let due: Vec<bool> = self.schedules.iter().map(is_due).collect();
        if !due.contains(&true) {
            return 0;
        }
        let kind = (size, due);
        if let Some(count) = self.known.get(&kind) {
            return *count;
        }
        let count = self.count(start, end, size + 1);
        self.known.insert(kind, count);
        count
    }

    fn walk(&self, from: i64, to: i64) -> u64 {
        Times(self.schedules).after(second_before(from)).take_while(|due| due.as_second() < to).count() as u64
    }
}

fn second_before(second: i64) -> Timestamp {
    Timestamp::from_second(second - 1).unwrap_or(Timestamp::MIN)
}
