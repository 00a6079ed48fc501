//! Short dramas: media and their upload, dramas and their reviews, grants, the player.

use super::model::{Answer, Request};

/// All that the drama operations know and change.
#[derive(Debug, Default)]
pub(super) struct Dramas {}

impl Dramas {
    /// Add believable dramas, media and grants of this account.
    pub fn seed(&mut self, _appid: &str, _now: i64) {}

    /// The reply to one call; `None` for an operation that has no model.
    pub fn answer(&mut self, _request: &Request) -> Option<Answer> {
        None
    }

    /// The documented code for a field that does not fit the schema, by its path: `media_type`.
    pub fn misfit(_operation: &str, _path: &str) -> i64 {
        47003
    }
}
