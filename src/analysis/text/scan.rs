//! Reads a text in tokens, and finds out which brackets belong together.

use super::tokens::{KEYWORDS, Token, TokenKind};

/// The signs of more than one character, those before others that they begin with.
const SIGNS: [&str; 29] = [
    "**=", "<<=", ">>=", "..=", "...", "===", "!==", "::", "==", "!=", "<=", ">=", "=>", "&&", "||", "??", "?.", "**",
    "<<", ">>", "..", "+=", "-=", "*=", "/=", "%=", "|=", "&=", "^=",
];

/// What was found in a text.
pub(in crate::analysis) struct Scan {
    pub(in crate::analysis) tokens: Vec<Token>,
    /// The brackets that belong together, by their places among the tokens.
    pub(in crate::analysis) pairs: Vec<(usize, usize)>,
    /// The brackets that are still open, likewise.
    pub(in crate::analysis) open: Vec<usize>,
    /// Whether a bracket closes what was not open.
    pub(in crate::analysis) crossed: bool,
}

pub(in crate::analysis) fn scan(text: &str) -> Scan {
    let scan = Scan { tokens: Vec::new(), pairs: Vec::new(), open: Vec::new(), crossed: false };
    let mut scanner = Scanner { text, at: 0, scan };
    while scanner.step() {}
    scanner.scan
}

struct Scanner<'a> {
    text: &'a str,
    at: usize,
    scan: Scan,
}

impl Scanner<'_> {
    fn step(&mut self) -> bool {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start().len();
        let rest = &self.text[self.at..];
        let Some(first) = rest.chars().next() else { return false };
        match first {
            '"' | '\'' => self.quoted(first),
            '`' => self.template(1),
            '0'..='9' => self.push(number(rest), TokenKind::Number),
            '(' | '[' | '{' => self.open(1),
            ')' | ']' | '}' => self.close(first),
            '/' if rest.starts_with("//") => {
                self.push(rest.find('\n').unwrap_or(rest.len()), TokenKind::Comment { open: false });
            }
            '/' if rest.starts_with("/*") => {
                let end = block_comment(rest);
                self.push(end.unwrap_or(rest.len()), TokenKind::Comment { open: end.is_none() });
            }
            '#' if rest.starts_with("#{") => self.open(2),
            '#' if rest.trim_start_matches('#').starts_with('"') => self.raw(),
            _ if begins_name(first) => self.word(),
            _ => {
                let sign = SIGNS.iter().find(|sign| rest.starts_with(**sign));
                self.push(sign.map_or(first.len_utf8(), |sign| sign.len()), TokenKind::Sign);
            }
        }
        true
    }

    fn push(&mut self, length: usize, kind: TokenKind) {
        self.scan.tokens.push(Token { span: self.at..self.at + length, kind });
        self.at += length;
    }

    /// A word is free where it can mean nothing else, as [`super::speak`] has it.
    fn word(&mut self) {
        let rest = &self.text[self.at..];
        let word = &rest[..name_length(rest)];
        let before = self.scan.tokens.last().map_or("", |token| &self.text[token.span.clone()]);
        let is_name = match word {
            "switch" => before == "::",
            "until" => before != "}",
            _ => false,
        };
        let kind = if !is_name && KEYWORDS.contains(&word) { TokenKind::Keyword } else { TokenKind::Name };
        self.push(word.len(), kind);
    }

    fn open(&mut self, length: usize) {
        self.scan.open.push(self.scan.tokens.len());
        self.push(length, TokenKind::Open);
    }

    /// Brackets within that were left open are passed over.
    fn close(&mut self, bracket: char) {
        let opener = match bracket {
            ')' => '(',
            ']' => '[',
            _ => '{',
        };
        let text = |index: &usize| &self.text[self.scan.tokens[*index].span.clone()];
        let found = self.scan.open.iter().rposition(|index| text(index).ends_with(opener));
        let resumes = found.is_some_and(|place| text(&self.scan.open[place]) == "${");
        self.scan.crossed |= found.is_none_or(|place| place + 1 < self.scan.open.len());
        if let Some(place) = found {
            self.scan.pairs.push((self.scan.open[place], self.scan.tokens.len()));
            self.scan.open.truncate(place);
        }
        self.push(1, TokenKind::Close);
        if resumes {
            self.template(0);
        }
    }

    /// A text that ends with its line, unless `\` is the line's last character.
    fn quoted(&mut self, quote: char) {
        let rest = &self.text[self.at..];
        let mut characters = rest.char_indices().skip(1).peekable();
        while let Some((place, character)) = characters.next() {
            match character {
                '\\' => drop(characters.next()),
                '\n' => return self.push(place, TokenKind::Text { open: true }),
                // Doubled, it stands for itself.
                _ if character == quote && characters.next_if(|(_, next)| *next == quote).is_none() => {
                    return self.push(place + 1, TokenKind::Text { open: false });
                }
                _ => {}
            }
        }
        self.push(rest.len(), TokenKind::Text { open: true });
    }

    /// A piece of a text between back-ticks: up to its end, or to the next `${`.
    fn template(&mut self, skip: usize) {
        let rest = &self.text[self.at..];
        let mut characters = rest.char_indices().skip(skip).peekable();
        while let Some((place, character)) = characters.next() {
            match character {
                '`' if characters.next_if(|(_, next)| *next == '`').is_none() => {
                    return self.push(place + 1, TokenKind::Text { open: false });
                }
                '\\' if rest[place..].starts_with("\\${") => drop(characters.next()),
                '$' if rest[place..].starts_with("${") => {
                    if place > 0 {
                        self.push(place, TokenKind::Text { open: false });
                    }
                    return self.open(2);
                }
                _ => {}
            }
        }
        self.push(rest.len(), TokenKind::Text { open: true });
    }

    /// `#"…"#`, with any number of `#`.
    fn raw(&mut self) {
        let rest = &self.text[self.at..];
        let marks = rest.len() - rest.trim_start_matches('#').len();
        let end = format!("\"{}", &rest[..marks]);
        let found = rest[marks + 1..].find(&end).map(|place| marks + 1 + place + end.len());
        self.push(found.unwrap_or(rest.len()), TokenKind::Text { open: found.is_none() });
    }
}

pub(in crate::analysis) fn begins_name(character: char) -> bool {
    character.is_alphabetic() || character == '_'
}

/// How long the name is that the text begins with.
pub(in crate::analysis) fn name_length(text: &str) -> usize {
    text.find(|it: char| !it.is_alphanumeric() && it != '_').unwrap_or(text.len())
}

fn number(text: &str) -> usize {
    let digits = |from: usize| text[from..].find(|it: char| !it.is_ascii_digit() && it != '_').map(|more| from + more);
    let digits = |from: usize| digits(from).unwrap_or(text.len());
    if text.len() > 1 && text.starts_with('0') && matches!(text.as_bytes()[1], b'x' | b'o' | b'b' | b'X' | b'O' | b'B')
    {
        return 2 + name_length(&text[2..]);
    }
    let mut end = digits(0);
    // `1..5` is a range, and `1.max(2)` a call.
    if let Some(fraction) = text[end..].strip_prefix('.')
        && !fraction.starts_with(|it: char| it == '.' || begins_name(it))
    {
        end = digits(end + 1);
    }
    if let Some(exponent) = text[end..].strip_prefix(['e', 'E'])
        && exponent.trim_start_matches(['+', '-']).starts_with(|it: char| it.is_ascii_digit())
    {
        end = digits(text.len() - exponent.trim_start_matches(['+', '-']).len());
    }
    end
}

/// Where a comment ends that may have others inside.
fn block_comment(text: &str) -> Option<usize> {
    let mut depth = 0;
    let mut at = 0;
    while let Some(place) = text[at..].find(['/', '*']) {
        at += place;
        match &text.as_bytes()[at..text.len().min(at + 2)] {
            b"/*" => (depth, at) = (depth + 1, at + 2),
            b"*/" => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            return Some(at);
        }
    }
    None
}
