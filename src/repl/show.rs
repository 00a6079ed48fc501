//! A value as a person reads it: tables, trees, plain texts.

use super::Screen;
use crate::{Error, client, error::Kind};
use rhai::Dynamic;

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

pub(super) fn shown(value: &Dynamic, _mode: Mode, _screen: &Screen) -> Result<String, Error> {
    if value.is_unit() {
        return Ok(String::new());
    }
    let text = client::encode_pretty(value)
        .map_err(|error| Error::new(Kind::Script, format!("the value cannot be written: {error}")))?;
    Ok(text + "\n")
}
