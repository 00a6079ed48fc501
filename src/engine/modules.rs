//! `import`: the standard library, files beside the script, and packages; nothing outside.
//!
//! What a name means depends on who imports it. Within a package it is one of its own files, one of its dependencies or
//! the standard library, and never a file of the user's.

use super::Sources;
use crate::{
    Error,
    analysis::Source,
    files::{self, LARGEST_TEXT},
    lock::lock,
    packages::{Installed, Package},
};
use rhai::{
    Engine, EvalAltResult,
    EvalAltResult::{ErrorModuleNotFound, ErrorParsing, ErrorRuntime},
    Module, ModuleResolver, Position, Scope, Shared,
};
use std::{
    collections::HashMap,
    env,
    path::{Component, Path, PathBuf},
    sync::{Arc, Mutex},
};

include!(concat!(env!("OUT_DIR"), "/stdlib.rs"));

/// The modules of the standard library, with their texts.
pub fn stdlib() -> impl Iterator<Item = (&'static str, &'static str)> {
    STDLIB.iter().copied()
}

/// How the imports of a script in this folder are found, for those who only look.
pub fn finder(folder: PathBuf, packages: Arc<Installed>) -> impl Fn(&str, &str) -> Option<Source> {
    let modules = Modules::new(folder, Sources::of(packages), "");
    move |importer, name| {
        let found = modules.find(importer, name, Position::NONE).ok();
        found.map(|(name, text)| Source { name, text })
    }
}

type Found<T> = Result<T, Box<EvalAltResult>>;

/// Finds and loads modules; each is loaded once.
pub(super) struct Modules {
    folder: PathBuf,
    sources: Sources,
    /// The name of the script.
    script: String,
    /// By the package that imports, if one does, and the name that is imported.
    known: Mutex<HashMap<(String, String), Shared<Module>>>,
    /// By the name in reports.
    loaded: Mutex<HashMap<String, Shared<Module>>>,
    loading: Mutex<Vec<Loading>>,
}

/// A module whose statements are being run.
struct Loading {
    /// As it was imported.
    name: String,
    /// As reports show it.
    shown: String,
}

impl Modules {
    pub(super) fn new(folder: PathBuf, sources: Sources, script: &str) -> Self {
        Modules {
            folder,
            sources,
            script: script.to_owned(),
            known: Mutex::default(),
            loaded: Mutex::default(),
            loading: Mutex::default(),
        }
    }

    /// The name under which a report shows the module, and its text.
    fn find(&self, importer: &str, name: &str, position: Position) -> Found<(String, String)> {
        let packages = &self.sources.packages;
        let packaged = packages.find(importer, name).map_err(|error| refused(&error, position))?;
        let packaged = packaged.map(|found| (found.name, found.text));
        if packages.owner(importer).is_some() {
            let found = packaged.or_else(|| standard(name));
            return found.ok_or_else(|| ErrorModuleNotFound(name.to_owned(), position).into());
        }
        let path = Path::new(name);
        let plain = |part: Component| matches!(part, Component::Normal(_));
        if name.is_empty() || !path.components().all(plain) {
            let reason =
                format!("cannot import {name:?}: modules are in the standard library or below the script's folder");
            return Err(ErrorRuntime(reason.into(), position).into());
        }
        let beside = self.beside(path, position)?;
        let elsewhere = match packaged {
            Some(found) => Some(("a package", found)),
            None => standard(name).map(|found| ("in the standard library", found)),
        };
        match (beside, elsewhere) {
            // A test beside a module of the standard library means that module.
            (Some(beside), Some((_, other))) if beside.1 == other.1 => Ok(beside),
            (Some(_), Some((place, _))) => {
                let reason = format!("{name:?} is both {place} and beside the script: rename your file");
                Err(ErrorRuntime(reason.into(), position).into())
            }
            // In reports it would be taken for a file of the package.
            (Some((shown, _)), None) if packages.owner(&shown).is_some() => {
                let reason = format!("{shown} has the name of a module of a package: rename your folder");
                Err(ErrorRuntime(reason.into(), position).into())
            }
            (Some(found), None) | (None, Some((_, found))) => Ok(found),
            (None, None) => Err(ErrorModuleNotFound(name.to_owned(), position).into()),
        }
    }

    fn beside(&self, path: &Path, position: Position) -> Found<Option<(String, String)>> {
        let file = self.folder.join(path).with_extension("rhai");
        let (Ok(file_really), Ok(folder_really)) = (file.canonicalize(), self.folder_or_here().canonicalize()) else {
            return Ok(None);
        };
        if !file_really.starts_with(folder_really) {
            let reason = format!("{} leads out of the script's folder", file.display());
            return Err(ErrorRuntime(reason.into(), position).into());
        }
        let text = files::text(&file, LARGEST_TEXT)
            .map_err(|error| ErrorRuntime(format!("cannot read {}: {error}", file.display()).into(), position))?;
        Ok(Some((file.display().to_string(), text)))
    }

    fn folder_or_here(&self) -> &Path {
        if self.folder.as_os_str().is_empty() { Path::new(".") } else { &self.folder }
    }

    /// A package imports before anything of it is called. What imports later in its name is a function of somebody else
    /// that it calls, and would get what is the package's own.
    fn check_importer(&self, owner: &Package, importer: &str, name: &str, position: Position) -> Found<()> {
        let loads = lock(&self.loading).last().is_some_and(|module| module.shown == importer);
        if loads || importer == self.script {
            return Ok(());
        }
        let package = &owner.manifest.name;
        let reason = format!("a function that {package} calls imports {name:?}: import it outside of functions");
        Err(ErrorRuntime(reason.into(), position).into())
    }

    fn load(&self, engine: &Engine, shown: String, text: &str, position: Position) -> Found<Shared<Module>> {
        self.sources.add(&shown, text);
        let mut ast = engine.compile(text).map_err(|error| {
            let inner = ErrorParsing(*error.0, error.1);
            EvalAltResult::ErrorInModule(shown.clone(), inner.into(), position)
        })?;
        ast.set_source(shown.as_str());
        let module = Module::eval_ast_as_new(Scope::new(), &ast, engine)
            .map_err(|error| EvalAltResult::ErrorInModule(shown, error, position))?;
        Ok(module.into())
    }
}

impl ModuleResolver for Modules {
    fn resolve(&self, engine: &Engine, from: Option<&str>, name: &str, position: Position) -> Found<Shared<Module>> {
        let importer = from.unwrap_or_default();
        let owner = self.sources.packages.owner(importer);
        if let Some(owner) = owner {
            self.check_importer(owner, importer, name, position)?;
        }
        let owner = owner.map(|owner| owner.manifest.name.to_string()).unwrap_or_default();
        let known = (owner, name.to_owned());
        if let Some(module) = lock(&self.known).get(&known) {
            return Ok(module.clone());
        }
        let (shown, text) = self.find(importer, name, position)?;
        if let Some(module) = lock(&self.loaded).get(&shown) {
            return Ok(module.clone());
        }
        // Its rights were read before the run began, unless its name was made up since then.
        if self.sources.packages.owner(&shown).is_some() && self.sources.get(&shown).is_none() {
            let reason = format!("{name:?} is of a package, whose import must be written out: import {name:?} as it;");
            return Err(ErrorRuntime(reason.into(), position).into());
        }
        if lock(&self.loading).iter().any(|other| other.shown == shown) {
            let way: Vec<_> = lock(&self.loading).iter().map(|other| other.name.clone()).collect();
            let way = way.join(" imports ");
            return Err(
                ErrorRuntime(format!("modules import each other: {way} imports {name}").into(), position).into()
            );
        }
        // Where rights were read off the text, that very text runs, whatever the file has become since.
        let is_judged = !self.sources.packages.packages().is_empty();
        let text = self.sources.get(&shown).filter(|_| is_judged).unwrap_or(text);
        lock(&self.loading).push(Loading { name: name.to_owned(), shown: shown.clone() });
        let module = self.load(engine, shown.clone(), &text, position);
        lock(&self.loading).pop();
        let module = module?;
        lock(&self.known).insert(known, module.clone());
        lock(&self.loaded).insert(shown, module.clone());
        Ok(module)
    }
}

fn refused(error: &Error, position: Position) -> Box<EvalAltResult> {
    let hint = error.hint.as_ref().map_or_else(String::new, |hint| format!(" ({hint})"));
    ErrorRuntime(format!("{}{hint}", error.message).into(), position).into()
}

/// A module of the standard library; a folder named by `JUBEN_STDLIB` is looked in first.
fn standard(name: &str) -> Option<(String, String)> {
    let edited = env::var_os("JUBEN_STDLIB").map(|folder| Path::new(&folder).join(format!("{name}.rhai")));
    let edited = edited.and_then(|path| Some((path.display().to_string(), std::fs::read_to_string(path).ok()?)));
    let embedded =
        || stdlib().find(|(known, _)| *known == name).map(|(_, text)| (format!("stdlib/{name}.rhai"), text.to_owned()));
    edited.or_else(embedded)
}
