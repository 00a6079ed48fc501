//! `juben packages` — what the project imports.

use super::entries::{Entry, write};
use crate::{
    Error,
    catalog::Catalog,
    cli::{Common, apis, output::Form, permit},
    config::{self, Config},
    engine,
    error::Kind,
    packages::{Installed, Locked, Package, Project, trust},
    rights::Part,
    store::Store,
};
use clap::Args;
use rhai::{Dynamic, Map};
use std::{path::Path, sync::Arc};

/// List the packages of the project: where each is from, who has signed it, what it may ask for
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  juben packages\n  juben packages --output json\n\nA package is ok, missing (`juben update --locked` fetches it), changed (since it was locked) or not trusted ([trust] does not list its key). Its signature is trusted (a key of [trust]), known (the key of its first version) or unsigned. Granted is what of its needs it may do without a question, by [rights] or by an answer that was kept: all, some or nothing; `juben rights` lists these."
)]
pub(in crate::cli) struct Packages {
    #[command(flatten)]
    form: Form,
}

/// What a terminal shows; a pipe has all.
const COLUMNS: [&str; 7] = ["name", "version", "source", "signature", "rights", "granted", "state"];

/// Columns of a terminal in which sources and rights fit side by side.
const WIDE: usize = 120;

/// What the packages are compared with.
struct View<'a> {
    project: &'a Project,
    config: &'a Config,
    catalog: Arc<Catalog>,
    store: Store,
    /// Those that are what was locked.
    installed: Arc<Installed>,
}

impl Packages {
    pub(in crate::cli) async fn execute(self, common: &Common) -> Result<(), Error> {
        let mut rows = Vec::new();
        if let Some((file, text)) = Config::file(common.config.as_deref())? {
            let (project, config) = (Project::of_text(&file, &text)?, Config::of_file(&text, &file)?);
            let found: Vec<_> = project.lock.packages().iter().map(|locked| project.package(locked)).collect();
            let view = View {
                project: &project,
                config: &config,
                catalog: apis::catalog(&config)?,
                store: Store::at(config::state_folder(common.state.as_deref())?),
                installed: Arc::new(Installed::new(found.iter().flatten().cloned().collect())),
            };
            for (locked, found) in project.lock.packages().iter().zip(&found) {
                rows.push(view.row(locked, found).await?);
            }
        }
        write(rows, &COLUMNS, self.form.output, WIDE, entry)
    }
}

impl View<'_> {
    async fn row(&self, locked: &Locked, found: &Result<Package, Error>) -> Result<Map, Error> {
        let Locked { name, version, source, hash, rights, key } = locked;
        let granted = match found {
            Ok(package) => self.granted(package).await?,
            Err(_) => "",
        };
        let signature = match key {
            None => "unsigned",
            Some(key) if trust::keys_for(&self.project.trust, name).is_some_and(|keys| keys.contains(key)) => "trusted",
            Some(_) => "known",
        };
        let text = |text: &dyn ToString| Dynamic::from(text.to_string());
        let summary = found.as_ref().map_or("", |package| package.manifest.summary.as_str());
        Ok(Map::from_iter([
            ("name".into(), text(name)),
            ("version".into(), text(version)),
            ("summary".into(), summary.into()),
            ("source".into(), text(source)),
            ("signature".into(), signature.into()),
            ("rights".into(), text(rights)),
            ("granted".into(), granted.into()),
            ("state".into(), self.state(locked, found).into()),
            ("why".into(), found.as_ref().err().map_or(Dynamic::UNIT, |error| error.message.clone().into())),
            ("direct".into(), self.project.wants(name).is_some().into()),
            ("key".into(), key.clone().map_or(Dynamic::UNIT, Dynamic::from)),
            ("hash".into(), hash.clone().into()),
        ]))
    }

    fn state(&self, locked: &Locked, found: &Result<Package, Error>) -> &'static str {
        let is_trusted = trust::check(&self.project.trust, &locked.name, locked.key.as_deref()).is_ok();
        match found {
            _ if !is_trusted => "not trusted",
            Ok(_) => "ok",
            Err(error) if error.kind == Kind::Config => "missing",
            Err(_) => "changed",
        }
    }

    /// What it may do of what it needs, without a question.
    async fn granted(&self, package: &Package) -> Result<&'static str, Error> {
        let library = engine::library(self.catalog.clone());
        // One that cannot be used may do nothing.
        let Ok(piece) = engine::judge(package, &library, self.installed.clone()) else { return Ok("nothing") };
        let grants = permit::Grants::of_others(self.config, &self.catalog, &self.store);
        Ok(share(&grants.standing(&piece, package, Path::new("")).await?))
    }
}

fn share(part: &Part) -> &'static str {
    let Some(grant) = &part.grant else { return "all" };
    let is_limited = grant.accounts.is_some() || !grant.only.is_empty();
    match part.missing().iter().count() {
        _ if grant.rights.lacks(&part.needs).is_empty() && !is_limited => "all",
        missing if missing == part.needs.iter().count() => "nothing",
        _ => "some",
    }
}

fn entry(row: &Map) -> Entry {
    let text = |name: &str| row.get(name).map(ToString::to_string).unwrap_or_default();
    let lines =
        [("why", text("why")), ("from", text("source")), ("signed", text("signature")), ("rights", text("rights"))];
    Entry {
        head: format!("{} {}  {}", text("name"), text("version"), text("state")),
        summary: text("summary"),
        lines: lines.into_iter().chain([("granted", text("granted"))]).collect(),
    }
}
