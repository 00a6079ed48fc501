//! Novels: books with their two versions, chapters, volumes, reviews and grants.

use super::model::{Answer, Request};

/// All that the novel operations know and change.
#[derive(Debug, Default)]
pub(super) struct Novels {}

impl Novels {
    /// Add believable books and grants of this account.
    pub fn seed(&mut self, _appid: &str, _now: i64) {}

    /// The reply to one call; `None` for an operation that has no model.
    pub fn answer(&mut self, _request: &Request) -> Option<Answer> {
        None
    }

    /// The documented code for a field that does not fit the schema, by its path: `books[0].expire_time`.
    pub fn misfit(_operation: &str, _path: &str) -> i64 {
        10140001
    }
}
