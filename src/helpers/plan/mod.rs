//! Writes that are planned first and made later: what a script would change, and the state that it has seen.

mod apply;
mod file;
mod made;
mod record;
mod state;

pub use apply::{Fate, Work};
pub use file::{Author, Part, Plan, Step};
pub use record::Recorder;
pub use state::Thing;

use crate::{Error, error::Kind};

/// A plan cannot be made; no script may go on without what is left out of it.
fn cannot(message: impl Into<String>) -> Error {
    Error::new(Kind::Limit, message)
}
