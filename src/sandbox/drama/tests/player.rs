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
fn the_lists_of_a_player_are_set_whole_and_cleared() {
    let (mut desk, drama_id) = Desk::with_drama();
    let other = desk.drama("她从雪中来");
    let row = |drama_id: i64| json!({ "src_appid": ME, "drama_id": drama_id.to_string(), "drama_name": "剧" });
    let mut set = |name: &str, fields: Value| {
        desk.ok(&format!("drama_player.{name}"), fields);
        desk.saved()["players"][ME].clone()
    };
    for on in [true, false] {
        let player = set("set_recommend_switch", json!({ "entry_type": 2002, "switch_status": on }));
        assert_eq!(player["switches"], json!({ "2002": on }));
    }
    let player = set("set_flush_dramas", json!({ "list": [row(drama_id), row(other)] }));
    assert_eq!(player["flush"], json!([drama_id, other]));
    assert_eq!(set("set_flush_dramas", json!({ "list": [row(other)] }))["flush"], json!([other]));
    assert_eq!(set("set_flush_dramas", json!({ "list": [] }))["flush"], json!([]));
    let slot = json!({ "entry_type": 1, "list": [row(other)] });
    let of_drama = json!({ "entry_type": 1, "src_appid": ME, "drama_id": drama_id.to_string(), "list": [row(other)] });
    set("set_recommended_dramas", slot.clone());
    set("set_recommended_dramas", slot);
    let two = set("set_recommended_dramas", of_drama);
    let kept = |drama_id: i64| json!({ "entry_type": 1, "drama_id": drama_id, "list": [other] });
    assert_eq!(two["recommended"], json!([kept(0), kept(drama_id)]));
    let one = set("set_recommended_dramas", json!({ "entry_type": 1 }));
    assert_eq!(one["recommended"], json!([kept(drama_id)]));
}

#[test]
fn a_list_with_one_wrong_row_is_not_set() {
    let (mut desk, drama_id) = Desk::with_drama();
    let row = |drama_id: i64| json!({ "src_appid": ME, "drama_id": drama_id.to_string(), "publish_time": NOW });
    let list = json!({ "list": [row(drama_id), row(1)] });
    assert_eq!(desk.refused("drama_player.publish", list), 1);
    assert_eq!(desk.ok("drama_player.list_published", json!({}))["list"], json!([]));
}

#[test]
fn a_way_of_earning_is_kept_by_mini_program() {
    let (mut desk, drama_id) = Desk::with_drama();
    let ask = rows(drama_id, json!({}));
    assert_eq!(desk.ok("drama_player.get_monetization", ask.clone())["list"], json!([]));
    desk.ok("drama_player.set_monetization", rows(drama_id, json!({ "iaa_type": 3, "vip_flag": 2 })));
    assert_eq!(desk.ok("drama_player.get_monetization", ask.clone())["list"][0]["iaa_type"], 3);
    desk.caller = GUEST;
    assert_eq!(desk.ok("drama_player.get_monetization", ask)["list"], json!([]));
}

/// Its own drama in the promotion plan.
fn plan(drama_id: i64, action: i64) -> Value {
    let mut fields = rows(drama_id, json!({}));
    fields["action_type"] = json!(action);
    fields
}

fn large_drama() -> (Desk, i64) {
    let mut desk = Desk::new();
    let fields = json!({ "media_name": "归来记 - 第1集", "media_type": "MP4", "media_data": 600_000 });
    let media = desk.ok("single_file_upload", fields);
    let drama = desk.ok("audit_drama", first("归来记", &[media["media_id"].as_i64().unwrap()]));
    let drama_id = drama["drama_id"].as_i64().unwrap();
    assert_eq!(desk.status(drama_id), 3);
    (desk, drama_id)
}

#[test]
fn a_drama_joins_the_promotion_is_reviewed_and_leaves() {
    let (mut desk, drama_id) = large_drama();
    desk.life.review_seconds = 60;
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
fn a_drama_is_refused_by_the_promotion_and_may_ask_again() {
    let (mut desk, drama_id) = large_drama();
    desk.verdict("归来记", Ruling::Reject, "");
    let status =
        |desk: &mut Desk| desk.ok("drama_player.process_promotion", plan(drama_id, 2))["list"][0]["status"].clone();
    desk.ok("drama_player.process_promotion", plan(drama_id, 1));
    assert_eq!(status(&mut desk), 3);
    assert_eq!(desk.ok("drama_player.list_finder_events", json!({}))["finder_event_list"], json!([]));
    desk.life.verdicts.clear();
    desk.ok("drama_player.process_promotion", plan(drama_id, 1));
    assert_eq!(status(&mut desk), 2);
}

#[test]
fn what_was_begun_last_counts_in_the_promotion() {
    let (mut desk, drama_id) = large_drama();
    desk.life.review_seconds = 60;
    for action in [1, 3, 1] {
        desk.ok("drama_player.process_promotion", plan(drama_id, action));
        desk.now += 50;
    }
    let reply = desk.ok("drama_player.process_promotion", plan(drama_id, 2));
    assert_eq!(reply["list"][0]["status"], 1);
}

#[test]
fn one_unfit_drama_keeps_the_others_out_of_the_promotion() {
    let (mut desk, drama_id) = large_drama();
    let thin = desk.drama("她从雪中来");
    let list = [drama_id, thin].map(|id| json!({ "src_appid": ME, "drama_id": id.to_string() }));
    let mut process =
        |action| desk.send("drama_player.process_promotion", json!({ "action_type": action, "list": list }));
    assert_eq!(process(1).unwrap_err().code, 106017);
    assert_eq!(process(2).unwrap()["list"][0]["status"], 0);
}
