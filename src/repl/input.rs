//! Where entries come from: the line editor on a terminal, plain lines elsewhere.

use super::{Prompt, Settings};
use crate::{Error, analysis::is_open, error::Kind};
use std::io::{self, BufRead};

/// What was read.
pub(super) enum Read {
    /// A whole entry.
    Entry(String),
    /// Nothing to do; read again.
    Nothing,
    /// There is no more.
    End,
}

pub(super) struct Input;

impl Input {
    pub(super) fn open(_prompt: &Prompt, _settings: &Settings) -> Result<Input, Error> {
        Ok(Input)
    }

    pub(super) fn is_terminal(&self) -> bool {
        false
    }

    pub(super) fn read(&mut self, _prompt: &Prompt) -> Result<Read, Error> {
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
}
