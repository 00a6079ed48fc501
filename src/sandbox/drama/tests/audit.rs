//! First and further submissions of a drama.

use super::*;

#[test]
fn a_drama_passes_at_the_first_reading_and_its_episodes_with_it() {
    let mut desk = Desk::new();
    desk.dramas.review_seconds = 60;
    let drama_id = desk.drama("归来记");
    assert_eq!(drama_id, 310_045);
    let episode = desk.episodes(drama_id)[0];
    assert_eq!((desk.status(drama_id), desk.media_status(episode)), (json!(1), json!(1)));
    desk.now += 60;
    assert_eq!((desk.status(drama_id), desk.media_status(episode)), (json!(3), json!(3)));
    let info = desk.ok("list_dramas", json!({}))["drama_info_list"][0].clone();
    assert_eq!((&info["status"], &info["audit_detail"]["audit_time"]), (&json!(0), &json!(NOW + 60)));
}

#[test]
fn an_episode_belongs_to_one_drama() {
    let (mut desk, drama_id) = Desk::with_drama();
    let used = desk.episodes(drama_id)[0];
    assert_eq!(desk.refused("audit_drama", first("又一部", &[used])), 10090040);
    assert_eq!(desk.refused("audit_drama", first("又一部", &[999])), 10093030);
}

#[test]
fn a_first_submission_counts_its_episodes_and_brings_what_its_type_needs() {
    let mut desk = Desk::new();
    let media = desk.media("归来记 - 第1集");
    let with = |field: &str, value: Value| {
        let mut fields = first("归来记", &[media]);
        fields[field] = value;
        fields
    };
    assert_eq!(desk.refused("audit_drama", with("media_count", json!(2))), 47003);
    assert_eq!(desk.refused("audit_drama", with("media_id_list", json!([media, media]))), 47003);
    assert_eq!(desk.refused("audit_drama", with("qualification_type", json!(1))), 47003);
    assert_eq!(desk.refused("audit_drama", with("qualification_type", json!(2))), 47003);
    assert_eq!(desk.refused("audit_drama", with("drama_type", json!(2))), 47003);
    let proof = json!({ "apply_for_copyright_protection": 1, "copyright_verification": "1" });
    assert_eq!(desk.refused("audit_drama", with("copyright", proof)), 47003);
    assert_eq!(desk.refused("audit_drama", with("name", json!("归来/记"))), 10090041);
}

#[test]
fn five_dramas_a_day_are_expedited() {
    let mut desk = Desk::new();
    let expedited = |desk: &mut Desk, number: i64| {
        let media = desk.media(&format!("剧{number} - 第1集"));
        let mut fields = first(&format!("剧{number}"), &[media]);
        fields["expedited"] = json!(1);
        fields
    };
    for number in 0..5 {
        let fields = expedited(&mut desk, number);
        desk.ok("audit_drama", fields);
    }
    let sixth = expedited(&mut desk, 6);
    assert_eq!(desk.refused("audit_drama", sixth.clone()), 10093023);
    desk.now += DAY;
    desk.ok("audit_drama", sixth);
}

#[test]
fn a_refill_is_sent_again_with_the_failed_episode_exchanged() {
    let mut desk = Desk::new();
    let drama_id = desk.drama("归来记（补充）");
    assert_eq!(desk.status(drama_id), 4);
    let episodes = desk.episodes(drama_id);
    assert_eq!((desk.media_status(episodes[0]), desk.media_status(episodes[1])), (json!(4), json!(3)));
    let new = desk.media("归来记 - 第1集 新");
    let replace = |old| json!({ "drama_id": drama_id, "replace_media_list": [{ "old": old, "new": new }] });
    assert_eq!(desk.refused("audit_drama", replace(1)), 10093030);
    desk.ok("audit_drama", replace(episodes[0]));
    assert_eq!(desk.episodes(drama_id), [new, episodes[1]]);
    assert_eq!(desk.status(drama_id), 3);
    desk.ok("delete_media", json!({ "media_id": episodes[0] }));
    let kind = |audit_type| json!({ "drama_id": drama_id, "audit_type": audit_type });
    assert_eq!(desk.ok("get_latest_audit_info", kind(0))["audit_detail"]["status"], 4);
    assert_eq!(desk.ok("get_latest_audit_info", kind(1))["audit_detail"]["status"], 3);
    assert_eq!(desk.refused("get_latest_audit_info", kind(2)), 10093030);
}

#[test]
fn a_rejected_drama_passes_under_another_name() {
    let mut desk = Desk::new();
    let drama_id = desk.drama("归来记（驳回）");
    assert_eq!(desk.status(drama_id), 2);
    let episode = desk.episodes(drama_id)[0];
    let media = desk.ok("get_media", json!({ "media_id": episode }));
    assert_ne!(media["media_info"]["audit_detail"]["reason"], "");
    assert_eq!(desk.refused("audit_drama", json!({ "drama_id": drama_id, "media_count": 3 })), 47003);
    desk.ok("audit_drama", json!({ "drama_id": drama_id, "name": "归来记", "media_count": 2 }));
    assert_eq!(desk.status(drama_id), 3);
}

#[test]
fn a_drama_in_review_or_passed_is_not_submitted_again() {
    let mut desk = Desk::new();
    let drama_id = desk.drama("归来记");
    assert_eq!(desk.refused("audit_drama", json!({ "drama_id": drama_id })), 10093011);
    assert_eq!(desk.status(drama_id), 3);
    assert_eq!(desk.refused("audit_drama", json!({ "drama_id": drama_id })), 10093011);
    assert_eq!(desk.refused("audit_drama", json!({ "drama_id": 1 })), 10093030);
    desk.caller = GUEST;
    assert_eq!(desk.refused("get_drama", json!({ "drama_id": drama_id })), 10093030);
}
