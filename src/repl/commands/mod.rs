//! The commands that begin with a colon.

use super::{Flow, Prompt};
use crate::{
    Error,
    analysis::{Completions, Item, ItemKind},
    error::Kind,
};

const NAMES: [(&str, &str); 2] = [("help", "this list"), ("quit", "leave")];

/// What may stand at byte `at` of a line that begins with a colon.
pub fn complete(line: &str, at: usize) -> Completions {
    let word = line[..at].trim_start_matches(':');
    let item = |(name, detail): &(&str, &str)| Item {
        text: (*name).to_owned(),
        after: "",
        kind: ItemKind::Keyword,
        detail: (*detail).to_owned(),
    };
    Completions { from: at - word.len(), items: NAMES.iter().filter(|it| it.0.starts_with(word)).map(item).collect() }
}

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
