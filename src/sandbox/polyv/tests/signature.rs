//! Who may call: signatures and their times, in both generations.

use super::*;
use crate::sandbox::{
    auth::Doorkeeper,
    signature::{self, Parameters},
    tokens::Tokens,
    wire::Wire,
};

const APP: &str = "jb7Kq2Zx9T";
const SECRET: &str = "9f8e7d6c5b4a39281706f5e4d3c2b1a0";
const SECRETKEY: &str = "JbSecret01";

fn sent(pairs: &[(&str, &str)]) -> Parameters {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// Knock with these texts; the userid may stand in the path.
fn knock(name: &str, texts: Parameters, in_path: Option<&str>) -> Result<String, Refusal> {
    let accounts = Options::default().accounts;
    let fields = in_path.map(|user| ("userid".to_owned(), json!(user))).into_iter().collect();
    let wire = Wire { texts, fields, ..Wire::default() };
    Doorkeeper { accounts: &accounts, tokens: &Tokens::default(), now: NOW }.caller(endpoint(name), &wire)
}

fn v3(name: &str, stamp: &str, at: i64) -> Result<String, Refusal> {
    let mut texts = sent(&[("appId", APP), (stamp, &at.to_string()), ("title", "归来"), ("tag", "")]);
    texts.insert("sign".into(), signature::v3(SECRET, &texts));
    knock(name, texts, None)
}

fn v2(mut texts: Parameters, in_path: Option<&str>) -> Result<String, Refusal> {
    texts.insert("sign".into(), signature::v2(SECRETKEY, &texts));
    knock("v2_play_times", texts, in_path)
}

#[track_caller]
fn assert_v3(result: Result<String, Refusal>, code: i64, message: &str) {
    let refusal = result.expect_err("it is refused");
    assert_eq!((refusal.code, refusal.message.as_str()), (code, message));
    let reply = envelope::refusal(&endpoint("list_video").operation, refusal, "3f0c6c1e");
    assert_eq!(reply["code"], if code == 104 { 403 } else { 400 });
    let error = json!({ "code": code, "desc": message });
    assert_eq!((&reply["status"], &reply["error"], &reply["data"]), (&json!("error"), &error, &Value::Null));
}

#[test]
fn a_v3_signature_is_good_for_three_minutes() {
    for late in [-180, 0, 180] {
        assert_eq!(v3("list_video", "timestamp", (NOW - late) * 1000).unwrap(), USER, "{late}");
    }
    for late in [-181, 181] {
        assert_v3(v3("list_video", "timestamp", (NOW - late) * 1000), 100, "invalid timestamp");
    }
    assert_v3(v3("list_video", "timestamp", NOW), 100, "invalid timestamp");
    assert_v3(v3("list_video", "ts", NOW * 1000), 100, "invalid timestamp");
}

#[test]
fn a_play_token_is_asked_for_within_ten_minutes() {
    assert_eq!(v3("create_play_token", "ts", (NOW - 600) * 1000).unwrap(), USER);
    assert_v3(v3("create_play_token", "ts", (NOW - 601) * 1000), 100, "invalid timestamp");
}

#[test]
fn a_v3_call_needs_a_known_application_and_its_signature() {
    let stamp = (NOW * 1000).to_string();
    let nobody = sent(&[("appId", "nobody"), ("timestamp", &stamp), ("sign", "00")]);
    assert_v3(knock("list_video", nobody, None), 101, "application not exist");
    assert_v3(knock("list_video", sent(&[("timestamp", &stamp)]), None), 101, "application not exist");
    let mut texts = sent(&[("appId", APP), ("timestamp", &stamp)]);
    assert_v3(knock("list_video", texts.clone(), None), 104, "invalid signature");
    let sign = signature::v3(SECRET, &texts);
    texts.insert("sign".into(), sign.to_lowercase());
    assert_v3(knock("list_video", texts.clone(), None), 104, "invalid signature");
    texts.insert("sign".into(), sign);
    texts.insert("title".into(), "changed".into());
    assert_v3(knock("list_video", texts, None), 104, "invalid signature");
}

#[test]
fn a_v2_signature_is_good_for_three_minutes() {
    let at = |late: i64| {
        let ptime = ((NOW - late) * 1000).to_string();
        v2(sent(&[("userid", USER), ("ptime", &ptime), ("vids", VID)]), Some(USER))
    };
    for late in [-180, 0, 180] {
        assert_eq!(at(late).unwrap(), USER, "{late}");
    }
    assert_eq!(at(181).unwrap_err().message, "ptime is too old.");
    assert_eq!(at(-181).unwrap_err().message, "ptime is illegal.");
    let no_time = v2(sent(&[("userid", USER)]), Some(USER));
    assert_eq!(no_time.unwrap_err().message, "ptime is illegal.");
}

#[test]
fn a_v2_call_names_its_account_and_signs() {
    let ptime = (NOW * 1000).to_string();
    let texts = sent(&[("ptime", &ptime), ("vids", VID)]);
    let refusal = knock("v2_play_times", texts.clone(), Some(USER)).unwrap_err();
    let reply = envelope::refusal(&endpoint("v2_play_times").operation, refusal, "");
    assert_eq!(reply, json!({ "code": 400, "status": "error", "message": "sign can not be empty.", "data": "" }));
    let message = |result: Result<String, Refusal>| result.unwrap_err().message;
    assert_eq!(message(v2(texts.clone(), None)), "userid is blank.");
    assert_eq!(message(v2(texts.clone(), Some("nobody"))), "Could not find user by userid.");
    let mut wrong = texts.clone();
    wrong.insert("sign".into(), "0".repeat(40));
    assert_eq!(message(knock("v2_play_times", wrong, Some(USER))), "the sign is not right.");
    assert_eq!(v2(texts, Some(USER)).unwrap(), USER, "a userid in the path alone is not signed");
}

#[test]
fn deleting_spells_the_account_with_a_capital() {
    let ptime = (NOW * 1000).to_string();
    let call = |key: &str, user: &str| {
        let mut texts = sent(&[(key, user), ("ptime", &ptime), ("vids", VID)]);
        texts.insert("sign".into(), signature::v2(SECRETKEY, &texts));
        knock("v2_delete_videos", texts, None)
    };
    assert_eq!(call("userId", USER).unwrap(), USER);
    assert_eq!(call("userId", "nobody").unwrap_err().message, "Could not find user by userId.");
    assert_eq!(call("userid", USER).unwrap_err().message, "userid is blank.");
}

#[test]
fn a_day_log_is_signed_in_one_of_three_ways() {
    let ptime = (NOW * 1000).to_string();
    let texts = sent(&[("day", "20250101"), ("ptime", &ptime), ("vid", VID)]);
    let call = |sign: String| {
        let mut texts = texts.clone();
        texts.insert("sign".into(), sign);
        knock("v2_view_log_day", texts, Some(USER))
    };
    let fixed = sent(&[("day", "20250101"), ("ptime", &ptime), ("userid", USER)]);
    let in_order = [("userid", USER), ("ptime", ptime.as_str()), ("day", "20250101")];
    assert_eq!(call(signature::v2(SECRETKEY, &texts)).unwrap(), USER, "everything that is sent");
    assert_eq!(call(signature::v2(SECRETKEY, &fixed)).unwrap(), USER, "the three names of the SDK");
    assert_eq!(call(signature::v2_in_order(SECRETKEY, in_order.into_iter())).unwrap(), USER, "the order of the page");
    let reversed = in_order.into_iter().rev();
    assert_eq!(call(signature::v2_in_order("x", reversed)).unwrap_err().message, "the sign is not right.");
}

#[test]
fn older_pages_sign_fixed_names() {
    let ptime = (NOW * 1000).to_string();
    let cases: [(&str, &[(&str, &str)]); 4] = [
        ("v2_get_categories", &[]),
        ("v2_delete_category", &[("cataid", SWEET)]),
        ("v2_move_videos", &[("cataid", SWEET), ("vids", VID)]),
        ("v2_rename_category", &[("cataid", SWEET), ("cataname", "甜")]),
    ];
    for (operation, own) in cases {
        let mut texts = sent(own);
        texts.insert("ptime".into(), ptime.clone());
        let mut fixed = texts.clone();
        fixed.insert("userid".into(), USER.into());
        texts.insert("format".into(), "json".into());
        texts.insert("sign".into(), signature::v2(SECRETKEY, &fixed));
        assert_eq!(knock(operation, texts, Some(USER)).unwrap(), USER, "{operation}");
    }
}
