//! What a text names itself, anywhere.

use crate::analysis::program::{
    Program,
    tree::{Call, Scope, Visitor, first},
};
use rhai::Expr;
use std::collections::BTreeSet;

/// The names of a text, wherever they stand.
#[derive(Default)]
pub(super) struct Known {
    /// The fields of maps, and those that are asked for, in the whole program: each may hold a function.
    pub(super) fields: BTreeSet<String>,
    /// Whether there may be any other field: one is set whose name is known only when the script runs.
    pub(super) any_field: bool,
    /// Its variables outside of functions.
    pub(super) variables: BTreeSet<String>,
    /// Whether variables can come from elsewhere: by `eval`, or by `name!(…)`, which hands all of them over.
    pub(super) hidden_variables: bool,
}

impl Known {
    pub(super) fn of(program: &Program, file: usize) -> Known {
        let mut everywhere = Known::default();
        program.files.iter().for_each(|file| file.tree.walk(&mut everywhere));
        let mut own = Known::default();
        program.files[file].tree.walk(&mut own);
        Known { fields: everywhere.fields, any_field: everywhere.any_field, ..own }
    }
}

/// Whether something is indexed on the way by what is not written out.
fn is_computed(target: &Expr) -> bool {
    match target {
        Expr::Dot(pair, _, _) => is_computed(&pair.rhs),
        Expr::Index(pair, _, _) => {
            let written = matches!(first(&pair.rhs), Expr::StringConstant(..) | Expr::IntegerConstant(..));
            !written || is_computed(&pair.rhs)
        }
        _ => false,
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

    fn assigned(&mut self, target: &Expr) {
        self.any_field |= is_computed(target);
    }

    fn defined(&mut self, name: &str, scope: &Scope) {
        if !scope.in_function {
            self.variables.insert(name.to_owned());
        }
    }
}
