//! What a manifest lacks before others may have the package. Who imports a package is not asked for all of it.

use super::{Manifest, place::place, read::check_age};
use crate::{Error, error::Kind};

/// Each thing that is to be mended in the manifest of this text, with its place; `file` names it.
pub fn faults(manifest: &Manifest, text: &str, file: &str) -> Vec<Error> {
    let wrong = |keys: &[&str], message: String, hint: &str| {
        let error = Error::new(Kind::Config, message).hint(hint);
        place(text, file, keys).or_else(|| place(text, file, &["name"])).into_iter().fold(error, Error::at)
    };
    let is_empty = |text: &str| text.trim().is_empty();
    let mut faults = Vec::new();
    if is_empty(&manifest.summary) {
        let hint = "say in one sentence what the package is for: `juben search` shows it";
        faults.push(wrong(&["summary"], "`summary` is empty".to_owned(), hint));
    }
    if manifest.authors.iter().all(|author| is_empty(author)) {
        let hint = "say who has written it, such as authors = [\"Team <team@example.org>\"]";
        faults.push(wrong(&["authors"], "`authors` names nobody".to_owned(), hint));
    }
    if is_empty(&manifest.license) {
        let hint = "say under which terms it may be used, such as license = \"MIT\"";
        faults.push(wrong(&["license"], "`license` is empty".to_owned(), hint));
    }
    if let Err(error) = check_age(manifest) {
        let hint = "`juben` is the oldest version that the package works with: name one that there is";
        faults.push(wrong(&["juben"], error.message.clone(), hint));
    }
    if manifest.modules.is_empty() {
        let hint = format!("name the files that others may import: modules = [{:?}]", manifest.name.short());
        faults.push(wrong(&["modules"], "`modules` is empty: nobody could import anything".to_owned(), &hint));
    }
    let twice = manifest.modules.iter().enumerate().find(|(at, module)| manifest.modules[..*at].contains(module));
    if let Some((_, module)) = twice {
        faults.push(wrong(&["modules"], format!("`modules` names {module:?} twice"), "leave one of them out"));
    }
    for (right, _) in manifest.rights.iter().filter(|(_, reason)| is_empty(reason)) {
        let message = format!("the right `{right}` has no reason");
        let hint = "say why the package needs it: whoever adds the package is shown that";
        faults.push(wrong(&["rights", &right.to_string()], message, hint));
    }
    if let Some(least) = manifest.dependencies.get(&manifest.name) {
        let message = format!("{} needs itself, as {least}", manifest.name);
        faults.push(wrong(&["dependencies", manifest.name.as_str()], message, "leave that out"));
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &str = "name = \"team/a\"\nversion = \"1.0.0\"\nsummary = \"剧\"\nauthors = [\"A\"]\nlicense = \"MIT\"\n\
                         juben = \"0.1.0\"\nmodules = [\"a\"]\n[rights]\nread = \"to see\"\n[dependencies]\n\"team/b\" = \"1\"\n";

    /// What is said of the manifest, and the line.
    fn said(text: &str) -> Vec<(String, usize)> {
        let found = faults(&Manifest::parse(text, "package.toml").unwrap(), text, "package.toml");
        assert!(found.iter().all(|error| error.hint.is_some()), "{found:?}");
        found.iter().map(|error| (error.message.clone(), error.place.as_ref().unwrap().line)).collect()
    }

    #[test]
    fn what_is_left_empty_is_told_with_its_line() {
        assert_eq!(said(WHOLE), []);
        for (from, to, message, line) in [
            ("\"剧\"", "\" \"", "`summary` is empty", 3),
            ("[\"A\"]", "[]", "`authors` names nobody", 4),
            ("[\"A\"]", "[\"\"]", "`authors` names nobody", 4),
            ("authors = [\"A\"]\n", "", "`authors` names nobody", 1),
            ("\"MIT\"", "\"\"", "`license` is empty", 5),
            ("[\"a\"]", "[]", "`modules` is empty: nobody could import anything", 7),
            ("[\"a\"]", "[\"a\", \"a\"]", "`modules` names \"a\" twice", 7),
            ("\"to see\"", "\"\"", "the right `read` has no reason", 9),
            ("team/b", "team/a", "team/a needs itself, as 1.0.0", 11),
        ] {
            assert_eq!(said(&WHOLE.replace(from, to)), [(message.to_owned(), line)], "{to}");
        }
        let newer = said(&WHOLE.replace("juben = \"0.1.0\"", "juben = \"900.0.0\""));
        assert!(newer[0].0.starts_with("team/a 1.0.0 needs juben 900.0.0, and this is ") && newer[0].1 == 6);
    }
}
