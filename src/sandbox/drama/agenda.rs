//! What will happen by itself, and when.

use super::review::Kind;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// By moment, in seconds since 1970; what shares a moment happens in the order in which it was begun.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Agenda(BTreeMap<i64, Vec<Due>>);

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Due {
    /// A video has been fetched from its URL, or is not there.
    Fetched { task_id: i64 },
    /// A video can be played.
    Stored { media_id: i64, source_context: String },
    /// A review ends.
    Reviewed { drama_id: i64, kind: Kind },
    /// The promotion plan has looked at a drama, or let it go.
    Promoted { drama_id: i64 },
    /// An upload in parts was never committed.
    Abandoned { upload_id: String },
}

impl Agenda {
    pub fn add(&mut self, moment: i64, due: Due) {
        self.0.entry(moment).or_default().push(due);
    }

    /// Take out the earliest moment until now, and what happens then.
    pub fn take(&mut self, now: i64) -> Option<(i64, Vec<Due>)> {
        let first = self.0.first_entry().filter(|first| *first.key() <= now)?;
        Some(first.remove_entry())
    }
}
