//! The error codes that the model answers, operation by operation.

use super::*;
use crate::catalog::{self, Catalog};
use crate::sandbox::endpoint::Endpoints;
use std::iter;

const DEAD: &str = "wx000000000000dead";
const SUBJECT: &str = "91330106MA2CEXAMP7";

/// Passed, under copyright protection; its episodes are 910001 and 910002. GUEST had grants of it.
const PASSED: i64 = 310_045;
/// Its episodes are 910003 and 910004.
const REJECTED: i64 = 310_046;
/// Passed, without protection; its episode is 910005.
const UNPROTECTED: i64 = 310_047;
/// Passed, and in the promotion plan.
const PROMOTED: i64 = 310_048;
/// No drama uses it.
const FREE: i64 = 910_007;
const NOBODY: i64 = 1;

/// A first submission that says it has no protection.
fn unprotected(name: &str, media: i64) -> Value {
    let mut fields = first(name, &[media]);
    fields["copyright"] = json!({ "apply_for_copyright_protection": 0 });
    fields
}

fn world() -> Desk {
    let (mut desk, _) = Desk::with_drama();
    desk.verdict("错嫁", Ruling::Reject, "");
    desk.drama("错嫁豪门");
    let media = desk.media("她从雪中来 - 全集");
    desk.ok("audit_drama", unprotected("她从雪中来", media));
    let large = json!({ "media_name": "保洁阿姨 - 全集", "media_type": "MP4", "media_data": 600_000 });
    let large = desk.ok("single_file_upload", large)["media_id"].as_i64().unwrap();
    desk.ok("audit_drama", first("保洁阿姨", &[large]));
    desk.ok("drama_player.process_promotion", plan(ME, PROMOTED, 1));
    assert_eq!(desk.media("花絮 - 第1集"), FREE);
    desk.ok("apply_upload", json!({ "media_name": "归来记 - 第3集", "media_type": "MP4" }));
    for (operation, fields) in
        [("app", app(GUEST)), ("drama", plays(GUEST, PASSED)), ("copyright", copyright(GUEST, PASSED))]
    {
        desk.ok(&format!("authorize_{operation}"), fields.clone());
        desk.ok(&format!("deauthorize_{operation}"), fields);
    }
    for number in 0..5 {
        let media = desk.media(&format!("加急{number} - 全集"));
        desk.ok("audit_drama", expedited(media));
    }
    desk
}

fn expedited(media: i64) -> Value {
    let mut fields = first("加急", &[media]);
    fields["expedited"] = json!(1);
    fields
}

fn app(grantee: &str) -> Value {
    json!({ "authorized_appid": grantee })
}

fn plays(grantee: &str, drama_id: i64) -> Value {
    json!({ "authorized_appid": grantee, "drama_id": [drama_id] })
}

fn copyright(grantee: &str, drama_id: i64) -> Value {
    json!({ "authorization_type": 2, "authorized_appid": grantee, "drama_ids": [drama_id] })
}

fn with(mut fields: Value, more: Value) -> Value {
    fields.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    fields
}

fn upload(name: &str) -> Value {
    json!({ "media_name": name, "media_type": "MP4", "media_data": 10 })
}

fn pull(name: &str, url: &str, cover: &str) -> Value {
    json!({ "media_name": name, "media_url": url, "cover_url": cover })
}

fn part(upload_id: &str, number: i64, kind: i64, size: u64) -> Value {
    json!({ "upload_id": upload_id, "part_number": number, "resource_type": kind, "data": size })
}

fn swap(drama_id: i64, old: i64, new: i64) -> Value {
    json!({ "drama_id": drama_id, "replace_media_list": [{ "old": old, "new": new }] })
}

fn plan(src_appid: &str, drama_id: i64, action: i64) -> Value {
    with(rows(src_appid, drama_id), json!({ "action_type": action }))
}

fn rows(src_appid: &str, drama_id: i64) -> Value {
    json!({ "entry_type": 1, "list": [{ "src_appid": src_appid, "drama_id": drama_id.to_string() }] })
}

fn no_number() -> Value {
    json!({ "entry_type": 1, "action_type": 1, "list": [{ "src_appid": ME, "drama_id": "x" }] })
}

const NAME: &str = "归来记 - 第3集";
const OPEN: &str = "up-7f31c0";
const URL: &str = "https://media.example.org/3.mp4";

/// An operation, the code that it answers, and the fields that make it do so.
type Case = (&'static str, i64, Value);

#[rustfmt::skip]
fn media_cases() -> Vec<Case> {
    let link = |media_id, t: i64| json!({ "media_id": media_id, "t": NOW + t });
    let parts = json!([{ "part_number": 1, "etag": "x" }]);
    vec![
        ("single_file_upload", 502, with(upload(NAME), json!({ "media_data": 10 << 20 }))),
        ("single_file_upload", 502, with(upload(NAME), json!({ "cover_data": 11 << 20, "cover_type": "JPG" }))),
        ("single_file_upload", 47003, with(upload(NAME), json!({ "media_data": 0 }))),
        ("single_file_upload", 10090002, with(upload(NAME), json!({ "cover_data": 1 }))),
        ("single_file_upload", 10090041, upload("归来/记 - 第3集")),
        ("single_file_upload", 10090042, upload("归来记第3集")),
        ("pull_upload", 10090003, pull(NAME, URL, "3.jpg")),
        ("pull_upload", 10090041, pull(" - 第3集", URL, "")),
        ("pull_upload", 10090042, pull("归来记", URL, "")),
        ("pull_upload", 10093014, pull(NAME, "ftp://media.example.org/3.mp4", "")),
        ("get_task", 10093030, json!({ "task_id": NOBODY })),
        ("apply_upload", 10090041, upload("归来/记 - 第3集")),
        ("apply_upload", 10090042, upload("归来记 - ")),
        ("upload_part", 502, part(OPEN, 1, 1, (5 << 20) + 1)),
        ("upload_part", 47003, part(OPEN, 101, 1, 10)),
        ("upload_part", 47003, part(OPEN, 1, 1, 0)),
        ("upload_part", 47003, part(OPEN, 1, 2, 10)),
        ("upload_part", 10090005, part(OPEN, 1, 3, 10)),
        ("upload_part", 10093030, part("up-other", 1, 1, 10)),
        ("commit_upload", 47003, json!({ "upload_id": OPEN, "media_part_infos": parts })),
        ("commit_upload", 10093030, json!({ "upload_id": "up-other", "media_part_infos": parts })),
        ("get_media", 10093030, json!({ "media_id": NOBODY })),
        ("get_media_link", 47003, link(910_001, 7201)),
        ("get_media_link", 10093011, link(910_003, 60)),
        ("get_media_link", 10093011, link(FREE, 60)),
        ("get_media_link", 10093014, with(link(910_001, 60), json!({ "whref": "http://a.com" }))),
        ("get_media_link", 10093030, link(NOBODY, 60)),
        ("delete_media", 10090040, json!({ "media_id": 910_001 })),
        ("delete_media", 10093030, json!({ "media_id": NOBODY })),
    ]
}

#[rustfmt::skip]
fn drama_cases() -> Vec<Case> {
    let live = |drama_id, old, new| json!({ "drama_id": drama_id, "old_media_id": old, "new_media_id": new });
    let span = |days: i64| json!({ "start_time": NOW - days * DAY, "end_time": NOW });
    vec![
        ("audit_drama", 47003, with(first("归来记二", &[FREE]), json!({ "media_count": 2 }))),
        ("audit_drama", 10090040, first("归来记二", &[910_001])),
        ("audit_drama", 10090041, first("归来/记", &[FREE])),
        ("audit_drama", 10093011, json!({ "drama_id": PASSED })),
        ("audit_drama", 10093023, expedited(FREE)),
        ("audit_drama", 10093030, first("归来记二", &[NOBODY])),
        ("audit_drama", 10093030, json!({ "drama_id": NOBODY })),
        ("get_drama", 10093030, json!({ "drama_id": NOBODY })),
        ("submit_replace_medias", 47003, with(swap(PASSED, 910_001, FREE), json!({
            "replace_media_list": [{ "old": 910_001, "new": FREE }, { "old": 910_002, "new": FREE }]
        }))),
        ("submit_replace_medias", 10090040, swap(PASSED, 910_001, 910_003)),
        ("submit_replace_medias", 10093011, swap(REJECTED, 910_003, FREE)),
        ("submit_replace_medias", 10093030, swap(PASSED, FREE, FREE)),
        ("submit_replace_medias", 10093030, swap(PASSED, 910_001, NOBODY)),
        ("replace_media", 10093011, live(REJECTED, 910_003, FREE)),
        ("replace_media", 10093030, live(PASSED, 910_001, FREE)),
        ("modify_basic_info", 47003, json!({ "drama_id": PASSED, "qualification_type": 2 })),
        ("modify_basic_info", 10093011, json!({ "drama_id": REJECTED })),
        ("modify_basic_info", 10093030, json!({ "drama_id": NOBODY })),
        ("get_latest_audit_info", 10093030, json!({ "drama_id": PASSED, "audit_type": 2 })),
        ("get_cdn_usage", 47003, span(91)),
        ("get_cdn_usage", 47003, span(0)),
        ("get_cdn_usage", 47003, with(span(1), json!({ "data_interval": "15" }))),
        ("get_cdn_logs", 47003, span(3)),
        ("get_cdn_logs", 47003, span(0)),
    ]
}

#[rustfmt::skip]
fn grant_cases() -> Vec<Case> {
    let subject = |code| json!({ "authorization_type": 1, "authorized_subject_cert_no": code, "drama_ids": [PASSED] });
    vec![
        ("authorize_drama", 47003, plays(ME, PASSED)),
        ("authorize_drama", 47003, with(plays(GUEST, PASSED), json!({ "authz_expire_time": NOW + 7 * DAY - 1 }))),
        ("authorize_drama", 10090038, plays(DEAD, PASSED)),
        ("authorize_drama", 10093011, plays(GUEST, REJECTED)),
        ("authorize_drama", 10093014, plays("wx12", PASSED)),
        ("authorize_drama", 10093030, plays(GUEST, NOBODY)),
        ("deauthorize_drama", 10090039, plays(GUEST, PASSED)),
        ("deauthorize_drama", 10090043, plays(GUEST, NOBODY)),
        ("deauthorize_drama", 10093014, plays("wx12", PASSED)),
        ("authorize_app", 47003, app(ME)),
        ("authorize_app", 47003, with(app(GUEST), json!({ "authz_expire_time": NOW }))),
        ("authorize_app", 10090038, app(DEAD)),
        ("authorize_app", 10093014, app("wx12")),
        ("deauthorize_app", 10090039, app(GUEST)),
        ("deauthorize_app", 10090043, app(DEAD)),
        ("deauthorize_app", 10093014, app("wx12")),
        ("authorize_copyright", 47003, copyright(ME, PASSED)),
        ("authorize_copyright", 47003, with(copyright(GUEST, PASSED), json!({ "expire_time": NOW + DAY }))),
        ("authorize_copyright", 47003, with(copyright(GUEST, PASSED), json!({ "authorization_type": 1 }))),
        ("authorize_copyright", 10090038, copyright(DEAD, PASSED)),
        ("authorize_copyright", 10093011, copyright(GUEST, REJECTED)),
        ("authorize_copyright", 10093011, copyright(GUEST, UNPROTECTED)),
        ("authorize_copyright", 10093014, copyright("wx12", PASSED)),
        ("authorize_copyright", 10093014, subject("9133")),
        ("authorize_copyright", 10093030, copyright(GUEST, NOBODY)),
        ("deauthorize_copyright", 10090039, copyright(GUEST, PASSED)),
        ("deauthorize_copyright", 10090043, subject(SUBJECT)),
        ("deauthorize_copyright", 10093014, subject("9133")),
        ("get_copyright_authorization_list", 47003, json!({ "authorization_type": 1 })),
        ("get_copyright_authorization_list", 10093014, subject("9133")),
    ]
}

fn player_cases() -> Vec<Case> {
    let lists = ["set_flush_dramas", "set_recommended_dramas", "publish", "set_monetization"]
        .into_iter()
        .flat_map(|name| [(name, 1, rows(ME, NOBODY)), (name, 2, no_number()), (name, 21000, rows(ME, REJECTED))]);
    let other = [
        ("get_monetization", 1, rows(GUEST, PASSED)),
        ("get_monetization", 2, no_number()),
        (
            "set_recommended_dramas",
            21000,
            json!({ "entry_type": 1, "src_appid": ME, "drama_id": REJECTED.to_string() }),
        ),
        ("process_promotion", 1, plan(ME, NOBODY, 2)),
        ("process_promotion", 1, plan(ME, PASSED, 3)),
        ("process_promotion", 2, plan(GUEST, PASSED, 1)),
        ("process_promotion", 2, no_number()),
        ("process_promotion", 21000, plan(ME, REJECTED, 1)),
        ("process_promotion", 106017, plan(ME, PASSED, 1)),
        ("process_promotion", 106018, plan(ME, PROMOTED, 1)),
    ];
    lists.chain(other).collect()
}

/// The code of a refusal, or of the first row of a call that goes row by row.
fn code(answer: Result<Map<String, Value>, Refusal>) -> i64 {
    match answer {
        Err(refusal) => refusal.code,
        Ok(fields) => fields.get("result").and_then(|rows| rows[0]["errcode"].as_i64()).unwrap_or(0),
    }
}

#[test]
fn every_case_gets_its_code_and_changes_nothing() {
    let mut desk = world();
    let before = desk.saved();
    let drama = [media_cases(), drama_cases(), grant_cases()].concat().into_iter();
    let drama = drama.map(|(name, code, fields)| (name.to_owned(), code, fields));
    let player = player_cases().into_iter().map(|(name, code, fields)| (format!("drama_player.{name}"), code, fields));
    for (name, expected, fields) in drama.chain(player) {
        assert_eq!(code(desk.send(&name, fields.clone())), expected, "{name} {fields}");
        assert_eq!(desk.saved(), before, "{name} {fields}");
    }
}

/// Calls that do not fit the catalog, with the code that their field gets.
#[rustfmt::skip]
fn misfits() -> Vec<Case> {
    let upload = |more| with(json!({ "media_name": NAME, "media_type": "MP4", "media_data": "" }), more);
    let part = |more| with(json!({ "upload_id": OPEN, "part_number": 1, "resource_type": 1, "data": "" }), more);
    vec![
        ("drama.single_file_upload", 47003, json!({ "media_type": "MP4", "media_data": "" })),
        ("drama.single_file_upload", 10090001, upload(json!({ "media_type": "GIF" }))),
        ("drama.single_file_upload", 10090002, upload(json!({ "cover_type": "GIF" }))),
        ("drama.single_file_upload", 10090002, upload(json!({ "cover_data": "" }))),
        ("drama.pull_upload", 10093014, json!({ "media_name": NAME, "media_url": 3 })),
        ("drama.apply_upload", 10090001, json!({ "media_name": NAME, "media_type": "M3U8" })),
        ("drama.apply_upload", 10090002, json!({ "media_name": NAME, "media_type": "MP4", "cover_type": "GIF" })),
        ("drama.upload_part", 10090005, part(json!({ "resource_type": 7 }))),
        ("drama.upload_part", 47003, part(json!({ "part_number": 0 }))),
        ("drama.list_media", 47003, json!({ "limit": 101 })),
        ("drama.get_media", 10093014, json!({ "media_id": "x" })),
        ("drama.audit_drama", 47003, json!({ "name": "归来记" })),
        ("drama.audit_drama", 47003, with(first("归来记", &[FREE]), json!({ "cost_of_production": 100 }))),
        ("drama.audit_drama", 10093014, json!({ "drama_id": PASSED, "name": 7 })),
        ("drama.authorize_copyright", 47003, json!({ "authorization_type": 2, "authorized_appid": GUEST })),
        ("drama_player.set_recommend_switch", 2, json!({ "entry_type": 9, "switch_status": true })),
        ("drama_player.publish", 2, json!({})),
        ("drama_player.publish", 2, json!({ "list": [{ "src_appid": ME, "drama_id": PASSED }] })),
        ("drama_player.list_finder_events", 2, json!({ "event_id_list": "all" })),
    ]
}

#[test]
fn a_misfit_gets_the_code_of_its_field() {
    for (operation, code, fields) in misfits() {
        let path = &Catalog::builtin().find(operation).unwrap().path;
        let endpoint = Endpoints::builtin().at(path).unwrap();
        let misfit = endpoint.check_request(&fields, |_| false).unwrap_err();
        assert_eq!(Dramas::misfit(operation, &misfit), code, "{operation} {fields}: {misfit}");
    }
}

/// Documented codes that no model answers.
const OTHERS: [(&str, i64); 15] = [
    ("a fault", -1),
    ("a fault", -2),
    ("the wire", 43002),
    ("the wire", 44002),
    ("the wire", 47001),
    ("the player of a viewer", 21001),
    ("the player of a viewer", 21002),
    ("the player of a viewer", 21003),
    ("the player of a viewer", 21004),
    ("the player of a viewer", 21005),
    ("the player of a viewer", 21006),
    ("the player of a viewer", 21007),
    ("the player of a viewer", 21008),
    ("the player of a viewer", 21009),
    ("no code of the platform: an HTTP status", 502),
];

#[test]
fn every_documented_code_has_its_case() {
    let (_, text) = catalog::documents().find(|(name, _)| *name == "drama").unwrap();
    let document: Value = serde_json::from_str(text).unwrap();
    let codes = |group: &str| document["x-juben-errors"][group].as_object().unwrap().clone();
    let documented: BTreeSet<i64> =
        codes("drama").keys().chain(codes("drama_player").keys()).map(|code| code.parse().unwrap()).collect();
    let cases = [media_cases(), drama_cases(), grant_cases(), player_cases()].concat();
    let misfits = misfits();
    let tested = cases.iter().chain(&misfits).map(|case| case.1);
    let known: BTreeSet<i64> = tested.chain(OTHERS.map(|(_, code)| code)).collect();
    let expected: BTreeSet<i64> = documented.into_iter().chain(iter::once(502)).collect();
    assert_eq!(known, expected);
}
