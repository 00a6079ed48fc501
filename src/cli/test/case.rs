//! A test, and how it ended.

use super::head::Head;
use crate::{Error, engine::Sources, error::Kind};
use std::time::Duration;

/// One test.
#[derive(Debug, Clone)]
pub(super) struct Case {
    /// The file, as the user gave it or found below what was given.
    pub file: String,
    /// Within the file.
    pub name: String,
    pub line: usize,
    pub deed: Deed,
    pub head: Head,
}

/// What a test does.
#[derive(Debug, Clone)]
pub(super) enum Deed {
    /// Runs the file's statements, then this function of it.
    Function { name: String, text: String },
    /// Runs an example: the lines of the file without all that is not the example.
    Example { text: String, file: String },
    /// Nothing: the file cannot be run at all.
    Broken { error: Error, text: String },
}

/// How a test ended.
#[derive(Debug)]
pub(super) struct Ended {
    pub case: Case,
    pub outcome: Outcome,
    pub took: Duration,
    /// What it printed and logged.
    pub output: String,
    /// The texts that a report shows lines of.
    pub sources: Sources,
}

#[derive(Debug)]
pub(super) enum Outcome {
    Passed,
    Failed(Error),
    /// The user stopped it, or all before it had begun.
    NotRun,
}

impl Case {
    /// `scripts/renew_test.rhai::test_it_renews`, `stdlib/listing.rhai:12 books`
    pub(super) fn full_name(&self) -> String {
        match &self.deed {
            Deed::Function { .. } => format!("{}::{}", self.file, self.name),
            Deed::Example { .. } => format!("{}:{} {}", self.file, self.line, self.name).trim_end().to_owned(),
            Deed::Broken { .. } => self.file.clone(),
        }
    }

    pub(super) fn ended(&self, outcome: Outcome) -> Ended {
        Ended { case: self.clone(), outcome, took: Duration::ZERO, output: String::new(), sources: Sources::default() }
    }

    pub(super) fn not_run(&self) -> Ended {
        self.ended(Outcome::NotRun)
    }

    pub(super) fn broke_down(&self) -> Ended {
        self.ended(Outcome::Failed(Error::new(Kind::Script, "juben itself failed; please report this")))
    }
}
