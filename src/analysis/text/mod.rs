//! A text that need not be whole: its tokens, its brackets, and what it defines.

pub(super) mod brackets;
pub(super) mod defined;
pub(super) mod scan;
pub(super) mod tokens;
pub(super) mod words;

use super::{Function, Span};
