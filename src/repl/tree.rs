//! A value as an indented tree: a field a line, names aligned, lists of maps short.

use super::{Screen, show::rows};
use crate::{host, host::shortened};
use rhai::{Array, Dynamic, Map};
use unicode_width::UnicodeWidthStr;

/// Columns by which what is inside is indented.
const STEP: usize = 2;
/// So many items of a list inside of a map are shown.
const MOST: usize = 5;

/// Any value; what is no map and no list is one line.
pub(super) fn of(value: &Dynamic, screen: &Screen) -> String {
    let mut tree = Tree { screen, text: String::new() };
    let in_a_line = value.is_array() && rows(value).is_none() && host::shown(value).width() < screen.width();
    if in_a_line {
        tree.text = host::shown(value) + "\n";
    } else if let Ok(map) = value.as_map_ref() {
        tree.map(&map, 0);
    } else if let Ok(list) = value.as_array_ref() {
        tree.list(&list, 0, usize::MAX);
    } else {
        tree.text = plain(value) + "\n";
    }
    tree.text
}

struct Tree<'a> {
    screen: &'a Screen,
    text: String,
}

impl Tree<'_> {
    fn map(&mut self, map: &Map, depth: usize) {
        if map.is_empty() {
            self.line(depth, "#{}");
        }
        let widest = map.iter().filter(|(_, value)| inside(value).is_none()).map(|(name, _)| name.width()).max();
        for (name, value) in map {
            let key = self.screen.key(name);
            match inside(value) {
                None => {
                    let gap = " ".repeat(widest.unwrap_or(0).saturating_sub(name.width()) + 2);
                    let value = plain(value).replace('\n', &format!("\n{}", " ".repeat(depth + STEP)));
                    self.line(depth, &format!("{key}{gap}{value}"));
                }
                Some(count) => {
                    self.line(depth, &format!("{key}{}", self.screen.dim(&count)));
                    self.inside(value, depth + STEP);
                }
            }
        }
    }

    fn inside(&mut self, value: &Dynamic, depth: usize) {
        if let Ok(map) = value.as_map_ref() {
            self.map(&map, depth);
        } else if let Ok(list) = value.as_array_ref() {
            self.list(&list, depth, MOST);
        }
    }

    fn list(&mut self, list: &Array, depth: usize, most: usize) {
        if list.is_empty() {
            self.line(depth, "[]");
        }
        for item in list.iter().take(most) {
            let room = self.screen.width().saturating_sub(depth + 3);
            self.line(depth, &format!("- {}", shortened(&host::shown(item).replace('\n', " "), room)));
        }
        if list.len() > most {
            let more = self.screen.dim(&format!("… {} more", list.len() - most));
            self.line(depth, &more);
        }
    }

    fn line(&mut self, depth: usize, text: &str) {
        self.text += &format!("{}{text}\n", " ".repeat(depth));
    }
}

/// Of what has lines of its own, how it is announced.
fn inside(value: &Dynamic) -> Option<String> {
    const SHORT: usize = 60;
    if let Some(rows) = rows(value) {
        return Some(format!("  {} rows", rows.len()));
    }
    let is_long = (value.is_map() || value.is_array()) && host::shown(value).width() > SHORT;
    let is_map = value.as_map_ref().is_ok_and(|map| !map.is_empty());
    (is_long || is_map).then(String::new)
}

/// A value in one line; a text of several lines as it is.
fn plain(value: &Dynamic) -> String {
    match value.as_immutable_string_ref() {
        Ok(text) if text.contains('\n') => text.to_string(),
        Ok(text) => format!("{:?}", text.as_str()),
        Err(_) => host::shown(value),
    }
}
