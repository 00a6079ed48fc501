//! Entries from a pipe: a line each, or as many as it takes to close what is open.

use super::Read;
use crate::{Error, analysis::is_open, error::Kind};
use std::io::{self, BufRead};

pub(super) fn read() -> Result<Read, Error> {
    let mut text = String::new();
    loop {
        let length = io::stdin().lock().read_line(&mut text);
        match length.map_err(|error| Error::new(Kind::File, format!("cannot read the input: {error}")))? {
            0 if text.is_empty() => return Ok(Read::End),
            0 => return Ok(Read::Entry(text)),
            _ if is_open(&text) => {}
            _ => return Ok(Read::Entry(text)),
        }
    }
}
