//! `juben doctor` — what keeps juben from working here, and what to do about it.

mod finding;
mod here;
mod platforms;
mod secrets;

use super::{Common, apis, session::until_stopped, width, write_out};
use crate::{Error, catalog::Catalog, client::Client, config::Config};
use clap::Args;
use finding::{Finding, State};
use serde_json::Value;
use std::{io::Write, process::ExitCode};
use tokio_util::sync::CancellationToken;

/// Look for what keeps juben from working here
#[derive(Debug, Default, Args)]
#[command(
    after_help = "Examples:\n  juben doctor\n  juben doctor --offline\n  juben doctor --secrets\n  juben doctor --json"
)]
pub(super) struct Doctor {
    /// Contact no platform
    #[arg(long)]
    offline: bool,
    /// Run the commands that print secrets (`cmd:`), too
    #[arg(long)]
    secrets: bool,
    /// Write what was found as JSON
    #[arg(long)]
    json: bool,
}

impl Doctor {
    pub(super) async fn execute(self, common: &Common) -> Result<ExitCode, Error> {
        let work = async { Ok(self.look(common).await) };
        let found = until_stopped(CancellationToken::new(), None, work).await?;
        let text = match self.json {
            true => format!("{:#}\n", found.iter().map(Finding::to_json).collect::<Value>()),
            false => found.iter().map(|it| it.line(width().clamp(60, 120))).collect(),
        };
        write_out(&text)?;
        match found.iter().filter(|it| it.state == State::Failed).count() {
            0 => Ok(ExitCode::SUCCESS),
            failed => {
                let summary = format!("{failed} of {} checks failed; what to do stands behind →", found.len());
                writeln!(std::io::stderr(), "{summary}").ok();
                Ok(ExitCode::FAILURE)
            }
        }
    }

    async fn look(&self, common: &Common) -> Vec<Finding> {
        let mut found = vec![Finding::ok("juben", concat!("version ", env!("CARGO_PKG_VERSION")))];
        let config = here::configuration(common, &mut found);
        let catalog = apis::catalog(&config).unwrap_or_else(|error| {
            found.push(Finding::of_error("[[api]]", &error));
            Catalog::builtin()
        });
        found.extend(here::state(common).await);
        found.extend(here::history(common));
        found.extend(here::stdlib());
        found.push(here::terminal());
        found.extend(secrets::look(&config, self.secrets).await);
        found.extend(platforms::settings(&config));
        if !self.offline {
            found.extend(platforms::look(&Client::new(catalog, &hurried(&config)), &config, self.secrets).await);
        }
        found
    }
}

/// Nobody waits long for a doctor.
fn hurried(config: &Config) -> Config {
    let mut config = config.clone();
    (config.http.retries, config.http.timeout, config.http.deadline) = (0, finding::PATIENCE, finding::PATIENCE);
    config
}
