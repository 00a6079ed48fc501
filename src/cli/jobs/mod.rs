//! `juben jobs` — what is due when, what has become of it, and a person's hand on it.

mod desk;
mod follow;
mod history;
mod list;
mod log;
mod next;
mod order;
mod stop;
mod wrong;

pub(super) use desk::{next_of, written};
pub(super) use history::length;

use super::{Common, output::Form};
use crate::{Error, engine::Sources};
use clap::{Args, Subcommand};
use desk::Desk;
use std::process::ExitCode;

/// List the jobs of juben.toml; look into their runs, start, pause and stop them
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, after_help = HELP)]
pub(super) struct Jobs {
    #[command(subcommand)]
    deed: Option<Deed>,
    #[command(flatten)]
    form: Form,
}

const HELP: &str = "Examples:
  juben jobs
  juben jobs next renew-grants -n 10
  juben jobs run renew-grants --arg days=45
  juben jobs history renew-grants
  juben jobs log 12 --follow
  juben jobs pause renew-grants

They work whether or not `juben serve` runs; docs/jobs.md tells what a job is.";

#[derive(Debug, Subcommand)]
enum Deed {
    Show(list::Show),
    Next(next::Next),
    History(history::History),
    Log(log::Log),
    Run(order::Run),
    Replay(order::Replay),
    Cancel(stop::Cancel),
    Pause(stop::Pause),
    Resume(stop::Resume),
}

impl Jobs {
    pub(super) async fn execute(self, common: &Common, sources: &Sources) -> Result<ExitCode, Error> {
        let desk = Desk::open(common, sources)?;
        match self.deed {
            None => list::list(&desk, self.form.output).await?,
            Some(Deed::Show(show)) => show.execute(&desk).await?,
            Some(Deed::Next(next)) => next.execute(&desk)?,
            Some(Deed::History(history)) => history.execute(&desk).await?,
            Some(Deed::Log(log)) => log.execute(&desk).await?,
            Some(Deed::Run(run)) => return run.execute(&desk, common).await,
            Some(Deed::Replay(replay)) => return replay.execute(&desk, common).await,
            Some(Deed::Cancel(cancel)) => cancel.execute(&desk).await?,
            Some(Deed::Pause(pause)) => pause.execute(&desk).await?,
            Some(Deed::Resume(resume)) => resume.execute(&desk).await?,
        }
        Ok(ExitCode::SUCCESS)
    }
}
