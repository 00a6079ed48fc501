//! Paths, from the folder where relative ones start.

use super::{ItemKind, Offers};
use std::{
    fs::{DirEntry, read_dir},
    path::Path,
};

/// A folder with more entries is not listed to its end.
const MOST: usize = 2_000;

/// The files and folders that the path written so far leads to; only its last step is replaced.
pub(super) fn offer(folder: &Path, offers: &mut Offers<'_>) {
    let typed = offers.typed();
    let start = typed.rfind('/').map_or(0, |slash| slash + 1);
    offers.keep(start);
    let hidden = typed[start..].starts_with('.');
    for entry in entries(&here(folder).join(&typed[..start])) {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with('.') && !hidden {
            continue;
        }
        let after = if is_folder(&entry) { "/" } else { "" };
        offers.add(&name, ItemKind::File, after, || size(&entry));
    }
}

/// The modules that lie in a folder.
pub(super) fn modules(folder: &Path) -> Vec<String> {
    let names = entries(here(folder)).into_iter().map(|entry| entry.file_name().to_string_lossy().into_owned());
    names.filter_map(|name| Some(name.strip_suffix(".rhai")?.to_owned())).collect()
}

fn here(folder: &Path) -> &Path {
    if folder.as_os_str().is_empty() { Path::new(".") } else { folder }
}

fn entries(folder: &Path) -> Vec<DirEntry> {
    let mut entries: Vec<_> = read_dir(folder).into_iter().flatten().flatten().take(MOST).collect();
    entries.sort_by_key(DirEntry::file_name);
    entries
}

fn is_folder(entry: &DirEntry) -> bool {
    entry.path().is_dir()
}

fn size(entry: &DirEntry) -> String {
    match entry.metadata() {
        Ok(data) if data.is_file() => format!("{} bytes", data.len()),
        _ => String::new(),
    }
}
