//! A place of a text: what is around it, what is known of the word there, and what may be written.

pub(super) mod complete;
pub(super) mod context;
pub(super) mod definition;
pub(super) mod hover;
pub(super) mod shapes;
pub(super) mod signature;
pub(super) mod view;
pub(super) mod wanted;

use super::{
    Find, Function, Library, Names, Source, Span,
    text::{defined, tokens, words},
};
