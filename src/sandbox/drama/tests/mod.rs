//! The dramas as their callers see them.

mod audit;
mod changes;
mod codes;
mod grants;
mod life;
mod links;
mod media;
mod parts;
mod player;
mod saved;
mod seed;
mod upload;
mod usage;

use super::Dramas;
use crate::sandbox::life::{Event, Life, Ruling, Verdict};
use crate::sandbox::model::{File, Refusal, Request, assert_fits_catalog};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

const ME: &str = "wx00000000000000b2";
const GUEST: &str = "wx00000000000000a1";
const NOW: i64 = 1_735_689_600;
const DAY: i64 = 86_400;

/// Fields of a form that are files; a test gives their size in bytes.
const FILES: [&str; 3] = ["media_data", "cover_data", "data"];

/// A caller in front of fresh dramas.
struct Desk {
    dramas: Dramas,
    life: Life,
    /// What was told so far.
    events: Vec<Event>,
    caller: &'static str,
    now: i64,
}

impl Desk {
    fn new() -> Self {
        Self { dramas: Dramas::default(), life: Life::default(), events: Vec::new(), caller: ME, now: NOW }
    }

    /// With one drama of two episodes that has passed.
    fn with_drama() -> (Self, i64) {
        let mut desk = Self::new();
        let drama_id = desk.drama("归来记");
        (desk, drama_id)
    }

    /// From now on reviews of this end so.
    fn verdict(&mut self, about: &str, result: Ruling, reason: &str) {
        let (about, reason) = (about.into(), reason.into());
        self.life.verdicts.push(Verdict { about, result, reason, times: None });
    }

    /// Let happen what is due, as the server does around each call.
    fn settle(&mut self) {
        self.events.extend(self.dramas.settle(self.now, &mut self.life));
    }

    #[track_caller]
    fn send(&mut self, name: &str, fields: Value) -> Result<Map<String, Value>, Refusal> {
        let Value::Object(mut fields) = fields else { panic!("fields are an object") };
        let operation = full(name);
        let file = |field: &str, fields: &mut Map<String, Value>| {
            let size = fields.remove(field)?.as_u64()?;
            Some((field.to_owned(), File { size, md5: format!("{size:032x}"), ..File::default() }))
        };
        let files: BTreeMap<_, _> = FILES.iter().filter_map(|field| file(field, &mut fields)).collect();
        self.settle();
        let request = Request {
            operation: &operation,
            caller: self.caller,
            fields,
            files,
            now: self.now,
            life: &self.life,
            without_category: &BTreeSet::new(),
        };
        let answer = self.dramas.answer(&request).expect("the operation has a model");
        self.settle();
        answer
    }

    #[track_caller]
    fn ok(&mut self, name: &str, fields: Value) -> Value {
        let reply = self.send(name, fields).expect("the call is answered").into();
        assert_fits_catalog(&full(name), &reply);
        reply
    }

    #[track_caller]
    fn refused(&mut self, name: &str, fields: Value) -> i64 {
        self.send(name, fields).expect_err("the call is refused").code
    }

    #[track_caller]
    fn media(&mut self, name: &str) -> i64 {
        let fields = json!({ "media_name": name, "media_type": "MP4", "media_data": 1000 });
        self.ok("single_file_upload", fields)["media_id"].as_i64().expect("an id")
    }

    /// Submit a drama of two new episodes.
    #[track_caller]
    fn drama(&mut self, name: &str) -> i64 {
        let episodes = [1, 2].map(|number| self.media(&format!("{name} - 第{number}集")));
        let reply = self.ok("audit_drama", first(name, &episodes));
        reply["drama_id"].as_i64().expect("an id")
    }

    #[track_caller]
    fn status(&mut self, drama_id: i64) -> Value {
        self.ok("get_drama", json!({ "drama_id": drama_id }))["drama_info"]["audit_detail"]["status"].clone()
    }

    #[track_caller]
    fn episodes(&mut self, drama_id: i64) -> Vec<i64> {
        let info = self.ok("get_drama", json!({ "drama_id": drama_id }));
        let list = info["drama_info"]["media_list"].as_array().expect("a list").clone();
        list.iter().map(|row| row["media_id"].as_i64().expect("an id")).collect()
    }

    #[track_caller]
    fn media_info(&mut self, media_id: i64) -> Value {
        self.ok("get_media", json!({ "media_id": media_id }))["media_info"].clone()
    }

    #[track_caller]
    fn media_status(&mut self, media_id: i64) -> Value {
        self.media_info(media_id)["audit_detail"]["status"].clone()
    }

    /// The whole state.
    fn saved(&self) -> Value {
        serde_json::to_value(&self.dramas).expect("a state is JSON")
    }

    /// The last review of a drama of one kind.
    #[track_caller]
    fn review(&mut self, drama_id: i64, audit_type: i64) -> Value {
        let fields = json!({ "drama_id": drama_id, "audit_type": audit_type });
        self.ok("get_latest_audit_info", fields)["audit_detail"].clone()
    }
}

/// `drama.list_media`, unless the name has its module.
fn full(name: &str) -> String {
    if name.contains('.') { name.into() } else { format!("drama.{name}") }
}

/// A first submission.
fn first(name: &str, episodes: &[i64]) -> Value {
    json!({
        "name": name, "media_count": episodes.len(), "media_id_list": episodes, "producer": "示例影业",
        "description": "一个故事。", "cover_material_id": "MAT_1", "drama_type": 1,
        "copyright": { "copyright_role": 1, "apply_for_copyright_protection": 1, "copyright_verification": "2" },
    })
}

/// The codes of a reply's rows.
fn codes(reply: &Value) -> Vec<i64> {
    let rows = reply["result"].as_array().expect("rows");
    rows.iter().map(|row| row["errcode"].as_i64().expect("a code")).collect()
}
