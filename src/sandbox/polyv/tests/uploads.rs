//! New videos: whole, announced, or fetched; and the tokens that play them.

use super::*;

fn legacy() -> Value {
    json!({ "writetoken": "sandbox-writetoken", "method": "uploadfile", "JSONRPC": r#"{"title":"第1集"}"# })
}

/// The number in `error` of a legacy upload that is refused.
#[track_caller]
fn refused(desk: &mut Desk, field: &str, value: Value, file: Option<File>) -> String {
    let mut fields = legacy();
    match value {
        Value::Null => drop(fields.as_object_mut().unwrap().remove(field)),
        value => fields[field] = value,
    }
    let refusal = desk.send("legacy_upload_file", fields, file.map(|file| ("Filedata", file))).unwrap_err();
    text(&envelope::refusal(&endpoint("legacy_upload_file").operation, refusal, "")["error"])
}

#[test]
fn an_uploaded_video_has_what_was_told_of_it() {
    let mut desk = Desk::new();
    let vid = desk.upload("第1集", SWEET);
    let message = desk.message(&vid);
    assert_eq!((&message["title"], &message["tag"]), (&json!("第1集"), &json!("短剧")));
    assert_eq!((&message["context"], &message["cataid"]), (&json!("一个故事。"), &json!(SWEET)));
    assert_eq!((&message["source_filesize"], &message["ptime"]), (&json!("1000"), &json!("2025-01-01 08:00:00")));
    assert_eq!(message["md5checksum"], "0cc175b9c0f1b6a831c399e269772661");
    assert_eq!(message["times"], 0);
}

#[test]
fn a_legacy_upload_that_is_wrong_gets_a_number() {
    let mut desk = Desk::new();
    let file = || Some(video_file("1.mp4", 1000));
    desk.user = "";
    assert_eq!(refused(&mut desk, "writetoken", json!("guess"), file()), "1");
    desk.user = USER;
    assert_eq!(refused(&mut desk, "writetoken", Value::Null, file()), "2");
    assert_eq!(refused(&mut desk, "cataid", json!(1), None), "2");
    assert_eq!(refused(&mut desk, "cataid", json!(1), Some(video_file("1.mp4", 0))), "2");
    assert_eq!(refused(&mut desk, "JSONRPC", Value::Null, file()), "3");
    assert_eq!(refused(&mut desk, "JSONRPC", json!("[1]"), file()), "3");
    assert_eq!(refused(&mut desk, "cataid", json!(1), Some(video_file("poster.jpg", 1000))), "4");
    assert_eq!(refused(&mut desk, "method", json!("delVideo"), file()), "8");
    assert_eq!(refused(&mut desk, "fileMd5", json!("F".repeat(32)), file()), "14");
    assert_eq!(refused(&mut desk, "fileMd5", json!("f"), file()), "14");
    assert_eq!(refused(&mut desk, "luping", json!(7), file()), "15");
    let mut fields = legacy();
    fields["fileMd5"] = json!("0CC175B9C0F1B6A831C399E269772661");
    desk.data_with("legacy_upload_file", fields, Some(("Filedata", video_file("1.mp4", 1000))));
}

#[test]
fn an_account_without_space_takes_no_video() {
    let mut desk = Desk::new();
    let left = desk.data("v2_upload_init", init())["remainSpace"].as_i64().unwrap();
    let mut all = init();
    all["filesize"] = json!(left);
    assert_eq!(desk.data("v2_upload_init", all)["remainSpace"], 0);
    assert_eq!(refused(&mut desk, "cataid", json!(1), Some(video_file("1.mp4", 1))), "16");
}

fn init() -> Value {
    json!({
        "title": "第9集", "tag": "短剧", "describ": "一个故事。", "cataid": SWEET, "keepsource": 1,
        "filesize": 5000, "autoid": 1, "uploadType": "juben",
    })
}

#[test]
fn an_announced_upload_waits_for_its_file_and_can_be_resumed() {
    let mut desk = Desk::new();
    let reply = desk.data("v2_upload_init", init());
    assert_eq!((&reply["dir"], &reply["validityTime"]), (&json!("a1b2c3d4e5/"), &json!(3600)));
    assert_eq!(reply["Expiration"], "2025-01-01 09:00:00");
    let vid = text(&reply["vid"]);
    desk.now += DAY;
    let message = desk.message(&vid);
    assert_eq!(
        (&message["status"], &message["title"], &message["keepsource"]),
        (&json!(10), &json!("第9集"), &json!(1))
    );
    let mut again = init();
    again["autoid"] = json!(0);
    assert_eq!(desk.refused("v2_upload_init", again.clone()), 400, "without a vid");
    again["vid"] = json!(vid);
    let resumed = desk.data("v2_upload_init", again.clone());
    assert_eq!(resumed["vid"], vid);
    assert_ne!(resumed["token"], reply["token"]);
    again["vid"] = json!("nope");
    assert_eq!(desk.refusal("v2_upload_init", again).message, "invalid vid");
    let token = desk.data("v2_upload_token", json!({}));
    assert_eq!(token["validityTime"], 3600);
    assert_ne!(token["token"], resumed["token"]);
}

#[test]
fn videos_are_fetched_from_their_urls() {
    let mut desk = Desk::new();
    desk.life.pull_seconds = 40;
    let fields = json!({
        "fileUrl": "https://media.example.org/01.mp4,http://media.invalid/02.mp4", "title": "新1,新2", "cataid": SWEET,
    });
    assert_eq!(desk.data("v2_grab_upload", fields), "");
    let mut tasks = |now: i64| {
        desk.now = now;
        let all = desk.data("v2_list_grab_tasks", json!({}));
        let found = desk.data("list_video", json!({ "title": "新", "cateId": SWEET }))["totalItems"].clone();
        (all["contents"].clone(), found)
    };
    let (open, found) = tasks(NOW + 39);
    assert_eq!((&open[0]["status"], &open[0]["endtime"], &found), (&json!("processing"), &json!(""), &json!(0)));
    let (done, found) = tasks(NOW + 40);
    assert_eq!((&done[1]["originalname"], &done[1]["seccesscount"], &found), (&json!("新1"), &json!(1), &json!(1)));
    assert_eq!(done[1]["endtime"], "2025-01-01 08:00:40");
    assert_eq!((&done[0]["originalname"], &done[0]["failcount"]), (&json!("新2"), &json!(1)), "its host cannot exist");
    assert_eq!(done[0]["seccesscount"], 0);
}

#[test]
fn a_fetch_names_its_videos_in_one_of_two_ways() {
    let mut desk = Desk::new();
    let infos = |count: usize| {
        let one = json!({ "fileUrl": "https://media.example.org/01.mp4", "title": "列表" });
        json!({ "uploadInfos": Value::Array(vec![one; count]).to_string() })
    };
    desk.data("v2_grab_upload", infos(100));
    assert_eq!(desk.data("v2_list_grab_tasks", json!({ "pageSize": 30, "page": 4 }))["totalPages"], 4);
    assert_eq!(desk.refusal("v2_grab_upload", infos(101)).message, "uploadInfos size can't greater than 100");
    for fields in [
        infos(0),
        json!({}),
        json!({ "uploadInfos": "{}" }),
        json!({ "fileUrl": "https://media.example.org/01.mp4" }),
        json!({ "fileUrl": "https://media.example.org/01.mp4", "title": "1,2" }),
        json!({ "fileUrl": "ftp://media.example.org/01.mp4", "title": "1" }),
    ] {
        assert_eq!(desk.refused("v2_grab_upload", fields.clone()), 400, "{fields}");
    }
}

#[test]
fn the_same_viewer_gets_the_same_play_token_for_longer() {
    let mut desk = Desk::new();
    let ask = |viewer: &str| json!({ "videoId": VID, "ts": NOW * 1000, "viewerId": viewer });
    let first = desk.data("create_play_token", ask("u-1"));
    assert_eq!((&first["appId"], &first["viewerIp"]), (&json!("jb7Kq2Zx9T"), &json!("203.0.113.9")));
    assert_eq!((&first["ttl"], &first["expiredTime"]), (&json!(600_000), &json!((NOW + 600) * 1000)));
    assert_ne!(desk.data("create_play_token", ask("u-2"))["token"], first["token"]);
    desk.now += 599;
    let again = desk.data("create_play_token", ask("u-1"));
    assert_eq!((&again["token"], &again["createdTime"]), (&first["token"], &json!(NOW * 1000)));
    desk.now += 599;
    assert_eq!(desk.data("create_play_token", ask("u-1"))["token"], first["token"], "it was prolonged");
    let mut mini = ask("u-1");
    mini["iswxa"] = json!(1);
    assert_ne!(desk.data("create_play_token", mini)["token"], first["token"]);
    desk.now += 600;
    assert_ne!(desk.data("create_play_token", ask("u-1"))["token"], first["token"]);
    let refusal = desk.refusal("create_play_token", json!({ "videoId": "nope", "ts": NOW * 1000, "viewerId": "u-1" }));
    let reply = envelope::refusal(&endpoint("create_play_token").operation, refusal, "");
    assert_eq!((&reply["code"], &reply["message"]), (&json!(400), &json!("invalid vid")));
    assert_eq!(desk.refused("create_play_token", json!({ "videoId": VID, "ts": NOW * 1000 })), 400);
}
