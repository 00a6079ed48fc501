//! When a job is due: cron patterns on the wall clock of a time zone, mapped to instants by one rule.
//!
//! A pattern that names hours means the wall clock: a time that does not exist (spring) is due at the first instant after
//! the gap, one that exists twice (autumn) is due once, the first time. A pattern whose hour field begins with `*` means an
//! interval: it is due whenever a clock on the wall shows it, so that an hour that comes twice is due twice.

use chrono::{DateTime, Utc};
use jiff::{
    Timestamp, civil,
    tz::{AmbiguousOffset, Offset, TimeZone},
};
use std::str::FromStr;

/// When a job is due.
#[derive(Debug, Clone)]
pub struct Schedule {
    /// Due when one of them is: days of the month and days of the week that are both named are alternatives.
    patterns: Vec<cron::Schedule>,
    interval: bool,
    zone: TimeZone,
}

impl Schedule {
    /// Read a pattern of five fields, of six (seconds first), or a name such as `@daily`.
    pub fn new(pattern: &str, zone: TimeZone) -> Result<Schedule, String> {
        let fields = fields(pattern)?;
        let [seconds, minutes, hours, days, months, weekdays] = fields.each_ref().map(String::as_str);
        let week = weekday_numbers(weekdays)?;
        let read = |days: &str, weekdays: &str| {
            let text = format!("{seconds} {minutes} {hours} {days} {months} {weekdays}");
            cron::Schedule::from_str(&text).map_err(|error| error.to_string())
        };
        let either = !days.starts_with('*') && !weekdays.starts_with('*');
        let patterns = match either {
            true => vec![read(days, "*")?, read("*", &week)?],
            false => vec![read(days, &week)?],
        };
        Ok(Schedule { patterns, interval: hours.starts_with('*'), zone })
    }

    /// The due times after a moment, in order.
    pub fn after(&self, moment: Timestamp) -> impl Iterator<Item = Timestamp> + '_ {
        std::iter::successors(self.next(moment), |due| self.next(*due))
    }

    /// The first due time after a moment.
    pub fn next(&self, moment: Timestamp) -> Option<Timestamp> {
        if self.interval { self.next_interval(moment) } else { self.next_on_the_wall(moment) }
    }

    /// The wall clock runs evenly between two changes of the zone's offset; so it is walked piece by piece.
    fn next_interval(&self, moment: Timestamp) -> Option<Timestamp> {
        let mut from = moment;
        loop {
            let offset = self.zone.to_offset(from);
            let piece_ends = self.zone.following(from).next().map(|change| change.timestamp());
            let due = self.civil_after(offset.to_datetime(from)).and_then(|civil| offset.to_timestamp(civil).ok());
            match (due, piece_ends) {
                (Some(due), Some(end)) if due >= end => {}
                (Some(due), _) => return Some(due),
                (None, None) => return None,
                (None, Some(_)) => {}
            }
            // The first instant of the next piece counts as well.
            from = piece_ends?.checked_sub(jiff::SignedDuration::from_nanos(1)).ok()?;
            let start = piece_ends?;
            let civil = self.zone.to_offset(start).to_datetime(start);
            if self.shows(civil) && start > moment {
                return Some(start);
            }
            from = start.max(from);
        }
    }

    fn next_on_the_wall(&self, moment: Timestamp) -> Option<Timestamp> {
        let mut civil = self.zone.to_datetime(moment);
        loop {
            civil = self.civil_after(civil)?;
            let due = self.instant(civil)?;
            if due > moment {
                return Some(due);
            }
        }
    }

    fn instant(&self, civil: civil::DateTime) -> Option<Timestamp> {
        match self.zone.to_ambiguous_timestamp(civil).offset() {
            AmbiguousOffset::Unambiguous { offset } => offset.to_timestamp(civil).ok(),
            AmbiguousOffset::Fold { before, .. } => before.to_timestamp(civil).ok(),
            // Counted on with the offset before the gap, it lies after it; the gap ends at the change just before.
            AmbiguousOffset::Gap { before, .. } => {
                let beyond = before.to_timestamp(civil).ok()?;
                let change = self.zone.preceding(beyond.checked_add(jiff::SignedDuration::from_nanos(1)).ok()?).next();
                change.map(|change| change.timestamp())
            }
        }
    }

    /// The next time on the wall, after this one, that the patterns name.
    fn civil_after(&self, civil: civil::DateTime) -> Option<civil::DateTime> {
        let from = Offset::UTC.to_timestamp(civil).ok()?;
        let from: DateTime<Utc> = DateTime::from_timestamp(from.as_second(), 0)?;
        let next = self.patterns.iter().filter_map(|pattern| pattern.after(&from).next()).min()?;
        Some(Offset::UTC.to_datetime(Timestamp::from_second(next.timestamp()).ok()?))
    }

    fn shows(&self, civil: civil::DateTime) -> bool {
        let at = Offset::UTC.to_timestamp(civil).ok().and_then(|at| DateTime::from_timestamp(at.as_second(), 0));
        at.is_some_and(|at: DateTime<Utc>| self.patterns.iter().any(|pattern| pattern.includes(at)))
    }
}

/// Seconds, minutes, hours, days, months and weekdays.
fn fields(pattern: &str) -> Result<[String; 6], String> {
    let named = match pattern.trim() {
        "@yearly" | "@annually" => "0 0 1 1 *",
        "@monthly" => "0 0 1 * *",
        "@weekly" => "0 0 * * 0",
        "@daily" | "@midnight" => "0 0 * * *",
        "@hourly" => "0 * * * *",
        other => other,
    };
    let mut fields: Vec<String> = named.split_whitespace().map(str::to_owned).collect();
    if fields.len() == 5 {
        fields.insert(0, "0".to_owned());
    }
    let count = fields.len();
    fields.try_into().map_err(|_| format!("a pattern has five fields, or six with seconds first; this has {count}"))
}

/// Weekdays from 0 or 7 for Sunday, as everywhere, to those of the `cron` crate, from 1 for Sunday.
fn weekday_numbers(field: &str) -> Result<String, String> {
    if field == "*" || field == "?" {
        return Ok("*".to_owned());
    }
    let mut days = [false; 7];
    for item in field.split(',') {
        let (range, step) = item.split_once('/').unwrap_or((item, "1"));
        let step: usize = step.parse().ok().filter(|step| *step > 0).ok_or_else(|| format!("{item:?} has no step"))?;
        let (first, last) = match range.split_once('-') {
            Some((first, last)) => (weekday(first)?, weekday(last)?),
            None if range == "*" => (0, 6),
            None if item.contains('/') => (weekday(range)?, 6),
            None => (weekday(range)?, weekday(range)?),
        };
        // From Friday to Monday is four days; Sunday may be 7.
        let last = if last < first { last + 7 } else { last };
        (first..=last).step_by(step).for_each(|day| days[day % 7] = true);
    }
    let numbers: Vec<String> = (0..7).filter(|day| days[*day]).map(|day| (day + 1).to_string()).collect();
    Ok(numbers.join(","))
}

fn weekday(text: &str) -> Result<usize, String> {
    const NAMES: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
    let lower = text.to_lowercase();
    let number = text.parse().ok().filter(|day| *day <= 7);
    number
        .or_else(|| NAMES.iter().position(|name| lower.starts_with(name)))
        .ok_or_else(|| format!("{text:?} is no day of the week: 0 to 7 (0 and 7 are Sunday), or sun to sat"))
}
