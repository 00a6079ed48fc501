//! Packages as a test writes them: folders, installed as if a lock file named them.

use crate::script::{Outcome, Script, Server};
use juben::{
    Error,
    analysis::Library,
    catalog::Catalog,
    engine::{self, Piece, Sources},
    packages::{Installed, MANIFEST, Manifest, Package, Tree},
};
use std::{
    fs,
    path::Path,
    sync::{Arc, LazyLock},
};
use tempfile::TempDir;

pub static LIBRARY: LazyLock<Library> = LazyLock::new(|| engine::library(Catalog::builtin()));

/// The text of a manifest; its last table, which can be gone on with, are the rights.
pub fn manifest(name: &str, version: &str, modules: &[&str], rights: &str) -> String {
    format!(
        "name = {name:?}\nversion = {version:?}\nsummary = \"For a test.\"\nlicense = \"MIT\"\njuben = \"0.1.0\"\n\
         modules = {modules:?}\n[rights]\n{rights}"
    )
}

/// The lines of a table of texts.
pub fn table<'a>(rows: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    rows.into_iter().map(|(name, value)| format!("{name:?} = {value:?}\n")).collect()
}

/// Packages in a folder.
pub struct Packages {
    folder: TempDir,
    packages: Vec<Package>,
}

impl Packages {
    pub fn new() -> Self {
        Packages { folder: tempfile::tempdir().unwrap(), packages: Vec::new() }
    }

    /// One more, with these rights, these dependencies and these modules; one whose name begins with `-` is private.
    pub fn with(mut self, name: &str, rights: &[&str], needs: &[&str], modules: &[(&str, &str)]) -> Self {
        let root = self.folder.path().join(name);
        for (module, text) in modules {
            write(&root.join(format!("{}.rhai", module.trim_start_matches('-'))), text);
        }
        let exported: Vec<_> = modules.iter().map(|(module, _)| *module).filter(|it| !it.starts_with('-')).collect();
        let rights = table(rights.iter().map(|right| (*right, "for the test")));
        let needs = table(needs.iter().map(|name| (*name, "1.0.0")));
        let text = format!("{}[dependencies]\n{needs}", manifest(name, "1.0.0", &exported, &rights));
        let manifest = Manifest::parse(&text, MANIFEST).unwrap();
        let tree = Tree::read(&root).unwrap();
        self.packages.push(Package { manifest, root, hash: tree.hash(), tree: tree.into(), signer: None });
        self
    }

    /// As a run has them.
    pub fn installed(&self) -> Arc<Installed> {
        Arc::new(Installed::new(self.packages.clone()))
    }

    /// The folder of one.
    pub fn root(&self, name: &str) -> &Path {
        &self.packages.iter().find(|package| package.manifest.name.as_str() == name).unwrap().root
    }

    /// The pieces of a script that imports them.
    pub fn parts(&self, text: &str) -> Result<Vec<Piece>, Error> {
        self.parts_in(text, Path::new("nowhere"))
    }

    /// The same with modules of its own.
    pub fn parts_in(&self, text: &str, folder: &Path) -> Result<Vec<Piece>, Error> {
        let script = engine::Script { name: "test.rhai".into(), text: text.to_owned() };
        engine::parts(&script, &LIBRARY, folder.to_owned(), &Sources::of(self.installed()))
    }

    /// Run a script that imports them, whatever it may do.
    pub fn run(&self, server: &Arc<Server>, text: &str) -> Outcome {
        let script = Script::on(server, text).packages(&self.installed());
        script.run_freely(server.client(), &server.config())
    }
}

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}
