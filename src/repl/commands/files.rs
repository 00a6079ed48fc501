//! `:load`, `:reload`, `:save` — from files into the session, and from the session into a script.

use super::{Prompt, plain::parameter, wrong};
use crate::{
    Error,
    analysis::{Rights, Source, check},
    catalog::Effect,
    engine::{self, Script, uses_last},
    error::Kind,
    repl::Entered,
};
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

pub(super) fn load(prompt: &mut Prompt, file: &str) -> Result<(), Error> {
    let file = match (file, &prompt.loaded) {
        ("", Some(loaded)) => loaded.clone(),
        ("", None) => return Err(wrong("`:load` takes a file", "such as `:load scripts/season_status.rhai`")),
        _ => PathBuf::from(file),
    };
    let value = prompt.evaluate(prompt.world.script(&file)?)?;
    prompt.loaded = Some(file);
    prompt.show(&value)
}

/// The imports are made anew by the statements that made them. A script is not: what it writes would be written again.
pub(super) fn reload(prompt: &mut Prompt, _: &str) -> Result<(), Error> {
    prompt.world.reload()?;
    prompt.session.import_from(prompt.world.sources(prompt.session.sources()));
    let imports = prompt.session.names().imports;
    if !imports.is_empty() {
        let text: String = imports.iter().map(|it| format!("import {:?} as {};\n", it.name, it.alias)).collect();
        let _ = prompt.evaluate(Script { name: "the imports of this session".to_owned(), text })?;
    }
    let modules = imports.iter().map(|it| format!(", {}", it.name)).collect::<String>();
    let fresh = if prompt.world.is_sandbox() { "; the sandbox begins again" } else { "" };
    prompt.screen.note(&format!("read anew: the configuration{modules}{fresh}"))
}

pub(super) fn save(prompt: &mut Prompt, rest: &str) -> Result<(), Error> {
    let (file, chosen) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    let (file, replace) = file.strip_suffix('!').map_or((file, false), |file| (file, true));
    if file.is_empty() {
        return Err(wrong("`:save` takes a file", "such as `:save renew.rhai 3-7,9`; `:history` shows the numbers"));
    }
    let path = Path::new(file).with_extension("rhai");
    let entries = chosen_entries(prompt, chosen)?;
    let count = entries.len();
    let text = script(prompt, &path, entries);
    if path.exists() && !replace {
        let message = format!("{} is there already", path.display());
        return Err(wrong(message, "nothing was changed; write `!` after the name to replace it"));
    }
    fs::write(&path, text)
        .map_err(|error| Error::new(Kind::File, format!("cannot write {}: {error}", path.display())))?;
    let plural = if count == 1 { "entry" } else { "entries" };
    prompt.screen.note(&format!("{count} {plural} in {}; try it: juben run {0} --sandbox", path.display()))
}

/// The texts of the entries of these numbers, such as `3-7,9`; all when there are none. Those that failed are left out.
fn chosen_entries(prompt: &Prompt, chosen: &str) -> Result<Vec<String>, Error> {
    let Some(last) = prompt.entered.last().map(|entry| entry.number) else {
        return Err(wrong("there is nothing to save", "only entries of this session that did not fail are saved"));
    };
    let numbers = match chosen {
        "" => (1..=last).collect(),
        _ => ranges(chosen).ok_or_else(|| wrong(format!("{chosen:?} does not choose entries"), "write it as 3-7,9"))?,
    };
    let has = |number: &usize| prompt.entered.iter().any(|entry| entry.number == *number);
    let none = numbers.iter().find(|number| **number == 0 || **number > last || numbers.len() == 1 && !has(number));
    if let Some(none) = none {
        return Err(wrong(
            format!("there is no entry {none}"),
            "`:history` shows the numbers of those that did not fail",
        ));
    }
    prompt.entered.iter().filter(|entry| numbers.contains(&entry.number)).map(text).collect()
}

/// The text of an entry that can stand in a script.
fn text(entry: &Entered) -> Result<String, Error> {
    let Entered { number, text, secret } = entry;
    if *secret {
        let message = format!("entry {number} has a secret in it, or looks as if it had");
        return Err(wrong(message, "take it from `args::`, or choose other entries"));
    }
    if uses_last(text) {
        let message = format!("entry {number} uses `_`, which a script does not have");
        return Err(wrong(message, "enter it again with a variable, and save that"));
    }
    Ok(text.trim().to_owned())
}

/// `3-7,9` in order.
fn ranges(text: &str) -> Option<BTreeSet<usize>> {
    let mut numbers = BTreeSet::new();
    for part in text.split([',', ' ']).filter(|part| !part.is_empty()) {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (first, last) = (first.trim().parse().ok()?, last.trim().parse::<usize>().ok()?);
        if first > last || last > 1_000_000 {
            return None;
        }
        numbers.extend(first..=last);
    }
    Some(numbers)
}

fn script(prompt: &Prompt, path: &Path, mut entries: Vec<String>) -> String {
    let mut parameters: Vec<String> = Vec::new();
    for entry in &mut entries {
        // A name is declared once; the value that is given later stays as it is.
        if let Some((line, instead)) = parameter(entry)
            && !parameters.iter().any(|known| known.split(' ').nth(1) == line.split(' ').nth(1))
        {
            parameters.push(line);
            *entry = instead;
        }
    }
    let mut body = String::new();
    for (entry, left) in entries.iter().zip((0..entries.len()).rev()) {
        // What follows a comment would be part of it; what ends already needs no end.
        let end = match entry.lines().last().is_some_and(|line| line.contains("//")) {
            // The last value is the result of the script.
            _ if left == 0 || entry.ends_with(';') => "",
            true => "\n;",
            false => ";",
        };
        body += &format!("{entry}{end}\n");
    }
    let library = engine::library(prompt.world.client().catalog().clone());
    let name = path.display().to_string();
    let packages = prompt.session.sources().packages().clone();
    let checked = check(&Source::new(&name, &body), &library, &engine::finder(PathBuf::new(), packages));
    let mut parameters: String = parameters.iter().map(|line| format!("//! {line}\n")).collect();
    if !parameters.is_empty() {
        parameters += "//!\n";
    }
    let title = path.file_stem().map(|stem| stem.to_string_lossy().replace(['_', '-'], " ")).unwrap_or_default();
    format!(
        "//! {}.\n//!\n{}//!\n{parameters}//! Try it: juben run {name} --sandbox\n\n{body}",
        capital(&title),
        rights(&checked.rights)
    )
}

fn capital(title: &str) -> String {
    let mut letters = title.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// What a script changes, and what it may call, as lines of its head.
fn rights(rights: &Rights) -> String {
    let named = |changes: bool| {
        let fits = move |effect: &Effect| (*effect != Effect::Read) == changes;
        let names = rights.operations.iter().filter(move |(_, effect)| fits(effect)).map(|(name, _)| name.as_str());
        names.collect::<Vec<_>>().join(", ")
    };
    let (changes, reads) = (named(true), named(false));
    let mut text = match changes.is_empty() {
        true => "//! Changes nothing on the platform.\n".to_owned(),
        false => format!("//! Changes on the platform: by {changes}.\n"),
    };
    if !reads.is_empty() {
        text += &format!("//! Reads: {reads}.\n");
    }
    if !rights.unknown.is_empty() {
        text += "//! It also calls operations whose names are only known when it runs.\n";
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_ranges_choose_entries() {
        assert_eq!(ranges("3-5,9"), Some(BTreeSet::from([3, 4, 5, 9])));
        assert_eq!(ranges("2 1"), Some(BTreeSet::from([1, 2])));
        for text in ["a", "3-", "5-3", "1-99999999999"] {
            assert_eq!(ranges(text), None, "{text}");
        }
    }
}
