//! A world that is saved and loaded again.

use super::*;

/// Everything that can be kept is there, and something of it is still to happen.
fn busy() -> Desk {
    let mut desk = Desk::new();
    desk.dramas.seed(ME, NOW);
    let drama_id = desk.drama("归来记");
    desk.verdict("错嫁", Ruling::Reject, "画面模糊");
    desk.drama("错嫁豪门");
    let [old, other] = desk.episodes(drama_id)[..] else { panic!("two episodes") };
    for (old, name) in [(old, "归来记 - 第1集 新"), (other, "归来记 - 第2集 新")] {
        let new = desk.media(name);
        let pair = json!([{ "old": old, "new": new }]);
        desk.ok("submit_replace_medias", json!({ "drama_id": drama_id, "replace_media_list": pair }));
        let swap = json!({ "drama_id": drama_id, "old_media_id": old, "new_media_id": new });
        if old != other {
            desk.ok("replace_media", swap);
        }
    }
    let row = json!({ "src_appid": ME, "drama_id": drama_id.to_string(), "drama_name": "归来记" });
    desk.ok("drama_player.set_recommend_switch", json!({ "entry_type": 2002, "switch_status": true }));
    desk.ok("drama_player.set_flush_dramas", json!({ "list": [row] }));
    desk.ok("drama_player.set_recommended_dramas", json!({ "entry_type": 1, "list": [row] }));
    desk.ok("deauthorize_app", json!({ "authorized_appid": "wx5d02c8f7ab194e36" }));
    (desk.life.review_seconds, desk.life.pull_seconds, desk.life.transcode_seconds) = (60, 40, 9);
    desk.ok("modify_basic_info", json!({ "drama_id": drama_id, "description": "新的简介。" }));
    desk.ok(
        "drama_player.process_promotion",
        json!({ "action_type": 3, "list": [{ "src_appid": ME, "drama_id": "310045" }] }),
    );
    desk.ok("pull_upload", json!({ "media_name": "归来记 - 第9集", "media_url": "https://a.example/9.mp4" }));
    let upload = desk.ok("apply_upload", json!({ "media_name": "归来记 - 第8集", "media_type": "MP4" }));
    let part = json!({ "upload_id": upload["upload_id"], "part_number": 1, "resource_type": 1, "data": 10 });
    desk.ok("upload_part", part);
    desk.media("归来记 - 第7集");
    desk
}

/// What calls and the clock make of it from now on.
fn afterwards(desk: &mut Desk) -> (Vec<Value>, Vec<Event>) {
    desk.events.clear();
    let mut replies = Vec::new();
    for _ in 0..2 {
        for name in ["list_media", "list_dramas", "get_authorize_objects", "get_copyright_authorization_list"] {
            replies.push(desk.ok(name, json!({})));
        }
        replies.push(desk.ok("drama_player.list_published", json!({})));
        replies.push(json!(desk.media("花絮 - 第1集")));
        replies.push(json!(desk.drama("新剧")));
        desk.now += 60 * DAY;
    }
    (replies, std::mem::take(&mut desk.events))
}

#[test]
fn a_loaded_world_is_the_saved_one_and_goes_on_like_it() {
    let mut desk = busy();
    let saved = serde_json::to_string(&desk.dramas).unwrap();
    let dramas: Dramas = serde_json::from_str(&saved).unwrap();
    assert_eq!(serde_json::to_string(&dramas).unwrap(), saved);
    // As a part of a larger document, it comes as a value.
    let value: Value = serde_json::from_str(&saved).unwrap();
    assert_eq!(serde_json::to_value(serde_json::from_value::<Dramas>(value.clone()).unwrap()).unwrap(), value);
    let mut loaded = Desk { dramas, life: desk.life.clone(), now: desk.now, ..Desk::new() };
    let (replies, events) = afterwards(&mut desk);
    assert_eq!(afterwards(&mut loaded), (replies, events.clone()));
    assert!(events.len() > 5);
    assert_eq!(serde_json::to_string(&loaded.dramas).unwrap(), serde_json::to_string(&desk.dramas).unwrap());
}

#[test]
fn the_same_calls_make_the_same_world() {
    let [first, second] = [busy(), busy()].map(|mut desk| (afterwards(&mut desk), desk.saved()));
    assert_eq!(first, second);
}

#[test]
fn a_world_can_be_written_by_hand() {
    let world = json!({
        "media": { ME: [
            { "media_id": 8, "name": "花絮 - 第1集" },
            { "media_id": 7, "name": "归来记 - 第1集", "size": 1_000_000, "drama_id": 5 },
        ] },
        "dramas": { "5": {
            "owner": ME, "info": { "name": "归来记" }, "episodes": [7], "reviews": { "first": { "status": "open" } }
        } },
        "grants": [{ "scope": { "play": 5 }, "grantor": ME, "grantee": { "app": GUEST } }],
        "agenda": { (NOW + 60).to_string(): [{ "reviewed": { "drama_id": 5, "kind": "first" } }] },
    });
    let mut desk = Desk { dramas: serde_json::from_value(world).unwrap(), ..Desk::new() };
    assert_eq!(desk.status(5), 1);
    desk.now += 60;
    assert_eq!(desk.status(5), 3);
    assert_eq!(desk.ok("list_media", json!({}))["media_info_list"][0]["media_id"], 7);
    assert_eq!(desk.media("归来记 - 第2集"), 910_001);
    desk.caller = GUEST;
    desk.ok("get_media_link", json!({ "media_id": 7, "t": desk.now + 60 }));
    let misspelt = json!({ "dramas": { "5": { "owner": ME, "episode": [7] } } });
    let error = serde_json::from_value::<Dramas>(misspelt).unwrap_err().to_string();
    assert!(error.contains("episode"), "{error}");
}
