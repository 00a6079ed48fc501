//! Reviews of books: submitted, then decided by the first reading after they have taken their time.

use super::book::{Book, Edition, Review};
use super::{Novels, done, refusal};
use crate::sandbox::model::{Answer, Request};

/// A title with this word in it is rejected.
const REJECTED: &str = "驳回";

pub(super) fn submit(novels: &mut Novels, request: &Request) -> Answer {
    let edit = &mut novels.editable(request)?.edit;
    if edit.chapters.is_empty() {
        return Err(refusal(10141007));
    }
    if !edit.volumes.is_empty() && edit.volumes_stale {
        return Err(refusal(10141008));
    }
    let review = Review { status: 1, submitted: request.now, decided: 0, reason: "", suggestion: "" };
    edit.chapters.iter_mut().for_each(|chapter| chapter.review = Some(review.clone()));
    edit.review = Some(review);
    done()
}

/// Decide the reviews that have taken their time by now.
pub(super) fn settle(novels: &mut Novels, now: i64) {
    for book in novels.books.iter_mut().filter(|book| book.edit.in_review()) {
        let submitted = book.edit.review.as_ref().map_or(now, |review| review.submitted);
        if now >= submitted + novels.review_seconds {
            decide(book, submitted, submitted + novels.review_seconds);
        }
    }
}

/// Passing copies the edit version to the release version.
pub(super) fn decide(book: &mut Book, submitted: i64, decided: i64) {
    let edit = &mut book.edit;
    for chapter in &mut edit.chapters {
        chapter.review = Some(verdict(chapter.title.contains(REJECTED), submitted, decided));
    }
    let rejected = refusable(edit);
    edit.review = Some(verdict(rejected, submitted, decided));
    if !rejected {
        book.release = Some(edit.clone());
    }
}

fn refusable(edit: &Edition) -> bool {
    edit.title.contains(REJECTED) || edit.chapters.iter().any(|chapter| chapter.title.contains(REJECTED))
}

fn verdict(rejected: bool, submitted: i64, decided: i64) -> Review {
    let passed = Review { status: 3, submitted, decided, reason: "", suggestion: "" };
    match rejected {
        true => Review {
            status: 2, reason: "标题不符合内容规范", suggestion: "修改标题后重新提审", ..passed
        },
        false => passed,
    }
}
