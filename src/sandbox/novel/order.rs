//! The order of chapters: moved one by one, or sorted by seq.

use super::book::Edition;
use super::chapters::named;
use super::{Novels, done, refusal};
use crate::sandbox::model::{Answer, Refusal, Request, number};

pub(super) fn reorder(novels: &mut Novels, request: &Request) -> Answer {
    let book = novels.editable(request)?;
    let serial = book.serial;
    fits(&book.edit, false)?;
    let place = named(&book.edit, request, "chapter_id")?;
    let target = named(&book.edit, request, "target_chapter_id")?;
    novels.books.change(serial, |edit| match request.number("operation") {
        Some(1) => edit.chapters.swap(place, target),
        Some(2) => shift(edit, place, target, 0),
        _ => shift(edit, place, target, 1),
    });
    done()
}

/// Take a chapter out and put it `behind` places behind the start of the target.
fn shift(edit: &mut Edition, place: usize, target: usize, behind: usize) {
    if place == target {
        return;
    }
    let chapter = edit.chapters.remove(place);
    let target = if place < target { target - 1 } else { target };
    edit.chapters.insert(target + behind, chapter);
}

/// All ids are known before any seq changes.
pub(super) fn update_seq(novels: &mut Novels, request: &Request) -> Answer {
    let book = novels.editable(request)?;
    let serial = book.serial;
    fits(&book.edit, true)?;
    let places = book.edit.places();
    let mut seqs = Vec::new();
    for row in request.list("chapter_seq_list") {
        let id = row["chapter_id"].as_str().unwrap_or_default();
        let place = places.get(id).ok_or_else(|| refusal(10141001))?;
        seqs.push((*place, number(&row["seq"]).ok_or_else(|| refusal(10140022))?));
    }
    novels.books.change(serial, |edit| {
        seqs.into_iter().for_each(|(place, seq)| edit.chapters[place].seq = seq);
        edit.sort_by_seq();
    });
    done()
}

fn fits(edit: &Edition, by_seq: bool) -> Result<(), Refusal> {
    if edit.by_seq == by_seq { Ok(()) } else { Err(refusal(10141010)) }
}
