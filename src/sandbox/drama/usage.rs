//! Traffic and its logs, made up from the clock: the same hour always has the same bytes.

use super::{page, refusal};
use crate::sandbox::model::{Answer, Request, answer};
use serde_json::{Value, json};

const SLOT: i64 = 300;
const HOUR: i64 = 3_600;
const DAY: i64 = 86_400;
/// China is ahead of UTC by eight hours; its days and hours are meant.
const CHINA: i64 = 8 * HOUR;

/// How much is watched in each hour of a day; nothing before dawn.
const HABIT: [u64; 24] = [3, 2, 1, 0, 0, 0, 1, 2, 3, 3, 3, 4, 6, 5, 3, 3, 3, 4, 5, 7, 9, 10, 8, 5];

pub(super) fn usage(request: &Request) -> Answer {
    let (start, end) = span(request, 365 * DAY, 90 * DAY).ok_or_else(|| refusal(47003))?;
    let minutes = request.number("data_interval").unwrap_or(1440);
    if ![5, 60, 1440].contains(&minutes) {
        return Err(refusal(47003));
    }
    let step = minutes * 60;
    let first = (start + CHINA).div_euclid(step) * step - CHINA;
    let kind = request.number("query_type").unwrap_or(0);
    let items = moments(first, end.min(request.now), step).map(|time| {
        let bytes = moments(time, time + step, SLOT).map(|slot| traffic(request.caller, slot, kind));
        json!({ "time": time, "value": bytes.sum::<u64>() })
    });
    answer!({ "data_interval": minutes, "item_list": items.collect::<Vec<_>>() })
}

fn moments(start: i64, end: i64, step: i64) -> impl Iterator<Item = i64> {
    (start..end).step_by(step.max(1) as usize)
}

/// Start and end, when they are in order, not too far back and not too far apart.
fn span(request: &Request, back: i64, longest: i64) -> Option<(i64, i64)> {
    let (start, end) = (request.number("start_time")?, request.number("end_time")?);
    (start < end && start >= request.now - back && end - start <= longest).then_some((start, end))
}

/// Bytes of five minutes: 1 for the player, 2 for the rest, 0 for both.
fn traffic(caller: &str, slot: i64, kind: i64) -> u64 {
    let hour = (slot + CHINA).rem_euclid(DAY) / HOUR;
    let all = HABIT[hour as usize] * (6_000_000 + noise(caller, slot) % 2_000_000);
    let player = all * 2 / 5;
    match kind {
        1 => player,
        2 => all - player,
        _ => all,
    }
}

/// A number that looks like chance and is the same every time.
pub(super) fn noise(caller: &str, moment: i64) -> u64 {
    let mix = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    let hash = caller.bytes().chain(moment.to_le_bytes()).fold(0xcbf2_9ce4_8422_2325, mix);
    (hash ^ (hash >> 31)).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 16
}

/// A log an hour and domain, three hours later; an hour without traffic has none.
pub(super) fn logs(request: &Request) -> Answer {
    let (start, end) = span(request, 30 * DAY, 2 * DAY).ok_or_else(|| refusal(47003))?;
    let first = start.div_euclid(HOUR) * HOUR;
    let domains = match request.number("query_type").unwrap_or(0) {
        1 => &["player"][..],
        2 => &["vod"],
        _ => &["player", "vod"],
    };
    let hours = moments(first, end.min(request.now - 3 * HOUR), HOUR);
    let busy = hours.filter(|hour| traffic(request.caller, *hour, 0) > 0);
    let found: Vec<Value> =
        busy.flat_map(|hour| domains.iter().map(move |domain| log(hour, domain, request.now))).collect();
    let total = found.len();
    answer!({ "total_count": total, "domestic_cdn_logs": page(found, request, total as i64) })
}

/// Its link is good for a day.
fn log(hour: i64, domain: &str, now: i64) -> Value {
    let written = |form| {
        let moment = jiff::Timestamp::from_second(hour + CHINA).unwrap_or_default();
        moment.strftime(form).to_string()
    };
    let stamp = written("%Y%m%d%H");
    json!({
        "date": written("%Y-%m-%d"),
        "name": format!("{stamp}-{domain}.example-mainland"),
        "url": format!("https://log.example.org/{domain}/{stamp}.gz?t={:x}", now + DAY),
        "start_time": hour,
        "end_time": hour + HOUR - 1,
    })
}
