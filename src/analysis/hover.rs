//! What is known of the word at a place, and of the call around it.

use super::{Find, Library, Names, Span};
use crate::error::Place;

/// What is known of a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hover {
    /// The word.
    pub span: Span,
    /// Its manual, in Markdown.
    pub text: String,
}

/// The call that a place is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// `drama::get_media(media_id)`
    pub label: String,
    /// The parameters, as they stand in the label; of an operation with one map, its fields.
    pub parameters: Vec<Parameter>,
    /// The parameter that the place is in.
    pub active: Option<usize>,
    /// A line about the function.
    pub summary: String,
}

/// A parameter of a signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// Its name, as in the label.
    pub name: String,
    /// A line about it.
    pub detail: String,
}

/// What is known of the word at byte `at`.
pub fn hover(_text: &str, _at: usize, _library: &Library, _names: &Names, _find: Find<'_>) -> Option<Hover> {
    None
}

/// The call around byte `at`.
pub fn signature(_text: &str, _at: usize, _library: &Library, _names: &Names, _find: Find<'_>) -> Option<Signature> {
    None
}

/// Where the name at byte `at` is defined: in this text (whose name is `name`), or in an imported module.
pub fn definition(_name: &str, _text: &str, _at: usize, _find: Find<'_>) -> Option<Place> {
    None
}
