//! `juben plan SCRIPT` and `juben apply PLAN` — what a script would change, seen before it is done, and then done.

mod apply;
mod author;
mod parts;
mod show;
mod signature;

pub(super) use apply::Apply;
pub(super) use parts::parts;

use super::{Common, output::Output, run::Run};
use crate::{
    Error, config,
    engine::Sources,
    error::Kind,
    helpers::plan::{self, Recorder},
    store::Store,
};
use clap::{Args, ValueEnum};
use jiff::Timestamp;
use std::{path::PathBuf, sync::Arc};

/// Show what a script would change, and keep it for `juben apply`
#[derive(Debug, Args)]
#[command(
    after_help = "The script runs with its reads live; its writes are kept instead of sent. It is shown for people; --output csv \
                  or jsonl has a row for each field that changes, --output json is the file. docs/plan.md\n\nExamples:\n  \
                  juben plan scripts/renew_grants.rhai --days 45\n  juben plan scripts/renew_grants.rhai -o plan.json\n  \
                  juben apply plan.json",
    mut_arg("dry_run", |arg| arg.hide(true)),
    mut_arg("yes", |arg| arg.hide(true)),
    mut_arg("limit_rate", |arg| arg.hide(true)),
    mut_arg("record", |arg| arg.hide(true)),
    mut_arg("replay", |arg| arg.hide(true)),
    mut_arg("output", |arg| arg.help("How the plan is shown [default: for people]"))
)]
pub(super) struct Plan {
    /// Keep the plan in this file, for `juben apply`
    #[arg(long = "save", short = 'o', value_name = "FILE")]
    file: Option<PathBuf>,
    #[command(flatten)]
    pub run: Run,
}

impl Plan {
    pub(super) async fn execute(self, common: &Common, sources: &Sources) -> Result<(), Error> {
        self.check()?;
        let (output, about) = (self.run.output(), self.run.plan(common)?);
        let recorder = Arc::new(Recorder::default());
        let outcome = self.run.planned(&recorder, &about).execute(common, sources).await;
        let mut writes = recorder.steps().await;
        outcome.map_err(|error| unfinished(error, writes.len()))?;
        let made = Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        if about.sandbox.is_some() {
            writes.iter_mut().for_each(|step| step.server = None);
        }
        let parts = recorder.parts.get().cloned().unwrap_or_default();
        let plan = plan::Plan { writes, made, parts, by: author::author()?, ..about }.sealed();
        // What the built-in sandbox is asked for needs nobody who vouches for it.
        if plan.sandbox.is_none() {
            Store::at(config::state_folder(common.state.as_deref())?).keep_made_plan(&plan.digest).await?;
        }
        if let Some(path) = &self.file {
            std::fs::write(path, plan.text())
                .map_err(|error| Error::new(Kind::File, format!("cannot write {}: {error}", path.display())))?;
        }
        show::write(&plan, recorder.files.get().map_or(&[], Vec::as_slice), output)
    }

    /// What was asked for can be done.
    fn check(&self) -> Result<(), Error> {
        if let Some((flag, why)) = self.run.beside_a_plan() {
            return Err(Error::new(Kind::Usage, format!("{flag} says nothing to a plan")).hint(why));
        }
        let Some(path) = &self.file else { return Ok(()) };
        if let Some(form) = path.to_str().filter(|name| Output::from_str(name, false).is_ok()) {
            let error = Error::new(Kind::Usage, format!("-o names the file of the plan, and {form} is a form"));
            return Err(error.hint(format!("the form is chosen by --output {form}; a file by -o plan.json")));
        }
        if !plan::Plan::may_replace(path) {
            let error = Error::new(Kind::Usage, format!("{} is there, and is no plan", path.display()));
            return Err(error.hint("nothing was done; name another file by -o"));
        }
        Ok(())
    }
}

/// Half a plan is none: what was planned before the script ended is not kept.
fn unfinished(error: Error, before: usize) -> Error {
    let told = match before {
        0 => "there is no plan".to_owned(),
        1 => "there is no plan: the write before it is not kept either".to_owned(),
        _ => format!("there is no plan: the {before} writes before it are not kept either"),
    };
    let hint = error.hint.iter().cloned().chain([told]).collect::<Vec<_>>().join("\n");
    error.hint(hint)
}
