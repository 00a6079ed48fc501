//! A text and places in it.

use crate::error::Place;
use std::ops::Range;

/// A script or a module, by the name that reports show.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Source {
    /// As the user gave it: `scripts/renew_grants.rhai`.
    pub name: String,
    /// All of it.
    pub text: String,
}

/// A piece of a text, in bytes.
pub type Span = Range<usize>;

/// How an imported module is found: by the name of the text that imports it, as reports show it, and the name in
/// `import "name"`. `None` where there is no such module.
pub type Find<'a> = &'a dyn Fn(&str, &str) -> Option<Source>;

impl Source {
    /// A text under a name.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Source {
        Source { name: name.into(), text: text.into() }
    }

    /// The byte at this line and column, both from 1, columns in characters; the end of the line when it is shorter.
    pub fn offset(&self, line: usize, column: usize) -> usize {
        let start: usize = self.text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
        let line = self.text[start..].lines().next().unwrap_or_default();
        start + line.chars().take(column.saturating_sub(1)).map(char::len_utf8).sum::<usize>()
    }

    /// The place of a byte.
    pub fn place(&self, offset: usize) -> Place {
        Place::of(&self.name, &self.text, offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_and_its_place_are_the_same_spot() {
        let source = Source::new("a.rhai", "let 剧 = 1;\nprint(剧);\n");
        for (offset, line, column) in [(0, 1, 1), (4, 1, 5), (7, 1, 6), (13, 2, 1), (19, 2, 7)] {
            assert_eq!(source.offset(line, column), offset);
            let place = source.place(offset);
            assert_eq!((place.line, place.column), (line, column));
        }
        assert_eq!(source.offset(1, 99), 12);
    }
}
