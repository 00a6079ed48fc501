//! What a text names itself, anywhere.

use crate::analysis::program::tree::{Call, Scope, Tree, Visitor};
use std::collections::BTreeSet;

/// The names of a text, wherever they stand.
#[derive(Default)]
pub(super) struct Known {
    /// The fields of its maps, and those that it asks for: each may hold a function.
    pub(super) fields: BTreeSet<String>,
    /// Its variables outside of functions.
    pub(super) variables: BTreeSet<String>,
    /// Whether variables can come from elsewhere: by `eval`, or by `name!(…)`, which hands all of them over.
    pub(super) hidden_variables: bool,
}

impl Known {
    pub(super) fn of(tree: &Tree) -> Known {
        let mut known = Known::default();
        tree.walk(&mut known);
        known
    }
}

impl Visitor for Known {
    fn call(&mut self, call: &Call<'_>, _: &Scope) {
        let evaluates = call.of.name == "eval" && call.of.namespace.path.is_empty();
        self.hidden_variables |= evaluates || call.of.capture_parent_scope;
    }

    fn field(&mut self, name: &str) {
        self.fields.insert(name.to_owned());
    }

    fn defined(&mut self, name: &str, scope: &Scope) {
        if !scope.in_function {
            self.variables.insert(name.to_owned());
        }
    }
}
