//! A script and the modules that it imports, each read once.

mod circles;
pub(super) mod literal;
mod reach;
pub(super) mod rights;
pub(super) mod tree;

use super::{Called, Find, Function, Library, Source};
use crate::{
    Error,
    error::{Kind, Place},
};
use circles::Circles;
use rhai::{Expr, Ident, ParseError, Position};
use std::{
    collections::{HashMap, HashSet},
    iter::once,
};
use tree::{Scope, Tree, Visitor, literal_text};

/// A program of more files or imports is not read to its end: nobody writes one, unless to keep others busy.
const MOST_FILES: usize = 1000;
const MOST_IMPORTS: usize = 10_000;

/// A script and the modules that it imports.
#[derive(Default)]
pub(in crate::analysis) struct Program {
    /// The script first.
    pub(in crate::analysis) files: Vec<File>,
    /// By the place of the importing file and the name that is imported.
    modules: HashMap<(usize, String), Option<usize>>,
    /// The files that an alias of any file leads to.
    aliases: HashMap<String, Vec<usize>>,
    circles: Circles,
    /// The first import that is not read, as the program is too large.
    pub(in crate::analysis) beyond: Option<Place>,
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
        let mut program = Program { files: vec![File::new(script.clone())], ..Program::default() };
        let mut known = HashMap::from([(script.name.clone(), vec![0])]);
        let mut next = 0;
        while next < program.files.len() && program.beyond.is_none() {
            program.read_imports(next, &mut known, find);
            next += 1;
        }
        let (mut imported, mut aliases) = (Vec::new(), HashMap::<_, Vec<_>>::new());
        for (place, file) in program.files.iter().enumerate() {
            let target = |import: &Import| program.module(place, &import.name);
            for (import, target) in file.imports.iter().filter_map(|import| Some((import, target(import)?))) {
                aliases.entry(import.alias.clone()).or_default().push(target);
            }
            imported.push(file.imports.iter().filter(|import| !import.in_function).filter_map(target).collect());
        }
        program.aliases = aliases.into_iter().map(|(alias, files)| (alias, each_once(files))).collect();
        program.circles = Circles::of(imported);
        program
    }

    /// Read what a file imports. The files that are known are found by their names.
    fn read_imports(&mut self, importer: usize, known: &mut HashMap<String, Vec<usize>>, find: Find<'_>) {
        let file = &self.files[importer];
        let (shown, imports) = (file.source.name.clone(), file.imports.iter());
        let imports: Vec<_> = imports.map(|import| (import.name.clone(), import.at)).collect();
        for (name, at) in imports {
            if self.modules.contains_key(&(importer, name.clone())) {
                continue;
            }
            if self.modules.len() >= MOST_IMPORTS || self.files.len() > MOST_FILES {
                let (line, column) = (at.line().unwrap_or(1), at.position().unwrap_or(1));
                self.beyond = Some(Place { file: shown, line, column });
                return;
            }
            let found = find(&shown, &name).map(|source| {
                // Also the script itself can be imported.
                let named = known.entry(source.name.clone()).or_default();
                let same = named.iter().copied().find(|place| self.files[*place].source.text == source.text);
                same.unwrap_or_else(|| {
                    named.push(self.files.len());
                    self.files.push(File::new(source));
                    self.files.len() - 1
                })
            });
            self.modules.insert((importer, name), found);
        }
    }

    /// What to say where it is not read to its end.
    pub(in crate::analysis) fn too_large(&self) -> Option<Error> {
        let at = self.beyond.clone()?;
        let message = format!("a script may reach {MOST_FILES} modules by {MOST_IMPORTS} imports, and here are more");
        Some(Error::new(Kind::Limit, message).hint("leave out what it does not need").at(at))
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
        let found = start.and_then(|start| self.inside(vec![start], inner).into_iter().next_back());
        found.map_or(Module::Unknown, Module::File)
    }

    /// The files that may be meant by names before `::` where the first is an alias of this file. The language does not
    /// always take the last of several imports of one name.
    pub(in crate::analysis) fn imported_by(&self, file: usize, path: &[Ident]) -> Vec<usize> {
        let Some((first, inner)) = path.split_first() else { return Vec::new() };
        let imports = self.files[file].imports.iter().filter(|it| it.alias == first.name.as_str());
        let starts = imports.filter_map(|import| self.module(file, &import.name));
        self.inside(starts.collect(), inner)
    }

    /// The same where it may be an alias of any file.
    pub(in crate::analysis) fn imported_by_any(&self, path: &[Ident]) -> Vec<usize> {
        let Some((first, inner)) = path.split_first() else { return Vec::new() };
        self.inside(self.aliases.get(first.name.as_str()).cloned().unwrap_or_default(), inner)
    }

    /// The names from one import of a file back to that file.
    pub(in crate::analysis) fn way_back(&self, place: usize, first: &str) -> Option<Vec<String>> {
        let way = self.circles.way(self.module(place, first)?, place)?;
        let name = |pair: &[usize]| {
            let mut imports = self.files[pair[0]].imports.iter().filter(|import| !import.in_function);
            imports.find(|import| self.module(pair[0], &import.name) == Some(pair[1])).map(|import| import.name.clone())
        };
        let names: Vec<_> = once(first.to_owned()).chain(way.windows(2).filter_map(name)).collect();
        Some(names.last().cloned().into_iter().chain(names).collect())
    }

    /// The files that these names lead to from these files.
    fn inside(&self, files: Vec<usize>, path: &[Ident]) -> Vec<usize> {
        path.iter().fold(each_once(files), |files, step| {
            let imports = files.into_iter().flat_map(|file| self.files[file].imports.iter().map(move |it| (file, it)));
            let meant = imports.filter(|(_, it)| it.alias == step.name.as_str() && !it.in_function);
            each_once(meant.filter_map(|(file, import)| self.module(file, &import.name)).collect())
        })
    }
}

/// Each of these files once, where it stood last.
fn each_once(mut files: Vec<usize>) -> Vec<usize> {
    let mut seen = HashSet::new();
    files.reverse();
    files.retain(|file| seen.insert(*file));
    files.reverse();
    files
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
