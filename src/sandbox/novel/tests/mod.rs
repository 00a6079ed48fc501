//! The novels as their callers see them.

mod accounts;
mod books;
mod changes;
mod chapters;
mod codes;
mod grants;
mod preview;
mod review;
mod seed;
mod world;

use super::Novels;
use crate::catalog::Catalog;
use crate::sandbox::endpoint::{Endpoint, Endpoints};
use crate::sandbox::life::{Event, Life, Ruling, Verdict};
use crate::sandbox::model::{Refusal, Request};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

const ME: &str = "wx00000000000000b2";
const GUEST: &str = "wx00000000000000a1";
const NOW: i64 = 1_735_689_600;
const DAY: i64 = 86_400;

/// A caller in front of novels that were fresh.
struct Desk {
    novels: Novels,
    life: Life,
    without_category: BTreeSet<String>,
    /// What the platform told so far.
    events: Vec<Event>,
    caller: &'static str,
    now: i64,
}

impl Desk {
    fn new() -> Self {
        Self {
            novels: Novels::default(),
            life: Life::default(),
            without_category: BTreeSet::new(),
            events: Vec::new(),
            caller: ME,
            now: NOW,
        }
    }

    /// With one book of one chapter.
    fn with_book() -> (Self, String) {
        let mut desk = Self::new();
        let book_id = desk.book("归来记");
        desk.chapter(&book_id, "第1章 归来");
        (desk, book_id)
    }

    fn settle(&mut self) {
        self.events.extend(self.novels.settle(self.now, &mut self.life));
    }

    fn call(&mut self, name: &str, fields: Value) -> Result<Map<String, Value>, Refusal> {
        let endpoint = endpoint(name);
        self.settle();
        if let Err(misfit) = endpoint.check_request(&fields, |misfit| Novels::judges(&endpoint.name, &misfit.path)) {
            return Err(Refusal::new(Novels::misfit(&endpoint.name, &misfit.path), misfit.to_string()));
        }
        let Value::Object(fields) = fields else { panic!("fields are an object") };
        let request = Request {
            operation: &endpoint.name,
            caller: self.caller,
            fields,
            files: BTreeMap::new(),
            now: self.now,
            life: &self.life,
            without_category: &self.without_category,
        };
        let answer = self.novels.answer(&request).expect("the operation has a model");
        self.settle();
        answer
    }

    #[track_caller]
    fn ok(&mut self, name: &str, fields: Value) -> Value {
        let reply = self.call(name, fields).expect("the call is answered").into();
        endpoint(name).check_reply(&reply).expect("the reply fits the catalog");
        reply
    }

    #[track_caller]
    fn refused(&mut self, name: &str, fields: Value) -> i64 {
        self.call(name, fields).expect_err("the call is refused").code
    }

    fn dump(&self) -> Value {
        serde_json::to_value(&self.novels).expect("the novels can be written down")
    }

    #[track_caller]
    fn book(&mut self, title: &str) -> String {
        self.created(new_book(title))
    }

    #[track_caller]
    fn created(&mut self, book: Value) -> String {
        self.ok("create_book", book)["book_id"].as_str().expect("an id").to_string()
    }

    #[track_caller]
    fn chapter(&mut self, book_id: &str, title: &str) -> String {
        let chapter = json!({ "chapter_title": title, "content": "夜色正浓。", "seq": 0 });
        let reply = self.ok("create_chapter", json!({ "book_id": book_id, "chapter": chapter }));
        reply["chapter_id"].as_str().expect("an id").to_string()
    }

    #[track_caller]
    fn titles(&mut self, book_id: &str) -> Vec<String> {
        let list = self.ok("list_chapters", json!({ "book_id": book_id, "need_edited_data": true }));
        let rows = list["chapter_list"].as_array().expect("a list");
        rows.iter().map(|row| row["chapter_title"].as_str().expect("a title").to_string()).collect()
    }

    /// The edit version of a book.
    #[track_caller]
    fn edited(&mut self, book_id: &str) -> Value {
        self.ok("get_book", json!({ "book_id": book_id, "need_edited_data": true }))["book"].clone()
    }

    /// The release version of a book.
    #[track_caller]
    fn released(&mut self, book_id: &str) -> Value {
        self.ok("get_book", json!({ "book_id": book_id }))["book"].clone()
    }

    #[track_caller]
    fn status(&mut self, book_id: &str) -> Value {
        self.edited(book_id)["audit_info"]["audit_status"].clone()
    }

    /// Submit the book, which passes at once.
    #[track_caller]
    fn release(&mut self, book_id: &str) {
        self.ok("audit_book", json!({ "book_id": book_id }));
        assert_eq!(self.status(book_id), 3);
    }

    #[track_caller]
    fn grant(&mut self, book_id: &str, grantee: &str, expire_time: i64) {
        self.ok("add_book_auth", json!({ "books": [grant_row(book_id, grantee, expire_time)] }));
    }

    /// Let the reviewers reject what has this in its title.
    fn reject(&mut self, about: &str, reason: &str) {
        let (about, reason) = (about.into(), reason.into());
        self.life.verdicts.push(Verdict { about, result: Ruling::Reject, reason, times: None });
    }
}

fn endpoint(name: &str) -> &'static Endpoint {
    let operation = Catalog::builtin().find(&format!("novel.{name}")).expect("the catalog has the operation");
    Endpoints::builtin().at(&operation.path).expect("the operation can be called")
}

fn new_book(title: &str) -> Value {
    json!({
        "title": title, "intro": "一个故事。", "cover_media_id": "MAT_1", "author": "林一",
        "first_category_id": 10001, "second_category_id": 10002, "third_category_id": 10003, "complete_status": 1,
    })
}

fn chapter_row(title: &str, key: &str, seq: i64) -> Value {
    json!({ "chapter_title": title, "content": "天亮了。", "original_id": key, "seq": seq })
}

fn grant_row(book_id: &str, grantee: &str, expire_time: i64) -> Value {
    json!({ "book_id": book_id, "grantee_appid": grantee, "expire_time": expire_time })
}

/// An object with one field changed.
fn with(mut object: Value, field: &str, value: impl Into<Value>) -> Value {
    object[field] = value.into();
    object
}

/// An object with one field left out.
fn without(mut object: Value, field: &str) -> Value {
    object.as_object_mut().expect("an object").remove(field);
    object
}
