//! Single videos: looking at them, changing them, deleting them.

use super::*;

#[test]
fn a_video_is_shown_in_the_blocks_that_are_asked_for() {
    let mut desk = Desk::new();
    let filter = "basicInfo,metaData,transcodeInfo,snapshotInfo";
    let all = desk.data("get_video_info", json!({ "vids": VID, "filter": filter }))[0].clone();
    assert_eq!((&all["basicInfo"]["title"], &all["basicInfo"]["status"]), (&json!("第1集 归来"), &json!(61)));
    assert_eq!(all["metaData"]["size"], 48_211_004);
    assert_eq!(all["transcodeInfos"][2]["definition"], "HD");
    assert_eq!(all["snapshotInfo"]["imageUrl"][0], "https://img.example.org/1_b.jpg");
    let usual = desk.data("get_video_info", json!({ "vids": VID }))[0].clone();
    assert_eq!(usual.as_object().unwrap().keys().collect::<Vec<_>>(), ["vid", "basicInfo"]);
    let vids = desk.vids();
    let both = desk.data("get_video_info", json!({ "vids": format!("{VID},{}", vids[0]) }));
    assert_eq!(rows(&both).len(), 2);
}

#[test]
fn a_video_that_is_not_there_is_invalid() {
    let mut desk = Desk::new();
    for operation in ["get_video_info", "update_info", "delete_video", "update_video_category"] {
        for vid in ["nope", ""] {
            let fields = json!({ "vid": vid, "vids": vid, "cateId": 1 });
            assert_eq!(desk.refused(operation, fields), 2000, "{operation} {vid:?}");
        }
        assert_eq!(desk.refused(operation, json!({})), 2000, "{operation}");
    }
    for operation in ["v2_get_video", "v2_update_info", "v2_get_play_status", "v2_move_videos"] {
        let refusal = desk.refusal(operation, json!({ "vid": "nope", "vids": "nope", "cataid": "1" }));
        assert_eq!(refusal.message, "invalid vid", "{operation}");
        let reply = envelope::refusal(&endpoint(operation).operation, refusal, "");
        assert_eq!(reply, json!({ "code": 400, "status": "error", "message": "invalid vid", "data": "" }));
    }
}

#[test]
fn what_is_sent_is_changed_and_the_rest_stays() {
    let mut desk = Desk::new();
    desk.now += 60;
    let fields = json!({ "vid": VID, "title": "归来", "tag": "短剧", "publishUrl": "https://www.example.org" });
    assert_eq!(desk.data("update_info", fields), Value::Null);
    let changed = desk.data("v2_update_info", json!({ "vid": VID, "describ": "第一集" }))[0].clone();
    assert_eq!(
        (&changed["title"], &changed["context"], &changed["tag"]),
        (&json!("归来"), &json!("第一集"), &json!("短剧"))
    );
    let basic = desk.basic(VID);
    assert_eq!((&basic["title"], &basic["description"]), (&json!("归来"), &json!("第一集")));
    assert_eq!(basic["updateTime"], "2025-01-01 08:01:00");
}

#[test]
fn what_is_still_uploaded_cannot_be_changed() {
    let mut desk = Desk::new();
    let fields = json!({ "title": "第9集", "filesize": 1000, "autoid": 1, "uploadType": "juben" });
    let vid = desk.data("v2_upload_init", fields)["vid"].clone();
    let refusal = desk.refusal("update_info", json!({ "vid": vid, "title": "归来" }));
    assert_eq!((refusal.code, refusal.message.as_str()), (3100, "上传中不允许修改"));
    let reply = envelope::refusal(&endpoint("update_info").operation, refusal, "");
    assert_eq!((&reply["code"], &reply["error"]["code"]), (&json!(400), &json!(3100)));
    assert_eq!(desk.refusal("v2_update_info", json!({ "vid": vid, "title": "归来" })).message, "上传中不允许修改");
}

#[test]
fn a_deleted_video_lies_in_the_recycle_bin_until_it_is_recovered() {
    let mut desk = Desk::new();
    let all = desk.vids().len();
    assert_eq!(desk.data("delete_video", json!({ "vid": VID })), Value::Null);
    assert_eq!(desk.refused("get_video_info", json!({ "vids": VID })), 2000);
    assert_eq!(desk.refused("delete_video", json!({ "vid": VID })), 2000);
    assert_eq!(desk.vids().len(), all - 1);
    let bin = desk.data("list_video", json!({ "status": "-1" }))["contents"].clone();
    assert_eq!((&bin[0]["vid"], &bin[0]["basicInfo"]["status"]), (&json!(VID), &json!(-1)));
    desk.now += 365 * DAY;
    assert_eq!(desk.data("v2_recover_videos", json!({ "vids": VID })), "");
    assert_eq!(desk.basic(VID)["status"], 61);
    assert_eq!(desk.refused("v2_recover_videos", json!({ "vids": VID })), 2000);
}

#[test]
fn one_wrong_vid_and_nothing_is_deleted_unless_it_is_to_be_ignored() {
    let mut desk = Desk::new();
    let vids = format!("{VID},nope,nada");
    assert_eq!(desk.refusal("v2_delete_videos", json!({ "vids": vids })).code, 400);
    assert_eq!(desk.basic(VID)["status"], 61);
    assert_eq!(desk.data("v2_delete_videos", json!({ "vids": vids, "ignoreInvalidVids": "Y" })), "nope,nada");
    assert_eq!(desk.refused("get_video_info", json!({ "vids": VID })), 2000);
}

#[test]
fn what_is_deleted_for_ever_does_not_come_back() {
    let mut desk = Desk::new();
    assert_eq!(desk.data("v2_delete_videos", json!({ "vids": VID, "deleteType": 2 })), "");
    assert_eq!(desk.refusal("v2_recover_videos", json!({ "vids": VID })).message, "invalid vid");
    assert_eq!(desk.refused("v2_delete_videos", json!({ "vids": VID, "deleteType": 2 })), 400);
    assert_eq!(desk.refused("v2_delete_videos", json!({ "vids": VID, "deleteType": 3 })), 400);
}

#[test]
fn a_call_names_some_videos_but_not_too_many() {
    let mut desk = Desk::new();
    for (operation, most, none, too_many) in [
        ("v2_delete_videos", 500, "delete vids is empty", "delete vids size can't greater than 500 once"),
        ("v2_recover_videos", 100, "vids can't be empty", "vids limits 100"),
        ("v2_set_forbidden", 500, "vids can't be empty", "vid count can't over 500"),
    ] {
        let mut message = |vids: &str| desk.refusal(operation, json!({ "vids": vids, "forbidden": 1 })).message;
        assert_eq!(message(&many(most + 1)), too_many);
        assert_ne!(message(&many(most)), too_many);
        assert_eq!((message(""), message(",")), (none.into(), none.into()));
        assert_eq!(desk.refusal(operation, json!({ "forbidden": 1 })).message, none);
    }
}

#[test]
fn only_published_videos_are_forbidden_and_only_forbidden_ones_allowed() {
    let mut desk = Desk::new();
    let set = |vids: &str, forbidden: i64| json!({ "vids": vids, "forbidden": forbidden });
    assert_eq!(desk.refused("v2_set_forbidden", set(VID, 0)), 400);
    assert_eq!(desk.data("v2_set_forbidden", set(&format!("{VID},nope"), 1)), "");
    assert_eq!(desk.basic(VID)["status"], 53);
    assert_eq!(desk.refused("v2_set_forbidden", set(VID, 1)), 400);
    assert_eq!(desk.data("v2_set_forbidden", set(VID, 0)), "");
    assert_eq!(desk.basic(VID)["status"], 61);
    assert_eq!(desk.refused("v2_set_forbidden", set(VID, 2)), 400);
    assert_eq!(desk.refused("v2_set_forbidden", json!({ "vids": VID })), 400);
}

#[test]
fn the_switch_of_authorised_playing_is_set_and_shown() {
    let mut desk = Desk::new();
    let shown = |desk: &mut Desk| desk.data("v2_get_play_status", json!({ "vid": VID }));
    assert_eq!(shown(&mut desk), "0");
    assert_eq!(desk.data("v2_set_play_status", json!({ "vids": format!("{VID},nope") })), 1);
    assert_eq!(shown(&mut desk), "1");
    let found = desk.data("v2_search_videos", json!({ "playAuthEnable": true, "title": VID }));
    assert_eq!(found["totalItems"], 1);
    desk.data("v2_set_play_status", json!({ "vids": VID, "playauth": 0 }));
    assert_eq!(shown(&mut desk), "0");
    for vids in ["", ","] {
        assert_eq!(desk.refused("v2_set_play_status", json!({ "vids": vids })), 401);
    }
    let refusal = desk.refusal("v2_set_play_status", json!({ "vids": "nope" }));
    let reply = envelope::refusal(&endpoint("v2_set_play_status").operation, refusal, "");
    assert_eq!((&reply["code"], &reply["message"]), (&json!(500), &json!("change failed")));
}

#[test]
fn a_cover_is_set_for_videos_or_for_categories() {
    let mut desk = Desk::new();
    let url = "http://img.example.org/new.jpg";
    assert_eq!(desk.data("v2_upload_cover_url", json!({ "vids": VID, "cataids": SWEET, "fileUrl": url })), "");
    assert_eq!(desk.basic(VID)["coverURL"], url);
    let sweet = desk.data("list_video", json!({ "cateId": SWEET }))["contents"][0]["vid"].clone();
    assert_ne!(desk.basic(&text(&sweet))["coverURL"], url, "the vids win");
    let image = Some(("image", video_file("cover.jpg", 9)));
    assert_eq!(desk.data_with("v2_upload_cover", json!({ "cataids": SWEET }), image), "");
    let cover = desk.basic(&text(&sweet))["coverURL"].clone();
    assert_eq!(cover, "https://img.example.org/0cc175b9c0f1b6a831c399e269772661.jpg");
    assert_eq!(desk.message(&text(&sweet))["first_image"], cover);
    let https = json!({ "vids": VID, "fileUrl": "https://img.example.org/new.jpg" });
    assert_eq!(desk.refused("v2_upload_cover_url", https), 400);
    assert_eq!(desk.refused("v2_upload_cover_url", json!({ "fileUrl": url })), 400);
    assert_eq!(desk.refused("v2_upload_cover_url", json!({ "vids": "nope", "fileUrl": url })), 400);
    let empty = Some(("image", video_file("cover.jpg", 0)));
    assert_eq!(desk.send("v2_upload_cover", json!({ "vids": VID }), empty).unwrap_err().message, "image is empty");
}

#[test]
fn videos_move_to_another_category_all_or_none() {
    let mut desk = Desk::new();
    assert_eq!(desk.data("update_video_category", json!({ "vids": VID, "cateId": SWEET })), Value::Null);
    assert_eq!(desk.basic(VID)["cateName"], "甜宠");
    assert_eq!(desk.data("v2_move_videos", json!({ "vids": VID, "cataid": DRAMAS })), true);
    assert_eq!(desk.message(VID)["cataname"], "短剧");
    assert_eq!(desk.refused("update_video_category", json!({ "vids": format!("{VID},nope"), "cateId": 1 })), 2000);
    assert_eq!(desk.refused("update_video_category", json!({ "vids": VID, "cateId": 99 })), 3001);
    assert_eq!(desk.refused("update_video_category", json!({ "vids": VID })), 3001);
    assert_eq!(desk.refusal("v2_move_videos", json!({ "vids": VID, "cataid": "99" })).message, "category not exist");
    assert_eq!(desk.basic(VID)["cateName"], "短剧");
}
