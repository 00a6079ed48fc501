//! Changes `[packages]` of a `juben.toml`, and nothing else in it: comments, order and blanks stay.

use crate::{Error, error::Kind, packages::Name};
use toml_edit::{DocumentMut, InlineTable, Item, Table, value};

/// The text with this entry for the package.
pub(super) fn with(text: &str, name: &Name, entry: InlineTable) -> Result<String, Error> {
    let mut document = parse(text)?;
    let packages = document.entry("packages").or_insert_with(|| {
        let mut table = Table::new();
        table.set_implicit(false);
        Item::Table(table)
    });
    let packages = packages.as_table_like_mut().ok_or_else(not_a_table)?;
    match packages.get_mut(name.as_str()) {
        // A comment at its end stays.
        Some(old) => {
            let decor = old.as_value().map(|value| value.decor().clone());
            *old = value(entry);
            if let (Some(value), Some(decor)) = (old.as_value_mut(), decor) {
                *value.decor_mut() = decor;
            }
        }
        None => drop(packages.insert(name.as_str(), value(entry))),
    }
    Ok(document.to_string())
}

/// The text with another field in the entry of the package.
pub(super) fn with_field(text: &str, name: &Name, field: &str, new: &str) -> Result<String, Error> {
    let mut document = parse(text)?;
    let entry = document.get_mut("packages").and_then(|packages| packages.get_mut(name.as_str()));
    let entry = entry.and_then(Item::as_table_like_mut).ok_or_else(not_a_table)?;
    let decor = entry.get(field).and_then(Item::as_value).map(|value| value.decor().clone());
    entry.insert(field, value(new));
    if let (Some(value), Some(decor)) = (entry.get_mut(field).and_then(Item::as_value_mut), decor) {
        *value.decor_mut() = decor;
    }
    Ok(document.to_string())
}

/// The text without an entry for the package.
pub(super) fn without(text: &str, name: &Name) -> Result<String, Error> {
    let mut document = parse(text)?;
    let packages = document.get_mut("packages").and_then(Item::as_table_like_mut).ok_or_else(not_a_table)?;
    packages.remove(name.as_str());
    Ok(document.to_string())
}

fn parse(text: &str) -> Result<DocumentMut, Error> {
    text.parse().map_err(|error: toml_edit::TomlError| {
        Error::new(Kind::Config, format!("juben.toml cannot be read: {}", error.message()))
    })
}

fn not_a_table() -> Error {
    Error::new(Kind::Config, "`packages` in juben.toml is no table")
        .hint("it is written [packages], on a line of its own")
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# ours\ndefault_account = \"main\"\n\n[packages] # what we import\n\
                        # by the other team\n\"team/a\" = { path = \"../a\" } # for now\n\n[http]\ntimeout = 3\n";

    fn name(text: &str) -> Name {
        text.parse().unwrap()
    }

    fn path(path: &str) -> InlineTable {
        InlineTable::from_iter([("path", path)])
    }

    #[test]
    fn only_the_entry_of_the_package_changes() {
        let with_b = with(TEXT, &name("team/b"), path("../b")).unwrap();
        assert_eq!(with_b, TEXT.replace("# for now\n", "# for now\n\"team/b\" = { path = \"../b\" }\n"));
        assert_eq!(without(&with_b, &name("team/b")).unwrap(), TEXT);
        assert_eq!(with(TEXT, &name("team/a"), path("a")).unwrap(), TEXT.replace("../a", "a"));
        assert_eq!(with_field(TEXT, &name("team/a"), "path", "a").unwrap(), TEXT.replace("../a", "a"));
    }

    #[test]
    fn a_project_begins_with_its_first_package() {
        let text = with("", &name("team/a"), path("a")).unwrap();
        assert_eq!(text, "[packages]\n\"team/a\" = { path = \"a\" }\n");
    }
}
