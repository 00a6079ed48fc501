//! Whether a package keeps to the rules for packages and to its manifest, in each module that it has for others.

use crate::{
    Error,
    analysis::Library,
    engine::{self, Script, Sources},
    packages::Package,
};
use std::path::PathBuf;

/// Judge each module as the script that it may be run as: its statements may act then, and only then. What is wrong with
/// each, and whose module it is. The package must be one of those of `sources`, where the texts are added that are read.
pub(super) fn judge<'a>(
    package: &'a Package,
    library: &'a Library,
    sources: &'a Sources,
) -> impl Iterator<Item = Result<(), Error>> + 'a {
    package.manifest.modules.iter().map(move |module| {
        let found = sources.packages().find("", &format!("{}/{module}", package.manifest.name))?;
        let Some(found) = found else { return Ok(()) };
        let script = Script { name: found.name, text: found.text };
        engine::parts(&script, library, PathBuf::new(), sources).map(drop)
    })
}
