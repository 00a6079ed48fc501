//! The player and its promotion plan.

use super::*;

fn rows(drama_id: i64, more: Value) -> Value {
    let mut row = json!({ "src_appid": ME, "drama_id": drama_id.to_string() });
    row.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap_or_default());
    json!({ "list": [row] })
}

#[test]
fn a_playable_drama_is_published_and_listed() {
    let (mut desk, drama_id) = Desk::with_drama();
    let publish = rows(drama_id, json!({ "drama_name": "归来记", "publish_time": NOW }));
    desk.ok("drama_player.publish", publish.clone());
    let list = desk.ok("drama_player.list_published", json!({}));
    assert_eq!(list["list"][0]["drama_id"], drama_id.to_string());
    desk.caller = GUEST;
    assert_eq!(desk.refused("drama_player.publish", publish), 21000);
    assert_eq!(desk.ok("drama_player.list_published", json!({}))["list"], json!([]));
}

#[test]
fn lists_hold_dramas_that_exist_and_may_be_played() {
    let (mut desk, drama_id) = Desk::with_drama();
    desk.ok("drama_player.set_recommend_switch", json!({ "entry_type": 1, "switch_status": true }));
    desk.ok("drama_player.set_flush_dramas", rows(drama_id, json!({ "drama_name": "归来记" })));
    assert_eq!(desk.refused("drama_player.set_flush_dramas", rows(1, json!({}))), 1);
    let mut recommended = rows(drama_id, json!({}));
    recommended["entry_type"] = json!(1);
    desk.ok("drama_player.set_recommended_dramas", recommended.clone());
    desk.caller = GUEST;
    assert_eq!(desk.refused("drama_player.set_recommended_dramas", recommended), 21000);
    let text = json!({ "list": [{ "src_appid": ME, "drama_id": "x" }] });
    assert_eq!(desk.refused("drama_player.set_flush_dramas", text), 2);
}

#[test]
fn a_way_of_earning_is_kept_by_mini_program() {
    let (mut desk, drama_id) = Desk::with_drama();
    let ask = rows(drama_id, json!({}));
    assert_eq!(desk.ok("drama_player.get_monetization", ask.clone())["list"], json!([]));
    desk.ok("drama_player.set_monetization", rows(drama_id, json!({ "iaa_type": 3, "vip_flag": 2 })));
    assert_eq!(desk.ok("drama_player.get_monetization", ask)["list"][0]["iaa_type"], 3);
    assert_eq!(desk.refused("drama_player.get_monetization", rows(1, json!({}))), 1);
}

/// Its own drama in the promotion plan.
fn plan(drama_id: i64, action: i64) -> Value {
    let mut fields = rows(drama_id, json!({}));
    fields["action_type"] = json!(action);
    fields
}

fn large_drama() -> (Desk, i64) {
    let mut desk = Desk::new();
    let fields = json!({ "media_name": "归来记 - 第1集", "media_type": "MP4" });
    let media = desk.ok_with("single_file_upload", fields, &[("media_data", vec![7; 600_000])]);
    let drama = desk.ok("audit_drama", first("归来记", &[media["media_id"].as_i64().unwrap()]));
    let drama_id = drama["drama_id"].as_i64().unwrap();
    assert_eq!(desk.status(drama_id), 3);
    (desk, drama_id)
}

#[test]
fn a_drama_joins_the_promotion_is_reviewed_and_leaves() {
    let (mut desk, drama_id) = large_drama();
    desk.dramas.review_seconds = 60;
    let status =
        |desk: &mut Desk| desk.ok("drama_player.process_promotion", plan(drama_id, 2))["list"][0]["status"].clone();
    assert_eq!(status(&mut desk), 0);
    desk.ok("drama_player.process_promotion", plan(drama_id, 1));
    assert_eq!(status(&mut desk), 1);
    assert_eq!(desk.refused("drama_player.process_promotion", plan(drama_id, 1)), 106018);
    desk.now += 60;
    assert_eq!(status(&mut desk), 2);
    let events = desk.ok("drama_player.list_finder_events", json!({ "event_id_list": [] }));
    assert_eq!(events["finder_event_list"][0]["drama_id"], drama_id.to_string());
    desk.ok("drama_player.process_promotion", plan(drama_id, 3));
    assert_eq!(status(&mut desk), 4);
    desk.now += 60;
    assert_eq!(status(&mut desk), 0);
    assert_eq!(desk.refused("drama_player.process_promotion", plan(drama_id, 3)), 1);
}

#[test]
fn a_thin_a_foreign_and_a_rejected_drama_do_not_join() {
    let (mut desk, thin) = Desk::with_drama();
    let rejected = desk.drama("驳回");
    desk.status(rejected);
    assert_eq!(desk.refused("drama_player.process_promotion", plan(thin, 1)), 106017);
    assert_eq!(desk.refused("drama_player.process_promotion", plan(rejected, 1)), 21000);
    assert_eq!(desk.refused("drama_player.process_promotion", plan(1, 1)), 1);
    desk.caller = GUEST;
    assert_eq!(desk.refused("drama_player.process_promotion", plan(thin, 1)), 2);
}
