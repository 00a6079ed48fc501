//! `juben search WORD` — packages in the indexes of juben.toml.

use super::{
    download::fetching,
    entries::{Entry, write},
};
use crate::{
    Error,
    cli::{Common, output::Form},
    config::{self, Config},
    error::{Kind, nearest},
    packages::{Index, Place, Release, keys},
};
use clap::Args;
use rhai::Map;
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

/// Look for packages in the indexes of juben.toml
#[derive(Debug, Args)]
#[command(
    after_help = "A package is found by a part of its name or of what it says of itself. Shown is its newest\nversion, and the key that has signed it.\n\nExamples:\n  juben search grants\n  juben search\n  juben search upload --index team --output csv"
)]
pub(in crate::cli) struct Search {
    /// A part of a name or of a summary [default: all packages]
    word: Option<String>,
    /// Only this index
    #[arg(long, value_name = "NAME")]
    index: Option<String>,
    #[command(flatten)]
    form: Form,
}

const COLUMNS: [&str; 5] = ["name", "version", "summary", "signed", "index"];

/// Columns of a terminal in which a summary fits beside a name.
const WIDE: usize = 80;

impl Search {
    pub(in crate::cli) async fn execute(self, common: &Common) -> Result<(), Error> {
        let (config, file) = Config::load(common.config.as_deref())?;
        let folder = file.as_deref().and_then(Path::parent).unwrap_or(Path::new(".")).to_owned();
        let chosen = chosen(&config.index, self.index.as_deref())?;
        let word = self.word.unwrap_or_default().to_lowercase();
        let asked = word.clone();
        let found = fetching(&config.http, move |fetch| {
            let mut found = Found::default();
            for index in chosen {
                let read = Place::parse(&index.url, &folder).and_then(|place| Index::read(place, &index.keys, fetch));
                match read {
                    Ok(read) => found.add(&read, &index.name, &asked)?,
                    Err(error) => found.failed.push((index.name, error)),
                }
            }
            Ok(found)
        });
        let Found { rows, names, failed } = found.await?;
        // What the others have is of use; where no other has anything, that is what went wrong.
        match (failed.into_iter().next(), rows.is_empty()) {
            (Some((_, error)), true) => return Err(error),
            (Some((name, error)), false) => tracing::warn!("the index {name} is left out: {}", error.message),
            (None, true) => {
                let near = nearest(&word, names.iter().map(String::as_str));
                let near = near.map(|near| format!("; did you mean {near}?")).unwrap_or_default();
                tracing::info!("no package has `{word}` in its name or summary{near}");
            }
            (None, false) => {}
        }
        write(rows, &COLUMNS, self.form.output, WIDE, entry)
    }
}

/// What the indexes have.
#[derive(Default)]
struct Found {
    rows: Vec<Map>,
    /// Of all packages, the part behind the slash.
    names: BTreeSet<String>,
    /// The indexes that could not be read.
    failed: Vec<(String, Error)>,
}

impl Found {
    fn add(&mut self, index: &Index, name: &str, word: &str) -> Result<(), Error> {
        self.names.extend(index.releases().iter().map(|release| release.name.short().to_owned()));
        newest(index, word).try_for_each(|release| {
            self.rows.push(row(release, name)?);
            Ok(())
        })
    }
}

fn entry(row: &Map) -> Entry {
    let text = |name: &str| row.get(name).map(ToString::to_string).unwrap_or_default();
    Entry {
        head: format!("{} {}", text("name"), text("version")),
        summary: text("summary"),
        lines: vec![("signed", text("signed")), ("index", text("index"))],
    }
}

fn chosen(indexes: &[config::Index], name: Option<&str>) -> Result<Vec<config::Index>, Error> {
    if indexes.is_empty() {
        return Err(Error::new(Kind::Config, "juben.toml names no index")
            .hint("add one: [[index]] with name and url, which may be a folder"));
    }
    let Some(name) = name else { return Ok(indexes.to_vec()) };
    let found: Vec<_> = indexes.iter().filter(|index| index.name == name).cloned().collect();
    if found.is_empty() {
        let error = Error::new(Kind::Usage, format!("there is no index `{name}`"));
        return Err(error.hint_names(name, indexes.iter().map(|index| index.name.as_str())));
    }
    Ok(found)
}

/// The newest version of each package that has the word.
fn newest<'a>(index: &'a Index, word: &'a str) -> impl Iterator<Item = &'a Release> {
    let newest: BTreeMap<_, _> = index.releases().iter().map(|release| (&release.name, release)).collect();
    let has =
        move |release: &&Release| release.name.as_str().contains(word) || release.summary.to_lowercase().contains(word);
    newest.into_values().filter(has)
}

fn row(release: &Release, index: &str) -> Result<Map, Error> {
    let signed = release.key.as_deref().map(keys::id).transpose()?;
    Ok(Map::from_iter([
        ("name".into(), release.name.to_string().into()),
        ("version".into(), release.version.to_string().into()),
        ("summary".into(), release.summary.clone().into()),
        ("signed".into(), signed.unwrap_or_else(|| "no".into()).into()),
        ("index".into(), index.into()),
    ]))
}
