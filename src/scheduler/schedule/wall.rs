//! A clock on the wall of a time zone: from the times that it shows to instants.

use super::pattern::Pattern;
use chrono::{DateTime, Utc};
use jiff::{
    Timestamp, ToSpan, civil,
    tz::{AmbiguousOffset, Offset, TimeZone, TimeZoneTransition},
};

/// A pattern on a clock.
pub struct Wall<'a> {
    schedules: Vec<cron::Schedule>,
    interval: bool,
    zone: &'a TimeZone,
}

impl Wall<'_> {
    pub fn new<'a>(pattern: &Pattern, zone: &'a TimeZone) -> Wall<'a> {
        Wall { schedules: pattern.schedules(), interval: pattern.interval, zone }
    }

    /// The first due time after a moment.
    pub fn next(&self, moment: Timestamp) -> Option<Timestamp> {
        if self.interval { self.next_of_interval(moment) } else { self.next_of_hours(moment) }
    }

    /// The clock runs evenly between two changes, so it is looked at piece by piece.
    fn next_of_interval(&self, moment: Timestamp) -> Option<Timestamp> {
        let (mut offset, mut from) = (self.zone.to_offset(moment), self.zone.to_datetime(moment));
        let mut changes = self.zone.following(moment);
        loop {
            let due = offset.to_timestamp(self.shown_after(from)?).ok()?;
            match changes.next() {
                Some(change) if change.timestamp() <= due => {
                    offset = change.offset();
                    from = just_before(offset.to_datetime(change.timestamp()));
                }
                _ => return Some(due),
            }
        }
    }

    /// Each time on the clock is due once.
    fn next_of_hours(&self, moment: Timestamp) -> Option<Timestamp> {
        let now = self.zone.to_datetime(moment);
        let from = match self.zone.to_ambiguous_timestamp(now).offset() {
            // What is shown for the second time has been due.
            AmbiguousOffset::Fold { before, after } if after.to_timestamp(now).ok()? == moment => {
                just_before(before.to_datetime(self.last_change(moment)?.timestamp()))
            }
            _ => now,
        };
        self.first_instant(self.shown_after(from)?)
    }

    /// When the clock shows a time first, or the end of the gap that swallows it.
    fn first_instant(&self, time: civil::DateTime) -> Option<Timestamp> {
        match self.zone.to_ambiguous_timestamp(time).offset() {
            AmbiguousOffset::Unambiguous { offset } => offset.to_timestamp(time).ok(),
            AmbiguousOffset::Fold { before, .. } => before.to_timestamp(time).ok(),
            // Had the clock gone on as before the gap, it would show that time after the change.
            AmbiguousOffset::Gap { before, .. } => {
                self.last_change(before.to_timestamp(time).ok()?).map(|change| change.timestamp())
            }
        }
    }

    /// The last change of the clock up to a moment.
    fn last_change(&self, moment: Timestamp) -> Option<TimeZoneTransition<'_>> {
        self.zone.preceding(moment.checked_add(1.nanosecond()).ok()?).next()
    }

    /// The next time on a clock, after this one, that the pattern names.
    fn shown_after(&self, time: civil::DateTime) -> Option<civil::DateTime> {
        let from = Offset::UTC.to_timestamp(time).ok()?;
        let from: DateTime<Utc> = DateTime::from_timestamp(from.as_second(), 0)?;
        let next = self.schedules.iter().filter_map(|schedule| schedule.after(&from).next()).min()?;
        Some(Offset::UTC.to_datetime(Timestamp::from_second(next.timestamp()).ok()?))
    }
}

/// What is shown at that time is after it.
fn just_before(time: civil::DateTime) -> civil::DateTime {
    time.saturating_sub(1.nanosecond())
}
