//! What is juben's own where a run is: its configuration, its state, keys and packages.

use super::absolute;
use crate::{
    config::{self, Config},
    packages::{Cache, Installed, VENDOR},
    rights::Reserved,
    store::Store,
};
use std::path::{Path, PathBuf};

/// The files that a run in this folder does not touch, unless it is of the user's own code alone.
pub(super) fn reserved(config: &Config, store: &Store, packages: &Installed, folder: &Path) -> Reserved {
    let file = config.file.as_deref().map(absolute);
    let project = file.as_deref().and_then(Path::parent);
    let own = config::user_folder();
    // Who has a script beside the state still has its files: what is the state is told by its names there.
    let elsewhere = |path: &PathBuf| !folder.starts_with(path);
    let state = store.folder().map(absolute).filter(elsewhere);
    let keys = own.as_ref().map(|folder| folder.join("keys"));
    let secrets = config.secret_files.iter().map(|path| absolute(path));
    let secret: Vec<_> =
        [file.clone(), state, own.filter(elsewhere), keys].into_iter().flatten().chain(secrets).collect();
    let roots = packages.packages().iter().map(|package| package.root.clone());
    let roots = roots.filter(|root| Some(root.as_path()) != project);
    let vendor = project.map(|folder| folder.join(VENDOR));
    let cache = Cache::open().ok().map(|cache| cache.folder().to_owned());
    let fixed: Vec<_> = vendor
        .into_iter()
        .chain(cache)
        .chain(config.http.ca_file.clone())
        .chain(roots)
        .map(|path| absolute(&path))
        .collect();
    Reserved::new(&secret, &fixed)
}
