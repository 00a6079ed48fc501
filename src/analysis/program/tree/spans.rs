//! From positions of a tree to pieces of its text.

use crate::analysis::{Source, Span, TokenKind, text::words::Words};
use rhai::Position;

/// The pieces of a text: a tree only tells where things begin.
pub(in crate::analysis) struct Spans<'a> {
    text: &'a str,
    /// Where each line begins.
    lines: Vec<usize>,
    words: Words<'a>,
}

impl<'a> Spans<'a> {
    pub(in crate::analysis) fn new(source: &'a Source) -> Spans<'a> {
        let text = source.text.as_str();
        let ends = text.match_indices('\n').map(|(end, _)| end + 1);
        Spans { text, lines: std::iter::once(0).chain(ends).collect(), words: Words::of(text) }
    }

    /// The byte of a position; the end of the text if it has none.
    fn offset(&self, position: Position) -> usize {
        let Some(start) = position.line().and_then(|line| self.lines.get(line - 1)) else { return self.text.len() };
        let line = self.text[*start..].lines().next().unwrap_or_default();
        let before = position.position().unwrap_or(1).saturating_sub(1);
        start + line.chars().take(before).map(char::len_utf8).sum::<usize>()
    }

    fn token_at(&self, at: usize) -> Option<usize> {
        let next = self.words.tokens.partition_point(|token| token.span.end <= at);
        self.words.tokens.get(next).filter(|token| token.span.start <= at).map(|_| next)
    }

    /// The piece at a byte.
    pub(in crate::analysis) fn piece_at(&self, at: usize) -> Span {
        let Some(token) = self.token_at(at).map(|token| &self.words.tokens[token]) else {
            // What is missing at the end is told where the text ends.
            let last = self.words.tokens.last().filter(|last| last.span.end <= at && self.text[at..].trim().is_empty());
            let character = || at..at + self.text[at..].chars().next().map_or(0, char::len_utf8);
            return last.map_or_else(character, |last| last.span.clone());
        };
        let end = match token.kind {
            TokenKind::Comment { .. } => self.text[at..token.span.end].find(char::is_whitespace).map(|end| at + end),
            _ => None,
        };
        at..end.unwrap_or(token.span.end)
    }

    /// The piece at a position.
    pub(in crate::analysis) fn piece(&self, position: Position) -> Span {
        self.piece_at(self.offset(position))
    }

    /// The first piece from a position on that is this word.
    pub(in crate::analysis) fn word(&self, from: Position, word: &str) -> Span {
        let at = self.offset(from);
        let mut later = self.words.tokens.iter().filter(|token| token.span.start >= at);
        let found = later.find(|token| &self.text[token.span.clone()] == word);
        found.map_or_else(|| self.piece_at(at), |token| token.span.clone())
    }

    /// From the piece at one position to the end of the piece at another.
    pub(in crate::analysis) fn between(&self, first: Position, last: Position) -> Span {
        let (first, last) = (self.piece(first), self.piece(last));
        if first.start <= last.start { first.start..last.end } else { last }
    }

    /// The value that begins at a position: a sign belongs to its number, and brackets to what is in them, as long as
    /// that is in one line.
    pub(in crate::analysis) fn value(&self, position: Position) -> Span {
        let piece = self.piece(position);
        let Some(first) = self.token_at(piece.start) else { return piece };
        let end = match self.words.tokens[first].kind {
            TokenKind::Sign => self.words.tokens.get(first + 1).filter(|next| next.kind == TokenKind::Number),
            TokenKind::Open => self.words.closer(first).map(|close| &self.words.tokens[close]),
            _ => None,
        };
        let end = end.map_or(piece.end, |token| token.span.end);
        if self.text[piece.start..end].contains('\n') { piece } else { piece.start..end }
    }
}
