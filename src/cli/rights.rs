//! `juben rights` — what packages may do here, by juben.toml and by what was answered.

use super::{
    Common, apis,
    output::{Output, write_rows},
    permit,
};
use crate::{
    Error,
    config::{self, Config},
    error::Kind,
    packages::Name,
    rights::Grant,
    store::{Answer, Store},
};
use clap::{Args, Subcommand};
use jiff::Timestamp;
use rhai::{Array, Dynamic, Map};
use std::collections::BTreeSet;

/// List what packages may do; take back what was answered
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "What juben.toml says of a package, or of its team, is all that it may do; answers count for the others.\n\nExamples:\n  \
                  juben rights\n  juben rights revoke team/grants\n  juben rights --output json"
)]
pub(super) struct Rights {
    #[command(subcommand)]
    deed: Option<Deed>,
    /// How the list is written [default: table on a terminal, jsonl otherwise]
    #[arg(long, value_enum)]
    output: Option<Output>,
}

#[derive(Debug, Subcommand)]
enum Deed {
    /// Forget what was answered about a package: it is asked about again
    Revoke {
        /// Its name, such as team/grants
        package: Name,
    },
}

const COLUMNS: [&str; 6] = ["package", "rights", "accounts", "only", "from", "since"];

impl Rights {
    pub(super) async fn execute(self, common: &Common) -> Result<(), Error> {
        let (config, path) = Config::load(common.config.as_deref())?;
        let store = Store::at(config::state_folder(common.state.as_deref())?);
        if let Some(Deed::Revoke { package }) = &self.deed {
            return revoke(&store, package, &config).await;
        }
        let catalog = apis::catalog(&config)?;
        let from = path.map(|path| path.display().to_string()).unwrap_or_default();
        let mut rows = Array::new();
        for (name, allowed) in &config.rights {
            rows.push(configured(name, &permit::grant(&config, &catalog, name, allowed)?, &from));
        }
        rows.extend(store.answers().await?.iter().map(answered));
        write_rows(&rows.into(), &COLUMNS, self.output)
    }
}

async fn revoke(store: &Store, package: &Name, config: &Config) -> Result<(), Error> {
    if store.forget_answers(package.as_str()).await? > 0 {
        return Ok(());
    }
    let error = Error::new(Kind::Usage, format!("nothing was answered about {package}"));
    let known: Vec<String> = store.answers().await?.into_iter().map(|answer| answer.package).collect();
    match config.rights.contains_key(package.as_str()) {
        true => Err(error.hint("what it may do stands in juben.toml, below [rights]; take it away there")),
        false => Err(error.hint_names(package.as_str(), known.iter().map(String::as_str))),
    }
}

fn configured(name: &str, grant: &Grant, from: &str) -> Dynamic {
    let listed = |names: &BTreeSet<String>| names.iter().cloned().collect::<Vec<_>>().join(", ");
    let only: Vec<_> = grant.only.iter().map(|(field, things)| format!("{field} {}", listed(things))).collect();
    let accounts = grant.accounts.as_ref().map_or(Dynamic::UNIT, |accounts| listed(accounts).into());
    row(name, &grant.rights.to_string(), accounts, only.join("; ").into(), from, Dynamic::UNIT)
}

fn answered(answer: &Answer) -> Dynamic {
    const SHOWN: usize = 12;
    let subject: String = answer.subject.chars().take(SHOWN).collect();
    let from = format!("{} {subject}", answer.scope.name());
    let since = Timestamp::from_second(answer.answered_at).map_or(Dynamic::UNIT, |time| time.to_string().into());
    row(&answer.package, &answer.rights, Dynamic::UNIT, "".into(), &from, since)
}

fn row(package: &str, rights: &str, accounts: Dynamic, only: Dynamic, from: &str, since: Dynamic) -> Dynamic {
    let rights = if rights.is_empty() { "nothing" } else { rights };
    Dynamic::from_map(Map::from_iter([
        ("package".into(), package.to_owned().into()),
        ("rights".into(), rights.to_owned().into()),
        ("accounts".into(), accounts),
        ("only".into(), only),
        ("from".into(), from.to_owned().into()),
        ("since".into(), since),
    ]))
}
