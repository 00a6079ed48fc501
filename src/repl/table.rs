//! A list of maps as a table that fits the terminal: the columns that matter most, and `…` where a cell is cut.

use super::Screen;
use crate::host::{cell, columns_of, harmless, shortened, table};
use rhai::{Dynamic, Map};
use std::collections::HashSet;
use unicode_width::UnicodeWidthStr;

/// What a column takes besides its content.
const FRAME: usize = 3;
/// A cell is not made wider than this before all columns have found room.
const COMFORTABLE: usize = 24;
/// Nor is a column cut to less.
const NARROWEST: usize = 8;

/// One column with all its cells.
struct Column {
    name: String,
    cells: Vec<String>,
    rank: usize,
    /// As wide as its widest cell.
    natural: usize,
    width: usize,
}

/// Rows as a table, with a line below it that tells what is not shown.
pub(super) fn fitted(rows: &[Map], screen: &Screen) -> String {
    let mut columns: Vec<_> = columns_of(rows).into_iter().map(|name| Column::of(name, rows)).collect();
    columns.sort_by_key(|column| column.rank);
    let hidden = choose(&mut columns, screen.width());
    let names: Vec<_> = columns.iter().map(|column| shortened(&column.name, column.width)).collect();
    let shown: Vec<Map> = (0..rows.len())
        .map(|row| columns.iter().zip(&names).map(|(it, name)| (name.as_str().into(), it.cut(row))).collect())
        .collect();
    let table = table(&names, &shown, None);
    format!("{table}\n{}\n", screen.dim(&below(rows.len(), columns.len(), &hidden, screen.width())))
}

impl Column {
    fn of(name: String, rows: &[Map]) -> Column {
        let cells: Vec<_> = rows.iter().map(|row| row.get(name.as_str()).map(one_line).unwrap_or_default()).collect();
        let natural = cells.iter().map(|cell| cell.width()).max().unwrap_or(0).max(name.width());
        let first = rows.iter().find_map(|row| row.get(name.as_str()).filter(|value| !value.is_unit()));
        let distinct = cells.iter().collect::<HashSet<_>>().len() == cells.len();
        Column { rank: rank(&name, first, distinct), width: natural.min(COMFORTABLE), name, cells, natural }
    }

    fn cut(&self, row: usize) -> Dynamic {
        shortened(&self.cells[row], self.width).into()
    }
}

/// How important a column is: what names a row first, then its state, then times; what is long or nested last.
fn rank(name: &str, first: Option<&Dynamic>, distinct: bool) -> usize {
    let ends = |endings: &[&str]| endings.iter().any(|ending| name == *ending || name.ends_with(&format!("_{ending}")));
    match first {
        None => 9,
        Some(value) if value.is_map() || value.is_array() => 8,
        Some(_) if ends(&["id", "vid", "appid", "sn"]) => {
            if distinct {
                0
            } else {
                3
            }
        }
        Some(_) if ends(&["name", "title", "account", "item", "platform", "kind"]) => 1,
        Some(_) if ends(&["status", "state", "result", "reason", "error", "hint", "code"]) => 2,
        Some(_) if ends(&["time", "date", "at", "expire", "expires", "end", "begin"]) => 4,
        Some(_) if ends(&["url", "description", "desc", "cover", "image", "pic", "intro"]) => 7,
        Some(_) => 5,
    }
}

/// Leave the columns for which there is room, as wide as they can be. The names of the others.
fn choose(columns: &mut Vec<Column>, screen: usize) -> Vec<String> {
    let mut room = screen.saturating_sub(1);
    let mut hidden = Vec::new();
    let mut first = true;
    columns.retain_mut(|column| {
        // Of a name or an address a few letters tell nothing.
        let whole = column.rank <= 1 || column.rank >= 7;
        let least = column.width.min(if whole { COMFORTABLE } else { NARROWEST.max(column.name.width()) });
        let fits = first || least + FRAME <= room;
        if fits {
            column.width = least.min(room.saturating_sub(FRAME)).max(1);
            room = room.saturating_sub(column.width + FRAME);
            first = false;
        } else {
            hidden.push(std::mem::take(&mut column.name));
        }
        fits
    });
    for most in [COMFORTABLE, usize::MAX] {
        for column in columns.iter_mut() {
            let more = column.natural.min(most).saturating_sub(column.width).min(room);
            column.width += more;
            room -= more;
        }
    }
    hidden
}

fn below(rows: usize, columns: usize, hidden: &[String], screen: usize) -> String {
    let rows = if rows == 1 { "1 row".to_owned() } else { format!("{rows} rows") };
    if hidden.is_empty() {
        return rows;
    }
    let text = format!("{rows}, {columns} of {} columns; hidden: {}", columns + hidden.len(), hidden.join(", "));
    shortened(&text, screen.saturating_sub(1))
}

/// A value as the text of a cell.
fn one_line(value: &Dynamic) -> String {
    harmless(&cell(value)).split_whitespace().collect::<Vec<_>>().join(" ")
}
