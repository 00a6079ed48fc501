//! What a script is started with, as its head says: `//! @param days int = 30 "how far ahead"`.

use super::Source;
use crate::Error;

/// A parameter that the head of a script declares.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// What it may be.
    pub kind: ParameterKind,
    /// The value when none is given, as it is written; a parameter without one is required.
    pub default: Option<String>,
    /// What it is for.
    pub help: String,
}

/// What a parameter may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ParameterKind {
    /// A whole number.
    Int,
    /// A number.
    Float,
    /// `true` or `false`.
    Bool,
    /// Any text.
    Text,
    /// A file or a folder.
    Path,
    /// One of these words.
    OneOf(Vec<String>),
}

/// The parameters that the head of a script declares, or what is wrong with one, with its place.
pub fn parameters(_source: &Source) -> Result<Vec<Parameter>, Error> {
    Ok(Vec::new())
}
