//! Where a prompt writes: a terminal with its size and colours, or a pipe.

use super::{Mode, pager::page, show};
use crate::{
    Error,
    engine::{Sources, report},
    error::Kind,
};
use rhai::Dynamic;
use std::io::{self, IsTerminal, Write};
use unicode_width::UnicodeWidthStr;

/// Standard output, as a prompt sees it.
#[derive(Debug, Clone, Copy)]
pub struct Screen {
    /// Whether a person looks at it, and it can do more than take lines.
    pub terminal: bool,
    /// Whether to use colours.
    pub colour: bool,
}

impl Screen {
    /// That of this process.
    pub fn of_terminal() -> Screen {
        let dumb = std::env::var("TERM").is_ok_and(|term| term == "dumb");
        let terminal = io::stdout().is_terminal() && !dumb;
        let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Screen { terminal, colour: terminal && !plain }
    }

    /// Columns, or a number that reads well.
    pub fn width(&self) -> usize {
        terminal_size::terminal_size().map_or(100, |(width, _)| usize::from(width.0))
    }

    /// Lines, if they are limited.
    pub fn height(&self) -> Option<usize> {
        terminal_size::terminal_size().filter(|_| self.terminal).map(|(_, height)| usize::from(height.0))
    }

    /// Write a text. A reader that has gone away is no error.
    pub fn write(&self, text: &str) -> Result<(), Error> {
        let mut out = io::stdout().lock();
        match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                Err(Error::new(Kind::File, format!("cannot write the output: {error}")))
            }
            _ => Ok(()),
        }
    }

    /// Say something about the session itself.
    pub fn note(&self, text: &str) -> Result<(), Error> {
        self.write(&(self.dim(text) + "\n"))
    }

    /// Write a value; `()` is nothing.
    pub fn value(&self, value: &Dynamic, mode: Mode) -> Result<(), Error> {
        self.long(&show::shown(value, mode, self))
    }

    /// Write a text that may be longer than the screen.
    pub fn long(&self, text: &str) -> Result<(), Error> {
        let lines = || text.lines().map(|line| 1 + line.width().saturating_sub(1) / self.width()).sum::<usize>();
        let paged = self.height().is_some_and(|height| lines() >= height) && page(text);
        if paged { Ok(()) } else { self.write(text) }
    }

    /// A text that matters less.
    pub(super) fn dim(&self, text: &str) -> String {
        self.painted("2", text)
    }

    /// The name of a field.
    pub(super) fn key(&self, text: &str) -> String {
        self.painted("36", text)
    }

    fn painted(&self, colour: &str, text: &str) -> String {
        if self.colour { format!("\u{1b}[{colour}m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    /// Write an error with its place.
    pub fn error(&self, error: &Error, sources: &Sources) -> Result<(), Error> {
        self.write(&report(error, sources, self.colour, self.width().clamp(60, 120)))
    }
}
