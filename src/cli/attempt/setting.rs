//! What all runs of a `juben serve` have in common, and the client that follows from it.

pub(in crate::cli) use super::wire::Setting;

use super::wire::Text;
use crate::{
    Error,
    cli::{apis, permit, session::to_sandbox},
    client::Client,
    config::Config,
    error::Kind,
    packages::Installed,
};
use std::{path::Path, sync::Arc};

/// The tables that no run needs; the jobs may be many.
const OF_THE_PARENT: [&str; 4] = ["job", "on", "serve", "events"];

impl Setting {
    /// With this configuration: the path of a `juben.toml` and its text. No secret is in it, only where they are.
    pub(in crate::cli) fn new(config: Option<(&Path, &str)>, state: &Path) -> Result<Setting, Error> {
        let config = match config {
            Some((path, text)) => Some(Text { path: path.to_owned(), text: for_runs(path, text)? }),
            None => None,
        };
        Ok(Setting { config, sandbox: None, state: state.to_owned() })
    }

    /// Answered by the sandbox at this address, which was started with the same configuration.
    pub(in crate::cli) fn in_sandbox(mut self, url: &str) -> Setting {
        self.sandbox = Some(url.to_owned());
        self
    }

    /// The configuration.
    pub(super) fn config(&self) -> Result<Config, Error> {
        let config = self.config.as_ref().map(|Text { path, text }| Config::of_file(text, path));
        let mut config = config.transpose()?.unwrap_or_default();
        if let Some(url) = &self.sandbox {
            to_sandbox(&mut config, url);
        }
        Ok(config)
    }

    /// The packages that scripts may import.
    pub(super) fn packages(&self) -> Result<Arc<Installed>, Error> {
        permit::packages(self.config.as_ref().map(|Text { path, text }| (path.as_path(), text.as_str())))
    }

    /// What makes calls by that configuration.
    pub(super) fn client(&self, config: &Config) -> Result<Client, Error> {
        let client = Client::new(apis::catalog(config)?, config);
        Ok(if self.sandbox.is_some() { client.direct() } else { client })
    }
}

fn for_runs(path: &Path, text: &str) -> Result<String, Error> {
    let wrong = |error: String| Error::new(Kind::Config, format!("{}: {error}", path.display()));
    let mut tables: toml::Table = text.parse().map_err(|error: toml::de::Error| wrong(error.message().to_owned()))?;
    tables.retain(|name, _| !OF_THE_PARENT.contains(&name));
    toml::to_string(&tables).map_err(|error| wrong(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_given_no_jobs() {
        let text = "[account.a]\nplatform = \"wechat\"\nappid = \"wx1\"\n[[job]]\nname = \"j\"\nscript = \"j.rhai\"";
        let setting = Setting::new(Some((Path::new("juben.toml"), text)), Path::new("state")).unwrap();
        let config = setting.config().unwrap();
        assert_eq!((config.account.len(), config.job.len()), (1, 0));
    }
}
