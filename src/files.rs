//! Reads files that somebody else may have put there: no more of them than is sensible, and nothing that never ends.

use std::{
    fs::{self, File},
    io::{self, ErrorKind, Read},
    path::Path,
};

/// More than any text has that a person writes, in bytes.
pub(crate) const LARGEST_TEXT: u64 = 16 << 20;

/// The text of a file of at most so many bytes. A device or a pipe may never end, or never begin.
pub(crate) fn text(path: &Path, most: u64) -> io::Result<String> {
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::new(ErrorKind::InvalidInput, "it is not a file"));
    }
    let bytes = bytes_of_any(path, most)?;
    String::from_utf8(bytes).map_err(|error| {
        let message = format!("it is not UTF-8 at byte {}", error.utf8_error().valid_up_to());
        io::Error::new(ErrorKind::InvalidData, message)
    })
}

/// At most so many bytes of what may also be a pipe.
pub(crate) fn bytes_of_any(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(io::Error::new(ErrorKind::FileTooLarge, format!("it has more than {} MB", most >> 20)));
    }
    Ok(bytes)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn only_files_are_read_and_no_more_of_them_than_is_allowed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        fs::write(&path, "剧本").unwrap();
        assert_eq!(text(&path, 6).unwrap(), "剧本");
        assert_eq!(text(&path, 5).unwrap_err().kind(), ErrorKind::FileTooLarge);
        for path in ["/dev/zero", "/dev"] {
            assert_eq!(text(Path::new(path), 6).unwrap_err().to_string(), "it is not a file");
        }
        assert_eq!(bytes_of_any(Path::new("/dev/zero"), 6).unwrap_err().kind(), ErrorKind::FileTooLarge);
    }
}
