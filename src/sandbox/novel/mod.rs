//! Novels: books with their two versions, chapters, volumes, reviews and grants.

mod accounts;
mod book;
mod books;
mod changes;
mod chapters;
mod codes;
mod grants;
mod ids;
mod ledger;
mod library;
mod order;
mod preview;
mod recommend;
mod review;
mod seed;
mod serials;
#[cfg(test)]
mod tests;
mod text;
mod view;
mod volumes;

use super::grants::Grant;
use super::life::{Event, Life};
use super::model::{Answer, Refusal, Request};
use book::{Book, Edition};
use codes::refusal;
use ids::Ids;
use ledger::Ledger;
use library::Library;
use preview::Preview;
use recommend::Recommended;
use serde::{Deserialize, Serialize};
use serde_json::Map;
use std::collections::BTreeMap;

/// All that the novel operations know and change.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Novels {
    books: Library,
    /// Of single books.
    book_grants: Ledger,
    /// Of all books of an account.
    app_grants: Ledger,
    /// By mini program and book.
    previews: BTreeMap<String, BTreeMap<String, Preview>>,
    /// By mini program.
    recommended: BTreeMap<String, Recommended>,
    ids: Ids,
}

impl Novels {
    /// Add believable books and grants of this account.
    pub fn seed(&mut self, appid: &str, now: i64) {
        seed::fill(self, appid, now);
    }

    /// Add so many books that have passed.
    pub fn seed_books(&mut self, appid: &str, now: i64, count: i64) {
        seed::many(self, appid, now, count);
    }

    /// What has happened by itself until now, in order.
    pub fn settle(&mut self, now: i64, life: &mut Life) -> Vec<Event> {
        self.book_grants.expire(now);
        self.app_grants.expire(now);
        review::settle(self, now, life)
    }

    /// The grants that end by then. Those that have ended are no longer there.
    pub fn ending(&self, by: i64) -> impl Iterator<Item = Grant> {
        self.book_grants.ending(by).chain(self.app_grants.ending(by)).map(|grant| {
            let book = self.books.by_id(&grant.book_id);
            Grant {
                expires_at: grant.expire_time,
                kind: if grant.book_id.is_empty() { "all_books" } else { "book" },
                item: grant.book_id.to_string(),
                title: book.map(|book| book.released().unwrap_or(&book.edit).title.to_string()).unwrap_or_default(),
                grantor: grant.grantor.to_string(),
                grantee: grant.grantee.to_string(),
            }
        })
    }

    /// The reply to one call; `None` for an operation that has no model.
    pub fn answer(&mut self, request: &Request) -> Option<Answer> {
        Some(match request.operation.strip_prefix("novel.")? {
            "create_book" => books::create(self, request),
            "update_book" => changes::update(self, request),
            "delete_book" => books::delete(self, request),
            "list_books" => books::list(self, request),
            "get_book" => books::get(self, request),
            "create_chapter" => chapters::create(self, request),
            "batch_create_chapters" => chapters::create_batch(self, request),
            "delete_chapter" => chapters::delete(self, request),
            "replace_chapter" => chapters::replace(self, request),
            "list_chapters" => chapters::list(self, request),
            "get_chapter" => chapters::get(self, request),
            "reorder_chapter" => order::reorder(self, request),
            "update_chapter_seq" => order::update_seq(self, request),
            "audit_book" => review::submit(self, request),
            "add_book_auth" => grants::add(self, request),
            "query_book_auth" => grants::query(self, request),
            "del_book_auth" => grants::delete(self, request),
            "add_app_auth" => accounts::add(self, request),
            "query_app_auth" => accounts::query(self, request),
            "del_app_auth" => accounts::delete(self, request),
            "set_preview" => preview::set(self, request),
            "get_preview" => preview::get(self, request),
            "set_recommend" => recommend::set(self, request),
            _ => return None,
        })
    }

    /// The documented code for a field that does not fit the schema, by its path: `books[0].expire_time`.
    pub fn misfit(operation: &str, path: &str) -> i64 {
        codes::misfit(operation, path)
    }

    /// Whether the platform judges this field in another way than the catalog, which the model does then.
    pub fn judges(operation: &str, path: &str) -> bool {
        codes::judges(operation, path)
    }

    /// The book that a call names.
    fn named(&self, request: &Request) -> Result<&Book, Refusal> {
        match request.text("book_id").unwrap_or_default() {
            "" => Err(refusal(10140015)),
            id => self.books.by_id(id).ok_or_else(|| refusal(10141001)),
        }
    }

    /// The book that a write names: it belongs to the caller and is not under review.
    fn editable(&self, request: &Request) -> Result<&Book, Refusal> {
        let book = self.named(request)?;
        match () {
            () if *book.owner != *request.caller && self.may_use(book, request.caller) => Err(refusal(10141002)),
            () if *book.owner != *request.caller => Err(refusal(10141001)),
            () if book.in_review() => Err(refusal(10141003)),
            () => Ok(book),
        }
    }

    /// The version of a book that a reading asks for; a grantee sees the release version only.
    fn edition<'a>(&self, book: &'a Book, request: &Request) -> Result<&'a Edition, Refusal> {
        let edition = match request.flag("need_edited_data") {
            true => Some(&book.edit).filter(|_| *book.owner == *request.caller),
            false => book.released().filter(|_| self.may_use(book, request.caller)),
        };
        edition.ok_or_else(|| refusal(10141001))
    }

    fn may_use(&self, book: &Book, appid: &str) -> bool {
        *book.owner == *appid || self.granted_until(book, appid).is_some()
    }

    /// When the grants of the book and of its owner's whole account have both ended.
    fn granted_until(&self, book: &Book, grantee: &str) -> Option<i64> {
        self.book_grants.end_of(&book.id, grantee).max(self.app_grants.end_of(&book.owner, grantee))
    }
}

/// A reply without fields of its own.
fn done() -> Answer {
    Ok(Map::new())
}
