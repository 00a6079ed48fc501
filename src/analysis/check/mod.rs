//! What is wrong with a script, and what it may do.

use super::{Find, Library, Rights, Source, Span, program::Program, rights};

/// What was found out about a script and the modules that it imports.
#[derive(Debug, Default)]
pub struct Checked {
    /// What is wrong, in the order of the text; the script's own first, then those of its modules.
    pub findings: Vec<Finding>,
    /// What it may do.
    pub rights: Rights,
    /// The texts that were read: the script and the modules.
    pub sources: Vec<Source>,
}

/// Something that is wrong with a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// A short name: `unknown_operation`.
    pub code: &'static str,
    /// What is wrong, in one sentence without a full stop.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// The name of the text that it is in.
    pub file: String,
    /// Where in that text.
    pub span: Span,
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// It may be meant.
    Warning,
    /// It cannot work.
    Error,
}

/// Look through a script and the modules that it imports.
pub fn check(source: &Source, library: &Library, find: Find<'_>) -> Checked {
    let program = Program::read(source, find);
    let rights = rights::of_program(&program, library);
    Checked { rights, sources: program.files.into_iter().map(|file| file.source).collect(), ..Checked::default() }
}
