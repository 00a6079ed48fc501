//! Chapters: create one or ten, delete, replace, list, get.

use super::book::{Chapter, Edition};
use super::{Novels, done, refusal};
use crate::sandbox::model::{Answer, Refusal, Request, answer, number};
use serde_json::{Map, Value, json};
use std::collections::HashSet;

/// How many chapters one call may bring.
const AT_MOST: usize = 10;

pub(super) fn create(novels: &mut Novels, request: &Request) -> Answer {
    let row = request.fields.get("chapter").ok_or_else(|| refusal(10140013))?;
    let id = novels.fresh_id("Ch");
    let edit = &mut novels.editable(request)?.edit;
    let chapter = uploaded(row, &id, request.now)?;
    if taken(edit, &chapter.original_id) {
        return Err(refusal(10141009));
    }
    edit.insert(chapter);
    edit.touch();
    answer!({ "chapter_id": id })
}

/// Chapters whose original_id is taken are left out and reported; the others are stored.
pub(super) fn create_batch(novels: &mut Novels, request: &Request) -> Answer {
    let rows = request.list("chapter_list");
    let ids: Vec<String> = rows.iter().map(|_| novels.fresh_id("Ch")).collect();
    let edit = &mut novels.editable(request)?.edit;
    let pairs = rows.iter().zip(&ids);
    let chapters = pairs.map(|(row, id)| uploaded(row, id, request.now)).collect::<Result<Vec<_>, _>>()?;
    check_batch(&chapters)?;
    let (conflicts, fresh): (Vec<_>, Vec<_>) =
        chapters.into_iter().partition(|chapter| taken(edit, &chapter.original_id));
    let conflicts: Vec<String> = conflicts.into_iter().map(|chapter| chapter.original_id).collect();
    if fresh.is_empty() {
        return Err(Refusal { fields: clash(&conflicts), ..refusal(10141009) });
    }
    let stored: Vec<String> = fresh.iter().map(|chapter| chapter.id.clone()).collect();
    fresh.into_iter().for_each(|chapter| edit.insert(chapter));
    edit.touch();
    let mut reply = clash(&conflicts);
    reply.insert("chapter_id_list".into(), stored.into());
    Ok(reply)
}

fn check_batch(chapters: &[Chapter]) -> Result<(), Refusal> {
    let mut keys = HashSet::new();
    let mut repeats = chapters.iter().map(|chapter| &chapter.original_id).filter(|key| !key.is_empty());
    match chapters.len() {
        0 => Err(refusal(10140013)),
        count if count > AT_MOST => Err(refusal(10140014)),
        _ if repeats.any(|key| !keys.insert(key)) => Err(refusal(10140023)),
        _ => Ok(()),
    }
}

fn clash(keys: &[String]) -> Map<String, Value> {
    let list = (!keys.is_empty()).then(|| ("conflict_original_id_list".to_string(), json!(keys)));
    list.into_iter().collect()
}

/// Blanks around a title are removed, runs of blanks inside become one.
fn uploaded(row: &Value, id: &str, now: i64) -> Result<Chapter, Refusal> {
    let text = |field: &str| row[field].as_str().unwrap_or_default().to_string();
    Ok(Chapter {
        id: id.into(),
        title: tidy(&text("chapter_title"))?,
        content: readable(&text("content"))?,
        original_id: text("original_id"),
        seq: number(&row["seq"]).unwrap_or(0),
        custom_info: text("custom_info"),
        create_time: now,
        review: None,
    })
}

fn tidy(title: &str) -> Result<String, Refusal> {
    let words: Vec<&str> = title.split_whitespace().collect();
    if words.is_empty() { Err(refusal(10140018)) } else { Ok(words.join(" ")) }
}

fn readable(content: &str) -> Result<String, Refusal> {
    if content.trim().is_empty() { Err(refusal(10140019)) } else { Ok(content.into()) }
}

fn taken(edit: &Edition, original_id: &str) -> bool {
    !original_id.is_empty() && edit.chapters.iter().any(|chapter| chapter.original_id == original_id)
}

pub(super) fn delete(novels: &mut Novels, request: &Request) -> Answer {
    let edit = &mut novels.editable(request)?.edit;
    let place = named(edit, request, "chapter_id")?;
    edit.chapters.remove(place);
    edit.volumes_stale = true;
    edit.touch();
    done()
}

/// The new chapter takes the place and the original_id; the old id dies.
pub(super) fn replace(novels: &mut Novels, request: &Request) -> Answer {
    let id = novels.fresh_id("Ch");
    let edit = &mut novels.editable(request)?.edit;
    let place = named(edit, request, "chapter_id")?;
    let title = tidy(request.text("new_chapter_title").unwrap_or_default())?;
    let content = readable(request.text("new_content").unwrap_or_default())?;
    let chapter = &mut edit.chapters[place];
    *chapter = Chapter { id: id.clone(), title, content, create_time: request.now, review: None, ..chapter.clone() };
    edit.touch();
    answer!({ "new_chapter_id": id })
}

/// Where the chapter stands that a field names.
pub(super) fn named(edit: &Edition, request: &Request, field: &str) -> Result<usize, Refusal> {
    edit.place_of(request.text(field).unwrap_or_default()).ok_or_else(|| refusal(10141001))
}

pub(super) fn list(novels: &mut Novels, request: &Request) -> Answer {
    let edition = asked_for(novels, request)?;
    let volume = request.number("volume_index");
    let rows = (0..edition.chapters.len()).map(|place| edition.chapter_json(place));
    let rows: Vec<_> = rows.filter(|row| volume.is_none_or(|index| row["volume_index"] == index)).collect();
    let offset = request.number("offset").unwrap_or(0) as usize;
    let limit = request.number("limit").unwrap_or(10) as usize;
    let total = rows.len();
    let page: Vec<_> = rows.into_iter().skip(offset).take(limit).collect();
    answer!({ "chapter_list": page, "total_cnt": total })
}

/// An id is found only in its own version.
pub(super) fn get(novels: &mut Novels, request: &Request) -> Answer {
    let edition = asked_for(novels, request)?;
    let place = named(edition, request, "chapter_id")?;
    let mut chapter = edition.chapter_json(place);
    chapter.insert("content".into(), edition.chapters[place].content.as_str().into());
    chapter.insert("book_id".into(), request.text("book_id").into());
    answer!({ "chapter": chapter })
}

fn asked_for<'a>(novels: &'a Novels, request: &Request) -> Result<&'a Edition, Refusal> {
    let book = novels.book(request.text("book_id").unwrap_or_default());
    book.and_then(|book| novels.edition(book, request)).ok_or_else(|| refusal(10141001))
}
