//! Listings: what they find, in which order, page by page.

use super::*;
use crate::sandbox::{model::number, wire};

#[test]
fn pages_tell_how_many_there_are_and_the_last_may_be_short_or_empty() {
    let mut desk = Desk::new();
    let page = |number: i64, size: i64| json!({ "page": number, "pageSize": size });
    for operation in ["list_video", "v2_search_videos", "v2_list_new"] {
        let last = desk.data(operation, page(2, 50));
        assert_eq!(
            (&last["totalItems"], &last["totalPages"], rows(&last["contents"]).len()),
            (&json!(63), &json!(2), 13)
        );
        let beyond = desk.data(operation, page(3, 50));
        assert_eq!((&beyond["totalItems"], &beyond["contents"]), (&json!(63), &json!([])));
        assert_eq!(desk.refused(operation, page(1, 1001)), 400);
        assert_eq!(desk.refused(operation, page(0, 10)), 400);
    }
    let usual = |desk: &mut Desk, operation| desk.data(operation, json!({}))["pageSize"].clone();
    assert_eq!((usual(&mut desk, "list_video"), usual(&mut desk, "v2_search_videos")), (json!(10), json!(10)));
    assert_eq!((usual(&mut desk, "v2_list_new"), usual(&mut desk, "v2_list_by_uploader")), (json!(20), json!(20)));
}

#[test]
fn a_search_finds_by_every_field() {
    let mut desk = Desk::new();
    desk.now += DAY;
    let vid = desk.upload("独一无二", SWEET);
    let mut found = |operation: &str, fields: Value| {
        let all = desk.data(operation, fields);
        let vids: Vec<String> = rows(&all["contents"]).iter().map(|row| text(&row["vid"])).collect();
        (all["totalItems"].as_i64().unwrap(), vids.contains(&vid))
    };
    assert_eq!(found("list_video", json!({ "title": "独一" })), (1, true));
    assert_eq!(found("list_video", json!({ "title": vid })), (0, false));
    assert_eq!(found("v2_search_videos", json!({ "title": vid })), (1, true));
    assert_eq!(found("v2_search_videos", json!({ "tag": "培训" })), (3, false));
    assert_eq!(found("list_video", json!({ "cateId": SWEET })), (9, true));
    assert_eq!(found("list_video", json!({ "cateId": DRAMAS, "containSubCate": "N" })).0, 0);
    assert_eq!(found("list_video", json!({ "cateId": DRAMAS, "containSubCate": "Y", "pageSize": 100 })), (49, true));
    assert_eq!(found("v2_search_videos", json!({ "cateId": DRAMAS, "pageSize": 100 })), (49, true));
    assert_eq!(found("v2_search_videos", json!({ "cateId": DRAMAS, "containSubCate": false })).0, 0);
    assert_eq!(found("list_video", json!({ "status": "53" })), (4, false));
    assert_eq!(found("list_video", json!({ "status": "60", "pageSize": 100 })), (60, true), "60 and 61 mean the same");
    assert_eq!(found("list_video", json!({ "uploader": "nobody" })).0, 0);
    let since = NOW * 1000 + 1000;
    assert_eq!(found("list_video", json!({ "startTime": since })), (1, true));
    assert_eq!(found("list_video", json!({ "endTime": since, "pageSize": 100 })), (63, false));
    assert_eq!(found("v2_search_videos", json!({ "startModifyTime": since })), (1, true));
    assert_eq!(found("v2_search_videos", json!({ "encrypted": true })), (3, false));
    assert_eq!(desk.refused("list_video", json!({ "status": "published" })), 400);
}

#[test]
fn videos_are_listed_in_the_order_that_is_asked_for() {
    let mut desk = Desk::new();
    let mut column = |operation: &str, fields: Value, name: &str| -> Vec<Value> {
        let all = desk.data(operation, fields);
        rows(&all["contents"]).iter().map(|row| row.pointer(name).unwrap().clone()).collect()
    };
    let shown = |sort: &str| json!({ "sort": sort, "pageSize": 100 });
    let key = |value: &Value| value.as_i64().map_or_else(|| value.to_string(), |number| format!("{number:09}"));
    for (field, up, down) in [
        ("/basicInfo/creationTime", "creationTimeAsc", "creationTimeDesc"),
        ("/basicInfo/playTimes", "playTimesAsc", "playTimesDesc"),
    ] {
        let rising = column("v2_search_videos", shown(up), field);
        assert!(rising.is_sorted_by_key(key), "{rising:?}");
        let falling: Vec<Value> = column("v2_search_videos", shown(down), field).into_iter().rev().collect();
        assert_eq!(rising, falling);
    }
    let newest = column("list_video", json!({}), "/basicInfo/creationTime");
    assert!(newest.iter().rev().is_sorted_by_key(key));
    for (order, field, up) in [(1, "/ptime", true), (2, "/ptime", false), (3, "/times", true), (4, "/times", false)] {
        let mut found = column("v2_list_by_uploader", json!({ "orderType": order, "pageSize": 100 }), field);
        if !up {
            found.reverse();
        }
        assert!(found.is_sorted_by_key(key), "{order}: {found:?}");
    }
}

#[test]
fn the_videos_of_sub_accounts_are_listed_without_those_of_the_main_one() {
    let mut desk = Desk::new();
    let all = desk.data("v2_list_by_uploader", json!({ "pageSize": 100 }));
    let count = rows(&all["contents"]).len();
    assert!(count > 0 && count < 63);
    assert!(rows(&all["contents"]).iter().all(|row| row["uploaderEmail"] == "editor@example.org"));
    let mut some = |fields| desk.data("v2_list_by_uploader", fields)["totalItems"].as_u64().unwrap() as usize;
    assert_eq!(some(json!({ "email": "editor@example.org" })), count);
    assert_eq!(some(json!({ "email": "nobody@example.org" })), 0);
    assert_eq!(some(json!({ "cataid": DRAMAS })), 0);
    assert!(some(json!({ "cataid": DRAMAS, "containSubCata": 1 })) > 0);
    assert!(some(json!({ "published": 1 })) <= count);
}

#[test]
fn the_newest_are_listed_by_time_or_by_date() {
    let mut desk = Desk::new();
    let before = desk.data("v2_list_new", json!({}))["totalItems"].as_i64().unwrap();
    desk.now += DAY;
    let vid = desk.upload("今天", "1");
    let mut count = |fields: Value| desk.data("v2_list_new", fields)["totalItems"].as_i64().unwrap();
    assert_eq!(count(json!({ "startDate": "2025-01-02" })), 1);
    assert_eq!(count(json!({ "startDate": "2025-01-02", "endDate": "2025-01-02" })), 1);
    assert_eq!(count(json!({ "endDate": "2025-01-01" })), before);
    assert_eq!(count(json!({ "startTime": "2025-01-02 08:00:00", "endTime": "2025-01-02 08:00:00" })), 1);
    assert_eq!(count(json!({ "startTime": "2025-01-02 08:00:01" })), 0);
    assert_eq!(count(json!({ "startTime": "2025-01-02 08:00:01", "endDate": "2020-01-01" })), 0, "times win");
    assert_eq!(count(json!({ "endTime": "2025-01-02 08:00:00", "startDate": "2026-01-01" })), before + 1);
    assert_eq!(count(json!({ "catatree": format!("1,{DRAMAS},{SWEET}") })), 8);
    assert_eq!(count(json!({ "published": 1 })), before + 1 - 4);
    assert_eq!(desk.data("v2_list_new", json!({}))["contents"][0]["vid"], vid);
    assert_eq!(desk.refused("v2_list_new", json!({ "startDate": "yesterday" })), 400);
    assert_eq!(desk.refused("v2_list_new", json!({ "endTime": "2025-01-02" })), 400);
}

#[tokio::test]
async fn older_spellings_of_a_field_mean_the_same() {
    for (operation, query, field) in [
        ("list_video", "cataId=1735600000004", "cateId"),
        ("v2_view_log_month", "pageNum=2", "page"),
        ("v2_view_log_month", "numPerPage=50", "pageSize"),
    ] {
        let request = axum::extract::Request::get(format!("/?{query}")).body(axum::body::Body::empty()).unwrap();
        let wire = wire::read(endpoint(operation), Vec::new(), request).await;
        let sent: i64 = query.split_once('=').unwrap().1.parse().unwrap();
        assert_eq!(number(&wire.fields[field]), Some(sent));
        assert_eq!(wire.fields.len(), 1);
    }
}
