//! Books: create, delete, list, get.

use super::book::{Book, Edition, Release};
use super::text::Text;
use super::{Novels, done, refusal, view};
use crate::sandbox::model::{Answer, Refusal, Request, answer};
use serde_json::{Value, json};

/// The furthest offset of a list; beyond it only `last_id` helps.
const FURTHEST: i64 = 100_000;

pub(super) fn create(novels: &mut Novels, request: &Request) -> Answer {
    let original_id = request.text("original_id").unwrap_or_default();
    let edit = first_edition(request)?;
    if novels.books.by_key(request.caller, original_id).is_some() {
        return Err(refusal(10141009));
    }
    let id = novels.ids.fresh("Bk", |id| novels.books.by_id(id).is_some());
    novels.books.add(Book {
        serial: novels.ids.newest(),
        id: id.as_str().into(),
        owner: request.caller.into(),
        original_id: original_id.into(),
        create_time: request.now,
        edit,
        release: Release::None,
    });
    answer!({ "book_id": id })
}

fn first_edition(request: &Request) -> Result<Edition, Refusal> {
    let text = |field| request.text(field).unwrap_or_default().into();
    check_cover(request)?;
    Ok(Edition {
        title: text("title"),
        intro: text("intro"),
        cover_media_id: text("cover_media_id"),
        author: text("author"),
        categories: categories(request)?.unwrap_or_default(),
        complete_status: complete_status(request).unwrap_or(1),
        by_seq: request.number("chapter_order_method") == Some(1),
        custom_info: text("custom_info"),
        keywords: keywords(request),
        awesome_paragraph: text("awesome_paragraph"),
        ..Edition::default()
    })
}

pub(super) fn check_cover(request: &Request) -> Result<(), Refusal> {
    if request.text("cover_media_id") == Some("") { Err(refusal(10140005)) } else { Ok(()) }
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

pub(super) fn complete_status(request: &Request) -> Option<u8> {
    request.number("complete_status").and_then(|status| u8::try_from(status).ok())
}

pub(super) fn keywords(request: &Request) -> Box<[Text]> {
    request.list("keyword_list").iter().filter_map(Value::as_str).map(Into::into).collect()
}

/// Its grants go with it.
pub(super) fn delete(novels: &mut Novels, request: &Request) -> Answer {
    let book = novels.editable(request)?;
    let (serial, id) = (book.serial, book.id.to_string());
    novels.books.remove(serial);
    novels.book_grants.remove_book(&id, request.caller);
    for previews in novels.previews.values_mut() {
        previews.remove(&id);
    }
    for lists in novels.recommended.values_mut() {
        lists.forget(&id);
    }
    done()
}

pub(super) fn list(novels: &mut Novels, request: &Request) -> Answer {
    let edited = request.flag("need_edited_data");
    let all = if edited { novels.books.of(request.caller) } else { novels.books.released_of(request.caller) };
    let last_id = request.number("last_id");
    let rest = match (last_id, request.number("offset").unwrap_or(0)) {
        (Some(last_id), _) => &all[all.partition_point(|serial| *serial <= last_id)..],
        (None, offset) if offset > FURTHEST => return Err(refusal(10140017)),
        (None, offset) => all.get(offset as usize..).unwrap_or_default(),
    };
    let limit = request.number("limit").unwrap_or(100) as usize;
    let page = &rest[..limit.min(rest.len())];
    let row = |book: &Book| novels.edition(book, request).map(|edition| Value::from(view::book(book, edition)));
    let books = novels.books.numbered(page).map(row).collect::<Result<Vec<_>, _>>()?;
    let mut reply = json!({ "book_list": books, "total_cnt": all.len() });
    if let (Some(_), Some(serial)) = (last_id, page.last()) {
        reply["last_id"] = (*serial).into();
    }
    answer!(reply)
}

/// `book_id` wins over `original_id`.
pub(super) fn get(novels: &mut Novels, request: &Request) -> Answer {
    let given = |field| request.text(field).filter(|text| !text.is_empty());
    let book = match (given("book_id"), given("original_id")) {
        (None, Some(key)) => novels.books.by_key(request.caller, key).ok_or_else(|| refusal(10141001))?,
        _ => novels.named(request)?,
    };
    answer!({ "book": view::full_book(book, novels.edition(book, request)?) })
}
