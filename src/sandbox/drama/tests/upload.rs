//! Videos sent whole, in parts, or fetched.

use super::*;

const PART: usize = 5 * 1024 * 1024;

fn apply(desk: &mut Desk, cover: bool) -> String {
    let mut fields = json!({ "media_name": "归来记 - 第3集", "media_type": "MP4" });
    if cover {
        fields["cover_type"] = "JPG".into();
    }
    desk.ok("apply_upload", fields)["upload_id"].as_str().unwrap().to_string()
}

/// A form's numbers come as text.
fn part(upload_id: &str, number: i64, kind: i64) -> Value {
    json!({ "upload_id": upload_id, "part_number": number.to_string(), "resource_type": kind.to_string() })
}

fn put(desk: &mut Desk, upload_id: &str, number: i64, kind: i64, size: usize) -> String {
    let data = vec![number as u8; size];
    let reply = desk.ok_with("upload_part", part(upload_id, number, kind), &[("data", data)]);
    reply["etag"].as_str().unwrap().to_string()
}

fn list(etags: &[&str]) -> Value {
    etags.iter().zip(1..).map(|(etag, number)| json!({ "part_number": number, "etag": etag })).collect()
}

#[test]
fn a_small_video_gets_its_id_at_once() {
    let mut desk = Desk::new();
    assert_eq!(desk.media("归来记 - 第1集"), 910_001);
    let media = desk.ok("get_media", json!({ "media_id": 910_001 }));
    assert_eq!(media["media_info"]["file_size"], "1000");
}

#[test]
fn a_media_name_has_a_drama_and_an_episode() {
    let mut desk = Desk::new();
    let apply = |name| json!({ "media_name": name, "media_type": "MP4" });
    assert_eq!(desk.refused("apply_upload", apply("归来记第1集")), 10090042);
    assert_eq!(desk.refused("apply_upload", apply("归来记 - ")), 10090042);
    assert_eq!(desk.refused("apply_upload", apply(" - 第1集")), 10090041);
    assert_eq!(desk.refused("apply_upload", apply("归来<记> - 第1集")), 10090041);
}

#[test]
fn a_video_without_bytes_a_cover_without_type_and_a_large_video_are_refused() {
    let mut desk = Desk::new();
    let fields = json!({ "media_name": "归来记 - 第1集", "media_type": "MP4" });
    let mut send = |files: &[(&str, Vec<u8>)]| desk.send("single_file_upload", fields.clone(), files).unwrap_err().code;
    assert_eq!(send(&[]), 47003);
    assert_eq!(send(&[("media_data", vec![1]), ("cover_data", vec![1])]), 10090002);
    assert_eq!(send(&[("media_data", vec![1; 2 * PART])]), 502);
}

#[test]
fn parts_become_a_media_when_they_are_committed() {
    let mut desk = Desk::new();
    let id = apply(&mut desk, true);
    let second = put(&mut desk, &id, 2, 1, 1000);
    let first = put(&mut desk, &id, 1, 1, PART);
    let cover = put(&mut desk, &id, 1, 2, 500);
    let commit = json!({
        "upload_id": id, "media_part_infos": list(&[&first, &second]), "cover_part_infos": list(&[&cover])
    });
    let media_id = desk.ok("commit_upload", commit.clone())["media_id"].clone();
    let media = desk.ok("get_media", json!({ "media_id": media_id }));
    assert_eq!(media["media_info"]["file_size"], (PART + 1000).to_string());
    assert_eq!(desk.refused("commit_upload", commit), 10093030);
}

#[test]
fn a_second_part_of_the_same_number_replaces_the_first() {
    let mut desk = Desk::new();
    let id = apply(&mut desk, false);
    let old = put(&mut desk, &id, 1, 1, 10);
    let new = put(&mut desk, &id, 1, 1, 20);
    assert_eq!(desk.refused("commit_upload", json!({ "upload_id": id, "media_part_infos": list(&[&old]) })), 47003);
    desk.ok("commit_upload", json!({ "upload_id": id, "media_part_infos": list(&[&new]) }));
}

#[test]
fn a_commit_names_every_part_in_order_with_its_etag() {
    let mut desk = Desk::new();
    let id = apply(&mut desk, false);
    let first = put(&mut desk, &id, 1, 1, PART);
    let second = put(&mut desk, &id, 2, 1, 10);
    let quoted = format!("\"{second}\"");
    let mut backwards = list(&[&first, &second]);
    backwards.as_array_mut().unwrap().reverse();
    for bad in [list(&[&first]), list(&[&second, &first]), list(&[&first, &quoted]), backwards] {
        assert_eq!(desk.refused("commit_upload", json!({ "upload_id": id, "media_part_infos": bad })), 47003);
    }
    desk.ok("commit_upload", json!({ "upload_id": id, "media_part_infos": list(&[&first, &second]) }));
}

#[test]
fn every_part_but_the_last_has_five_mebibytes() {
    let mut desk = Desk::new();
    let id = apply(&mut desk, false);
    let etags = [put(&mut desk, &id, 1, 1, PART - 1), put(&mut desk, &id, 2, 1, 10)];
    let commit = json!({ "upload_id": id, "media_part_infos": list(&[&etags[0], &etags[1]]) });
    assert_eq!(desk.refused("commit_upload", commit), 47003);
    let large = desk.send("upload_part", part(&id, 1, 1), &[("data", vec![0; PART + 1])]);
    assert_eq!(large.unwrap_err().code, 502);
}

#[test]
fn a_gap_between_parts_is_refused() {
    let mut desk = Desk::new();
    let id = apply(&mut desk, false);
    let etags = [put(&mut desk, &id, 1, 1, PART), put(&mut desk, &id, 3, 1, 10)];
    let commit = json!({ "upload_id": id, "media_part_infos": list(&[&etags[0], &etags[1]]) });
    assert_eq!(desk.refused("commit_upload", commit), 47003);
}

#[test]
fn an_announced_cover_has_to_come_and_no_other() {
    let mut desk = Desk::new();
    let id = apply(&mut desk, true);
    let video = put(&mut desk, &id, 1, 1, 10);
    assert_eq!(desk.refused("commit_upload", json!({ "upload_id": id, "media_part_infos": list(&[&video]) })), 47003);
    let bare = apply(&mut desk, false);
    let data = [("data", vec![1])];
    assert_eq!(desk.send("upload_part", part(&bare, 1, 2), &data).unwrap_err().code, 47003);
}

#[test]
fn a_part_has_a_known_upload_a_kind_a_number_and_bytes() {
    let mut desk = Desk::new();
    let id = apply(&mut desk, false);
    let data = [("data", vec![1])];
    let mut send = |fields, files: &[(&str, Vec<u8>)]| desk.send("upload_part", fields, files).unwrap_err().code;
    assert_eq!(send(part("up-other", 1, 1), &data), 10093030);
    assert_eq!(send(part(&id, 3, 3), &data), 10090005);
    assert_eq!(send(part(&id, 101, 1), &data), 47003);
    assert_eq!(send(part(&id, 1, 1), &[]), 47003);
    desk.caller = GUEST;
    assert_eq!(desk.send("upload_part", part(&id, 1, 1), &data).unwrap_err().code, 10093030);
}

#[test]
fn a_fetched_video_is_there_when_its_task_is_done() {
    let mut desk = Desk::new();
    desk.dramas.pull_seconds = 40;
    let pull = json!({ "media_name": "归来记 - 第2集", "media_url": "https://media.example.org/gl/02.mp4" });
    let task = json!({ "task_id": desk.ok("pull_upload", pull)["task_id"] });
    assert_eq!(desk.ok("get_task", task.clone())["task_info"]["status"], 1);
    desk.now += 20;
    assert_eq!(desk.ok("get_task", task.clone())["task_info"]["status"], 2);
    assert_eq!(desk.ok("list_media", json!({}))["media_info_list"], json!([]));
    desk.now += 20;
    let done = desk.ok("get_task", task)["task_info"].clone();
    assert_eq!((&done["status"], &done["finish_time"]), (&json!(3), &json!(NOW + 40)));
    desk.ok("get_media", json!({ "media_id": done["media_id"] }));
}

#[test]
fn a_url_that_leads_nowhere_fails_the_task() {
    let mut desk = Desk::new();
    let pull = |url, cover| json!({ "media_name": "归来记 - 第2集", "media_url": url, "cover_url": cover });
    let failing = desk.ok("pull_upload", pull("https://media.example.org/not-found.mp4", "http://a/b.jpg"));
    let task = desk.ok("get_task", json!({ "task_id": failing["task_id"] }))["task_info"].clone();
    assert_eq!((&task["status"], &task["errcode"]), (&json!(4), &json!(10093011)));
    assert_eq!(desk.refused("pull_upload", pull("ftp://media.example.org/1.mp4", "http://a/b.jpg")), 47003);
    assert_eq!(desk.refused("pull_upload", pull("https://media.example.org/1.mp4", "b.jpg")), 10090003);
    assert_eq!(desk.refused("get_task", json!({ "task_id": 1 })), 10093030);
}
