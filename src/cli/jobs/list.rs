//! `juben jobs` and `juben jobs show NAME` — what there is, when it is due next, and how it went last.

use super::{
    super::{
        output::{Output, write_result, write_rows},
        serve::Refused,
    },
    Form,
    desk::{Desk, due_after, next_of, outcome, text, value, written},
    wrong::reason,
};
use crate::{
    Error, client,
    scheduler::{Job, Trigger},
    store::{PastFire, PastRun, Standing},
};
use clap::Args;
use jiff::Timestamp;
use rhai::{Array, Dynamic, Map};
use serde_json::json;

/// What a terminal shows; a pipe has all.
const COLUMNS: [&str; 7] = ["job", "on", "next", "state", "last", "ended", "streak"];

/// Show all that is set for a job
#[derive(Debug, Args)]
pub(super) struct Show {
    /// The job
    name: String,
    #[command(flatten)]
    form: Form,
}

/// List the jobs.
pub(super) async fn list(desk: &Desk<'_>, output: Option<Output>) -> Result<(), Error> {
    let jobs = desk.jobs()?;
    if jobs.is_empty() {
        tracing::info!("juben.toml has no [[job]] and no [[on]]; docs/jobs.md shows one");
    }
    let standings = desk.store.standings().await?;
    let going = desk.store.going_fires().await?;
    let refused = desk.refused(&jobs).await?;
    refused.iter().for_each(Refused::warn);
    let mut rows = Array::with_capacity(jobs.len());
    for job in &jobs {
        let standing = standings.iter().find(|standing| standing.job == job.name);
        let going: Vec<_> = going.iter().filter(|fire| fire.job == job.name).collect();
        let last = last(desk, job).await?;
        let refused = refused.iter().find(|refused| refused.job.name == job.name);
        rows.push(row(desk, job, standing, &going, last.as_ref(), refused));
    }
    write_rows(&rows.into(), &COLUMNS, output)
}

/// The last fire that has ended, with its runs.
async fn last(desk: &Desk<'_>, job: &Job) -> Result<Option<(PastFire, Vec<PastRun>)>, Error> {
    let Some(fire) = desk.store.last_ended(&job.name).await? else { return Ok(None) };
    let runs = desk.store.past_runs(fire.id).await?;
    Ok(Some((fire, runs)))
}

fn row(
    desk: &Desk<'_>,
    job: &Job,
    standing: Option<&Standing>,
    going: &[&PastFire],
    last: Option<&(PastFire, Vec<PastRun>)>,
    refused: Option<&Refused<'_>>,
) -> Dynamic {
    let zone = desk.config.zone_of(&job.name);
    let state = state(job, standing, going);
    let is_paused = state.starts_with("paused");
    let words = [Some(state.as_str()).filter(|state| !state.is_empty()), refused.map(|_| "refused")];
    let shown = words.into_iter().flatten().collect::<Vec<_>>().join(", ");
    let next = next_of(job, Timestamp::now()).filter(|_| !is_paused);
    let ended = last.map(|(fire, runs)| runs.last().and_then(|run| run.ended).unwrap_or(fire.due));
    let mut row = Map::from_iter([
        ("job".into(), job.name.as_str().into()),
        ("on".into(), on(job).into()),
        ("next".into(), value(next, &zone)),
        ("state".into(), shown.into()),
        ("last".into(), last.map_or(Dynamic::UNIT, |(fire, runs)| outcome(fire, runs).into())),
        ("ended".into(), value(ended, &zone)),
        ("reason".into(), last.map_or(Dynamic::UNIT, |(fire, runs)| text(reason(fire, runs).as_ref()))),
        ("streak".into(), standing.map_or(0, |standing| standing.streak).into()),
        ("script".into(), job.script.display().to_string().into()),
        ("hash".into(), text(desk.hash(job).as_ref())),
        ("account".into(), text(job.account.as_ref())),
    ]);
    if let Some(refused) = refused {
        row.insert("refused".into(), refused.reason().to_owned().into());
    }
    Dynamic::from_map(row)
}

/// What it does now: `paused`, `running`, `waiting`, or nothing.
fn state(job: &Job, standing: Option<&Standing>, going: &[&PastFire]) -> String {
    let by_hand = standing.is_some_and(|standing| standing.paused_at.is_some());
    let paused = match (by_hand, job.rules.paused) {
        (true, _) => Some("paused"),
        (false, true) => Some("paused in juben.toml"),
        (false, false) => None,
    };
    let going = ["running", "waiting"].into_iter().find(|state| going.iter().any(|fire| fire.state == *state));
    let words: Vec<_> = paused.into_iter().chain(going).collect();
    words.join(", ")
}

/// What it runs on, in a word or two.
fn on(job: &Job) -> String {
    match &job.trigger {
        Trigger::Event { name, .. } => name.clone(),
        Trigger::Times { schedules, .. } if schedules.is_empty() => "by hand".to_owned(),
        Trigger::Times { written, .. } => written.clone(),
    }
}

impl Show {
    pub(super) async fn execute(self, desk: &Desk<'_>) -> Result<(), Error> {
        let job = desk.job(&self.name)?;
        let zone = desk.config.zone_of(&job.name);
        let standings = desk.store.standings().await?;
        let standing = standings.iter().find(|standing| standing.job == job.name);
        let going = desk.store.going_fires().await?;
        let going: Vec<_> = going.iter().filter(|fire| fire.job == job.name).collect();
        let next: Vec<_> = due_after(&job, Timestamp::now()).take(3).map(|due| written(due, &zone)).collect();
        let rules = &job.rules;
        let filter = match &job.trigger {
            Trigger::Event { filter, .. } => {
                filter.iter().map(|(path, values)| (path.clone(), json!(values))).collect()
            }
            Trigger::Times { .. } => serde_json::Map::new(),
        };
        let parameters: serde_json::Map<_, _> =
            job.parameters.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
        let shown = json!({
            "job": job.name, "script": job.script, "hash": desk.hash(&job), "parameters": parameters,
            "account": job.account, "on": on(&job), "where": filter, "next": next,
            "state": state(&job, standing, &going), "streak": standing.map_or(0, |standing| standing.streak),
            "overlap": rules.overlap, "queue": rules.queue, "catch_up": rules.catch_up,
            "catch_up_window": rules.catch_up_window.as_secs(), "timeout": rules.timeout.as_secs(),
            "retry": { "times": rules.retry.times, "pause": rules.retry.pause.seconds(), "on": rules.retry.on },
            "after_crash": rules.after_crash, "jitter": rules.jitter.as_secs(),
            "notify": { "failure": rules.notify.failure, "recovery": rules.notify.recovery, "missed": rules.notify.missed },
        });
        let shown = client::decode(shown.to_string().as_bytes()).unwrap_or_default();
        write_result(&shown, self.form.output.or(Some(Output::Json)))
    }
}
