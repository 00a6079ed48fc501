//! A text in words, for those who must read it before it is whole: completion, colours, brackets.

use super::Span;

/// A piece of a text that means something by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Where it is.
    pub span: Span,
    /// What it is.
    pub kind: TokenKind,
}

/// What a piece of a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// A word of the language, such as `let`.
    Keyword,
    /// A name.
    Name,
    /// A number.
    Number,
    /// A text, its quotes included; `open` when its end is missing. Of one with `${…}` each piece of text is one.
    Text {
        /// Whether its end is missing.
        open: bool,
    },
    /// A comment, `open` when its end is missing.
    Comment {
        /// Whether its end is missing.
        open: bool,
    },
    /// `(`, `[`, `{`, `#{` or `${`.
    Open,
    /// `)`, `]` or `}`.
    Close,
    /// `::`, `.`, `,`, `=>` and the like.
    Sign,
}

/// The pieces of a text, in order; spaces are left out.
pub fn tokens(_text: &str) -> Vec<Token> {
    Vec::new()
}

/// Whether more lines must follow: a bracket, a text or a comment is open.
pub fn is_open(_text: &str) -> bool {
    false
}

/// The bracket that belongs to the one at this byte, if there is one.
pub fn matching_bracket(_text: &str, _at: usize) -> Option<usize> {
    None
}
