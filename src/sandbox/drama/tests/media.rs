//! Lists, links and deletion of media.

use super::*;

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
    assert_eq!(names(&mut desk, json!({ "media_name_fuzzy": "第1" })).len(), 2);
    assert_eq!(names(&mut desk, json!({ "drama_id": drama_id })).len(), 2);
    assert_eq!(names(&mut desk, json!({ "start_time": NOW, "end_time": NOW + 100 })).len(), 2);
    assert_eq!(names(&mut desk, json!({ "start_time": NOW + 1 })), ["归来记 - 第10集"]);
    assert_eq!(names(&mut desk, json!({ "offset": 1, "limit": 1 })), ["归来记 - 第2集"]);
    desk.caller = GUEST;
    assert!(names(&mut desk, json!({})).is_empty());
}

#[test]
fn a_media_is_deleted_once_and_not_while_it_is_an_episode() {
    let (mut desk, drama_id) = Desk::with_drama();
    let media_id = desk.media("花絮 - 第1集");
    desk.ok("delete_media", json!({ "media_id": media_id }));
    assert_eq!(desk.refused("delete_media", json!({ "media_id": media_id })), 10093030);
    let episode = desk.episodes(drama_id)[0];
    assert_eq!(desk.refused("delete_media", json!({ "media_id": episode })), 10090040);
    desk.caller = GUEST;
    assert_eq!(desk.refused("get_media", json!({ "media_id": episode })), 10093030);
}

#[test]
fn a_link_is_for_episodes_of_passed_dramas_only() {
    let mut desk = Desk::new();
    desk.dramas.review_seconds = 60;
    let drama_id = desk.drama("归来记");
    let link = json!({ "media_id": desk.episodes(drama_id)[0], "t": NOW + 600, "us": "ch01", "expr": 1 });
    assert_eq!(desk.refused("get_media_link", link.clone()), 10093011);
    desk.now += 60;
    let url = desk.ok("get_media_link", link)["media_info"]["mp4_url"].to_string();
    assert!(url.contains("us=ch01-") && url.contains("expr=1"), "{url}");
}

#[test]
fn a_link_lives_two_hours_at_most_and_a_trial_is_no_longer_than_the_video() {
    let (mut desk, drama_id) = Desk::with_drama();
    let media_id = desk.episodes(drama_id)[0];
    for bad in [
        json!({ "t": NOW + 7201 }),
        json!({ "t": NOW }),
        json!({ "t": NOW + 60, "expr": 2 }),
        json!({ "t": NOW + 60, "rlimit": 10 }),
        json!({ "t": NOW + 60, "whref": "https://a.com" }),
        json!({ "t": NOW + 60, "bkref": "a,b,c,d,e,f,g,h,i,j,k" }),
    ] {
        let mut link = bad;
        link["media_id"] = media_id.into();
        assert_eq!(desk.refused("get_media_link", link.clone()), 47003, "{link}");
    }
    assert_eq!(desk.refused("get_media_link", json!({ "media_id": 1, "t": NOW + 60 })), 10093030);
}

#[test]
fn a_grantee_gets_links_too() {
    let (mut desk, drama_id) = Desk::with_drama();
    let link = json!({ "media_id": desk.episodes(drama_id)[0], "t": NOW + 600 });
    desk.caller = GUEST;
    assert_eq!(desk.refused("get_media_link", link.clone()), 10093030);
    desk.caller = ME;
    desk.ok("authorize_drama", json!({ "authorized_appid": GUEST, "drama_id": [drama_id] }));
    desk.caller = GUEST;
    desk.ok("get_media_link", link);
}

#[test]
fn a_misfit_gets_the_code_of_its_field() {
    assert_eq!(Dramas::misfit("drama.single_file_upload", "media_type"), 10090001);
    assert_eq!(Dramas::misfit("drama.apply_upload", "cover_type"), 10090002);
    assert_eq!(Dramas::misfit("drama.upload_part", "resource_type"), 10090005);
    assert_eq!(Dramas::misfit("drama.single_file_upload", "media_name"), 10090042);
    assert_eq!(Dramas::misfit("drama.audit_drama", "name"), 10090041);
    assert_eq!(Dramas::misfit("drama.audit_drama", "actor_list.actor[0].name"), 47003);
    assert_eq!(Dramas::misfit("drama_player.publish", "list"), 2);
}
