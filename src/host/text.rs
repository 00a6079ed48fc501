//! `text::` — texts for people: tables and widths, with Chinese characters as wide as they are.

use super::{Reply, type_name, wrong_argument};
use comfy_table::{ContentArrangement, Table, presets};
use rhai::{Array, Dynamic, INT, Map, plugin::*};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

#[export_module]
pub mod module {
    /// Rows as a table.
    /// - `rows`: array of maps; the columns are their fields.
    /// - returns: string.
    /// - throws: `argument` when a row is not a map.
    /// ```rhai
    /// assert(text::table([#{ title: "归来记", days: 3 }]).contains("归来记"));
    /// ```
    #[rhai_fn(return_raw, name = "table")]
    pub fn all_columns(call: NativeCallContext, rows: Array) -> Reply<String> {
        let rows = maps(&call, rows)?;
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
        let rows = maps(&call, rows)?;
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

fn maps(call: &NativeCallContext, rows: Array) -> Reply<Vec<Map>> {
    let wrong = |row: &Dynamic| {
        wrong_argument(call, format!("a row is of type {}; it must be a map", type_name(row)), "give an array of maps")
    };
    rows.into_iter().map(|row| row.clone().try_cast::<Map>().ok_or_else(|| wrong(&row))).collect()
}

fn shortened(text: &str, columns: usize) -> String {
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

/// Rows as a table, fitted to a width if there is one.
pub fn table(columns: &[String], rows: &[Map], width: Option<u16>) -> String {
    let mut table = Table::new();
    table.load_style(presets::UTF8_FULL_CONDENSED).set_header(columns);
    if let Some(width) = width {
        table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
    }
    for row in rows {
        table.add_row(columns.iter().map(|name| row.get(name.as_str()).map(cell).unwrap_or_default()));
    }
    table.to_string()
}

fn cell(value: &Dynamic) -> String {
    match value.is_map() || value.is_array() {
        true => crate::client::encode(value).unwrap_or_default(),
        false if value.is_unit() => String::new(),
        false => value.to_string(),
    }
}
