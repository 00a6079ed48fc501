//! A value as a person reads it: lists of maps as tables, maps as trees, the rest plainly.

use super::{Screen, table, tree};
use crate::{client, host};
use rhai::{Dynamic, Map};

/// How values are shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Mode {
    /// Lists of maps as tables, maps as trees.
    #[default]
    Table,
    /// As JSON.
    Json,
    /// All as trees.
    Tree,
}

/// A value as text, with a line break at its end; nothing for `()`.
pub(super) fn shown(value: &Dynamic, mode: Mode, screen: &Screen) -> String {
    let rows = rows(value).filter(|_| mode == Mode::Table);
    let map = value.as_map_ref().ok().filter(|_| mode == Mode::Table);
    match (mode, rows, map) {
        _ if value.is_unit() => String::new(),
        (Mode::Json, _, _) => client::encode_pretty(value).unwrap_or_else(|_| host::shown(value)) + "\n",
        (_, Some(rows), _) => table::fitted(&rows, screen),
        (_, None, Some(map)) => listing(&map, screen),
        (_, None, None) => tree::of(value, screen),
    }
}

/// The rows of a list of maps.
pub(super) fn rows(value: &Dynamic) -> Option<Vec<Map>> {
    let items = value.as_array_ref().ok().filter(|items| !items.is_empty())?;
    items.iter().map(|item| item.as_map_ref().ok().map(|map| map.clone())).collect()
}

/// A map. A page of a listing is one with a list of maps: those are what was asked for, so they are a table below the rest.
fn listing(map: &Map, screen: &Screen) -> String {
    let lists: Vec<_> = map.iter().filter_map(|(name, value)| Some((name, rows(value)?))).collect();
    let [(name, rows)] = &lists[..] else { return tree::of(&map.clone().into(), screen) };
    let mut rest = map.clone();
    rest.remove(name.as_str());
    let rest = if rest.is_empty() { String::new() } else { tree::of(&rest.into(), screen) };
    format!("{rest}{}\n{}", screen.key(name), table::fitted(rows, screen))
}
