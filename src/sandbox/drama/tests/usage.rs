//! Traffic, logs and packages.

use super::*;

fn span(start: i64, end: i64, more: Value) -> Value {
    let mut fields = json!({ "start_time": start, "end_time": end });
    fields.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
    fields
}

fn bytes(desk: &mut Desk, more: Value) -> u64 {
    let usage = desk.ok("get_cdn_usage", span(NOW - 40 * DAY + 16 * 3600, NOW - 38 * DAY + 16 * 3600, more));
    let items = usage["item_list"].as_array().unwrap();
    items.iter().map(|item| item["value"].as_u64().unwrap()).sum()
}

#[test]
fn every_interval_counts_the_same_bytes() {
    let mut desk = Desk::new();
    let by_day = bytes(&mut desk, json!({}));
    assert!(by_day > 0);
    assert_eq!(bytes(&mut desk, json!({ "data_interval": 60 })), by_day);
    assert_eq!(bytes(&mut desk, json!({ "data_interval": 5 })), by_day);
    let parts = [1, 2].map(|kind| bytes(&mut desk, json!({ "query_type": kind, "data_interval": 5 })));
    assert_eq!(parts[0] + parts[1], by_day);
}

#[test]
fn an_interval_may_be_a_string_of_digits() {
    let mut desk = Desk::new();
    let usage = desk.ok("get_cdn_usage", span(NOW - DAY, NOW, json!({ "data_interval": "60" })));
    assert_eq!((&usage["data_interval"], usage["item_list"].as_array().map(Vec::len)), (&json!(60), Some(24)));
    assert!(Dramas::judges("drama.get_cdn_usage", "data_interval"));
    assert!(!Dramas::judges("drama.get_cdn_usage", "query_type"));
}

#[test]
fn a_span_is_in_order_not_too_old_and_not_too_long() {
    let mut desk = Desk::new();
    for (start, end) in [(NOW, NOW), (NOW - 366 * DAY, NOW - 365 * DAY), (NOW - 91 * DAY, NOW)] {
        assert_eq!(desk.refused("get_cdn_usage", span(start, end, json!({}))), 47003);
    }
    for (start, end) in [(NOW, NOW), (NOW - 31 * DAY, NOW - 30 * DAY), (NOW - 3 * DAY, NOW)] {
        assert_eq!(desk.refused("get_cdn_logs", span(start, end, json!({}))), 47003);
    }
}

#[test]
fn logs_come_by_hour_and_domain_without_the_silent_and_the_last_hours() {
    let mut desk = Desk::new();
    let logs = desk.ok("get_cdn_logs", span(NOW - DAY, NOW, json!({})));
    assert_eq!(logs["total_count"], 2 * (24 - 5)); // 3 to 8 o'clock in China
    assert_eq!(logs["domestic_cdn_logs"][0]["date"], "2024-12-31");
    assert_eq!(logs["domestic_cdn_logs"][0]["name"], "2024123108-player.example-mainland");
    let url = logs["domestic_cdn_logs"][0]["url"].as_str().unwrap();
    assert!(url.ends_with(&format!(".gz?t={:x}", NOW + DAY)), "{url}");
    let page = desk.ok("get_cdn_logs", span(NOW - DAY, NOW, json!({ "limit": 10, "offset": 30 })));
    assert_eq!((&page["total_count"], page["domestic_cdn_logs"].as_array().map(Vec::len)), (&json!(38), Some(8)));
}

#[test]
fn packages_are_valid_refunded_or_expired() {
    let mut desk = Desk::new();
    let mut count = |status| {
        let list = desk.ok("list_packages", json!({ "status": status, "offset": 0, "limit": 100 }));
        list["total_count"].as_i64().unwrap()
    };
    assert_eq!(count(0), 6);
    assert_eq!(count(1) + count(2) + count(3), 6);
    assert_eq!(count(2), 1);
    assert!(count(1) >= 3 && count(3) >= 1);
}
