//! Books: create, delete, list, get.

use super::book::{Book, Edition};
use super::{Novels, done, refusal};
use crate::sandbox::model::{Answer, Refusal, Request, answer};
use serde_json::{Value, json};

/// The furthest offset of a list; beyond it only `last_id` helps.
const FURTHEST: i64 = 100_000;

pub(super) fn create(novels: &mut Novels, request: &Request) -> Answer {
    let original_id = request.text("original_id").unwrap_or_default();
    if !original_id.is_empty() && by_original_id(novels, request.caller, original_id).is_some() {
        return Err(refusal(10141009));
    }
    let edit = first_edition(request)?;
    let id = novels.fresh_id("Bk");
    novels.books.push(Book {
        serial: novels.ids as i64,
        id: id.clone(),
        owner: request.caller.into(),
        original_id: original_id.into(),
        create_time: request.now,
        edit,
        release: None,
    });
    answer!({ "book_id": id })
}

fn first_edition(request: &Request) -> Result<Edition, Refusal> {
    let text = |field| request.text(field).unwrap_or_default().to_string();
    Ok(Edition {
        title: text("title"),
        intro: text("intro"),
        cover_media_id: text("cover_media_id"),
        author: text("author"),
        categories: categories(request)?.unwrap_or_default(),
        complete_status: request.number("complete_status").unwrap_or(1),
        by_seq: request.number("chapter_order_method") == Some(1),
        custom_info: text("custom_info"),
        ..Edition::default()
    })
}

/// The three levels of the category: all or none, and no id below 1.
pub(super) fn categories(request: &Request) -> Result<Option<[i64; 3]>, Refusal> {
    match ["first_category_id", "second_category_id", "third_category_id"].map(|field| request.number(field)) {
        [None, None, None] => Ok(None),
        [Some(first), Some(second), Some(third)] if first.min(second).min(third) > 0 => {
            Ok(Some([first, second, third]))
        }
        _ => Err(refusal(10140007)),
    }
}

pub(super) fn delete(novels: &mut Novels, request: &Request) -> Answer {
    let id = novels.editable(request)?.id.clone();
    novels.books.retain(|book| book.id != id);
    novels.book_grants.retain(|grant| grant.book_id != id);
    novels.previews.retain(|preview| preview.book_id != id);
    done()
}

pub(super) fn list(novels: &mut Novels, request: &Request) -> Answer {
    let last_id = request.number("last_id");
    let offset = request.number("offset").filter(|_| last_id.is_none()).unwrap_or(0);
    if offset > FURTHEST {
        return Err(refusal(10140017));
    }
    let limit = request.number("limit").unwrap_or(100);
    let version = |book| novels.edition(book, request).map(|edition| (book, edition));
    let all: Vec<_> = novels.books.iter().filter(|book| book.owner == request.caller).filter_map(version).collect();
    let rest = all.iter().filter(|(book, _)| book.serial > last_id.unwrap_or(0));
    let page: Vec<_> = rest.skip(offset as usize).take(limit as usize).collect();
    let books: Vec<Value> = page.iter().map(|(book, edition)| book.json(edition).into()).collect();
    let mut reply = json!({ "book_list": books, "total_cnt": all.len() });
    if let (Some(_), Some((book, _))) = (last_id, page.last()) {
        reply["last_id"] = book.serial.into();
    }
    answer!(reply)
}

pub(super) fn get(novels: &mut Novels, request: &Request) -> Answer {
    let book = match (request.text("book_id"), request.text("original_id")) {
        (Some(id), _) => novels.book(id),
        (None, Some(key)) if !key.is_empty() => by_original_id(novels, request.caller, key),
        _ => None,
    };
    let found = book.and_then(|book| Some(book.full_json(novels.edition(book, request)?)));
    answer!({ "book": found.ok_or_else(|| refusal(10141001))? })
}

fn by_original_id<'a>(novels: &'a Novels, owner: &str, key: &str) -> Option<&'a Book> {
    novels.books.iter().find(|book| book.owner == owner && book.original_id == key)
}
