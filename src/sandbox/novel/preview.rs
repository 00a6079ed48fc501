//! How much of a locked chapter the reader plug-in shows.

use super::book::Book;
use super::{Novels, done, refusal};
use crate::sandbox::model::{Answer, Refusal, Request, answer, number};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::HashSet;

/// Words shown of a locked chapter when nobody has set them.
const DEFAULT_WORDS: i64 = 150;

/// The setting of one mini program for one book that it may use.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Preview {
    default_words: i64,
    chapter_setting: Vec<Exception>,
}

/// A chapter that differs.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Exception {
    chapter_index: i64,
    words: i64,
}

impl Default for Preview {
    fn default() -> Self {
        Self { default_words: DEFAULT_WORDS, chapter_setting: Vec::new() }
    }
}

/// The whole setting is replaced. The official sample nests it, the tables of the manual do not.
pub(super) fn set(novels: &mut Novels, request: &Request) -> Answer {
    let setting = match request.fields.get("setting") {
        Some(setting) => setting.as_object().ok_or_else(|| refusal(10140001))?,
        None => &request.fields,
    };
    let book = usable(novels, request, setting.get("book_id"))?;
    let preview =
        Preview { default_words: words(setting.get("default_words"))?, chapter_setting: exceptions(setting)? };
    check_indexes(book, &preview.chapter_setting)?;
    let id = book.id.to_string();
    novels.previews.entry(request.caller.into()).or_default().insert(id, preview);
    done()
}

/// Flat, one exception may stand right beside the default.
fn exceptions(setting: &Map<String, Value>) -> Result<Vec<Exception>, Refusal> {
    let exception = |row: &Map<String, Value>| {
        let chapter_index = row.get("chapter_index").and_then(number).filter(|index| *index >= 0);
        Ok(Exception {
            chapter_index: chapter_index.ok_or_else(|| refusal(10140010))?,
            words: words(row.get("words"))?,
        })
    };
    match setting.get("chapter_setting") {
        Some(Value::Array(rows)) => {
            rows.iter().map(|row| exception(row.as_object().ok_or_else(|| refusal(10140010))?)).collect()
        }
        Some(_) => Err(refusal(10140010)),
        None if setting.contains_key("chapter_index") => Ok(vec![exception(setting)?]),
        None => Ok(Vec::new()),
    }
}

fn words(value: Option<&Value>) -> Result<i64, Refusal> {
    value.and_then(number).filter(|words| *words >= 0).ok_or_else(|| refusal(10140001))
}

/// Each stands for another chapter of either version.
fn check_indexes(book: &Book, exceptions: &[Exception]) -> Result<(), Refusal> {
    let released = book.released().map_or(0, |edition| edition.chapters.len());
    let chapters = book.edit.chapters.len().max(released) as i64;
    let mut seen = HashSet::new();
    let fits = |it: &Exception| it.chapter_index < chapters && seen.insert(it.chapter_index);
    if exceptions.iter().all(fits) { Ok(()) } else { Err(refusal(10140010)) }
}

pub(super) fn get(novels: &mut Novels, request: &Request) -> Answer {
    let book = usable(novels, request, request.fields.get("book_id"))?;
    let own = novels.previews.get(request.caller);
    let Preview { default_words, chapter_setting } =
        own.and_then(|own| own.get(&*book.id)).cloned().unwrap_or_default();
    answer!({
        "setting": { "book_id": book.id, "default_words": default_words, "chapter_setting": chapter_setting },
    })
}

fn usable<'a>(novels: &'a Novels, request: &Request, id: Option<&Value>) -> Result<&'a Book, Refusal> {
    let id = id.and_then(Value::as_str).filter(|id| !id.is_empty()).ok_or_else(|| refusal(10140015))?;
    let book = novels.books.by_id(id).filter(|book| novels.may_use(book, request.caller));
    book.ok_or_else(|| refusal(10141001))
}
