//! A new video is transcoded and reviewed by the clock.

use super::*;
use crate::sandbox::life::{Ruling, Verdict};

fn verdict(about: &str, result: Ruling) -> Verdict {
    Verdict { about: about.into(), result, reason: String::new(), times: None }
}

#[test]
fn nothing_takes_time_unless_it_is_said() {
    let mut desk = Desk::new();
    let vid = desk.upload("第1集", "1");
    assert_eq!(desk.basic(&vid)["status"], 61);
    let fields = json!({ "fileUrl": "https://media.example.org/01.mp4", "title": "新1" });
    desk.data("v2_grab_upload", fields);
    let found = desk.data("list_video", json!({ "title": "新1" }));
    assert_eq!(found["contents"][0]["basicInfo"]["status"], 61);
}

#[test]
fn a_video_waits_is_transcoded_and_reviewed_before_it_is_published() {
    let mut desk = Desk::new();
    desk.life.transcode_seconds = 60;
    desk.life.review_seconds = 30;
    let vid = desk.upload("第1集", "1");
    for (after, status) in [(0, 10), (29, 10), (30, 20), (59, 20), (60, 50), (89, 50), (90, 61)] {
        desk.now = NOW + after;
        assert_eq!(desk.basic(&vid)["status"], status, "after {after} s");
        let info = desk.data("get_video_info", json!({ "vids": vid, "filter": "transcodeInfo" }));
        assert_eq!(rows(&info[0]["transcodeInfos"]).is_empty(), status != 61);
        assert_eq!(desk.message(&vid)["mp4"].is_string(), status == 61);
    }
}

#[test]
fn reviewers_may_reject_a_video() {
    let mut desk = Desk::new();
    desk.life.verdicts =
        vec![verdict("违规", Ruling::Reject), verdict("补充", Ruling::Refill), verdict("好", Ruling::Pass)];
    for (title, status) in [("违规的一集", 51), ("补充的一集", 51), ("好的一集", 61), ("其他", 61)] {
        let vid = desk.upload(title, "1");
        assert_eq!(desk.basic(&vid)["status"], status, "{title}");
    }
    let rejected = desk.data("list_video", json!({ "status": "51" }));
    assert_eq!(rejected["totalItems"], 2);
    let vid = rejected["contents"][0]["vid"].clone();
    assert_eq!(desk.refused("v2_set_forbidden", json!({ "vids": vid, "forbidden": 0 })), 400);
}

#[test]
fn a_video_that_was_deleted_in_review_comes_back_published() {
    let mut desk = Desk::new();
    desk.life.review_seconds = 60;
    let vid = desk.upload("第1集", "1");
    desk.data("delete_video", json!({ "vid": vid }));
    desk.now += 60;
    desk.data("v2_recover_videos", json!({ "vids": vid }));
    assert_eq!(desk.basic(&vid)["status"], 61);
}
