//! Traffic packages, made up from the clock: one is bought each quarter and lasts a year.

use super::page;
use super::usage::noise;
use crate::sandbox::model::{Answer, Request, answer};
use serde_json::{Value, json};

const QUARTER: i64 = 90 * 86_400;
const YEAR: i64 = 365 * 86_400;
/// The third latest package was refunded.
const REFUNDED: i64 = 2;

pub(super) fn list(request: &Request) -> Answer {
    let status = request.number("status").filter(|status| *status != 0);
    let latest = request.now.div_euclid(QUARTER);
    let rows = (0..6).map(|age| package(request, latest - age, age == REFUNDED));
    let found: Vec<Value> = rows.filter(|row| status.is_none_or(|status| row["status"] == status)).collect();
    answer!({ "total_count": found.len(), "package_list": page(found, request, 100) })
}

/// Sizes in MB of a million bytes; most of a package is used by its end.
fn package(request: &Request, quarter: i64, refunded: bool) -> Value {
    let directed = request.number("query_type") == Some(1);
    let (start, end) = (quarter * QUARTER, quarter * QUARTER + YEAR);
    let all = if directed { 50_000 } else { 100_000 + 100_000 * quarter.rem_euclid(3) };
    let elapsed = (request.now - start).min(YEAR);
    let used = if refunded { 0 } else { all * elapsed / YEAR * 9 / 10 };
    let status = match () {
        () if refunded => 2,
        () if end <= request.now => 3,
        () => 1,
    };
    let number = noise(request.caller, quarter + i64::from(directed)) % 1_000_000_000;
    json!({
        "start_time": start,
        "end_time": end,
        "used": used,
        "all": all,
        "order_id": format!("2921020570{number:09}"),
        "status": status,
        "is_deleted": i64::from(refunded),
        "package_id": format!("{}{:02}", if directed { "DX" } else { "ZY" }, quarter.rem_euclid(100)),
    })
}
