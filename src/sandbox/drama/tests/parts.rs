//! Videos sent in parts.

use super::*;

const PART: u64 = 5 * 1024 * 1024;

fn apply(desk: &mut Desk, cover: bool) -> String {
    let mut fields = json!({ "media_name": "归来记 - 第3集", "media_type": "MP4" });
    if cover {
        fields["cover_type"] = "JPG".into();
    }
    desk.ok("apply_upload", fields)["upload_id"].as_str().unwrap().to_string()
}

/// A form's numbers come as text.
fn part(upload_id: &str, number: i64, kind: i64, size: u64) -> Value {
    json!({ "upload_id": upload_id, "part_number": number.to_string(), "resource_type": kind.to_string(), "data": size })
}

fn put(desk: &mut Desk, upload_id: &str, number: i64, kind: i64, size: u64) -> String {
    desk.ok("upload_part", part(upload_id, number, kind, size))["etag"].as_str().unwrap().to_string()
}

fn list(etags: &[&str]) -> Value {
    etags.iter().zip(1..).map(|(etag, number)| json!({ "part_number": number, "etag": etag })).collect()
}

fn commit(upload_id: &str, etags: &[&str]) -> Value {
    json!({ "upload_id": upload_id, "media_part_infos": list(etags) })
}

#[test]
fn parts_become_a_media_when_they_are_committed() {
    let mut desk = Desk::new();
    let id = apply(&mut desk, true);
    let second = put(&mut desk, &id, 2, 1, 1000);
    let first = put(&mut desk, &id, 1, 1, PART);
    let cover = put(&mut desk, &id, 1, 2, 500);
    let mut fields = commit(&id, &[&first, &second]);
    fields["cover_part_infos"] = list(&[&cover]);
    let media_id = desk.ok("commit_upload", fields.clone())["media_id"].as_i64().unwrap();
    let media = desk.media_info(media_id);
    assert_eq!((&media["file_size"], &media["name"]), (&(PART + 1000).to_string().into(), &json!("归来记 - 第3集")));
    assert_eq!(desk.refused("commit_upload", fields), 10093030);
}

#[test]
fn a_second_part_of_the_same_number_replaces_the_first() {
    let mut desk = Desk::new();
    let id = apply(&mut desk, false);
    let old = put(&mut desk, &id, 1, 1, 10);
    let new = put(&mut desk, &id, 1, 1, 20);
    assert_eq!(desk.refused("commit_upload", commit(&id, &[&old])), 47003);
    let media_id = desk.ok("commit_upload", commit(&id, &[&new]))["media_id"].as_i64().unwrap();
    assert_eq!(desk.media_info(media_id)["file_size"], "20");
}

#[test]
fn a_commit_names_every_part_in_order_with_its_etag() {
    let mut desk = Desk::new();
    let id = apply(&mut desk, false);
    let first = put(&mut desk, &id, 1, 1, PART);
    let second = put(&mut desk, &id, 2, 1, 10);
    let mut backwards = list(&[&first, &second]);
    backwards.as_array_mut().unwrap().reverse();
    for bad in [list(&[&first]), list(&[&second, &first]), list(&[&first, &second, &second]), backwards] {
        assert_eq!(desk.refused("commit_upload", json!({ "upload_id": id, "media_part_infos": bad })), 47003);
    }
    desk.ok("commit_upload", commit(&id, &[&first, &second]));
}

#[test]
fn an_etag_may_come_back_within_quotes() {
    let mut desk = Desk::new();
    let id = apply(&mut desk, false);
    let etag = put(&mut desk, &id, 1, 1, 10);
    assert_eq!(desk.refused("commit_upload", commit(&id, &[&format!("'{etag}'")])), 47003);
    desk.ok("commit_upload", commit(&id, &[&format!("\"{etag}\"")]));
}

#[test]
fn every_part_but_the_last_has_five_mebibytes() {
    let mut desk = Desk::new();
    let id = apply(&mut desk, false);
    let etags = [put(&mut desk, &id, 1, 1, PART - 1), put(&mut desk, &id, 2, 1, 10)];
    assert_eq!(desk.refused("commit_upload", commit(&id, &[&etags[0], &etags[1]])), 47003);
    assert_eq!(desk.refused("upload_part", part(&id, 1, 1, PART + 1)), 502);
}

#[test]
fn a_hundred_parts_make_five_hundred_megabytes() {
    let mut desk = Desk::new();
    let id = apply(&mut desk, false);
    let etags: Vec<String> = (1..=100).map(|number| put(&mut desk, &id, number, 1, PART)).collect();
    assert_eq!(desk.refused("upload_part", part(&id, 101, 1, PART)), 47003);
    let etags: Vec<&str> = etags.iter().map(String::as_str).collect();
    let media_id = desk.ok("commit_upload", commit(&id, &etags))["media_id"].as_i64().unwrap();
    assert_eq!(desk.media_info(media_id)["file_size"], (500_u64 << 20).to_string());
}

#[test]
fn a_gap_between_parts_is_refused() {
    let mut desk = Desk::new();
    let id = apply(&mut desk, false);
    let etags = [put(&mut desk, &id, 1, 1, PART), put(&mut desk, &id, 3, 1, 10)];
    assert_eq!(desk.refused("commit_upload", commit(&id, &[&etags[0], &etags[1]])), 47003);
}

#[test]
fn an_announced_cover_has_to_come_and_no_other() {
    let mut desk = Desk::new();
    let id = apply(&mut desk, true);
    let video = put(&mut desk, &id, 1, 1, 10);
    assert_eq!(desk.refused("commit_upload", commit(&id, &[&video])), 47003);
    let bare = apply(&mut desk, false);
    assert_eq!(desk.refused("upload_part", part(&bare, 1, 2, 10)), 47003);
}

#[test]
fn a_cover_has_ten_mebibytes_at_most() {
    let mut desk = Desk::new();
    let id = apply(&mut desk, true);
    let video = put(&mut desk, &id, 1, 1, 10);
    let mut cover =
        vec![put(&mut desk, &id, 1, 2, PART), put(&mut desk, &id, 2, 2, PART), put(&mut desk, &id, 3, 2, 1)];
    let fields = |cover: &[String]| {
        let mut fields = commit(&id, &[&video]);
        fields["cover_part_infos"] = list(&cover.iter().map(String::as_str).collect::<Vec<_>>());
        fields
    };
    assert_eq!(desk.refused("commit_upload", fields(&cover)), 47003);
    // Without the third part it would fit, but parts cannot be taken back.
    cover.pop();
    assert_eq!(desk.refused("commit_upload", fields(&cover)), 47003);
}

#[test]
fn an_upload_is_given_up_after_seven_days() {
    let mut desk = Desk::new();
    let id = apply(&mut desk, false);
    desk.now += 7 * DAY - 1;
    let etag = put(&mut desk, &id, 1, 1, 10);
    desk.now += 1;
    assert_eq!(desk.refused("upload_part", part(&id, 2, 1, 10)), 10093030);
    assert_eq!(desk.refused("commit_upload", commit(&id, &[&etag])), 10093030);
}
