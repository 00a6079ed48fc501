//! The commands that begin with a colon.

use super::{Flow, Prompt};
use crate::{Error, error::Kind};

/// Do what a line such as `:quit` says.
pub fn run(prompt: &mut Prompt, line: &str) -> Result<Flow, Error> {
    let (name, _rest) = line.trim_start_matches(':').split_once(' ').unwrap_or((line.trim_start_matches(':'), ""));
    match name.trim() {
        "quit" | "q" | "exit" => Ok(Flow::Leave),
        "help" | "h" => {
            prompt.screen.write(":help  this list\n:quit  leave (also Ctrl-D)\n")?;
            Ok(Flow::Stay)
        }
        other => {
            Err(Error::new(Kind::Usage, format!("there is no command `:{other}`")).hint("`:help` lists the commands"))
        }
    }
}
