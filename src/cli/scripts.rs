//! The scripts of a folder, for the commands that take folders.

use crate::{Error, error::Kind};
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// The scripts below a folder, in the order of their names; not in hidden folders, nor in `target`, nor behind links to
/// folders, which may lead in a circle. What `juben definitions` writes, `*.d.rhai`, is for editors and no script.
pub(super) fn below(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let mut files = Vec::new();
    let unreadable = |error| Error::new(Kind::Usage, format!("cannot read the folder {}: {error}", folder.display()));
    walk(folder, &mut files).map_err(unreadable)?;
    Ok(files)
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    let entries = fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path()));
    let mut paths = entries.collect::<Result<Vec<PathBuf>, _>>()?;
    paths.sort();
    for path in paths {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.is_dir() {
            if !name.starts_with('.') && name != "target" && !path.is_symlink() {
                walk(&path, files)?;
            }
        } else if !name.starts_with('.') && name.ends_with(".rhai") && !name.ends_with(".d.rhai") {
            files.push(path);
        }
    }
    Ok(())
}
