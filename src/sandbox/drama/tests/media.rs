//! Lists and deletion of media.

use super::*;
use crate::sandbox::drama::media::{self, Media};

fn names(desk: &mut Desk, fields: Value) -> Vec<String> {
    let list = desk.ok("list_media", fields)["media_info_list"].as_array().unwrap().clone();
    list.iter().map(|row| row["name"].as_str().unwrap().to_string()).collect()
}

#[test]
fn a_list_is_filtered_by_name_drama_and_time() {
    let (mut desk, drama_id) = Desk::with_drama();
    desk.now += 100;
    desk.media("归来记 - 第10集");
    assert_eq!(names(&mut desk, json!({ "media_name": "归来记 - 第1" })).len(), 0);
    assert_eq!(names(&mut desk, json!({ "media_name": "归来记 - 第1%" })).len(), 2);
    assert_eq!(names(&mut desk, json!({ "media_name": "%第1集" })), ["归来记 - 第1集"]);
    assert_eq!(names(&mut desk, json!({ "media_name": "%第1%" })).len(), 2);
    assert_eq!(names(&mut desk, json!({ "media_name_fuzzy": "第1" })).len(), 2);
    assert_eq!(names(&mut desk, json!({ "drama_id": drama_id })).len(), 2);
    assert_eq!(names(&mut desk, json!({ "drama_id": drama_id, "media_name": "%第2%" })), ["归来记 - 第2集"]);
    assert_eq!(names(&mut desk, json!({ "start_time": NOW, "end_time": NOW + 100 })).len(), 2);
    assert_eq!(names(&mut desk, json!({ "start_time": NOW + 1 })), ["归来记 - 第10集"]);
    assert_eq!(names(&mut desk, json!({ "offset": 1, "limit": 1 })), ["归来记 - 第2集"]);
    assert!(names(&mut desk, json!({ "offset": 3 })).is_empty());
    desk.caller = GUEST;
    assert!(names(&mut desk, json!({})).is_empty());
    assert!(names(&mut desk, json!({ "drama_id": drama_id })).is_empty());
}

#[test]
fn the_size_of_a_file_is_a_string_of_digits() {
    let mut desk = Desk::new();
    let media_id = desk.media("归来记 - 第1集");
    assert_eq!(desk.media_info(media_id)["file_size"], "1000");
    assert_eq!(desk.ok("list_media", json!({}))["media_info_list"][0]["file_size"], "1000");
}

#[test]
fn a_media_is_deleted_once_and_not_while_it_is_an_episode() {
    let (mut desk, drama_id) = Desk::with_drama();
    let media_id = desk.media("花絮 - 第1集");
    desk.ok("delete_media", json!({ "media_id": media_id }));
    assert_eq!(desk.refused("delete_media", json!({ "media_id": media_id })), 10093030);
    let episode = desk.episodes(drama_id)[0];
    assert_eq!(desk.refused("delete_media", json!({ "media_id": episode })), 10090040);
    // Its id is not given again.
    assert_eq!(desk.media("花絮 - 第2集"), media_id + 1);
}

#[test]
fn two_hundred_thousand_media_fit_and_are_listed_to_their_end() {
    const MANY: i64 = 200_000;
    assert!(size_of::<Media>() <= 136, "{} bytes", size_of::<Media>());
    let mut desk = Desk::new();
    for number in 0..MANY {
        let media = Media { name: format!("剧{number} - 第1集").into(), size: 1000, ..Media::default() };
        media::add(&mut desk.dramas, ME, media);
    }
    assert_eq!(names(&mut desk, json!({ "offset": MANY - 1 })), [format!("剧{} - 第1集", MANY - 1)]);
    assert!(names(&mut desk, json!({ "offset": MANY })).is_empty());
}
