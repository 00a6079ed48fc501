//! What one check found.

use crate::Error;
use serde_json::{Value, json};

/// Seconds for one check.
pub(super) const PATIENCE: u64 = 5;

/// How it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Ok,
    /// It may do harm.
    Warning,
    Failed,
}

/// One line of the report.
#[derive(Debug)]
pub(super) struct Finding {
    /// What was looked at: `account main`.
    about: String,
    pub state: State,
    /// What was found.
    said: String,
    /// What to do about it.
    cure: Option<String>,
}

impl Finding {
    pub(super) fn ok(about: &str, said: impl Into<String>) -> Finding {
        Finding { about: about.to_owned(), state: State::Ok, said: said.into(), cure: None }
    }

    pub(super) fn warning(about: &str, said: impl Into<String>, cure: impl Into<String>) -> Finding {
        Finding { about: about.to_owned(), state: State::Warning, said: said.into(), cure: Some(cure.into()) }
    }

    pub(super) fn failed(about: &str, said: impl Into<String>, cure: impl Into<String>) -> Finding {
        Finding { state: State::Failed, ..Finding::warning(about, said, cure) }
    }

    pub(super) fn of_error(about: &str, error: &Error) -> Finding {
        Finding { about: about.to_owned(), state: State::Failed, said: error.to_string(), cure: error.hint.clone() }
    }

    /// For a person; what to do stands below.
    pub(super) fn line(&self, width: usize) -> String {
        let first = format!("{:<9}{:<15} ", self.state.name(), self.about);
        let fold = |text: &str, first: &str| {
            let rest = " ".repeat(25);
            let options = textwrap::Options::new(width).initial_indent(first).subsequent_indent(&rest);
            textwrap::fill(text, options) + "\n"
        };
        let cure = self.cure.as_ref().map(|cure| fold(cure, &format!("{:25}→ ", "")));
        fold(&self.said, &first) + cure.as_deref().unwrap_or_default()
    }

    pub(super) fn to_json(&self) -> Value {
        json!({ "check": self.about, "state": self.state.name(), "found": self.said, "cure": self.cure })
    }
}

impl State {
    fn name(self) -> &'static str {
        match self {
            State::Ok => "ok",
            State::Warning => "warning",
            State::Failed => "failed",
        }
    }
}
