//! The pieces of a run's code that somebody answers for, and what each can do: the user's own, and each package that it
//! imports. What breaks the rules for packages, or goes beyond what a package declares, is refused here.

use super::{STACK, Script, Sources, modules::finder, names, session::with_last};
use crate::{
    Error,
    analysis::{self, Code, Find, Finding, Library, Source},
    error::Kind,
    packages::{Installed, Package},
    rights::{Right, Rights},
};
use std::{path::PathBuf, sync::Arc, thread};

/// The name of what imports the entries of a session.
const SESSION: &str = "the session";

/// A piece of a run's code that somebody answers for.
#[derive(Debug, Clone, PartialEq)]
pub struct Piece {
    /// As people call it: `scripts/renew.rhai`, `team/grants 1.2.0`.
    pub name: String,
    /// The package that it is; the user's own script and modules are none.
    pub package: Option<Package>,
    /// What its text can do, with the places. Folders start at the folder of the run.
    pub rights: analysis::Rights,
    /// The packages that do a part of it, also by others.
    pub nested: Vec<Piece>,
}

impl Piece {
    /// What has to be granted to it.
    pub fn needs(&self) -> Rights {
        self.rights.needs()
    }

    /// This, and another piece of the same code.
    fn and(mut self, other: Piece) -> Piece {
        self.rights = self.rights.and(other.rights);
        self.nested = other.nested.into_iter().fold(self.nested, |mut nested, piece| {
            match nested.iter().position(|known| known.name == piece.name) {
                Some(place) => {
                    let known = nested.swap_remove(place);
                    nested.push(known.and(piece));
                }
                None => nested.push(piece),
            }
            nested
        });
        self.nested.sort_by(|a, b| a.name.cmp(&b.name));
        self
    }
}

/// The pieces of a script whose own imports start in this folder, the user's own first. The packages of `sources` can be
/// imported; the texts that are read are added there.
pub fn parts(script: &Script, library: &Library, folder: PathBuf, sources: &Sources) -> Result<Vec<Piece>, Error> {
    sources.add(&script.name, &script.text);
    on_large_stack(|| read(&script.source(), library, &finder(folder, sources.packages.clone()), sources))
}

/// The same of the entries of a session, as if a script imported one after the other.
pub(super) fn parts_of_entries(
    entries: &[&Script],
    library: &Library,
    folder: PathBuf,
    sources: &Sources,
) -> Result<Vec<Piece>, Error> {
    let texts: Vec<_> = entries.iter().map(|entry| Source::new(&entry.name, with_last(&entry.text))).collect();
    let imports: String = (0..texts.len()).map(|place| format!("import \"{place}\";\n")).collect();
    let find_module = finder(folder, sources.packages.clone());
    let find = |importer: &str, name: &str| match importer {
        SESSION => texts.get(name.parse::<usize>().ok()?).cloned(),
        _ => find_module(importer, name),
    };
    let pieces = on_large_stack(|| read(&Source::new(SESSION, &imports), library, &find, sources));
    // A report shows what was written.
    entries.iter().for_each(|entry| sources.add(&entry.name, &entry.text));
    pieces
}

fn read(script: &Source, library: &Library, find: Find<'_>, sources: &Sources) -> Result<Vec<Piece>, Error> {
    let packages = &sources.packages;
    let code = Code::read(script, library, find);
    code.sources().for_each(|source| sources.add(&source.name, &source.text));
    code.check_size()?;
    check_imports(&code, packages)?;
    pieces(&code, packages)
}

/// What a package can do, by any module that it has for others. It must be one of the packages.
pub fn judge(package: &Package, library: &Library, packages: Arc<Installed>) -> Result<Piece, Error> {
    let sources = Sources::of(packages);
    let pieces = parts_of_modules(package, library, &sources).collect::<Result<Vec<_>, _>>()?;
    pieces.into_iter().reduce(Piece::and).ok_or_else(|| {
        let message = format!("{} has no modules for others", package.manifest.name);
        Error::new(Kind::Usage, message).hint("name them in its package.toml: modules = [\"grants\"]")
    })
}

/// What a package can do by each module that it has for others, or what is wrong with that. Each is judged as the script
/// that it may be run as: its statements may act then, and only then. The package must be one of those of `sources`, where
/// the texts are added that are read.
pub fn parts_of_modules<'a>(
    package: &'a Package,
    library: &'a Library,
    sources: &'a Sources,
) -> impl Iterator<Item = Result<Piece, Error>> + 'a {
    package.manifest.modules.iter().filter_map(move |module| {
        let found = sources.packages.find("", &format!("{}/{module}", package.manifest.name)).transpose()?;
        let pieces = found.and_then(|found| {
            let script = Script { name: found.name, text: found.text };
            parts(&script, library, PathBuf::new(), sources)
        });
        pieces.map(|pieces| pieces.into_iter().next()).transpose()
    })
}

/// A text can be nested deeply.
fn on_large_stack<T: Send>(work: impl FnOnce() -> Result<T, Error> + Send) -> Result<T, Error> {
    thread::scope(|scope| {
        let thread = thread::Builder::new().name("rights".into()).stack_size(STACK).spawn_scoped(scope, work);
        let thread =
            thread.map_err(|error| Error::new(Kind::Limit, format!("no thread to read the script: {error}")))?;
        thread.join().unwrap_or_else(|_| Err(Error::new(Kind::Script, "juben itself failed; please report this")))
    })
}

/// What no package offers, or not to this text, and what is nowhere, is told before anything runs.
fn check_imports(code: &Code<'_>, packages: &Installed) -> Result<(), Error> {
    code.imports().try_for_each(|import| {
        // What a package imports is judged with its other rules.
        let is_own = packages.owner(&import.by.name).is_none();
        let found = packages.find(&import.by.name, import.name).and_then(|_| match import.module {
            None if is_own => Err(names::nothing_to_import(import.name)),
            _ => Ok(()),
        });
        found.map_err(|error| error.at(import.at))
    })
}

fn pieces(code: &Code<'_>, packages: &Installed) -> Result<Vec<Piece>, Error> {
    let mut used: Vec<&Package> = Vec::new();
    for package in code.sources().filter_map(|source| packages.owner(&source.name)) {
        if !used.iter().any(|known| known.manifest.name == package.manifest.name) {
            used.push(package);
        }
    }
    let judged = used.into_iter().map(|package| judged(code, packages, package)).collect::<Result<Vec<_>, Error>>()?;
    let Some(script) = code.sources().next() else { return Ok(judged) };
    if packages.owner(&script.name).is_some() {
        return Ok(judged.iter().take(1).map(|piece| nesting(piece, &judged)).collect());
    }
    let rights = code.rights(|source| source == script);
    let own = Piece { name: script.name.clone(), package: None, rights, nested: Vec::new() };
    let is_imported = |piece: &&Piece| {
        code.imports().any(|import| {
            let owner = import.module.and_then(|module| packages.owner(&module.name));
            packages.owner(&import.by.name).is_none() && owner == piece.package.as_ref()
        })
    };
    let imported = judged.iter().filter(is_imported).map(|piece| nesting(piece, &judged));
    Ok(std::iter::once(own).chain(imported).collect())
}

/// A package with those that do their deeds for it: its dependencies, and theirs.
fn nesting(piece: &Piece, all: &[Piece]) -> Piece {
    let mut nested: Vec<Piece> = Vec::new();
    let mut waiting = vec![piece];
    while let Some(next) = waiting.pop() {
        let dependencies = next.package.iter().flat_map(|package| package.manifest.dependencies.keys());
        for name in dependencies {
            let found = all.iter().find(|it| it.package.as_ref().is_some_and(|package| package.manifest.name == *name));
            let known = |it: &Piece| nested.iter().any(|other| other.name == it.name) || it.name == piece.name;
            if let Some(found) = found.filter(|it| !known(it)) {
                nested.push(found.clone());
                waiting.push(found);
            }
        }
    }
    nested.sort_by(|a, b| a.name.cmp(&b.name));
    Piece { nested, ..piece.clone() }
}

/// A package that keeps to the rules and to its manifest.
fn judged(code: &Code<'_>, packages: &Installed, package: &Package) -> Result<Piece, Error> {
    let is_of_it = |source: &Source| packages.owner(&source.name).is_some_and(|owner| owner == package);
    let name = format!("{} {}", package.manifest.name, package.manifest.version);
    if let Some(fault) = code.package_faults(is_of_it).into_iter().next() {
        return Err(broken(&name, code, fault));
    }
    let rights = code.rights(is_of_it);
    if let Some(at) = rights.unknown.first() {
        let message = format!("{name} cannot be used: a name that it does not define itself may do anything here");
        let hint = "a function of yours has a name that the package calls: give it another one";
        return Err(Error::new(Kind::Denied, message).hint(hint).at(at.clone()));
    }
    let lacking = package.manifest.all_rights().lacks(&rights.needs());
    match lacking.iter().next() {
        Some(first) => Err(undeclared(&name, first, &lacking, &rights)),
        None => Ok(Piece { name, package: Some(package.clone()), rights, nested: Vec::new() }),
    }
}

fn broken(name: &str, code: &Code<'_>, fault: Finding) -> Error {
    let error = Error::new(Kind::Usage, format!("{name} cannot be used: {}", fault.message)).hinted(fault.hint);
    let source = code.sources().find(|source| source.name == fault.file);
    source.map(|source| source.place(fault.span.start)).into_iter().fold(error, Error::at)
}

fn undeclared(name: &str, first: &Right, lacking: &Rights, rights: &analysis::Rights) -> Error {
    let lines: String = lacking.iter().map(|right| format!("\n\"{right}\" = \"why it is needed\"")).collect();
    let message = format!("{name} cannot be used: it needs `{first}`, which its package.toml does not declare");
    let error =
        Error::new(Kind::Denied, message).hint(format!("its authors declare that there, below [rights]:{lines}"));
    rights.place(first).cloned().into_iter().fold(error, Error::at)
}
