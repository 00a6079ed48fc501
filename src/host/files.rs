//! `files::` — texts in files. Paths are relative to the script's folder.

use super::{Host, Reply, text, thrown};
use crate::{
    Error,
    error::{Kind, PATHS},
    helpers::tables,
};
use rhai::{Array, plugin::*};
use std::{
    io,
    path::{Path, PathBuf},
};

#[export_module]
pub mod module {
    /// Read a text.
    /// - `path`: string.
    /// - returns: string.
    /// - throws: `file` when it cannot be read or is not UTF-8.
    /// - reads: `path`.
    /// ```rhai
    /// files::write("note.txt", "第1集");
    /// assert_eq(files::read("note.txt"), "第1集");
    /// ```
    #[rhai_fn(return_raw)]
    pub fn read(call: NativeCallContext, path: &str) -> Reply<String> {
        let path = within(&call, path);
        std::fs::read_to_string(&path).map_err(|error| failed(&call, "read", &path, &error))
    }

    /// Write a text, with the folders that it needs. A file that is there is replaced as a whole.
    /// - `path`: string.
    /// - `content`: string.
    /// - throws: `file`.
    /// - writes: `path`.
    /// ```rhai
    /// files::write("notes/first.txt", "第1集");
    /// assert(files::exists("notes/first.txt"));
    /// ```
    #[rhai_fn(return_raw)]
    pub fn write(call: NativeCallContext, path: &str, content: &str) -> Reply<()> {
        let path = within(&call, path);
        std::fs::create_dir_all(path.parent().unwrap_or(Path::new(".")))
            .map_err(|error| failed(&call, "write", &path, &error))?;
        tables::replace(&path, content.as_bytes()).map_err(|error| thrown(&call, tables::about(&path, &error)))
    }

    /// Whether there is a file or a folder.
    /// - `path`: string.
    /// - returns: bool.
    /// - reads: `path`.
    /// ```rhai
    /// assert(!files::exists("nothing.txt"));
    /// ```
    pub fn exists(call: NativeCallContext, path: &str) -> bool {
        within(&call, path).exists()
    }

    /// The names of the files of a folder, in their order.
    /// - `folder`: string.
    /// - returns: array of string.
    /// - throws: `file`.
    /// - reads: `folder`.
    /// ```rhai
    /// files::write("season/2.mp4", "");
    /// files::write("season/1.mp4", "");
    /// assert_eq(files::list("season"), ["1.mp4", "2.mp4"]);
    /// ```
    #[rhai_fn(return_raw)]
    pub fn list(call: NativeCallContext, folder: &str) -> Reply<Array> {
        let folder = within(&call, folder);
        names(&folder).map_err(|error| failed(&call, "read", &folder, &error))
    }
}

fn within(call: &NativeCallContext, path: &str) -> PathBuf {
    Host::of(call).folder.join(path)
}

fn names(folder: &Path) -> io::Result<Array> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if entry.path().is_file() {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names.into_iter().map(text).collect())
}

fn failed(call: &NativeCallContext, deed: &str, path: &Path, error: &io::Error) -> Box<EvalAltResult> {
    let error = Error::new(Kind::File, format!("cannot {deed} {}: {error}", path.display()));
    thrown(call, error.hint(PATHS))
}
