//! The novels as their callers see them.

mod books;
mod chapters;
mod grants;
mod review;
mod seed;

use super::Novels;
use crate::sandbox::life::Life;
use crate::sandbox::model::{Refusal, Request, assert_fits_catalog};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

const ME: &str = "wx00000000000000b2";
const GUEST: &str = "wx00000000000000a1";
const NOW: i64 = 1_735_689_600;
const DAY: i64 = 86_400;

/// A caller in front of fresh novels.
struct Desk {
    novels: Novels,
    life: Life,
    caller: &'static str,
    now: i64,
}

impl Desk {
    fn new() -> Self {
        Self { novels: Novels::default(), life: Life::default(), caller: ME, now: NOW }
    }

    /// With one book of one chapter.
    fn with_book() -> (Self, String) {
        let mut desk = Self::new();
        let book_id = desk.book("归来记");
        desk.chapter(&book_id, "第1章 归来");
        (desk, book_id)
    }

    #[track_caller]
    fn call(&mut self, name: &str, fields: Value) -> Result<Map<String, Value>, Refusal> {
        let Value::Object(fields) = fields else { panic!("fields are an object") };
        let operation = format!("novel.{name}");
        let request = Request {
            operation: &operation,
            caller: self.caller,
            fields,
            files: BTreeMap::new(),
            now: self.now,
            life: &self.life,
            without_category: &BTreeSet::new(),
        };
        self.novels.answer(&request).expect("the operation has a model")
    }

    #[track_caller]
    fn ok(&mut self, name: &str, fields: Value) -> Value {
        let reply = self.call(name, fields).expect("the call is answered").into();
        assert_fits_catalog(&format!("novel.{name}"), &reply);
        reply
    }

    #[track_caller]
    fn refused(&mut self, name: &str, fields: Value) -> i64 {
        self.call(name, fields).expect_err("the call is refused").code
    }

    #[track_caller]
    fn book(&mut self, title: &str) -> String {
        let book = json!({
            "title": title, "intro": "一个故事。", "cover_media_id": "MAT_1", "author": "林一",
            "first_category_id": 10001, "second_category_id": 10002, "third_category_id": 10003, "complete_status": 1,
        });
        self.ok("create_book", book)["book_id"].as_str().expect("an id").to_string()
    }

    #[track_caller]
    fn chapter(&mut self, book_id: &str, title: &str) -> String {
        let chapter = json!({ "chapter_title": title, "content": "夜色正浓。" });
        let reply = self.ok("create_chapter", json!({ "book_id": book_id, "chapter": chapter }));
        reply["chapter_id"].as_str().expect("an id").to_string()
    }

    #[track_caller]
    fn titles(&mut self, book_id: &str) -> Vec<String> {
        let list = self.ok("list_chapters", json!({ "book_id": book_id, "need_edited_data": true }));
        let rows = list["chapter_list"].as_array().expect("a list");
        rows.iter().map(|row| row["chapter_title"].as_str().expect("a title").to_string()).collect()
    }

    #[track_caller]
    fn status(&mut self, book_id: &str) -> Value {
        let book = self.ok("get_book", json!({ "book_id": book_id, "need_edited_data": true }));
        book["book"]["audit_info"]["audit_status"].clone()
    }

    /// Submit the book and read it once, so that it passes.
    #[track_caller]
    fn release(&mut self, book_id: &str) {
        self.ok("audit_book", json!({ "book_id": book_id }));
        assert_eq!(self.status(book_id), 3);
    }
}
