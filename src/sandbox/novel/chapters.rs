//! Chapters: create one or ten, delete, replace, list, get.

use super::book::{Book, Chapter, Edition};
use super::text::Text;
use super::{Novels, done, refusal, view};
use crate::sandbox::model::{Answer, Refusal, Request, answer, number};
use serde_json::{Map, Value, json};
use std::collections::HashSet;

/// How many chapters one call may bring.
const AT_MOST: usize = 10;
/// How many 字 a title may have.
const LONGEST_TITLE: usize = 80;

pub(super) fn create(novels: &mut Novels, request: &Request) -> Answer {
    let book = novels.editable(request)?;
    let row = request.fields.get("chapter").ok_or_else(|| refusal(10140013))?;
    let chapter = uploaded(row, book.edit.by_seq, request.now)?;
    if taken(&book.edit, &chapter.original_id) {
        return Err(refusal(10141009));
    }
    let serial = book.serial;
    let id = store(novels, serial, request, chapter);
    answer!({ "chapter_id": id })
}

/// Chapters whose original_id is taken are left out and reported; the others are stored.
pub(super) fn create_batch(novels: &mut Novels, request: &Request) -> Answer {
    let book = novels.editable(request)?;
    let serial = book.serial;
    let row = |row| uploaded(row, book.edit.by_seq, request.now);
    let chapters = check_count(request.list("chapter_list"))?.iter().map(row).collect::<Result<Vec<_>, _>>()?;
    check_keys(&chapters)?;
    let (conflicts, fresh): (Vec<_>, Vec<_>) =
        chapters.into_iter().partition(|chapter| taken(&book.edit, &chapter.original_id));
    let mut reply = clash(&conflicts);
    if fresh.is_empty() {
        return Err(Refusal { fields: reply, ..refusal(10141009) });
    }
    let ids: Vec<String> = fresh.into_iter().map(|chapter| store(novels, serial, request, chapter)).collect();
    reply.insert("chapter_id_list".into(), ids.into());
    Ok(reply)
}

fn check_count(rows: &[Value]) -> Result<&[Value], Refusal> {
    match rows.len() {
        0 => Err(refusal(10140013)),
        1..=AT_MOST => Ok(rows),
        _ => Err(refusal(10140014)),
    }
}

fn check_keys(chapters: &[Chapter]) -> Result<(), Refusal> {
    let mut keys = HashSet::new();
    let mut given = chapters.iter().map(|chapter| &chapter.original_id).filter(|key| !key.is_empty());
    if given.all(|key| keys.insert(key)) { Ok(()) } else { Err(refusal(10140023)) }
}

fn clash(chapters: &[Chapter]) -> Map<String, Value> {
    let keys: Vec<_> = chapters.iter().map(|chapter| &chapter.original_id).collect();
    let list = (!keys.is_empty()).then(|| ("conflict_original_id_list".to_string(), json!(keys)));
    list.into_iter().collect()
}

/// A chapter as it was sent, still without an id.
fn uploaded(row: &Value, by_seq: bool, now: i64) -> Result<Chapter, Refusal> {
    let text = |field: &str| row[field].as_str().unwrap_or_default();
    Ok(Chapter {
        title: tidy(text("chapter_title"))?,
        content: Text::from(text("content")).into(),
        original_id: text("original_id").into(),
        seq: seq(row, by_seq)?,
        custom_info: text("custom_info").into(),
        create_time: now,
        ..Chapter::default()
    })
}

/// Blanks around a title are removed, runs of blanks inside become one.
fn tidy(title: &str) -> Result<Text, Refusal> {
    let title = title.split_whitespace().collect::<Vec<_>>().join(" ");
    match title.chars().count() {
        1..=LONGEST_TITLE => Ok(title.into()),
        _ => Err(refusal(10140018)),
    }
}

/// A book that is sorted by seq needs it.
fn seq(row: &Value, by_seq: bool) -> Result<i64, Refusal> {
    match number(&row["seq"]) {
        None if by_seq => Err(refusal(10140022)),
        seq => Ok(seq.unwrap_or(0)),
    }
}

fn taken(edit: &Edition, original_id: &str) -> bool {
    !original_id.is_empty() && edit.chapters.iter().any(|chapter| *chapter.original_id == *original_id)
}

/// Put a chapter into the edit version; its id.
fn store(novels: &mut Novels, serial: i64, request: &Request, chapter: Chapter) -> String {
    let id = fresh_id(novels, request);
    novels.books.change(serial, |edit| edit.insert(Chapter { id: id.as_str().into(), ..chapter }));
    id
}

fn fresh_id(novels: &mut Novels, request: &Request) -> String {
    let book = request.text("book_id").and_then(|id| novels.books.by_id(id));
    novels.ids.fresh("Ch", |id| book.is_some_and(|book| book.edit.place_of(id).is_some()))
}

pub(super) fn delete(novels: &mut Novels, request: &Request) -> Answer {
    let book = novels.editable(request)?;
    let serial = book.serial;
    let place = named(&book.edit, request, "chapter_id")?;
    novels.books.change(serial, |edit| edit.remove(place));
    done()
}

/// The new chapter takes the place and the original_id; the old id dies.
pub(super) fn replace(novels: &mut Novels, request: &Request) -> Answer {
    let book = novels.editable(request)?;
    let serial = book.serial;
    let place = named(&book.edit, request, "chapter_id")?;
    let title = tidy(request.text("new_chapter_title").unwrap_or_default())?;
    let content = request.text("new_content").map(Text::from).unwrap_or_default().into();
    let id = fresh_id(novels, request);
    novels.books.change(serial, |edit| {
        let old = &mut edit.chapters[place];
        *old =
            Chapter { id: id.as_str().into(), title, content, create_time: request.now, review: None, ..old.clone() };
    });
    answer!({ "new_chapter_id": id })
}

/// Where the chapter stands that a field names.
pub(super) fn named(edit: &Edition, request: &Request, field: &str) -> Result<usize, Refusal> {
    edit.place_of(request.text(field).unwrap_or_default()).ok_or_else(|| refusal(10141001))
}

pub(super) fn list(novels: &mut Novels, request: &Request) -> Answer {
    let (_, edition) = asked_for(novels, request)?;
    let end = edition.chapters.len();
    let places = match request.number("volume_index") {
        None => 0..end,
        Some(index) => {
            let volume = usize::try_from(index).ok().and_then(|index| edition.volumes.get(index));
            volume.map_or(0..0, |volume| volume.start..end.min(volume.end.saturating_add(1)))
        }
    };
    let offset = request.number("offset").unwrap_or(0) as usize;
    let limit = request.number("limit").unwrap_or(10) as usize;
    let page: Vec<_> = places.clone().skip(offset).take(limit).map(|place| view::chapter(edition, place)).collect();
    answer!({ "chapter_list": page, "total_cnt": places.len() })
}

/// An id is found only in its own version.
pub(super) fn get(novels: &mut Novels, request: &Request) -> Answer {
    let (book, edition) = asked_for(novels, request)?;
    let place = named(edition, request, "chapter_id")?;
    let mut chapter = view::chapter(edition, place);
    chapter.insert("content".into(), edition.chapters[place].content.text().into());
    chapter.insert("book_id".into(), json!(book.id));
    answer!({ "chapter": chapter })
}

fn asked_for<'a>(novels: &'a Novels, request: &Request) -> Result<(&'a Book, &'a Edition), Refusal> {
    let book = novels.named(request)?;
    Ok((book, novels.edition(book, request)?))
}
