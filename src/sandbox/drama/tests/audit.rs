//! First and further submissions of a drama.

use super::*;

#[test]
fn a_drama_passes_after_its_time_and_its_episodes_with_it() {
    let mut desk = Desk::new();
    desk.life.review_seconds = 60;
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
fn dramas_are_listed_page_by_page_to_their_owner() {
    let mut desk = Desk::new();
    let ids = ["甲", "乙", "丙"].map(|name| desk.drama(name));
    let listed = |desk: &mut Desk, fields| {
        let list = desk.ok("list_dramas", fields)["drama_info_list"].as_array().unwrap().clone();
        list.iter().map(|row| row["drama_id"].as_i64().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(listed(&mut desk, json!({})), ids);
    assert_eq!(listed(&mut desk, json!({ "offset": 2, "limit": 2 })), ids[2..]);
    assert_eq!(listed(&mut desk, json!({ "offset": 3 })), ids[3..]);
    desk.caller = GUEST;
    assert!(listed(&mut desk, json!({})).is_empty());
}

#[test]
fn an_episode_belongs_to_one_drama() {
    let (mut desk, drama_id) = Desk::with_drama();
    let used = desk.episodes(drama_id)[0];
    assert_eq!(desk.media_info(used)["drama_id"], drama_id);
    assert_eq!(desk.refused("audit_drama", first("又一部", &[used])), 10090040);
}

#[test]
fn a_first_submission_counts_its_episodes_and_brings_what_its_type_needs() {
    let mut desk = Desk::new();
    let media = desk.media("归来记 - 第1集");
    let proof = json!({ "apply_for_copyright_protection": 1, "copyright_verification": "1" });
    for (field, value) in [
        ("media_count", json!(2)),
        ("media_id_list", json!([media, media])),
        ("qualification_type", json!(1)),
        ("qualification_type", json!(2)),
        ("publish_license", json!("V1234")),
        ("drama_type", json!(2)),
        ("copyright", proof),
    ] {
        let mut fields = first("归来记", &[media]);
        fields[field] = value;
        assert_eq!(desk.refused("audit_drama", fields), 47003, "{field}");
    }
    desk.ok("audit_drama", first("归来记", &[media]));
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
    let drama_id = desk.ok("audit_drama", sixth)["drama_id"].clone();
    assert_eq!(desk.ok("get_drama", json!({ "drama_id": drama_id }))["drama_info"]["expedited"], 1);
}

#[test]
fn a_refill_is_sent_again_with_the_failed_episode_exchanged() {
    let mut desk = Desk::new();
    desk.life.verdicts =
        vec![Verdict { about: "归来记".into(), result: Ruling::Refill, reason: "补拍".into(), times: Some(1) }];
    let drama_id = desk.drama("归来记");
    assert_eq!(desk.status(drama_id), 4);
    let episodes = desk.episodes(drama_id);
    assert_eq!((desk.media_status(episodes[0]), desk.media_status(episodes[1])), (json!(4), json!(3)));
    assert_eq!(desk.media_info(episodes[0])["audit_detail"]["reason"], "补拍");
    let new = desk.media("归来记 - 第1集 新");
    let replace = |old| json!({ "drama_id": drama_id, "replace_media_list": [{ "old": old, "new": new }] });
    assert_eq!(desk.refused("audit_drama", replace(1)), 10093030);
    desk.ok("audit_drama", replace(episodes[0]));
    assert_eq!(desk.episodes(drama_id), [new, episodes[1]]);
    assert_eq!((desk.status(drama_id), desk.media_status(new)), (json!(3), json!(3)));
    desk.ok("delete_media", json!({ "media_id": episodes[0] }));
    assert_eq!(desk.review(drama_id, 0)["status"], 4);
    assert_eq!(desk.review(drama_id, 1)["status"], 3);
}

#[test]
fn a_rejected_drama_is_reviewed_again_by_its_new_name_and_its_episodes() {
    let mut desk = Desk::new();
    desk.verdict("错嫁", Ruling::Reject, "");
    let drama_id = desk.drama("错嫁豪门");
    assert_eq!(desk.status(drama_id), 2);
    let episode = desk.episodes(drama_id)[0];
    assert_ne!(desk.media_info(episode)["audit_detail"]["reason"], "");
    assert_eq!(desk.refused("audit_drama", json!({ "drama_id": drama_id, "media_count": 3 })), 47003);
    assert_eq!(desk.refused("audit_drama", json!({ "drama_id": drama_id, "drama_type": 2 })), 47003);
    desk.ok("audit_drama", json!({ "drama_id": drama_id, "name": "嫁入豪门", "media_count": 2 }));
    // Its episodes kept their names, so one of them is rejected.
    assert_eq!(desk.status(drama_id), 2);
    desk.life.verdicts.clear();
    desk.ok("audit_drama", json!({ "drama_id": drama_id }));
    assert_eq!(desk.status(drama_id), 3);
}

#[test]
fn one_rejected_episode_rejects_its_drama() {
    let mut desk = Desk::new();
    desk.verdict("第2集", Ruling::Reject, "画面模糊");
    let drama_id = desk.drama("归来记");
    assert_eq!(desk.status(drama_id), 2);
    let details: Vec<_> =
        desk.episodes(drama_id).into_iter().map(|id| desk.media_info(id)["audit_detail"].clone()).collect();
    assert_eq!((&details[0]["status"], &details[0]["reason"]), (&json!(3), &json!("")));
    assert_eq!((&details[1]["status"], &details[1]["reason"]), (&json!(2), &json!("画面模糊")));
    assert_eq!(details[1]["evidence_material_id_list"], json!(["EVIDENCE_910002"]));
}

#[test]
fn a_drama_in_review_or_passed_is_not_submitted_again() {
    let mut desk = Desk::new();
    desk.life.review_seconds = 60;
    let drama_id = desk.drama("归来记");
    assert_eq!(desk.refused("audit_drama", json!({ "drama_id": drama_id })), 10093011);
    desk.now += 60;
    assert_eq!(desk.refused("audit_drama", json!({ "drama_id": drama_id })), 10093011);
}
