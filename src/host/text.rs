//! `text::` — texts for people: tables and widths, with Chinese characters as wide as they are.

use super::{Reply, maps, shown};
use comfy_table::{ColumnConstraint, ContentArrangement, Table, Width, presets};
use rhai::{Array, Dynamic, INT, Map, plugin::*};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

#[export_module]
pub mod module {
    /// Texts one after the other, with something between them.
    /// - `parts`: array.
    /// - `between`: string.
    /// - returns: string.
    /// ```rhai
    /// assert_eq(text::join(["第1集", "第2集"], "、"), "第1集、第2集");
    /// ```
    pub fn join(parts: Array, between: &str) -> String {
        parts.iter().map(ToString::to_string).collect::<Vec<_>>().join(between)
    }

    /// Rows as a table.
    /// - `rows`: array of maps; the columns are their fields.
    /// - returns: string.
    /// - throws: `argument` when a row is not a map.
    /// ```rhai
    /// assert(text::table([#{ title: "归来记", days: 3 }]).contains("归来记"));
    /// ```
    #[rhai_fn(return_raw, name = "table")]
    pub fn all_columns(call: NativeCallContext, rows: Array) -> Reply<String> {
        let rows = maps(&call, "rows", rows)?;
        Ok(table(&columns_of(&rows), &rows, None))
    }

    /// Rows as a table of these columns, in this order.
    /// - `rows`: array of maps.
    /// - `columns`: array of string.
    /// - returns: string.
    /// - throws: `argument` when a row is not a map.
    /// ```rhai
    /// let shown = text::table([#{ title: "归来记", days: 3 }], ["days", "title"]);
    /// assert(shown.index_of("days") < shown.index_of("title"));
    /// ```
    #[rhai_fn(return_raw, name = "table")]
    pub fn some_columns(call: NativeCallContext, rows: Array, columns: Array) -> Reply<String> {
        let rows = maps(&call, "rows", rows)?;
        let columns: Vec<String> = columns.iter().map(ToString::to_string).collect();
        Ok(table(&columns, &rows, None))
    }

    /// How many columns of a terminal a text takes; a Chinese character takes two.
    /// - `text`: string.
    /// - returns: int.
    /// ```rhai
    /// assert_eq(text::width("第1集"), 5);
    /// ```
    pub fn width(text: &str) -> INT {
        text.width() as INT
    }

    /// How many columns the terminal has on which the run is watched.
    /// - `otherwise`: int, where there is none.
    /// - returns: int.
    /// ```rhai
    /// assert(text::columns(80) > 0);
    /// ```
    pub fn columns(otherwise: INT) -> INT {
        terminal_size::terminal_size().map_or(otherwise, |(width, _)| INT::from(width.0))
    }

    /// A text cut to at most so many columns, with `…` where something is left out.
    /// - `text`: string.
    /// - `columns`: int.
    /// - returns: string.
    /// ```rhai
    /// assert_eq(text::cut("归来记 - 第1集", 7), "归来记…");
    /// ```
    pub fn cut(text: &str, columns: INT) -> String {
        shortened(text, usize::try_from(columns).unwrap_or(0))
    }

    /// A text filled with blanks to at least so many columns.
    /// - `text`: string.
    /// - `columns`: int.
    /// - returns: string.
    /// ```rhai
    /// assert_eq(text::pad("剧", 4) + "|", "剧  |");
    /// ```
    pub fn pad(text: &str, columns: INT) -> String {
        let missing = usize::try_from(columns).unwrap_or(0).saturating_sub(text.width());
        format!("{text}{}", " ".repeat(missing.min(10_000)))
    }
}

pub fn shortened(text: &str, columns: usize) -> String {
    if text.width() <= columns {
        return text.to_owned();
    }
    let mut left = columns.saturating_sub(1);
    let fits = |character: &char| {
        let width = character.width().unwrap_or(0);
        let fits = width <= left;
        left = left.saturating_sub(if fits { width } else { left });
        fits
    };
    let kept: String = text.chars().take_while(fits).collect();
    if columns == 0 { kept } else { kept + "…" }
}

/// The columns of a table: what names a row first, what went wrong last, the rest by name.
pub fn columns_of(rows: &[Map]) -> Vec<String> {
    const FIRST: [&str; 7] = ["platform", "kind", "account", "id", "name", "title", "item"];
    const LAST: [&str; 4] = ["result", "reason", "error", "hint"];
    let mut columns: Vec<String> = Vec::new();
    for name in rows.iter().flat_map(Map::keys) {
        if !columns.iter().any(|known| known == name) {
            columns.push(name.to_string());
        }
    }
    let rank = |name: &String| {
        let early = FIRST.iter().position(|first| first == name);
        let late = LAST.iter().position(|last| last == name).map(|place| 100 + place);
        early.or(late).unwrap_or(if name.ends_with("_id") { 10 } else { 50 })
    };
    columns.sort_by_cached_key(|name| (rank(name), name.clone()));
    columns
}

/// Rows as a table, fitted to a width if there is one: then columns without content are left out, and what is too wide is
/// folded between words and between Chinese characters, so that ids stay whole.
pub fn table(columns: &[String], rows: &[Map], width: Option<u16>) -> String {
    let mut columns: Vec<&String> = columns.iter().collect();
    let at = |row: &Map, name: &str| row.get(name).map(|value| harmless(&cell(value))).unwrap_or_default();
    if width.is_some() && !rows.is_empty() {
        columns.retain(|name| rows.iter().any(|row| !at(row, name).is_empty()));
    }
    let mut table = Table::new();
    table.load_style(presets::UTF8_FULL_CONDENSED).set_header(&columns);
    for row in rows {
        table.add_row(columns.iter().map(|name| at(row, name)));
    }
    if let Some(width) = width {
        table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
        let least = |name: &&String| rows.iter().map(|row| longest_word(&at(row, name))).max().unwrap_or(0);
        let least: Vec<u16> = columns.iter().map(|name| least(name).max(longest_word(name))).collect();
        // Where even the words do not fit, nothing is kept whole.
        if least.iter().map(|word| word + 3).sum::<u16>() < width {
            table
                .set_constraints(least.into_iter().map(|word| ColumnConstraint::LowerBoundary(Width::Fixed(word + 2))));
        }
    }
    table.to_string()
}

/// The width of the longest piece of a text that should not be folded.
fn longest_word(text: &str) -> u16 {
    const CHINESE: u16 = 6;
    const LONGEST: u16 = 40;
    let word = |word: &str| {
        let width = u16::try_from(word.width()).unwrap_or(u16::MAX);
        if word.is_ascii() { width.min(LONGEST) } else { width.min(CHINESE) }
    };
    text.split(' ').map(word).max().unwrap_or(0)
}

/// A value as the text of a cell; `()` is an empty one.
pub(crate) fn cell(value: &Dynamic) -> String {
    if value.is_unit() { String::new() } else { shown(value) }
}

/// A text that moves no cursor and changes no colour, whoever has written it.
pub(crate) fn harmless(text: &str) -> String {
    let escaped =
        |it: char| if it.is_control() && it != '\n' { it.escape_default().to_string() } else { it.to_string() };
    text.chars().map(escaped).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_shows_the_signs_that_would_steer_a_terminal() {
        let row = Map::from_iter([("title".into(), "\u{1b}[31m红\u{7}".into())]);
        let text = table(&["title".into()], &[row], None);
        assert!(text.contains("\\u{1b}[31m红\\u{7}") && !text.contains('\u{1b}'), "{text}");
    }

    fn rows() -> (Vec<String>, Vec<Map>) {
        let row = |title: &str| {
            Map::from_iter([
                ("id".into(), "wx3f8a61c09d2e47b5".into()),
                ("title".into(), title.into()),
                ("end".into(), "2027-11-22 05:31".into()),
                ("reason".into(), "".into()),
            ])
        };
        let columns = ["id", "title", "end", "reason"].map(str::to_owned).to_vec();
        (columns, vec![row("重生之我在九零开工厂"), row("深夜便利店"), row("a plain title of several words")])
    }

    #[test]
    fn a_table_is_fitted_without_folding_ids_and_without_empty_columns() {
        let (columns, rows) = rows();
        for width in [50_u16, 60, 80, 200] {
            let shown = table(&columns, &rows, Some(width));
            assert!(shown.lines().all(|line| line.width() <= usize::from(width)), "{shown}");
            assert!(shown.contains("wx3f8a61c09d2e47b5") && !shown.contains("reason"), "{shown}");
            let first = shown.lines().next().map(UnicodeWidthStr::width);
            assert!(shown.lines().all(|line| Some(line.width()) == first), "columns are not aligned:\n{shown}");
        }
    }

    #[test]
    fn a_table_that_is_not_fitted_has_every_column() {
        let (columns, rows) = rows();
        assert!(table(&columns, &rows, None).contains("reason"));
    }
}
