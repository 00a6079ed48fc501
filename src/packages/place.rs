//! Where in a text of TOML something is said, so that an error can point at it.

use crate::error::Place;
use toml_edit::{Document, TableLike};

/// The place of what these keys lead to, or of the last of them that is there; `file` names the text.
pub fn place(text: &str, file: &str, keys: &[&str]) -> Option<Place> {
    let document = Document::parse(text).ok()?;
    let (mut table, mut found): (&dyn TableLike, _) = (document.as_table(), None);
    for key in keys {
        let Some((key, item)) = table.get_key_value(key) else { break };
        // Of what has its own head, such as [rights], it is that.
        found = key.span().or(item.span()).or(found);
        let Some(inner) = item.as_table_like() else { break };
        table = inner;
    }
    found.map(|span| at(text, file, span.start))
}

/// The place of a byte.
pub(super) fn at(text: &str, file: &str, offset: usize) -> Place {
    let before = &text[..text.floor_char_boundary(offset)];
    let line_start = before.rfind('\n').map_or(0, |end| end + 1);
    Place {
        file: file.to_owned(),
        line: before.matches('\n').count() + 1,
        column: before[line_start..].chars().count() + 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_has_a_line() {
        let text = "# 剧\nname = \"a\"\n\n[rights]\n\"read\" = \"\"\n[a.b]\nc = { d = 1 }\n";
        let line = |keys: &[&str]| place(text, "f", keys).map(|place| (place.line, place.column));
        assert_eq!(line(&["name"]), Some((2, 1)));
        assert_eq!(line(&["rights", "read"]), Some((5, 1)));
        assert_eq!(line(&["rights", "write"]), Some((4, 2)));
        assert_eq!(line(&["a", "b", "c", "d"]), Some((7, 7)));
        assert_eq!(line(&["other"]), None);
        assert_eq!(place("= 1", "f", &["a"]), None);
    }
}
