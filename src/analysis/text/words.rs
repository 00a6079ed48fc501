//! A text in tokens, and how they stand to each other.

use super::{
    Span,
    scan::{Scan, begins_name, scan},
    tokens::{Token, TokenKind},
};

/// A text and its tokens, by their places.
pub(in crate::analysis) struct Words<'a> {
    pub(in crate::analysis) text: &'a str,
    pub(in crate::analysis) tokens: Vec<Token>,
    /// Open and close, in the order of the latter.
    pairs: Vec<(usize, usize)>,
}

impl<'a> Words<'a> {
    pub(in crate::analysis) fn of(text: &'a str) -> Words<'a> {
        let Scan { tokens, pairs, .. } = scan(text);
        Words { text, tokens, pairs }
    }

    /// What is written there; nothing beyond the ends.
    pub(in crate::analysis) fn get(&self, index: usize) -> &'a str {
        self.tokens.get(index).map_or("", |token| &self.text[token.span.clone()])
    }

    /// What is written before it.
    pub(in crate::analysis) fn before(&self, index: usize) -> &'a str {
        index.checked_sub(1).map_or("", |index| self.get(index))
    }

    pub(in crate::analysis) fn span(&self, index: usize) -> Span {
        self.tokens[index].span.clone()
    }

    fn kind(&self, index: usize) -> Option<TokenKind> {
        self.tokens.get(index).map(|token| token.kind)
    }

    /// Whether it can be a name; words of the language are names of fields.
    pub(in crate::analysis) fn is_name(&self, index: usize) -> bool {
        self.get(index).starts_with(begins_name)
    }

    /// Whether it is a name that can be defined.
    pub(in crate::analysis) fn is_free_name(&self, index: usize) -> bool {
        self.kind(index) == Some(TokenKind::Name)
    }

    pub(in crate::analysis) fn is_comment(&self, index: usize) -> bool {
        matches!(self.kind(index), Some(TokenKind::Comment { .. }))
    }

    pub(in crate::analysis) fn is_open_bracket(&self, index: usize) -> bool {
        self.kind(index) == Some(TokenKind::Open)
    }

    pub(in crate::analysis) fn is_close_bracket(&self, index: usize) -> bool {
        self.kind(index) == Some(TokenKind::Close)
    }

    /// The text between the quotes of a token that is one; escapes are left as they are.
    pub(in crate::analysis) fn quoted(&self, index: usize) -> Option<&'a str> {
        let Some(TokenKind::Text { open }) = self.kind(index) else { return None };
        let text = self.get(index);
        let quote = text.chars().next().filter(|it| "\"'`".contains(*it))?;
        let inner = &text[1..];
        if open { Some(inner) } else { inner.strip_suffix(quote) }
    }

    /// Whether a value ends here, so that an operator or a call may follow.
    pub(in crate::analysis) fn ends_value(&self, index: usize) -> bool {
        match self.kind(index) {
            Some(TokenKind::Name | TokenKind::Number | TokenKind::Text { .. }) => true,
            Some(TokenKind::Close) => {
                self.get(index) != "}" || self.opener(index).is_some_and(|it| self.get(it) == "#{")
            }
            Some(TokenKind::Keyword) => ["this", "true", "false"].contains(&self.get(index)),
            _ => false,
        }
    }

    /// The bracket that this one closes.
    pub(in crate::analysis) fn opener(&self, close: usize) -> Option<usize> {
        let place = self.pairs.binary_search_by_key(&close, |(_, close)| *close).ok()?;
        Some(self.pairs[place].0)
    }

    /// The bracket that closes this one.
    pub(in crate::analysis) fn closer(&self, open: usize) -> Option<usize> {
        self.pairs.iter().find(|(it, _)| *it == open).map(|(_, close)| *close)
    }

    /// The token that a byte is in or at the end of; the name rather than the sign after it.
    pub(in crate::analysis) fn at(&self, at: usize) -> Option<usize> {
        let touches = |index: &usize| self.tokens[*index].span.start <= at && at <= self.tokens[*index].span.end;
        let first = self.tokens.partition_point(|token| token.span.end < at);
        let both = [first, first + 1].into_iter().filter(|index| *index < self.tokens.len() && touches(index));
        both.max_by_key(|index| (self.is_name(*index), self.tokens[*index].span.end))
    }

    /// Where the chain `a::b(…).c[…]` begins that ends before this token.
    pub(in crate::analysis) fn chain_start(&self, end: usize) -> usize {
        let mut start = end;
        while let Some(last) = start.checked_sub(1).filter(|last| self.ends_value(*last)) {
            if self.is_close_bracket(last) {
                let Some(open) = self.opener(last) else { break };
                start = open;
                let joined = open > 0 && self.get(open) != "#{" && self.ends_value(open - 1);
                if joined {
                    continue;
                }
            } else {
                start = last;
            }
            match self.before(start) {
                "." | "?." | "::" => start -= 1,
                _ => break,
            }
        }
        start
    }

    /// The names between the bars of a closure that begins here, and where its body begins.
    pub(in crate::analysis) fn closure(&self, index: usize) -> Option<(Vec<usize>, usize)> {
        if index > 0 && self.ends_value(index - 1) {
            return None;
        }
        match self.get(index) {
            "||" => Some((Vec::new(), index + 1)),
            "|" => {
                let listed = |index: &usize| self.is_free_name(*index) || self.get(*index) == ",";
                let end = (index + 1..).find(|index| !listed(index))?;
                (self.get(end) == "|")
                    .then(|| ((index + 1..end).filter(|it| self.is_free_name(*it)).collect(), end + 1))
            }
            _ => None,
        }
    }
}
