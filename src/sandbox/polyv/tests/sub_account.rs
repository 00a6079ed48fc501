//! What a sub-account may do.

use super::*;
use crate::sandbox::polyv::library::SubAccount;

#[track_caller]
fn assert_refused(desk: &mut Desk, operation: &str, code: i64, outer: i64) {
    let fields = json!({ "vid": VID, "vids": VID, "cateId": SWEET, "cateName": "甜", "name": "甜" });
    let refusal = desk.refusal(operation, fields);
    let reply = envelope::refusal(&endpoint(operation).operation, refusal, "");
    assert_eq!((&reply["code"], &reply["error"]["code"]), (&json!(outer), &json!(code)), "{operation}");
}

const WRITES: [&str; 7] = [
    "update_info",
    "delete_video",
    "update_video_category",
    "add_category",
    "update_category",
    "delete_category",
    "update_category_profile",
];
const READS: [&str; 3] = ["list_video", "get_video_info", "get_category"];

#[test]
fn a_sub_account_that_is_gone_or_has_expired_does_nothing() {
    let mut desk = Desk::new();
    for (standing, code, outer) in [(SubAccount::Deleted, 102, 400), (SubAccount::Expired, 103, 403)] {
        desk.library().sub_account = standing;
        for operation in WRITES.iter().chain(&READS) {
            assert_refused(&mut desk, operation, code, outer);
        }
        desk.data("v2_get_video", json!({ "vid": VID }));
    }
}

#[test]
fn a_sub_account_without_rights_only_reads() {
    let mut desk = Desk::new();
    desk.library().sub_account = SubAccount::ReadOnly;
    for operation in WRITES {
        assert_refused(&mut desk, operation, 105, 403);
    }
    assert_eq!(desk.basic(VID)["title"], "第1集 归来");
    desk.data("list_video", json!({}));
    desk.data("get_category", json!({ "cateId": SWEET }));
    desk.data("create_play_token", json!({ "videoId": VID, "ts": NOW * 1000, "viewerId": "u-1" }));
    desk.data("v2_update_info", json!({ "vid": VID, "title": "归来" }));
}
