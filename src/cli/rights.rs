//! `juben rights` — what packages may do here, by juben.toml and by what was answered.

use super::{
    Common, apis,
    jobs::written,
    output::{Form, Output, write_rows},
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
use jiff::{Timestamp, tz::TimeZone};
use rhai::{Array, Dynamic, Map};
use std::{
    collections::BTreeSet,
    io::{IsTerminal, stdout},
};

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
    #[command(flatten)]
    form: Form,
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
        let folder = config::state_folder(common.state.as_deref())?;
        let store = Store::existing(&folder);
        let answers = match &store {
            Some(store) => store.answers().await?,
            None => Vec::new(),
        };
        if let Some(Deed::Revoke { package }) = &self.deed {
            return match store.filter(|_| answers.iter().any(|answer| answer.package == package.as_str())) {
                Some(store) => store.forget_answers(package.as_str()).await,
                None => Err(no_answer(package, &config, &answers)),
            };
        }
        let catalog = apis::catalog(&config)?;
        let from = path.map(|path| path.display().to_string()).unwrap_or_default();
        let mut rows = Array::new();
        for (name, allowed) in &config.rights {
            rows.push(configured(name, &permit::grant(&config, &catalog, name, allowed)?, &from));
        }
        let zone = config.zone();
        // A person knows a hash or a key again by its beginning.
        let for_eyes = stdout().is_terminal() && Output::or_usual(self.form.output) == Output::Table;
        let shown = if for_eyes { 12 } else { usize::MAX };
        rows.extend(answers.iter().map(|answer| answered(answer, &zone, shown)));
        if rows.is_empty() {
            tracing::info!(
                "no package may do anything by juben.toml or by an answer in {}: one is asked about when it runs first; \
                 docs/rights.md",
                folder.display()
            );
        }
        write_rows(&rows.into(), &COLUMNS, self.form.output)
    }
}

fn no_answer(package: &Name, config: &Config, answers: &[Answer]) -> Error {
    let error = Error::new(Kind::Usage, format!("nothing was answered about {package}"));
    if config.rights.contains_key(package.as_str()) {
        return error.hint("what it may do stands in juben.toml, below [rights]; take it away there");
    }
    let known: BTreeSet<&str> = answers.iter().map(|answer| answer.package.as_str()).collect();
    error.hint_names(package.as_str(), known)
}

fn configured(name: &str, grant: &Grant, from: &str) -> Dynamic {
    let listed = |names: &BTreeSet<String>| names.iter().cloned().collect::<Vec<_>>().join(", ");
    let only: Vec<_> = grant.only.iter().map(|(field, things)| format!("{field} {}", listed(things))).collect();
    let accounts = grant.accounts.as_ref().map_or(Dynamic::UNIT, |accounts| listed(accounts).into());
    row(name, &grant.rights.to_string(), accounts, only.join("; ").into(), from, Dynamic::UNIT)
}

fn answered(answer: &Answer, zone: &TimeZone, shown: usize) -> Dynamic {
    let subject: String = answer.subject.chars().take(shown).collect();
    let from = format!("{} {subject}", answer.scope.name());
    let since = Timestamp::from_second(answer.answered_at).map_or(Dynamic::UNIT, |at| written(at, zone).into());
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
