//! Replaced episodes and changed basic info.

use super::*;

/// A passed drama and a new media for its first episode.
fn replacing() -> (Desk, i64, i64, i64) {
    let (mut desk, drama_id) = Desk::with_drama();
    let old = desk.episodes(drama_id)[0];
    let new = desk.media("归来记 - 第1集 新");
    (desk, drama_id, old, new)
}

fn submission(drama_id: i64, old: i64, new: i64) -> Value {
    json!({ "drama_id": drama_id, "replace_media_list": [{ "old": old, "new": new }] })
}

fn replacement(drama_id: i64, old: i64, new: i64) -> Value {
    json!({ "drama_id": drama_id, "old_media_id": old, "new_media_id": new })
}

#[test]
fn an_approved_replacement_goes_live_by_a_second_call() {
    let (mut desk, drama_id, old, new) = replacing();
    desk.ok("submit_replace_medias", submission(drama_id, old, new));
    assert_eq!(desk.refused("replace_media", replacement(drama_id, old, new)), 10093011);
    let kind = json!({ "drama_id": drama_id, "audit_type": 2 });
    assert_eq!(desk.ok("get_latest_audit_info", kind)["audit_detail"]["status"], 3);
    assert_eq!(desk.episodes(drama_id)[0], old);
    desk.ok("replace_media", replacement(drama_id, old, new));
    assert_eq!(desk.episodes(drama_id)[0], new);
    assert_eq!(desk.refused("replace_media", replacement(drama_id, old, new)), 10093030);
}

#[test]
fn links_of_a_replaced_episode_are_given_for_seven_days() {
    let (mut desk, drama_id, old, new) = replacing();
    desk.ok("submit_replace_medias", submission(drama_id, old, new));
    desk.episodes(drama_id);
    desk.ok("replace_media", replacement(drama_id, old, new));
    desk.ok("get_media_link", json!({ "media_id": old, "t": desk.now + 60 }));
    desk.now += 7 * DAY;
    assert_eq!(desk.refused("get_media_link", json!({ "media_id": old, "t": desk.now + 60 })), 10093011);
}

#[test]
fn an_approval_is_void_after_seven_days() {
    let (mut desk, drama_id, old, new) = replacing();
    desk.ok("submit_replace_medias", submission(drama_id, old, new));
    desk.episodes(drama_id);
    desk.now += 7 * DAY + 1;
    assert_eq!(desk.refused("replace_media", replacement(drama_id, old, new)), 10093011);
}

#[test]
fn a_replacement_needs_an_episode_and_a_free_media() {
    let (mut desk, drama_id, old, new) = replacing();
    assert_eq!(desk.refused("submit_replace_medias", submission(drama_id, new, old)), 10093030);
    assert_eq!(desk.refused("submit_replace_medias", submission(drama_id, old, 1)), 10093030);
    assert_eq!(desk.refused("submit_replace_medias", submission(drama_id, old, old)), 10090040);
    desk.ok("submit_replace_medias", submission(drama_id, old, new));
    assert_eq!(desk.refused("submit_replace_medias", submission(drama_id, old, new)), 10093011);
}

#[test]
fn a_rejected_replacement_cannot_be_carried_out() {
    let (mut desk, drama_id, old, _) = replacing();
    let bad = desk.media("归来记 - 第1集 驳回");
    desk.ok("submit_replace_medias", submission(drama_id, old, bad));
    assert_eq!(desk.media_status(bad), 2);
    assert_eq!(desk.refused("replace_media", replacement(drama_id, old, bad)), 10093011);
    assert_eq!(desk.status(drama_id), 3);
}

#[test]
fn basic_info_changes_when_its_review_has_passed() {
    let (mut desk, drama_id) = Desk::with_drama();
    desk.dramas.review_seconds = 60;
    let modify = json!({ "drama_id": drama_id, "description": "新的简介。" });
    desk.ok("modify_basic_info", modify.clone());
    assert_eq!(desk.refused("modify_basic_info", modify), 10093011);
    let description =
        |desk: &mut Desk| desk.ok("get_drama", json!({ "drama_id": drama_id }))["drama_info"]["description"].clone();
    assert_eq!(description(&mut desk), "一个故事。");
    desk.now += 60;
    assert_eq!(description(&mut desk), "新的简介。");
    desk.ok("modify_basic_info", json!({ "drama_id": drama_id, "description": "驳回" }));
    desk.now += 60;
    assert_eq!(description(&mut desk), "新的简介。");
}

#[test]
fn a_change_needs_a_passed_drama_and_what_it_applies_for() {
    let mut desk = Desk::new();
    let rejected = desk.drama("归来记（驳回）");
    desk.status(rejected);
    assert_eq!(desk.refused("modify_basic_info", json!({ "drama_id": rejected })), 10093011);
    assert_eq!(desk.refused("submit_replace_medias", submission(rejected, 1, 2)), 10093011);
    let (mut desk, drama_id) = Desk::with_drama();
    assert_eq!(desk.refused("modify_basic_info", json!({ "drama_id": drama_id, "qualification_type": 1 })), 47003);
    let copyright = json!({ "copyright_role": 1, "apply_for_copyright_protection": 1 });
    assert_eq!(desk.refused("modify_basic_info", json!({ "drama_id": drama_id, "copyright": copyright })), 47003);
    assert_eq!(desk.refused("modify_basic_info", json!({ "drama_id": 1 })), 10093030);
}
