//! What is wrong with a script, and what it may do.

mod arguments;
mod calls;
mod checker;
mod fields;
mod helpers;
mod ids;
mod imports;
mod known;
pub(super) mod package;
mod unused;
mod variables;

use super::{
    Find, Library, Rights, Source, Span,
    program::{Program, rights},
};
use checker::Checker;

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
    /// It is wrong, or means something else than it says.
    Error,
}

impl Severity {
    /// `warning` or `error`
    pub fn name(self) -> &'static str {
        match self {
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

/// Look through a script and the modules that it imports.
pub fn check(source: &Source, library: &Library, find: Find<'_>) -> Checked {
    let program = Program::read(source, find);
    let rights = rights::of_program(&program, library);
    let of_file = |file| Checker::new(&program, library, &rights, file).findings();
    let findings = (0..program.files.len()).flat_map(of_file).collect();
    Checked { findings, rights, sources: program.files.into_iter().map(|file| file.source).collect() }
}
