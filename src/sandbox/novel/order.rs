//! The order of chapters: moved one by one, or sorted by seq.

use super::book::Edition;
use super::chapters::named;
use super::{Novels, done, refusal};
use crate::sandbox::model::{Answer, Refusal, Request, number};

pub(super) fn reorder(novels: &mut Novels, request: &Request) -> Answer {
    let edit = &mut novels.editable(request)?.edit;
    fits(edit, false)?;
    let place = named(edit, request, "chapter_id")?;
    let target = named(edit, request, "target_chapter_id")?;
    match request.number("operation") {
        Some(1) => edit.chapters.swap(place, target),
        Some(2) => shift(edit, place, target, 0),
        _ => shift(edit, place, target, 1),
    }
    edit.touch();
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
    let edit = &mut novels.editable(request)?.edit;
    fits(edit, true)?;
    let mut chapters = edit.chapters.clone();
    for row in request.list("chapter_seq_list") {
        let id = row["chapter_id"].as_str().unwrap_or_default();
        let place = edit.place_of(id).ok_or_else(|| refusal(10141001))?;
        chapters[place].seq = number(&row["seq"]).ok_or_else(|| refusal(10140022))?;
    }
    chapters.sort_by_key(|chapter| chapter.seq);
    edit.chapters = chapters;
    edit.touch();
    done()
}

fn fits(edit: &Edition, by_seq: bool) -> Result<(), Refusal> {
    if edit.by_seq == by_seq { Ok(()) } else { Err(refusal(10141010)) }
}
