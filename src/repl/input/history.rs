//! What was entered, kept from one session to the next. What may hold a secret is not kept.

use super::helper::Helper;
use crate::{client::Client, repl::secret};
use rustyline::{Editor, history::FileHistory};
use std::path::{Path, PathBuf};

/// So many entries are kept.
pub(super) const LONGEST: usize = 5000;

/// The file, unless there is none.
#[derive(Debug)]
pub(super) struct History {
    path: Option<PathBuf>,
}

type LineEditor = Editor<Helper, FileHistory>;

impl History {
    /// Read what earlier sessions have left.
    pub(super) fn open(path: Option<PathBuf>, editor: &mut LineEditor) -> History {
        let folder = path.as_deref().and_then(Path::parent);
        folder.into_iter().for_each(|folder| drop(std::fs::create_dir_all(folder)));
        // One that cannot be read is one that is not there.
        path.iter().for_each(|path| drop(editor.load_history(path)));
        History { path }
    }

    /// Keep an entry, here and for later sessions, unless it may hold a secret. What a person should know of it, if anything.
    pub(super) fn keep(&mut self, text: &str, client: &Client, editor: &mut LineEditor) -> Option<String> {
        if secret::may_be_in(text, client) {
            return Some("not kept in the history: it has a secret in it, or looks as if it had".to_owned());
        }
        editor.add_history_entry(text).ok();
        let path = self.path.as_ref()?;
        let error = editor.append_history(path).err()?;
        let path = self.path.take()?;
        Some(format!("cannot write the history {}: {error}; from now on it ends with the session", path.display()))
    }
}
