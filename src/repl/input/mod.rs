//! Where entries come from: the line editor on a terminal, plain lines elsewhere.

mod colours;
mod editor;
mod helper;
mod history;
mod keys;
mod lines;

use super::{Prompt, Settings};
use crate::Error;
use editor::LineEditor;
use std::io::{self, IsTerminal};

/// What was read.
pub(super) enum Read {
    /// A whole entry.
    Entry(String),
    /// Nothing to do; read again.
    Nothing,
    /// There is no more.
    End,
}

/// Where the entries of a prompt come from.
pub(super) enum Input {
    /// A person.
    Editor(Box<LineEditor>),
    /// A pipe, a file, or a terminal that can do nothing.
    Lines,
}

impl Input {
    pub(super) fn open(prompt: &Prompt, settings: &Settings) -> Result<Input, Error> {
        match io::stdin().is_terminal() && prompt.screen.terminal {
            true => Ok(Input::Editor(Box::new(LineEditor::open(prompt, settings)?))),
            false => Ok(Input::Lines),
        }
    }

    /// Whether a person looks on, and an error is not the end.
    pub(super) fn is_interactive(&self) -> bool {
        matches!(self, Input::Editor(_)) || io::stdin().is_terminal()
    }

    pub(super) fn read(&mut self, prompt: &Prompt) -> Result<Read, Error> {
        match self {
            Input::Editor(editor) => {
                let read = editor.read(prompt);
                prompt.ctrl_c.forget();
                read
            }
            Input::Lines => lines::read(prompt),
        }
    }
}
