//! `juben packages` — what the project imports.

use crate::{
    Error,
    cli::{
        Common,
        output::{Output, write_rows},
    },
    config::Config,
    error::Kind,
    packages::{Locked, Project, trust},
};
use clap::Args;
use rhai::{Array, Dynamic, Map};

/// List the packages of the project: where each is from, who has signed it, what it may ask for
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  juben packages\n  juben packages --output json\n\nA package is ok, missing (`juben update --locked` fetches it) or changed (since it was locked).\nIts signature is trusted (a key of [trust]), known (the key of its first version) or unsigned.\n`juben rights` tells what of its rights is granted."
)]
pub(in crate::cli) struct Packages {
    /// How the list is written [default: table on a terminal, jsonl otherwise]
    #[arg(long, value_enum)]
    output: Option<Output>,
}

/// What a terminal shows; a pipe has all.
const COLUMNS: [&str; 6] = ["name", "version", "source", "signature", "rights", "state"];

impl Packages {
    pub(in crate::cli) fn execute(self, common: &Common) -> Result<(), Error> {
        let file = Config::file(common.config.as_deref())?;
        let project = file.map(|(file, text)| Project::of_text(&file, &text)).transpose()?;
        let rows: Array = project
            .iter()
            .flat_map(|project| project.lock.packages().iter().map(|locked| Dynamic::from_map(row(project, locked))))
            .collect();
        write_rows(&rows.into(), &COLUMNS, self.output)
    }
}

fn row(project: &Project, locked: &Locked) -> Map {
    let Locked { name, version, source, hash, rights, key } = locked;
    let found = project.package(locked);
    let state = match &found {
        Ok(_) => "ok",
        Err(error) if error.kind == Kind::Config => "missing",
        Err(_) => "changed",
    };
    let signature = match key {
        None => "unsigned",
        Some(_) if trust::keys_for(&project.trust, name).is_some() => "trusted",
        Some(_) => "known",
    };
    let text = |text: &dyn ToString| Dynamic::from(text.to_string());
    Map::from_iter([
        ("name".into(), text(name)),
        ("version".into(), text(version)),
        ("source".into(), text(source)),
        ("signature".into(), signature.into()),
        ("rights".into(), text(rights)),
        ("state".into(), state.into()),
        ("why".into(), found.err().map_or(Dynamic::UNIT, |error| error.message.clone().into())),
        ("direct".into(), project.wants(name).is_some().into()),
        ("key".into(), key.clone().map_or(Dynamic::UNIT, Dynamic::from)),
        ("hash".into(), hash.clone().into()),
    ])
}
