//! Grants of novels and dramas in one vocabulary: what was given to whom until when, giving, renewing and taking back,
//! any number at once, and the difference between what there is and what is wanted.

mod give;
mod judge;
mod list;
mod plan;
mod rules;
mod scope;
mod settle;
mod take;
mod titles;

pub use give::give;
pub use list::list;
pub use plan::{Change, Plan, apply, plan};
pub use rules::Rules;
pub use scope::Scope;
pub use take::take;
pub use titles::titles;

use crate::{Error, client::Options};
use rhai::{Dynamic, ImmutableString};
use std::fmt;
use tokio::sync::watch;

/// An end that never comes.
pub const FOREVER: i64 = 0;

/// One grant.
#[derive(Debug, Clone)]
pub struct Grant {
    /// What kind of grant.
    pub scope: Scope,
    /// The book or drama; `()` for a whole account.
    pub item: Dynamic,
    /// What the book or drama is called, where it is known.
    pub title: ImmutableString,
    /// Who gave it.
    pub grantor: ImmutableString,
    /// Who has it: a mini program, or a company by its credit code.
    pub grantee: ImmutableString,
    /// Whether the grantee is a company.
    pub to_company: bool,
    /// When it ends, in seconds since 1970; [`FOREVER`] for never.
    pub expires_at: i64,
}

impl Grant {
    /// What tells this grant from another.
    pub fn key(&self) -> Key {
        let item = match self.item.as_immutable_string_ref() {
            Ok(item) => item.clone(),
            Err(_) => self.item.to_string().into(),
        };
        Key { scope: self.scope, item, grantee: self.grantee.clone() }
    }
}

/// What tells one grant from another: its kind, what is given, and to whom.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    scope: Scope,
    item: ImmutableString,
    grantee: ImmutableString,
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.scope.name(), self.item, self.grantee)
    }
}

/// What became of many grants, by their places in the list that was given, in its order.
#[derive(Debug, Default)]
pub struct Report {
    /// Those that are now as wished.
    pub done: Vec<usize>,
    /// Those that were so already.
    pub already: Vec<usize>,
    /// Those that the platform refused, with the reason.
    pub failed: Vec<(usize, Error)>,
    /// Those of which nobody can tell.
    pub unknown: Vec<(usize, Error)>,
}

/// How grants are changed.
#[derive(Debug)]
pub struct Way {
    /// How each call is made.
    pub options: Options,
    /// How many calls are in flight at most. No two of them have a row in common.
    pub at_once: usize,
    /// Who hears how many rows are settled, of how many.
    pub told: Option<watch::Sender<(usize, usize)>>,
    /// What was given before, where that is known; it is read otherwise.
    pub there: Option<Vec<Grant>>,
}
