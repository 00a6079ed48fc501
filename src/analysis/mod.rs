//! What can be known of a script without running it: its calls and rights, what is wrong with it, and what may be written
//! at a place of it. `juben check`, the prompt, the language server and the engine all ask here.

mod check;
mod code;
mod dialect;
mod library;
pub mod manual;
mod names;
mod parameters;
mod place;
mod program;
mod report;
mod source;
mod text;

pub use check::{Checked, Finding, Severity, check};
pub use code::{Code, Imported};
pub use dialect::{parsing, speak};
pub use library::{Called, Function, Library};
pub use manual::definition_files::definitions;
pub use names::{Import, Names, Variable};
pub use parameters::{Parameter, ParameterKind, about, parameters};
pub use place::{
    complete::{Completions, Item, ItemKind, complete},
    definition::definition,
    hover::{Hover, hover},
    signature::{Signature, signature},
};
pub use program::rights::Rights;
pub use report::{Report, Spot};
pub use source::{Find, Source, Span};
pub use text::{
    brackets::{is_open, matching_bracket},
    defined::{functions_of, imports_of},
    tokens::{Token, TokenKind, tokens},
};
