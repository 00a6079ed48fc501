//! Replaced episodes and changed basic info.

use super::*;

const REPLACEMENT: i64 = 2;
const BASIC_INFO: i64 = 3;

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
    desk.life.review_seconds = 60;
    desk.ok("submit_replace_medias", submission(drama_id, old, new));
    assert_eq!(desk.refused("replace_media", replacement(drama_id, old, new)), 10093011);
    assert_eq!(desk.media_status(new), 1);
    desk.now += 60;
    assert_eq!((desk.review(drama_id, REPLACEMENT)["status"].clone(), desk.media_status(new)), (json!(3), json!(3)));
    assert_eq!(desk.episodes(drama_id)[0], old);
    desk.ok("replace_media", replacement(drama_id, old, new));
    assert_eq!(desk.episodes(drama_id)[0], new);
    assert_eq!(desk.media_info(new)["drama_id"], drama_id);
    assert_eq!(desk.refused("replace_media", replacement(drama_id, old, new)), 10093030);
}

#[test]
fn links_of_a_replaced_episode_are_given_for_seven_days() {
    let (mut desk, drama_id, old, new) = replacing();
    desk.ok("submit_replace_medias", submission(drama_id, old, new));
    desk.ok("replace_media", replacement(drama_id, old, new));
    desk.ok("get_media_link", json!({ "media_id": old, "t": desk.now + 60 }));
    desk.now += 7 * DAY;
    assert_eq!(desk.refused("get_media_link", json!({ "media_id": old, "t": desk.now + 60 })), 10093011);
}

#[test]
fn an_approval_is_void_after_seven_days_and_can_be_asked_for_again() {
    let (mut desk, drama_id, old, new) = replacing();
    desk.ok("submit_replace_medias", submission(drama_id, old, new));
    desk.now += 7 * DAY + 1;
    assert_eq!(desk.refused("replace_media", replacement(drama_id, old, new)), 10093011);
    desk.ok("submit_replace_medias", submission(drama_id, old, new));
    desk.ok("replace_media", replacement(drama_id, old, new));
}

#[test]
fn an_approval_outlives_the_next_submission() {
    let (mut desk, drama_id, old, new) = replacing();
    let [_, second] = desk.episodes(drama_id)[..] else { panic!("two episodes") };
    desk.ok("submit_replace_medias", submission(drama_id, old, new));
    desk.life.review_seconds = 60;
    let other = desk.media("归来记 - 第2集 新");
    desk.ok("submit_replace_medias", submission(drama_id, second, other));
    assert_eq!(desk.refused("submit_replace_medias", submission(drama_id, second, other)), 10093011);
    desk.ok("replace_media", replacement(drama_id, old, new));
    assert_eq!(desk.refused("replace_media", replacement(drama_id, second, other)), 10093011);
}

#[test]
fn what_is_to_become_an_episode_is_in_use() {
    let (mut desk, drama_id, old, new) = replacing();
    desk.ok("submit_replace_medias", submission(drama_id, old, new));
    assert_eq!(desk.refused("audit_drama", first("又一部", &[new])), 10090040);
    assert_eq!(desk.refused("delete_media", json!({ "media_id": new })), 10090040);
    desk.now += 7 * DAY + 1;
    desk.ok("delete_media", json!({ "media_id": new }));
}

#[test]
fn a_rejected_replacement_cannot_be_carried_out() {
    let (mut desk, drama_id, old, new) = replacing();
    desk.verdict("第1集 新", Ruling::Reject, "片头缺失");
    desk.ok("submit_replace_medias", submission(drama_id, old, new));
    assert_eq!(desk.media_info(new)["audit_detail"]["reason"], "片头缺失");
    assert_eq!(desk.review(drama_id, REPLACEMENT)["status"], 2);
    assert_eq!(desk.refused("replace_media", replacement(drama_id, old, new)), 10093030);
    assert_eq!(desk.status(drama_id), 3);
    desk.ok("delete_media", json!({ "media_id": new }));
}

fn description(desk: &mut Desk, drama_id: i64) -> Value {
    desk.ok("get_drama", json!({ "drama_id": drama_id }))["drama_info"]["description"].clone()
}

#[test]
fn basic_info_changes_when_its_review_has_passed() {
    let (mut desk, drama_id) = Desk::with_drama();
    desk.life.review_seconds = 60;
    let modify = json!({ "drama_id": drama_id, "description": "新的简介。" });
    desk.ok("modify_basic_info", modify.clone());
    assert_eq!(desk.refused("modify_basic_info", modify), 10093011);
    assert_eq!(description(&mut desk, drama_id), "一个故事。");
    desk.now += 60;
    assert_eq!(description(&mut desk, drama_id), "新的简介。");
    assert_eq!(desk.status(drama_id), 3);
    desk.verdict(&drama_id.to_string(), Ruling::Reject, "");
    desk.ok("modify_basic_info", json!({ "drama_id": drama_id, "description": "更新的简介。" }));
    desk.now += 60;
    assert_eq!(description(&mut desk, drama_id), "新的简介。");
    assert_eq!(desk.review(drama_id, BASIC_INFO)["status"], 2);
}

#[test]
fn an_old_drama_changes_its_qualification_once() {
    let mut desk = Desk::new();
    desk.now = 1_716_739_199; // the last second before 2024-05-27 in China
    let old = desk.drama("归来记");
    desk.now += 1;
    let new = desk.drama("归来记二");
    let modify = |drama_id: i64| {
        json!({
            "drama_id": drama_id, "qualification_type": 2, "cost_of_production": 20,
            "cost_commitment_letter_material_id": "MAT_COST"
        })
    };
    assert_eq!(desk.refused("modify_basic_info", modify(new)), 47003);
    desk.ok("modify_basic_info", modify(old));
    assert_eq!(desk.refused("modify_basic_info", modify(old)), 47003);
}

#[test]
fn who_applies_for_protection_names_the_producer_and_proves_the_production() {
    let (mut desk, drama_id) = Desk::with_drama();
    let apply = |more: Value| {
        let copyright =
            json!({ "copyright_role": 1, "apply_for_copyright_protection": 1, "copyright_verification": "1" });
        let mut fields = json!({ "drama_id": drama_id, "copyright": copyright });
        fields["producer"] = more["producer"].clone();
        fields["copyright"]["proof_of_production"] = more["proof"].clone();
        fields
    };
    assert_eq!(desk.refused("modify_basic_info", apply(json!({ "proof": ["MAT_1"] }))), 47003);
    assert_eq!(desk.refused("modify_basic_info", apply(json!({ "producer": "示例影业" }))), 47003);
    desk.ok("modify_basic_info", apply(json!({ "producer": "示例影业", "proof": ["MAT_1"] })));
}
