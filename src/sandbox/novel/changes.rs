//! `update_book`: all its checks are made on a copy, so that a refused call changes nothing.

use super::book::Edition;
use super::{Novels, books, done, refusal, volumes};
use crate::sandbox::model::{Answer, Refusal, Request};
use serde_json::Value;
use std::collections::HashSet;

pub(super) fn update(novels: &mut Novels, request: &Request) -> Answer {
    let book = novels.editable(request)?;
    let mut edit = book.edit.clone();
    describe(&mut edit, request)?;
    switch_order(&mut edit, request);
    if request.fields.contains_key("chapter_id_list") {
        permute(&mut edit, request.list("chapter_id_list"))?;
    }
    match request.fields.get("need_volume").and_then(Value::as_bool) {
        Some(true) => volumes::write(&mut edit, request.list("volume_list"))?,
        Some(false) => edit.volumes.clear(),
        None => {}
    }
    edit.touch();
    book.edit = edit;
    done()
}

fn describe(edit: &mut Edition, request: &Request) -> Result<(), Refusal> {
    let set = |field: &str, slot: &mut String| {
        if let Some(text) = request.text(field) {
            *slot = text.into();
        }
    };
    set("title", &mut edit.title);
    set("intro", &mut edit.intro);
    set("cover_media_id", &mut edit.cover_media_id);
    set("author", &mut edit.author);
    set("custom_info", &mut edit.custom_info);
    edit.complete_status = request.number("complete_status").unwrap_or(edit.complete_status);
    edit.categories = books::categories(request)?.unwrap_or(edit.categories);
    Ok(())
}

/// 0 to 1 sorts by seq and loses the present order; 1 to 0 keeps order and seq.
fn switch_order(edit: &mut Edition, request: &Request) {
    let Some(method) = request.number("chapter_order_method") else { return };
    edit.by_seq = method == 1;
    if edit.by_seq {
        edit.chapters.sort_by_key(|chapter| chapter.seq);
    }
}

/// The list names every chapter once, in the wanted order.
fn permute(edit: &mut Edition, ids: &[Value]) -> Result<(), Refusal> {
    if edit.by_seq {
        return Err(refusal(10141010));
    }
    let places: Option<Vec<usize>> = ids.iter().map(|id| edit.place_of(id.as_str()?)).collect();
    let places = places.filter(|places| places.len() == edit.chapters.len()).ok_or_else(|| refusal(10140011))?;
    if places.iter().collect::<HashSet<_>>().len() < places.len() {
        return Err(refusal(10140011));
    }
    edit.chapters = places.into_iter().map(|place| edit.chapters[place].clone()).collect();
    Ok(())
}
