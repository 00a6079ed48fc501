//! Places in a text as an editor counts them: lines from 0, columns in UTF-16 or in bytes.

use crate::analysis::Span;
use lsp_types::{Position, PositionEncodingKind, Range};

/// How columns are counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Encoding {
    Utf8,
    #[default]
    Utf16,
}

impl Encoding {
    /// The one that costs least, of those that the editor knows.
    pub(super) fn agreed(offered: &[PositionEncodingKind]) -> Encoding {
        if offered.contains(&PositionEncodingKind::UTF8) { Encoding::Utf8 } else { Encoding::Utf16 }
    }

    pub(super) fn kind(self) -> PositionEncodingKind {
        match self {
            Encoding::Utf8 => PositionEncodingKind::UTF8,
            Encoding::Utf16 => PositionEncodingKind::UTF16,
        }
    }

    /// How many columns a text takes.
    pub(super) fn columns(self, text: &str) -> usize {
        match self {
            Encoding::Utf8 => text.len(),
            Encoding::Utf16 => text.encode_utf16().count(),
        }
    }
}

/// A text whose lines are known.
#[derive(Debug)]
pub(super) struct Text {
    text: String,
    /// Where the lines begin.
    lines: Vec<usize>,
    encoding: Encoding,
}

impl std::ops::Deref for Text {
    type Target = str;
    fn deref(&self) -> &str {
        &self.text
    }
}

impl Text {
    pub(super) fn new(text: String, encoding: Encoding) -> Self {
        let bytes = text.as_bytes();
        let ends = |at: &usize| bytes[*at] == b'\n' || bytes[*at] == b'\r' && bytes.get(at + 1) != Some(&b'\n');
        let lines = std::iter::once(0).chain((0..bytes.len()).filter(ends).map(|end| end + 1)).collect();
        Text { text, lines, encoding }
    }

    /// The byte there; the end of the line or of the text, when it is shorter.
    pub(super) fn offset(&self, position: Position) -> usize {
        let (line, column) = (position.line as usize, position.character as usize);
        let Some(&start) = self.lines.get(line) else { return self.text.len() };
        let end = self.lines.get(line + 1).copied().unwrap_or(self.text.len());
        let line = self.text[start..end].trim_end_matches(['\r', '\n']);
        let mut before = 0;
        let inside = line.char_indices().find(|(at, character)| {
            before += self.encoding.columns(&line[*at..*at + character.len_utf8()]);
            before > column
        });
        start + inside.map_or(line.len(), |(at, _)| at)
    }

    /// The place of a byte.
    pub(super) fn position(&self, offset: usize) -> Position {
        let offset = self.text.floor_char_boundary(offset);
        let line = self.lines.partition_point(|start| *start <= offset) - 1;
        let column = self.encoding.columns(&self.text[self.lines[line]..offset]);
        Position::new(number(line), number(column))
    }

    pub(super) fn range(&self, span: &Span) -> Range {
        Range::new(self.position(span.start), self.position(span.end))
    }

    /// This text with another piece there.
    pub(super) fn with(&self, range: Range, piece: &str) -> Text {
        let (start, end) = (self.offset(range.start), self.offset(range.end));
        let mut text = self.text.clone();
        text.replace_range(start.min(end)..end.max(start), piece);
        Text::new(text, self.encoding)
    }
}

/// A number of lines, columns or tokens, as the protocol has it.
pub(super) fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "let 剧 = \"🎬短\";\r\nb\rc\n";

    #[test]
    fn every_byte_and_its_place_are_the_same_spot() {
        for encoding in [Encoding::Utf8, Encoding::Utf16] {
            let text = Text::new(TEXT.to_owned(), encoding);
            for (offset, character) in TEXT.char_indices().filter(|(_, it)| *it != '\n') {
                assert_eq!(text.offset(text.position(offset)), offset, "{character:?}");
            }
            assert_eq!(text.position(TEXT.len()), Position::new(3, 0));
        }
    }

    #[test]
    fn columns_are_counted_as_agreed() {
        let after_film = TEXT.find('短').unwrap();
        let columns = |encoding| Text::new(TEXT.to_owned(), encoding).position(after_film).character;
        assert_eq!((columns(Encoding::Utf16), columns(Encoding::Utf8)), (11, 15));
    }

    #[test]
    fn a_place_that_is_not_there_is_the_nearest_before_it() {
        let text = Text::new(TEXT.to_owned(), Encoding::Utf16);
        let offset = |line, column| text.offset(Position::new(line, column));
        assert_eq!(offset(0, 10), TEXT.find('🎬').unwrap());
        assert_eq!(offset(0, 99), TEXT.find('\r').unwrap());
        assert_eq!(offset(9, 0), TEXT.len());
    }

    #[test]
    fn a_piece_over_several_lines_is_replaced() {
        let text = Text::new(TEXT.to_owned(), Encoding::Utf16);
        let range = Range::new(Position::new(0, 11), Position::new(2, 1));
        assert_eq!(&*text.with(range, "剧\"; d"), "let 剧 = \"🎬剧\"; d\n");
    }
}
