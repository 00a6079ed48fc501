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
pub fn tokens(text: &str) -> Vec<Token> {
    scan(text).tokens
}

/// The words of the language.
pub(super) const KEYWORDS: [&str; 27] = [
    "let", "const", "fn", "if", "else", "for", "in", "while", "loop", "do", "until", "break", "continue", "return",
    "throw", "try", "catch", "switch", "import", "as", "export", "private", "true", "false", "this", "global", "Fn",
];

/// The signs of more than one character, those before others that they begin with.
const SIGNS: [&str; 29] = [
    "**=", "<<=", ">>=", "..=", "...", "===", "!==", "::", "==", "!=", "<=", ">=", "=>", "&&", "||", "??", "?.", "**",
    "<<", ">>", "..", "+=", "-=", "*=", "/=", "%=", "|=", "&=", "^=",
];

/// What was found in a text.
pub(super) struct Scan {
    pub(super) tokens: Vec<Token>,
    /// The brackets that belong together, by their places among the tokens.
    pub(super) pairs: Vec<(usize, usize)>,
    /// The brackets that are still open, likewise.
    pub(super) open: Vec<usize>,
    /// Whether a bracket closes what was not open.
    pub(super) crossed: bool,
}

pub(super) fn scan(text: &str) -> Scan {
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

pub(super) fn begins_name(character: char) -> bool {
    character.is_alphabetic() || character == '_'
}

/// How long the name is that the text begins with.
pub(super) fn name_length(text: &str) -> usize {
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
