//! `update_book`: all is checked before anything changes.

use super::book::Edition;
use super::text::Text;
use super::{Novels, books, done, refusal, volumes};
use crate::sandbox::model::{Answer, Refusal, Request};
use serde_json::Value;
use std::collections::HashSet;

pub(super) fn update(novels: &mut Novels, request: &Request) -> Answer {
    let book = novels.editable(request)?;
    let serial = book.serial;
    let categories = books::categories(request)?;
    let order = wanted_order(&book.edit, request)?;
    let volumes = volumes::wanted(&book.edit, request)?;
    books::check_cover(request)?;
    check_paragraph(&book.edit, request)?;
    novels.books.change(serial, |edit| {
        describe(edit, request);
        edit.categories = categories.unwrap_or(edit.categories);
        switch_order(edit, request);
        if let Some(places) = order {
            edit.chapters = places.into_iter().map(|place| edit.chapters[place].clone()).collect();
        }
        if let Some(volumes) = volumes {
            edit.volumes = volumes;
            edit.volumes_stale = false;
        }
    });
    done()
}

fn describe(edit: &mut Edition, request: &Request) {
    let set = |field: &str, slot: &mut Text| {
        if let Some(text) = request.text(field) {
            *slot = text.into();
        }
    };
    set("title", &mut edit.title);
    set("intro", &mut edit.intro);
    set("cover_media_id", &mut edit.cover_media_id);
    set("author", &mut edit.author);
    set("custom_info", &mut edit.custom_info);
    set("awesome_paragraph", &mut edit.awesome_paragraph);
    edit.complete_status = books::complete_status(request).unwrap_or(edit.complete_status);
    if request.flag("update_keyword") {
        edit.keywords = books::keywords(request);
    }
}

/// A striking paragraph stands in the book, word for word.
fn check_paragraph(edit: &Edition, request: &Request) -> Result<(), Refusal> {
    let Some(paragraph) = request.text("awesome_paragraph") else { return Ok(()) };
    let found = edit.chapters.iter().any(|chapter| chapter.content.text().contains(paragraph));
    if found { Ok(()) } else { Err(refusal(10140001)) }
}

/// 0 to 1 sorts by seq and loses the present order; 1 to 0 keeps order and seq.
fn switch_order(edit: &mut Edition, request: &Request) {
    edit.by_seq = by_seq(edit, request);
    if edit.by_seq {
        edit.sort_by_seq();
    }
}

fn by_seq(edit: &Edition, request: &Request) -> bool {
    request.number("chapter_order_method").map_or(edit.by_seq, |method| method == 1)
}

/// The places of the chapters in the order that is asked for: the list names every chapter once.
fn wanted_order(edit: &Edition, request: &Request) -> Result<Option<Vec<usize>>, Refusal> {
    let Some(ids) = request.fields.get("chapter_id_list").and_then(Value::as_array) else { return Ok(None) };
    if by_seq(edit, request) {
        return Err(refusal(10141010));
    }
    let known = edit.places();
    let places: Option<Vec<usize>> = ids.iter().map(|id| known.get(id.as_str()?).copied()).collect();
    let once = |places: &Vec<usize>| {
        places.len() == edit.chapters.len() && places.iter().collect::<HashSet<_>>().len() == places.len()
    };
    places.filter(once).map(Some).ok_or_else(|| refusal(10140011))
}
