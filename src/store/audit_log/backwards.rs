//! A file read from its end.

use std::{
    fs::File,
    io::{self, ErrorKind, Read, Seek, SeekFrom},
    mem,
};

/// Bytes that are read together at first; of a long line twice as many each time.
const PIECE: u64 = 16 << 10;

/// Bytes that a line can have.
pub(super) const LONGEST: u64 = 64 << 20;

/// What stands between the line feeds of a file, the last first: at first what is behind the last line feed, mostly nothing.
pub(super) struct Backwards<'a> {
    file: &'a File,
    /// So much of the beginning is not read yet.
    left: u64,
    /// What was read behind that, without what was given out and the line feed before it.
    read: Vec<u8>,
    ended: bool,
}

impl Backwards<'_> {
    /// Of the file as long as this.
    pub(super) fn new(file: &File, length: u64) -> Backwards<'_> {
        Backwards { file, left: length, read: Vec::new(), ended: false }
    }

    fn read_more(&mut self) -> io::Result<()> {
        let known = self.read.len() as u64;
        if known > LONGEST {
            return Err(io::Error::new(ErrorKind::InvalidData, "a row is longer than any row is"));
        }
        let more = self.left.min(PIECE.max(known));
        self.left -= more;
        let mut file = self.file;
        file.seek(SeekFrom::Start(self.left))?;
        let mut read = Vec::with_capacity((more + known) as usize);
        file.take(more).read_to_end(&mut read)?;
        read.append(&mut self.read);
        self.read = read;
        Ok(())
    }
}

impl Iterator for Backwards<'_> {
    type Item = io::Result<Vec<u8>>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(place) = self.read.iter().rposition(|byte| *byte == b'\n') {
                let line = self.read.split_off(place + 1);
                self.read.pop();
                return Some(Ok(line));
            }
            if self.left == 0 {
                return (!mem::replace(&mut self.ended, true)).then(|| Ok(mem::take(&mut self.read)));
            }
            if let Err(error) = self.read_more() {
                (self.left, self.ended) = (0, true);
                return Some(Err(error));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn it_is_what_stands_between_line_feeds() {
        let long = "中".repeat(300_000);
        for text in ["", "a", "\n", "a\n", "a\nb", "\n\na\n", &format!("a\n{long}\nb\n{long}")] {
            let mut file = tempfile::tempfile().unwrap();
            file.write_all(text.as_bytes()).unwrap();
            let lines = Backwards::new(&file, text.len() as u64).map(|line| String::from_utf8(line.unwrap()).unwrap());
            let expected: Vec<_> = text.rsplit('\n').map(str::to_owned).collect();
            assert!(lines.collect::<Vec<_>>() == expected, "{}", text.len());
        }
    }
}
