//! Videos sent whole, or fetched.

use super::*;

#[test]
fn a_small_video_gets_its_id_at_once() {
    let mut desk = Desk::new();
    assert_eq!(desk.media("归来记 - 第1集"), 910_001);
    let media = desk.media_info(910_001);
    assert_eq!((&media["name"], &media["audit_detail"]["status"]), (&json!("归来记 - 第1集"), &json!(0)));
}

#[test]
fn a_media_name_has_a_drama_and_an_episode() {
    let mut desk = Desk::new();
    for (name, code) in [
        ("归来记第1集", 10090042),
        ("归来记 - ", 10090042),
        ("归来记 - 第1集?", 10090042),
        (" - 第1集", 10090041),
        ("归来<记> - 第1集", 10090041),
    ] {
        assert_eq!(desk.refused("apply_upload", json!({ "media_name": name, "media_type": "MP4" })), code, "{name}");
    }
}

#[test]
fn a_small_video_has_less_than_ten_megabytes() {
    let mut desk = Desk::new();
    let fields = |size: u64| json!({ "media_name": "归来记 - 第1集", "media_type": "MP4", "media_data": size });
    desk.ok("single_file_upload", fields((10 << 20) - 1));
    assert_eq!(desk.refused("single_file_upload", fields(10 << 20)), 502);
    assert_eq!(desk.refused("single_file_upload", fields(100 << 20)), 502);
}

#[test]
fn a_fetched_video_is_there_when_its_task_is_done() {
    let mut desk = Desk::new();
    desk.life.pull_seconds = 40;
    let pull = json!({ "media_name": "归来记 - 第2集", "media_url": "https://media.example.org/gl/02.mp4" });
    let task = json!({ "task_id": desk.ok("pull_upload", pull)["task_id"] });
    desk.life.pull_seconds = 3600; // for what is begun from now on
    assert_eq!(desk.ok("get_task", task.clone())["task_info"]["status"], 1);
    desk.now += 20;
    assert_eq!(desk.ok("get_task", task.clone())["task_info"]["status"], 2);
    assert_eq!(desk.ok("list_media", json!({}))["media_info_list"], json!([]));
    desk.now += 50;
    let done = desk.ok("get_task", task)["task_info"].clone();
    assert_eq!((&done["status"], &done["finish_time"]), (&json!(3), &json!(NOW + 40)));
    assert_eq!(desk.media_info(done["media_id"].as_i64().unwrap())["create_time"], NOW + 40);
}

#[test]
fn a_url_that_leads_nowhere_fails_the_task() {
    let mut desk = Desk::new();
    let pull = json!({ "media_name": "归来记 - 第2集", "media_url": "https://media.example.org/not-found.mp4" });
    let failing = desk.ok("pull_upload", pull);
    let task = desk.ok("get_task", json!({ "task_id": failing["task_id"] }))["task_info"].clone();
    assert_eq!((&task["status"], &task["errcode"]), (&json!(4), &json!(10093011)));
    assert_eq!(desk.ok("list_media", json!({}))["media_info_list"], json!([]));
}
