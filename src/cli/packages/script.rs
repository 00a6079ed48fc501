//! A script of a package: `juben run team/grants/report`.

use crate::{Error, cli::permit, config::Config, engine::Script, packages::Installed};
use std::path::Path;

/// The module of a package that is named as an import names it, where no file has that name.
pub(in crate::cli) fn script(path: &Path, packages: &Installed) -> Result<Option<Script>, Error> {
    match path.to_str().filter(|_| !path.exists()) {
        Some(name) => Ok(packages.find("", name)?.map(|found| Script { name: found.name, text: found.text })),
        None => Ok(None),
    }
}

/// The same, of the packages of the project here; for those who only look.
pub(in crate::cli) fn script_here(path: &Path) -> Option<Script> {
    let (file, text) = Config::file(None).ok()??;
    let packages = permit::packages(Some((&file, &text))).ok()?;
    script(path, &packages).ok()?
}
