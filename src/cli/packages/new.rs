//! `juben new package team/name` — a package that can be filled.

use crate::{Error, catalog::Catalog, cli::write_out, engine::manual, error::Kind, packages::Name};
use clap::{Args, Subcommand};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// Make the folder of a new package
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  juben new package team/grants\n  juben new package team/grants packages/grants")]
pub(in crate::cli) struct New {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// A package with a module, a test, an example and a README
    Package {
        /// What others import it by
        #[arg(value_name = "TEAM/NAME")]
        name: Name,
        /// Where to make it [default: a folder with the name behind the slash]
        folder: Option<PathBuf>,
    },
}

/// The files of a new package. In their names and texts, NAME is the one behind the slash.
const FILES: [(&str, &str); 5] = [
    ("package.toml", include_str!("template/package.toml")),
    ("NAME.rhai", include_str!("template/module.rhai.txt")),
    ("NAME_test.rhai", include_str!("template/module_test.rhai.txt")),
    ("example.rhai", include_str!("template/example.rhai.txt")),
    ("README.md", include_str!("template/README.md")),
];

impl New {
    pub(in crate::cli) fn execute(self) -> Result<(), Error> {
        let What::Package { name, folder } = self.what;
        let folder = folder.unwrap_or_else(|| name.short().into());
        let shown = folder.display();
        if fs::read_dir(&folder).is_ok_and(|mut entries| entries.next().is_some()) || folder.is_file() {
            return Err(Error::new(Kind::Usage, format!("{shown} is there already"))
                .hint("nothing was changed; name another folder behind the package"));
        }
        for (file, text) in FILES {
            write(&folder.join(filled(file, &name)), &filled(text, &name))?;
        }
        write_out(&format!(
            "made {shown}; try it there:\n  juben check {shown}\n  juben test {shown}\n  juben run {} --sandbox\n",
            folder.join("example.rhai").display()
        ))
    }
}

fn filled(text: &str, name: &Name) -> String {
    let text = text.replace("TEAM", name.team()).replace("ALIAS", &alias(name)).replace("NAME", name.short());
    text.replace("JUBEN", env!("CARGO_PKG_VERSION"))
}

/// What scripts call the module: its name, unless Rhai keeps that word for itself, or juben has a module of that name.
fn alias(name: &Name) -> String {
    let word = name.short().replace('-', "_");
    let is_word = rhai::Engine::new().compile(format!("let {word} = 1;")).is_ok();
    let is_module = manual().iter().any(|function| function.module == word)
        || Catalog::builtin().names().iter().any(|operation| operation.module == word);
    if is_word && !is_module { word } else { format!("{}_{word}", name.team().replace('-', "_")) }
}

fn write(path: &Path, text: &str) -> Result<(), Error> {
    fs::create_dir_all(path.parent().unwrap_or(Path::new(".")))
        .and_then(|()| fs::write(path, text))
        .map_err(|error| Error::new(Kind::File, format!("cannot write {}: {error}", path.display())))
}
