//! What can be known of a script without running it: its calls and rights, what is wrong with it, and what may be written
//! at a place of it. `juben check`, the prompt, the language server and the engine all ask here.

mod brackets;
mod check;
mod complete;
mod context;
mod defined;
mod definition;
mod definitions;
mod dialect;
mod hover;
mod library;
mod literal;
pub mod manual;
mod names;
mod parameters;
mod program;
mod report;
mod rights;
mod said;
mod scan;
mod shapes;
mod signature;
mod source;
mod tokens;
mod tree;
mod view;
mod wanted;
mod words;

pub use brackets::{is_open, matching_bracket};
pub use check::{Checked, Finding, Severity, check};
pub use complete::{Completions, Item, ItemKind, complete};
pub use defined::imports_of;
pub use definition::definition;
pub use definitions::definitions;
pub use dialect::{parsing, speak};
pub use hover::{Hover, hover};
pub use library::{Called, Function, Library};
pub use names::{Import, Names, Variable};
pub use parameters::{Parameter, ParameterKind, about, parameters};
pub use report::{Report, Spot};
pub use rights::Rights;
pub use signature::{Signature, signature};
pub use source::{Find, Source, Span};
pub use tokens::{Token, TokenKind, tokens};
