//! `juben quota` — the calls of today, and what is left.

use super::{
    Common, apis,
    output::{Form, write_rows},
};
use crate::{
    Error,
    catalog::Catalog,
    client::{daily_limit, day_of, end_of},
    config::{self, Config},
    error::Kind,
    store::{Store, Used},
};
use clap::Args;
use jiff::{Timestamp, civil::Date, tz::offset};
use rhai::{Array, Dynamic, Map};

/// Show the calls of today, by account and operation
#[derive(Debug, Args)]
#[command(
    after_help = "A day begins at midnight in China, as the platforms count. Counted are the calls that juben has made \
                  with this state: other programs may have made more.\n\nExamples:\n  juben quota\n  juben quota --account main\n  \
                  juben quota --output csv > quota.csv"
)]
pub(super) struct Quota {
    /// Only the calls of this account
    #[arg(long, value_name = "NAME")]
    account: Option<String>,
    #[command(flatten)]
    form: Form,
}

const COLUMNS: [&str; 6] = ["account", "operation", "calls", "limit", "left", "resets"];

impl Quota {
    pub(super) async fn execute(self, common: &Common) -> Result<(), Error> {
        let (config, _) = Config::load(common.config.as_deref())?;
        let catalog = apis::catalog(&config)?;
        let store = Store::at(config::state_folder(common.state.as_deref())?);
        let today = day_of(Timestamp::now());
        let mut counted = store.counted(today).await?;
        if let Some(account) = &self.account {
            counted.retain(|used| used.account == *account);
            if counted.is_empty() {
                known(account, &config)?;
            }
        }
        let rows: Array = counted.into_iter().map(|used| row(used, &catalog, today)).collect();
        write_rows(&rows.into(), &COLUMNS, self.form.output)
    }
}

/// One that has made no call is no mistake, one that does not exist is.
fn known(account: &str, config: &Config) -> Result<(), Error> {
    let names = || config.account.keys().map(String::as_str).chain(config.api.iter().map(|api| api.name.as_str()));
    if names().any(|name| name == account) {
        return Ok(());
    }
    let error = Error::new(Kind::Usage, format!("there is no account `{account}`, and it has made no call today"));
    Err(error.hint_names(account, names()))
}

fn row(used: Used, catalog: &Catalog, today: Date) -> Dynamic {
    let limit = catalog.find(&used.operation).and_then(|operation| daily_limit(&operation));
    let limited = |value: Option<Dynamic>| value.unwrap_or(Dynamic::UNIT);
    let resets = end_of(today).display_with_offset(offset(8)).to_string();
    Dynamic::from_map(Map::from_iter([
        ("account".into(), used.account.into()),
        ("operation".into(), used.operation.into()),
        ("calls".into(), used.calls.into()),
        ("limit".into(), limited(limit.map(Dynamic::from))),
        ("left".into(), limited(limit.map(|limit| (limit - used.calls).max(0).into()))),
        ("resets".into(), limited(limit.map(|_| resets.into()))),
    ]))
}
