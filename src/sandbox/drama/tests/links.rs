//! Links: for viewers, and for the back office.

use super::*;

#[test]
fn a_link_is_for_episodes_of_passed_dramas_only() {
    let mut desk = Desk::new();
    desk.life.review_seconds = 60;
    let drama_id = desk.drama("归来记");
    let link = json!({ "media_id": desk.episodes(drama_id)[0], "t": NOW + 600, "us": "ch01", "expr": 1, "rlimit": 3 });
    assert_eq!(desk.refused("get_media_link", link.clone()), 10093011);
    desk.now += 60;
    let url = desk.ok("get_media_link", link)["media_info"]["mp4_url"].to_string();
    assert!(["us=ch01-", "&expr=1", "&rlimit=3"].iter().all(|part| url.contains(part)), "{url}");
}

#[test]
fn a_passed_episode_of_a_rejected_drama_has_no_link() {
    let mut desk = Desk::new();
    desk.verdict("第2集", Ruling::Reject, "");
    let drama_id = desk.drama("归来记");
    let episode = desk.episodes(drama_id)[0];
    assert_eq!(desk.media_status(episode), 3);
    assert_eq!(desk.refused("get_media_link", json!({ "media_id": episode, "t": NOW + 600 })), 10093011);
}

#[test]
fn a_link_lives_two_hours_at_most_and_a_trial_is_no_longer_than_the_video() {
    let (mut desk, drama_id) = Desk::with_drama();
    let media_id = desk.episodes(drama_id)[0];
    for (bad, code) in [
        (json!({ "t": NOW + 7201 }), 47003),
        (json!({ "t": NOW }), 47003),
        (json!({ "t": NOW + 60, "expr": 2 }), 47003),
        (json!({ "t": NOW + 60, "exper": 2 }), 47003),
        (json!({ "t": NOW + 60, "rlimit": 10 }), 47003),
        (json!({ "t": NOW + 60, "whref": "https://a.com" }), 10093014),
        (json!({ "t": NOW + 60, "bkref": "a,b,c,d,e,f,g,h,i,j,k" }), 10093014),
    ] {
        let mut link = bad;
        link["media_id"] = media_id.into();
        assert_eq!(desk.refused("get_media_link", link.clone()), code, "{link}");
    }
    desk.ok("get_media_link", json!({ "media_id": media_id, "t": NOW + 7200, "whref": "a.com,*.b.com" }));
}

#[test]
fn a_grantee_gets_links_until_the_grant_ends() {
    let (mut desk, drama_id) = Desk::with_drama();
    let link = |desk: &Desk| json!({ "media_id": 910_001, "t": desk.now + 600 });
    desk.caller = GUEST;
    let fields = link(&desk);
    assert_eq!(desk.refused("get_media_link", fields), 10093030);
    desk.caller = ME;
    let until = NOW + 7 * DAY;
    let grant = json!({ "authorized_appid": GUEST, "drama_id": [drama_id], "authz_expire_time": until });
    desk.ok("authorize_drama", grant);
    desk.caller = GUEST;
    desk.now = until - 1;
    let fields = link(&desk);
    desk.ok("get_media_link", fields);
    desk.now = until;
    let fields = link(&desk);
    assert_eq!(desk.refused("get_media_link", fields), 10093030);
}

#[test]
fn a_drama_that_was_taken_down_has_no_links() {
    let (mut desk, drama_id) = Desk::with_drama();
    desk.dramas.dramas.get_mut(&drama_id).unwrap().taken_down = true;
    assert_eq!(desk.ok("get_drama", json!({ "drama_id": drama_id }))["drama_info"]["status"], 3);
    assert_eq!(desk.refused("get_media_link", json!({ "media_id": 910_001, "t": NOW + 600 })), 10093011);
}

#[test]
fn links_for_the_back_office_are_others_on_another_day() {
    let (mut desk, _) = Desk::with_drama();
    let urls =
        |desk: &mut Desk| ["cover_url", "original_url", "mp4_url"].map(|field| desk.media_info(910_001)[field].clone());
    let today = urls(&mut desk);
    desk.now += DAY - 1;
    assert_eq!(urls(&mut desk), today);
    desk.now += 1;
    assert!(urls(&mut desk).iter().zip(&today).all(|(tomorrow, today)| tomorrow != today));
}
