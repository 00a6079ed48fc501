//! An entry in colours, while it is typed.

use crate::analysis::{Token, TokenKind, matching_bracket, tokens};

const RESET: &str = "\u{1b}[0m";
const DIM: &str = "\u{1b}[2m";

/// A text in colours; the bracket at the cursor is marked together with the other one of its pair.
pub(super) fn painted(text: &str, cursor: Option<usize>) -> String {
    let all = tokens(text);
    let pair = cursor.and_then(|at| pair(text, at));
    let mut painted = String::new();
    let mut end = 0;
    for (index, token) in all.iter().enumerate() {
        painted += &continued(&text[end..token.span.start]);
        let piece = &text[token.span.clone()];
        let next = all.get(index + 1).map(|next| &text[next.span.clone()]);
        let marked = pair.is_some_and(|pair| pair.iter().any(|at| token.span.contains(at)));
        match if marked { Some("\u{1b}[1;7m") } else { colour(token, next) } {
            Some(colour) => painted += &format!("{colour}{piece}{RESET}"),
            None => painted += piece,
        }
        end = token.span.end;
    }
    painted += &continued(&text[end..]);
    painted
}

/// The bracket under the cursor or just before it, and its other one.
fn pair(text: &str, at: usize) -> Option<[usize; 2]> {
    let here = [Some(at), at.checked_sub(1)];
    here.into_iter().flatten().find_map(|at| Some([at, matching_bracket(text, at)?]))
}

fn colour(token: &Token, next: Option<&str>) -> Option<&'static str> {
    match token.kind {
        TokenKind::Keyword => Some("\u{1b}[35m"),
        TokenKind::Text { .. } => Some("\u{1b}[32m"),
        TokenKind::Number => Some("\u{1b}[33m"),
        TokenKind::Comment { .. } => Some(DIM),
        TokenKind::Name if next == Some("::") => Some("\u{1b}[36m"),
        TokenKind::Name if next == Some("(") => Some("\u{1b}[34m"),
        TokenKind::Name | TokenKind::Open | TokenKind::Close | TokenKind::Sign => None,
    }
}

/// The space between two pieces. A sign stands in the indentation of a line that goes on: it takes the place of a blank.
fn continued(space: &str) -> String {
    let Some((before, indentation)) = space.rsplit_once('\n').filter(|(_, it)| it.starts_with("  ")) else {
        return space.to_owned();
    };
    format!("{before}\n{DIM}…{RESET}{}", &indentation[1..])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(painted: &str) -> String {
        let mut pieces = painted.split('\u{1b}');
        let first = pieces.next().unwrap_or_default().to_owned();
        pieces.fold(first, |text, piece| text + piece.split_once('m').map_or("", |(_, rest)| rest))
    }

    #[test]
    fn colours_change_no_width() {
        let text = "let 剧 = [\n    drama::get_media(1), \"集\", // a\n]";
        assert_eq!(plain(&painted(text, None)).replace('…', " "), text);
    }

    #[test]
    fn both_brackets_of_a_pair_are_marked() {
        assert_eq!(
            painted("f(1)", Some(4)),
            "\u{1b}[34mf\u{1b}[0m\u{1b}[1;7m(\u{1b}[0m\u{1b}[33m1\u{1b}[0m\u{1b}[1;7m)\u{1b}[0m"
        );
    }
}
