//! A cron pattern: read as people write it everywhere, and written as the `cron` crate reads it.

use super::field::{DAYS, FIELDS, Field, HOURS, MINUTES, MONTHS, SECONDS, Values, WEEKDAYS};
use crate::{Error, error::Kind};
use std::str::FromStr;

const NAMES: [(&str, &str); 7] = [
    ("@yearly", "0 0 1 1 *"),
    ("@annually", "0 0 1 1 *"),
    ("@monthly", "0 0 1 * *"),
    ("@weekly", "0 0 * * 0"),
    ("@daily", "0 0 * * *"),
    ("@midnight", "0 0 * * *"),
    ("@hourly", "0 * * * *"),
];

/// The most days that each month has.
const LENGTHS: [u32; 12] = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/// Times on a clock on the wall.
#[derive(Debug, Clone)]
pub struct Pattern {
    /// In the words of the crate. What it makes of them takes ten times the memory, so it is made when it is needed.
    written: Box<str>,
    /// A second one: days of the month and days of the week that are both named are alternatives.
    or: Option<Box<str>>,
    /// Whether its hours are an interval's: `*`, `*/2`.
    pub interval: bool,
}

impl Pattern {
    /// Read five fields, six with seconds first, or a name such as `@daily`.
    pub fn read(text: &str) -> Result<Pattern, Error> {
        let text = text.trim();
        Pattern::of_fields(if text.starts_with('@') { named(text)? } else { text })
    }

    fn of_fields(text: &str) -> Result<Pattern, Error> {
        let fields: Vec<&str> = text.split_whitespace().collect();
        let [seconds, minutes, hours, days, months, weekdays] = match fields[..] {
            [minutes, hours, days, months, weekdays] => ["0", minutes, hours, days, months, weekdays],
            [seconds, minutes, hours, days, months, weekdays] => [seconds, minutes, hours, days, months, weekdays],
            _ => return Err(wrong(format!("it has {} fields in place of five or six", fields.len())).hint(FIELDS)),
        };
        let [days, weekdays] = [days, weekdays].map(|field| if field == "?" { "*" } else { field });
        let either = !days.starts_with('*') && !weekdays.starts_with('*');
        let (on, months_of) = (DAYS.read(days)?, MONTHS.read(months)?);
        if !either && !exist(on, months_of) {
            return Err(wrong(format!("it is never due: no day {days} is in month {months}"))
                .hint("for the last day of a month run it on 28-31, and let the script look at the date"));
        }
        let read = |field: &Field, text: &str| field.read(text).map(|values| field.written(values));
        let time = [read(&SECONDS, seconds)?, read(&MINUTES, minutes)?, read(&HOURS, hours)?].join(" ");
        let (days, months, weekdays) = (DAYS.written(on), MONTHS.written(months_of), read(&WEEKDAYS, weekdays)?);
        let write = |days: &str, weekdays: &str| format!("{time} {days} {months} {weekdays}").into_boxed_str();
        let interval = hours.starts_with('*');
        Ok(match either {
            true => Pattern { written: write(&days, "*"), or: Some(write("*", &weekdays)), interval },
            false => Pattern { written: write(&days, &weekdays), or: None, interval },
        })
    }

    /// As the crate knows it: due when one of them is.
    pub fn schedules(&self) -> Vec<cron::Schedule> {
        let texts = [Some(&self.written), self.or.as_ref()];
        texts.into_iter().flatten().filter_map(|text| cron::Schedule::from_str(text).ok()).collect()
    }
}

fn named(name: &str) -> Result<&'static str, Error> {
    let known = NAMES.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
    known.map(|(_, fields)| *fields).ok_or_else(|| {
        wrong("there is no such name".to_owned()).hint_names(name, NAMES.iter().map(|(known, _)| *known))
    })
}

/// Whether one of the months has one of the days, if only in a leap year.
fn exist(days: Values, months: Values) -> bool {
    let first = days.iter().next();
    months.iter().any(|month| first.is_some_and(|day| day <= LENGTHS[month as usize - 1]))
}

fn wrong(what: String) -> Error {
    Error::new(Kind::Config, what)
}
