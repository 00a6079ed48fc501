//! What happens by itself, and what is told of it.

use super::*;

/// Each event so far: when, its name without `secvod_`, and what it says.
fn told(desk: &mut Desk) -> Vec<(i64, String, Value)> {
    desk.settle();
    let short = |event: Event| {
        assert_eq!(event.to, ME);
        let name = event.name.strip_prefix("secvod_").expect("an event of dramas").to_owned();
        (event.time - NOW, name.clone(), event.fields[&name].clone())
    };
    std::mem::take(&mut desk.events).into_iter().map(short).collect()
}

#[test]
fn an_upload_is_told_when_the_video_can_be_played() {
    let mut desk = Desk::new();
    desk.life.transcode_seconds = 30;
    let fields = json!({
        "media_name": "归来记 - 第1集", "media_type": "MP4", "media_data": 1000, "source_context": "job-17"
    });
    let media_id = desk.ok("single_file_upload", fields)["media_id"].as_i64().unwrap();
    assert_eq!((desk.media_info(media_id)["mp4_url"].clone(), told(&mut desk)), (json!(""), vec![]));
    desk.now += 30;
    let event = json!({ "media_id": media_id, "source_context": "job-17", "errcode": 0, "errmsg": "OK" });
    assert_eq!(told(&mut desk), [(30, "upload_event".into(), event)]);
    assert_ne!(desk.media_info(media_id)["mp4_url"], "");
}

#[test]
fn an_upload_in_parts_carries_its_context_too() {
    let mut desk = Desk::new();
    let apply = json!({ "media_name": "归来记 - 第3集", "media_type": "MP4", "source_context": "job-19" });
    let upload_id = desk.ok("apply_upload", apply)["upload_id"].clone();
    let part = json!({ "upload_id": upload_id, "part_number": 1, "resource_type": 1, "data": 10 });
    let etag = desk.ok("upload_part", part)["etag"].clone();
    let parts = json!([{ "part_number": 1, "etag": etag }]);
    let media_id =
        desk.ok("commit_upload", json!({ "upload_id": upload_id, "media_part_infos": parts }))["media_id"].clone();
    let event = json!({ "media_id": media_id, "source_context": "job-19", "errcode": 0, "errmsg": "OK" });
    assert_eq!(told(&mut desk), [(0, "upload_event".into(), event)]);
}

#[test]
fn a_fetched_video_is_told_after_its_transcoding_and_a_lost_one_at_once() {
    let mut desk = Desk::new();
    (desk.life.pull_seconds, desk.life.transcode_seconds) = (40, 9);
    for url in ["https://media.example.org/1.m3u8", "https://media.example.org/not-found"] {
        desk.ok("pull_upload", json!({ "media_name": "归来记 - 第2集", "media_url": url, "source_context": "job-18" }));
    }
    desk.now += DAY;
    let lost = json!({ "media_id": 0, "source_context": "job-18", "errcode": 10093011, "errmsg": "download failed" });
    let stored = json!({ "media_id": 910_001, "source_context": "job-18", "errcode": 0, "errmsg": "OK" });
    assert_eq!(told(&mut desk), [(40, "upload_event".into(), lost), (49, "upload_event".into(), stored)]);
}

#[test]
fn a_deleted_video_is_not_told() {
    let mut desk = Desk::new();
    desk.life.transcode_seconds = 30;
    let media_id = desk.media("归来记 - 第1集");
    desk.ok("delete_media", json!({ "media_id": media_id }));
    desk.now += 30;
    assert_eq!(told(&mut desk), []);
}

#[test]
fn a_video_has_no_link_before_it_can_be_played() {
    let mut desk = Desk::new();
    desk.life.transcode_seconds = 30;
    let drama_id = desk.drama("归来记");
    assert_eq!(desk.status(drama_id), 3);
    let link = json!({ "media_id": desk.episodes(drama_id)[0], "t": NOW + 600 });
    assert_eq!(desk.refused("get_media_link", link.clone()), 10093011);
    desk.now += 30;
    desk.ok("get_media_link", link);
}

/// What is told of a review that took a minute.
fn reviewed(drama_id: i64, audit_type: i64, status: i64, submitted: i64) -> (i64, String, Value) {
    let (create_time, audit_time) = (NOW + submitted, NOW + submitted + 60);
    let detail = json!({
        "status": status, "create_time": create_time, "audit_time": audit_time, "audit_type": audit_type
    });
    (submitted + 60, "audit_event".into(), json!({ "drama_id": drama_id, "audit_detail": detail }))
}

#[test]
fn every_kind_of_review_is_told_when_it_ends() {
    let mut desk = Desk::new();
    desk.life.review_seconds = 60;
    desk.life.verdicts =
        vec![Verdict { about: "归来记".into(), result: Ruling::Refill, reason: String::new(), times: Some(1) }];
    let drama_id = desk.drama("归来记");
    desk.now += 100;
    desk.ok("audit_drama", json!({ "drama_id": drama_id }));
    desk.now += 100;
    let new = desk.media("归来记 - 第1集 新");
    desk.verdict("第1集 新", Ruling::Reject, "");
    let pair = json!([{ "old": desk.episodes(drama_id)[0], "new": new }]);
    desk.ok("submit_replace_medias", json!({ "drama_id": drama_id, "replace_media_list": pair }));
    desk.now += 10;
    desk.ok("modify_basic_info", json!({ "drama_id": drama_id, "description": "新的简介。" }));
    desk.now += DAY;
    let audits: Vec<_> = told(&mut desk).into_iter().filter(|(_, name, _)| name == "audit_event").collect();
    let expected = [(0, 4, 0), (1, 3, 100), (2, 2, 200), (3, 3, 210)];
    assert_eq!(audits, expected.map(|(kind, status, moment)| reviewed(drama_id, kind, status, moment)));
}

#[test]
fn what_is_due_happens_in_the_order_of_time_however_far_the_clock_moves() {
    let mut desk = Desk::new();
    (desk.life.review_seconds, desk.life.pull_seconds) = (500, 1000);
    desk.ok("pull_upload", json!({ "media_name": "归来记 - 第9集", "media_url": "https://a.example/9.mp4" }));
    let drama_id = desk.drama("归来记");
    desk.life.review_seconds = 5; // for what is submitted from now on
    desk.now += 10;
    let second = desk.drama("她从雪中来");
    desk.now += 60 * DAY;
    let events = told(&mut desk);
    let seen: Vec<_> = events.iter().map(|(time, _, fields)| (*time, fields["drama_id"].as_i64())).collect();
    const UPLOADS: usize = 4;
    assert!(seen[..UPLOADS].iter().all(|(time, drama_id)| *time <= 10 && drama_id.is_none()));
    assert_eq!(seen[UPLOADS..], [(15, Some(second)), (500, Some(drama_id)), (1000, None)]);
}

#[test]
fn a_verdict_counts_as_often_as_it_says() {
    let mut desk = Desk::new();
    desk.life.verdicts =
        vec![Verdict { about: "310046".into(), result: Ruling::Reject, reason: "缺少授权".into(), times: Some(1) }];
    let [other, drama_id] = ["归来记", "她从雪中来"].map(|name| desk.drama(name));
    assert_eq!((desk.status(other), desk.status(drama_id)), (json!(3), json!(2)));
    assert_eq!(desk.media_info(910_003)["audit_detail"]["reason"], "缺少授权");
    desk.ok("audit_drama", json!({ "drama_id": drama_id }));
    assert_eq!(desk.status(drama_id), 3);
    assert_eq!(desk.media_info(910_003)["audit_detail"]["reason"], "");
}
