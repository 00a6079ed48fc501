//! What tables in files have in common, whatever their form.

use crate::{
    Error,
    error::{Kind, PATHS},
};
use std::{
    ffi::OsString,
    fs::{self, File},
    io::{self, BufWriter, Write},
    path::Path,
};

/// The content of a file that is not larger than so many bytes.
pub fn bytes(file: &Path, most: u64) -> Result<Vec<u8>, Error> {
    let size = fs::metadata(file).map_err(|error| unreadable(&error))?.len();
    if size > most {
        let error = Error::new(Kind::File, format!("it has {size} bytes; it may have {most}"));
        return Err(error.hint("cut it into several files"));
    }
    fs::read(file).map_err(|error| unreadable(&error))
}

fn unreadable(error: &io::Error) -> Error {
    Error::new(Kind::File, error.to_string()).hint(PATHS)
}

/// Give a file this content. It is written beside the file first, so that no half of it is ever seen.
pub fn replace(file: &Path, content: &[u8]) -> Result<(), Error> {
    replace_by(file, |out| out.write_all(content))
}

/// The same for content that is written piece by piece.
pub fn replace_by(file: &Path, write: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>) -> Result<(), Error> {
    let mut part = OsString::from(file);
    part.push(".part");
    let written = File::create(&part).and_then(|out| {
        let mut out = BufWriter::new(out);
        write(&mut out)?;
        out.flush()
    });
    written.and_then(|()| fs::rename(&part, file)).map_err(|error| {
        fs::remove_file(&part).ok();
        Error::new(Kind::File, error.to_string()).hint("the folder must be there, and open to writing")
    })
}

/// Each of these names is one of the columns.
pub fn has_columns<'a>(names: &[String], columns: impl Iterator<Item = &'a str>) -> Result<(), Error> {
    let columns: Vec<&str> = columns.collect();
    match names.iter().find(|name| !columns.contains(&name.as_str())) {
        Some(name) => Err(Error::new(Kind::File, format!("it has no column `{name}`")).hint_names(name, columns)),
        None => Ok(()),
    }
}

/// The error with the name of its file.
pub fn about(file: &Path, error: &Error) -> Error {
    error.reworded(error.kind, format!("{}: {}", file.display(), error.message))
}
