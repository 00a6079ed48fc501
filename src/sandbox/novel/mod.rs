//! Novels: books with their two versions, chapters, volumes, reviews and grants.

mod accounts;
mod book;
mod books;
mod changes;
mod chapters;
mod codes;
mod grants;
mod order;
mod preview;
mod review;
mod seed;
#[cfg(test)]
mod tests;
mod volumes;

use super::life::{Event, Life};
use super::model::{Answer, Refusal, Request};
use book::{Book, Edition};
use codes::refusal;
use grants::{AppGrant, BookGrant};
use preview::Preview;
use serde_json::Map;

/// All that the novel operations know and change.
#[derive(Debug, Default)]
pub(super) struct Novels {
    /// How long a review takes; it is decided by the first reading after that.
    pub review_seconds: i64,
    /// In the order of their creation.
    books: Vec<Book>,
    book_grants: Vec<BookGrant>,
    app_grants: Vec<AppGrant>,
    previews: Vec<Preview>,
    /// How many ids have been given out.
    ids: u64,
}

impl Novels {
    /// Add believable books and grants of this account.
    pub fn seed(&mut self, appid: &str, now: i64) {
        seed::fill(self, appid, now);
    }

    /// What has happened by itself until now, in order.
    pub fn settle(&mut self, now: i64, _life: &mut Life) -> Vec<Event> {
        review::settle(self, now);
        Vec::new()
    }

    /// The reply to one call; `None` for an operation that has no model.
    pub fn answer(&mut self, request: &Request) -> Option<Answer> {
        let name = request.operation.strip_prefix("novel.")?;
        if name.starts_with("get_") || name.starts_with("list_") {
            review::settle(self, request.now);
        }
        Some(match name {
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
            "set_recommend" => preview::recommend(self, request),
            _ => return None,
        })
    }

    /// The documented code for a field that does not fit the schema, by its path: `books[0].expire_time`.
    pub fn misfit(operation: &str, path: &str) -> i64 {
        codes::misfit(operation, path)
    }

    /// Whether the platform judges this field more gently than the catalog advises: the end of a grant row by row, and
    /// pages of up to 100 grants, as the older manual allows.
    pub fn judges(operation: &str, path: &str) -> bool {
        let of_row = |name: &str| path.starts_with(name) && path.ends_with("].expire_time");
        match operation {
            "novel.add_book_auth" => of_row("books["),
            "novel.add_app_auth" => of_row("infos["),
            "novel.query_book_auth" => path == "count",
            _ => false,
        }
    }

    fn book(&self, id: &str) -> Option<&Book> {
        self.books.iter().find(|book| book.id == id)
    }

    /// The book that a write names; it belongs to the caller.
    fn own(&mut self, request: &Request) -> Result<&mut Book, Refusal> {
        let id = request.text("book_id").unwrap_or_default();
        let at = self.books.iter().position(|book| book.id == id).ok_or_else(|| refusal(10141001))?;
        if self.books[at].owner != request.caller {
            let shared = grants::reaches(self, &self.books[at], request.caller, request.now);
            return Err(refusal(if shared { 10141002 } else { 10141001 }));
        }
        Ok(&mut self.books[at])
    }

    /// The same, and it is not under review.
    fn editable(&mut self, request: &Request) -> Result<&mut Book, Refusal> {
        let book = self.own(request)?;
        if book.edit.in_review() { Err(refusal(10141003)) } else { Ok(book) }
    }

    /// The version of a book that a reading asks for; a grantee sees the release version only.
    fn edition<'a>(&self, book: &'a Book, request: &Request) -> Option<&'a Edition> {
        let own = book.owner == request.caller;
        match request.flag("need_edited_data") {
            true => own.then_some(&book.edit),
            false => book.release.as_ref().filter(|_| self.may_use(book, request)),
        }
    }

    fn may_use(&self, book: &Book, request: &Request) -> bool {
        book.owner == request.caller || grants::reaches(self, book, request.caller, request.now)
    }

    /// An id that was not given out before, like `Bk7aQ2x9`.
    fn fresh_id(&mut self, prefix: &str) -> String {
        self.ids += 1;
        format!("{prefix}{}", scrambled(self.ids))
    }
}

/// Six letters and digits, other ones for each number (the factor shares no divisor with 62), and for the first those of
/// the manual's example.
fn scrambled(number: u64) -> String {
    const SIGNS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    const START: u64 = 8_117_578_144;
    let mut rest = number.wrapping_mul(1_000_000_007).wrapping_add(START) % 62_u64.pow(6);
    let sign = |_| {
        let sign = SIGNS[(rest % 62) as usize];
        rest /= 62;
        char::from(sign)
    };
    (0..6).map(sign).collect()
}

/// A reply without fields of its own.
fn done() -> Answer {
    Ok(Map::new())
}
