//! What a script is started with, as its head says: `//! @param days int = 30 "how far ahead"`.

use super::Source;
use crate::{
    Error,
    error::{Kind, nearest},
};
use rhai::{Dynamic, INT};

/// A parameter that the head of a script declares.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// What it may be.
    pub kind: ParameterKind,
    /// The value when none is given, as it is written; a parameter without one is required.
    pub default: Option<String>,
    /// What it is for.
    pub help: String,
}

/// What a parameter may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ParameterKind {
    /// A whole number.
    Int,
    /// A number.
    Float,
    /// `true` or `false`.
    Bool,
    /// Any text.
    Text,
    /// A file or a folder.
    Path,
    /// One of these words.
    OneOf(Vec<String>),
}

const MARK: &str = "@param";
const FORM: &str = r#"write it as //! @param days int = 30 "how far ahead"; a parameter without `= …` is required"#;
const TYPES: &str = "a type is int, float, bool, string, path, or some words to choose from: book|drama|copyright";
const NAMED_TYPES: [(&str, ParameterKind); 5] = [
    ("int", ParameterKind::Int),
    ("float", ParameterKind::Float),
    ("bool", ParameterKind::Bool),
    ("string", ParameterKind::Text),
    ("path", ParameterKind::Path),
];

impl Parameter {
    /// Its name as an option of the command line: `drama_id` is `drama-id`.
    pub fn flag(&self) -> String {
        self.name.replace('_', "-")
    }
}

impl ParameterKind {
    /// The value that a text stands for, or what the text must be instead.
    pub fn read(&self, text: &str) -> Result<Dynamic, String> {
        let value = match self {
            ParameterKind::Int => text.parse::<INT>().ok().map(Dynamic::from),
            ParameterKind::Float => text.parse().ok().filter(|number: &f64| number.is_finite()).map(Dynamic::from),
            ParameterKind::Bool => text.parse::<bool>().ok().map(Dynamic::from),
            ParameterKind::Text | ParameterKind::Path => Some(text.into()),
            ParameterKind::OneOf(words) => words.iter().any(|word| word == text).then(|| text.into()),
        };
        value.ok_or_else(|| match self {
            ParameterKind::Int => "it must be an int".to_owned(),
            ParameterKind::Float => "it must be a float".to_owned(),
            ParameterKind::OneOf(words) => format!("it must be one of {}", words.join(", ")),
            _ => "it must be true or false".to_owned(),
        })
    }

    /// What stands for a value in help: `--days <INT>`.
    pub fn placeholder(&self) -> &'static str {
        match self {
            ParameterKind::Int => "INT",
            ParameterKind::Float => "FLOAT",
            ParameterKind::Bool => "BOOL",
            ParameterKind::Text => "TEXT",
            ParameterKind::Path => "PATH",
            ParameterKind::OneOf(_) => "WORD",
        }
    }

    fn named(text: &str) -> Option<ParameterKind> {
        if let Some((_, kind)) = NAMED_TYPES.into_iter().find(|(name, _)| *name == text) {
            return Some(kind);
        }
        let words: Vec<String> = text.split('|').map(str::to_owned).collect();
        (words.len() > 1 && !words.contains(&String::new())).then_some(ParameterKind::OneOf(words))
    }
}

/// The lines at the start that begin with `//!`, without that mark, each with its first byte.
fn head(source: &Source) -> impl Iterator<Item = (usize, &str)> {
    let mut end = 0;
    let lines = source.text.split_inclusive('\n').map(move |line| {
        end += line.len();
        (end - line.len(), line.trim_end())
    });
    lines.map_while(|(start, line)| Some((start + 3, line.strip_prefix("//!")?)))
}

/// What the head of a script says besides its parameters, each paragraph in a line of its own.
pub fn about(source: &Source) -> String {
    let words = head(source).map(|(_, line)| line.trim()).filter(|line| !line.starts_with(MARK));
    let lines: Vec<&str> = words.collect();
    let paragraphs = lines.split(|line| line.is_empty()).filter(|lines| !lines.is_empty());
    paragraphs.map(|lines| lines.join(" ")).collect::<Vec<_>>().join("\n\n")
}

/// The parameters that the head of a script declares, or what is wrong with one, with its place.
pub fn parameters(source: &Source) -> Result<Vec<Parameter>, Error> {
    declared(source).into_iter().collect()
}

/// Each parameter that the head of a script declares, or what is wrong with it.
pub(super) fn declared(source: &Source) -> Vec<Result<Parameter, Error>> {
    let mut declared: Vec<Result<Parameter, Error>> = Vec::new();
    for (start, line) in head(source) {
        let mut line = Line { source, at: start, rest: line };
        line.skip_spaces();
        let (at, mark) = (line.at, line.word(|_| false));
        if mark != MARK {
            if mark.starts_with('@') && nearest(mark, [MARK]).is_some() {
                declared
                    .push(Err(line.wrong(at, format!("there is no `{mark}`; a parameter is declared by `{MARK}`"))));
            }
            continue;
        }
        line.skip_spaces();
        let at = line.at;
        let parameter = line.parameter().and_then(|parameter| {
            let twice = declared.iter().flatten().any(|other| other.flag() == parameter.flag());
            let wrong = || line.wrong(at, format!("there is a parameter `{}` already", parameter.name));
            if twice { Err(wrong()) } else { Ok(parameter) }
        });
        declared.push(parameter);
    }
    declared
}

/// What is left of a line, and where in the text it begins.
struct Line<'a> {
    source: &'a Source,
    at: usize,
    rest: &'a str,
}

impl<'a> Line<'a> {
    fn parameter(&mut self) -> Result<Parameter, Error> {
        let (at, name) = (self.at, self.word(|sign| sign == '='));
        if !is_name(name) {
            let what = if name.is_empty() { "a parameter has no name".into() } else { format!("`{name}` is no name") };
            let error = self.wrong(at, what);
            return Err(if name.is_empty() {
                error
            } else {
                error.hint("a name has letters, digits and _, and begins with a letter")
            });
        }
        self.skip_spaces();
        let (at, kind_name) = (self.at, self.word(|sign| sign == '=' || sign == '"'));
        let Some(kind) = ParameterKind::named(kind_name) else {
            return Err(self.unknown_type(at, name, kind_name));
        };
        self.skip_spaces();
        let default = if self.take('=') { Some(self.default(name, &kind)?) } else { None };
        self.skip_spaces();
        let help = if self.rest.starts_with('"') { self.quoted()? } else { String::new() };
        self.skip_spaces();
        if !self.rest.is_empty() {
            let message = format!("`{}` is left over; help and a default with spaces stand in quotes", self.rest);
            return Err(self.wrong(self.at, message));
        }
        Ok(Parameter { name: name.to_owned(), kind, default, help })
    }

    fn default(&mut self, name: &str, kind: &ParameterKind) -> Result<String, Error> {
        self.skip_spaces();
        let at = self.at;
        let is_quoted = self.rest.starts_with('"');
        let text = if is_quoted { self.quoted()? } else { self.word(|_| false).to_owned() };
        if text.is_empty() && !is_quoted {
            return Err(self.wrong(at, format!("the default of `{name}` is missing")));
        }
        match kind.read(&text) {
            Ok(_) => Ok(text),
            Err(must) => Err(self.wrong(at, format!("the default of `{name}` is {text:?}; {must}"))),
        }
    }

    fn unknown_type(&self, at: usize, name: &str, kind: &str) -> Error {
        if kind.is_empty() {
            return self.wrong(at, format!("`{name}` has no type"));
        }
        let error = self.wrong(at, format!("there is no type `{kind}`"));
        match nearest(kind, NAMED_TYPES.iter().map(|(name, _)| *name)) {
            Some(near) => error.hint(format!("did you mean `{near}`? {TYPES}")),
            None => error.hint(TYPES),
        }
    }

    fn wrong(&self, at: usize, message: impl Into<String>) -> Error {
        Error::new(Kind::Usage, message).hint(FORM).at(self.source.place(at))
    }

    fn skip(&mut self, bytes: usize) -> &'a str {
        let (skipped, rest) = self.rest.split_at(bytes);
        (self.at, self.rest) = (self.at + bytes, rest);
        skipped
    }

    fn skip_spaces(&mut self) {
        self.skip(self.rest.len() - self.rest.trim_start().len());
    }

    /// Up to a space or a sign that ends it.
    fn word(&mut self, ends: impl Fn(char) -> bool) -> &'a str {
        let end = self.rest.find(|sign: char| sign.is_whitespace() || ends(sign));
        self.skip(end.unwrap_or(self.rest.len()))
    }

    fn take(&mut self, sign: char) -> bool {
        let there = self.rest.starts_with(sign);
        self.skip(if there { sign.len_utf8() } else { 0 });
        there
    }

    /// A text in quotes; `\"` and `\\` stand for what follows the stroke.
    fn quoted(&mut self) -> Result<String, Error> {
        let (at, mut text) = (self.at, String::new());
        let mut signs = self.rest.char_indices().skip(1);
        while let Some((index, sign)) = signs.next() {
            match sign {
                '"' => {
                    self.skip(index + 1);
                    return Ok(text);
                }
                '\\' => text.extend(signs.next().map(|(_, sign)| sign)),
                sign => text.push(sign),
            }
        }
        Err(self.wrong(at, "this quote is not closed"))
    }
}

fn is_name(text: &str) -> bool {
    text.starts_with(char::is_alphabetic) && text.chars().all(|sign| sign.is_alphanumeric() || sign == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<Parameter>, Error> {
        parameters(&Source::new("a.rhai", text))
    }

    #[test]
    fn a_head_declares_parameters() {
        let head = "//! 剧.\n//!\n//! @param days int = 30 \"how far \\\"ahead\\\"\"\n//! @param 剧名 string = \"山 海\"\n\
                    //! @param kind book|drama=drama\n//! @param file path\n//! @param gaps bool=false \"\"\nlet a;\n//! @param no int";
        let parameter = |name: &str, kind, default: Option<&str>, help: &str| Parameter {
            name: name.into(),
            kind,
            default: default.map(str::to_owned),
            help: help.into(),
        };
        let one_of = ParameterKind::OneOf(vec!["book".into(), "drama".into()]);
        assert_eq!(
            read(head).unwrap(),
            [
                parameter("days", ParameterKind::Int, Some("30"), "how far \"ahead\""),
                parameter("剧名", ParameterKind::Text, Some("山 海"), ""),
                parameter("kind", one_of, Some("drama"), ""),
                parameter("file", ParameterKind::Path, None, ""),
                parameter("gaps", ParameterKind::Bool, Some("false"), ""),
            ]
        );
        assert_eq!(read("let a = 1;\n//! @param days int").unwrap(), []);
    }

    #[test]
    fn a_wrong_declaration_is_shown_at_its_place() {
        for (line, column, message) in [
            ("@param 天 intt", 14, "there is no type `intt`"),
            ("@param days", 16, "`days` has no type"),
            ("@param", 11, "a parameter has no name"),
            ("@param 9days int", 12, "`9days` is no name"),
            ("@param days int = abc", 23, "the default of `days` is \"abc\"; it must be an int"),
            ("@param days int =", 22, "the default of `days` is missing"),
            ("@param kind a|b = c", 23, "the default of `kind` is \"c\"; it must be one of a, b"),
            ("@param kind a| = c", 17, "there is no type `a|`"),
            ("@param days int \"how", 21, "this quote is not closed"),
            ("@param days int how far", 21, "`how far` is left over; help and a default with spaces stand in quotes"),
            ("@params days int", 5, "there is no `@params`; a parameter is declared by `@param`"),
            ("@param drama_id int\n//! @param drama_id int", 12, "there is a parameter `drama_id` already"),
        ] {
            let error = read(&format!("//! A.\n//! {line}\n")).unwrap_err();
            let place = error.place.clone().unwrap();
            assert_eq!((error.message.as_str(), place.column), (message, column), "{line}");
            assert_eq!(place.line, 2 + line.matches('\n').count());
        }
    }

    #[test]
    fn the_words_of_a_head_are_told_in_paragraphs() {
        let source = Source::new("a.rhai", "//! One\n//! two.\n//!\n//! @param days int\n//!\n//! Three.\nlet a;");
        assert_eq!(about(&source), "One two.\n\nThree.");
    }
}
