//! Whether the log is as it was written.

use super::{Head, backwards::LONGEST, file::Row, head};
use crate::{Error, error::Kind, store::Store};
use std::{
    fs::File,
    io::{BufRead, BufReader, Read},
};

impl Store {
    /// Walk the chain from its beginning. It must lead through the row that was kept elsewhere, if one was, and through the
    /// one that the file beside it knows. What does not fit first is what the error tells.
    pub async fn verify_audit_log(&self, kept: Option<&Head>) -> Result<Head, Error> {
        // Before the log is looked at: whoever writes meanwhile makes it longer.
        let in_file = self.head_in_file()?;
        let (file, length) = match self.opened() {
            Err(error) if error.kind == Kind::NotFound && in_file.as_ref().is_some_and(|head| head.number > 0) => {
                let message = format!("it is gone, and {} is there", head::NAME);
                return Err(self.broken(&message));
            }
            opened => opened?,
        };
        let (last, is_cut) = self.walk(&file, length, in_file.as_ref(), kept)?;
        if is_cut {
            tracing::warn!(
                "behind it is the beginning of a row: juben was killed then, and what it was about was not sent"
            );
        }
        if last.number > 0 && self.head_in_file()?.is_none() {
            return Err(self.broken(&format!("{} beside it is missing; it ends with row {}", head::NAME, last.number)));
        }
        Ok(last)
    }

    /// The last row, and whether something follows that is none.
    fn walk(
        &self,
        file: &File,
        length: u64,
        in_file: Option<&Head>,
        kept: Option<&Head>,
    ) -> Result<(Head, bool), Error> {
        let known = [in_file.map(|head| (head, head::NAME)), kept.map(|head| (head, "the head that was kept"))];
        let mut rows = BufReader::new(file.take(length));
        let mut last = Head::default();
        let mut line = Vec::new();
        loop {
            line.clear();
            let after = |error| self.broken(&format!("what comes after row {} cannot be read ({error})", last.number));
            rows.by_ref().take(LONGEST).read_until(b'\n', &mut line).map_err(after)?;
            // What has no end is the beginning of a row, or longer than any.
            let Some(row) = line.strip_suffix(b"\n") else { break };
            last = self.follows(&last, row)?;
            let other = |(head, _): &&(&Head, &str)| head.number == last.number && **head != last;
            if let Some((_, name)) = known.iter().flatten().find(other) {
                let message = format!("row {} is another one than {name} knows: rows were written anew", last.number);
                return Err(self.broken(&message));
            }
        }
        if line.len() as u64 == LONGEST {
            return Err(self.broken(&format!("what comes after row {} is longer than any row", last.number)));
        }
        match known.iter().flatten().find(|(head, _)| head.number > last.number) {
            Some((head, name)) => {
                Err(self.broken(&format!("it ends with row {}, and {name} knows row {}", last.number, head.number)))
            }
            None => Ok((last, !line.is_empty())),
        }
    }

    /// The head of this row, if it is the next one.
    fn follows(&self, last: &Head, line: &[u8]) -> Result<Head, Error> {
        let number = last.number + 1;
        let row = Row::of(line).ok_or_else(|| self.broken(&format!("where row {number} should be is none")))?;
        if row.number != number {
            return Err(self.broken(&format!("row {number} is missing")));
        }
        let next = last.next(row.content);
        if row.hash != next.hash.as_bytes() || !line.starts_with(format!("{number} ").as_bytes()) {
            let why = "it was changed, or one before it was taken out or put in";
            return Err(self.broken(&format!("row {number} does not fit to those before it: {why}")));
        }
        Ok(next)
    }

    /// The last row that the file beside the log knows.
    fn head_in_file(&self) -> Result<Option<Head>, Error> {
        let kept = self.folder.as_deref().map_or(Ok(None), Head::kept);
        kept.map_err(|error| self.broken(&format!("{} beside it cannot be read ({error})", head::NAME)))
    }

    fn broken(&self, what: &str) -> Error {
        let place = self.folder.as_deref().map_or("memory".into(), |folder| folder.to_string_lossy());
        Error::new(Kind::Conflict, format!("the log of writes in {place} is not as juben wrote it: {what}")).hint(
            "keep a copy of audit.chain and audit.head before you go on; after a power cut the last rows may be gone, \
             otherwise somebody changed it: docs/audit.md",
        )
    }
}
