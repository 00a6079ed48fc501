//! A question to the person at the terminal.

use crate::{Error, host::stopped};
use rustyline::{Behavior, Config, DefaultEditor, error::ReadlineError};

/// What is answered, in small letters. It is asked on the terminal, wherever the output goes. Ctrl-C is no answer: it stops
/// what has asked.
pub fn ask(question: &str) -> Result<String, Error> {
    let config = Config::builder().behavior(Behavior::PreferTerm).build();
    // An editor of its own: it hears Ctrl-C as a key.
    match DefaultEditor::with_config(config).and_then(|mut editor| editor.readline(question)) {
        Err(ReadlineError::Interrupted) => Err(stopped()),
        answer => Ok(answer.unwrap_or_default().trim().to_lowercase()),
    }
}
