//! `juben jobs history NAME` — every due time and what became of it.

use super::{
    super::output::write_rows,
    Form,
    desk::{Desk, outcome, text, value, written},
    wrong::reason,
};
use crate::{
    Error,
    store::{PastFire, PastRun},
};
use clap::Args;
use jiff::{SignedDuration, tz::TimeZone};
use rhai::{Array, Dynamic, Map};

/// Show what became of a job's due times
#[derive(Debug, Args)]
pub(super) struct History {
    /// The job
    name: String,
    /// The last so many
    #[arg(short = 'n', long, default_value_t = 20, value_name = "N")]
    count: u32,
    #[command(flatten)]
    form: Form,
}

/// What a terminal shows; a pipe has all.
const COLUMNS: [&str; 7] = ["due", "cause", "outcome", "runs", "took", "calls", "reason"];

impl History {
    pub(super) async fn execute(self, desk: &Desk<'_>) -> Result<(), Error> {
        let fires = desk.store.past_fires(&self.name, self.count).await?;
        // A job that is gone keeps its history.
        if fires.is_empty() && !desk.names().any(|name| name == self.name) {
            return Err(desk.no_job(&self.name));
        }
        let zone = desk.config.zone_of(&self.name);
        let mut rows = Array::with_capacity(fires.len());
        // The latest last, where the eye is.
        for fire in fires.iter().rev() {
            rows.push(row(fire, &desk.store.past_runs(fire.id).await?, &zone));
        }
        write_rows(&rows.into(), &COLUMNS, self.form.output)
    }
}

fn row(fire: &PastFire, runs: &[PastRun], zone: &TimeZone) -> Dynamic {
    let numbers: Vec<_> = runs.iter().map(|run| run.id.to_string()).collect();
    let took = runs.iter().map(|run| run.ended.map(|ended| ended.duration_since(run.began))).sum::<Option<_>>();
    let waits = (fire.state == "waiting").then_some(fire.not_before);
    Dynamic::from_map(Map::from_iter([
        ("fire".into(), fire.id.into()),
        ("due".into(), due(fire, zone).into()),
        ("cause".into(), fire.cause.as_str().into()),
        ("outcome".into(), outcome(fire, runs).into()),
        ("runs".into(), numbers.join(" ").into()),
        ("took".into(), took.filter(|_| !runs.is_empty()).map_or(Dynamic::UNIT, |took| length(took).into())),
        ("calls".into(), runs.iter().map(|run| run.calls).sum::<i64>().into()),
        ("times".into(), fire.times.into()),
        ("not_before".into(), value(waits, zone)),
        ("reason".into(), text(reason(fire, runs).as_ref())),
    ]))
}

/// When it was due; from when to when, if it stands for several.
fn due(fire: &PastFire, zone: &TimeZone) -> String {
    match fire.until.filter(|_| fire.times > 1) {
        Some(until) => format!("{} to {}", written(fire.due, zone), written(until, zone)),
        None => written(fire.due, zone),
    }
}

/// `3.1 s`, `12m 5s`
pub(in crate::cli) fn length(took: SignedDuration) -> String {
    match took.as_secs() {
        0..60 => format!("{:.1} s", took.as_secs_f64()),
        seconds => format!("{:#}", SignedDuration::from_secs(seconds)),
    }
}
