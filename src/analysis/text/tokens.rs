//! A text in words, for those who must read it before it is whole: completion, colours, brackets.

use super::{Span, scan::scan};

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
pub fn tokens(text: &str) -> Vec<Token> {
    scan(text).tokens
}

/// The words of the language.
pub(in crate::analysis) const KEYWORDS: [&str; 27] = [
    "let", "const", "fn", "if", "else", "for", "in", "while", "loop", "do", "until", "break", "continue", "return",
    "throw", "try", "catch", "switch", "import", "as", "export", "private", "true", "false", "this", "global", "Fn",
];

#[cfg(test)]
mod tests {
    use super::*;

    /// Each token with the first letter of its kind; `!` marks an open one.
    #[track_caller]
    fn reads(text: &str, expected: &[&str]) {
        let shown: Vec<_> = tokens(text)
            .iter()
            .map(|token| {
                let kind = match token.kind {
                    TokenKind::Keyword => "k",
                    TokenKind::Name => "n",
                    TokenKind::Number => "1",
                    TokenKind::Text { open: false } => "t",
                    TokenKind::Text { open: true } => "t!",
                    TokenKind::Comment { open: false } => "c",
                    TokenKind::Comment { open: true } => "c!",
                    TokenKind::Open => "<",
                    TokenKind::Close => ">",
                    TokenKind::Sign => "s",
                };
                format!("{kind} {}", &text[token.span.clone()])
            })
            .collect();
        assert_eq!(shown, expected);
    }

    #[test]
    fn names_keywords_and_signs() {
        reads("let 剧_1 = a::b;", &["k let", "n 剧_1", "s =", "n a", "s ::", "n b", "s ;"]);
        reads("a?.b ?? c..=d", &["n a", "s ?.", "n b", "s ??", "n c", "s ..=", "n d"]);
    }

    #[test]
    fn words_that_scripts_may_use_are_names() {
        reads("account::switch", &["n account", "s ::", "n switch"]);
        reads("#{ until: 1, new: 2 }", &["< #{", "n until", "s :", "1 1", "s ,", "n new", "s :", "1 2", "> }"]);
        reads("do {} until x", &["k do", "< {", "> }", "k until", "n x"]);
    }

    #[test]
    fn numbers_end_where_a_range_or_a_call_begins() {
        reads("1_000 0xff 1.5e-3 1..2", &["1 1_000", "1 0xff", "1 1.5e-3", "1 1", "s ..", "1 2"]);
        reads("1.max(2) 3. 4e", &["1 1", "s .", "n max", "< (", "1 2", "> )", "1 3.", "1 4", "n e"]);
    }

    #[test]
    fn texts_with_escapes() {
        reads(r#""a\"b" "c""d" '"'"#, &[r#"t "a\"b""#, r#"t "c""d""#, "t '\"'"]);
        reads("\"abc\nd", &["t! \"abc", "n d"]);
        reads("\"abc\\\nd\"", &["t \"abc\\\nd\""]);
        reads("#\"a \"b\" \\\"# ##\"\"#", &["t #\"a \"b\" \\\"#", "t! ##\"\"#"]);
    }

    #[test]
    fn a_text_with_values_is_read_in_pieces() {
        reads("`a ${b} c`", &["t `a ", "< ${", "n b", "> }", "t  c`"]);
        reads("`${`${#{}}`}`", &["t `", "< ${", "t `", "< ${", "< #{", "> }", "> }", "t `", "> }", "t `"]);
        reads("`a ${b}", &["t `a ", "< ${", "n b", "> }", "t! "]);
        reads("`a \\${b} `` c", &["t! `a \\${b} `` c"]);
    }

    #[test]
    fn comments_have_others_inside() {
        reads("a // b\nc", &["n a", "c // b", "n c"]);
        reads("/* a /* b */ c */ d /* e", &["c /* a /* b */ c */", "n d", "c! /* e"]);
    }
}
