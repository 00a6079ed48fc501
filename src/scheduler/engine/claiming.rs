//! From a fire to a run: it is in the store before it begins.

use super::{attempt::perform, rounds::Engine};
use crate::{
    Error,
    scheduler::{fire::Attempt, job::Job, news::Event},
    store::{Claim, Claimed},
};
use indexmap::IndexMap;
use jiff::Timestamp;
use serde_json::{Map, Value};
use std::{collections::HashSet, sync::Arc};

impl Engine<'_> {
    /// Begin as many attempts as there is room for.
    pub(super) async fn claim(&mut self, now: Timestamp) -> Result<(), Error> {
        let room = self.scheduler.settings.runs_at_once.saturating_sub(self.runs.count());
        let ready: Vec<(i64, Arc<Job>)> =
            self.fires.ready(room).into_iter().filter_map(|fire| Some((fire, self.job_of(fire)?))).collect();
        if ready.is_empty() {
            return Ok(());
        }
        let claims: Vec<Claim<'_>> = ready.iter().map(|(fire, job)| claim(*fire, job)).collect();
        let claimed = self.scheduler.store.claim(&claims, now).await?;
        for claimed in &claimed {
            self.begin(claimed, now);
        }
        // What did not wait any more in the store is none of ours.
        let claimed: HashSet<i64> = claimed.iter().map(|claimed| claimed.fire).collect();
        for (fire, job) in ready.iter().filter(|(fire, _)| !claimed.contains(fire)) {
            self.fires.remove(*fire);
            self.move_up(&job.name);
        }
        Ok(())
    }

    fn job_of(&self, fire: i64) -> Option<Arc<Job>> {
        Some(self.plan.job(&self.fires.get(fire)?.job)?.job.clone())
    }

    fn begin(&mut self, claimed: &Claimed, now: Timestamp) {
        let Some(job) = self.job_of(claimed.fire) else { return };
        self.fires.began(claimed.fire, claimed.attempt, claimed.run);
        let Some(fire) = self.fires.get(claimed.fire).cloned() else { return };
        let (attempt, late) = (attempt(&job, claimed, fire.due), now.duration_since(fire.not_before).as_millis());
        let stop = self.runs.begin(claimed.run, fire.clone(), job, now);
        let scheduler = self.scheduler;
        let (store, clock, executor) = (&scheduler.store, &scheduler.clock, &scheduler.executor);
        self.runs.tasks.spawn(perform(store.clone(), clock.clone(), executor.clone(), attempt, stop));
        let late = i64::try_from(late).unwrap_or(0).max(0);
        self.tell_of(&fire, Event::Began { run: claimed.run, attempt: claimed.attempt, late });
    }
}

fn claim(fire: i64, job: &Job) -> Claim<'_> {
    let parameters: Map<String, Value> =
        job.parameters.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str()))).collect();
    Claim { fire, script: job.script.to_string_lossy(), account: job.account.as_deref(), parameters }
}

fn attempt(job: &Job, claimed: &Claimed, due: Timestamp) -> Attempt {
    let parameters: IndexMap<String, String> = serde_json::from_str(&claimed.parameters).unwrap_or_default();
    Attempt {
        run: claimed.run,
        job: job.name.clone(),
        number: claimed.attempt,
        due,
        script: job.script.clone(),
        parameters: parameters.into_iter().collect(),
        account: claimed.account.clone(),
        timeout: job.rules.timeout,
        yes: job.rules.yes,
        event: claimed.event.clone(),
    }
}
