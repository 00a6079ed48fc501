//! The state goes into JSON and comes back the same.

use super::*;

#[test]
fn tokens_materials_and_quotas_are_saved_without_a_loss() {
    let mut desk = Desk::new();
    desk.platform.whitelists.insert(ME.into(), BTreeSet::from(["203.0.113.9".into()]));
    let token = desk.stable(true);
    let fields = but(credentials(false), "force_refresh", Value::Null);
    desk.ok("get_access_token", "", fields);
    let component = desk.component_token();
    let me = json!({ "component_appid": AGENCY });
    desk.ok("start_push_ticket", "", but(me.clone(), "component_secret", json!("sandbox-secret")));
    desk.ok("create_preauth_code", &component, me);
    let file = File { name: "a.gif".into(), bytes: b"GIF89a\0\xff"[..].into(), size: 8, ..File::default() };
    let media = desk.ok_with("upload_temp_media", &token, json!({ "type": "image" }), &[("media", file)]);
    desk.ok("clear_quota", &token, json!({ "appid": ME }));
    let call = Counted { endpoint: endpoint("polyv.list_video"), caller: "a", ip: "192.0.2.1", now: NOW };
    (0..1501).for_each(|_| drop(desk.quotas.admit(call)));

    let dump = [json!(desk.platform), json!(desk.quotas)].map(|part| serde_json::to_string_pretty(&part).unwrap());
    let mut again = Desk {
        platform: serde_json::from_str(&dump[0]).unwrap(),
        quotas: serde_json::from_str(&dump[1]).unwrap(),
        ..Desk::new()
    };
    assert_eq!(serde_json::to_string_pretty(&again.platform).unwrap(), dump[0]);
    assert_eq!(serde_json::to_string_pretty(&again.quotas).unwrap(), dump[1]);
    assert!(dump[0].contains("R0lGODlhAP8="), "the content of a file is Base64");

    for desk in [&mut desk, &mut again] {
        let get = json!({ "media_id": media["media_id"] });
        assert_eq!(&desk.file("get_temp_media", &token, get).bytes[..], b"GIF89a\0\xff");
        assert_eq!(desk.quotas.admit(call).unwrap_err().code, 403);
        desk.now += 30;
    }
    assert_eq!(desk.stable(true), again.stable(true));
    assert_eq!(desk.quota("/wxa/book/listbook"), again.quota("/wxa/book/listbook"));
}
