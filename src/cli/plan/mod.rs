//! `juben plan SCRIPT` and `juben apply PLAN` — what a script would change, seen before it is done, and then done.

mod apply;
mod show;
mod signature;

pub(super) use apply::Apply;

use super::{Common, output::Output, run::Run, write_out};
use crate::{
    Error,
    engine::Sources,
    error::Kind,
    helpers::plan::{self, Recorder},
};
use clap::Args;
use jiff::Timestamp;
use std::{path::PathBuf, sync::Arc};

/// Show what a script would change, and keep it for `juben apply`
#[derive(Debug, Args)]
#[command(
    after_help = "The script runs with its reads live; its writes are kept instead of sent. docs/plan.md\n\nExamples:\n  \
                  juben plan scripts/renew_grants.rhai --days 45\n  juben plan scripts/renew_grants.rhai -o plan.json\n  \
                  juben apply plan.json"
)]
pub(super) struct Plan {
    #[command(flatten)]
    pub run: Run,
    /// Where the plan is written
    #[arg(long = "out", short = 'o', value_name = "FILE")]
    out: Option<PathBuf>,
}

impl Plan {
    pub(super) async fn execute(self, common: &Common, sources: &Sources) -> Result<(), Error> {
        let (output, about) = (self.run.output(), self.run.plan(common)?);
        if let Some(form @ (Output::Jsonl | Output::Csv)) = output {
            let error = Error::new(Kind::Usage, format!("a plan is not written as {form:?}").to_lowercase());
            return Err(error.hint("--output json is its file; otherwise it is shown for people"));
        }
        if let Some(path) = self.out.as_ref().filter(|path| !plan::Plan::may_replace(path)) {
            let error = Error::new(Kind::Usage, format!("{} is there, and is no plan", path.display()));
            return Err(error.hint("nothing was done; name another file by -o"));
        }
        let recorder = Arc::new(Recorder::default());
        self.run.planned(&recorder, &about).execute(common, sources).await?;
        let made = Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        let mut writes = recorder.steps().await;
        if about.sandbox.is_some() {
            writes.iter_mut().for_each(|step| step.server = None);
        }
        let plan = plan::Plan { writes, made, ..about }.sealed();
        if let Some(path) = &self.out {
            std::fs::write(path, plan.text())
                .map_err(|error| Error::new(Kind::File, format!("cannot write {}: {error}", path.display())))?;
        }
        let text = if output == Some(Output::Json) { plan.text() } else { show::plan(&plan) };
        write_out(&text)
    }
}
