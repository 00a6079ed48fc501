//! Which brackets belong together, and whether a text is whole.

use super::{
    scan::{Scan, scan},
    tokens::TokenKind,
};

/// The signs that something must follow, wherever they stand at the end.
const JOINS: [&str; 36] = [
    "+", "-", "*", "/", "%", "**", "==", "!=", "<", ">", "<=", ">=", "&&", "||", "??", "|", "&", "^", "<<", ">>", "=",
    "+=", "-=", "*=", "/=", "%=", "|=", "&=", "^=", "**=", "<<=", ">>=", ".", "?.", ",", "::",
];

/// Whether more lines must follow: a bracket, a text or a comment is open, or the last sign joins what comes next.
pub fn is_open(text: &str) -> bool {
    let Scan { tokens, open, crossed, .. } = scan(text);
    let said = tokens.iter().rev().find(|token| !matches!(token.kind, TokenKind::Comment { .. }));
    let cut = tokens.last().is_some_and(|last| match last.kind {
        TokenKind::Comment { open } => open,
        TokenKind::Text { open } => open && goes_on(&text[last.span.clone()]),
        _ => false,
    });
    // A bracket that closes nothing does not get better by more lines.
    cut || (!crossed && !open.is_empty()) || said.is_some_and(|token| JOINS.contains(&&text[token.span.clone()]))
}

/// Whether an open text may have more lines.
fn goes_on(text: &str) -> bool {
    let line = text.trim_end_matches(['\r', '\n']);
    let escapes = line.len() - line.trim_end_matches('\\').len();
    !text.starts_with(['"', '\'']) || escapes % 2 == 1
}

/// The bracket that belongs to the one at this byte, if there is one.
pub fn matching_bracket(text: &str, at: usize) -> Option<usize> {
    let Scan { tokens, pairs, .. } = scan(text);
    let is_here = |index: usize| tokens[index].span.contains(&at);
    pairs.into_iter().find_map(|(open, close)| match (is_here(open), is_here(close)) {
        (true, _) => Some(tokens[close].span.start),
        // Of `#{` the brace belongs to its end.
        (_, true) => Some(tokens[open].span.end - 1),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_lines_must_follow() {
        let open =
            ["drama::list_media(#{", "`a", "`${a} b", "`${", "/* a", "let x = ", "a.", "a + // why", "\"a\\", "#\"a"];
        for text in open {
            assert!(is_open(text), "{text}");
        }
    }

    #[test]
    fn no_more_lines_are_asked_for() {
        for text in ["", "f(1)", "a;", "\"a", "'a", "(]", "a)", "`${a}`", "// (", "\"(\"", "0.."] {
            assert!(!is_open(text), "{text}");
        }
    }

    #[test]
    fn a_bracket_has_a_partner() {
        assert_eq!(matching_bracket("f(#{ a: [1] })", 1), Some(13));
        assert_eq!(matching_bracket("f(#{ a: [1] })", 12), Some(3));
        assert_eq!(matching_bracket("f(#{ a: [1] })", 2), Some(12));
        assert_eq!(matching_bracket("`剧${a}`", 4), Some(7));
        assert_eq!(matching_bracket("(]", 0), None);
        assert_eq!(matching_bracket("\"(\" )", 1), None);
    }
}
