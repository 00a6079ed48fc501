//! The line editor: the prompt, its keys, and what Ctrl-C and Ctrl-D mean there.

use super::{
    Read,
    helper::Helper,
    history::{self, History},
    keys,
};
use crate::{
    Error,
    error::Kind,
    repl::{Prompt, Settings},
};
use rustyline::{Behavior, ColorMode, CompletionType, Config, Editor, error::ReadlineError, history::FileHistory};

/// A person at a terminal.
pub(in crate::repl) struct LineEditor {
    editor: Editor<Helper, FileHistory>,
    history: History,
    /// Ctrl-C was pressed just now.
    wants_out: bool,
}

impl LineEditor {
    pub(super) fn open(prompt: &Prompt, settings: &Settings) -> Result<LineEditor, Error> {
        let colours = if prompt.screen.colour { ColorMode::Enabled } else { ColorMode::Disabled };
        let config = Config::builder()
            .max_history_size(history::LONGEST)
            .and_then(|config| config.history_ignore_dups(true))
            .map_err(failed)?
            .history_ignore_space(true)
            .completion_type(CompletionType::List)
            .completion_show_all_if_ambiguous(true)
            .completion_prompt_limit(200)
            .bell_style(rustyline::config::BellStyle::None)
            .color_mode(colours)
            .behavior(Behavior::Stdio)
            .build();
        let mut editor = Editor::with_config(config).map_err(failed)?;
        editor.set_helper(Some(Helper::new(prompt)));
        keys::bind(&mut editor);
        let history = History::open(settings.history.clone(), &mut editor);
        Ok(LineEditor { editor, history, wants_out: false })
    }

    pub(super) fn read(&mut self, prompt: &Prompt) -> Result<Read, Error> {
        self.editor.helper_mut().into_iter().for_each(|helper| helper.look_around(prompt));
        let read = self.editor.readline(&sign(prompt));
        let wanted_out = std::mem::take(&mut self.wants_out);
        match read {
            Ok(text) if text.trim().is_empty() => Ok(Read::Nothing),
            Ok(text) => {
                if let Some(told) = self.history.keep(&text, prompt.world.client(), &mut self.editor) {
                    prompt.screen.note(&told)?;
                }
                Ok(Read::Entry(text))
            }
            Err(ReadlineError::Eof) => Ok(Read::End),
            Err(ReadlineError::Interrupted) => {
                self.wants_out = true;
                if wanted_out {
                    prompt.screen.note("Ctrl-D or :quit leaves")?;
                }
                Ok(Read::Nothing)
            }
            Err(error) => Err(failed(error)),
        }
    }
}

/// `main · wechat> `, plain and coloured; a production account warns.
fn sign(prompt: &Prompt) -> (String, String) {
    let text = prompt.sign();
    let colour = if prompt.is_production() { "1;31" } else { "1;36" };
    let coloured = format!("\u{1b}[{colour}m{text}\u{1b}[0m> ");
    (format!("{text}> "), coloured)
}

fn failed(error: ReadlineError) -> Error {
    Error::new(Kind::File, format!("the terminal cannot be used: {error}")).hint("give the entries by a pipe")
}
