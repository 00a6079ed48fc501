//! `:ops`, `:doc`, `:explain` — what is known of names and codes.

use super::{Prompt, table, wrong};
use crate::{Error, analysis::manual, engine};
use rhai::Map;

pub(super) fn ops(prompt: &mut Prompt, words: &str) -> Result<(), Error> {
    let words: Vec<String> = words.split_whitespace().map(str::to_owned).collect();
    let found = manual::find(prompt.world.client().catalog(), &words)?;
    let rows: Vec<Map> = found.iter().map(|operation| manual::row(operation)).collect();
    table(prompt, &manual::COLUMNS, &rows)?;
    let count = found.len();
    prompt
        .screen
        .write(&format!("{count} operation{}; `:doc NAME` tells all about one\n", if count == 1 { "" } else { "s" }))
}

pub(super) fn doc(prompt: &mut Prompt, name: &str) -> Result<(), Error> {
    if name.is_empty() {
        return Err(wrong(
            "`:doc` takes a name",
            "such as `:doc drama.list_media`, `:doc time` or `:doc grants.renew`",
        ));
    }
    let library = engine::library(prompt.world.client().catalog().clone());
    prompt.screen.write(&manual::about(&library, name, width(prompt))?)
}

pub(super) fn explain(prompt: &mut Prompt, asked: &str) -> Result<(), Error> {
    let mut words = asked.split_whitespace();
    let Some(code) = words.next() else {
        return Err(wrong("`:explain` takes a code", "such as `:explain 45009` or `:explain unknown_outcome`"));
    };
    let catalog = prompt.world.client().catalog();
    prompt.screen.write(&manual::explain(catalog, code, words.next(), width(prompt))?)
}

fn width(prompt: &Prompt) -> usize {
    prompt.screen.width().clamp(60, 110)
}
