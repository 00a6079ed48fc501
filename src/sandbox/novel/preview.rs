//! What the reader plug-in shows of locked chapters, and what it recommends after the last one.

use super::book::Book;
use super::{Novels, done, refusal};
use crate::sandbox::model::{Answer, Refusal, Request, answer, number};
use serde_json::{Value, json};
use std::collections::HashSet;

/// Words shown of a locked chapter when nobody has set them.
const DEFAULT_WORDS: i64 = 150;

/// The setting of one mini program for one book that it may use.
#[derive(Debug)]
pub(super) struct Preview {
    pub appid: String,
    pub book_id: String,
    pub default_words: i64,
    pub chapters: Vec<Value>,
}

/// The whole setting is replaced.
pub(super) fn set(novels: &mut Novels, request: &Request) -> Answer {
    let setting = request.fields.get("setting").unwrap_or(&Value::Null);
    let book_id = setting["book_id"].as_str().unwrap_or_default();
    let chapters = setting["chapter_setting"].as_array().cloned().unwrap_or_default();
    check_indexes(usable(novels, request, book_id)?, &chapters)?;
    let default_words = number(&setting["default_words"]).filter(|words| *words >= 0);
    let preview = Preview {
        appid: request.caller.into(),
        book_id: book_id.into(),
        default_words: default_words.ok_or_else(|| refusal(10140001))?,
        chapters,
    };
    novels.previews.retain(|old| old.appid != preview.appid || old.book_id != preview.book_id);
    novels.previews.push(preview);
    done()
}

fn check_indexes(book: &Book, rows: &[Value]) -> Result<(), Refusal> {
    let mut seen = HashSet::new();
    let chapters = book.edit.chapters.len() as i64;
    let fits = |row: &Value| number(&row["chapter_index"]).is_some_and(|index| index < chapters && seen.insert(index));
    if rows.iter().all(fits) { Ok(()) } else { Err(refusal(10140010)) }
}

pub(super) fn get(novels: &mut Novels, request: &Request) -> Answer {
    let book_id = request.text("book_id").unwrap_or_default();
    usable(novels, request, book_id)?;
    let meant = |preview: &&Preview| preview.appid == request.caller && preview.book_id == book_id;
    let preview = novels.previews.iter().find(meant);
    let words = preview.map_or(DEFAULT_WORDS, |preview| preview.default_words);
    let chapters = preview.map_or(json!([]), |preview| json!(preview.chapters));
    answer!({ "setting": { "book_id": book_id, "default_words": words, "chapter_setting": chapters } })
}

/// Nothing reads the list back, so only its rule is kept: the caller may use every book.
pub(super) fn recommend(novels: &mut Novels, request: &Request) -> Answer {
    for id in request.list("book_id_list") {
        usable(novels, request, id.as_str().unwrap_or_default())?;
    }
    done()
}

fn usable<'a>(novels: &'a Novels, request: &Request, book_id: &str) -> Result<&'a Book, Refusal> {
    novels.book(book_id).filter(|book| novels.may_use(book, request)).ok_or_else(|| refusal(10141001))
}
