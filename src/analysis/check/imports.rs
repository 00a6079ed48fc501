//! Imports: modules that are not there, that import each other, or whose name hides another module.

use super::checker::{Checker, said};
use crate::{
    analysis::program::tree::{Scope, literal_text},
    error::nearest,
};
use rhai::{Expr, Ident, Position};
use std::collections::BTreeSet;

impl Checker<'_> {
    pub(super) fn imported(&mut self, module: &Expr, alias: &Ident) {
        if self.library.modules().contains(alias.name.as_str()) {
            let name = &alias.name;
            let error =
                said(format!("the name `{name}` hides the module `{name}::`")).hint("import it as another name");
            self.error("hidden_module", self.spans.piece(alias.pos), error);
        }
        let Some(name) = literal_text(module) else { return };
        // Of a program that is too large, it is not known what is there.
        if self.program.beyond.is_some() || self.program.module(self.place, name).is_some() {
            return;
        }
        let error = said(format!("there is no module {name:?} to import"));
        let hint = match nearest(name, self.of_library()) {
            _ if self.library.modules().contains(name) => {
                format!("`{name}::` is always there: leave the import out")
            }
            Some(near) => format!("did you mean \"{near}\"?"),
            None => "a module is a file below the script's folder, named without .rhai, or of the standard library"
                .to_owned(),
        };
        self.error("unknown_module", self.spans.piece(module.position()), error.hint(hint));
    }

    /// The modules of the standard library.
    fn of_library(&self) -> BTreeSet<&str> {
        let library = self.library;
        library.functions.iter().filter(|it| it.imported).map(|it| it.module.as_str()).collect()
    }

    /// A module before `::` that is not there.
    pub(super) fn unknown_module(&mut self, name: &str, at: Position, scope: &Scope) {
        let library = self.library;
        let standard = self.of_library();
        let error = said(format!("there is no module `{name}`"));
        let known = library.modules().iter().map(String::as_str).chain(standard.iter().copied()).chain(scope.imports());
        let hint = match nearest(name, known) {
            _ if standard.contains(name) => format!("put this first: import \"{name}\" as {name};"),
            Some(near) => format!("did you mean `{near}`?"),
            None => "a module of your own is a file beside the script: import \"name\" as name;".to_owned(),
        };
        self.error("unknown_module", self.spans.piece(at), error.hint(hint));
    }

    /// Imports that lead back to the text itself. Each text that takes part tells of its own.
    pub(super) fn imports(&mut self) {
        let file = self.file;
        if let Some(error) = self.program.too_large()
            && let Some(at) = error.place.as_ref().filter(|at| at.file == file.source.name)
        {
            let span = self.spans.piece_at(file.source.offset(at.line, at.column));
            self.error("too_large", span, error);
        }
        for import in file.imports.iter().filter(|import| !import.in_function) {
            let Some(way) = self.program.way_back(self.place, &import.name) else { continue };
            let error = said(format!("modules import each other: {}", way.join(" imports ")));
            let hint = "move what both need into a third module";
            self.error("import_circle", self.spans.piece(import.at), error.hint(hint));
        }
    }
}
