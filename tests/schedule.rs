//! Every due time around every change of the clocks, compared with a walk from minute to minute that knows nothing of the
//! `cron` crate.

use jiff::{
    Timestamp, ToSpan, civil,
    tz::{AmbiguousOffset, TimeZone},
};
use juben::scheduler::schedule::Schedule;
use std::collections::{BTreeSet, HashSet};

const PATTERNS: [&str; 40] = [
    "* * * * *",
    "*/5 * * * *",
    "*/7 * * * *",
    "0 * * * *",
    "30 * * * *",
    "15,45 * * * *",
    "0 */2 * * *",
    "30 */3 * * *",
    "0 0 * * *",
    "30 0 * * *",
    "0 1 * * *",
    "30 1 * * *",
    "45 1 * * *",
    "0 2 * * *",
    "30 2 * * *",
    "59 2 * * *",
    "0 3 * * *",
    "30 3 * * *",
    "0 4 * * *",
    "0,30 1-3 * * *",
    "*/10 2 * * *",
    "0 23 * * *",
    "30 23 * * *",
    "59 23 * * *",
    "0 2 * * 0",
    "0 2 * * 7",
    "30 1 * * sun",
    "0 3 * * 1-5",
    "30 2 * * 6,0",
    "0 2 * * fri-mon",
    "0 0 1 * *",
    "30 2 31 * *",
    "0 2 10 3 *",
    "0 2 1 * 0",
    "15 2 15 * mon",
    "0 0 29 2 *",
    "0 12 * 3,11 *",
    "0 0-6 * * *",
    "*/15 0-3 * * 0",
    "0 1,2,3 * 10,11 0",
];

/// One field of a pattern, read in the plainest way.
fn set(field: &str, least: i32, most: i32) -> HashSet<i32> {
    let names = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
    let number =
        |text: &str| names.iter().position(|name| *name == text).map_or_else(|| text.parse().unwrap(), |n| n as i32);
    let mut found = HashSet::new();
    for item in field.split(',') {
        let (range, step) = item.split_once('/').unwrap_or((item, "1"));
        let (first, last) = match range.split_once('-') {
            _ if range == "*" => (least, most),
            Some((first, last)) => (number(first), number(last)),
            None => (number(range), number(range)),
        };
        let last = if last < first { last + 7 } else { last };
        found.extend((first..=last).step_by(step.parse().unwrap()));
    }
    found
}

struct Plain {
    fields: Vec<HashSet<i32>>,
    either: bool,
    interval: bool,
}

impl Plain {
    fn new(pattern: &str) -> Plain {
        let words: Vec<_> = pattern.split(' ').collect();
        let bounds = [(0, 59), (0, 23), (1, 31), (1, 12), (0, 6)];
        let mut fields: Vec<_> = words.iter().zip(bounds).map(|(word, (least, most))| set(word, least, most)).collect();
        fields[4] = fields[4].iter().map(|day| day % 7).collect();
        Plain { fields, either: words[2] != "*" && words[4] != "*", interval: words[1].starts_with('*') }
    }

    fn names(&self, at: civil::DateTime) -> bool {
        let has = |field: usize, value: i32| self.fields[field].contains(&value);
        let day = has(2, at.day().into());
        let weekday = has(4, at.weekday().to_sunday_zero_offset().into());
        let days = if self.either { day || weekday } else { day && weekday };
        has(0, at.minute().into()) && has(1, at.hour().into()) && has(3, at.month().into()) && days
    }
}

/// The due minutes in a window, by looking at each.
fn walked(plain: &Plain, zone: &TimeZone, from: Timestamp, minutes: i64) -> BTreeSet<Timestamp> {
    let mut due = BTreeSet::new();
    let mut before = zone.to_datetime(from);
    for minute in 1..=minutes {
        let now = from + minute.minutes();
        let wall = zone.to_datetime(now);
        let skipped = wall > before + 1.minute();
        if plain.interval {
            due.extend(plain.names(wall).then_some(now));
        } else {
            let first = match zone.to_ambiguous_timestamp(wall).offset() {
                AmbiguousOffset::Fold { before, .. } => before.to_timestamp(wall).unwrap() == now,
                _ => true,
            };
            let mut gap = before + 1.minute();
            while skipped && gap < wall {
                due.extend(plain.names(gap).then_some(now));
                gap = gap + 1.minute();
            }
            due.extend((first && plain.names(wall)).then_some(now));
        }
        before = wall;
    }
    due
}

#[test]
fn every_change_of_every_clock() {
    let (start, end): (Timestamp, Timestamp) =
        ("2024-01-01T00:00Z".parse().unwrap(), "2031-01-01T00:00Z".parse().unwrap());
    let plain: Vec<_> = PATTERNS.iter().map(|pattern| Plain::new(pattern)).collect();
    let (mut seen, mut windows, mut dues) = (HashSet::new(), 0, 0);
    for name in jiff::tz::db().available() {
        let zone = TimeZone::get(name.as_str()).unwrap();
        for change in zone.following(start).take_while(|change| change.timestamp() < end) {
            let from = change.timestamp() - 30.hours();
            let from = Timestamp::from_second(from.as_second() / 60 * 60).unwrap();
            let before = zone.to_offset(change.timestamp() - 1.second());
            // Zones that change alike at the same moment need to be walked once.
            if before == change.offset() || !seen.insert((change.timestamp(), before, change.offset())) {
                continue;
            }
            windows += 1;
            for (pattern, plain) in PATTERNS.iter().zip(&plain) {
                let expected = walked(plain, &zone, from, 60 * 60);
                let schedule = Schedule::new(pattern, zone.clone()).unwrap();
                let until = from + (60 * 60).minutes();
                let found: BTreeSet<_> = schedule.after(from).take_while(|due| *due <= until).collect();
                assert_eq!(found, expected, "{pattern} in {} around {}", name.as_str(), change.timestamp());
                dues += found.len();
            }
        }
    }
    println!("{windows} windows, {dues} due times");
    assert!(windows > 100);
}
