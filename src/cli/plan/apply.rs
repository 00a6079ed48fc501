//! `juben apply PLAN` — make the writes of a plan, each only while what it touches is as it was.

use super::{
    super::{
        Common, calls,
        output::{Output, write_rows},
        session::{Cassette, Session, Target, until_stopped},
        write_out,
    },
    show, signature,
};
use crate::{
    Error,
    client::Run,
    error::Kind,
    helpers::plan::{Fate, Plan, Step, Work},
    repl::ask,
};
use clap::Args;
use rhai::{Array, Dynamic, Map};
use std::{
    io::{self, IsTerminal},
    path::PathBuf,
    sync::Arc,
};
use tokio_util::sync::CancellationToken;

/// Make the writes of a plan, in order; refuse those whose target has moved meanwhile
#[derive(Debug, Args)]
#[command(
    after_help = "Started again, it goes on: what is done is not sent twice, and what may have been done is not repeated. \
                  docs/plan.md\n\nExamples:\n  juben apply plan.json\n  juben apply plan.json --yes --output csv > report.csv\n\n\
                  Exit codes: 0 all are done, 3 some are not, 4 nobody agreed"
)]
pub(in crate::cli) struct Apply {
    /// What `juben plan -o` has written
    plan: PathBuf,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    /// Only if a second person has signed it: PLAN.minisig [default: as [apply] of juben.toml says]
    #[arg(long)]
    need_signature: bool,
    /// Whose signature counts, by the public key or its file [default: those of [trust] in juben.toml]
    #[arg(long = "key", value_name = "KEY", requires = "need_signature")]
    keys: Vec<String>,
    #[command(flatten)]
    target: Target,
    /// How the report is written [default: table on a terminal, jsonl otherwise]
    #[arg(long, value_enum)]
    output: Option<Output>,
}

impl Apply {
    pub(in crate::cli) async fn execute(self, common: &Common) -> Result<(), Error> {
        if self.target.account.is_some() {
            return Err(Error::new(Kind::Usage, "a plan says by itself which accounts make its writes")
                .hint("to use another one, make another plan: juben plan SCRIPT --account NAME"));
        }
        if self.target.is_dry() {
            return Err(Error::new(Kind::Usage, "a plan is not applied without sending its writes")
                .hint("without --yes it is shown, and nothing is sent before you agree"));
        }
        let plan = Plan::read(&self.plan)?;
        if plan.sandbox.is_some() != self.target.sandbox {
            let (made, hint) = match plan.sandbox {
                Some(_) => ("for the built-in sandbox", "apply it with --sandbox, or make another one without"),
                None => ("for real accounts", "apply it without --sandbox, or make another one with it"),
            };
            return Err(Error::new(Kind::Usage, format!("the plan was made {made}")).hint(hint));
        }
        // The sandbox of the plan has ended with it; one that begins at the same time is the same.
        let target = self.target.beginning(plan.sandbox);
        let session = Session::open(&target, &Cassette::default(), common).await?;
        if self.need_signature || session.config.apply.signature {
            let key = signature::check(&self.plan, &plan, &self.keys, &session.config)?;
            tracing::info!("signed by {key}");
        }
        let run = Run {
            script: Some(plan.script.clone()),
            script_hash: Some(plan.script_hash.clone()),
            packages: plan.packages.clone(),
            ..Run::default()
        };
        let (client, store) = (Arc::new(session.client.of_run(run)), session.store);
        let Some(_lock) = store.try_lock(&format!("plan {}", plan.digest))? else {
            return Err(Error::new(Kind::Conflict, "another juben applies this plan").hint("wait until that has ended"));
        };
        let work = Work::new(&client, &store, &plan).await?;
        agreed(self.yes, &plan, work.made_before())?;
        let mut rows = Array::new();
        let work = work.apply(|step, fate| rows.push(row(step, fate)));
        let outcome = until_stopped(CancellationToken::new(), None, work).await;
        calls::keep(&session.meter, &store).await;
        let made = |row: &Dynamic| {
            let row = row.as_map_ref().ok();
            row.is_some_and(|row| ["done", "already"].contains(&row["result"].to_string().as_str()))
        };
        let (done, all) = (rows.iter().filter(|row| made(row)).count(), plan.writes.len());
        write_rows(&rows.into(), &COLUMNS, self.output)?;
        outcome?;
        if done == all {
            return Ok(());
        }
        Err(Error::new(Kind::Partial, format!("{} of {all} writes are not made", all - done))
            .hint("the column `reason` says why; plan anew what is still wanted, or apply the same plan again"))
    }
}

/// Whether a person has seen it and agrees.
fn agreed(yes: bool, plan: &Plan, before: usize) -> Result<(), Error> {
    if yes || plan.writes.is_empty() {
        return Ok(());
    }
    let denied = || Error::new(Kind::Denied, "nobody agreed to this plan, so nothing of it is done");
    if !io::stdin().is_terminal() {
        return Err(denied().hint("start it on a terminal, or with --yes after a look at the plan"));
    }
    write_out(&show::plan(plan))?;
    let again = if before > 0 { format!(", {before} of them before") } else { String::new() };
    match ask(&format!("make these {} writes{again}? [y/N] ", plan.writes.len()))?.as_str() {
        "y" | "yes" | "是" => Ok(()),
        _ => Err(denied()),
    }
}

/// What a terminal shows; a pipe has all.
const COLUMNS: [&str; 4] = ["number", "operation", "result", "reason"];

fn row(step: &Step, fate: &Fate) -> Dynamic {
    let reason = match fate {
        Fate::Done | Fate::Already => String::new(),
        Fate::Moved(thing, now) => {
            format!("{}: was {}, is {}", show::of(thing), show::short(&thing.was), show::short(now))
        }
        Fate::Failed(error) => error.message.clone(),
        Fate::Skipped(number) => format!("write {number} was not made"),
        Fate::Unknown(Some(error)) => format!("{}; it is not repeated", error.message),
        Fate::Unknown(None) => "it was sent before, and its end is not known; it is not repeated".to_owned(),
    };
    Dynamic::from_map(Map::from_iter([
        ("number".into(), (step.number as i64).into()),
        ("operation".into(), step.operation.as_str().into()),
        ("account".into(), step.account.as_str().into()),
        ("result".into(), fate.name().into()),
        ("reason".into(), reason.into()),
    ]))
}
