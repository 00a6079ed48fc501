//! How long something takes, as a person writes it: `"90s"`, `"30m"`, `"1h 30m"`, `"60d"`.

use jiff::{SignedDuration, Span, SpanRelativeTo};
use serde::Deserialize;
use std::{fmt, str::FromStr, time::Duration};

/// A length of time of whole seconds; a day has 24 hours.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "Written")]
pub struct Lasting(i64);

#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Seconds(i64),
    Text(String),
}

impl Lasting {
    /// So many seconds.
    pub const fn from_seconds(seconds: i64) -> Lasting {
        Lasting(seconds)
    }

    /// In seconds.
    pub fn seconds(self) -> i64 {
        self.0
    }

    /// As the machine counts.
    pub fn duration(self) -> Duration {
        Duration::from_secs(self.0.unsigned_abs())
    }
}

impl FromStr for Lasting {
    type Err = String;
    fn from_str(text: &str) -> Result<Lasting, String> {
        let wrong = || format!("{text:?} is no length of time; write it as \"90s\", \"30m\", \"1h 30m\" or \"60d\"");
        let span: Span = text.trim().parse().map_err(|_| wrong())?;
        let length = span.to_duration(SpanRelativeTo::days_are_24_hours()).map_err(|_| wrong())?;
        if length.is_negative() { Err(wrong()) } else { Ok(Lasting(length.as_secs())) }
    }
}

impl TryFrom<Written> for Lasting {
    type Error = String;
    fn try_from(written: Written) -> Result<Lasting, String> {
        match written {
            Written::Text(text) => text.parse(),
            Written::Seconds(seconds) if seconds >= 0 => Ok(Lasting(seconds)),
            Written::Seconds(seconds) => Err(format!("{seconds} is no length of time")),
        }
    }
}

impl fmt::Display for Lasting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#}", SignedDuration::from_secs(self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_read_as_people_write_them() {
        let read = |text: &str| text.parse::<Lasting>().map(Lasting::seconds);
        assert_eq!(read("90s"), Ok(90));
        assert_eq!(read("1h 30m"), Ok(5400));
        assert_eq!(read("60d"), Ok(60 * 86_400));
        assert!(read("-5m").is_err() && read("soon").is_err() && read("").is_err());
        assert_eq!(Lasting::from_seconds(5400).to_string(), "1h 30m");
    }
}
