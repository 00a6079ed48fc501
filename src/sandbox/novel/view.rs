//! How books, chapters and reviews look in a reply.

use super::book::{Book, Chapter, Edition, Review, Status};
use serde_json::{Map, Value, json};

/// What the platform tells the author of anything that did not pass.
const SUGGESTION: &str = "请按审核原因修改后重新提审";

/// A book as the lists show it.
pub(super) fn book(book: &Book, edition: &Edition) -> Map<String, Value> {
    let [first, second, third] = edition.categories;
    let mut fields = fields(json!({
        "book_id": book.id,
        "title": edition.title,
        "intro": edition.intro,
        "cover_url": format!("https://img.example.org/b/{}.jpg", &*edition.cover_media_id),
        "author": edition.author,
        "first_category_id": first,
        "second_category_id": second,
        "third_category_id": third,
        "complete_status": edition.complete_status,
        "upload_scene": 2,
        "chapter_cnt": edition.chapters.len(),
        "volume_cnt": edition.volumes.len(),
        "total_word_cnt": edition.chapters.iter().map(|chapter| chapter.content.words()).sum::<usize>(),
        "create_time": book.create_time,
        "original_id": book.original_id,
        "chapter_order_method": i64::from(edition.by_seq),
        "custom_info": edition.custom_info,
        "ban_status": 0,
    }));
    fields.extend(edition.review.as_ref().map(audit_info));
    fields
}

/// A single book, with what the lists leave out.
pub(super) fn full_book(it: &Book, edition: &Edition) -> Map<String, Value> {
    let mut fields = book(it, edition);
    let names = ["first_category_name", "second_category_name", "third_category_name"];
    for (name, category) in names.into_iter().zip(edition.categories) {
        fields.insert(name.into(), category_name(category).into());
    }
    let volumes = edition
        .volumes
        .iter()
        .map(|volume| json!({ "volume_title": volume.title, "start_index": volume.start, "end_index": volume.end }));
    fields.insert("volume_list".into(), volumes.collect());
    fields
}

/// A chapter as the lists show it, without its text.
pub(super) fn chapter(edition: &Edition, place: usize) -> Map<String, Value> {
    let chapter: &Chapter = &edition.chapters[place];
    let mut fields = fields(json!({
        "chapter_id": chapter.id,
        "chapter_title": chapter.title,
        "word_cnt": chapter.content.words(),
        "create_time": chapter.create_time,
        "volume_index": edition.volume_of(place).map_or(-1, |index| index as i64),
        "original_id": chapter.original_id,
        "seq": chapter.seq,
        "custom_info": chapter.custom_info,
        "ban_status": 0,
    }));
    fields.extend(chapter.review.as_ref().map(audit_info));
    fields
}

/// Only for what has been submitted at least once.
fn audit_info(review: &Review) -> (String, Value) {
    let mut info = json!({
        "audit_status": review.status as i64,
        "create_time": review.submitted,
        "audit_time": review.decided,
        "reason": review.reason,
    });
    if review.status == Status::NotPassed {
        info["suggestion"] = SUGGESTION.into();
    }
    ("audit_info".into(), info)
}

/// Only WeChat publishes the list of categories; these are the ones that the seed uses.
fn category_name(id: i64) -> &'static str {
    match id {
        10001 => "男频",
        10002 => "都市",
        10003 => "现实",
        10004 => "玄幻",
        10005 => "历史",
        10011 => "女频",
        10012 => "古代言情",
        10013 => "现代言情",
        10014 => "年代",
        _ => "其他",
    }
}

/// The fields of an object literal.
fn fields(object: Value) -> Map<String, Value> {
    match object {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}
