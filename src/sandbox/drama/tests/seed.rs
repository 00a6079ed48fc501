//! What a fresh account finds.

use super::*;

fn seeded() -> Desk {
    let mut desk = Desk::new();
    desk.dramas.seed(ME, NOW);
    desk
}

/// How many rows end within thirty days, and how many never.
fn ends(rows: &Value, field: &str) -> (usize, usize) {
    let ends: Vec<i64> = rows.as_array().unwrap().iter().map(|row| row[field].as_i64().unwrap()).collect();
    (ends.iter().filter(|end| (1..NOW + 30 * DAY).contains(*end)).count(), ends.iter().filter(|end| **end == 0).count())
}

#[test]
fn the_seed_has_six_dramas_in_three_states() {
    let mut desk = seeded();
    let list = desk.ok("list_dramas", json!({}))["drama_info_list"].as_array().unwrap().clone();
    let states: Vec<_> = list.iter().map(|row| row["audit_detail"]["status"].as_i64().unwrap()).collect();
    assert_eq!(states, [3, 3, 3, 3, 2, 4]);
    assert_eq!(list[0]["drama_id"], 310_045);
    let media = desk.ok("list_media", json!({ "drama_id": 310_045 }));
    assert_eq!(media["media_info_list"][0]["name"], "闪婚老公竟是首富 - 第1集");
    assert_eq!(media["media_info_list"].as_array().map(Vec::len), Some(24));
}

#[test]
fn five_of_the_fourteen_seeded_grants_end_within_thirty_days_and_one_never() {
    let mut desk = seeded();
    let list = desk.ok("get_authorize_objects", json!({}));
    assert_eq!(list["total_count"], 14);
    assert_eq!(ends(&list["objects"], "authz_expire_time"), (5, 1));
}

#[test]
fn the_seed_has_grants_of_every_kind_in_both_directions() {
    let mut desk = seeded();
    let copyright = desk.ok("get_copyright_authorization_list", json!({}));
    assert_eq!((&copyright["total_count"], ends(&copyright["list"], "expire_time")), (&json!(4), (1, 1)));
    assert_eq!(desk.ok("get_authorize_apps", json!({}))["objects"].as_array().map(Vec::len), Some(2));
    assert_eq!(desk.ok("get_authorized_objects", json!({}))["total_count"], 2);
    assert_eq!(desk.ok("get_authorized_apps", json!({}))["objects"].as_array().map(Vec::len), Some(1));
    assert_eq!(desk.ok("get_copyright_authorized_list", json!({}))["total_count"], 1);
}

#[test]
fn the_seeded_player_has_published_dramas() {
    let mut desk = seeded();
    assert_eq!(desk.ok("drama_player.list_published", json!({}))["list"].as_array().map(Vec::len), Some(4));
    let events = desk.ok("drama_player.list_finder_events", json!({}));
    assert_eq!(events["finder_event_list"].as_array().map(Vec::len), Some(1));
}
