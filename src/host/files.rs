//! `files::` — texts in files. Paths are relative to the script's folder.

use super::{Host, Reply, given::Given, text, thrown};
use crate::{
    Error,
    helpers::{tables, texts},
    rights::{self, Place},
};
use encoding_rs::Encoding;
use rhai::{Array, Map, plugin::*};

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
        let place = Host::of(&call).reads(&call, path)?;
        text_of(&place, None).map_err(|error| thrown(&call, error))
    }

    /// The same with options.
    /// - `path`: string.
    /// - `options`: map: `otherwise` (string, the encoding of a file that is not UTF-8, such as `gb18030`, in which older
    ///   programs write Chinese).
    /// - returns: string.
    /// - throws: `file` when it cannot be read, or is neither.
    /// - reads: `path`.
    /// ```rhai
    /// files::write("note.txt", "第1集");
    /// assert_eq(files::read("note.txt", #{ otherwise: "gb18030" }), "第1集");
    /// ```
    #[rhai_fn(return_raw, name = "read")]
    pub fn read_with(call: NativeCallContext, path: &str, options: Map) -> Reply<String> {
        let otherwise = encoding(options).map_err(|error| thrown(&call, error))?;
        let place = Host::of(&call).reads(&call, path)?;
        text_of(&place, otherwise).map_err(|error| thrown(&call, error))
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
        let place = Host::of(&call).writes(&call, path)?;
        let written = place.make_room().map_err(|error| rights::failed(&error));
        let written = written.and_then(|()| tables::replace(&place, content.as_bytes()));
        written.map_err(|error| thrown(&call, tables::about(place.path(), &error)))
    }

    /// Whether there is a file or a folder.
    /// - `path`: string.
    /// - returns: bool.
    /// - reads: `path`.
    /// ```rhai
    /// assert(!files::exists("nothing.txt"));
    /// ```
    #[rhai_fn(return_raw)]
    pub fn exists(call: NativeCallContext, path: &str) -> Reply<bool> {
        let place = Host::of(&call).reads(&call, path)?;
        match place.about().map_err(|error| place.unreadable(&error)) {
            Err(error) if error.kind.ends_the_run() => Err(thrown(&call, error)),
            about => Ok(about.is_ok()),
        }
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
        let folder = Host::of(&call).reads(&call, folder)?;
        let files = folder.files().map_err(|error| thrown(&call, folder.unreadable(&error)))?;
        Ok(names(&files).into_iter().map(text).collect())
    }
}

/// A larger text would not fit into what a run may use.
const MOST_BYTES: u64 = 1 << 30;

fn text_of(place: &Place, otherwise: Option<&'static Encoding>) -> Result<String, Error> {
    let text = tables::bytes(place, MOST_BYTES).and_then(|bytes| texts::text(bytes, otherwise));
    text.map_err(|error| {
        error.reworded(error.kind, format!("cannot read {}: {}", place.path().display(), error.message))
    })
}

fn encoding(options: Map) -> Result<Option<&'static Encoding>, Error> {
    let mut given = Given::new(options);
    let otherwise = given.string("otherwise")?.map(|name| texts::encoding(&name)).transpose()?;
    given.ends().map(|()| otherwise)
}

fn names(files: &[Place]) -> Vec<String> {
    let name = |place: &Place| Some(place.path().file_name()?.to_string_lossy().into_owned());
    let mut names: Vec<_> = files.iter().filter_map(name).collect();
    names.sort();
    names
}
