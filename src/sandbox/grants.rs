//! The grants that are live and end some time, as whoever watches the sandbox sees them.

use super::Sandbox;

/// A grant that ends.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Grant {
    /// When, in seconds since 1970.
    pub expires_at: i64,
    /// In the words of scripts: `book`, `all_books`, `drama`, `all_dramas`, `copyright`.
    pub kind: &'static str,
    /// The id of the book or drama; empty for a whole account.
    pub item: String,
    /// What it is called.
    pub title: String,
    /// The mini program that gave it.
    pub grantor: String,
    /// Who has it: a mini program, or a company by its credit code.
    pub grantee: String,
}

impl Sandbox {
    /// The live grants that end by then, the first to end first.
    pub fn ending(&self, by: i64) -> Vec<Grant> {
        let mut state = self.shared.state();
        state.settle();
        let mut grants = state.ending(by);
        grants.sort();
        grants
    }
}
