//! What may be written at a place of a text.

use super::{Find, Library, Names};

/// What may stand at a place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Completions {
    /// Where the word begins that an item replaces; it ends at the place.
    pub from: usize,
    /// The best first.
    pub items: Vec<Item>,
}

/// One thing that may stand there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// What is written: `limit`.
    pub text: String,
    /// What is written after it, if it is taken: `: `, `(`, `::`.
    pub after: &'static str,
    /// What it is.
    pub kind: ItemKind,
    /// A line about it: `int, required: the page's size`.
    pub detail: String,
}

/// What an item is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ItemKind {
    /// A module.
    Module,
    /// An operation.
    Operation,
    /// Another function.
    Function,
    /// A variable.
    Variable,
    /// A parameter or a field of a map.
    Field,
    /// A value, such as one of those that a parameter allows, or an account.
    Value,
    /// A file or a folder.
    File,
    /// A word of the language.
    Keyword,
}

/// What may stand at byte `at` of a text that need not be whole.
pub fn complete(_text: &str, _at: usize, _library: &Library, _names: &Names, _find: Find<'_>) -> Completions {
    Completions::default()
}
