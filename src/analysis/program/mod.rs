//! A script and the modules that it imports, each read once.

pub(super) mod literal;
mod reach;
pub(super) mod rights;
pub(super) mod tree;

use super::{Called, Find, Function, Library, Source};
use rhai::{Expr, Ident, ParseError, Position};
use std::collections::{BTreeSet, HashMap};
use tree::{Scope, Tree, Visitor, literal_text};

/// A script and the modules that it imports.
pub(in crate::analysis) struct Program {
    /// The script first.
    pub(in crate::analysis) files: Vec<File>,
    /// By the place of the importing file and the name that is imported.
    modules: HashMap<(usize, String), Option<usize>>,
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
            let file = &program.files[next];
            let (importer, imports) = (file.source.name.clone(), file.imports.iter());
            let names: Vec<_> = imports.map(|import| import.name.clone()).collect();
            for name in names {
                if program.modules.contains_key(&(next, name.clone())) {
                    continue;
                }
                let found = find(&importer, &name).map(|source| {
                    // Also the script itself can be imported.
                    let is_this = |file: &File| file.source.name == source.name && file.source.text == source.text;
                    let known = program.files.iter().position(is_this);
                    known.unwrap_or_else(|| {
                        program.files.push(File::new(source));
                        program.files.len() - 1
                    })
                });
                program.modules.insert((next, name), found);
            }
            next += 1;
        }
        program
    }

    /// The file that a file imports under this name.
    pub(in crate::analysis) fn module(&self, importer: usize, name: &str) -> Option<usize> {
        self.modules.get(&(importer, name.to_owned())).copied().flatten()
    }

    /// What the names before `::` lead to, at a place of a file.
    pub(in crate::analysis) fn imported(&self, file: usize, path: &[Ident], scope: &Scope) -> Module {
        let Some((first, inner)) = path.split_first() else { return Module::None };
        let Some(module) = scope.import(&first.name) else { return Module::None };
        let start = module.and_then(|name| self.module(file, name));
        let found = start.and_then(|start| self.inside(start, inner).into_iter().next_back());
        found.map_or(Module::Unknown, Module::File)
    }

    /// The files that may be meant by names before `::` where the first is an alias of this file. The language does not
    /// always take the last of several imports of one name.
    pub(in crate::analysis) fn imported_by(&self, file: usize, path: &[Ident]) -> Vec<usize> {
        let Some((first, inner)) = path.split_first() else { return Vec::new() };
        let imports = self.files[file].imports.iter().filter(|it| it.alias == first.name.as_str());
        let starts = imports.filter_map(|import| self.module(file, &import.name));
        starts.flat_map(|start| self.inside(start, inner)).collect()
    }

    /// The same where it may be an alias of any file.
    pub(in crate::analysis) fn imported_by_any(&self, path: &[Ident]) -> Vec<usize> {
        (0..self.files.len()).flat_map(|file| self.imported_by(file, path)).collect()
    }

    /// The names from one import of a file back to that file.
    pub(in crate::analysis) fn way_back(&self, place: usize, first: &str) -> Option<Vec<String>> {
        let start = self.module(place, first)?;
        if start == place {
            return Some(vec![first.to_owned(), first.to_owned()]);
        }
        let mut ways = vec![(start, vec![first.to_owned()])];
        let mut seen = BTreeSet::new();
        while let Some((file, way)) = ways.pop() {
            for import in self.files[file].imports.iter().filter(|import| !import.in_function) {
                let mut longer = way.clone();
                longer.push(import.name.clone());
                let Some(there) = self.module(file, &import.name) else { continue };
                if there == place {
                    longer.insert(0, import.name.clone());
                    return Some(longer);
                }
                if seen.insert(there) {
                    ways.push((there, longer));
                }
            }
        }
        None
    }

    /// The files that these names lead to from a file.
    fn inside(&self, file: usize, path: &[Ident]) -> Vec<usize> {
        path.iter().fold(vec![file], |files, step| {
            let imports = files.into_iter().flat_map(|file| self.files[file].imports.iter().map(move |it| (file, it)));
            let meant = imports.filter(|(_, it)| it.alias == step.name.as_str() && !it.in_function);
            meant.filter_map(|(file, import)| self.module(file, &import.name)).collect()
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
