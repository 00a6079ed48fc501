//! The state goes into JSON and comes back the same.

use super::*;

#[test]
fn libraries_are_saved_without_a_loss() {
    let mut desk = Desk::new();
    desk.life = Life { transcode_seconds: 60, review_seconds: 60, pull_seconds: 60, verdicts: Vec::new() };
    desk.upload("第1集", SWEET);
    desk.data("v2_grab_upload", json!({ "fileUrl": "https://media.example.org/01.mp4", "title": "新1" }));
    desk.data("create_play_token", json!({ "videoId": VID, "ts": NOW * 1000, "viewerId": "u-1" }));
    desk.data("update_category_profile", json!({ "cateId": SWEET, "enabled": "Y", "encrypt": 1 }));
    desk.data("v2_set_forbidden", json!({ "vids": VID, "forbidden": 1 }));

    let dump = serde_json::to_string_pretty(&desk.polyv).unwrap();
    let mut again = Desk { polyv: serde_json::from_str(&dump).unwrap(), life: desk.life.clone(), ..Desk::new() };
    assert_eq!(serde_json::to_string_pretty(&again.polyv).unwrap(), dump);

    for now in [NOW + 59, NOW + 60, NOW + 200] {
        (desk.now, again.now) = (now, now);
        for (operation, fields) in [
            ("list_video", json!({ "pageSize": 100 })),
            ("v2_list_grab_tasks", json!({})),
            ("v2_play_statistics", json!({ "dr": "last_year" })),
            ("create_play_token", json!({ "videoId": VID, "ts": now * 1000, "viewerId": "u-1" })),
            ("v2_upload_token", json!({})),
        ] {
            assert_eq!(desk.data(operation, fields.clone()), again.data(operation, fields), "{operation}");
        }
        assert_eq!(desk.upload("第2集", SWEET), again.upload("第2集", SWEET));
    }
    assert_eq!(json!(desk.polyv), json!(again.polyv));
}

#[test]
fn the_same_seed_makes_the_same_library() {
    assert_eq!(json!(Desk::new().polyv), json!(Desk::new().polyv));
}
