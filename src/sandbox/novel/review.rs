//! Reviews of books: submitted, and decided when they have taken their time.

use super::book::{Book, Release, Review, Status};
use super::text::Text;
use super::{Novels, done, refusal, volumes};
use crate::sandbox::life::{Event, Life, Ruling};
use crate::sandbox::model::{Answer, Request};
use serde_json::{Map, json};

/// Why something was rejected, when nobody said it.
const UNSAID: &str = "内容不符合规范";
/// Why a book was rejected of which only chapters were.
const BY_CHAPTERS: &str = "有章节审核不通过";

pub(super) fn submit(novels: &mut Novels, request: &Request) -> Answer {
    let book = novels.editable(request)?;
    let (serial, edit) = (book.serial, &book.edit);
    if edit.chapters.is_empty() {
        return Err(refusal(10141007));
    }
    let covered = !edit.volumes_stale && volumes::cover(&edit.volumes, edit.chapters.len());
    if !edit.volumes.is_empty() && !covered {
        return Err(refusal(10141008));
    }
    novels.books.submit(serial, request.now);
    done()
}

/// Decide the reviews that have taken their time by now, and tell each owner.
pub(super) fn settle(novels: &mut Novels, now: i64, life: &mut Life) -> Vec<Event> {
    let mut events = Vec::new();
    while let Some(submitted) = novels.books.longest_in_review() {
        let decided = submitted.saturating_add(life.review_seconds);
        if decided > now {
            break;
        }
        events.extend(novels.books.end_review(|book| decide(book, submitted, decided, life)).and_then(event));
    }
    events
}

/// A book passes with all its chapters or not at all; passing makes the edit version the release version.
pub(super) fn decide(book: &mut Book, submitted: i64, decided: i64, life: &mut Life) {
    let edit = &mut book.edit;
    let review = |reason: Option<Text>| Review {
        status: if reason.is_some() { Status::NotPassed } else { Status::Passed },
        submitted,
        decided,
        reason: reason.unwrap_or_default(),
    };
    let mut reason = objection(life, &book.id, &edit.title);
    for chapter in &mut edit.chapters {
        let objection = objection(life, &chapter.id, &chapter.title);
        if objection.is_some() {
            reason.get_or_insert_with(|| BY_CHAPTERS.into());
        }
        chapter.review = Some(review(objection));
    }
    if reason.is_none() {
        book.release = Release::Same;
    }
    edit.review = Some(review(reason));
}

/// Why the reviewers reject something with this id and title, if they do.
fn objection(life: &mut Life, id: &str, title: &str) -> Option<Text> {
    let verdict = life.verdict(id, title).filter(|verdict| verdict.result != Ruling::Pass)?;
    Some(if verdict.reason.is_empty() { UNSAID.into() } else { verdict.reason.into() })
}

fn event(book: &Book) -> Option<Event> {
    let review = book.edit.review.as_ref()?;
    let detail = json!({
        "book_id": book.id,
        "audit_detail": {
            "status": review.status as i64,
            "create_time": review.submitted,
            "audit_time": review.decided,
        },
    });
    Some(Event {
        to: book.owner.to_string(),
        time: review.decided,
        name: "secbook_audit_event".into(),
        fields: Map::from_iter([("audit_event".into(), detail)]),
    })
}
