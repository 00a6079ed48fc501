//! The functions of a document, for its outline.

use super::positions::Text;
use crate::analysis::{Token, TokenKind, tokens};
use lsp_types::{DocumentSymbol, SymbolKind};

/// The functions, in the order of the text.
pub(super) fn symbols(text: &Text) -> Vec<DocumentSymbol> {
    let tokens = tokens(text);
    let word = |index: usize| tokens.get(index).map_or("", |token| &text[token.span.clone()]);
    let is_function = |index: &usize| word(*index) == "fn" && tokens[*index].kind == TokenKind::Keyword;
    let functions = (0..tokens.len()).filter(is_function).filter_map(|index| {
        let name = tokens.get(index + 1).filter(|token| token.kind == TokenKind::Name)?;
        let parameters = closing(&tokens, index + 2);
        let body = closing(&tokens, parameters + 1);
        let first = if index > 0 && word(index - 1) == "private" { index - 1 } else { index };
        let end = |index: usize| tokens.get(index).map_or(text.len(), |token| token.span.end);
        #[allow(deprecated)] // the field cannot be left out
        Some(DocumentSymbol {
            name: text[name.span.clone()].to_owned(),
            detail: Some(one_line(&text[name.span.end..end(parameters)])),
            kind: SymbolKind::FUNCTION,
            range: text.range(&(tokens[first].span.start..end(body))),
            selection_range: text.range(&name.span),
            tags: None,
            deprecated: None,
            children: None,
        })
    });
    functions.collect()
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The token that closes the bracket there; the last one if there is none.
fn closing(tokens: &[Token], open: usize) -> usize {
    let mut depth = 0;
    for (index, token) in tokens.iter().enumerate().skip(open) {
        match token.kind {
            TokenKind::Open => depth += 1,
            TokenKind::Close => depth -= 1,
            _ => {}
        }
        if depth <= 0 {
            return index;
        }
    }
    tokens.len()
}
