//! `juben definitions DIR` — what scripts can call, as `.d.rhai` files.

use super::{Common, apis::catalog_of, write_out};
use crate::{Error, analysis, engine, error::Kind};
use clap::Args;
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// Write what scripts can call as definition files for editors
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  juben definitions .rhai/definitions")]
pub(super) struct Definitions {
    /// The folder, made if it is not there
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

/// The first line of each file: what begins otherwise is somebody else's.
const MARK: &str = "// Written by `juben definitions`: a change is lost when it is written anew.\n";

impl Definitions {
    pub(super) async fn execute(self, common: &Common) -> Result<(), Error> {
        let library = engine::library(catalog_of(common)?);
        let mut files: BTreeMap<String, String> = engine::language_definitions().collect();
        files.extend(analysis::definitions(&library));
        let files: Vec<_> = files.into_iter().map(|(name, text)| (self.folder.join(name), text)).collect();
        if let Some((path, _)) = files.iter().find(|(path, _)| is_of_another(path)) {
            let message = format!("{} was not written by juben; nothing is written", path.display());
            return Err(Error::new(Kind::File, message).hint("name another folder, or remove that file"));
        }
        let cannot = |path: &Path, error| Error::new(Kind::File, format!("cannot write {}: {error}", path.display()));
        fs::create_dir_all(&self.folder).map_err(|error| cannot(&self.folder, error))?;
        for (path, text) in &files {
            fs::write(path, format!("{MARK}{text}")).map_err(|error| cannot(path, error))?;
        }
        write_out(&files.iter().map(|(path, _)| format!("{}\n", path.display())).collect::<String>())
    }
}

fn is_of_another(path: &Path) -> bool {
    path.exists() && !fs::read(path).is_ok_and(|text| text.starts_with(MARK.as_bytes()))
}
