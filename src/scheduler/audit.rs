//! Whether every due time has its fire, each once and begun in order: what the jobs' schedules say, held against the store.

use super::job::{Job, Trigger};
use crate::{
    Error,
    config::Overlap,
    store::{Accepted, DueFire, Store},
};
use jiff::Timestamp;
use std::collections::BTreeSet;

/// What is not as it must be, in a history from which nothing has been forgotten since a moment.
pub async fn faults(store: &Store, jobs: &[Job], since: Timestamp) -> Result<Vec<String>, Error> {
    let mut found = store.faults().await?;
    let accepted = store.accepted().await?;
    for job in jobs {
        if let Some(accepted) = accepted.iter().find(|accepted| accepted.name == job.name) {
            found.extend(of_due_times(store, job, accepted, since).await?);
        }
        if job.rules.overlap != Overlap::Allow {
            let runs = store.overlapping(&job.name).await?;
            found.extend(runs.iter().map(|run| format!("run {run} of {} began while another one ran", job.name)));
        }
    }
    Ok(found)
}

async fn of_due_times(store: &Store, job: &Job, accepted: &Accepted, since: Timestamp) -> Result<Vec<String>, Error> {
    let since = accepted.since.max(since.as_millisecond());
    let kept = store.kept(&job.name, since).await?;
    // Of a schedule that has been changed, nobody knows any more when it was due.
    let Some(times) = times(job, &accepted.schedule, since, accepted.accepted_until) else { return Ok(Vec::new()) };
    let mut found = unexplained(&job.name, &times, &kept);
    if job.rules.overlap != Overlap::Allow {
        found.extend(out_of_order(&job.name, &kept));
    }
    Ok(found)
}

/// When it was due, in milliseconds.
fn times(job: &Job, schedule: &str, since: i64, until: i64) -> Option<BTreeSet<i64>> {
    let Trigger::Times { schedules, written } = &job.trigger else { return None };
    let since = Timestamp::from_millisecond(since).ok().filter(|_| written == schedule)?;
    let after = schedules
        .iter()
        .flat_map(|schedule| schedule.after(since).map(Timestamp::as_millisecond).take_while(|due| *due <= until));
    Some(after.collect())
}

/// Due times without a fire, and fires without a due time.
fn unexplained(job: &str, times: &BTreeSet<i64>, kept: &[DueFire]) -> Vec<String> {
    let mut left = times.clone();
    let mut found = Vec::new();
    for fire in kept {
        let last = fire.until.unwrap_or(fire.due);
        let its: Vec<i64> = left.range(fire.due..=last).copied().collect();
        if its.len() as i64 != fire.times || its.first() != Some(&fire.due) || its.last() != Some(&last) {
            found.push(format!(
                "fire {} of {job} stands for {} due times; there are {}",
                fire.id,
                fire.times,
                its.len()
            ));
        }
        for due in its {
            left.remove(&due);
        }
    }
    let shown = |due: i64| Timestamp::from_millisecond(due).unwrap_or_default();
    found.extend(left.into_iter().map(|due| format!("{job} was due at {}, and has no fire for it", shown(due))));
    found
}

/// Fires that began before one that was due earlier.
fn out_of_order(job: &str, kept: &[DueFire]) -> Vec<String> {
    let begun: Vec<_> = kept.iter().filter_map(|fire| fire.began.map(|began| (fire.id, began))).collect();
    let late = begun.windows(2).filter(|pair| pair[1].1 < pair[0].1);
    late.map(|pair| format!("fire {} of {job} began before fire {}, which was due earlier", pair[1].0, pair[0].0))
        .collect()
}
