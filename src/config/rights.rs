//! `[rights."team/grants"]`: what a package may do without being asked about.

use indexmap::IndexMap;
use serde::Deserialize;
use std::{collections::BTreeSet, path::PathBuf};

/// What one package, or each of a team (`team/*`), may do.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct Allowed {
    /// Its rights, as behind `--allow`.
    #[serde(default)]
    pub allow: Vec<String>,
    /// The accounts that it may use; any when left out.
    pub accounts: Option<BTreeSet<String>>,
    /// The things that it may be about, by the field of an operation that names them.
    #[serde(flatten)]
    pub only: IndexMap<String, Things>,
    /// Where its folders start.
    #[serde(skip)]
    pub folder: PathBuf,
}

/// One thing, or several.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Things {
    /// One.
    One(Thing),
    /// Several.
    Many(Vec<Thing>),
}

/// What an id can be.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Thing {
    /// A number.
    Number(i64),
    /// A text.
    Text(String),
}

impl Things {
    /// All of them, as texts.
    pub fn texts(&self) -> BTreeSet<String> {
        let text = |thing: &Thing| match thing {
            Thing::Number(number) => number.to_string(),
            Thing::Text(text) => text.clone(),
        };
        match self {
            Things::One(thing) => [text(thing)].into(),
            Things::Many(things) => things.iter().map(text).collect(),
        }
    }
}
