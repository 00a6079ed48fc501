//! Who may import whom, as the house is built: data flows one way, and a room knows only the rooms below it.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// The rooms, and the rooms that each may import. Rooms that are not built yet stand here too.
const MAY_IMPORT: [(&str, &[&str]); 18] = [
    ("cli", &[EVERY]), // the only place that wires rooms together
    ("repl", &["engine", "host", "analysis", "client", "catalog"]),
    ("lsp", &["analysis"]),
    ("scheduler", &["store"]),
    ("dashboard", &["scheduler", "store"]),
    ("events", &["message", "store"]),
    ("engine", &["host", "analysis", "catalog", "packages", "rights"]),
    ("analysis", &["catalog", "rights"]),
    ("host", &["helpers", "client", "catalog", "rights", "store"]),
    ("helpers", &["client", "catalog", "rights", "store"]),
    ("client", &["catalog", "rights", "store"]),
    ("sandbox", &["catalog", "message"]), // never the client: two readings of one document meet on the wire
    ("packages", &["rights"]),
    ("rights", &["catalog"]),
    ("catalog", &[]),
    ("message", &[]),
    ("store", &[]),
    ("config", &[]),
];

const EVERY: &str = "every room";

/// What every room may use.
const FREE: [&str; 7] = ["error", "config", "secret", "lock", "signs", "files", "Error"];

/// Files that are longer than a file should be, each with its reason.
const LONG: [(&str, &str); 0] = [];
const LONGEST: usize = 400;

struct File {
    path: PathBuf,
    /// The text without comments, its lines where they were.
    code: String,
}

impl File {
    /// The first folder below `src`.
    fn room(&self) -> Option<&str> {
        let mut steps = self.path.strip_prefix("src").unwrap().components();
        let first = steps.next()?.as_os_str().to_str()?;
        steps.next().map(|_| first)
    }

    fn at(&self, offset: usize) -> String {
        format!("{}:{}", self.path.display(), self.code[..offset].matches('\n').count() + 1)
    }
}

/// The files of `src`, named from the repository.
fn files() -> Vec<File> {
    let mut folders = vec![Path::new("src").to_owned()];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                files.push(File { path, code: without_comments(&text) });
            }
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files
}

fn without_comments(text: &str) -> String {
    let code = |line: &str| if line.trim_start().starts_with("//") { String::new() } else { line.to_owned() };
    text.lines().map(|line| code(line) + "\n").collect()
}

/// What the code names right below a root such as `crate::`, with the offsets: of `crate::{Error, client::{A, B}}` it
/// is `Error` and `client`.
fn names_below<'a>(code: &'a str, root: &str) -> Vec<(usize, &'a str)> {
    let mut found = Vec::new();
    for (start, _) in code.match_indices(root) {
        let before = code[..start].chars().next_back();
        if before.is_some_and(|it| it.is_alphanumeric() || it == '_' || it == ':') {
            continue;
        }
        let rest = start + root.len();
        match code[rest..].starts_with('{') {
            true => found.extend(names_in_braces(code, rest)),
            false => found.extend(name_at(code, rest).map(|name| (rest, name))),
        }
    }
    found
}

fn names_in_braces(code: &str, open: usize) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let (mut depth, mut fresh) = (0, false);
    for (offset, character) in code[open..].char_indices() {
        match character {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' => {}
            _ if fresh && depth == 1 && !character.is_whitespace() => {
                found.extend(name_at(code, open + offset).map(|name| (open + offset, name)));
            }
            _ => {}
        }
        if depth == 0 {
            break;
        }
        fresh = matches!(character, '{' | ',') || (fresh && character.is_whitespace());
    }
    found
}

fn name_at(code: &str, start: usize) -> Option<&str> {
    let rest = &code[start..];
    let end = rest.find(|it: char| !it.is_alphanumeric() && it != '_').unwrap_or(rest.len());
    (end > 0).then(|| &rest[..end])
}

fn allowed(room: &str) -> Option<&'static [&'static str]> {
    MAY_IMPORT.iter().find(|(name, _)| *name == room).map(|(_, rooms)| *rooms)
}

fn is_room(name: &str) -> bool {
    allowed(name).is_some()
}

#[track_caller]
fn none(faults: Vec<String>) {
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn a_room_imports_only_the_rooms_below_it() {
    let mut faults = Vec::new();
    for file in files() {
        let Some(room) = file.room() else { continue };
        let Some(rooms) = allowed(room) else {
            faults.push(format!("{}: the room `{room}` is not in the table", file.path.display()));
            continue;
        };
        for (offset, name) in names_below(&file.code, "crate::") {
            if name != room && !FREE.contains(&name) && !rooms.contains(&name) && rooms != [EVERY] {
                faults.push(format!("{}: `{room}` imports `{name}`", file.at(offset)));
            }
        }
    }
    none(faults);
}

#[test]
fn no_path_goes_up_and_into_another_room() {
    let mut faults = Vec::new();
    for file in files() {
        let Some(room) = file.room() else { continue };
        for (offset, name) in names_below(&file.code, "super::super::") {
            let own = file.path.with_file_name(format!("{name}.rs")).exists();
            if is_room(name) && name != room && !own {
                faults.push(format!("{}: `{room}` reaches `{name}` by super::", file.at(offset)));
            }
        }
        faults.extend(
            names_below(&file.code, "juben::")
                .iter()
                .map(|(offset, _)| format!("{}: a room says `crate::`, not `juben::`", file.at(*offset))),
        );
    }
    none(faults);
}

#[test]
fn the_program_itself_is_only_the_command_line() {
    let main = files().into_iter().find(|file| file.path.ends_with("main.rs")).unwrap();
    let names: Vec<_> = names_below(&main.code, "juben::").into_iter().map(|(_, name)| name).collect();
    assert_eq!(names, ["cli"]);
    assert!(names_below(&main.code, "crate::").is_empty());
}

#[test]
fn the_order_of_the_rooms_has_no_circle() {
    let mut left: Vec<_> = MAY_IMPORT.to_vec();
    while !left.is_empty() {
        let names: Vec<_> = left.iter().map(|(name, _)| *name).collect();
        let before = left.len();
        left.retain(|(_, rooms)| rooms.iter().any(|room| names.contains(room)));
        assert!(left.len() < before, "these import each other: {names:?}");
    }
}

#[test]
fn no_file_is_longer_than_a_file_should_be() {
    let long = |path: &str| LONG.iter().any(|(listed, _)| *listed == path);
    let mut faults = Vec::new();
    for file in files() {
        let (path, lines) = (file.path.display().to_string(), file.code.lines().count());
        if (lines > LONGEST) != long(&path) {
            faults.push(format!("{path} has {lines} lines; at most {LONGEST}, unless it is listed with a reason"));
        }
    }
    none(faults);
}

#[test]
fn names_are_found_in_nested_imports() {
    let code =
        "use crate::{\n    Error,\n    client::{Client, encode},\n};\nlet a = crate::host::shown(x); mycrate::no();";
    let names: Vec<_> = names_below(code, "crate::").into_iter().map(|(_, name)| name).collect();
    assert_eq!(names, ["Error", "client", "host"]);
}
