//! The log of plays, of a day and of a month.

use super::*;

fn later() -> Desk {
    Desk { now: NOW + 40 * DAY, ..Desk::new() }
}

#[test]
fn a_day_lists_every_play_in_the_order_of_time() {
    let mut desk = later();
    let log = desk.data("v2_view_log_day", json!({ "day": "20250115" }));
    let times: Vec<i64> = rows(&log).iter().map(|row| row["createdTime"].as_i64().unwrap()).collect();
    assert!(times.len() > 50 && times.is_sorted());
    assert!(rows(&log).iter().all(|row| row["currentDay"] == "2025-01-15"));
    let phones = rows(&log).iter().filter(|row| row["isMobile"] == "Y").count() as i64;
    let january = desk.data("v2_play_statistics", json!({ "dr": "last_month" }));
    let day = &january[14];
    assert_eq!((&day["currentTime"], &day["mobileVideoView"]), (&json!("2025-01-15"), &json!(phones)));
    assert_eq!(day["pcVideoView"], times.len() as i64 - phones);
    assert_eq!(desk.data("v2_view_log_day", json!({ "day": "20990101" })), json!([]));
}

#[test]
fn a_log_can_be_narrowed() {
    let mut desk = later();
    let all = desk.data("v2_view_log_day", json!({ "day": "20250115" }));
    let mut some = |field: &str, value: &str| {
        let fields = json!({ "day": "20250115", field: value, "cataid": SWEET });
        rows(&desk.data("v2_view_log_day", fields)).clone()
    };
    assert!(some("vid", VID).iter().all(|row| row["videoId"] == VID));
    assert!(!some("vid", VID).is_empty(), "the vid wins over the category");
    let sweet = some("cataid", SWEET);
    assert!(!sweet.is_empty() && sweet.len() < rows(&all).len());
    let (viewer, session) = (text(&sweet[0]["param1"]), text(&sweet[0]["sessionId"]));
    assert!(some("viewerId", &viewer).contains(&sweet[0]));
    assert!(some("sessionId", &session).contains(&sweet[0]));
    let both = json!({ "day": "20250115", "viewerId": viewer, "sessionId": "nope" });
    assert!(!rows(&desk.data("v2_view_log_day", both)).is_empty(), "the viewer wins over the session");
    let morning = json!({ "day": "20250115", "timeStart": "080000", "timeEnd": "115959" });
    let morning = desk.data("v2_view_log_day", morning);
    assert!(!rows(&morning).is_empty());
    assert!(rows(&morning).iter().all(|row| (8..12).contains(&row["currentHour"].as_i64().unwrap())));
}

#[test]
fn the_traffic_of_a_play_is_known_two_days_later() {
    let mut desk = Desk::new();
    desk.now += DAY;
    let mut flows = |now: i64| -> Vec<i64> {
        desk.now = now;
        let log = desk.data("v2_view_log_day", json!({ "day": "20250101" }));
        rows(&log).iter().map(|row| row["flowSize"].as_i64().unwrap()).collect()
    };
    assert!(flows(NOW + DAY).iter().all(|flow| *flow == 0));
    assert!(flows(NOW + 3 * DAY).iter().all(|flow| *flow > 0));
}

#[test]
fn a_month_is_the_sum_of_its_days_page_by_page() {
    let mut desk = later();
    let mut days = 0;
    for day in 1..=31 {
        days += rows(&desk.data("v2_view_log_day", json!({ "day": format!("202501{day:02}") }))).len();
    }
    let (mut found, mut page) = (BTreeSet::new(), 1);
    loop {
        let fields = json!({ "month": "202501", "page": page, "pageSize": 1000 });
        let log = desk.data("v2_view_log_month", fields);
        assert_eq!(log["totalItems"], days);
        if rows(&log["contents"]).is_empty() {
            break;
        }
        found.extend(rows(&log["contents"]).iter().map(|row| text(&row["playId"])));
        page += 1;
    }
    assert_eq!(found.len(), days);
    let usual = desk.data("v2_view_log_month", json!({ "month": "202501" }));
    assert_eq!(rows(&usual["contents"]).len(), 99);
}

#[test]
fn a_month_can_be_narrowed() {
    let mut desk = later();
    let day = desk.data("v2_view_log_day", json!({ "day": "20250115" }));
    let mut month = |mut fields: Value| {
        fields["month"] = json!("202501");
        fields["pageSize"] = json!(1000);
        desk.data("v2_view_log_month", fields)
    };
    let only = month(json!({ "currentDay": "2025-01-15" }));
    assert_eq!(only["totalItems"], rows(&day).len());
    assert_eq!(only, month(json!({ "start": "2025-01-15", "end": "2025-01-15" })));
    assert_eq!(month(json!({ "currentDay": "2025-02-01" }))["totalItems"], 0, "of another month");
    assert_eq!(month(json!({ "start": "2020-01-01" })), month(json!({})));
    assert!(rows(&month(json!({ "vid": VID }))["contents"]).iter().all(|row| row["videoId"] == VID));
    let (plain, encoded) = (&day[0]["sessionId"], &only["contents"][0]["sessionId"]);
    assert_ne!(plain, encoded, "this log writes it in Base64");
    let by_session = month(json!({ "sessionId": plain }));
    assert!(by_session["totalItems"].as_i64().unwrap() > 0);
    assert_eq!(by_session, month(json!({ "sessionId": encoded })));
}

#[test]
fn days_and_months_that_are_none_are_refused() {
    let mut desk = later();
    for fields in [
        json!({}),
        json!({ "day": "2025-01-15" }),
        json!({ "day": "20250230" }),
        json!({ "day": "20250115", "timeStart": "080000" }),
        json!({ "day": "20250115", "timeStart": "080000", "timeEnd": "250000" }),
        json!({ "day": "20250115", "sessionId": "s".repeat(51) }),
    ] {
        assert_eq!(desk.refused("v2_view_log_day", fields.clone()), 400, "{fields}");
    }
    for fields in [
        json!({ "month": "202513" }),
        json!({ "month": "2025" }),
        json!({ "month": "202501", "start": "2025-01-32" }),
        json!({ "month": "202501", "pageSize": 1001 }),
    ] {
        assert_eq!(desk.refused("v2_view_log_month", fields.clone()), 400, "{fields}");
    }
}
