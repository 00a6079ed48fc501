//! Every due time around every change of the clocks, compared with a walk from minute to minute that knows nothing of the
//! `cron` crate.

use jiff::{
    Timestamp, ToSpan, civil,
    tz::{AmbiguousOffset, TimeZone, TimeZoneTransition},
};
use juben::scheduler::schedule::Schedule;
use proptest::prelude::*;
use std::collections::HashSet;

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

/// A pattern read in the plainest way: for each field whether it names a value.
struct Plain {
    fields: [[bool; 60]; 6],
    either: bool,
    interval: bool,
}

impl Plain {
    fn new(pattern: &str) -> Plain {
        let mut words: Vec<_> = pattern.split(' ').collect();
        if words.len() == 5 {
            words.insert(0, "0");
        }
        let bounds = [(0, 59), (0, 59), (0, 23), (1, 31), (1, 12), (0, 6)];
        let fields = std::array::from_fn(|field| named(words[field], bounds[field]));
        let starred = |field: usize| words[field].starts_with(['*', '?']);
        Plain { fields, either: !starred(3) && !starred(5), interval: starred(2) }
    }

    fn names(&self, at: civil::DateTime) -> bool {
        let [second, minute, hour, day, month, weekday] = &self.fields;
        let (day, weekday) = (day[at.day() as usize], weekday[at.weekday().to_sunday_zero_offset() as usize]);
        minute[at.minute() as usize]
            && hour[at.hour() as usize]
            && (if self.either { day || weekday } else { day && weekday })
            && month[at.month() as usize]
            && second[at.second() as usize]
    }
}

/// The values that a field names.
fn named(field: &str, (least, most): (usize, usize)) -> [bool; 60] {
    let names: &[&str] = match most {
        6 => &["sun", "mon", "tue", "wed", "thu", "fri", "sat"],
        _ => &["", "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
    };
    let number = |text: &str| match text.parse() {
        Ok(number) => number,
        Err(_) => names.iter().position(|name| *name == text[..3].to_lowercase()).unwrap(),
    };
    let (is_week, last_day) = (most == 6, if most == 6 { 7 } else { most });
    let mut values = [false; 60];
    for item in field.split(',') {
        let (range, step) = item.split_once('/').unwrap_or((item, "1"));
        let (first, last) = match range.split_once('-') {
            Some((first, last)) => (number(first), number(last)),
            None if range == "*" || range == "?" => (least, most),
            None => (number(range), if item.contains('/') { last_day } else { number(range) }),
        };
        let last = if last < first { last + 7 } else { last };
        for value in (first..=last).step_by(step.parse().unwrap()) {
            values[if is_week { value % 7 } else { value }] = true;
        }
    }
    values
}

/// What a clock on the wall shows at a moment.
struct Shown {
    now: Timestamp,
    time: civil::DateTime,
    /// Whether it shows it for the first time.
    first: bool,
    /// What it has leapt over just before.
    leapt: Vec<civil::DateTime>,
}

/// The clock of a zone, looked at every so many seconds, from the first look after a moment on.
fn walk(zone: &TimeZone, from: Timestamp, looks: i64, seconds: i64) -> Vec<Shown> {
    let step = seconds.seconds();
    let mut before = zone.to_datetime(from);
    let look = |number: i64| {
        let now = from + (number * seconds).seconds();
        let time = zone.to_datetime(now);
        let first = match zone.to_ambiguous_timestamp(time).offset() {
            AmbiguousOffset::Fold { before, .. } => before.to_timestamp(time).unwrap() == now,
            _ => true,
        };
        let next = std::mem::replace(&mut before, time) + step;
        let leapt = std::iter::successors(Some(next), |leapt| Some(*leapt + step)).take_while(|leapt| *leapt < time);
        Shown { now, time, first, leapt: leapt.collect() }
    };
    (1..=looks).map(look).collect()
}

impl Plain {
    /// By the rule of the schedule's documentation.
    fn due(&self, shown: &[Shown]) -> Vec<Timestamp> {
        let once = |at: &Shown| at.leapt.iter().any(|time| self.names(*time)) || at.first && self.names(at.time);
        let due = |at: &&Shown| if self.interval { self.names(at.time) } else { once(at) };
        shown.iter().filter(due).map(|at| at.now).collect()
    }
}

/// What the schedule says of the same time.
fn found(pattern: &str, zone: &TimeZone, from: Timestamp, until: Timestamp) -> Vec<Timestamp> {
    let schedule = Schedule::new(pattern, zone.clone()).unwrap();
    schedule.after(from).take_while(|due| *due <= until).collect()
}

fn moment(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// The zones of this machine, or of the program.
fn zones() -> Vec<TimeZone> {
    jiff::tz::db().available().map(|name| TimeZone::get(name.as_str()).unwrap()).collect()
}

/// The changes of a clock, without those of its name alone.
fn changes<'a>(zone: &'a TimeZone, from: &str, until: &str) -> impl Iterator<Item = TimeZoneTransition<'a>> {
    let until = moment(until);
    let changes = zone.following(moment(from)).take_while(move |change| change.timestamp() < until);
    changes.filter(|change| zone.to_offset(change.timestamp() - 1.second()) != change.offset())
}

/// A whole minute, so long before.
fn minute_before(moment: Timestamp, hours: i64) -> Timestamp {
    Timestamp::from_second(moment.as_second() / 60 * 60).unwrap() - hours.hours()
}

#[test]
fn every_change_of_every_clock() {
    let plain = PATTERNS.map(Plain::new);
    let (mut seen, mut dues) = (HashSet::new(), 0);
    for zone in zones() {
        for change in changes(&zone, "2024-01-01T00:00Z", "2031-01-01T00:00Z") {
            let before = zone.to_offset(change.timestamp() - 1.second());
            // Clocks that change alike at the same moment need to be walked once.
            if !seen.insert((change.timestamp(), before, change.offset())) {
                continue;
            }
            let from = minute_before(change.timestamp(), 30);
            let shown = walk(&zone, from, 60 * 60, 60);
            for (pattern, plain) in PATTERNS.iter().zip(&plain) {
                let found = found(pattern, &zone, from, from + 60.hours());
                assert_eq!(found, plain.due(&shown), "{pattern} in {zone:?} around {}", change.timestamp());
                dues += found.len();
            }
        }
    }
    assert!(seen.len() > 400 && dues > 2_000_000, "{} changes, {dues} due times", seen.len());
}

/// What is due comes after the moment that it is asked for, wherever that lies around a change.
#[test]
fn a_due_time_lies_ahead_around_every_change_since_1970() {
    let named = ["* 0-23 * * *", "0 0,12 * * *", "0 * * * *"];
    for zone in zones() {
        let schedules = named.map(|pattern| Schedule::new(pattern, zone.clone()).unwrap());
        for change in changes(&zone, "1970-01-02T00:00Z", "2037-01-01T00:00Z") {
            for minutes in [-1500, -61, -30, -1, 0, 1, 29, 61, 1500] {
                let moment = change.timestamp() + minutes.minutes();
                for schedule in &schedules {
                    let due = schedule.next(moment).unwrap();
                    assert!(due > moment && due < moment + 50.hours(), "{schedule:?} after {moment}");
                }
            }
        }
    }
}

/// A pattern of five fields, or of six.
fn pattern(fields: usize) -> impl Strategy<Value = String> {
    let all = [
        field(0, 59, &[]),
        field(0, 59, &[]),
        field(0, 23, &[]),
        field(1, 28, &[]),
        field(1, 12, &["jan", "Feb", "MAR", "april", "May", "jun", "jul", "August", "sep", "oct", "nov", "dec"]),
        field(0, 7, &["sun", "Mon", "TUE", "wednesday", "thu", "Fri", "sat"]),
    ];
    all[6 - fields..].to_vec().prop_map(|fields| fields.join(" "))
}

/// One field: half of all are `*`, or nothing would ever be due.
fn field(least: usize, most: usize, names: &'static [&'static str]) -> BoxedStrategy<String> {
    let value = move |value: usize| match names.get(value - least) {
        Some(name) if value.is_multiple_of(2) => (*name).to_owned(),
        _ => value.to_string(),
    };
    let range = (least..=most, least..=most).prop_map(move |(one, other)| (one.min(other), one.max(other)));
    let item = prop_oneof![
        (least..=most).prop_map(value),
        range.clone().prop_map(move |(first, last)| format!("{}-{}", value(first), value(last))),
        (range, 1..=most).prop_map(move |((first, last), step)| format!("{first}-{last}/{step}")),
        (1..=most).prop_map(|step| format!("*/{step}")),
        (least..=most, 1..=most).prop_map(|(first, step)| format!("{first}/{step}")),
    ];
    let list = prop::collection::vec(item, 1..4).prop_map(|items| items.join(","));
    prop_oneof![Just("*".to_owned()), list].boxed()
}

/// A moment near a change of a clock, or anywhere.
fn place() -> impl Strategy<Value = (TimeZone, Timestamp)> {
    let zones = prop::sample::select(zones());
    (zones, 0..2_000_000_000_i64, any::<bool>(), -100..100_i64).prop_map(|(zone, second, anywhere, minutes)| {
        let moment = Timestamp::from_second(second).unwrap();
        let change = zone.following(moment).next().map(|change| change.timestamp());
        let near = change.filter(|_| !anywhere).map(|change| change + minutes.minutes());
        (zone, minute_before(near.unwrap_or(moment), 2))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_pattern_is_due_as_a_walk_finds(pattern in pattern(5), (zone, from) in place()) {
        let expected = Plain::new(&pattern).due(&walk(&zone, from, 28 * 60, 60));
        prop_assert_eq!(found(&pattern, &zone, from, from + 28.hours()), expected);
    }

    #[test]
    fn any_pattern_with_seconds_is_due_as_a_walk_finds(pattern in pattern(6), (zone, from) in place()) {
        let expected = Plain::new(&pattern).due(&walk(&zone, from, 4 * 3600, 1));
        prop_assert_eq!(found(&pattern, &zone, from, from + 4.hours()), expected);
    }

    /// Wherever one asks, the answer is the first of the due times that are still to come.
    #[test]
    fn what_is_next_does_not_depend_on_where_one_begins(
        pattern in pattern(5), (zone, from) in place(), part in 0.0..1.0,
    ) {
        let schedule = Schedule::new(&pattern, zone).unwrap();
        for (one, next) in schedule.after(from).zip(schedule.after(from).skip(1)).take(5) {
            let between = one + (next - one).total(jiff::Unit::Millisecond).map(|length| ((length * part) as i64).milliseconds()).unwrap();
            prop_assert!(one < next);
            prop_assert_eq!(schedule.next(between.min(next - 1.nanosecond())), Some(next));
        }
    }
}

/// The first due times after a moment.
#[track_caller]
fn due<const N: usize>(pattern: &str, zone: &str, from: &str, expected: [&str; N]) {
    let schedule = Schedule::new(pattern, TimeZone::get(zone).unwrap()).unwrap();
    let found: Vec<_> = schedule.after(moment(from)).take(N).map(|due| due.to_string()).collect();
    assert_eq!(found, expected);
}

#[test]
fn a_time_in_a_gap_is_due_at_its_end_and_one_that_comes_twice_is_due_once() {
    let berlin = "Europe/Berlin";
    due("30 2 * * *", berlin, "2025-03-29T12:00Z", ["2025-03-30T01:00:00Z", "2025-03-31T00:30:00Z"]);
    due("30 2 * * *", berlin, "2025-10-25T12:00Z", ["2025-10-26T00:30:00Z", "2025-10-27T01:30:00Z"]);
    // Asked in the hour that comes twice, while it is shown for the second time.
    due("30 2 * * *", berlin, "2025-10-26T01:10:00Z", ["2025-10-27T01:30:00Z"]);
    // An interval goes on in both.
    due("30 * * * *", berlin, "2025-03-30T00:15Z", ["2025-03-30T00:30:00Z", "2025-03-30T01:30:00Z"]);
    due("30 * * * *", berlin, "2025-10-26T00:15Z", ["2025-10-26T00:30:00Z", "2025-10-26T01:30:00Z"]);
}

#[test]
fn clocks_that_change_by_half_an_hour_by_two_or_by_a_day() {
    due("15 2 * * *", "Australia/Lord_Howe", "2025-10-03T16:00Z", ["2025-10-04T15:30:00Z", "2025-10-05T15:15:00Z"]);
    due("45 1 * * *", "Australia/Lord_Howe", "2025-04-05T13:00Z", ["2025-04-05T14:45:00Z", "2025-04-06T15:15:00Z"]);
    due("30 1 * * *", "Antarctica/Troll", "2025-03-29T12:00Z", ["2025-03-30T01:00:00Z", "2025-03-30T23:30:00Z"]);
    // Samoa had no 30 December 2011.
    due("0 12 30 12 *", "Pacific/Apia", "2011-12-01T00:00Z", ["2011-12-30T10:00:00Z", "2012-12-29T22:00:00Z"]);
    due("0 12 * * *", "Pacific/Apia", "2011-12-29T12:00Z", ["2011-12-29T22:00:00Z", "2011-12-30T10:00:00Z"]);
    // Morocco puts its clocks back for Ramadan.
    due("30 2 * * *", "Africa/Casablanca", "2025-02-22T12:00Z", ["2025-02-23T01:30:00Z", "2025-02-24T02:30:00Z"]);
}

#[test]
fn what_is_due_years_ahead_is_found() {
    due("0 0 29 2 *", "UTC", "2025-01-01T00:00Z", ["2028-02-29T00:00:00Z", "2032-02-29T00:00:00Z"]);
    due("0 * 29 2 *", "America/New_York", "2025-01-01T00:00Z", ["2028-02-29T05:00:00Z", "2028-02-29T06:00:00Z"]);
    // A day field that begins with * is no alternative: a 29 February that is a Sunday.
    due("0 0 29 2 */7", "UTC", "2025-01-01T00:00Z", ["2032-02-29T00:00:00Z", "2060-02-29T00:00:00Z"]);
    due("0 0 31 * *", "Asia/Shanghai", "2025-02-01T00:00Z", ["2025-03-30T16:00:00Z", "2025-05-30T16:00:00Z"]);
}

#[test]
fn patterns_are_read_as_they_are_written_everywhere() {
    let same = [
        ("@hourly", "0 * * * *"),
        ("@daily", "0 0 * * *"),
        ("@Midnight", "0 0 * * *"),
        ("@weekly", "0 0 * * sun"),
        ("@monthly", "0 0 1 * ?"),
        ("@yearly", "0 0 1 jan *"),
        ("@annually", "0 0 1 1 *"),
        ("  5\t4   * * 1 ", "5 4 * * MONDAY"),
        ("0 5 4 * * 1-5", "5 4 * * mon-Fri"),
        ("5 4 * * 5-1", "5 4 * * fri,sat,0,1"),
        ("5 4 * * 0-7", "5 4 * * *"),
        ("5 4 * * 7", "5 4 ? * 0"),
        ("5-7,5-9/2 4 * * *", "5,6,7,9 4 * * *"),
        ("40/10 4 * * *", "40,50 4 * * *"),
    ];
    let from = moment("2025-01-01T00:00Z");
    for (one, other) in same {
        let due = |pattern| Schedule::new(pattern, TimeZone::UTC).unwrap().after(from).take(100).collect::<Vec<_>>();
        assert_eq!(due(one), due(other), "{one} and {other}");
    }
}

#[test]
fn what_is_wrong_with_a_pattern_is_said() {
    let fields =
        "the fields are minutes, hours, days of the month, months and days of the week; seconds may come first";
    let script = "run it on all days in question, such as 28-31, and let the script look at the date";
    let wrong = [
        ("", "it has 0 fields in place of five or six", fields),
        ("0 0 * *", "it has 4 fields in place of five or six", fields),
        ("0 0 0 1 1 ? 2030", "it has 7 fields in place of five or six", fields),
        ("60 * * * *", "the minutes have \"60\"; it must be 0 to 59", fields),
        ("0 24 * * *", "the hours have \"24\"; it must be 0 to 23", fields),
        ("0 0 0 * *", "the days of the month have \"0\"; it must be 1 to 31", fields),
        ("0 0 * 13 *", "the months have \"13\"; it must be 1 to 12 or jan to dec", fields),
        ("0 0 * * 8", "the days of the week have \"8\"; it must be 0 to 7 or sun to sat", fields),
        (
            "0 0 * * mondey",
            "the days of the week have \"mondey\"; it must be 0 to 7 or sun to sat",
            "did you mean `monday`?",
        ),
        ("+5 0 * * *", "the minutes have \"+5\"; it must be 0 to 59", fields),
        (
            "1,,2 0 * * *",
            "the minutes have \"\"; it must be 0 to 59",
            "a list is written as 1,2 without spaces, a range as 1-5, a step as */5",
        ),
        ("*-5 0 * * *", "the minutes have \"*\"; it must be 0 to 59", "* stands alone or before a step: */5"),
        (
            "? 0 * * *",
            "the minutes have \"?\"; it must be 0 to 59",
            "? stands alone for any day; in other fields write *",
        ),
        ("50-10 0 * * *", "the minutes go from 50 back to 10", "name both parts: 50-59,0-10"),
        ("0 0 * nov-feb *", "the months go from 11 back to 2", "name both parts: 11-12,1-2"),
        (
            "*/90 * * * *",
            "the minutes have the step \"90\"; it must be 1 to 59",
            "a longer interval belongs into the next field: 0 */2 * * * is every other hour",
        ),
        (
            "*/0 * * * *",
            "the minutes have the step \"0\"; it must be 1 to 59",
            "a longer interval belongs into the next field: 0 */2 * * * is every other hour",
        ),
        ("0 0 L * *", "the days of the month have \"L\"; it must be 1 to 31", script),
        ("0 0 15W * *", "the days of the month have \"15W\"; it must be 1 to 31", script),
        ("0 0 * * fri#2", "the days of the week have \"fri#2\"; it must be 0 to 7 or sun to sat", script),
        (
            "0 0 30 2 *",
            "it is never due: no day 30 is in month 2",
            "for the last day of a month run it on 28-31, and let the script look at the date",
        ),
        (
            "0 0 31 4,jun *",
            "it is never due: no day 31 is in month 4,jun",
            "for the last day of a month run it on 28-31, and let the script look at the date",
        ),
        ("@dayly", "there is no such name", "did you mean `@daily`?"),
        (
            "@every 5m",
            "there is no such name",
            "there are: @yearly, @annually, @monthly, @weekly, @daily, @midnight, @hourly",
        ),
    ];
    for (pattern, message, hint) in wrong {
        let error = Schedule::new(pattern, TimeZone::UTC).unwrap_err();
        assert_eq!((error.to_string().as_str(), error.hint.as_deref()), (message, Some(hint)), "{pattern}");
    }
    // It is due on the Mondays of February.
    Schedule::new("0 0 30 2 mon", TimeZone::UTC).unwrap();
}
