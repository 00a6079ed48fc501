//! Whether a package keeps to the rules for packages and to its manifest, in each module that it has for others.

use crate::{
    Error,
    analysis::Library,
    engine::{self, Script, Sources},
    packages::{Installed, Package},
};
use std::{path::PathBuf, sync::Arc};

/// Judge each module as the script that it may be run as: its statements may act then, and only then.
pub(super) fn judge(package: &Package, library: &Library, packages: &Arc<Installed>) -> Result<(), Error> {
    package.manifest.modules.iter().try_for_each(|module| {
        let found = packages.find("", &format!("{}/{module}", package.manifest.name))?;
        let Some(found) = found else { return Ok(()) };
        let script = Script { name: found.name, text: found.text };
        engine::parts(&script, library, PathBuf::new(), &Sources::of(packages.clone())).map(drop)
    })
}
