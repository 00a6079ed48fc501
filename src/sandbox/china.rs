//! China's calendar: the platforms count their days from midnight in China, and write times as they are there.

use jiff::{
    Timestamp,
    civil::{Date, DateTime},
    tz::offset,
};

/// A day in seconds.
pub(super) const DAY: i64 = 86_400;
/// China is ahead of UTC by eight hours.
pub(super) const AHEAD: i64 = 8 * 3600;

/// The day of a moment, counted from 1970.
pub(super) fn day(moment: i64) -> i64 {
    (moment + AHEAD).div_euclid(DAY)
}

/// The first moment of a day.
pub(super) fn start(day: i64) -> i64 {
    day * DAY - AHEAD
}

/// The calendar's name for a day.
pub(super) fn date(day: i64) -> Date {
    local(start(day)).date()
}

/// The day that a date names.
pub(super) fn day_of(date: Date) -> i64 {
    const FIRST: Date = Date::constant(1970, 1, 1);
    date.since(FIRST).map_or(0, |passed| i64::from(passed.get_days()))
}

/// A moment in words: `2025-01-01 08:00:00`.
pub(super) fn written(moment: i64) -> String {
    local(moment).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// The month of a moment: `2025-01`.
pub(super) fn month(moment: i64) -> String {
    local(moment).strftime("%Y-%m").to_string()
}

/// The hour of a moment, 0 to 23.
pub(super) fn hour(moment: i64) -> i8 {
    local(moment).hour()
}

/// The moment that a text tells: `2025-01-01 08:00:00`.
pub(super) fn moment(text: &str) -> Option<i64> {
    let local = DateTime::strptime("%Y-%m-%d %H:%M:%S", text).ok()?;
    Some(offset(8).to_timestamp(local).ok()?.as_second())
}

fn local(moment: i64) -> DateTime {
    offset(8).to_datetime(Timestamp::from_second(moment).unwrap_or(Timestamp::UNIX_EPOCH))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_at_midnight_in_china() {
        let midnight = moment("2025-01-01 00:00:00").unwrap();
        assert_eq!(midnight, 1_735_660_800);
        assert_eq!(day(midnight - 1) + 1, day(midnight));
        assert_eq!(start(day(midnight + 86_399)), midnight);
        assert_eq!(day_of(date(day(midnight))), day(midnight));
        assert_eq!((day_of(Date::MIN), day_of(Date::MAX)), (-4_371_587, 2_932_896));
        assert_eq!((month(midnight - 1), month(midnight)), ("2024-12".into(), "2025-01".into()));
        assert_eq!((written(midnight + 3_600), hour(midnight + 3_600)), ("2025-01-01 01:00:00".into(), 1));
        assert_eq!(moment("2025-02-30 00:00:00"), None);
    }
}
