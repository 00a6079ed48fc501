//! Finds tests: `fn test_…()` in `*_test.rhai`, and the examples in the `///` comments of all `.rhai` files.

use super::{
    case::{Case, Deed},
    head::Head,
};
use crate::{
    Error,
    cli::scripts,
    engine::{self, Script},
    error::{Kind, Place},
};
use std::{
    collections::HashSet,
    path::{Path, PathBuf},
};

/// What there is to run.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub cases: Vec<Case>,
    /// Files and functions that look like tests and are none, and why.
    pub empty: Vec<String>,
}

/// The tests in these files, and in all files below these folders.
pub(super) fn below(paths: &[PathBuf], filter: Option<&str>) -> Result<Found, Error> {
    let mut files = Vec::new();
    let here = [PathBuf::from(".")];
    for path in if paths.is_empty() { &here } else { paths } {
        match path.is_dir() {
            true => files.extend(scripts::below(path)?),
            false => files.push(path.clone()),
        }
    }
    let (mut found, mut seen) = (Found::default(), HashSet::new());
    for file in files.iter().filter(|file| seen.insert(file.as_path())) {
        let name = file.strip_prefix(".").unwrap_or(file).display().to_string();
        match read(file) {
            Ok(script) => found.add(&Script { name, text: script.text }),
            Err(error) if paths.contains(file) => return Err(error),
            Err(error) => found.cases.push(broken(&Script { name, text: String::new() }, error)),
        }
    }
    let all = found.cases.len();
    found.cases.retain(|case| filter.is_none_or(|word| case.full_name().contains(word)));
    match (found.cases.len(), all, filter) {
        (0, 0, _) => Err(nothing(&found.empty)),
        (0, _, Some(word)) => Err(Error::new(Kind::Usage, format!("no test has {word:?} in its name"))
            .hint(format!("`juben test --list` names all {all}"))),
        _ => Ok(found),
    }
}

/// A device or a pipe may never end.
fn read(file: &Path) -> Result<Script, Error> {
    match file.exists() && !file.is_file() {
        true => Err(Error::new(Kind::Usage, format!("{} is not a file", file.display()))),
        false => Script::read(file),
    }
}

fn nothing(empty: &[String]) -> Error {
    let error = Error::new(Kind::Usage, "there are no tests");
    match empty.first() {
        Some(why) => error.hint(why),
        None => {
            error.hint("a test is a function `fn test_…()` in a file `…_test.rhai`, or an example in a `///` comment")
        }
    }
}

impl Found {
    fn add(&mut self, script: &Script) {
        if script.name.ends_with("_test.rhai") {
            match functions(script) {
                Ok(found) => {
                    self.cases.extend(found.cases);
                    self.empty.extend(found.empty);
                }
                Err(error) => self.cases.push(broken(script, error)),
            }
        }
        self.cases.extend(examples(script));
    }
}

/// A file that cannot be run at all.
fn broken(script: &Script, error: Error) -> Case {
    Case {
        file: script.name.clone(),
        name: "the file".to_owned(),
        line: error.place.as_ref().map_or(1, |place| place.line),
        deed: Deed::Broken { error, text: script.text.clone() },
        head: Head::default(),
    }
}

fn functions(script: &Script) -> Result<Found, Error> {
    let of_file = Head::of_file(&script.name, &script.text)?;
    let mut found = Found::default();
    for function in engine::defined(script)?.into_iter().filter(|function| function.name.starts_with("test_")) {
        let name = format!("{}::{}", script.name, function.name);
        if !function.public {
            found.empty.push(format!("{name} is private, so it cannot be run"));
        } else if function.parameters > 0 {
            found.empty.push(format!("{name} takes arguments, so it is no test"));
        } else {
            let place = Place { file: script.name.clone(), line: function.line, column: 1 };
            let head = of_file.and(&script.name, &function.comment).map_err(|error| error.at(place))?;
            found.cases.push(Case {
                file: script.name.clone(),
                name: function.name.clone(),
                line: function.line,
                deed: Deed::Function { name: function.name, text: script.text.clone() },
                head,
            });
        }
    }
    if found.cases.is_empty() && found.empty.is_empty() {
        found.empty.push(format!("{} has no function test_…()", script.name));
    }
    Ok(found)
}

/// An example begins at a line "```rhai" of a `///` comment. Its lines stay where they are in the file, so that what goes
/// wrong is shown there; the marks of the comment become blanks.
fn examples(script: &Script) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    let (mut open, mut waiting) = (None::<String>, 0);
    for (number, line) in script.text.lines().enumerate() {
        let comment = line.trim_start().strip_prefix("///");
        let fence = comment.map(str::trim).and_then(|comment| comment.strip_prefix("```"));
        match (comment, fence, &mut open) {
            (Some(_), Some(_), Some(_)) => {
                let Some(text) = open.take() else { continue };
                cases.push(example(script, text));
                waiting += 1;
            }
            (Some(_), Some("rhai"), None) => open = Some("\n".repeat(number + 1)),
            (Some(comment), None, Some(text)) => {
                *text += &" ".repeat(line.len() - comment.len());
                *text += &format!("{comment}\n");
            }
            (None, _, _) => {
                // A comment that ends ends its example, too.
                open = None;
                let function = line.trim_start().trim_start_matches("private ").strip_prefix("fn ");
                let name = function.and_then(|rest| rest.split('(').next()).unwrap_or_default();
                cases.iter_mut().rev().take(waiting).for_each(|case| case.name = name.trim().to_owned());
                waiting = 0;
            }
            _ => {}
        }
    }
    cases
}

fn example(script: &Script, text: String) -> Case {
    Case {
        file: script.name.clone(),
        name: String::new(),
        line: text.len() - text.trim_start_matches('\n').len(),
        deed: Deed::Example { text, file: script.text.clone() },
        head: Head::default(),
    }
}
