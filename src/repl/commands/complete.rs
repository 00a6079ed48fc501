//! What may be written at a place of a command.

use super::{COMMANDS, Takes, named};
use crate::{
    analysis::{Completions, Item, ItemKind, Library, Names},
    error::Kind,
};
use std::path::{MAIN_SEPARATOR, Path};

/// What may stand at byte `at` of a line that begins with a colon.
pub fn complete(line: &str, at: usize, library: &Library, names: &Names) -> Completions {
    let before = &line[..at];
    let space = before.char_indices().rfind(|(_, letter)| letter.is_whitespace());
    let from = space.map_or(0, |(at, letter)| at + letter.len_utf8());
    let word = &before[from..];
    let Some((command, _)) = before.trim_start().trim_start_matches(':').split_once(char::is_whitespace) else {
        let colons = word.len() - word.trim_start_matches(':').len();
        return Completions { from: from + colons, items: beginning(commands(), &word[colons..]) };
    };
    let takes = named(command).map_or(Takes::Nothing, |command| command.takes);
    let items = match takes {
        Takes::Nothing => Vec::new(),
        Takes::Words(words) => words.iter().map(|word| item(*word, ItemKind::Value, "")).collect(),
        Takes::Name => of_library(library),
        Takes::Code => kinds_or_operations(library, before),
        Takes::Account => names.accounts.iter().map(|name| item(name, ItemKind::Value, "account")).collect(),
        Takes::File => return Completions { from, items: files(&names.folder, word) },
        Takes::Command => commands(),
    };
    Completions { from, items: beginning(items, word) }
}

fn item(text: impl Into<String>, kind: ItemKind, detail: impl Into<String>) -> Item {
    Item { text: text.into(), after: "", kind, detail: detail.into() }
}

fn beginning(items: Vec<Item>, word: &str) -> Vec<Item> {
    items.into_iter().filter(|item| item.text.starts_with(word)).collect()
}

fn commands() -> Vec<Item> {
    COMMANDS.iter().map(|it| item(it.name, ItemKind::Keyword, it.help)).collect()
}

fn of_library(library: &Library) -> Vec<Item> {
    let operations = library.catalog.operations();
    let operations = operations.map(|it| item(it.full_name(), ItemKind::Operation, &it.summary));
    let of_modules = library.functions.iter().filter(|it| !it.module.is_empty());
    let functions = of_modules.map(|it| item(format!("{}.{}", it.module, it.name), ItemKind::Operation, it.summary()));
    let mut all: Vec<_> = operations.chain(functions).collect();
    // The forms of a function have one name.
    all.dedup_by(|later, earlier| later.text == earlier.text);
    all
}

/// First a kind of error, or a code, of which there are too many; then an operation.
fn kinds_or_operations(library: &Library, before: &str) -> Vec<Item> {
    match before.split_whitespace().count() + usize::from(before.ends_with(char::is_whitespace)) {
        0..=2 => Kind::ALL.iter().map(|kind| item(kind.name(), ItemKind::Value, "kind of error")).collect(),
        _ => library.catalog.operations().map(|it| item(it.full_name(), ItemKind::Operation, &it.summary)).collect(),
    }
}

/// Folders and scripts.
fn files(start: &Path, word: &str) -> Vec<Item> {
    let (folder, begin) = word.rfind(MAIN_SEPARATOR).map_or(("", word), |end| word.split_at(end + 1));
    let place = start.join(folder);
    let place = if place.as_os_str().is_empty() { Path::new(".") } else { &place };
    let Ok(entries) = std::fs::read_dir(place) else { return Vec::new() };
    let mut found: Vec<_> = entries
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let is_folder = entry.path().is_dir();
            let fits = name.starts_with(begin) && (begin.starts_with('.') || !name.starts_with('.'));
            let end = if is_folder { "/" } else { "" };
            let text = || item(format!("{folder}{name}{end}"), ItemKind::File, "");
            (fits && (is_folder || name.ends_with(".rhai"))).then(text)
        })
        .collect();
    found.sort_by(|a, b| a.text.cmp(&b.text));
    found
}
