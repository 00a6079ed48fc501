//! Grants to play and of copyright.

use super::*;

const DEAD: &str = "wx000000000000dead";
const SUBJECT: &str = "91330106MA2CEXAMP7";

#[test]
fn dramas_are_granted_one_by_one_under_an_outer_success() {
    let (mut desk, drama_id) = Desk::with_drama();
    desk.verdict("错嫁", Ruling::Reject, "");
    let rejected = desk.drama("错嫁豪门");
    let grant = |appid| json!({ "authorized_appid": appid, "drama_id": [drama_id, 1, rejected] });
    let reply = desk.ok("authorize_drama", grant(GUEST));
    assert_eq!(codes(&reply), [0, 10093030, 10093011]);
    // The platform's sample says nothing of a drama that went well.
    assert_eq!(reply["result"][0], json!({ "drama_id": drama_id, "errcode": 0 }));
    assert_eq!(reply["result"][1]["errmsg"], "resource not exist");
    assert_eq!(codes(&desk.ok("authorize_drama", grant(DEAD))), [10090038; 3]);
    assert_eq!(desk.ok("get_authorize_objects", json!({}))["total_count"], 1);
}

#[test]
fn a_grant_goes_to_another_mini_program_for_seven_days_at_least() {
    let (mut desk, drama_id) = Desk::with_drama();
    let grant = |appid, end| json!({ "authorized_appid": appid, "drama_id": [drama_id], "authz_expire_time": end });
    assert_eq!(desk.refused("authorize_drama", grant(GUEST, NOW + 7 * DAY - 1)), 47003);
    assert_eq!(desk.refused("authorize_drama", grant(ME, 0)), 47003);
    assert_eq!(desk.refused("authorize_drama", grant("wx12", 0)), 10093014);
    desk.ok("authorize_drama", grant(GUEST, NOW + 7 * DAY));
    desk.ok("authorize_drama", grant(GUEST, NOW + 8 * DAY));
    let list = desk.ok("get_authorize_objects", json!({ "drama_id": drama_id, "authorized_appid": GUEST }));
    assert_eq!(list["objects"][0]["authz_expire_time"], NOW + 8 * DAY);
    assert_eq!(list["total_count"], 1);
    desk.now += 8 * DAY;
    assert_eq!(desk.ok("get_authorize_objects", json!({}))["total_count"], 0);
}

#[test]
fn a_second_revoke_and_a_revoke_of_nothing_have_codes_of_their_own() {
    let (mut desk, drama_id) = Desk::with_drama();
    let pair = json!({ "authorized_appid": GUEST, "drama_id": [drama_id] });
    assert_eq!(codes(&desk.ok("deauthorize_drama", pair.clone())), [10090043]);
    desk.ok("authorize_drama", pair.clone());
    assert_eq!(codes(&desk.ok("deauthorize_drama", pair.clone())), [0]);
    assert_eq!(codes(&desk.ok("deauthorize_drama", pair.clone())), [10090039]);
    desk.ok("authorize_drama", pair.clone());
    assert_eq!(codes(&desk.ok("deauthorize_drama", pair)), [0]);
}

#[test]
fn both_sides_see_a_grant_page_by_page() {
    let mut desk = Desk::new();
    let ids = ["甲", "乙", "丙"].map(|name| desk.drama(name));
    desk.ok("authorize_drama", json!({ "authorized_appid": GUEST, "drama_id": ids }));
    let page = desk.ok("get_authorize_objects", json!({ "offset": 2, "limit": 2 }));
    assert_eq!((&page["total_count"], page["objects"].as_array().map(Vec::len)), (&json!(3), Some(1)));
    desk.caller = GUEST;
    let received = desk.ok("get_authorized_objects", json!({ "authorizer_appid": ME, "limit": 2 }));
    assert_eq!((&received["total_count"], &received["objects"][0]["authorizer_appid"]), (&json!(3), &json!(ME)));
    assert_eq!(desk.ok("get_authorized_objects", json!({ "authorizer_appid": DEAD }))["total_count"], 0);
}

#[test]
fn an_account_grant_opens_every_drama_until_it_is_revoked() {
    let (mut desk, drama_id) = Desk::with_drama();
    let link = json!({ "media_id": desk.episodes(drama_id)[0], "t": NOW + 600 });
    let grant = |appid, end| json!({ "authorized_appid": appid, "authz_expire_time": end });
    assert_eq!(desk.refused("authorize_app", grant(DEAD, 0)), 10090038);
    assert_eq!(desk.refused("authorize_app", grant(GUEST, NOW)), 47003);
    desk.ok("authorize_app", grant(GUEST, 0));
    assert_eq!(desk.ok("get_authorize_apps", json!({}))["objects"][0]["authorized_appid"], GUEST);
    desk.caller = GUEST;
    assert_eq!(desk.ok("get_authorized_apps", json!({}))["objects"][0]["authorizer_appid"], ME);
    desk.ok("get_media_link", link);
    desk.caller = ME;
    desk.ok("deauthorize_app", json!({ "authorized_appid": GUEST }));
    assert_eq!(desk.refused("deauthorize_app", json!({ "authorized_appid": GUEST })), 10090039);
    assert_eq!(desk.refused("deauthorize_app", json!({ "authorized_appid": DEAD })), 10090043);
}

#[test]
fn copyright_is_granted_to_mini_programs_and_to_subjects() {
    let (mut desk, drama_id) = Desk::with_drama();
    let app = json!({ "authorization_type": 2, "authorized_appid": GUEST, "drama_ids": [drama_id, 1] });
    let subject = json!({
        "authorization_type": 1, "authorized_subject_cert_no": SUBJECT, "drama_ids": [drama_id],
        "expire_time": NOW + 30 * DAY,
    });
    let reply = desk.ok("authorize_copyright", app.clone());
    assert_eq!(codes(&reply), [0, 10093030]);
    assert_eq!(reply["result"][0], json!({ "drama_id": drama_id, "errcode": 0, "errmsg": "ok" }));
    assert_eq!(codes(&desk.ok("authorize_copyright", subject)), [0]);
    assert_eq!(desk.ok("get_copyright_authorization_list", json!({ "drama_id": drama_id }))["total_count"], 2);
    let filter = json!({ "authorization_type": 1, "authorized_subject_cert_no": SUBJECT });
    let list = desk.ok("get_copyright_authorization_list", filter);
    assert_eq!(list["list"][0]["expire_time"], NOW + 30 * DAY);
    desk.caller = GUEST;
    assert_eq!(desk.ok("get_copyright_authorized_list", json!({ "authorizer_appid": ME }))["total_count"], 1);
    desk.caller = ME;
    assert_eq!(codes(&desk.ok("deauthorize_copyright", app.clone())), [0, 10090043]);
    assert_eq!(codes(&desk.ok("deauthorize_copyright", app)), [10090039, 10090043]);
}

#[test]
fn copyright_needs_a_grantee_of_its_type_and_a_protected_drama() {
    let mut desk = Desk::new();
    let media = desk.media("归来记 - 第1集");
    let mut fields = first("归来记", &[media]);
    fields["copyright"] = json!({ "apply_for_copyright_protection": 0 });
    let drama_id = desk.ok("audit_drama", fields)["drama_id"].clone();
    let grant = |kind, appid| json!({ "authorization_type": kind, "authorized_appid": appid, "drama_ids": [drama_id] });
    assert_eq!(codes(&desk.ok("authorize_copyright", grant(2, GUEST))), [10093011]);
    assert_eq!(codes(&desk.ok("authorize_copyright", grant(2, DEAD))), [10090038]);
    assert_eq!(desk.refused("authorize_copyright", grant(1, GUEST)), 47003);
    let mut soon = grant(2, GUEST);
    soon["expire_time"] = json!(NOW + DAY);
    assert_eq!(desk.refused("authorize_copyright", soon), 47003);
}
