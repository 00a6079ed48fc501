//! Lists of packages: a table where there is room for one, else an entry of a few lines for each.

use crate::{
    Error,
    cli::{
        output::{Output, write_rows},
        width, write_out,
    },
};
use rhai::{Array, Dynamic, Map};
use std::io::{IsTerminal, stdout};

/// A narrower terminal has no room for a table.
const TABLE: usize = 100;

/// A package in a few lines.
pub(super) struct Entry {
    pub head: String,
    pub summary: String,
    /// Each with a word before it; those without a text are left out.
    pub lines: Vec<(&'static str, String)>,
}

/// Write the rows in the form that is asked for, or in the one that fits.
pub(super) fn write(
    rows: Vec<Map>,
    columns: &[&str],
    output: Option<Output>,
    entry: impl Fn(&Map) -> Entry,
) -> Result<(), Error> {
    if output.is_none() && stdout().is_terminal() && width() < TABLE && !rows.is_empty() {
        return write_out(&rows.iter().map(|row| entry(row).shown(width())).collect::<String>());
    }
    let rows: Array = rows.into_iter().map(Dynamic::from_map).collect();
    write_rows(&rows.into(), columns, output)
}

impl Entry {
    /// For a terminal of that width.
    fn shown(&self, width: usize) -> String {
        let word = self.lines.iter().map(|(word, _)| word.len()).max().unwrap_or(0);
        let lines = self.lines.iter().filter(|(_, text)| !text.is_empty());
        let lines = lines.map(|(name, text)| folded(text, &format!("  {name:word$}  "), width));
        let summary = Some(&self.summary).filter(|summary| !summary.is_empty());
        let summary = summary.map(|summary| folded(summary, "  ", width));
        std::iter::once(folded(&self.head, "", width)).chain(summary).chain(lines).collect()
    }
}

/// Lines of at most that width, the first behind this beginning. What has no blanks is broken where the line ends.
fn folded(text: &str, first: &str, width: usize) -> String {
    let rest = " ".repeat(first.len().max(4));
    // The list of rights has commas where others have blanks.
    let text = text.replace(',', ", ").replace(",  ", ", ");
    textwrap::fill(&text, textwrap::Options::new(width).initial_indent(first).subsequent_indent(&rest)) + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use unicode_width::UnicodeWidthStr;

    #[test]
    fn an_entry_keeps_to_the_width_and_loses_nothing() {
        let source = format!("git:https://git.example.org/team/grants.git?tag=v1.2.0#{}", "0123456789".repeat(4));
        let entry = Entry {
            head: "team/grants 1.2.0  ok".to_owned(),
            summary: "给短剧和小说的授权续期，并把每一次的结果写进一张表里，发给微信群机器人，每天早上八点".to_owned(),
            lines: vec![
                ("from", source.clone()),
                ("rights", "read:novel.list_books,write:novel.add_book_auth,notify".to_owned()),
            ],
        };
        for width in [40, 60, 80] {
            let shown = entry.shown(width);
            assert!(shown.lines().all(|line| line.width() <= width), "{shown}");
            let bare = |text: &str| text.chars().filter(|sign| !sign.is_whitespace()).collect::<String>();
            for text in [&entry.summary, &source, &entry.lines[1].1] {
                assert!(bare(&shown).contains(&bare(text)), "{shown}");
            }
        }
        assert!(
            entry.shown(60).contains("\n  rights  read:novel.list_books, write:novel.add_book_auth,\n"),
            "{}",
            entry.shown(60)
        );
    }
}
