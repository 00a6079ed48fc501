//! The sandbox on a real socket, called as any program would.

use super::{Fault, FaultKind, Grant, Options, Sandbox, signature};
use crate::catalog::{Body, Catalog, Operation, Place, Sign};
use reqwest::{Client, Response, multipart};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

const FORM: &str = "application/x-www-form-urlencoded";

struct Caller {
    sandbox: Sandbox,
    client: Client,
}

impl Caller {
    async fn new() -> Self {
        // Only the first test of the process can install it.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let sandbox = Sandbox::start(listener, Options::default(), CancellationToken::new()).unwrap();
        Self { sandbox, client: Client::builder().no_proxy().build().unwrap() }
    }

    async fn get(&self, path: &str) -> Value {
        read(self.client.get(format!("{}{path}", self.sandbox.url())).send().await.unwrap()).await
    }

    async fn post(&self, path: &str, body: impl Into<reqwest::Body>) -> Value {
        read(self.client.post(format!("{}{path}", self.sandbox.url())).body(body).send().await.unwrap()).await
    }

    async fn stable(&self, force: bool) -> Value {
        let request = json!({
            "grant_type": "client_credential",
            "appid": "wx1234567890abcdef",
            "secret": "sandbox-secret",
            "force_refresh": force,
        });
        self.post("/cgi-bin/stable_token", request.to_string()).await
    }

    async fn token(&self) -> String {
        text(&self.stable(false).await["access_token"])
    }

    async fn plain(&self) -> String {
        let query = "grant_type=client_credential&appid=wx1234567890abcdef&secret=sandbox-secret";
        text(&self.get(&format!("/cgi-bin/token?{query}")).await["access_token"])
    }

    async fn component_token(&self) -> String {
        let request = json!({
            "component_appid": "wxc000000000000001",
            "component_appsecret": "sandbox-secret",
            "component_verify_ticket": "ticket@@@sandbox",
        });
        let reply = self.post("/cgi-bin/component/api_component_token", request.to_string()).await;
        text(&reply["component_access_token"])
    }

    /// The code of a call that needs a token.
    async fn quota_with(&self, token: &str) -> Value {
        let path = format!("/cgi-bin/openapi/quota/get?access_token={token}");
        self.post(&path, r#"{"cgi_path":"/wxa/sec/vod/listmedia"}"#).await["errcode"].clone()
    }

    /// A signed call of Polyv v3, by GET.
    async fn v3(&self, path: &str, fields: &[(&str, &str)]) -> Value {
        self.get(&format!("{path}?{}", v3_query(fields, now_millis()))).await
    }

    /// A signed call of Polyv v2, by POST.
    async fn v2(&self, path: &str, fields: &[(&str, &str)]) -> Value {
        let url = format!("{}{path}", self.sandbox.url());
        let request = self.client.post(url).header("content-type", FORM).body(v2_query(fields));
        read(request.send().await.unwrap()).await
    }
}

async fn read(response: Response) -> Value {
    let (status, bytes) = (response.status(), response.bytes().await.unwrap());
    serde_json::from_slice(&bytes).unwrap_or_else(|_| json!({ "status": status.as_u16(), "bytes": bytes.len() }))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}

fn now_millis() -> i64 {
    super::clock::real_now() * 1000
}

fn owned(fields: &[(&str, &str)]) -> BTreeMap<String, String> {
    fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn encoded(fields: &BTreeMap<String, String>) -> String {
    let escaped = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
    fields.iter().map(|(name, value)| format!("{name}={}", escaped(value))).collect::<Vec<_>>().join("&")
}

fn v3_query(fields: &[(&str, &str)], timestamp: i64) -> String {
    let mut all = owned(fields);
    all.insert("appId".into(), "jb7Kq2Zx9T".into());
    all.entry("timestamp".into()).or_insert(timestamp.to_string());
    all.insert("sign".into(), signature::v3("9f8e7d6c5b4a39281706f5e4d3c2b1a0", &all));
    encoded(&all)
}

fn v2_query(fields: &[(&str, &str)]) -> String {
    let mut all = owned(fields);
    all.insert("ptime".into(), now_millis().to_string());
    all.insert("sign".into(), signature::v2("JbSecret01", &all));
    encoded(&all)
}

#[tokio::test]
async fn a_stable_token_stays_the_same_and_a_plain_one_is_replaced() {
    let caller = Caller::new().await;
    let (stable, plain) = (caller.token().await, caller.plain().await);
    assert_eq!(caller.token().await, stable);
    assert_ne!(caller.plain().await, plain);
    assert_eq!(caller.quota_with(&plain).await, 0);
    caller.sandbox.advance(301);
    assert_eq!(caller.quota_with(&plain).await, 40001);
    assert_eq!(caller.quota_with(&stable).await, 0);
    caller.sandbox.advance(7200);
    assert_eq!(caller.quota_with(&stable).await, 42001);
}

#[tokio::test]
async fn a_stable_token_is_renewed_in_its_last_minutes_and_by_force() {
    let caller = Caller::new().await;
    let first = caller.token().await;
    caller.sandbox.advance(7000);
    let second = caller.token().await;
    assert_ne!(first, second);
    assert_eq!(caller.quota_with(&first).await, 0);
    let third = text(&caller.stable(true).await["access_token"]);
    assert_eq!(caller.quota_with(&second).await, 40001);
    assert_eq!(text(&caller.stable(true).await["access_token"]), third);
}

#[tokio::test]
async fn wrong_calls_get_the_documented_codes() {
    let caller = Caller::new().await;
    let token = caller.token().await;
    let quota = "/cgi-bin/openapi/quota/get";
    assert_eq!(caller.post("/wxa/nothing", "{}").await["errcode"], 40066);
    assert_eq!(caller.get(quota).await["errcode"], 43002);
    // One source says GET, another POST.
    let apps = format!("/wxa/sec/vod/getauthorizeapps?access_token={token}");
    assert_eq!(caller.get(&apps).await, caller.post(&apps, "{}").await);
    assert_eq!(caller.post("/cgi-bin/token", "{}").await["errcode"], 43001);
    assert_eq!(caller.post(quota, "{}").await["errcode"], 41001);
    assert_eq!(caller.post(&format!("{quota}?access_token=short"), "{}").await["errcode"], 40014);
    assert_eq!(caller.post(&format!("{quota}?access_token={token}"), "").await["errcode"], 44002);
    assert_eq!(caller.post(&format!("{quota}?access_token={token}"), "{").await["errcode"], 47001);
    assert_eq!(caller.post("/cgi-bin/stable_token", r#"{"appid":"x"}"#).await["errcode"], 40001);
    let wrong = json!({ "grant_type": "client_credential", "appid": "wx1", "secret": "s" }).to_string();
    assert_eq!(caller.post("/cgi-bin/stable_token", wrong).await["errcode"], 40013);
    let notes = caller.sandbox.requests();
    assert_eq!(notes.last().map(|note| (note.errcode, note.caller.as_str())), Some((40013, "wx1")));
}

#[tokio::test]
async fn a_component_gets_a_token_for_who_authorised_it() {
    let caller = Caller::new().await;
    let token = caller.component_token().await;
    let request = json!({
        "component_appid": "wxc000000000000001",
        "authorizer_appid": "wx00000000000000c1",
        "authorizer_refresh_token": "refreshtoken@@@sandbox",
    });
    let path = format!("/cgi-bin/component/api_authorizer_token?component_access_token={token}");
    let reply = caller.post(&path, request.to_string()).await;
    assert_eq!(caller.quota_with(&text(&reply["authorizer_access_token"])).await, 0);
    assert_eq!(caller.quota_with(&token).await, 40014);
}

#[tokio::test]
async fn a_temporary_file_comes_back_for_three_days() {
    let caller = Caller::new().await;
    let token = caller.token().await;
    let part = multipart::Part::bytes(b"GIF89a picture".to_vec()).file_name("封面.gif");
    let url = format!("{}/cgi-bin/media/upload?type=image&access_token={token}", caller.sandbox.url());
    let form = multipart::Form::new().part("media", part);
    let reply = read(caller.client.post(url).multipart(form).send().await.unwrap()).await;
    let get = format!("/cgi-bin/media/get?access_token={token}&media_id={}", text(&reply["media_id"]));
    assert_eq!(caller.get(&get).await, json!({ "status": 200, "bytes": 14 }));
    caller.sandbox.advance(3 * 86_400);
    let get = get.replace(&token, &caller.token().await);
    assert_eq!(caller.get(&get).await["errcode"], 40007);
}

#[tokio::test]
async fn polyv_lists_and_changes_videos_by_both_generations() {
    let caller = Caller::new().await;
    let list = |page| caller.v3("/v3/video/list-video", page);
    let all = list(&[("pageSize", "50"), ("page", "2")]).await;
    assert_eq!((&all["data"]["totalItems"], &all["data"]["totalPages"]), (&json!(63), &json!(2)), "{all}");
    assert_eq!(list(&[("title", "大唐小厨娘")]).await["data"]["totalItems"], 12);
    assert_eq!(list(&[("cateId", "1735600000001"), ("containSubCate", "Y")]).await["data"]["totalItems"], 48);
    let vid = "a1b2c3d4e5f60718293a4b5c6d7e8f90_a";
    let deleted = caller.v2("/v2/video/del-videos", &[("userId", "a1b2c3d4e5"), ("vids", vid)]).await;
    assert_eq!(deleted["code"], 200, "{deleted}");
    assert_eq!(caller.v3("/v3/video/get-video-info", &[("vids", vid)]).await["error"]["code"], 2000);
    caller.v2("/v2/video/a1b2c3d4e5/recover-videos", &[("vids", vid)]).await;
    let found = caller.v3("/v3/video/get-video-info", &[("vids", vid)]).await;
    assert_eq!(found["data"][0]["basicInfo"]["title"], "第1集 归来");
}

#[tokio::test]
async fn polyv_refuses_wrong_signatures_and_old_timestamps() {
    let caller = Caller::new().await;
    let old = v3_query(&[], now_millis() - 200_000);
    assert_eq!(caller.get(&format!("/v3/video/list-video?{old}")).await["error"]["code"], 100);
    let wrong = v3_query(&[], now_millis()).replace("sign=%", "sign=0%");
    let reply = caller.get(&format!("/v3/video/list-video?{wrong}")).await;
    assert_eq!((&reply["code"], &reply["error"]["code"]), (&json!(403), &json!(104)));
    let reply = caller.v2("/v2/video/nobody/recover-videos", &[("vids", "x")]).await;
    assert_eq!(reply["message"], "Could not find user by userid.");
}

#[tokio::test]
async fn a_quota_of_a_minute_is_kept() {
    let caller = Caller::new().await;
    caller.sandbox.advance(60 - caller.sandbox.now() % 60);
    let path = format!("/wxa/book/addbookauth?access_token={}", caller.token().await);
    for _ in 0..100 {
        assert_ne!(caller.post(&path, "{}").await["errcode"], 45011);
    }
    assert_eq!(caller.post(&path, "{}").await["errcode"], 45011);
    caller.sandbox.advance(60);
    assert_ne!(caller.post(&path, "{}").await["errcode"], 45011);
}

#[tokio::test]
async fn faults_hit_the_next_calls() {
    let caller = Caller::new().await;
    let url = format!("{}/cgi-bin/stable_token", caller.sandbox.url());
    let send = || caller.client.post(&url).body("{}").send();
    caller.sandbox.fail([Fault { code: -1, ..Fault::next(FaultKind::Errcode) }]);
    assert_eq!(caller.stable(false).await["errcode"], -1);
    caller.sandbox.fail([Fault::next(FaultKind::Http)]);
    assert_eq!(caller.stable(false).await["status"], 502);
    for kind in [FaultKind::ResetBefore, FaultKind::ResetAfter] {
        caller.sandbox.fail([Fault::next(kind)]);
        assert!(send().await.is_err(), "{kind:?}");
    }
    caller.sandbox.fail([Fault::next(FaultKind::Truncate)]);
    let cut = send().await.unwrap();
    assert!(cut.content_length().is_some_and(|length| length > 0));
    assert!(cut.bytes().await.is_err());
    let body = r#"[{"operation":"platform.get_stable_access_token","times":2,"kind":"errcode","code":45011}]"#;
    caller.post("/_sandbox/faults", body).await;
    assert_eq!(caller.stable(false).await["errcode"], 45011);
    assert_eq!(caller.stable(false).await["errcode"], 45011);
    assert!(caller.stable(false).await["access_token"].is_string());
}

#[tokio::test]
async fn a_huge_answer_is_streamed() {
    let caller = Caller::new().await;
    caller.sandbox.fail([Fault::next(FaultKind::Huge)]);
    let mut response = caller.client.get(format!("{}/cgi-bin/token", caller.sandbox.url())).send().await.unwrap();
    let mut received = 0;
    while received < 1 << 20 {
        received += response.chunk().await.unwrap().unwrap().len();
    }
}

#[tokio::test]
async fn the_example_of_every_operation_is_understood() {
    let caller = Caller::new().await;
    let (token, component) = (caller.token().await, caller.component_token().await);
    for operation in Catalog::builtin().operations() {
        let reply = call_example(&caller, &operation, &token, &component).await;
        let text = reply.to_string();
        assert_ne!(reply["status"], 500, "{} {text}", operation.full_name());
        assert!(!text.contains("argument error: ") && !text.contains("sign"), "{} {text}", operation.full_name());
        for code in [40066, 43001, 43002, 40001, 40014, 41001, 44002, 47001] {
            let token_call = operation.sign.is_none();
            assert!(token_call || reply["errcode"] != code, "{} {text}", operation.full_name());
        }
    }
}

async fn call_example(caller: &Caller, operation: &Operation, token: &str, component: &str) -> Value {
    let mut fields = operation.example.clone();
    fields.retain(|name, _| operation.input.properties.contains_key(name));
    for name in operation.input.required.iter().filter(|name| operation.input.properties[*name].is_binary()) {
        fields.insert(name.clone(), "file".into());
    }
    if fields.contains_key("ts") {
        fields.insert("ts".into(), now_millis().into());
    }
    let path = operation.path.split('/').map(|step| match step.trim_matches(['{', '}']) {
        name if name != step => shown(&fields[name]),
        _ => step.to_owned(),
    });
    let path = path.collect::<Vec<_>>().join("/");
    let place = |name: &String| operation.places.get(name).copied();
    let part = |wanted: Option<Place>| -> Map<String, Value> {
        fields.iter().filter(|(name, _)| place(name) == wanted).map(|(name, it)| (name.clone(), it.clone())).collect()
    };
    let texts = |map: Map<String, Value>| -> BTreeMap<String, String> {
        map.into_iter().map(|(name, value)| (name, shown(&value))).collect()
    };
    let mut query = texts(part(Some(Place::Query)));
    let body = part(None);
    match operation.sign {
        Some(Sign::WechatToken) => drop(query.insert("access_token".into(), token.into())),
        Some(Sign::WechatComponent) => drop(query.insert("component_access_token".into(), component.into())),
        Some(Sign::PolyvV3 | Sign::PolyvV2) => {
            query.extend(texts(body.clone()));
            query.retain(|name, _| !operation.input.properties[name].is_binary());
            sign(operation, &mut query);
        }
        None => {}
    }
    let url = format!("{}{path}?{}", caller.sandbox.url(), encoded(&query));
    let request = caller.client.request(operation.method.parse().unwrap(), url);
    let request = match operation.body {
        Body::Json => request.body(Value::Object(body).to_string()),
        Body::Multipart => request.multipart(body.iter().fold(multipart::Form::new(), |form, (name, value)| {
            match operation.input.properties[name].is_binary() {
                true => form.part(name.clone(), multipart::Part::bytes(vec![1; 9]).file_name(shown(value))),
                false => form.text(name.clone(), shown(value)),
            }
        })),
        Body::Form | Body::Whole | Body::None => request,
    };
    read(request.send().await.unwrap()).await
}

fn sign(operation: &Operation, query: &mut BTreeMap<String, String>) {
    let now = now_millis().to_string();
    let made = if operation.sign == Some(Sign::PolyvV2) {
        query.insert("ptime".into(), now);
        signature::v2("JbSecret01", query)
    } else {
        query.insert("appId".into(), "jb7Kq2Zx9T".into());
        if !query.contains_key("ts") {
            query.insert("timestamp".into(), now);
        }
        signature::v3("9f8e7d6c5b4a39281706f5e4d3c2b1a0", query)
    };
    query.insert("sign".into(), made);
}

fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[tokio::test]
async fn grants_are_shown_until_they_end() {
    let caller = Caller::new().await;
    let now = caller.sandbox.now();
    let day = 86_400;
    let ending = caller.sandbox.ending(now + 12 * day + 60);
    assert!(ending.is_sorted_by_key(|grant| grant.expires_at));
    let all = ending.iter().find(|grant| grant.kind == "all_books").unwrap();
    assert_eq!((all.grantor.as_str(), all.item.as_str()), ("wx00000000000000c1", ""));
    let first = &ending[0];
    assert_eq!((first.kind, first.title.as_str()), ("book", "重生之我在九零开工厂"));
    let kinds = |grants: &[Grant]| {
        let mut kinds: Vec<_> = grants.iter().map(|grant| grant.kind).collect();
        kinds.sort_unstable();
        kinds.dedup();
        kinds.join(" ")
    };
    assert_eq!(kinds(&ending), "all_books book copyright drama");
    caller.sandbox.advance(13 * day);
    assert_eq!(caller.sandbox.ending(now + 12 * day + 60), []);
    assert!(caller.sandbox.ending(i64::MAX).iter().all(|grant| grant.expires_at > now + 13 * day));
}

#[tokio::test]
async fn who_listens_in_this_process_hears_what_the_platform_tells() {
    let caller = Caller::new().await;
    caller.sandbox.listen();
    let token = caller.token().await;
    let pull = json!({ "media_name": "归来记 - 第9集", "media_url": "https://media.example.org/9.mp4" });
    caller.post(&format!("/wxa/sec/vod/pullupload?access_token={token}"), pull.to_string()).await;
    let told = caller.sandbox.told().await;
    let names: Vec<_> = told.iter().map(|it| (it.name.as_str(), it.to.as_str())).collect();
    assert_eq!(names, [("secvod_upload_event", "wx1234567890abcdef")]);
    assert_eq!(
        (&told[0].message["Event"], &told[0].message["upload_event"]["errmsg"]),
        (&json!(names[0].0), &json!("OK"))
    );
}
