//! What may be written at a place of a text.

mod expressions;
mod fields;
mod files;
mod members;
mod offers;
mod texts;
mod values;

use super::{
    Find, Library, Names,
    context::{Context, FrameKind, Inside},
    view::View,
};
use offers::Offers;

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
pub fn complete(text: &str, at: usize, library: &Library, names: &Names, find: Find<'_>) -> Completions {
    let at = text.floor_char_boundary(at);
    let view = View::new(text, library, names, find);
    let context = Context::of(&view.words, at);
    let mut offers = Offers::new(text, context.word.clone());
    let is_key = context.innermost(FrameKind::Map).is_some_and(|map| map.key.is_none());
    match (context.inside, view.words.before(context.before)) {
        (Inside::Other, _) => {}
        (Inside::Text, _) if is_key => fields::offer(&view, &context, &mut offers),
        (Inside::Text, _) => texts::offer(&view, &context, &mut offers),
        (Inside::Code, "::") => members::of_module(&view, &context, &mut offers),
        (Inside::Code, "." | "?.") => members::of_value(&view, &context, &mut offers),
        // Here a new name is written.
        (Inside::Code, "let" | "const" | "fn" | "for" | "as") => {}
        (Inside::Code, "import") => texts::of_import(&view, &mut offers),
        (Inside::Code, _) if is_key => fields::offer(&view, &context, &mut offers),
        (Inside::Code, _) => {
            values::offer(&view, &context, &mut offers);
            expressions::offer(&view, &context, &mut offers);
        }
    }
    offers.done()
}
