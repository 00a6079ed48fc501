//! Entries from a pipe: a line each, or as many as it takes to close what is open.

use super::Read;
use crate::{Error, analysis::is_open, error::Kind, repl::Prompt};
use std::{
    io::{self, BufRead},
    thread,
};
use tokio::sync::oneshot;

/// Read on a thread of its own: Ctrl-C ends the wait for a line as it ends an entry.
pub(super) fn read(prompt: &Prompt) -> Result<Read, Error> {
    let (done, entry) = oneshot::channel();
    thread::spawn(|| done.send(entry_of_lines()).ok());
    prompt.wait(async { entry.await.unwrap_or(Ok(Read::End)) })
}

fn entry_of_lines() -> Result<Read, Error> {
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
