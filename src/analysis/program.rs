//! A script and the modules that it imports, each read once.

use super::{
    Find, Source,
    tree::{Scope, Tree, Visitor, literal_text},
};
use rhai::{Expr, Ident, ParseError, Position};
use std::collections::HashMap;

/// A script and the modules that it imports.
pub(super) struct Program {
    /// The script first.
    pub(super) files: Vec<File>,
    modules: HashMap<String, Option<usize>>,
}

/// One text of a program.
pub(super) struct File {
    pub(super) source: Source,
    /// Empty where the text does not parse.
    pub(super) tree: Tree,
    pub(super) broken: Option<ParseError>,
    /// The imports whose names are written out.
    pub(super) imports: Vec<Import>,
}

/// `import "name" as alias`.
pub(super) struct Import {
    pub(super) name: String,
    pub(super) alias: String,
    /// The name.
    pub(super) at: Position,
    /// Whether it is read only when a function is called.
    pub(super) in_function: bool,
}

/// What the names before `::` lead to.
pub(super) enum Module {
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
    pub(super) fn read(script: &Source, find: Find<'_>) -> Program {
        let mut program = Program { files: vec![File::new(script.clone())], modules: HashMap::new() };
        let mut next = 0;
        while next < program.files.len() {
            let names: Vec<_> = program.files[next].imports.iter().map(|import| import.name.clone()).collect();
            for name in names {
                if program.modules.contains_key(&name) {
                    continue;
                }
                let found = find(&name).map(|source| {
                    program.files.push(File::new(source));
                    program.files.len() - 1
                });
                program.modules.insert(name, found);
            }
            next += 1;
        }
        program
    }

    /// The file that is imported under this name.
    pub(super) fn module(&self, name: &str) -> Option<usize> {
        self.modules.get(name).copied().flatten()
    }

    /// What the names before `::` lead to, at a place of a script.
    pub(super) fn imported(&self, path: &[Ident], scope: &Scope) -> Module {
        let Some((first, inner)) = path.split_first() else { return Module::None };
        let Some(module) = scope.import(&first.name) else { return Module::None };
        let mut file = module.and_then(|name| self.module(name));
        for step in inner {
            file = file.and_then(|file| {
                let imports = &self.files[file].imports;
                let import = imports.iter().find(|it| it.alias == step.name.as_str() && !it.in_function)?;
                self.module(&import.name)
            });
        }
        file.map_or(Module::Unknown, Module::File)
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
