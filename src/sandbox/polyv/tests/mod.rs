//! A library as its callers see it.

mod categories;
mod listing;
mod save;
mod signature;
mod stages;
mod statistics;
mod sub_account;
mod uploads;
mod videos;
mod viewlog;

use super::{Polyv, judges, library::Library, misfit};
use crate::sandbox::{
    endpoint::{Endpoint, Endpoints},
    envelope,
    life::Life,
    model::{File, Refusal, Request},
    options::{Account, Options},
};
use fastrand::Rng;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

const NOW: i64 = 1_735_689_600; // 2025-01-01 08:00:00 in China
const DAY: i64 = 86_400;
const USER: &str = "a1b2c3d4e5";
/// The video of all examples.
const VID: &str = "a1b2c3d4e5f60718293a4b5c6d7e8f90_a";
const DRAMAS: &str = "1735600000001";
const SWEET: &str = "1735600000004";

/// A caller in front of a fresh library.
struct Desk {
    polyv: Polyv,
    accounts: Vec<Account>,
    life: Life,
    now: i64,
    user: &'static str,
}

impl Desk {
    fn new() -> Self {
        let accounts = Options::default().accounts;
        let polyv = Polyv::new(&accounts, Rng::with_seed(7), NOW);
        Self { polyv, accounts, life: Life::default(), now: NOW, user: USER }
    }

    #[track_caller]
    fn send(&mut self, name: &str, fields: Value, file: Option<(&str, File)>) -> Result<Map<String, Value>, Refusal> {
        let endpoint = endpoint(name);
        let Value::Object(mut fields) = fields else { panic!("fields are an object") };
        fields.insert("userid".into(), USER.into());
        fields.insert("userId".into(), USER.into());
        let files: BTreeMap<_, _> = file.into_iter().map(|(name, file)| (name.to_owned(), file)).collect();
        let mut all = fields.clone();
        all.extend(files.keys().map(|name| (name.clone(), json!(""))));
        let fits = endpoint.check_request(&Value::Object(all), |wrong| judges(&endpoint.name, &wrong.path));
        fits.map_err(|wrong| Refusal::new(misfit(&endpoint.name, &wrong.path), wrong.message))?;
        self.polyv.settle(self.now, &mut self.life);
        let request = Request {
            operation: &endpoint.name,
            caller: self.user,
            fields,
            files,
            now: self.now,
            life: &self.life,
            without_category: &BTreeSet::new(),
        };
        self.polyv.answer(&self.accounts, &request, "203.0.113.9").expect("the operation has a model")
    }

    /// What stands in `data` of a reply that fits the catalog.
    #[track_caller]
    fn data(&mut self, name: &str, fields: Value) -> Value {
        self.data_with(name, fields, None)
    }

    #[track_caller]
    fn data_with(&mut self, name: &str, fields: Value, file: Option<(&str, File)>) -> Value {
        let fields = self.send(name, fields, file).expect("the call is answered");
        let endpoint = endpoint(name);
        let reply = envelope::success(&endpoint.operation, fields, "3f0c6c1e");
        endpoint.check_reply(&reply).unwrap_or_else(|wrong| panic!("{name} answers {reply}: {wrong}"));
        reply["data"].clone()
    }

    #[track_caller]
    fn refusal(&mut self, name: &str, fields: Value) -> Refusal {
        self.send(name, fields, None).expect_err("the call is refused")
    }

    #[track_caller]
    fn refused(&mut self, name: &str, fields: Value) -> i64 {
        self.refusal(name, fields).code
    }

    /// Upload a video; its vid.
    #[track_caller]
    fn upload(&mut self, title: &str, category: &str) -> String {
        let fields = json!({
            "writetoken": "sandbox-writetoken", "method": "uploadfile", "cataid": category,
            "JSONRPC": json!({ "title": title, "tag": "短剧", "desc": "一个故事。" }).to_string(),
        });
        let data = self.data_with("legacy_upload_file", fields, Some(("Filedata", video_file("1.mp4", 1000))));
        text(&data[0]["vid"])
    }

    #[track_caller]
    fn basic(&mut self, vid: &str) -> Value {
        self.data("get_video_info", json!({ "vids": vid }))[0]["basicInfo"].clone()
    }

    #[track_caller]
    fn message(&mut self, vid: &str) -> Value {
        self.data("v2_get_video", json!({ "vid": vid }))[0].clone()
    }

    fn library(&mut self) -> &mut Library {
        self.polyv.libraries.get_mut(USER).expect("a library")
    }

    /// The vids of all videos that are there.
    fn vids(&mut self) -> Vec<String> {
        let all = self.data("list_video", json!({ "pageSize": 1000 }));
        rows(&all["contents"]).iter().map(|row| text(&row["vid"])).collect()
    }
}

#[track_caller]
fn endpoint(name: &str) -> &'static Endpoint {
    Endpoints::builtin().named(&format!("polyv.{name}")).expect("an operation of the catalog")
}

fn video_file(name: &str, size: u64) -> File {
    File {
        name: name.into(),
        bytes: vec![7; size as usize].into(),
        size,
        md5: "0cc175b9c0f1b6a831c399e269772661".into(),
    }
}

#[track_caller]
fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

#[track_caller]
fn rows(value: &Value) -> &Vec<Value> {
    value.as_array().expect("rows")
}

/// So many vids that nobody has, joined with commas.
fn many(count: usize) -> String {
    (0..count).map(|number| format!("v{number}")).collect::<Vec<_>>().join(",")
}
