//! A script and the modules that it imports, each read once.

pub(super) mod literal;
pub(super) mod rights;
pub(super) mod tree;

use super::{Called, Find, Function, Library, Source};
use rhai::{Expr, Ident, ParseError, Position};
use std::collections::HashMap;
use tree::{Scope, Tree, Visitor, literal_text};

/// A script and the modules that it imports.
pub(in crate::analysis) struct Program {
    /// The script first.
    pub(in crate::analysis) files: Vec<File>,
    modules: HashMap<String, Option<usize>>,
}

/// One text of a program.
pub(in crate::analysis) struct File {
    pub(in crate::analysis) source: Source,
    /// Empty where the text does not parse.
    pub(in crate::analysis) tree: Tree,
    pub(in crate::analysis) broken: Option<ParseError>,
    /// The imports whose names are written out.
    pub(in crate::analysis) imports: Vec<Import>,
}

/// `import "name" as alias`.
pub(in crate::analysis) struct Import {
    pub(in crate::analysis) name: String,
    pub(in crate::analysis) alias: String,
    /// The name.
    pub(in crate::analysis) at: Position,
    /// Whether it is read only when a function is called.
    pub(in crate::analysis) in_function: bool,
}

/// What the names before `::` lead to.
pub(in crate::analysis) enum Module {
    /// This file.
    File(usize),
    /// An import that is known only when the script runs, or cannot be read.
    Unknown,
    /// No import.
    None,
}

impl File {
    fn new(source: Source) -> File {
        let (tree, broken) = match Tree::parse(&source.text) {
            Ok(tree) => (tree, None),
            Err(error) => (Tree::default(), Some(error)),
        };
        let mut imports = Imports::default();
        tree.walk(&mut imports);
        File { source, tree, broken, imports: imports.0 }
    }
}

impl Program {
    /// Read a script and what it imports.
    pub(in crate::analysis) fn read(script: &Source, find: Find<'_>) -> Program {
        let mut program = Program { files: vec![File::new(script.clone())], modules: HashMap::new() };
        let mut next = 0;
        while next < program.files.len() {
            let names: Vec<_> = program.files[next].imports.iter().map(|import| import.name.clone()).collect();
            for name in names {
                if program.modules.contains_key(&name) {
                    continue;
                }
                let found = find(&name).map(|source| {
                    // Also the script itself can be imported.
                    let is_this = |file: &File| file.source.name == source.name && file.source.text == source.text;
                    let known = program.files.iter().position(is_this);
                    known.unwrap_or_else(|| {
                        program.files.push(File::new(source));
                        program.files.len() - 1
                    })
                });
                program.modules.insert(name, found);
            }
            next += 1;
        }
        program
    }

    /// The file that is imported under this name.
    pub(in crate::analysis) fn module(&self, name: &str) -> Option<usize> {
        self.modules.get(name).copied().flatten()
    }

    /// What the names before `::` lead to, at a place of a script.
    pub(in crate::analysis) fn imported(&self, path: &[Ident], scope: &Scope) -> Module {
        let Some((first, inner)) = path.split_first() else { return Module::None };
        let Some(module) = scope.import(&first.name) else { return Module::None };
        let file = module.and_then(|name| self.inside(self.module(name)?, inner));
        file.map_or(Module::Unknown, Module::File)
    }

    /// The files that may be meant by an alias that nothing has at its place: a function sees the imports of its callers.
    pub(in crate::analysis) fn imported_elsewhere(&self, alias: &str, inner: &[Ident]) -> impl Iterator<Item = usize> {
        let imports = self.files.iter().flat_map(|file| &file.imports).filter(move |it| it.alias == alias);
        imports.filter_map(move |import| self.inside(self.module(&import.name)?, inner))
    }

    /// The file that these names lead to from a file.
    fn inside(&self, file: usize, path: &[Ident]) -> Option<usize> {
        path.iter().try_fold(file, |file, step| {
            let imports = &self.files[file].imports;
            let import = imports.iter().find(|it| it.alias == step.name.as_str() && !it.in_function)?;
            self.module(&import.name)
        })
    }
}

#[derive(Default)]
struct Imports(Vec<Import>);

impl Visitor for Imports {
    fn import(&mut self, module: &Expr, alias: &Ident, _: Position, scope: &Scope) {
        self.0.extend(literal_text(module).map(|name| Import {
            name: name.to_owned(),
            alias: alias.name.to_string(),
            at: module.position(),
            in_function: scope.in_function,
        }));
    }
}
