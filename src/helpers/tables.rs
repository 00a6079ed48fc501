//! What tables in files have in common, whatever their form.

use crate::{
    Error,
    error::Kind,
    rights::{self, Place},
};
use std::{
    fs::File,
    io::{self, BufWriter, Read, Write},
    path::Path,
};

/// The content of a file that is not larger than so many bytes.
pub fn bytes(file: &Place, most: u64) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    // Some files do not say how large they are.
    let read = file.open().and_then(|opened| {
        bytes.reserve_exact(opened.metadata()?.len().min(most) as usize);
        opened.take(most + 1).read_to_end(&mut bytes)
    });
    read.map_err(|error| rights::failed(&error))?;
    if bytes.len() as u64 > most {
        let error = Error::new(Kind::File, format!("it has more than {most} bytes"));
        return Err(error.hint("cut it into several files"));
    }
    Ok(bytes)
}

/// Give a file this content. It is written beside the file first, so that no half of it is ever seen.
pub fn replace(file: &Place, content: &[u8]) -> Result<(), Error> {
    replace_by(file, |out| out.write_all(content))
}

/// The same for content that is written piece by piece.
pub fn replace_by(file: &Place, write: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>) -> Result<(), Error> {
    file.replace_by(write).map_err(|error| match rights::failed(&error) {
        denied if denied.kind == Kind::Denied => denied,
        _ => Error::new(Kind::File, error.to_string()).hint("the folder must be there, and open to writing"),
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
