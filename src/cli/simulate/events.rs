//! What the platforms tell in a simulation goes straight into the store, as pushes that were taken would.

use super::time::later;
use crate::{
    Error,
    sandbox::{Sandbox, Told},
    scheduler::{Clock, Job, Leaping, Scheduler, Trigger},
    store::{self, Store},
};
use serde_json::Value;
use std::{collections::HashMap, time::Duration};

/// What happens in the sandbox by itself is noticed so soon.
const LOOK: Duration = Duration::from_secs(60);

/// Keep what is told and wake the scheduler, for ever.
pub(super) async fn deliver(
    sandbox: &Sandbox,
    accounts: &HashMap<String, String>,
    store: &Store,
    scheduler: &Scheduler,
    clock: &Leaping,
) -> Result<(), Error> {
    sandbox.listen();
    let mut number = 0;
    loop {
        let told = sandbox.told().await;
        let _here = clock.enter();
        let received = clock.now().as_millisecond();
        let kept = told.into_iter().filter_map(|Told { to, time, name, message }| {
            number += 1;
            let mark = format!("{time} {number}");
            let (account, since) = (accounts.get(&to)?.clone(), mark.clone());
            Some(store::Told { account, name, mark, since, received, body: Value::Object(message).to_string() })
        });
        store.add_events(&kept.collect::<Vec<_>>()).await?;
        scheduler.wake();
    }
}

/// Let no more than a minute pass at once while jobs run on events, for ever: what a platform does by itself happens in
/// between.
pub(super) async fn look(jobs: &[Job], clock: &Leaping) {
    if !jobs.iter().any(|job| matches!(job.trigger, Trigger::Event { .. })) {
        return std::future::pending().await;
    }
    let _here = clock.enter();
    loop {
        clock.sleep_until(later(clock.now(), LOOK)).await;
    }
}
