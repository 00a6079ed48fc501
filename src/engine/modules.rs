//! `import`: the standard library, and files beside the script; nothing outside.

use super::Sources;
use crate::{analysis::Source, lock::lock};
use rhai::{
    Engine, EvalAltResult,
    EvalAltResult::{ErrorModuleNotFound, ErrorParsing, ErrorRuntime},
    Module, ModuleResolver, Position, Scope, Shared,
};
use std::{
    collections::HashMap,
    env,
    path::{Component, Path, PathBuf},
    sync::Mutex,
};

include!(concat!(env!("OUT_DIR"), "/stdlib.rs"));

/// The modules of the standard library, with their texts.
pub fn stdlib() -> impl Iterator<Item = (&'static str, &'static str)> {
    STDLIB.iter().copied()
}

/// How the imports of a script in this folder are found, for those who only look.
pub fn finder(folder: PathBuf) -> impl Fn(&str) -> Option<Source> {
    let modules = Modules::new(folder, Sources::default());
    move |name| modules.find(name, Position::NONE).ok().map(|(name, text)| Source { name, text })
}

type Found<T> = Result<T, Box<EvalAltResult>>;

/// Finds and loads modules; each is loaded once.
pub(super) struct Modules {
    folder: PathBuf,
    sources: Sources,
    loaded: Mutex<HashMap<String, Shared<Module>>>,
    loading: Mutex<Vec<String>>,
}

impl Modules {
    pub(super) fn new(folder: PathBuf, sources: Sources) -> Self {
        Modules { folder, sources, loaded: Mutex::default(), loading: Mutex::default() }
    }

    /// The name under which a report shows the module, and its text.
    fn find(&self, name: &str, position: Position) -> Found<(String, String)> {
        let path = Path::new(name);
        let plain = |part: Component| matches!(part, Component::Normal(_));
        if name.is_empty() || !path.components().all(plain) {
            let reason =
                format!("cannot import {name:?}: modules are in the standard library or below the script's folder");
            return Err(ErrorRuntime(reason.into(), position).into());
        }
        let beside = self.beside(path, position)?;
        let shared = standard(name);
        match (beside, shared) {
            // A test beside a module of the standard library means that module.
            (Some(beside), Some(shared)) if beside.1 == shared.1 => Ok(beside),
            (Some(_), Some(_)) => {
                let reason =
                    format!("{name:?} is both in the standard library and beside the script: rename your file");
                Err(ErrorRuntime(reason.into(), position).into())
            }
            (Some(found), None) | (None, Some(found)) => Ok(found),
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
        let text = std::fs::read_to_string(&file)
            .map_err(|error| ErrorRuntime(format!("cannot read {}: {error}", file.display()).into(), position))?;
        Ok(Some((file.display().to_string(), text)))
    }

    fn folder_or_here(&self) -> &Path {
        if self.folder.as_os_str().is_empty() { Path::new(".") } else { &self.folder }
    }

    fn load(&self, engine: &Engine, name: &str, position: Position) -> Found<Shared<Module>> {
        let (shown, text) = self.find(name, position)?;
        self.sources.add(&shown, &text);
        let mut ast = engine.compile(&text).map_err(|error| {
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
    fn resolve(&self, engine: &Engine, _: Option<&str>, name: &str, position: Position) -> Found<Shared<Module>> {
        if let Some(module) = lock(&self.loaded).get(name) {
            return Ok(module.clone());
        }
        if lock(&self.loading).iter().any(|other| other == name) {
            let way = lock(&self.loading).join(" imports ");
            return Err(
                ErrorRuntime(format!("modules import each other: {way} imports {name}").into(), position).into()
            );
        }
        lock(&self.loading).push(name.to_owned());
        let module = self.load(engine, name, position);
        lock(&self.loading).pop();
        let module = module?;
        lock(&self.loaded).insert(name.to_owned(), module.clone());
        Ok(module)
    }
}

/// A module of the standard library; a folder named by `JUBEN_STDLIB` is looked in first.
fn standard(name: &str) -> Option<(String, String)> {
    let edited = env::var_os("JUBEN_STDLIB").map(|folder| Path::new(&folder).join(format!("{name}.rhai")));
    let edited = edited.and_then(|path| Some((path.display().to_string(), std::fs::read_to_string(path).ok()?)));
    let embedded =
        || stdlib().find(|(known, _)| *known == name).map(|(_, text)| (format!("stdlib/{name}.rhai"), text.to_owned()));
    edited.or_else(embedded)
}
