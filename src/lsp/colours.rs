//! What each word of a document is, for its colours.

use super::positions::{Encoding, Text, number};
use crate::analysis::{Span, Token, TokenKind, tokens};
use lsp_types::{SemanticToken, SemanticTokenType};

/// The types, by the numbers that tokens have.
pub(super) const TYPES: [SemanticTokenType; 8] = [
    SemanticTokenType::KEYWORD,
    SemanticTokenType::NUMBER,
    SemanticTokenType::STRING,
    SemanticTokenType::COMMENT,
    SemanticTokenType::NAMESPACE,
    SemanticTokenType::FUNCTION,
    SemanticTokenType::PROPERTY,
    SemanticTokenType::VARIABLE,
];

/// The words of a text, each with its distance from the one before.
pub(super) fn colours(text: &Text, encoding: Encoding) -> Vec<SemanticToken> {
    let tokens = tokens(text);
    let mut found = Vec::with_capacity(tokens.len());
    let (mut line, mut column) = (0, 0);
    for index in 0..tokens.len() {
        let Some(kind) = kind(text, &tokens, index) else { continue };
        let token_type = number(TYPES.iter().position(|it| *it == kind).unwrap_or_default());
        for piece in lines(text, &tokens[index].span) {
            let start = text.position(piece.start);
            let delta_line = start.line - line;
            let delta_start = if delta_line == 0 { start.character - column } else { start.character };
            let length = number(encoding.columns(&text[piece]));
            found.push(SemanticToken { delta_line, delta_start, length, token_type, token_modifiers_bitset: 0 });
            (line, column) = (start.line, start.character);
        }
    }
    found
}

fn kind(text: &str, tokens: &[Token], index: usize) -> Option<SemanticTokenType> {
    let word = |index: Option<usize>| index.and_then(|it| tokens.get(it)).map_or("", |token| &text[token.span.clone()]);
    match tokens[index].kind {
        TokenKind::Keyword => Some(SemanticTokenType::KEYWORD),
        TokenKind::Number => Some(SemanticTokenType::NUMBER),
        TokenKind::Text { .. } => Some(SemanticTokenType::STRING),
        TokenKind::Comment { .. } => Some(SemanticTokenType::COMMENT),
        TokenKind::Name => Some(match (word(index.checked_sub(1)), word(Some(index + 1))) {
            (_, "::") => SemanticTokenType::NAMESPACE,
            (_, "(") => SemanticTokenType::FUNCTION,
            ("." | "?.", _) | (_, ":") => SemanticTokenType::PROPERTY,
            _ => SemanticTokenType::VARIABLE,
        }),
        TokenKind::Open | TokenKind::Close | TokenKind::Sign => None,
    }
}

/// The pieces of each line: most editors take none that goes over several.
fn lines<'a>(text: &'a str, span: &Span) -> impl Iterator<Item = Span> + 'a {
    let mut start = span.start;
    let pieces = text[span.clone()].split_inclusive('\n').map(move |line| {
        let piece = start..start + line.trim_end_matches(['\r', '\n']).len();
        start += line.len();
        piece
    });
    pieces.filter(|piece| !piece.is_empty())
}
