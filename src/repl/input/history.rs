//! What was entered, kept from one session to the next. What may hold a secret is not kept.

use super::helper::Helper;
use crate::{Error, client::Client, error::Kind};
use regex::Regex;
use rustyline::{Editor, error::ReadlineError, history::FileHistory};
use std::{
    path::{Path, PathBuf},
    sync::LazyLock,
};

/// So many entries are kept.
pub(super) const LONGEST: usize = 5000;

/// A word for a secret, and soon after it a long text that is no sentence.
static LIKE_A_SECRET: LazyLock<Regex> = LazyLock::new(|| {
    let words = "secret|token|key|password|passwd|ticket|credential|密钥|密码|令牌";
    let pattern = format!(r#"(?i)({words})[\w"'`]*\s*[:=(,]+\s*["'`]?[A-Za-z0-9_\-./+=]{{16,}}"#);
    Regex::new(&pattern).unwrap_or_else(|error| unreachable!("a constant: {error}"))
});

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

    /// Keep an entry, here and for later sessions, unless it may hold a secret. Whether it could be kept.
    pub(super) fn keep(&self, text: &str, client: &Client, editor: &mut LineEditor) -> Result<bool, Error> {
        if LIKE_A_SECRET.is_match(text) || client.knows_secret_in(text) {
            return Ok(false);
        }
        editor.add_history_entry(text).map_err(failed)?;
        if let Some(path) = &self.path {
            editor.append_history(path).map_err(failed)?;
        }
        Ok(true)
    }
}

fn failed(error: ReadlineError) -> Error {
    Error::new(Kind::File, format!("cannot write the history: {error}")).hint("--no-history keeps none")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_like_a_secret_is_told_from_what_does_not() {
        for text in [
            r#"let secret = "0123456789abcdef0123""#,
            r#"http(#{ access_token: "57_abcDEF-ghi_jklmnop" })"#,
            "SECRETKEY=abcdefghijklmnopqrst juben",
            r#"let 密钥 = "0123456789abcdef0123";"#,
        ] {
            assert!(LIKE_A_SECRET.is_match(text), "{text}");
        }
        for text in [
            r#"drama::list_media(#{ limit: 20 })"#,
            r#"let key = "title";"#,
            r#"rows.filter(|row| row.keys().len > 12345678901234567890)"#,
            r#"let token = text::join(parts, "和")"#,
        ] {
            assert!(!LIKE_A_SECRET.is_match(text), "{text}");
        }
    }
}
