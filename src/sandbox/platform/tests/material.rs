//! Temporary and permanent materials.

use super::*;

fn picture(name: &str, content: &[u8]) -> File {
    File { name: name.into(), bytes: content.to_vec().into(), size: content.len() as u64, ..File::default() }
}

#[track_caller]
fn refused(desk: &mut Desk, kind: &str, file: File) -> i64 {
    let token = desk.stable(false);
    let fields = json!({ "type": kind });
    desk.send("upload_temp_media", &token, fields, &[("media", file)]).expect_err("it is refused").code
}

#[test]
fn a_temporary_file_lives_three_days_for_the_one_who_sent_it() {
    let mut desk = Desk::new();
    let token = desk.stable(false);
    let file = picture("封面.png", b"\x89PNG and more");
    let reply = desk.ok_with("upload_temp_media", &token, json!({ "type": "image" }), &[("media", file)]);
    assert_eq!((&reply["type"], &reply["created_at"]), (&json!("image"), &json!(NOW)));
    let get = json!({ "media_id": reply["media_id"] });
    let found = desk.file("get_temp_media", &token, get.clone());
    assert_eq!(
        (found.name.as_str(), found.kind, &found.bytes[..]),
        ("封面.png", "image/png", &b"\x89PNG and more"[..])
    );
    let component = desk.component_token();
    let query = json!({ "component_appid": AGENCY, "authorization_code": "CODE" });
    let other = desk.ok("query_auth", &component, query)["authorization_info"]["authorizer_access_token"].clone();
    assert_eq!(desk.refused("get_temp_media", &text(&other), get.clone()), 40007);
    desk.now += 3 * DAY - 1;
    let token = desk.stable(false);
    desk.file("get_temp_media", &token, get.clone());
    desk.now += 1;
    assert_eq!(desk.refused("get_temp_media", &token, get), 40007);
}

#[test]
fn only_pictures_of_ten_megabytes_are_taken() {
    let mut desk = Desk::new();
    for kind in ["voice", "video", "thumb", "poster"] {
        assert_eq!(refused(&mut desk, kind, picture("a.gif", b"GIF89a")), 40004, "{kind}");
    }
    assert_eq!(refused(&mut desk, "image", picture("a.txt", b"hello")), 40004);
    assert_eq!(refused(&mut desk, "image", picture("a.gif", b"")), 44002);
    let (size, bytes) = ((10 << 20) + 1, bytes::Bytes::new());
    assert_eq!(refused(&mut desk, "image", File { name: "a.jpg".into(), size, bytes, ..File::default() }), 40009);
    let token = desk.stable(false);
    assert_eq!(desk.refused("upload_temp_media", &token, json!({ "type": "image" })), 44002);
}

#[test]
fn a_picture_without_a_name_is_known_by_its_first_bytes() {
    let mut desk = Desk::new();
    let token = desk.stable(false);
    for (content, kind) in [(&b"GIF89a"[..], "image/gif"), (b"\xff\xd8\xff", "image/jpeg"), (b"\x89PNG", "image/png")] {
        let file = picture("", content);
        let reply = desk.ok_with("upload_temp_media", &token, json!({ "type": "image" }), &[("media", file)]);
        let found = desk.file("get_temp_media", &token, json!({ "media_id": reply["media_id"] }));
        assert_eq!(found.kind, kind);
    }
}

#[test]
fn the_evidence_of_a_review_is_a_permanent_picture() {
    let mut desk = Desk::new();
    let token = desk.stable(false);
    let found = desk.file("get_permanent_material", &token, json!({ "media_id": "EVIDENCE_910002" }));
    assert_eq!(found.kind, "image/gif");
    assert!(found.bytes.starts_with(b"GIF8"));
    assert_eq!(desk.refused("get_permanent_material", &token, json!({ "media_id": "nope" })), 40007);
    assert_eq!(desk.refused("get_permanent_material", &token, json!({})), 40007);
}
