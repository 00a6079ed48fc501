//! One field of a pattern: the values that it names.

use crate::{Error, error::Kind};

/// What a pattern consists of, for those who have miscounted.
pub const FIELDS: &str =
    "the fields are minutes, hours, days of the month, months and days of the week; seconds may come first";

/// What a field of a pattern can name.
#[derive(Debug)]
pub struct Field {
    name: &'static str,
    least: u32,
    most: u32,
    /// Its values' names, from the least on; the first three letters are enough.
    names: &'static [&'static str],
}

pub const SECONDS: Field = Field { name: "seconds", least: 0, most: 59, names: &[] };
pub const MINUTES: Field = Field { name: "minutes", least: 0, most: 59, names: &[] };
pub const HOURS: Field = Field { name: "hours", least: 0, most: 23, names: &[] };
pub const DAYS: Field = Field { name: "days of the month", least: 1, most: 31, names: &[] };
#[rustfmt::skip]
pub const MONTHS: Field = Field { name: "months", least: 1, most: 12, names: &[
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
] };
/// Sunday is 0 and 7.
#[rustfmt::skip]
pub const WEEKDAYS: Field = Field { name: "days of the week", least: 0, most: 7, names: &[
    "sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday",
] };

/// Values below 64, a bit each.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Values(u64);

impl Values {
    pub fn has(self, value: u32) -> bool {
        self.0 & (1 << value) != 0
    }

    /// From the least on.
    pub fn iter(self) -> impl Iterator<Item = u32> {
        (0..u64::BITS).filter(move |value| self.has(*value))
    }
}

impl Extend<u32> for Values {
    fn extend<T: IntoIterator<Item = u32>>(&mut self, values: T) {
        values.into_iter().for_each(|value| self.0 |= 1 << value);
    }
}

impl FromIterator<u32> for Values {
    fn from_iter<T: IntoIterator<Item = u32>>(values: T) -> Values {
        let mut all = Values::default();
        all.extend(values);
        all
    }
}

impl Field {
    /// The values that a text names, such as `*`, `5`, `1-5`, `*/15`, `8-18/2` and several of them with commas.
    pub fn read(&self, text: &str) -> Result<Values, Error> {
        let mut values = Values::default();
        for item in text.split(',') {
            let (range, step) = match item.split_once('/') {
                Some((range, step)) => (range, Some(self.step(step)?)),
                None => (item, None),
            };
            let (first, last) = match range.split_once('-') {
                Some((first, last)) => self.range(first, last)?,
                None if range == "*" => (self.least, self.most),
                // `10/20` is from 10 on.
                None => self.value(range).map(|first| (first, step.map_or(first, |_| self.most)))?,
            };
            values.extend((first..=last).step_by(step.unwrap_or(1)).map(|value| self.folded(value)));
        }
        Ok(values)
    }

    /// In the words of the `cron` crate, whose week begins with 1 for Sunday. It reads a step sooner than a list.
    pub fn written(&self, values: Values) -> String {
        if (self.least..=self.most).all(|value| values.has(self.folded(value))) {
            return "*".to_owned();
        }
        let shift = u32::from(self.is_the_week());
        let numbers: Vec<u32> = values.iter().map(|value| value + shift).collect();
        match numbers[..] {
            [first, second, .., last] if numbers.windows(2).all(|pair| pair[1] - pair[0] == second - first) => {
                format!("{first}-{last}/{}", second - first)
            }
            _ => numbers.iter().map(u32::to_string).collect::<Vec<_>>().join(","),
        }
    }

    fn step(&self, text: &str) -> Result<usize, Error> {
        let step = number(text).filter(|step| (1..=self.most).contains(step));
        step.map(|step| step as usize).ok_or_else(|| {
            self.wrong(format!("have the step {text:?}; it must be 1 to {}", self.most))
                .hint("a longer interval belongs into the next field: 0 */2 * * * is every other hour")
        })
    }

    fn range(&self, first: &str, last: &str) -> Result<(u32, u32), Error> {
        match (self.value(first)?, self.value(last)?) {
            (first, last) if first <= last => Ok((first, last)),
            // From Friday to Monday is four days.
            (first, last) if self.is_the_week() => Ok((first, last + 7)),
            (first, last) => {
                let (least, most) = (self.least, self.most);
                Err(self
                    .wrong(format!("go from {first} back to {last}"))
                    .hint(format!("name both parts: {first}-{most},{least}-{last}")))
            }
        }
    }

    fn value(&self, text: &str) -> Result<u32, Error> {
        let named = || {
            let lower = text.to_lowercase();
            let place = self.names.iter().position(|name| *name == lower || name[..3] == lower);
            place.map(|place| self.least + place as u32)
        };
        let value = number(text).filter(|value| (self.least..=self.most).contains(value));
        value.or_else(named).ok_or_else(|| self.no_value(text))
    }

    fn no_value(&self, text: &str) -> Error {
        let (least, most) = (self.least, self.most);
        let named = self.names.first().zip(self.names.last());
        let named = named.map_or(String::new(), |(first, last)| format!(" or {} to {}", &first[..3], &last[..3]));
        let error = self.wrong(format!("have {text:?}; it must be {least} to {most}{named}"));
        match text {
            "" => error.hint("a list is written as 1,2 without spaces, a range as 1-5, a step as */5"),
            "*" => error.hint("* stands alone or before a step: */5"),
            "?" => error.hint("? stands alone for any day; in other fields write *"),
            _ if text.contains('#') || text.ends_with(['L', 'W']) => {
                error.hint("run it on all days in question, such as 28-31, and let the script look at the date")
            }
            _ if number(text).is_some() => error.hint(FIELDS),
            _ => error.hint(FIELDS).hint_names(text, self.names.iter().copied()),
        }
    }

    fn wrong(&self, what: String) -> Error {
        Error::new(Kind::Config, format!("the {} {what}", self.name))
    }

    fn folded(&self, value: u32) -> u32 {
        if self.is_the_week() { value % 7 } else { value }
    }

    fn is_the_week(&self) -> bool {
        self.most == WEEKDAYS.most
    }
}

/// Digits and nothing else.
fn number(text: &str) -> Option<u32> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}
