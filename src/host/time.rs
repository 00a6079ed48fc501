//! `time::` — moments in seconds since 1970 UTC, and dates in a time zone.

use super::{Host, Reply, wrong_argument};
use jiff::{Timestamp, Zoned, civil, tz::TimeZone};
use rhai::{Engine, FLOAT, INT, plugin::*};
use std::time::Duration;

/// Where the platforms' days begin.
const ZONE: &str = "Asia/Shanghai";

#[export_module]
pub mod module {
    /// Now.
    /// - returns: int, seconds since 1970 UTC.
    /// ```rhai
    /// assert(time::now() > 1700000000);
    /// ```
    pub fn now(call: NativeCallContext) -> INT {
        Host::of(&call).client.now()
    }

    /// The seconds of so many days.
    /// - `count`: int.
    /// - returns: int, seconds.
    /// ```rhai
    /// assert_eq(time::days(2), 172800);
    /// ```
    pub fn days(count: INT) -> INT {
        count.saturating_mul(86_400)
    }

    /// The seconds of so many hours.
    /// - `count`: int.
    /// - returns: int, seconds.
    /// ```rhai
    /// assert_eq(time::hours(2), 7200);
    /// ```
    pub fn hours(count: INT) -> INT {
        count.saturating_mul(3_600)
    }

    /// Read a date or a moment: `2026-12-31`, `2026-12-31 18:00`, `2026-12-31 18:00:00` (in China's time), or RFC 3339.
    /// - `text`: string.
    /// - returns: int, seconds since 1970 UTC.
    /// - throws: `argument` when it is none of these.
    /// ```rhai
    /// assert_eq(time::parse("2025-01-01"), 1735660800);
    /// assert_eq(time::parse("2025-01-01T00:00:00Z"), 1735689600);
    /// ```
    #[rhai_fn(return_raw)]
    pub fn parse(call: NativeCallContext, text: &str) -> Reply<INT> {
        read(&call, text, ZONE)
    }

    /// Read a date or a moment in that time zone.
    /// - `text`: string, as above.
    /// - `zone`: string, such as `Asia/Tokyo`.
    /// - returns: int, seconds since 1970 UTC.
    /// - throws: `argument`.
    /// ```rhai
    /// assert_eq(time::parse("2025-01-01", "UTC"), 1735689600);
    /// ```
    #[rhai_fn(return_raw, name = "parse")]
    pub fn parse_in(call: NativeCallContext, text: &str, zone: &str) -> Reply<INT> {
        read(&call, text, zone)
    }

    /// A moment as a person reads it, in China's time.
    /// - `moment`: int, seconds since 1970 UTC.
    /// - returns: string, such as `2025-01-01 08:00`.
    /// - throws: `argument` when it is out of range.
    /// ```rhai
    /// assert_eq(time::format(1735689600), "2025-01-01 08:00");
    /// ```
    #[rhai_fn(return_raw)]
    pub fn format(call: NativeCallContext, moment: INT) -> Reply<String> {
        write(&call, moment, "%Y-%m-%d %H:%M", ZONE)
    }

    /// A moment in a form of your own, in China's time.
    /// - `moment`: int, seconds since 1970 UTC.
    /// - `pattern`: string, as of `strftime`.
    /// - returns: string.
    /// - throws: `argument`.
    /// ```rhai
    /// assert_eq(time::format(1735689600, "%Y年%m月%d日"), "2025年01月01日");
    /// ```
    #[rhai_fn(return_raw, name = "format")]
    pub fn format_as(call: NativeCallContext, moment: INT, pattern: &str) -> Reply<String> {
        write(&call, moment, pattern, ZONE)
    }

    /// A moment in a form and a time zone of your own.
    /// - `moment`: int, seconds since 1970 UTC.
    /// - `pattern`: string, as of `strftime`.
    /// - `zone`: string, such as `UTC`.
    /// - returns: string.
    /// - throws: `argument`.
    /// ```rhai
    /// assert_eq(time::format(1735689600, "%H:%M", "UTC"), "00:00");
    /// ```
    #[rhai_fn(return_raw, name = "format")]
    pub fn format_in(call: NativeCallContext, moment: INT, pattern: &str, zone: &str) -> Reply<String> {
        write(&call, moment, pattern, zone)
    }

    /// Wait. Ctrl-C and the run's deadline end it at once.
    /// - `seconds`: int or float.
    /// ```rhai
    /// time::sleep(0);
    /// ```
    #[rhai_fn(return_raw)]
    pub fn sleep(call: NativeCallContext, seconds: INT) -> Reply<()> {
        pause(&call, seconds as f64)
    }

    #[rhai_fn(return_raw, name = "sleep")]
    pub fn sleep_float(call: NativeCallContext, seconds: FLOAT) -> Reply<()> {
        pause(&call, seconds)
    }
}

fn pause(call: &NativeCallContext, seconds: f64) -> Reply<()> {
    let length = Duration::try_from_secs_f64(seconds)
        .map_err(|error| wrong_argument(call, format!("cannot wait {seconds} seconds: {error}"), "give 0 or more"))?;
    let host = Host::of(call);
    host.wait(call, async {
        host.client.sleep(length).await;
        Ok(())
    })
}

/// The language's own `sleep` cannot be stopped.
pub(super) fn replace_sleep(engine: &mut Engine) {
    engine.register_fn("sleep", |call: NativeCallContext, seconds: INT| pause(&call, seconds as f64));
    engine.register_fn("sleep", |call: NativeCallContext, seconds: FLOAT| pause(&call, seconds));
}

fn read(call: &NativeCallContext, text: &str, zone: &str) -> Reply<INT> {
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Ok(moment.as_second());
    }
    let zone = named(call, zone)?;
    let moment = text.parse::<civil::DateTime>().ok().and_then(|local| local.to_zoned(zone).ok());
    moment.map(|moment: Zoned| moment.timestamp().as_second()).ok_or_else(|| {
        let hint = "write 2026-12-31, 2026-12-31 18:00 or 2026-12-31T18:00:00+08:00";
        wrong_argument(call, format!("{text:?} is not a date"), hint)
    })
}

fn write(call: &NativeCallContext, moment: INT, pattern: &str, zone: &str) -> Reply<String> {
    let hint = "a moment is in seconds since 1970; a pattern is as of strftime, such as %Y-%m-%d";
    let wrong = |error: jiff::Error| wrong_argument(call, format!("cannot format {moment}: {error}"), hint);
    let moment = Timestamp::from_second(moment).map_err(wrong)?.to_zoned(named(call, zone)?);
    jiff::fmt::strtime::format(pattern, &moment).map_err(wrong)
}

fn named(call: &NativeCallContext, zone: &str) -> Reply<TimeZone> {
    TimeZone::get(zone)
        .map_err(|_| wrong_argument(call, format!("there is no time zone {zone:?}"), "names look like Asia/Shanghai"))
}
