//! Is there such a variable?

use super::checker::{Checker, said};
use crate::{
    analysis::{
        program::Module,
        program::tree::{Scope, Tree},
    },
    error::nearest,
};
use rhai::{Namespace, Position};

impl Checker<'_> {
    pub(super) fn use_of_variable(&mut self, name: &str, of: &Namespace, at: Position, scope: &Scope) {
        match &of.path[..] {
            [] => self.plain(name, at, scope),
            [module] if module.name == "global" && scope.import("global").is_none() => self.constant(name, of, at),
            path => match self.program.imported(self.place, path, scope) {
                Module::File(file) => {
                    let file = &self.program.files[file];
                    if file.broken.is_none() {
                        self.exported(&file.tree, name, of, at);
                    }
                }
                Module::Unknown => {}
                Module::None if self.library.modules().contains(path[0].name.as_str()) => {
                    self.no_value(name, of, at, &[]);
                }
                Module::None => self.unknown_module(&path[0].name, path[0].pos, scope),
            },
        }
    }

    fn plain(&mut self, name: &str, at: Position, scope: &Scope) {
        let is_function = self.file.tree.forms(name).next().is_some();
        if is_function || self.known.hidden_variables || scope.has_variable(name) {
            return;
        }
        let error = said(format!("there is no variable `{name}`"));
        let hint = match nearest(name, scope.variables()) {
            _ if scope.in_function && self.known.variables.contains(name) => {
                "functions do not see the variables of the script: pass them as arguments".to_owned()
            }
            Some(near) => format!("did you mean `{near}`?"),
            None if self.library.modules().contains(name) || scope.import(name).is_some() => {
                format!("`{name}` is a module: its functions are called by `{name}::name(…)`")
            }
            None if self.known.variables.contains(name) => {
                "it is known only in the block that gives it a value, from there on".to_owned()
            }
            None => "give it a value first: `let name = …;`".replace("name", name),
        };
        self.error("unknown_variable", self.spans.piece(at), error.hint(hint));
    }

    /// `global::NAME`
    fn constant(&mut self, name: &str, of: &Namespace, at: Position) {
        let constants: Vec<_> = self.file.tree.constants().collect();
        if !constants.contains(&name) && !self.known.hidden_variables {
            let span = self.spans.between(of.path[0].pos, at);
            let error = said(format!("there is no constant `{name}`"));
            let hint = match nearest(name, constants) {
                Some(near) => format!("did you mean `global::{near}`?"),
                None => "`global::` has what the script defines by `const` outside of functions".to_owned(),
            };
            self.error("unknown_variable", span, error.hint(hint));
        }
    }

    fn exported(&mut self, tree: &Tree, name: &str, of: &Namespace, at: Position) {
        let exports: Vec<_> = tree.exports().collect();
        if !exports.contains(&name) {
            self.no_value(name, of, at, &exports);
        }
    }

    fn no_value(&mut self, name: &str, of: &Namespace, at: Position, exports: &[&str]) {
        let module = of.path.iter().map(|step| step.name.as_str()).collect::<Vec<_>>().join("::");
        let error = said(format!("there is no value `{module}::{name}`"));
        let hint = match nearest(name, exports.iter().copied()) {
            Some(near) => format!("did you mean `{module}::{near}`?"),
            None if exports.is_empty() => format!("a function is called with brackets: `{module}::{name}(…)`"),
            None => format!("`{module}` exports {}", exports.join(", ")),
        };
        self.error("unknown_variable", self.spans.between(of.path[0].pos, at), error.hint(hint));
    }
}
