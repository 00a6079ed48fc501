//! Where a place of a text is: in which brackets, at which argument of which call, at which key of which map.

use super::{Span, tokens::TokenKind, words::Words};

/// A place and what is around it.
pub(in crate::analysis) struct Context {
    /// The word that is being written; it ends at the place.
    pub(in crate::analysis) word: Span,
    /// How many tokens stand before the word.
    pub(in crate::analysis) before: usize,
    /// What the place is in.
    pub(in crate::analysis) inside: Inside,
    /// The brackets that are open, the outermost first.
    pub(in crate::analysis) frames: Vec<Frame>,
}

/// What a place is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::analysis) enum Inside {
    Code,
    /// A text, between its quotes.
    Text,
    /// A comment, or a number, where nothing is proposed.
    Other,
}

/// An open bracket.
#[derive(Debug, Clone)]
pub(in crate::analysis) struct Frame {
    pub(in crate::analysis) kind: FrameKind,
    /// The token that opens it.
    pub(in crate::analysis) open: usize,
    /// Where each argument or item begins.
    pub(in crate::analysis) arguments: Vec<usize>,
    /// The key whose value is being written.
    pub(in crate::analysis) key: Option<usize>,
    /// The keys that are there already, before the place.
    pub(in crate::analysis) keys: Vec<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::analysis) enum FrameKind {
    /// `name(`
    Call,
    /// `(`
    Group,
    /// `[` of an array.
    List,
    /// `[` after a value.
    Index,
    /// `#{`
    Map,
    /// `{` or `${`
    Block,
}

impl Frame {
    /// The place of the argument that is being written, from 0.
    pub(in crate::analysis) fn argument(&self) -> usize {
        self.arguments.len() - 1
    }
}

/// What is called: `module::name(` or `receiver.name(`.
pub(in crate::analysis) struct Callee<'a> {
    pub(in crate::analysis) module: &'a str,
    pub(in crate::analysis) name: &'a str,
    /// Whether a value before a `.` is its first argument.
    pub(in crate::analysis) is_method: bool,
}

impl Context {
    /// Of byte `at`.
    pub(in crate::analysis) fn of(words: &Words<'_>, at: usize) -> Context {
        let mut before = words.tokens.partition_point(|token| token.span.start < at);
        // An open text may have nothing in it yet.
        let is_open_text = |index: usize| {
            words.tokens.get(index).is_some_and(|it| it.span == (at..at) && it.kind == TokenKind::Text { open: true })
        };
        before += usize::from(is_open_text(before));
        let last = before.checked_sub(1).map(|index| &words.tokens[index]).filter(|token| token.span.end >= at);
        let (inside, start) = match last {
            None => (Inside::Code, at),
            Some(token) => {
                let within = token.span.end > at;
                match token.kind {
                    TokenKind::Text { open } if within || open => (Inside::Text, token.span.start),
                    TokenKind::Comment { open } if within || open || words.get(before - 1).starts_with("//") => {
                        (Inside::Other, at)
                    }
                    TokenKind::Number => (Inside::Other, token.span.start),
                    TokenKind::Name | TokenKind::Keyword => (Inside::Code, token.span.start),
                    _ => (Inside::Code, at),
                }
            }
        };
        before -= usize::from(start < at || inside == Inside::Text);
        let quote = usize::from(inside == Inside::Text && words.quoted(before).is_some() && start < at);
        Context { word: start + quote..at, before, inside, frames: frames(words, before) }
    }

    /// What the innermost bracket is, if it is of this kind.
    pub(in crate::analysis) fn innermost(&self, kind: FrameKind) -> Option<&Frame> {
        self.frames.last().filter(|frame| frame.kind == kind)
    }
}

fn frames(words: &Words<'_>, before: usize) -> Vec<Frame> {
    let mut frames: Vec<Frame> = Vec::new();
    let mut index = 0;
    while index < before {
        let word = words.get(index);
        if words.is_open_bracket(index) {
            let kind = kind(words, index);
            frames.push(Frame { kind, open: index, arguments: vec![index + 1], key: None, keys: Vec::new() });
        } else if words.is_close_bracket(index) {
            let place = words.opener(index).and_then(|open| frames.iter().rposition(|frame| frame.open == open));
            frames.truncate(place.unwrap_or(frames.len()));
        } else if matches!(word, ";" | "let" | "const" | "fn" | "import") {
            // Whatever was left open before a new statement ends here.
            let place = frames.iter().rposition(|frame| frame.kind == FrameKind::Block);
            frames.truncate(place.map_or(0, |place| place + 1));
        } else if let Some((_, body)) = words.closure(index) {
            index = body;
            continue;
        } else if let Some(frame) = frames.last_mut() {
            frame.read(words, index);
        }
        index += 1;
    }
    frames
}

fn kind(words: &Words<'_>, index: usize) -> FrameKind {
    let follows_value = index > 0 && words.ends_value(index - 1);
    match words.get(index) {
        "(" if follows_value
            && words.is_free_name(index - 1)
            && index.checked_sub(2).is_none_or(|it| words.get(it) != "fn") =>
        {
            FrameKind::Call
        }
        "(" => FrameKind::Group,
        "[" if follows_value => FrameKind::Index,
        "[" => FrameKind::List,
        "#{" => FrameKind::Map,
        _ => FrameKind::Block,
    }
}

impl Frame {
    fn read(&mut self, words: &Words<'_>, index: usize) {
        match (words.get(index), self.kind) {
            (",", FrameKind::Map) => self.key = None,
            (",", _) => self.arguments.push(index + 1),
            (":", FrameKind::Map) if self.key.is_none() => {
                self.key = Some(index - 1);
                self.keys.push(index - 1);
            }
            _ => {}
        }
    }

    /// The keys of the map, also those after the place.
    pub(in crate::analysis) fn all_keys<'a>(&self, words: &Words<'a>, before: usize) -> Vec<&'a str> {
        let mut keys: Vec<_> = self.keys.iter().map(|index| key(words, *index)).collect();
        let mut depth = 0;
        for index in before..words.tokens.len() {
            match words.get(index) {
                ";" => break,
                ":" if depth == 0 && index > before => keys.push(key(words, index - 1)),
                _ if words.is_open_bracket(index) => depth += 1,
                _ if words.is_close_bracket(index) && depth == 0 => break,
                _ if words.is_close_bracket(index) => depth -= 1,
                _ => {}
            }
        }
        keys
    }

    /// What is called, of a call.
    pub(in crate::analysis) fn callee<'a>(&self, words: &Words<'a>) -> Option<Callee<'a>> {
        (self.kind == FrameKind::Call).then(|| callee(words, self.open - 1))
    }
}

/// A key of a map, with or without quotes.
pub(in crate::analysis) fn key<'a>(words: &Words<'a>, index: usize) -> &'a str {
    words.quoted(index).unwrap_or_else(|| words.get(index))
}

/// What the name at this token calls, with what stands before it.
pub(in crate::analysis) fn callee<'a>(words: &Words<'a>, name: usize) -> Callee<'a> {
    let before = words.before(name);
    let module = if before == "::" && name >= 2 { words.get(name - 2) } else { "" };
    Callee { module, name: words.get(name), is_method: matches!(before, "." | "?.") }
}
